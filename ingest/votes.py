"""Votes: counts ("by 7 votes to 3") and named lists ("For (16)" and the names), as offsets and numbers."""

import re
from bisect import bisect_left
from dataclasses import replace

from corpus.model import Vote
from ingest.people import names_in

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


def votes_in(text: str, start: int, end: int) -> list[Vote]:
    """Return the votes recorded in text[start:end], in order; no part of the text is read as two votes."""
    found = [_named(match) for match in _NAMED.finditer(text, start, end)]  # always in order, as are all of them
    for pattern in _COUNTED:
        for match in pattern.finditer(text, start, end):
            place = bisect_left(found, match.end(), key=_start)
            overlaps = place > 0 and found[place - 1].end > match.start()
            counts = [_number(match[name]) for name in ("for", "against", "abstain")]
            says_vote = re.search(r"vot|favour", match.group(), re.IGNORECASE) is not None
            if not overlaps and counts[0] is not None and (says_vote or counts[1] is not None):
                found.insert(place, Vote(counts[0], counts[1], counts[2], (), (), (), match.start(), match.end()))
    return found


def _start(vote: Vote) -> int:
    return vote.start


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


def _names(count: str | None, names: str | None) -> tuple[str, ...]:
    """Return the names of a list; a count of 0 has none, whatever words follow it."""
    return tuple(names_in(names or "")) if count and int(count) else ()


def _number(word: str | None) -> int | None:
    if not word:
        return None
    return int(word) if word.isdigit() else _WORDS.get(word.lower())
