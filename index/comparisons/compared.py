"""One row of a comparison: what the minutes of one authority or committee say to a question, decided, and how it moved.

The sentences are gathered, labelled and judged as those of an answer are (``gather``, ``labels``, ``answerable``), what
was decided as precedents are (``decided_near``). A recommendation and what was lost stand apart from what was decided.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.filters import Filters, Meetings, meetings
from index.answers import answerable
from index.answers.asking import Asking
from index.answers.evidence import Evidence, Quote
from index.answers.gather import Piece, evidence_of, gather
from index.answers.selection import grown
from index.citation import spoken_date
from index.comparisons.settled import STATES, Settled, recommended, settled_at
from index.hits import Hit
from index.precedents.decided_near import Texts
from index.proof.verify import verified
from index.search import Searcher

CANDIDATES = 10  # passages of a row that sentences are chosen from
FIRST = 3  # of them, that must come to something before the others are read
HOPELESS, LEAST = 0.25, 0.4  # score of a quote: below it the rest is not read, and it is no evidence
BEHIND = 1.6  # log odds that the best piece of a meeting may lie behind that of the best
ROOM = 300  # characters of a quote
MOMENTS = 5  # meetings of a row that are shown


@dataclass(frozen=True, slots=True)
class Moment:
    """What one meeting said and settled. ``state`` says what it came to: "lost", "amendment lost", "discussed"."""

    authority: str | None
    committee: str | None
    meeting_date: str | None
    state: str
    said: Evidence
    settled: tuple[Settled, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What an authority or a committee, or one meeting of a timeline, has to say; or why there is nothing.

    ``said`` is the best quote, None where no evidence was found: ``reason`` then says what was searched. ``decided``
    holds decisions, and motions and amendments with their outcome, lost ones too, the newest first; ``recommended``
    what was only recommended. ``moved`` are the meetings that show how the matter went, the earliest first, ``more``
    counts those left out, and ``change`` says what was settled at which date, where that differs. ``confidence`` is
    the estimated probability (0 to 1) that the minutes searched answer the question.
    """

    name: str
    authority: str | None
    committee: str | None
    meeting_date: str | None
    said: Evidence | None
    decided: tuple[Settled, ...]
    recommended: tuple[Settled, ...]
    moved: tuple[Moment, ...]
    more: int
    change: str | None
    searched: Meetings
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question made ready to be put to each authority: its words, what it asks for, and texts read once."""

    query: str
    asking: Asking
    texts: Texts


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose minutes a row is of, and the filters that let through just these."""

    name: str
    authority: str | None
    committee: str | None
    filters: Filters


def row_of(searcher: Searcher, inquiry: Inquiry, subject: Subject) -> Row:
    """Return the row of one authority or committee."""
    moments, confidence = moments_of(searcher, inquiry, subject.filters, CANDIDATES, BEHIND)
    best = max((one.said for one in moments), key=lambda said: said.score, default=None)
    if best is None:
        return silent(searcher, subject, confidence)
    settled = sorted(
        (one for moment in moments for one in moment.settled),
        key=lambda one: one.quote.hit.meeting_date or "",
        reverse=True,
    )
    shown = _telling(moments, best)
    return Row(
        name=subject.name,
        authority=subject.authority,
        committee=subject.committee,
        meeting_date=None,
        said=best,
        decided=tuple(one for one in settled if one.kind != "recommendation"),
        recommended=tuple(one for one in settled if one.kind == "recommendation"),
        moved=tuple(shown),
        more=len(moments) - len(shown),
        change=_change(moments),
        searched=meetings(searcher.catalogue, subject.filters),
        confidence=round(confidence, 3),
        reason="",
    )


def silent(searcher: Searcher, subject: Subject, confidence: float = 0.0) -> Row:
    """Return the row of an authority or committee whose minutes hold no evidence."""
    searched = meetings(searcher.catalogue, subject.filters)
    return Row(
        name=subject.name,
        authority=subject.authority,
        committee=subject.committee,
        meeting_date=None,
        said=None,
        decided=(),
        recommended=(),
        moved=(),
        more=0,
        change=None,
        searched=searched,
        confidence=round(confidence, 3),
        reason=f"Searched {in_words(searched)}: no evidence.",
    )


def in_words(searched: Meetings) -> str:
    """Return "12 meetings from 2019 to 2024", and of how many documents the date is not known."""
    said = _counted(searched.meetings, "meeting")
    if searched.first and searched.last:
        first, last = searched.first[:4], searched.last[:4]
        said += f" of {first}" if first == last else f" from {first} to {last}"
    if not searched.undated:
        return said
    undated = f"{_counted(searched.undated, 'document')} without a date"
    return f"{said} and {undated}" if searched.meetings else undated


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


# -- meetings ----------------------------------------------------------------------------------------


