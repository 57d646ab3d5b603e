"""Lists of references with notes as Word documents."""

from collections.abc import Iterator, Sequence

from ingest.docx import Style, write
from webapp.citing.lists import NOTE, Noted
from webapp.citing.reference import OCR, line, one_line, readable

MIMETYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def docx_of(title: str, entries: Sequence[Noted]) -> bytes:
    """Return a list as a Word document: each quote in a paragraph of its own, its citation below it, then the note."""
    heading = one_line(title)
    return write(heading, [("Title", heading), *(part for entry in entries for part in _parts(entry))])


def _parts(entry: Noted) -> Iterator[tuple[Style, str]]:
    reference = entry.reference
    if reference is None:
        yield "Normal", f"{one_line(entry.kept)} {entry.problem}"
    else:
        if reference.quote:
            yield "Quote", readable(reference.quote).strip()
        scanned = [f"({OCR})"] if reference.ocr else []
        addresses = dict.fromkeys(address for address in (reference.source, reference.permalink) if address)
        yield "Normal", " ".join([line(reference), *scanned, *addresses])
    if entry.note.strip():
        yield "Normal", readable(NOTE + entry.note.strip())
