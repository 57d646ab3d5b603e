"""Whose minutes, of which body, of which day: found in the text first, with how each was found.

Order of trust: the web address, what the title and the first lines of the text say of themselves, the
manifest, what stands further down, the ``--authority`` option, and for dates last of all the file's name
(which often lies).
A value met but not taken is kept under ``considered``.
"""

import re
from dataclasses import dataclass

from corpus import register
from corpus.model import UNKNOWN, Found, Kind
from ingest.dates import dates_in
from ingest.reading import Reading

HEAD = 2500
TITLE = 700
FIRST_LINES = 120
_COMMITTEE_PAGE = re.compile(r"^(?:Minutes|Decision|Cofnodion|Penderfyniad):[ \t]*$", re.MULTILINE)
_HEAD_LINES = 25
_TITLE_LINES = 5


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a file besides its content: its manifest row and the options of the run."""

    name: str = ""
    authority: str | None = None
    committee: str | None = None
    date: str | None = None
    url: str | None = None
    kind: str | None = None
    default_authority: str | None = None


# -- authority ---------------------------------------------------------------------------------------

_WORD = r"(?:[A-Z][\w'’.-]*|and|&|of|the|upon|with|in|cum|on|le|y|yr)"
_COUNCIL = re.compile(rf"\b((?:{_WORD}[ \t]+){{1,12}})(?:Council|COUNCIL|PC)\b")
_COUNCIL_KINDS = frozenset({"parish", "town", "community", "village", "city", "county", "district", "borough"})
_NOT_A_NAME = frozenset(
    """a an the of for to in on at by with and draft final approved unapproved minutes minute notes record agenda report
    summons meeting meetings proceedings annual ordinary extraordinary special monthly full general statutory budget
    virtual held our last next public council new this welcome members member chair chairman your clerk""".split()
)
_MAIL = re.compile(r"@(?:[\w-]+\.)*?([\w-]+\.gov\.uk)\b", re.IGNORECASE)
_OWN_WORDS = re.compile(
    r"\W*(?:the |draft |final |approved |unapproved |public |monthly |ordinary |annual |extraordinary |special )*"
    r"(?:minutes?|agenda|meeting|summons|cofnodion|notes|record)\b",
    re.IGNORECASE,
)
_ATTENDANCE = re.compile(r"\b(?:Cllrs?|Councillors?|Mr|Mrs|Ms|apologies|attendance)\b", re.IGNORECASE)


def authority_of(reading: Reading, given: Given) -> Found:
    """Find the authority; a register name is given in its official form, others as the text has them."""
    met: list[tuple[str, str]] = []
    for url, where in ((reading.url, "the page's address"), (given.url, "the address in the manifest")):
        if url and (known := register.by_url(url)):
            met.append((known.name, where))
    met += [(name, "the title of the document") for name in _names_in_line(reading.title or "")]
    lines = [line for line in reading.text[:HEAD].splitlines() if line.strip()][:_HEAD_LINES]
    for line in lines[:_TITLE_LINES]:
        met += [(name, "the head of the text") for name in _names_in_line(line)]
    if given.authority:
        met.append((_official(given.authority), "the manifest"))
    for line in lines[_TITLE_LINES:]:
        if _OWN_WORDS.match(line.strip()):  # a council's name alone is a heading among others here
            met += [(name, "a line near the head of the text") for name in _names_in_line(line)]
    only = {authority.name for authority, _, _ in register.named_in(reading.text)}
    if len(only) == 1 and _COMMITTEE_PAGE.search(reading.text):
        met.append((only.pop(), "the only authority that the text names"))
    owners = {known.name for domain in set(_MAIL.findall(reading.text)) if (known := register.by_domain(domain))}
    if len(owners) == 1:
        met.append((owners.pop(), "the only council whose e-mail addresses the text gives"))
    if given.default_authority:
        met.append((_official(given.default_authority), "the --authority option"))
    return _first(met)


def _first(met: list[tuple[str, str]]) -> Found:
    if not met:
        return UNKNOWN
    value, how = met[0]
    others = dict.fromkeys(f"{other} ({where})" for other, where in met if other != value)
    return Found(value, how, tuple(others)[:8])


def _official(name: str) -> str:
    known = register.by_name(name)
    return known.name if known else " ".join(name.split())


def _names_in_line(line: str) -> list[str]:
    """Return the names of councils in a line that stands for itself: a heading, not a list of guests."""
    line = line.strip()
    if len(line) > 400:
        line = line[:120]  # a whole page in one paragraph: only its beginning is a heading
    names = [(known.name, line[start:end]) for known, start, end in register.named_in(line)]
    names += [(name, name) for name in _unregistered(line)] if not names else []
    if not names:
        return []
    covered = max(len(written) for _, written in names) / len(line)
    begins = line.lower().startswith(names[0][1].lower()) or _OWN_WORDS.match(line)
    speaks_of_itself = begins and len(line) <= 200 and not _ATTENDANCE.search(line)
    return [name for name, _ in names] if covered > 0.6 or speaks_of_itself else []


def _unregistered(line: str) -> list[str]:
    """Return names such as "Souldern Parish Council" that no register holds, tidied."""
    names = []
    for match in _COUNCIL.finditer(line):
        words = match.group().split()
        if words[-1] == "PC":
            words[-1:] = ["Parish", "Council"]
        cut = max((i for i, word in enumerate(words) if word.lower().strip(".,") in _GENERIC_LEAD), default=-1)
        words = words[cut + 1 :]
        words = [word for word in words if word.lower() not in {"annual", "ordinary", "extraordinary"}]
        while words and words[0].lower() in _NOT_A_NAME:
            words.pop(0)
        named = words and words[0].lower() not in _COUNCIL_KINDS
        has_kind = len(words) > 2 and words[-2].lower() in _COUNCIL_KINDS
        whole_line = len(words) == 2 and " ".join(words) == " ".join(line.split())
        if named and (has_kind or whole_line):
            names.append(_name_case(words))
    return names


_GENERIC_LEAD = frozenset(
    """minutes meeting agenda proceedings draft notes summons member members councillor councillors chair chairman
    chairperson clerk mayor leader cathaoirleach""".split()
)


def _name_case(words: list[str]) -> str:
    small = {"and", "of", "the", "upon", "on", "with", "in", "cum", "le", "y", "yr"}
    spelled = ["and" if word == "&" else word for word in words]
    if all(word.isupper() or word in small for word in spelled):
        spelled = [word.lower() if word.lower() in small else word.capitalize() for word in spelled]
    return " ".join(spelled)


# -- committee ---------------------------------------------------------------------------------------

_BODY_NOUN = (
    r"(?:Committee|Sub-Committee|Sub Committee|Subcommittee|Panel|Board|Cabinet|Commission|Forum|Executive|Council"
    r"|Assembly|Working Group|Partnership)"
)
_NAME_WORD = r"(?:[A-Z][\w'’()-]*|and|&|of|the|for|in|on)"
_NAME = rf"(?P<name>(?:{_NAME_WORD},?[ \t]+){{0,12}}?{_BODY_NOUN}(?:[ \t]+for[ \t]+[A-Z]\w+)?)"
_BODY_LINE = re.compile(
    rf"(?:[A-Z][\w'’()-]*,?\s+|(?:and|&|of|the|for|in|on|AND|OF|THE|FOR)\s+){{0,10}}{_BODY_NOUN}", re.I
)
_WRAPPED_NAME = _NAME.replace(r"[ \t]", r"\s")
_COMMITTEE_SAYS = (
    re.compile(rf"(?:Agenda|Decisions|Minutes)[ \t]+(?:for|of)[ \t]+{_NAME}[ \t]+on\b"),
    re.compile(r"^Meeting:[ \t]+\d{1,2}/\d{1,2}/\d{4}[ \t]+-[ \t]+(?P<name>[^\n(]+?)[ \t]+\(Item", re.MULTILINE),
    re.compile(rf"\bMeeting of[ \t]+(?:the[ \t]+)?{_NAME},[ \t]+\w+day\b"),
    re.compile(r"^(?P<name>[A-Z][^\n]{3,90}?)[ \t]+-[ \t]+\w+day,?[ \t]+\d{1,2}\w*[ \t]+\w+,?[ \t]+\d{4}", re.M),
    re.compile(
        rf"(?:MINUTES|Minutes|minutes|NOTES)\s+of\s+(?:a|the)\s+(?:virtual\s+|special\s+|annual\s+)?[Mm]eeting\s+of\s+"
        rf"(?:the\s+)?{_WRAPPED_NAME}\s*,?\s+(?:held|on|at)\b"
    ),
    re.compile(r"\b(?P<name>Annual (?:Parish|Town|Community) Meeting|ANNUAL (?:PARISH|TOWN|COMMUNITY) MEETING)\b"),
    re.compile(rf"\bMembers of the[ \t]+{_NAME}[ \t]+were[ \t]+(?:recommended|asked|invited|requested)\b"),
)  # fmt: skip


def committee_of(reading: Reading, given: Given, authority: str | None, kind: Kind) -> Found:
    """Find the body that met; a parish's minutes that name none are its council's, its other papers nobody's."""
    met: list[tuple[str, str]] = []
    sources = ((reading.title or "", "the title of the document"), (reading.text[:HEAD], "the head of the text"))
    for line in [line.strip() for line in reading.text[:HEAD].splitlines() if line.strip()][:4]:
        name = re.split(r"\s+[/–-]\s+", line)[0]
        if (
            _BODY_LINE.fullmatch(name)
            and not _OWN_WORDS.match(name)
            and register.fold(name) != register.fold(authority or "")
        ):
            met.append((_without_authority(name, authority), "a heading of the text"))
    for pattern in _COMMITTEE_SAYS:
        for text, where in sources:
            if "Annual" in pattern.pattern:
                text = text[:FIRST_LINES]
            for match in pattern.finditer(text):
                name = " ".join(match["name"].split())
                if name.lower() not in {"council", "committee", "panel", "board", "meeting"}:
                    met.append((_without_authority(name, authority), where))
    if given.committee:
        met.append((given.committee, "the manifest"))
    local = re.search(r"\b(?:Parish|Town|Community) Council$", authority or "")
    if local and not met and kind != "report":
        met.append((local.group(), "the council itself: the text names no committee"))
    return _first(met)


