"""Who followed whom, as far as the record shows: authorities that a text names as having done the same, and closeness.

What is shown is only that one record is earlier, how much of the wording is the same, and that a sentence names the
other. That one followed the other is for the reader to say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus import register
from index.precedents import wording
from index.understanding.authority_names import named_in
from ingest.sentences import units

MIN_SHARE = 0.4  # of the words; beneath it two texts on one matter are alike by chance
LOOKED_AT = 3  # earlier texts, by the runs of words in common, that are compared word by word
LONGEST = 20_000  # characters of an agenda item that are read for names

_ACT = (
    r"(?:motions?|resolutions?|decisions?|amendments?|polic(?:y|ies)|wording|example|lead|footsteps|pledge|declaration"
    r"|charter)"
)
_DID = r"(?:adopted|passed|agreed|resolved|approved|carried|declared|recognised|treated|introduced|signed|voted|done)"
_CALLED = r"(?:adopted|passed|resolved|approved|declared|recognised|agreed)"
_NO = r"(?:(?!\bnot\b|\bnever\b|\bno\b)[^.;:“])"
_BEFORE = re.compile(
    rf"(?:(?<!\bthe\s)\b(?:follow(?:s|ed|ing)?|modelled\s+on|based\s+on|taken\s+from|copied\s+from|in\s+line\s+with"
    rf"|similar\s+to|same\s+as|join(?:s|ed|ing)?|alongside|like|as\s+did)\b{_NO}{{0,80}}"
    rf"|\b{_DID}\b{_NO}{{0,60}}\b(?:by|at|in)\b{_NO}{{0,150}}|\b{_ACT}\s+(?:of|by|at|from)\b{_NO}{{0,60}})\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?:['’]s?)?\s*,?\s*(?:(?:\w+\s+){{0,3}}?{_ACT}\b|{_NO}{{0,60}}?\b(?:has|have|had)\s+{_NO}{{0,20}}?{_DID}\b"
    rf"|(?:\w+\s+)?{_CALLED}\b(?!\s+by\b))",
    re.IGNORECASE,
)
_SAME = re.compile(
    rf"\b{_ACT}\b|\b(?:the\s+same|likewise|similar|such|done\s+so)\b|\bas\s+(?:\w+\s+)?{_CALLED}\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Named:
    """An authority named as having done the same; ``text`` is the sentence: document text[start:end]."""

    authority: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Worded:
    """A precedent's words, with whose they are and the day of the meeting; None is not known."""

    authority: str | None
    day: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """The earlier record of another authority with the most wording in common: its position, and the share, 0 to 1."""

    position: int
    share: float


def named(text: str, start: int, end: int, own: str | None, held: Sequence[str]) -> tuple[Named, ...]:
    """Return the other authorities that text[start:end] says did the same, each with the first sentence that does.

    Args:
        own: the authority whose record it is.
        held: authorities of the collection; those of the register are known besides.
    """
    found: dict[str, Named] = {}
    known = _known(tuple(held))
    for unit in units(text, start, min(end, start + LONGEST)):
        sentence = text[unit.start : unit.end]
        if not _SAME.search(sentence):
            continue
        for authority, first, last in named_in(sentence, known):
            if authority != own and _did_the_same(sentence, first, last):
                found.setdefault(authority, Named(authority, sentence, unit.start, unit.end))
    return tuple(found.values())


@lru_cache(maxsize=4)
def _known(held: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*held, *(authority.name for authority in register.authorities()))))


def _did_the_same(sentence: str, first: int, last: int) -> bool:
    return _BEFORE.search(sentence[:first]) is not None or _AFTER.match(sentence[last:]) is not None


def closest_earlier(texts: Sequence[Worded]) -> list[Earlier | None]:
    """Return for each text the closest of another authority's that are dated before it, if any is close."""
    runs = [wording.runs(one.words) for one in texts]
    found: list[Earlier | None] = []
    for position, one in enumerate(texts):
        earlier = [
            (len(runs[at] & runs[position]), -at)
            for at, other in enumerate(texts)
            if one.day and other.day and other.day < one.day
            and one.authority and other.authority and one.authority != other.authority
        ]  # fmt: skip
        near = [-at for shared, at in sorted(earlier, reverse=True)[:LOOKED_AT] if shared]
        shares = [(wording.share(texts[at].words, one.words), -at) for at in near]
        best = max(shares, default=(0.0, 0))
        found.append(Earlier(-best[1], round(best[0], 3)) if best[0] >= MIN_SHARE else None)
    return found
