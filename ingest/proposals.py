"""Proposals as minutes word them: who moved a motion or an amendment, who seconded it, and where its paragraph ends."""

import re
from dataclasses import dataclass

from corpus.model import Motion
from ingest.people import HONOUR, NAME, last_named

PERSON = rf"{NAME}(?:,?\s+{HONOUR}\b)*"
_VERB = re.compile(r"\b(?:proposed|moved)\b(?!\s+(?:at|by)\s)")
_BEFORE = 200
_SENTENCE = 1_000  # characters before a proposal that may be of its own sentence
_MOVER_BEFORE = re.compile(
    rf"(?P<mover>{PERSON}),?\s+(?:seconded\s+by\s+(?P<seconder>{PERSON}),?\s+)?(?:then\s+|formally\s+)?\Z"
)
_MOVES = (
    re.compile(
        rf"\b(?:[Pp]roposed|[Mm]oved|PROPOSED|MOVED|[Pp]rop(?:oser)?)\b\s*+(?:[.:-]\s*+)?(?:by(?:\s*+[.:-])?\s++)?(?P<mover>(?>{PERSON}))"
        r"(?P<seconder>)(?!\s+(?:proposed|moved|seconded\b(?!\s+(?:by\b|[A-Z]))))(?<!\bNo)"
    ),
    re.compile(r"\b(?P<mover>He|She|They)\s+(?:then\s+)?(?:moved|proposed)\s+that\b(?P<seconder>)"),
)
_SECONDED = re.compile(
    rf"\b(?:[Ss]econded|SECONDED|[Ss]econder|2nd|second)\b\s*+(?:[.:-]\s*+)?(?:by(?:\s*+[.:-])?\s++)?(?P<after>{PERSON})"
    rf"|(?P<before>{PERSON}),?\s+(?:then\s+)?[Ss]econded\b"
)
_SECONDED_NEXT = re.compile(r"\s+Second(?:ed|er)\Z")  # the next line, read as a part of the name
_FIRST = re.compile(
    r"\A(?:(?:[A-Z]\.?){1,3} (?=(?:Mr|Mrs|Ms)\b)|.* (?=(?:Councillor|Cllr)\b))"
)  # "A.O.B. Councillor Hill"
_PRONOUNS = frozenset({"He", "She", "They"})
_NO_NAME = re.compile(
    r"\s+(?:And|All|Resolved|RESOLVED|Agreed|AGREED|Approved|Carried|CARRIED|LOST|Unanimous(?:ly)?|Reply|REPLY|That|THAT)\b.*"
    r"|\s*\n\s*[A-Z]{3,}\s+[A-Z]{2,}\b.*",
    re.DOTALL,
)  # what follows a name without a stop, read as a part of it
_TITLED = re.compile(r"(?:Cllr|Councillor|Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Rev|Prof|Ald)|[A-Z]{2,3}[a-z]?$")
_OWNER = re.compile(r"['’]s\Z")  # "Mr Hill's proposed scheme" is no proposal
_BODIES = re.compile(
    r"\b(?:Council|Committee|Cabinet|Administration|Government|Board|Panel|Officers?|Group|Report|Regulations|Plan|It|This"
    r"|The|Commission|Service|Motion|Amendment|Members?)\b"
)
_AMENDS = re.compile(r"\bamendment\b|\bamendments\s+(?:\w+\s+)?were\s+(?:proposed|moved)\b", re.IGNORECASE)
_OVER = re.compile(r"(?<!\b[A-Z])(?<!llr)(?<!\bM[rs])(?<!Mrs)\.\s+[A-Z]")  # the end of a sentence
_EMPTY_LINE = re.compile(r"(?<![;,])(?<![;,][ \t])\n[ \t\u00a0]*\n(?!\s*(?:[Ss]econded|Seconder|And\s+[Rr]esolved)\b)")
_GOES_ON = re.compile(r"\s*(?:[a-z]|\([A-Z][A-Za-z]{0,2}\))")  # after an empty line that a page or a margin put there
_DOUBLE = re.compile(r"[^.:;!?\s][ \t]*\n[ \t]*\n[ \t]*[a-z]")
_FULL_LINE = 140  # characters; a line half as long may be one that the margin ended
_ENDS_SENTENCE = re.compile(r"[.!?:”\"]\s*\Z")
_ENDS_IN_TITLE = re.compile(r"\b(?:Councillor|Cllr\.?|Mr\.?|Mrs\.?|Ms\.?|Alderman)\s*\Z")
WINDOW = 320