def _without_authority(name: str, authority: str | None) -> str:
    """Return "Planning Committee" for "Wexcombe District Council's Planning Committee"."""
    if authority:
        pattern = r"\s+".join("(?:and|&)" if word == "and" else re.escape(word) for word in authority.split())
        name = re.sub(rf"^{pattern}(?:['’]s)?[\s–,-]+(?=\w)", "", name, flags=re.IGNORECASE)
        if re.fullmatch(pattern, name, re.IGNORECASE):
            local = re.search(r"(?:Parish|Town|Community) Council$", authority)
            return local.group() if local else "Council"
    name = re.sub(r"^(?:the|a)\s+", "", name, flags=re.IGNORECASE)
    return _name_case(name.split()) if name.isupper() else name


# -- date --------------------------------------------------------------------------------------------

_SUBJECT_TO = re.compile(
    r"\(?subject to (?:the )?(?:approval|confirmation)(?: (?:at|by) the next \w*\s?meeting)?\)?", re.I
)
_OTHER_MEETING = re.compile(
    r"\bnext\b|\bprevious\b|\blast\s+meeting|approv|confirm|correct record|signed|\bdated\b|published|issued|deadline"
    r"|\bdue\b|year end|\bsince\b|\bborn\b|\bdied\b|\bcouncil tax\b",
    re.IGNORECASE,
)
_THEN_APPROVED = re.compile(
    r"^[^.]{0,90}\b(?:approved|confirmed|signed|agreed|accepted|adopted|correct|checked|true record|taken as read)\b",
    re.I,
)
_MINUTES_OF = re.compile(r"\b(?:minutes?|meetings?)\b[^.]{0,110}$", re.IGNORECASE)
_WEEKDAY_BEFORE = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\W*(?:the\W*)?$", re.IGNORECASE)
_THIS_MEETING = re.compile(
    r"(?:\bheld\b|\bmeeting\b|\bminutes\b|\bagenda\b|\bconvened\b|\bday,?\s*$|\bdate:|\bto:|\bcyfarfod\b|\bgynhaliwyd\b)",
    re.IGNORECASE,
)


