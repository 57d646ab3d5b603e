"""What sort of words a stretch of minutes is, from the records that ingest made: decision, amendment lost, draft …

The record decides, not the wording: only what the minutes record as decided is a decision. A committee's
recommendation to another body, a report's recommendation and the agenda's text are labelled as what they are.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus import records
from corpus.catalogue import Catalogue
from corpus.model import Decision, Motion, Outcome, Record
from index.answers.evidence import EvidenceKind, Mark
from index.hits import Hit

_RECOMMENDS = re.compile(
    r"\brecommend(?:s|ed|ing)?\b|^\W*recommendations?\b|\brecommendations?:|"
    r"\b(?:is|are) (?:asked|invited|requested) to\b",
    re.IGNORECASE,
)
_TO_ANOTHER = re.compile(
    r"\b(?:RECOMMENDED|recommends?|recommended) (?:to |that )?(?:the )?(?:full |county |city |borough |district )?"
    r"(?:council|cabinet|executive|committee)\b",
    re.IGNORECASE,
)
LONGEST_MOTION = 12_000  # characters from proposal to outcome; what lies further apart does not belong together


@dataclass(frozen=True, slots=True)
class Held:
    """A record of a document: its item (a position, None where it belongs to none) and itself."""

    item: int | None
    record: Record


@dataclass(frozen=True, slots=True)
class Label:
    """What a stretch is, what became of it where it is a motion or amendment, and the marks of its source.

    ``motion`` is where the motion that it is of begins, None where it is of none: of two motions that were lost each
    has a label of its own.
    """

    kind: EvidenceKind
    outcome: Outcome | None
    marks: tuple[Mark, ...]
    motion: int | None = None


def records_of(catalogue: Catalogue, document_ids: Iterable[str]) -> dict[str, list[Held]]:
    """Return the decisions, motions and amendments of some documents, in the order of their text."""
    wanted = list(dict.fromkeys(document_ids))
    held: dict[str, list[Held]] = {document_id: [] for document_id in wanted}
    rows = catalogue.connection.execute(
        'SELECT document_id, item, type, start, "end", how, fields FROM records'
        f" WHERE type IN ('decision', 'motion', 'amendment') AND document_id IN ({','.join('?' * len(wanted))})"
        ' ORDER BY document_id, start, "end"',
        wanted,
    )
    for document_id, item, kind, start, end, how, fields in rows:
        held[document_id].append(Held(item, records.from_row(kind, start, end, how, fields)))
    return held


def statuses(catalogue: Catalogue, document_ids: Iterable[str]) -> dict[str, str]:
    """Return what is known of the status of some documents: draft, approved, cancelled."""
    wanted = list(dict.fromkeys(document_ids))
    rows = catalogue.connection.execute(
        "SELECT document_id, value FROM provenance WHERE field = 'status' AND value IS NOT NULL"
        f" AND document_id IN ({','.join('?' * len(wanted))})",
        wanted,
    )
    return dict(rows.fetchall())


def label(hit: Hit, start: int, end: int, text: str, held: Sequence[Held], status: str | None) -> Label:
    """Return what the stretch [start, end) of a hit's document is.

    Args:
        text: the words of the stretch.
        held: the records of the document.
        status: its status, where that is known.
    """
    marks = _marks(hit, status)
    decided = any(_decides(one.record, start, end, held) for one in held)
    if not decided and (motion := motion_at(held, start, end)) is not None:
        told = motion.outcome_start is not None and _overlap(start, end, motion.outcome_start, motion.outcome_end)
        voted = motion.vote is not None and _overlap(start, end, motion.vote.start, motion.vote.end)
        proposed = _overlap(start, end, motion.start, motion.end)
        kind: EvidenceKind = "vote" if (told or voted) and not proposed else motion.type
        return Label(kind, motion.outcome, marks, motion.start)
    if (decided or hit.kind == "decision") and not _TO_ANOTHER.search(text):
        return Label("decision", None, marks)
    if decided or hit.kind == "decision" or _RECOMMENDS.search(text):
        return Label("recommendation", None, marks)
    return Label(hit.kind, None, marks)  # type: ignore[arg-type]


def _decides(record: Record, start: int, end: int, held: Sequence[Held]) -> bool:
    """Tell whether a stretch holds words of a decision that are not those which tell the outcome of a motion."""
    if not isinstance(record, Decision) or not _overlap(start, end, record.start, record.end):
        return False
    motions = [one.record for one in held if isinstance(one.record, Motion)]
    return not any(
        _overlap(record.start, record.end, motion.start, motion.end)
        or _overlap(record.start, record.end, motion.outcome_start, motion.outcome_end)
        for motion in motions
        if motion.outcome != "carried"
    )


def motion_at(held: Sequence[Held], start: int, end: int) -> Motion | None:
    """Return the motion or amendment that a stretch is a part of, the innermost where they are nested.

    One reaches from its proposal to its outcome or vote, where they are recorded; what was said between is of it.
    """
    around = [
        one.record for one in held if isinstance(one.record, Motion) and _overlap(start, end, *extent(one.record))
    ]
    return min(around, key=lambda motion: extent(motion)[1] - extent(motion)[0], default=None)


def extent(motion: Motion) -> tuple[int, int]:
    """Return the half-open offsets from a motion's proposal to its recorded end."""
    ends = [motion.end, motion.outcome_end or 0, motion.vote.end if motion.vote else 0]
    last = max(ends)
    return motion.start, last if last - motion.start <= LONGEST_MOTION else motion.end


def _marks(hit: Hit, status: str | None) -> tuple[Mark, ...]:
    marks: list[Mark] = ["draft"] if status == "draft" else []
    marks += ["ocr"] if hit.ocr else []
    marks += ["partial"] if hit.partial else []
    return tuple(marks)


def _overlap(start: int, end: int, first: int | None, last: int | None) -> bool:
    return first is not None and last is not None and start < last and end > first
