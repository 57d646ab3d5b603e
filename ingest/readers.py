"""The one door to the readers: which of them reads a file goes by what it holds before what it is called.

So an error page saved as ``.pdf`` is read as the web page it is. A reader is imported when it is needed, so that
a process that reads plain text starts quickly.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from corpus.errors import EmptyDocumentError, ReadError
from ingest import plain
from ingest.reading import Reading

SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".pdf", ".docx", ".xml"})
MAX_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file, and the ending of its name."""

    data: bytes
    suffix: str


def load(path: Path) -> Content:
    """Take what a file holds, to read it here or elsewhere.

    Raises:
        ReadError: it cannot be opened, or is too large.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReadError(f"is larger than {MAX_BYTES // 1_000_000} MB: split it and ingest the parts")
        return Content(path.read_bytes(), path.suffix)
    except OSError as exc:
        raise ReadError(f"cannot be opened ({exc.strerror}): check its permissions") from exc


def read(file: Path | Content) -> Reading:
    """Read one file.

    Raises:
        ReadError: the file cannot be read; the message says why and what to do.
        EmptyDocumentError: it was read and holds no text.
    """
    content = load(file) if isinstance(file, Path) else file
    data, suffix = content.data, content.suffix
    if not data.strip():
        raise EmptyDocumentError("is an empty file: download it again")
    kind = _kind_of(data, suffix.lower())
    reading = _by_kind(kind, data)
    if not reading.text.strip():
        raise EmptyDocumentError("holds no text: open it to see what it is, or download it again")
    expected = {".htm": "html"}.get(suffix.lower(), suffix.lower().lstrip("."))
    if kind != expected:
        named = f"is named {suffix or 'without an ending'} but holds {kind}"
        return replace(reading, notes=(*reading.notes, named))
    return reading


def _by_kind(kind: str, data: bytes) -> Reading:
    if kind == "pdf":
        from ingest import pdf

        return pdf.read(data)
    if kind == "docx":
        from ingest import docx

        return docx.read(data)
    text = plain.decode(data)
    if kind == "html":
        from ingest import html

        return html.read(text)
    if kind == "md":
        from ingest import markdown

        return markdown.read(text)
    if kind == "xml":
        from ingest import moderngov_xml

        return moderngov_xml.read(text)
    return plain.read(text)


def _kind_of(data: bytes, suffix: str) -> str:
    """Tell pdf, docx, html, md or txt from the first bytes, and from the name where those do not say."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"%pdf-" in data[:1024].lower():
        return "pdf"
    if head.startswith(b"pk\x03\x04"):
        if b"word/" in data:
            return "docx"
        raise ReadError("is a ZIP archive, not a Word document: unpack it and ingest the folder")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise ReadError("is an old Word document (.doc): save it as .docx or PDF and ingest that")
    if head.startswith(b"%!ps"):
        raise ReadError("is PostScript: convert it to PDF and ingest that")
    if head.startswith((b"<!doctype html", b"<html")) or (suffix in {".html", ".htm"}):
        return "html"
    if suffix == ".xml":
        return "xml"
    if suffix == ".pdf":
        raise ReadError("does not begin like a PDF: download it again")
    if suffix == ".docx":
        raise ReadError("is not a Word document: download it again")
    return "md" if suffix == ".md" else "txt"