def date_of(reading: Reading, given: Given, kind: Kind) -> Found:
    """Find the date of the meeting (ISO), never taking one that the text ties to another meeting."""
    met: list[tuple[str, str]] = []
    if reading.date and (reading.marks or reading.date in {d.value.isoformat() for d in dates_in(reading.title or "")}):
        met.append((reading.date, "the page's DC.date"))
    if kind in {"minutes", "agenda", "decision"}:
        met += [(found.value.isoformat(), "the title of the document") for found in dates_in(reading.title or "")]
        met += _in_head(reading.text[:HEAD])
    if given.date:
        met.append((given.date, "the manifest"))
    named = [found.value.isoformat() for found in dates_in(given.name.replace("_", " "))]
    if kind == "minutes":
        met += [(value, "the file's name") for value in named]
    found = _first(met)
    return (
        found if found.value or not named else Found(None, UNKNOWN.how, tuple(f"{v} (the file's name)" for v in named))
    )


def _in_head(head: str) -> list[tuple[str, str]]:
    """Return the dates of the head of a text that may be this meeting's, the likeliest first.

    "Minutes of the meeting held on" names this meeting where the text begins, and another one further down
    or where it is an item of the agenda or is followed by their approval.
    """
    sure: list[tuple[str, str]] = []
    likely: list[tuple[str, str]] = []
    for found in dates_in(head):
        before = " ".join(_SUBJECT_TO.sub("", head[max(0, found.start - 160) : found.start]).split())
        sentence = re.split(r"(?<=\w\w)[.?] ", before)[-1]
        line = head[head.rfind("\n", 0, found.start) + 1 : found.start]
        an_item = found.start > TITLE or re.match(r"\s*\(?\d{1,3}[.)]?\s", line)
        if _OTHER_MEETING.search(sentence[-90:]) or _THEN_APPROVED.search(" ".join(head[found.end :][:150].split())):
            continue
        if an_item and _MINUTES_OF.search(sentence):
            continue
        of_itself = found.start < TITLE and _speaks_of_itself(head[: found.end])
        said = _THIS_MEETING.search(sentence) or _WEEKDAY_BEFORE.search(before) or found.start < FIRST_LINES
        if not (of_itself or said) and found.start > TITLE // 2:
            continue
        (sure if of_itself or said else likely).append((found.value.isoformat(), "the head of the text"))
    return sure or likely


