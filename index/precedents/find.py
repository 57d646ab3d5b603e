"""Precedents: motions, amendments and decisions on the matter of a text, at whatever authority, earliest first.

The text is looked for by its meaning and its telling terms. Of the agenda items that come near, each motion, amendment
and decision is judged by its own words; what is only recommended, reported or discussed is listed apart. A text that
nothing comes near to has no precedents, and the result says what was searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.errors import QueryError
from corpus.filters import Filters, resolve
from corpus.model import Vote
from index import matter
from index.answers.evidence import Mark
from index.duplicates import Group
from index.hits import Hit, Other, Stored, hit, others
from index.matter import Matter
from index.precedents import following, wording
from index.precedents.decided import Decided, DecidedKind, DecidedOutcome
from index.precedents.decided_near import Found, Texts, apart, chosen, decided_near
from index.precedents.following import Earlier, Named, Worded
from index.precedents.wording import Change
from index.search import MAX_K, Searcher
from index.similar import one_a_meeting

MAX_TEXT = 5_000  # characters
DEFAULT_K = 20
RELATED = 10
BESIDE = 1_500  # characters before and after the words, in which a document without items may name other authorities


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a source: ``text`` is the stored text from ``start`` to ``end``, verbatim."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Votes:
    """A vote as it is recorded: counts, None where the minutes give none, and the words that give them."""

    for_count: int | None
    against_count: int | None
    abstain_count: int | None
    said: Words


@dataclass(frozen=True, slots=True)
class Precedent:
    """A motion, amendment or decision. ``hit`` is the passage in which its words begin, and cites it.

    ``wording`` is what was moved or decided, ``cut`` where it goes on; ``said`` are the words that tell the outcome of
    a motion. ``differences`` lead from the given text to the wording, ``shared`` is the share of words in common.
    ``closest_earlier`` is its position among the precedents, from 0.
    """

    kind: DecidedKind
    outcome: DecidedOutcome
    vote: Votes | None
    mover: str | None
    seconder: str | None
    score: float
    wording: Words
    cut: bool
    said: Words | None
    marks: tuple[Mark, ...]
    shared: float
    differences: tuple[Change, ...]
    names: tuple[Named, ...]
    closest_earlier: Earlier | None
    hit: Hit


@dataclass(frozen=True, slots=True)
class PrecedentsResult:
    """Precedents, the earliest first and those of unknown date last, and what was searched.

    ``related`` are the nearest passages of meetings that have none: recommendations, reports and talk. ``more`` counts
    the precedents that were found and are not shown, by the limit or for others of the same meeting.
    """

    text: str
    terms: tuple[str, ...]
    filters: Filters
    precedents: tuple[Precedent, ...]
    related: tuple[Hit, ...]
    more: int
    searched_documents: int
    searched_authorities: int


def precedents(searcher: Searcher, text: str, filters: Filters | None = None, k: int = DEFAULT_K) -> PrecedentsResult:
    """Return at most ``k`` precedents for the text of a motion or a decision.

    Raises:
        QueryError: the text holds no words or more than ``MAX_TEXT`` characters, ``k`` is out of range, or a filter
            names something that the collection does not hold.
    """
    given = " ".join(text.split())
    if not 1 <= k <= MAX_K:
        raise QueryError(f"k is {k}: choose a number from 1 to {MAX_K}.")
    if not any(character.isalnum() for character in given):
        raise QueryError("The text is empty: give the text of a motion or a decision.")
    if len(given) > MAX_TEXT:
        raise QueryError(f"The text has {len(given):,} characters, the limit is {MAX_TEXT:,}: shorten it.")
    resolved = resolve(searcher.catalogue, filters or Filters())
    sought = matter.of_text(searcher, given)
    texts = Texts(searcher.catalogue)
    found = decided_near(searcher, sought, matter.nearest(searcher, sought, resolved, loose=True), texts)
    groups = apart(found)
    kept = chosen(groups, found, k)
    documents, authorities = searcher.columns.searched(resolved)
    return PrecedentsResult(
        text=given,
        terms=sought.shown,
        filters=resolved,
        precedents=_in_order(
            searcher, given, sought, [(found[group.row], _behind(group, found)) for group in kept], texts
        ),
        related=_related(searcher, sought, resolved, found),
        more=len(groups) - len(kept),
        searched_documents=documents,
        searched_authorities=authorities,
    )


def _behind(group: Group, found: Sequence[Found]) -> tuple[Other, ...]:
    return tuple(others(group.also, {one.row: found[one.row].stored for one in group.also}))


def _in_order(
    searcher: Searcher, given: str, sought: Matter, kept: Sequence[tuple[Found, tuple[Other, ...]]], texts: Texts
) -> tuple[Precedent, ...]:
    """Return what was found as precedents: by day, those of unknown date last."""
    ordered = sorted(kept, key=lambda pair: _when_and_where(pair[0]))
    worded = [Worded(one.stored.authority, one.stored.meeting_date, one.words) for one, _ in ordered]
    earlier = following.closest_earlier(worded)
    shown = " ".join(sought.shown)
    found = []
    for position, (one, also) in enumerate(ordered):
        cited = hit(one.stored, position + 1, one.score, one.score, shown, (), also)
        text = texts[one.decided.place.document_id]
        made = _precedent(given, one, cited, text)
        start, end = _around(one.decided, text)
        names = following.named(text, start, end, one.stored.authority, searcher.columns.authorities)
        found.append(replace(made, names=names, closest_earlier=earlier[position]))
    return tuple(found)


def _when_and_where(one: Found) -> tuple[str, str, str, int]:
    stored = one.stored
    return stored.meeting_date or "9999", stored.authority or "", stored.document_id, one.decided.start


def _precedent(given: str, one: Found, cited: Hit, text: str) -> Precedent:
    decided = one.decided
    at, vote = decided.outcome_at, decided.vote
    return Precedent(
        kind=decided.kind,
        outcome=decided.outcome,
        vote=_votes(vote, text) if vote else None,
        mover=decided.mover,
        seconder=decided.seconder,
        score=round(one.score, 3),
        wording=Words(text[decided.start : one.end], decided.start, one.end),
        cut=one.end < decided.end,
        said=Words(text[at[0] : at[1]], *at) if at else None,
        marks=_marks(one.stored),
        shared=round(wording.share(given, one.words), 3),
        differences=wording.diff(given, one.words),
        names=(),
        closest_earlier=None,
        hit=cited,
    )


def _votes(vote: Vote, text: str) -> Votes:
    counts = (vote.for_count, vote.against_count, vote.abstain_count)
    return Votes(*counts, Words(text[vote.start : vote.end], vote.start, vote.end))


def _marks(stored: Stored) -> tuple[Mark, ...]:
    marks: list[tuple[Mark, bool]] = [
        ("draft", stored.status == "draft"), ("ocr", stored.ocr), ("partial", stored.partial)
    ]  # fmt: skip
    return tuple(mark for mark, holds in marks if holds)


def _around(decided: Decided, text: str) -> tuple[int, int]:
    """Return the agenda item of a precedent, or what stands beside it in a document without items."""
    if decided.place.item is not None:
        return decided.place.start, decided.place.end
    return max(0, decided.start - BESIDE), min(len(text), decided.end + BESIDE)


def _related(searcher: Searcher, sought: Matter, filters: Filters, found: Sequence[Found]) -> tuple[Hit, ...]:
    """Return the nearest passages, one a meeting, of meetings without a precedent."""
    held = {one.meeting for one in found}
    near = matter.nearest(searcher, sought, filters)
    best = one_a_meeting(searcher.catalogue, near, (), RELATED + len(held))
    hits = searcher.hits(" ".join(sought.shown), best)
    apart_from = [
        one
        for one in hits
        if (one.authority, one.committee, one.meeting_date) not in held and (one.document_id,) not in held
    ]
    return tuple(replace(one, rank=rank) for rank, one in enumerate(apart_from[:RELATED], 1))
