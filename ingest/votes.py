"""Votes: counts ("by 7 votes to 3") and named lists ("For (16)" and the names), as offsets and numbers.

A list may also end with its count: "For:", the names, "(33)".
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from corpus.model import Vote
from ingest.people import names_in

_START = attrgetter("start")
_COUNT = (
    r"(?:\d{1,3}|no|none|nil|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen)"
)
_WORDS = {
    word: number
    for number, word in enumerate(
        "none one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
} | {"no": 0, "nil": 0}
_STOP = (
    r"(?=\n[^\S\n]*+\n\s*+\S|\n[ \t]*+(?:Motion|Amendment|Substantive|The\s+(?:motion|amendment)|\(\d+\)|RESOLVED)"
    r"|\.\s|\.\Z|(?<!\s)\s*+\Z|\Z)"
)
_NAMED = re.compile(
    r"\b[Ff]or\b[^()\n]{0,40}\((?P<for>\d{1,4})\)[:\s]*+(?P<for_names>[^()]*?)"
    r"\b(?:[Aa]gainst|[Ff]or\s+the\s+amendment)\b[^()\n]{0,40}\((?P<against>\d{1,4})\)[:\s]*+"
    rf"(?:(?P<against_names>[^()]*?)\b(?:[Aa]bst\w+|[Dd]eclined\s+to\s+vote)\b[^()\n]{{0,40}}"
    rf"\((?P<abstain>\d{{1,4}})\)[:\s]*+(?P<abstain_names>[^()]*?){_STOP}|(?P<only_against>[^()]*?){_STOP})",
    re.DOTALL,
)
_DIVISION = re.compile(r"for\s+the\s+motion\b.*\bfor\s+the\s+amendment\b", re.IGNORECASE | re.DOTALL)
_COUNTED = (
    re.compile(
        rf"\b(?P<for>{_COUNT})\s+votes?\s+(?:to|against|[–-])\s+(?P<against>{_COUNT})\b"
        rf"(?:[^.\n]{{0,20}}?\b(?P<abstain>{_COUNT})\s+abst)?",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bfor[: ]\s*(?P<for>\d{1,4})\b[,;]?\s+against[: ]\s*(?P<against>\d{1,4})\b"
        r"(?:[,;]?\s+abst\w*[: ]\s*(?P<abstain>\d{1,4})\b)?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bvoted\s+for(?:\s+(?:it|the\s+\w+))?\s+(?P<for>{_COUNT})\s+and\s+against(?:\s+(?:it|the\s+\w+))?\s+"
        rf"(?P<against>{_COUNT})\b(?P<abstain>)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<for>{_COUNT})\s+(?:(?:votes?|members?|were|voted|voting|councillors?)\s+)*(?:in\s+favour|for)\b"
        rf",?\s*(?:and\s+|with\s+)?(?:(?P<against>{_COUNT})\s+(?:(?:votes?|members?|voted|voting)\s+)?against\b)?"
        rf"(?:,?\s*(?:and\s+|with\s+)?(?P<abstain>{_COUNT})\s+abst)?",
        re.IGNORECASE,
    ),
)
_SIDE = re.compile(
    r"^[ \t]*(?:(?:Those|Members|Councillors)[ \t]+)?(?:Vot(?:es?|ed|ing)[ \t]+)?"
    r"(?:(?P<for>For|In[ \t]+favour)|(?P<against>Against)|(?P<abstain>Abst(?:ain(?:ed|ing)?|entions?)))"
    r"(?:[ \t]+(?:of[ \t]+)?(?:the[ \t]+)?(?:(?:proposed|substantive|amended|original)[ \t]+)?"
    r"(?:motion|amendment|proposal|proposition|recommendation))?[ \t]*(?::\s*|\n\s*)",
    re.IGNORECASE | re.MULTILINE,
)
_LIST_ENDS = re.compile(
    r"(?<!\w)(?:\((?P<count>\d{1,3})\)|(?:Total[ \t]*:?|[–-])[ \t]*(?P<bare>\d{1,3})[ \t]*\.?$|(?P<nobody>None|Nil)\b)"
    r"[ \t]*\.?",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_LIST = 2_000  # characters of the names of one side
_BETWEEN_SIDES = re.compile(r"\s*(?:\d{1,3}\s*\n\s*)?")  # a page number may stand there
_PAGE_NUMBER = re.compile(r"^[ \t]*\d{1,3}[ \t]*$", re.MULTILINE)
_PLURAL_TITLE = re.compile(r"^(?:The\s+)?(?:Councillors|Cllrs|Members)\b[.:]?\s*", re.IGNORECASE)


def votes_in(text: str, start: int, end: int) -> list[Vote]:
    """Return the votes recorded in text[start:end], in order; no part of the text is read as two votes."""
    found = list(_listed(text, start, end))  # always in order, as are all of them
    for match in _NAMED.finditer(text, start, end):
        place = bisect_left(found, match.end(), key=_START)
        if not place or found[place - 1].end <= match.start():
            found.insert(place, _named(match))
    for pattern in _COUNTED:
        for match in pattern.finditer(text, start, end):
            place = bisect_left(found, match.end(), key=_START)
            overlaps = place > 0 and found[place - 1].end > match.start()
            counts = [_number(match[name]) for name in ("for", "against", "abstain")]
            says_vote = re.search(r"vot|favour", match.group(), re.IGNORECASE) is not None
            if not overlaps and counts[0] is not None and (says_vote or counts[1] is not None):
                found.insert(place, Vote(counts[0], counts[1], counts[2], (), (), (), match.start(), match.end()))
    return found


def for_the_amendment(text: str, vote: Vote) -> Vote:
    """Return a vote as an amendment has it: in a division between motion and amendment, those for it are for."""
    if not _DIVISION.match(text, vote.start, vote.end):
        return vote
    return replace(
        vote,
        for_count=vote.against_count,
        for_names=vote.against_names,
        against_count=vote.for_count,
        against_names=vote.for_names,
    )


def _named(match: re.Match[str]) -> Vote:
    against = match["against_names"] if match["abstain"] else match["only_against"]
    return Vote(
        for_count=int(match["for"]),
        against_count=int(match["against"]),
        abstain_count=int(match["abstain"]) if match["abstain"] else None,
        for_names=_names(match["for"], match["for_names"]),
        against_names=_names(match["against"], against),
        abstain_names=_names(match["abstain"], match["abstain_names"]),
        start=match.start(),
        end=match.end(),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a vote by lists: which, its count, its names (none where they are not as many) and its offsets."""

    side: str
    count: int
    names: tuple[str, ...]
    start: int
    end: int


