"""What came of the talk: decisions, declarations of interest, actions; each with the offsets of its words."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from corpus.model import Action, AgendaItem, Decision, Interest
from ingest.dates import dates_in
from ingest.people import HONOUR, NAME
from ingest.sentences import units
from ingest.structure import Part

_BODY = (
    r"(?:Committee|Sub-Committee|Panel|Board|Cabinet|Council|Commission|Executive|Members|Councillors|PC|CC|Forum"
    r"|Meeting)"
)
_SENTENCE_DECIDES = re.compile(
    rf"""(?:
        \b[Ii]t\s+was\s+(?:therefore\s+|then\s+|unanimously\s+|also\s+|further\s+)*(?:agreed|resolved|decided|approved|RESOLVED|AGREED)\b
      | \b(?:The|the)\s+(?:\w+[ ]){{0,4}}{_BODY}\s+(?:unanimously\s+|therefore\s+|then\s+)*
        (?:agreed|resolved|RESOLVED|decided|DECIDED|approved|noted|NOTED)\b
      | ^[^\w\n]*+(?:RESOLVED|AGREED|DECIDED|NOTED|APPROVED)\b
      | ^[^\w\n]*+(?:Resolved|Agreed|Decided|Noted|Approved)\b(?![ ]+(?!That\b)[A-Z][a-z])
      | \b(?:was|were)\s+(?:unanimously\s+)?(?:agreed|approved|adopted|accepted)\b
      | \b[Aa]ll\s+(?:were\s+)?(?:agreed|in\s+favour)\b
      | (?:^|[\s.;])(?:Noted|NOTED)\.?\s*$
      | \b[Pp]rop(?:oser|osed)?\b[^.]{{0,4}}:?[^.\n]{{0,40}}\b2nd\b
    )""",
    re.VERBOSE | re.MULTILINE,
)
_DECIDED = r"(?:agreed|resolved|approved|decided|noted|adopted|accepted|RESOLVED|AGREED)"
_NOT_DECIDED = re.compile(  # denied, supposed, or told of another time
    rf"\bnot\s+(?:yet\s+)?(?:been\s+)?{_DECIDED}\b|\bhad\s+(?:\w+\s+)?(?:been\s+)?(?:\w+\s+)?{_DECIDED}\b"
    rf"|\b(?:[Ii]f|[Ww]hether|[Uu]nless|[Uu]ntil|[Oo]nce|[Ss]hould|[Ww]hen)\b[^.;]{{0,100}}\b{_DECIDED}\b"
    rf"|\b(?:would|could|might|may|cannot)\s+(?:\w+\s+)?(?:be\s+)?{_DECIDED}\b"
)
_DECLARED = re.compile(
    r"\bdeclared\s+(?:an?\s+|his\s+|her\s+|their\s+)?(?P<type>(?:[\w-]+\s+){0,5}?)interests?\b"
    r"(?P<rest>[^.]*(?:\.(?=[a-z0-9])[^.]*)*)"
)
_BEFORE = 200
_MEMBER_BEFORE = re.compile(
    rf"(?P<member>{NAME}(?:,?\s+{HONOUR}\b)*)(?P<role>,[^,.]{{0,90}},)?\s+(?:also\s+|again\s+|then\s+)?\Z"
)
_ABOUT = re.compile(
    r"\s*+(?:in|regarding|on|relating\s+to|with\s+regard\s+to|concerning|for)\s++(?P<matter>.+)", re.DOTALL
)
_BECAUSE = re.compile(r"\b(?:as|because|since|being|that|and\s+(?:left|did|withdrew|took|spoke))\b")
_LISTED = re.compile(
    rf"^[ \t]*(?P<member>(?:Cllr|Councillor|Mr|Mrs|Ms|Miss|Dr)\.?\s+{NAME})\s+[–-]\s+(?P<matter>[^\n]+)$", re.M
)
_BRACKET = re.compile(r"\((?P<nature>[^()]+)\)")
_REGISTER_HEADER = re.compile(
    r"^(?=.*\|)(?=.*(?:councillor|member|name))(?=.*(?:nature|interest)).*$", re.IGNORECASE | re.MULTILINE
)
_ACTION = re.compile(
    rf"^[ \t]*(?:ACTION|Action)S?\b[ \t]*[:–-]?[ \t]*(?P<owner>{NAME}(?:\s*/\s*{NAME})*)?(?P<rest>[^\n]*)$",
    re.MULTILINE,
)
_OWNER_TO = re.compile(
    r"(?:^|(?<=[.;•]\s)|(?<=\n))(?P<owner>(?:The\s+)?(?:[Cc]lerk|[A-Z]{2,3}[a-z]?|(?:Cllrs?|Councillor|Mr|Mrs|Ms)\.?\s+[A-Z][\w’'.-]*+(?:\s++[A-Z][\w’'.-]*+){0,2}))"
    r"\s+(?:is\s+|was\s+|agreed\s+)?to\s+(?P<verb>[a-z]{3,})\b",
    re.MULTILINE,
)


_ACTION_ENDS = re.compile(r"[.;]\s|\n\s*\n|\Z")
LONGEST_ACTION = 2_000


def decisions_of(text: str, parts: list[Part]) -> list[Decision]:
    """Return the decisions of one item: its resolutions, and sentences of its minutes that decide."""
    found = []
    for part in parts:
        if part.kind == "decision":
            stretch = text[part.start : part.end]
            left = part.start + len(stretch) - len(stretch.lstrip())
            found.append(Decision(left, part.start + len(stretch.rstrip()), "a resolution or the page's Decision"))
        elif part.kind == "minutes":
            for unit in units(text, part.start, part.end):
                sentence = text[unit.start : unit.end]
                if _SENTENCE_DECIDES.search(sentence) and not _NOT_DECIDED.search(sentence):
                    found.append(Decision(unit.start, unit.end, "a sentence that says so"))
    return found


def interests_of(text: str, start: int, end: int) -> list[Interest]:
    """Return the declarations of interest in text[start:end]: sentences, and rows of a register."""
    found = (*_sentences(text, start, end), *_listed(text, start, end), *_rows(text, start, end))
    return sorted(found, key=lambda interest: interest.start)


def _sentences(text: str, start: int, end: int) -> Iterator[Interest]:
    for match in _DECLARED.finditer(text, start, end):
        left = max(start, match.start() - _BEFORE)
        before = _MEMBER_BEFORE.search(text[left : match.start()])
        if before is None:
            continue
        member = " ".join(before["member"].split())
        matter, nature = _matter(match["rest"])
        if member.lower() not in {"members", "councillors", "no"}:
            begin = left + before.start()
            yield Interest(member, matter, nature or _words(before["role"]), None, begin, match.end(), "a sentence")


def _listed(text: str, start: int, end: int) -> Iterator[Interest]:
    """Yield "Cllr. A. Thomas – Agenda Item 9 – Planning" under a heading that speaks of interests."""
    if not re.search(r"\binterests?\b", text[start : min(end, start + 160)], re.IGNORECASE):
        return
    for match in _LISTED.finditer(text, start, end):
        yield Interest(
            " ".join(match["member"].split()), _words(match["matter"]), None, None, match.start(), match.end(), "a list"
        )


def _matter(rest: str) -> tuple[str | None, str | None]:
    """Return the matter and the nature of an interest from the words behind "declared an interest"."""
    matter: str | None = None
    nature: str | None = rest
    if about := _ABOUT.match(rest):
        matter, nature = about["matter"], None
        if because := _BECAUSE.search(matter, 1):
            matter, nature = matter[: because.start()], matter[because.end() :]
    if bracket := _BRACKET.search(rest):
        nature, matter = bracket["nature"], (matter or "").replace(bracket.group(), "")
    return _words(matter), _words(nature)


def _words(value: str | None) -> str | None:
    return " ".join((value or "").split()).strip(" ,.;:()") or None


def _rows(text: str, start: int, end: int) -> Iterator[Interest]:
    """Yield the rows of a table whose header names a councillor and the nature of an interest."""
    header = _REGISTER_HEADER.search(text, start, end)
    if not header:
        return
    names = [cell.strip().lower() for cell in header.group().split("|")]
    member = next((i for i, name in enumerate(names) if re.search(r"councillor|member|name", name)), None)
    nature = next((i for i, name in enumerate(names) if "nature" in name), None)
    matter = next(
        (
            i
            for i, name in enumerate(names)
            if i not in (member, nature) and re.search(r"^item$|matter|subject|application", name)
        ),
        None,
    )
    for match in re.finditer(r"^[^\n]*\|[^\n]*$", text[header.end() : end], re.MULTILINE):
        cells = [cell.strip() for cell in match.group().split("|")]
        if len(cells) == len(names) and member is not None and cells[member]:
            day = next(iter(dates_in(cells[0])), None)
            yield Interest(
                cells[member],
                cells[matter] if matter is not None else None,
                cells[nature] if nature is not None else None,
                day.value.isoformat() if day else None,
                header.end() + match.start(),
                header.end() + match.end(),
                "a row of a register of interests",
            )


def actions_of(text: str, item: AgendaItem) -> list[Action]:
    """Return the actions of one item: lines headed ACTION, and sentences such as "GD to contact"."""
    headed = [
        Action(_words(match["owner"]), match.start(), match.end(), "a line headed ACTION")
        for match in _ACTION.finditer(text, item.start, item.end)
        if ":" in match.group()[:12] or (match["owner"] and not match.group().isupper())
    ]
    starts = [action.start for action in headed]
    found = headed.copy()
    for match in _OWNER_TO.finditer(text, item.start, item.end):
        before = bisect_right(starts, match.start()) - 1
        if before < 0 or headed[before].end <= match.start():
            stop = _ACTION_ENDS.search(text, match.end(), min(item.end, match.end() + LONGEST_ACTION))
            end = stop.start() if stop else match.end()
            found.append(Action(_words(match["owner"]), match.start(), end, "somebody to do something"))
    return sorted(found, key=lambda action: action.start)
