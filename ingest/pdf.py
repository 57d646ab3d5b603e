"""PDF files by pypdf. The only importer of pypdf."""

import io
import logging

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from corpus.errors import EmptyDocumentError, ReadError
from corpus.model import Page
from ingest.clean import clean_pages
from ingest.plain import tidy
from ingest.reading import Reading

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it mends is not news; what fails is raised


def read(data: bytes) -> Reading:
    """Read a PDF page by page; pages without text are named in the notes.

    Raises:
        ReadError: it is encrypted, cut off or otherwise damaged.
        EmptyDocumentError: no page holds text (a scan, or glyphs drawn as outlines).
    """
    raw, failed = _page_texts(data)
    empty = [number for number, text in enumerate(raw, 1) if not text.strip() and number not in failed]
    if not any(text.strip() for text in raw):
        if failed:
            raise ReadError("is damaged: none of its pages can be read; download it again")
        count = "1 page holds" if len(raw) == 1 else f"{len(raw)} pages hold"
        raise EmptyDocumentError(f"has no text layer ({count} only images or outlines): run OCR on it first")
    notes = [f"page {number} could not be read" for number in failed]
    if empty:
        notes.append(f"no text on page{'s' if len(empty) > 1 else ''} {', '.join(map(str, empty))}: scanned or blank")
    cleaned, removed = clean_pages([tidy(text) for text in raw])
    if removed:
        notes.append(f"running heads and feet removed: {'; '.join(removed[:6])}")
    text, pages = _join(cleaned)
    return Reading(text, pages=pages, notes=tuple(notes))


def _page_texts(data: bytes) -> tuple[list[str], list[int]]:
    """Return the text of each page, and the numbers of the pages that could not be read."""
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("is encrypted: remove its password and ingest it again")
        pages = list(reader.pages)
    except ReadError:
        raise
    except (PyPdfError, Exception) as exc:  # pypdf documents that broken files may raise anything
        raise ReadError(f"is damaged or cut off ({_reason(exc)}): download it again") from exc
    if not pages:
        raise ReadError("has no pages: download it again")
    texts, failed = [], []
    for number, page in enumerate(pages, 1):
        try:
            texts.append(page.extract_text())
        except Exception:
            texts.append("")
            failed.append(number)
    return texts, failed


def _reason(exc: BaseException) -> str:
    return (str(exc).splitlines() or [type(exc).__name__])[0][:80] or type(exc).__name__


def _join(texts: list[str]) -> tuple[str, tuple[Page, ...]]:
    """Join page texts with one line break, so that a sentence may run on over the page's end."""
    pages, length = [], 0
    for number, text in enumerate(texts, 1):
        pages.append(Page(number, length, length + len(text)))
        length += len(text) + 1
    return "\n".join(texts) + "\n", tuple(pages)
