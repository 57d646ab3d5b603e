"""PDF files: the text of each page by the first of pypdf, pdfium and OCR that gives a good one.

The only importer of pypdf. What "good" is, is measured (``ingest.garble``); a page remembers its route.
"""

import io
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.errors import DependencyError

from corpus.errors import EmptyDocumentError, ReadError
from corpus.model import Page, Route
from ingest import garble, ocr, pdfium
from ingest.clean import clean_pages
from ingest.plain import tidy
from ingest.reading import MAX_CHARACTERS, Reading, too_much_text

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it mends is not news; what fails is raised

MAX_PAGES = 3_000
OCR_SECONDS = 600.0  # for all pages of one document
SHORT = 200  # letters and digits; a shorter page may be a scan with a stamp on it
_DARK_BESIDE_TEXT, _DARK_A_LETTER = 5_000, 400  # pixels at 200 dpi: more than these are not explained by the text
_AS_MANY = 0.98  # of the letters and digits of another reading
_SURE = 50.0  # per cent; what OCR is less sure of is a picture


@dataclass(slots=True)
class _Page:
    """A page under way: its best text so far (None: it could not be read), and what became of OCR.

    ``fault`` is what was wrong with the text of pypdf; ``ocr`` is "missing", "late", "nothing" or an error.
    """

    text: str | None
    route: Route = "pypdf"
    fault: str | None = None
    ocr: str | None = None
    confidence: float = 0.0

    @property
    def short(self) -> bool:
        return self.text is None or garble.amount(self.text) < SHORT

    @property
    def empty(self) -> bool:
        return not (self.text or "").strip()

    def offer(self, text: str, route: Route) -> None:
        """Take another reading of the page if it is better: clearly better where nothing is wrong but shortness.

        Where words stand apart, one that puts them together and holds as many letters is better.
        """
        if self.text and garble.apart(self.text) and not garble.apart(text) and not garble.poor(text):
            if garble.amount(text) >= _AS_MANY * garble.amount(self.text):
                self.text, self.route = text, route
        elif text.strip():
            least = 0.0
            if not self.empty and self.text is not None:
                worth = garble.worth(self.text)
                least = worth if garble.poor(self.text) else max(worth, 0) * (2 if route == "ocr" else 1) + 20
            if self.empty or garble.worth(text) > least:
                self.text, self.route = text, route


def read(data: bytes) -> Reading:
    """Read a PDF page by page; what was repaired, and what could not be read, is named in the notes.

    Raises:
        ReadError: it is encrypted, cut off, too long or otherwise damaged.
        EmptyDocumentError: no page holds text, and OCR is missing or found none either.
    """
    pages, damage = _by_pypdf(data)
    if damage or any(page.text is None or page.short or page.fault for page in pages):
        pages = _by_others(data, pages, damage)
    if all(page.empty for page in pages):
        raise _nothing(pages)
    texts, lost = garble.mend_slashes([tidy(page.text or "") for page in pages])
    notes = [f"damaged ({damage}): some of it may be missing"] if damage else []
    notes += _notes(pages) + ([lost] if lost else [])
    cleaned, removed = clean_pages(texts)
    if removed:
        notes.append(f"running heads and feet removed: {'; '.join(removed[:6])}")
    text, placed = _join(cleaned, [page.route for page in pages])
    missing = any(page.ocr == "missing" for page in pages)
    return Reading(text, pages=placed, notes=tuple(notes), wants_ocr=missing)


# -- by pypdf ------------------------------------------------------------------------------------------


def _by_pypdf(data: bytes) -> tuple[list[_Page], str | None]:
    """Return the pages as pypdf reads them, or none and what keeps it from opening the file.

    Raises:
        ReadError: the file needs a password, or there is too much of it.
    """
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("is encrypted: remove its password and ingest it again")
        count = len(reader.pages)
        _check_count(count)
        pages = list(reader.pages)
    except (ReadError, MemoryError):
        raise
    except DependencyError:
        return [], "its encryption is unknown to pypdf"
    except Exception as exc:  # pypdf documents that broken files may raise anything
        return [], _reason(exc)
    if not pages:
        raise ReadError("has no pages: download it again")
    read, length = [], 0
    for page in pages:
        text: str | None = None
        with suppress(Exception):
            text = page.extract_text()
        read.append(_Page(text, fault="failed" if text is None else garble.poor(text) or garble.apart(text)))
        length += len(text or "")
        if length > MAX_CHARACTERS:
            raise too_much_text()
    return read, None


def _check_count(count: int) -> None:
    if count > MAX_PAGES:
        raise ReadError(f"has {count:,} pages, more than {MAX_PAGES:,}: split it and ingest the parts")


def _reason(exc: BaseException) -> str:
    return (str(exc).splitlines() or [type(exc).__name__])[0][:80] or type(exc).__name__


# -- by pdfium and OCR ---------------------------------------------------------------------------------


