"""What was moved and decided: the motions, amendments and decisions of an agenda item, each with its own words.

A motion is one entry with its outcome and vote; a sentence or resolution that only says what became of it is part of
it. What was lost, withdrawn or not seconded stays a motion or amendment: it is no decision, nor is a stretch of the
minutes that holds one. What the minutes do not say is "not stated".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus import records
from corpus.catalogue import Catalogue
from corpus.model import Decision, Motion, Outcome, Vote
from index.precedents import wording
from index.precedents.motion_words import Span, to_its_end, words_of

DecidedKind = Literal["decision", "motion", "amendment"]
DecidedOutcome = Literal["decided", "carried", "lost", "withdrawn", "not seconded", "not stated"]

SAME = 0.6  # share of words from which on a resolution is that of the motion carried before it
FAILED: tuple[Outcome, ...] = ("lost", "withdrawn", "not seconded")
_PAGE_HEAD = re.compile(r"\s*(?:Meeting:\s+\d{1,2}/\d{1,2}/\d{4}\b|Cyfarfod:\s+\d)")
_OPENS = re.compile(r"\s*(?::|that\b|to\b|by\b)")
_ENDS_ONE = re.compile(
    r"\b(?:amendment|motion|proposal|proposition)s?\b[^.]{0,120}\b(?:agreed|carried|approved|adopted|in\s+favour)\b",
    re.IGNORECASE,
)
_SETTLES = re.compile(r"\b(?:refer(?:red)?|defer(?:red)?|withdrawn?|withdrew)\b", re.IGNORECASE)
_TYPES = ("motion", "amendment", "decision")


@dataclass(frozen=True, slots=True)
class Place:
    """An agenda item, or a whole document without items (``item`` is None); offsets into the document's text."""

    document_id: str
    item: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A motion, an amendment or a decision; ``start`` and ``end`` are of its words, document text[start:end].

    ``outcome`` of a decision is "decided", unless the motion that it words again was said to be carried.
    ``outcome_at`` is where the minutes say what became of a motion, ``moved_at`` where the words stand that were moved,
    if those of the resolution are given in their place.
    """

    place: Place
    kind: DecidedKind
    outcome: DecidedOutcome
    mover: str | None
    seconder: str | None
    vote: Vote | None
    start: int
    end: int
    outcome_at: Span | None = None
    moved_at: Span | None = None


def decided_in(catalogue: Catalogue, place: Place, text: str) -> list[Decided]:
    """Return what was moved and decided at a place, in the order of the text."""
    rows = catalogue.connection.execute(
        'SELECT type, start, "end", how, fields FROM records WHERE document_id = ? AND item IS ?'
        f' AND type IN ({",".join("?" * len(_TYPES))}) AND start >= ? AND start < ? ORDER BY start, "end"',
        (place.document_id, place.item, *_TYPES, place.start, place.end),
    )
    found = [records.from_row(*row) for row in rows]
    motions = [record for record in found if isinstance(record, Motion)]
    decisions = [record for record in found if isinstance(record, Decision)]
    moved = list(_moved(text, place, motions, decisions))
    own = [one for one in decisions if not _tells_of_a_motion(text, one, motions, moved)]
    return sorted(_with_decisions(text, place, moved, own), key=lambda one: (one.start, one.end))


def _moved(text: str, place: Place, motions: Sequence[Motion], decisions: Sequence[Decision]) -> Iterator[Decided]:
    """Yield the motions and amendments with their words: between what was moved or resolved before and after."""
    resolved = [
        (one.start, one.end)
        for one in decisions
        if "resolution" in one.how or _SETTLES.search(text, one.start, one.end)
    ]
    stops = [motion.start for motion in motions] + [start for start, _ in resolved]
    stops += [motion.vote.start for motion in motions if motion.vote]
    stops += [one.outcome_start for one in motions if one.outcome_start is not None and not _opens(text, one)]
    low = place.start
    for motion in motions:
        low = max([low, *(end for _, end in resolved if end <= motion.start)])
        high = min((stop for stop in stops if stop > motion.end), default=place.end)
        start, end = words_of(text, motion, low, min(high, place.end))
        at = (motion.outcome_start, motion.outcome_end)
        yield Decided(
            place=place,
            kind=motion.type,
            outcome=motion.outcome or "not stated",
            mover=motion.mover,
            seconder=motion.seconder,
            vote=motion.vote,
            start=start,
            end=end,
            outcome_at=(at[0], at[1]) if at[0] is not None and at[1] is not None else None,
        )
        low = max(end, motion.end, motion.outcome_end or 0)


def _opens(text: str, motion: Motion) -> bool:
    """Tell whether the words moved follow their outcome: "And Resolved: “That …”", "and agreed that …"."""
    return _OPENS.match(text, motion.outcome_end or 0) is not None


def _tells_of_a_motion(text: str, decision: Decision, motions: Sequence[Motion], moved: Sequence[Decided]) -> bool:
    """Tell whether a decision is the sentence that proposes a motion or ends it, or holds one that failed."""
    sentence = "sentence" in decision.how
    for motion, one in zip(motions, moved, strict=True):
        spans = [(motion.start, motion.end), (one.start, one.end), one.outcome_at or (0, 0)]
        overlaps = any(decision.start < end and start < decision.end for start, end in spans)
        if overlaps and (sentence or one.outcome in FAILED):
            return True
    return sentence and bool(motions) and _ENDS_ONE.search(text, decision.start, decision.end) is not None


def _with_decisions(
    text: str, place: Place, moved: Sequence[Decided], decisions: Sequence[Decision]
) -> Iterator[Decided]:
    """Yield motions and decisions; a resolution that holds a motion, or much its words, takes its place and mover."""
    left = list(moved)
    for decision in decisions:
        if _PAGE_HEAD.match(text, decision.start, decision.end):
            continue
        start, end = to_its_end(text, (decision.start, decision.end), place.end)
        one = Decided(place, "decision", "decided", None, None, None, start, end)
        for motion in reversed(left):
            within = motion.start < end and start < motion.end
            if motion.kind != "motion" or motion.outcome in FAILED or (motion.start > start and not within):
                continue
            if not within and wording.share(text[motion.start : motion.end], text[start:end]) < SAME:
                continue
            outcome: DecidedOutcome = "carried" if motion.outcome == "carried" else "decided"
            one = replace(motion, kind="decision", outcome=outcome, start=start, end=end)
            one = replace(one, moved_at=(motion.start, motion.end))
            left.remove(motion)
            break
        yield one
    yield from left