@dataclass(frozen=True, slots=True)
class _Move:
    """A proposal as it is worded: the mover's name, the seconder's if it stands beside it, and offsets."""

    mover: str
    seconder: str | None
    start: int
    end: int


def _moves(text: str, start: int, end: int) -> list[_Move]:
    """Return everything worded as a proposal, in order; the verb is looked for first, then the name before it."""
    found = []
    for verb in _VERB.finditer(text, start, end):
        left = max(start, verb.start() - _BEFORE)
        if before := _MOVER_BEFORE.search(text[left : verb.start()]):
            found.append(_Move(before["mover"], before["seconder"], left + before.start(), verb.end()))
    for pattern in _MOVES:
        for match in pattern.finditer(text, start, end):
            mover = _SECONDED_NEXT.sub("", match["mover"])
            if _TITLED.match(mover) or not _FIRST.match(" ".join(mover.split())):  # not "Proposed Website", then a name
                found.append(_Move(mover, match["seconder"] or None, match.start(), match.start("mover") + len(mover)))
    return sorted(found, key=lambda move: (move.start, -move.end))


def proposals_of(text: str, start: int, end: int) -> list[Motion]:
    """Return the motions and amendments that are moved in text[start:end], in order, none with an outcome yet."""
    found: list[Motion] = []
    moves = _moves(text, start, end)
    for position, move in enumerate(moves):
        if found and move.start < found[-1].end:
            continue
        later = (moves[after].start for after in range(position + 1, len(moves)))
        following = next((start_of_it for start_of_it in later if start_of_it >= move.end), end)
        stop = paragraph_end(text, move.end, min(following, move.end + WINDOW, end))
        seconder, seconded_to = _seconder(text, move, stop)
        mover = _mover(text, move, start)
        if (
            _BODIES.search(move.mover)
            or _OWNER.search(mover)
            or not (seconder or _TITLED.match(mover) or move.mover in _PRONOUNS)
        ):
            continue
        left = max(start, move.start - _SENTENCE)
        begins = max(text.rfind(stop, left, move.start) + 1 for stop in (". ", ".\n"))
        over = _OVER.search(text, move.end, move.end + 60)
        sentence = text[max(left, begins) : over.start() if over else move.end + 60]
        found.append(
            Motion(
                type="amendment" if _AMENDS.search(sentence) else "motion",
                mover=mover or None,
                seconder=seconder,
                start=move.start,
                end=max(move.end, seconded_to),
                how="a proposal that names its mover",
            )
        )
    return found


def paragraph_end(text: str, start: int, end: int) -> int:
    """Return where the paragraph ends.

    One that breaks off at a ";" or ",", before "Seconded", or inside a sentence that goes on in lower case, goes on.
    """
    for blank in _EMPTY_LINE.finditer(text, start, end):
        before = text[max(start, blank.start() - 20) : blank.start()]
        if _ENDS_IN_TITLE.search(before):
            continue
        if _ENDS_SENTENCE.search(before) or not (_GOES_ON.match(text, blank.end()) or _wrapped(text, blank)):
            return blank.start()
    return end


def _wrapped(text: str, blank: re.Match[str]) -> bool:
    """Tell whether an empty line stands inside a sentence because the text has one after every line."""
    line = blank.start() - text.rfind("\n", max(0, blank.start() - _FULL_LINE), blank.start()) - 1
    around = text[max(0, blank.start() - 2 * WINDOW) : blank.end() + 2 * WINDOW]
    return (
        line >= _FULL_LINE // 2 and text[blank.end() : blank.end() + 1].isalpha() and len(_DOUBLE.findall(around)) >= 3
    )


def _mover(text: str, move: _Move, start: int) -> str:
    if move.mover in _PRONOUNS:
        return last_named(text[max(start, move.start - 600) : move.start]) or ""
    return _tidy(move.mover)


def _seconder(text: str, move: _Move, stop: int) -> tuple[str | None, int]:
    if move.seconder:
        return _tidy(move.seconder), move.end
    found = _SECONDED.search(text, move.end, stop)
    if not found:
        return None, move.end
    group = "after" if found["after"] else "before"
    name = _NO_NAME.sub("", found[group])
    ends = found.start(group) + len(name) if group == "after" else found.end()
    return (_tidy(name), ends) if name and not _BODIES.search(name) else (None, move.end)


def _tidy(name: str) -> str:
    return _FIRST.sub("", " ".join(name.split()).strip(" ,.;:"))
