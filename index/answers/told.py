"""What the minutes say became of a matter, in their own words: carried, lost, withdrawn, deferred, referred.

One table of words serves twice: to read from a question which outcome it asks for, and to read from the minutes which
outcome they tell. Where ingest has recorded an outcome the record is asked first (``index.answers.listed``); these
words are for what it does not record: a notice that was referred, a planning application that was refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Fate = Literal["carried", "lost", "withdrawn", "not seconded", "deferred", "referred"]
Manner = Literal["unanimously", "by casting vote"]

_DONE = (
    r"(?:accepted|adopted|agreed|approved|backed|carried|endorsed|granted|passed|permitted|ratified|resolved|"
    r"supported|upheld)"
)
_DO = r"(?:accept|adopt|agree|approve|back|carry|endorse|grant|pass|permit|ratify|support)"
_FATES: dict[Fate, str] = {
    "not seconded": r"not\s+(?:be\s+|been\s+)?seconded|no\s+seconder|without\s+a\s+seconder|"
    r"lack(?:ed)?\s+(?:of\s+)?a\s+seconder",
    "withdrawn": r"withdr(?:aw|awn|ew|awing|awal)",
    "deferred": r"defer(?:red|ral|ring)?|postpone(?:d|ment)?|adjourn(?:ed|ment)?|put\s+(?:off|back)|held\s+over|"
    r"carried\s+(?:forward|over)",
    "referred": r"refer(?:red|ral)?",
    "lost": r"lost|defeat(?:ed)?|reject(?:ed|ion|ing)?|refus(?:e|ed|al|ing)|"
    r"(?:turn(?:ed)?|voted?)\s+down|throw\s+out|"
    rf"thrown\s+out|fell|fail(?:ed|s)?|dismiss(?:ed|al)?|not\s+(?:yet\s+)?(?:be\s+|been\s+|to\s+be\s+)?{_DONE}|"
    rf"not\s+{_DO}",
    "carried": rf"{_DONE}|pass|successful|won",
}
_FATE = re.compile(
    rf"\b(?:{'|'.join(f'(?P<f{at}>{words})' for at, words in enumerate(_FATES.values()))})\b", re.IGNORECASE
)
_MANNERS: dict[Manner, re.Pattern[str]] = {
    "unanimously": re.compile(
        r"\bunanim\w+|\bnem\.?\s*con\b|\ball\s+(?:were\s+|members\s+|present\s+)*(?:in\s+favour|agreed|for)\b", re.I
    ),
    "by casting vote": re.compile(r"\bcasting\s+(?:vote|ballot)", re.I),
}
_MATTER = re.compile(
    r"\b(?:motions?|amendments?|proposals?|propositions?|resolutions?|vote|appeals?|applications?|matter|item)\b"
    r"[^.;:]{0,110}\Z",
    re.IGNORECASE,
)
_LOOSE = re.compile(r"(?:lost|fell|fail\w*|referr?\w*|withdr\w*)\Z", re.IGNORECASE)  # said of much besides a matter
_NOT_SO = re.compile(
    r"\b(?:if|should|whether|until|unless|would|could|may|might|cannot|not|never)\s+(?:\w+\s+){0,3}\Z", re.IGNORECASE
)
_SUPPOSED = re.compile(r"\b(?:if|should|whether|unless|until|would|will\s+move|I\s+move)\b[^.;:]*\Z", re.IGNORECASE)
_NOT_YET = re.compile(r"\b(?:be|to)\s+(?:\w+\s+){0,2}\Z", re.IGNORECASE)
_OPPOSED = re.compile(
    r"\b(?:objected|objects|objections?\s+(?:was|were|to)|to\s+object|oppos(?:e|ed|es|ing|ition)|declined?|disagreed?|"
    r"vot(?:ed?|ing)\s+against|against\s+(?:the\s+|this\s+|any\s+)?(?:proposals?|applications?|motion|plans?|idea)|"
    r"unable\s+to\s+support|not\s+in\s+favour|decided\s+not|dropped)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome that a text tells, and the half-open offsets of the words that tell it."""

    fate: Fate
    start: int
    end: int


def asked_fate(question: str) -> Told | None:
    """Return the outcome that a question names first, None where it names none."""
    return next(_matches(question, 0, len(question)), None)


def asked_manner(question: str) -> Manner | None:
    """Return whether a question asks for what was decided unanimously or by a casting vote."""
    return next((manner for manner in _MANNERS if tells_manner(question, manner)), None)


def tells_manner(text: str, manner: Manner) -> bool:
    """Tell whether a text says that something was decided in this manner."""
    return _MANNERS[manner].search(text) is not None


def told(text: str, start: int, end: int) -> Iterator[Told]:
    """Yield the outcomes that text[start:end] tells of some matter, in order; what is only supposed is none."""
    for one in _matches(text, start, end):
        before = text[max(start, one.start - 120) : one.start]
        words, behind = text[one.start : one.end], text[one.end : min(end, one.end + 60)].partition(".")[0]
        denied = _SUPPOSED.search(before) or (
            not words.lower().startswith(("not", "no ", "without")) and _NOT_SO.search(before)
        )
        if one.fate in ("carried", "lost"):
            denied = denied or _NOT_YET.search(before)
        if not denied and (not _LOOSE.search(words) or _MATTER.search(before) or _MATTER.search(behind)):
            yield one


def opposes(text: str) -> bool:
    """Tell whether a text speaks against something: an objection, a refusal, that it was not agreed."""
    return _OPPOSED.search(text) is not None or any(one.fate == "lost" for one in told(text, 0, len(text)))


def _matches(text: str, start: int, end: int) -> Iterator[Told]:
    for match in _FATE.finditer(text, start, end):
        at = next(at for at in range(len(_FATES)) if match[f"f{at}"])
        yield Told(tuple(_FATES)[at], match.start(), match.end())
