"""Passages: the pieces of a document that are searched, embedded and quoted.

A passage keeps to one agenda item, one kind of text and, but for a sentence that runs over, one page. It
holds whole sentences, list entries and table lines; only one that is longer than the encoder can read is
cut, at a clause. Together the passages hold every word of the document but the labels between its parts.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus import ids
from corpus.model import Document, Page, Passage
from ingest.sentences import Unit, lines, units
from ingest.structure import Part, parts_of

CONTEXT_TOKENS = 48
ROOMY = 0.95  # a passage this full may end at a paragraph's end
_CLAUSE = re.compile(r"[;:,]\s++|(?<!\s)\s++(?=\()|\n")


class TokenMeasure(Protocol):
    """The encoder's own tokenizer: how many tokens texts have, and how many it can read at once."""

    @property
    def token_limit(self) -> int:
        """Most tokens of one embedded text, those the encoder itself adds not counted."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, those the encoder itself adds not counted."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document that passages do not cross, and the units in it that are not cut where they fit."""

    part: Part
    item: int | None
    partial: bool
    units: tuple[Unit, ...]


def sections_of(document: Document) -> tuple[Section, ...]:
    """Return the sections of a document, in order of appearance: its items, by what kind their parts are of."""
    text = document.text
    bounds: list[tuple[int, int, int | None]] = []
    position = 0
    for number, item in enumerate(document.items):
        bounds += [(position, item.start, None), (item.start, item.end, number)]
        position = item.end
    bounds.append((position, len(text), None))
    return tuple(
        Section(
            part, owner, owner is not None and document.items[owner].partial, tuple(units(text, part.start, part.end))
        )
        for start, end, owner in bounds
        if end > start and not text[start:end].isspace()
        for part in parts_of(text, start, end, document.kind)
    )


def lines_of(document: Document) -> tuple[Section, ...]:
    """Return a document as one section whose units are its lines, for one that was not understood."""
    return (Section(Part(0, len(document.text), document.kind), None, False, tuple(lines(document.text))),)


def passages_of(document: Document, sections: Sequence[Section], measure: TokenMeasure) -> tuple[Passage, ...]:
    """Cut a document into passages, in order of appearance."""
    text = document.text
    spans: list[tuple[Section, str, int, int]] = []
    for section in sections:
        owner = document.items[section.item] if section.item is not None else None
        context = _shortened(owner.title if owner else document.title, measure)
        room = measure.token_limit - (measure.count_tokens([context])[0] if context else 0)
        spans += [(section, context, *span) for span in _pack(text, section.units, document.pages, measure, room)]
    names = ids.passage_ids(document.document_id, (text[start:end] for *_, start, end in spans))
    return tuple(
        Passage(
            passage_id=name,
            start=start,
            end=end,
            text=text[start:end],
            kind=section.part.kind,
            item=section.item,
            page=_page_at(document.pages, start),
            partial=section.partial,
            context=context,
        )
        for name, (section, context, start, end) in zip(names, spans, strict=True)
    )


def _shortened(heading: str, measure: TokenMeasure) -> str:
    words = heading.split()
    while words and measure.count_tokens([" ".join(words)])[0] > CONTEXT_TOKENS:
        words = words[: max(1, len(words) * 3 // 4)] if len(words) > 1 else []
    return " ".join(words)


def _pack(
    text: str, whole: Sequence[Unit], pages: Sequence[Page], measure: TokenMeasure, room: int
) -> Iterator[tuple[int, int]]:
    """Yield the offsets of passages of at most ``room`` tokens over the units of one section."""
    pieces = [piece for unit in whole for piece in _fitting(text, unit, measure, room)]
    counts = measure.count_tokens([text[piece.start : piece.end] for piece in pieces])
    start, end, used, page = -1, -1, 0, None
    for piece, count in zip(pieces, counts, strict=True):
        on_page = _page_at(pages, piece.start)
        full = used + count > room or (piece.paragraph and used >= ROOMY * room)
        if start >= 0 and (full or on_page != page):
            yield start, end
            start = -1
        if start < 0:
            start, used, page = piece.start, 0, on_page
        end, used = piece.end, used + count
    if start >= 0:
        yield start, end


def _fitting(text: str, unit: Unit, measure: TokenMeasure, room: int) -> list[Unit]:
    """Return the unit, or, where it is longer than the encoder can read, its clauses or words in pieces."""
    if unit.end - unit.start <= room or measure.count_tokens([text[unit.start : unit.end]])[0] <= room:
        return [unit]  # a token is at least one character
    cuts = [match.end() for match in _CLAUSE.finditer(text, unit.start, unit.end)]
    return _cut(text, unit, [*cuts, unit.end], measure, room)


def _cut(text: str, unit: Unit, cuts: list[int], measure: TokenMeasure, room: int) -> list[Unit]:
    starts = [unit.start, *cuts[:-1]]
    counts = measure.count_tokens([text[a:b] for a, b in zip(starts, cuts, strict=True)])
    found: list[Unit] = []
    begin, used = unit.start, 0
    for start, end, count in zip(starts, cuts, counts, strict=True):
        if used and used + count > room:
            found.append(_trimmed(text, begin, start, not found and unit.paragraph))
            begin, used = start, 0
        if count > room:
            found += _words(text, Unit(start, end, not found and unit.paragraph), measure, room)
            begin, used = end, 0
        else:
            used += count
    if begin < unit.end:
        found.append(_trimmed(text, begin, unit.end, not found and unit.paragraph))
    return [piece for piece in found if piece.start < piece.end]


def _words(text: str, unit: Unit, measure: TokenMeasure, room: int) -> list[Unit]:
    """Cut between words; a single word longer than the room (a string of signs) is cut by characters."""
    cuts = [match.end() for match in re.finditer(r"\s+", text[unit.start : unit.end])]
    ends: list[int] = []
    for cut in [*(unit.start + cut for cut in cuts), unit.end]:
        previous = ends[-1] if ends else unit.start
        ends.extend(range(previous + room, cut, room))
        if cut > previous:
            ends.append(cut)
    counts = measure.count_tokens([text[a:b] for a, b in zip([unit.start, *ends[:-1]], ends, strict=True)])
    found: list[Unit] = []
    begin, used, last = unit.start, 0, unit.start
    for end, count in zip(ends, counts, strict=True):
        if used and used + count > room:
            found.append(_trimmed(text, begin, last, not found and unit.paragraph))
            begin, used = last, 0
        used += count
        last = end
    found.append(_trimmed(text, begin, unit.end, not found and unit.paragraph))
    return found


def _trimmed(text: str, start: int, end: int, paragraph: bool) -> Unit:
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return Unit(start, end, paragraph)


def _page_at(pages: Sequence[Page], offset: int) -> int | None:
    position = bisect_right(pages, offset, key=lambda page: page.start)
    return pages[position - 1].number if position else None