def _listed(text: str, start: int, end: int) -> Iterator[Vote]:
    """Yield the votes whose lists end with their counts: those for and against, and those who abstained if told."""
    sides = [side for head in _SIDE.finditer(text, start, end) if (side := _side(text, head, end))]
    for position, first in enumerate(sides):
        second = _next_side(text, sides, position, "against")
        if first.side != "for" or second is None:
            continue
        third = _next_side(text, sides, position + 1, "abstain")
        last = third or second
        abstained = (third.count, third.names) if third else (None, ())
        yield Vote(
            first.count, second.count, abstained[0], first.names, second.names, abstained[1], first.start, last.end
        )


def _side(text: str, head: re.Match[str], end: int) -> _Side | None:
    stop = _LIST_ENDS.search(text, head.end(), min(end, head.end() + _LONGEST_LIST))
    if stop is None or (stop["nobody"] and stop.start() != head.end()):
        return None
    words = " ".join(_PAGE_NUMBER.sub("", text[head.end() : stop.start()]).split())
    names = tuple(names_in(_PLURAL_TITLE.sub("", words)))
    count = int(stop["count"] or stop["bare"] or 0)
    if stop["bare"] and len(names) != count:
        return None
    side = next(name for name in ("for", "against", "abstain") if head[name])
    return _Side(side, count, names if len(names) == count else (), head.start(), stop.end())


def _next_side(text: str, sides: Sequence[_Side], position: int, side: str) -> _Side | None:
    """Return the list after one, if it is of that side and nothing stands between the two."""
    if position + 1 >= len(sides) or sides[position + 1].side != side:
        return None
    one, other = sides[position : position + 2]
    between = _BETWEEN_SIDES.match(text, one.end)
    return other if between and between.end() >= other.start else None


def _names(count: str | None, names: str | None) -> tuple[str, ...]:
    """Return the names of a list; none where they are not as many as it counts."""
    found = tuple(names_in(names or ""))
    return found if count and len(found) == int(count) else ()


def _number(word: str | None) -> int | None:
    if not word:
        return None
    return int(word) if word.isdigit() else _WORDS.get(word.lower())
