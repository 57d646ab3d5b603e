"""Word documents (.docx), read and written. The only importer of python-docx."""

import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from corpus.errors import ReadError
from ingest.plain import tidy
from ingest.reading import Mark, Reading

MAX_UNPACKED = 500_000_000

Style = Literal["Title", "Quote", "Normal"]  # of those that every Word document has


def read(data: bytes) -> Reading:
    """Read a Word document: paragraphs and tables in order, a table row to a line, headings as marks.

    Raises:
        ReadError: the file is damaged, or unpacks to more than ``MAX_UNPACKED`` bytes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise ReadError("unpacks to more than 500 MB: it was not read")
        word = Document(io.BytesIO(data))
        blocks = list(word.iter_inner_content())
    except ReadError:
        raise
    except Exception as exc:  # python-docx and zipfile raise many kinds on damaged input
        raise ReadError("is a damaged Word document: open and save it again, or ask for another copy") from exc
    lines: list[str] = []
    marks: list[Mark] = []
    length = 0
    headings: dict[str | None, bool] = {}
    for block in blocks:
        if isinstance(block, Paragraph):
            words = tidy(block.text)
            if words.strip() and _is_heading(block, headings):
                marks.append(Mark(length, words.strip()))
        else:
            words = _rows(block)
        if words.strip():
            lines.append(words)
            length += len(words) + 2
    text = "\n\n".join(lines)
    return Reading(text + "\n" if text else "", marks=tuple(marks), title=word.core_properties.title or None)


def write(title: str, paragraphs: Iterable[tuple[Style, str]]) -> bytes:
    """Return a Word document of some paragraphs, each with its style; a "\\n" in one is a line break.

    The texts must be free of control characters.
    """
    word = Document()
    for style, text in paragraphs:
        word.add_paragraph(text, style)
    core = word.core_properties
    core.title, core.author, core.comments = title[:255], "", ""  # 255 characters is all that Word allows
    core.created = core.modified = datetime.now(UTC).replace(tzinfo=None)
    core.language = "en-GB"
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _is_heading(paragraph: Paragraph, known: dict[str | None, bool]) -> bool:
    """Tell whether a paragraph has a style of headings; ``known`` keeps what is told, as each look-up takes long."""
    style = paragraph._p.style
    if style not in known:
        known[style] = paragraph.style is not None and (paragraph.style.name or "").startswith("Heading")
    return known[style]


def _rows(table: Table) -> str:
    rows = []
    for row in table.rows:
        cells = list(dict.fromkeys(tidy(cell.text).strip().replace("\n", " ") for cell in row.cells))
        rows.append(" | ".join(cells))
    return "\n".join(rows)