def _by_others(data: bytes, pages: list[_Page], damage: str | None) -> list[_Page]:
    """Read again what pypdf did not read well; return all pages.

    Raises:
        ReadError: neither pypdf nor pdfium can open the file.
    """
    try:
        with pdfium.opened(data) as pdf:
            if not pages:
                _check_count(len(pdf))
                pages = [_Page(None) for _ in range(len(pdf))]
            late = time.monotonic() + OCR_SECONDS
            for number, page in enumerate(pages, 1):
                if page.text is None or page.short or page.fault:
                    _improve(pdf, number, page, late)
    except pdfium.PdfiumError as exc:
        if "password" in str(exc).lower():
            raise ReadError("is encrypted: remove its password and ingest it again") from exc
        for page in pages:
            page.ocr = _reason(exc) if page.empty else None
    if not pages:
        raise ReadError(f"is damaged or cut off ({damage}): download it again")
    return pages


def _improve(pdf: pdfium.Pdf, number: int, page: _Page, late: float) -> None:
    """Read a page by pdfium and, where that is no good either and there is more to see, by OCR."""
    with suppress(pdfium.PdfiumError):
        page.offer(pdf.text(number), "pdfium")
        if garble.apart(page.text or ""):
            page.offer(pdf.rows(number), "pdfium")
    garbled = not page.empty and garble.poor(page.text or "")
    if not garbled and not page.short:
        return
    try:
        picture = pdf.picture(number)
        explained = 0 if page.empty else _DARK_BESIDE_TEXT + _DARK_A_LETTER * garble.amount(page.text or "")
        if not garbled and picture.dark <= explained:
            return
        if not ocr.available():
            page.ocr = "missing"
            return
        if time.monotonic() > late:
            page.ocr = "late"
            return
        seen = ocr.read(picture.pgm, picture.dpi)
    except pdfium.PdfiumError:
        return
    except ocr.OcrError as exc:
        page.ocr = _reason(exc)
        return
    page.ocr, page.confidence = "nothing", seen.confidence
    if seen.confidence >= _SURE and not garble.poor(seen.text):
        page.offer(seen.text, "ocr")


# -- what is said of it --------------------------------------------------------------------------------


def _nothing(pages: Sequence[_Page]) -> ReadError:
    """Return the error for a document without any text."""
    if all(page.text is None and page.ocr is None for page in pages):
        return ReadError("is damaged: none of its pages can be read; download it again")
    if not pdfium.usable:
        return ReadError("is damaged or far larger than it seems (pdfium crashed on it): save it again and ingest that")
    hold = "1 page holds" if len(pages) == 1 else f"{len(pages)} pages hold"
    said = f"has no text layer ({hold} only images or outlines)"
    if any(page.ocr == "missing" for page in pages):
        return EmptyDocumentError(f"{said}: {ocr.ADVICE}")
    failures = _failures(pages)
    found = f"OCR failed ({failures[0]})" if failures else "OCR finds no words in them"
    return EmptyDocumentError(f"{said}, and {found}: check that it is the right file")


def _notes(pages: Sequence[_Page]) -> list[str]:
    """Say how pages were read that were not read as they stand, and which could not be."""

    def named(these: Sequence[int], words: str) -> list[str]:
        return [f"page{'s' if len(these) > 1 else ''} {_ranges(these)}{words}"] if these else []

    numbered = list(enumerate(pages, 1))
    failed = [number for number, page in numbered if page.text is None and page.ocr is None]
    empty = [n for n, page in numbered if page.empty and page.ocr in (None, "nothing") and n not in failed]
    seen = [(number, page.confidence) for number, page in numbered if page.route == "ocr"]
    other = [number for number, page in numbered if page.route == "pdfium"]
    faults = sorted({page.fault or "no text" for page in pages if page.route == "pdfium"})
    garbled = [number for number, page in numbered if page.text and garble.poor(page.text)]
    notes = named(failed, " could not be read")
    notes += [f"no text on {note}: scanned or blank" for note in named(empty, "")]
    if seen:
        sure = sum(confidence for _, confidence in seen) / len(seen)
        notes += named([number for number, _ in seen], f" read by OCR, {sure:.0f} % sure of the words")
    notes += named(other, f" read by pdfium (pypdf: {', '.join(faults)})")
    notes += named(garbled, ": the text layer is garbled")
    missing = [number for number, page in numbered if page.ocr == "missing"]
    notes += named(missing, f" {'have' if len(missing) > 1 else 'has'} no good text layer: {ocr.ADVICE}")
    late = [number for number, page in numbered if page.ocr == "late"]
    notes += named(late, f": not read, OCR took longer than {OCR_SECONDS:.0f} s: split the file and ingest the parts")
    for failure in _failures(pages):
        notes += named([number for number, page in numbered if page.ocr == failure], f": OCR failed ({failure})")
    return notes


def _failures(pages: Sequence[_Page]) -> list[str]:
    return sorted({page.ocr for page in pages if page.ocr and page.ocr not in ("missing", "late", "nothing")})


def _ranges(numbers: Sequence[int]) -> str:
    """Write 1, 2, 3, 5 as "1–3, 5" (two that follow each other stay apart)."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(parts)


def _join(texts: list[str], routes: list[Route]) -> tuple[str, tuple[Page, ...]]:
    """Join page texts with one line break, so that a sentence may run on over the page's end."""
    pages, length = [], 0
    for number, (text, route) in enumerate(zip(texts, routes, strict=True), 1):
        pages.append(Page(number, length, length + len(text), route))
        length += len(text) + 1
    return "\n".join(texts) + "\n", tuple(pages)