def _speaks_of_itself(before: str) -> bool:
    """Tell whether one of the lines just before a date begins "Minutes of", in the same paragraph."""
    paragraph = before[before.rstrip().rfind("\n\n") + 1 :].strip()
    return any(_OWN_WORDS.match(line) for line in paragraph.splitlines()[-5:])


# -- kind --------------------------------------------------------------------------------------------

MANIFEST_KINDS: dict[str, Kind] = {"minutes": "minutes", "agenda": "agenda", "decision": "decision"}


def kind_of(reading: Reading, given: Given) -> Kind:
    """Tell minutes, agendas and decision records from other papers ("report")."""
    if given.kind:
        return MANIFEST_KINDS.get(given.kind.strip().lower(), "report")
    title = (reading.title or "").lower()
    head = reading.text[:HEAD]
    if re.search(
        r"\bdecision (?:details|record|notice)\b|\brecord of (?:officer )?decision\b", f"{title}\n{head}", re.I
    ):
        return "decision"
    if _COMMITTEE_PAGE.search(reading.text):
        return "minutes"
    if re.search(r"\bminutes\b|\bcofnodion\b", f"{title} {given.name} {head[:400]}", re.IGNORECASE):
        return "minutes"
    if re.search(r"^\W*(?:PRESENT|Present|Attendance|In attendance|Yn bresennol|Apologies)\b", head, re.MULTILINE):
        return "minutes"
    return "agenda" if re.search(r"\bagenda\b", f"{title} {given.name} {head[:300]}", re.IGNORECASE) else "report"
