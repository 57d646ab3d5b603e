"""Who was there: members present, apologies, and others in attendance, from the lists that minutes begin with.

Lists come with commas ("Mr Hill, OBE, Mr Love" is two people), a name to a line, or in columns side by side
("Present: … Members of the Public: … Apologies: …"). Initials in brackets or behind a name are kept: later
text says only "NO to action".
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from corpus.model import Attendee
from ingest.people import honour, split_role

Status = Literal["present", "apologies", "in attendance"]
HEAD = 6_000
_HEADINGS: tuple[tuple[str, Status], ...] = (
    (r"(?:also\s+)?in\s+attendance(?:\s+virtually)?|officers?(?:\s+present)?|officials\s+in\s+attendance|also(?:\s+in|\s+present)"
     r"(?:\s+attendance)?|others?\s+present|members?\s+of\s+the\s+public|yn\s+bresennol\s+hefyd", "in attendance"),
    (r"apologies(?:\s+for\s+absence)?(?:\s+(?:were\s+)?(?:received|accepted))?(?:\s+from)?|ymddiheuriadau",
     "apologies"),
    (r"(?:members\s+)?present(?:\s+in\s+the\s+chair)?|those\s+(?:attending|present)|attendance|attendees|sederunt|yn\s+bresennol"
     r"(?:\s*/\s*present)?", "present"),
)  # fmt: skip
_ONE = "|".join(f"(?P<h{number}>{pattern})" for number, (pattern, _) in enumerate(_HEADINGS))
_HEADING = re.compile(rf"^[ \t]*(?:\d{{1,3}}[.)]?[ \t]+)?(?:{_ONE})[ \t]*(?:[:–-]|$|(?=[ \t]{{1,}}[A-Z]))", re.I | re.M)
_IN_LINE = re.compile(
    r"\b[Aa]pologies(?:\s+for\s+(?:their\s+|his\s+|her\s+)?(?:absence|inability\s+to\s+attend(?:\s+the\s+meeting)?))?\s+"
    r"(?:had\s+been\s+|have\s+been\s+|were\s+|was\s+)?(?:received|accepted|reported|submitted|given)?\s*(?:from|by)\s+"
    r"(?P<names>(?:[^.\n]|(?<=\b[A-Z])\.|(?<=\b[CM]llr)\.|(?<=\bCllrs)\.|(?<=\bM[rs])\.|(?<=\bMrs)\.|(?<=\bDr)\."
    r"|\n(?!\s*\n|\s*\d)){3,700})"
)
_END = re.compile(
    r"\n[ \t]*\n(?=[ \t]*(?:\d|[A-Z][A-Z ]{6,}\n|UNRESTRICTED|The\s|At\s|An?\s))|\bUNRESTRICTED\b|\bITEMS?\b"
)
_NAME = re.compile(
    r"(?:(?:Cllrs?|Councillors?|Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Rev|Prof|Ald)\.?\s+)*[A-Z][\w’'.-]*(?:\s+[A-Z][\w’'.-]*)*"
)
_WRAPPED = re.compile(r"(?:[^,;()\n]|\([^()]*\)|\n(?!\s*\n))+")
_TO_A_LINE = re.compile(r"(?:[^,;()\n\t ]|\([^()]*\)|[ ](?![ \t]))+")
_NOT_AND = re.compile(r"(?:(?!\s+(?:and|ac|together with)\s+).)+", re.DOTALL)
_INITIALS = re.compile(r"\(?\b([A-Z]{2,3}[a-z]?)\b\)?")
_ROLE_WORDS = re.compile(
    r"\b(?:chair\w*|vice|clerk|mayor|convener|leader|secretary|treasurer|cathaoirleach|warden)\b", re.I
)


def attendance_of(text: str, items_start: int) -> list[Attendee]:
    """Return the people listed before the first item (``items_start``), and apologies worded as a sentence."""
    head = text[: min(len(text), max(items_start, 400), HEAD)]
    found: dict[tuple[str, str], Attendee] = {}
    for entry in (*_listed(head), *_in_sentences(text[:HEAD])):
        found.setdefault((entry.status, entry.name), entry)
    return sorted(found.values(), key=lambda entry: entry.start)


def _listed(head: str) -> Iterator[Attendee]:
    headings = list(_HEADING.finditer(head))
    for position, match in enumerate(headings):
        stop = headings[position + 1].start() if position + 1 < len(headings) else len(head)
        end = _END.search(head, match.end(), stop)
        block_end = end.start() if end else stop
        line_end = head.find("\n", match.start())
        columns = _columns(head[match.start() : line_end if line_end > 0 else block_end])
        if len(columns) > 1:
            yield from _side_by_side(head, line_end + 1, block_end, columns)
        else:
            yield from _entries(head, match.end(), block_end, _status(match))


def _status(match: re.Match[str]) -> Status:
    return next(status for number, (_, status) in enumerate(_HEADINGS) if match[f"h{number}"])


def _columns(line: str) -> list[Status]:
    """Return the status of each heading of a line such as "Present:    Apologies:"."""
    found = []
    for cell in re.split(r"\s{2,}|\t|\s\|\s", line.strip()):
        match = _HEADING.match(cell.strip())
        if match and match.end() >= len(cell.strip()) - 1:
            found.append(_status(match))
    return found


def _side_by_side(head: str, start: int, end: int, columns: list[Status]) -> Iterator[Attendee]:
    """Read rows of cells; a row with fewer cells than columns tells only its first for sure."""
    for match in re.finditer(r"[^\n]+", head[start:end]):
        cells = list(re.finditer(r"\S(?:[^\s]|[ ](?![ ]))*", match.group()))
        kept = cells if len(cells) == len(columns) else cells[:1]
        for cell, status in zip(kept, columns, strict=False):
            begin = start + match.start() + cell.start()
            yield from _person(head, begin, begin + len(cell.group()), status, "a list in columns")


def _entries(head: str, start: int, end: int, status: Status) -> Iterator[Attendee]:
    """Read a list with commas, or with a name to a line; brackets hold roles, not more people."""
    block = head[start:end]
    wrapped = block.count(",") >= max(2, block.count("\n"))
    pieces = _WRAPPED if wrapped else _TO_A_LINE
    last: Attendee | None = None
    for piece in pieces.finditer(block):
        for part in _NOT_AND.finditer(piece.group()):
            words = part.group().strip(" .\n")
            left = start + piece.start() + part.start()
            if last and not last.initials and _INITIALS.fullmatch(words) and not honour(words):
                last = replace(last, initials=words.strip("()"))
                continue
            if last:
                yield last
                last = None
            if words and not honour(words):
                last = next(_person(head, left, left + len(part.group()), status, "a list of names"), None)
    if last:
        yield last


def _in_sentences(text: str) -> Iterator[Attendee]:
    for match in _IN_LINE.finditer(text):
        for part in re.finditer(r"[^,;]+", match["names"]):
            left = match.start("names") + part.start()
            for name in _NOT_AND.finditer(part.group()):
                begin = left + name.start()
                if not honour(name.group().strip()):
                    yield from _person(text, begin, begin + len(name.group()), "apologies", "a sentence of apologies")


def _person(text: str, start: int, end: int, status: Status, how: str) -> Iterator[Attendee]:
    """Yield one person of an entry, if it is one: a capitalised name, its role and initials taken apart."""
    raw = text[start:end]
    entry = " ".join(raw.split()).strip(" .:•–-")
    entry = re.sub(r"^(?:and|from|by|The|also|Councillors|Cllrs\.?|Members)\s+", "", entry)
    name, bracket = split_role(entry)
    name, _, after_dash = name.partition(" - ") if " - " in name else (name, "", "")
    role = after_dash.strip() or None
    initials = None
    if bracket and _INITIALS.fullmatch(bracket):
        initials = bracket
    elif bracket:
        role = bracket
    if inner := re.search(r"\(([A-Z]{2,3}[a-z]?)\)", name):
        initials, name = inner.group(1), name[: inner.start()].strip()
    elif (last := re.search(r"\s+([A-Z]{2,3}[a-z]?)$", name)) and not honour(last.group(1)):
        initials, name = last.group(1), name[: last.start()].strip()
    if (word := re.search(rf"\s+({_ROLE_WORDS.pattern}.*)$", name, re.I)) and not role:
        role, name = word.group(1), name[: word.start()].strip()
    match = _NAME.match(name)
    if match and len(name) <= 60 and len(match.group()) >= len(name) - 1 and not _ROLE_WORDS.fullmatch(name):
        left = start + len(raw) - len(raw.lstrip())
        yield Attendee(status, match.group().strip(" ."), role, initials, left, start + len(raw.rstrip()), how)
