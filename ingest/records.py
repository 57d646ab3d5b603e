"""Everything that a document records besides its words: people, motions, decisions, interests, actions."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.model import AgendaItem, Document, Motion, Passage, Record, Recorded, RecordType
from corpus.records import type_of
from ingest.attendance import attendance_of
from ingest.motions import motions_of
from ingest.outcomes import actions_of, decisions_of, interests_of
from ingest.structure import body_start, parts_of


def records_of(document: Document) -> tuple[Recorded, ...]:
    """Return the records of a document in order of their offsets.

    Agendas and reports record nothing that happened, but for registers of interests.
    """
    text = document.text
    if document.kind not in {"minutes", "decision"}:
        return tuple(Recorded(None, interest) for interest in interests_of(text, 0, len(text)) if "row" in interest.how)
    first = document.items[0].start if document.items else len(text)
    found = [Recorded(None, person) for person in attendance_of(text, first)]
    whole = AgendaItem(document.title, 0, len(text))
    for position, item in enumerate(document.items) if document.items else [(None, whole)]:
        found += [Recorded(position, record) for record in _of_item(document, item)]
    return tuple(sorted(found, key=lambda kept: (kept.record.start, kept.record.end)))


def _of_item(document: Document, item: AgendaItem) -> Iterator[Record]:
    text = document.text
    yield from motions_of(text, item)
    yield from decisions_of(text, parts_of(text, body_start(text, item), item.end, document.kind))
    yield from interests_of(text, item.start, item.end)
    yield from actions_of(text, item)


def marked(passages: Sequence[Passage], recorded: Sequence[Recorded]) -> tuple[Passage, ...]:
    """Return the passages, which are in order, with the types of record of which each holds a part."""
    starts = [passage.start for passage in passages]
    types: list[set[RecordType]] = [set() for _ in passages]
    for kept in recorded:
        for start, end in _spans(kept.record):
            position = max(0, bisect_right(starts, start) - 1)
            while position < len(passages) and passages[position].start < end:
                if passages[position].end > start:
                    types[position].add(type_of(kept.record))
                position += 1
    return tuple(
        replace(passage, records=tuple(sorted(held))) if held else passage
        for passage, held in zip(passages, types, strict=True)
    )


def _spans(record: Record) -> Iterator[tuple[int, int]]:
    yield record.start, record.end
    if isinstance(record, Motion):
        if record.outcome_start is not None and record.outcome_end is not None:
            yield record.outcome_start, record.outcome_end
        if record.vote:
            yield record.vote.start, record.vote.end
