"""Lists of references with notes: as Markdown to write on with, and as the rows of a table."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.collected import GONE
from webapp.citing.reference import OCR, Reference, line, one_line, plain_of, readable

COLUMNS = (
    "citation", "quote", "note", "authority", "committee", "meeting_date", "item_number", "item_title", "page", "kind",
    "title", "partial", "ocr", "source", "permalink", "accessed", "id",
)  # fmt: skip
NOTE = "Note: "
_MARKS = re.compile(r"([\\`*_\[\]<>#|~&$])")
_LINE_STARTS = re.compile(r"^([-+=])|^(\d{1,9})([.)])")


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry of a list: its reference and a note.

    Where its words cannot be verified there is no reference: ``kept`` is the citation as it was, ``problem`` says why.
    """

    reference: Reference | None
    note: str = ""
    kept: str = ""
    problem: str = GONE


def rows_of(entries: Iterable[Noted]) -> Iterator[tuple[str | int | None, ...]]:
    """Yield the cells of each entry under ``COLUMNS``; what is not known is None, the quote is verbatim."""
    for entry in entries:
        reference = entry.reference
        if reference is None:
            yield (f"{one_line(entry.kept)} {entry.problem}", None, entry.note, *[None] * (len(COLUMNS) - 3))
            continue
        yield (
            plain_of(reference), reference.quote, entry.note, reference.authority, reference.committee,
            reference.meeting_date, reference.item_number, reference.item_title, reference.page, reference.genre,
            reference.title, "yes" if reference.partial else "no", "yes" if reference.ocr else "no", reference.source,
            reference.permalink, reference.accessed.isoformat(), reference.key,
        )  # fmt: skip


def markdown_of(title: str, entries: Sequence[Noted]) -> str:
    """Return a list as Markdown: each quote as a block quote, its citation below it, then the note."""
    parts = [f"# {_escaped(one_line(title))}"] if title.strip() else []
    for entry in entries:
        parts += _parts(entry)
    return "\n\n".join(parts) + "\n"


def _parts(entry: Noted) -> Iterator[str]:
    reference = entry.reference
    if reference is None:
        yield _escaped(f"{one_line(entry.kept)} {entry.problem}")
    else:
        if reference.quote:
            lines = _lines(reference.quote)
            yield "\n".join(f"> {each}".rstrip() for each in lines)
        addresses = dict.fromkeys(address for address in (reference.source, reference.permalink) if address)
        scanned = [f"({OCR})"] if reference.ocr else []
        yield " ".join([_escaped(line(reference)), *scanned, *(f"<{address}>" for address in addresses)])
    if entry.note.strip():
        yield "\n".join(_lines(NOTE + entry.note.strip()))


def _lines(text: str) -> list[str]:
    return [_escaped(each) for each in readable(text).strip().split("\n")]


def _escaped(text: str) -> str:
    """Return a line in which nothing is read as Markdown."""
    return _LINE_STARTS.sub(
        lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", _MARKS.sub(r"\\\1", text)
    )