def moments_of(
    searcher: Searcher, inquiry: Inquiry, filters: Filters, k: int, behind: float = math.inf
) -> tuple[list[Moment], float]:
    """Return what each meeting has to say, the earliest first and those of unknown date last, and how sure that is.

    There are none where the evidence is too weak. Every quote has been checked against the stored source.

    Args:
        k: how many passages sentences are chosen from.
        behind: log odds that the best piece of a meeting may lie behind that of the best meeting.
    """
    found = searcher.search(inquiry.query, filters, k).hits
    asked = searcher.understand(inquiry.query, filters)
    pieces = gather(searcher, asked, inquiry.asking, found[:FIRST])
    if pieces and _score(_best(pieces)) >= HOPELESS:
        pieces += gather(searcher, asked, inquiry.asking, found[FIRST:])
    confidence = answerable.probability(answerable.features(asked, inquiry.asking, found, pieces))
    near = [piece for piece in pieces if _score(piece) >= LEAST and piece.odds >= _best(pieces).odds - behind]
    said = _said(searcher, near, pieces)
    spots = [Quote(piece.hit, piece.text, piece.start, piece.end) for piece in near]
    settled = settled_at(searcher, asked, [*(one.quote for one in said), *spots], inquiry.texts)
    settled += [recommended(one) for one in said if one.kind == "recommendation" and not _told(one, settled)]
    moments = [
        _moment(one, [each for each in settled if _meeting(each.quote.hit) == _meeting(one.quote.hit)]) for one in said
    ]
    return sorted(moments, key=lambda one: (one.meeting_date or "9999", one.committee or "")), confidence


def _best(pieces: Sequence[Piece]) -> Piece:
    return max(pieces, key=lambda piece: piece.odds)


def _score(piece: Piece) -> float:
    """Return the score of a piece, as that of evidence."""
    return 1 / (1 + math.exp(-piece.odds))


def _said(searcher: Searcher, near: Sequence[Piece], pieces: Sequence[Piece]) -> list[Evidence]:
    """Return the best quote of each meeting of the near pieces, with what stands beside it, as far as there is room."""
    quotes = []
    for meeting in dict.fromkeys(_meeting(piece.hit) for piece in near):
        best = _best([piece for piece in near if _meeting(piece.hit) == meeting])
        beside = [piece for piece in pieces if piece.hit.passage_id == best.hit.passage_id]
        quotes.append(max(grown(beside, ROOM), key=lambda piece: piece.odds))
    kept, _ = verified(searcher.catalogue, map(evidence_of, quotes))
    return kept


def _moment(said: Evidence, settled: Sequence[Settled]) -> Moment:
    cited = said.quote.hit
    return Moment(
        authority=cited.authority,
        committee=cited.committee,
        meeting_date=cited.meeting_date,
        state=" and ".join(_states(settled).values()) or "discussed",
        said=said,
        settled=tuple(settled),
    )


def _states(settled: Sequence[Settled]) -> dict[str, str]:
    """Return what a meeting came to, the motion and not its amendments, under "for", "against" and "advice"."""
    whole = [one for one in settled if one.kind != "amendment"]
    states: dict[str, str] = {}
    for one in sorted(whole or settled, key=lambda one: STATES.index(one.state)):
        states.setdefault(_SIDE.get(one.state, "against"), one.state if whole else f"amendment {one.state}")
    if "for" in states:
        states.pop("advice", None)
    return states


_SIDE = {"carried": "for", "decided": "for", "recommended": "advice"}  # all other states: against


def _told(said: Evidence, settled: Sequence[Settled]) -> bool:
    """Tell whether words of a quote are among those that were settled."""
    quote = said.quote
    same = [one.quote for one in settled if one.quote.hit.document_id == quote.hit.document_id]
    return any(one.start < quote.end and quote.start < one.end for one in same)


def _meeting(cited: Hit) -> tuple[str | None, ...]:
    """Return committee and day of a passage; its document where the day is not known."""
    return (cited.committee, cited.meeting_date) if cited.meeting_date else (cited.document_id,)


def _telling(moments: Sequence[Moment], best: Evidence) -> list[Moment]:
    """Return at most ``MOMENTS`` meetings: of the best quote, the last, the first, and where something was settled."""
    dated = [one for one in moments if one.meeting_date]
    ends = [*dated[-1:], *dated[:1]]

    def rank(moment: Moment) -> tuple[bool, bool, bool, float]:
        return moment.said is not best, moment not in ends, not moment.settled, -moment.said.score

    kept = sorted(moments, key=rank)[:MOMENTS]
    return [one for one in moments if one in kept]


def _change(moments: Iterable[Moment]) -> str | None:
    """Return what was settled at which date, where that differs: "lost 13 March 2024, carried 9 January 2025"."""
    told = [one for one in moments if one.settled and one.meeting_date]
    sides = [_states(one.settled).keys() for one in told]
    turns = [(one.state, one.meeting_date) for at, one in enumerate(told) if at == 0 or sides[at] != sides[at - 1]]
    if len(turns) < 2:
        return None
    return ", ".join(f"{state} {spoken_date(day)}" for state, day in turns if day)
