"""PDF pages by pdfium: their text, and pictures of them for OCR and for people. The only importer of pypdfium2.

pdfium is not safe with threads, and damaged files can end the process: read in a process of its own.
"""

import ctypes
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]

from ingest.page_rows import Letter, lines_of

DPI = 200
MAX_PIXELS = 25_000_000  # an A4 page at 200 dpi has 4 million; larger pages are drawn coarser
MOST_IN_ROWS = 50_000  # characters of a page
usable = True  # set to False in a process that goes on where pdfium has crashed before it

_SOFT_HYPHEN = re.compile("(?<=[^\\W\\d_])[\x02\ufffe](?:\r?\n)?(?=[^\\W\\d_])")
_LINE_END_HYPHENS = (0x02, 0xFFFE)
_DARK = bytes(value < 128 for value in range(256))


class PdfiumError(Exception):
    """pdfium cannot open a file, or read or draw a page of it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page drawn in grey: a PGM file, its resolution, and how many of its pixels are dark."""

    pgm: bytes
    dpi: int
    dark: int


@dataclass(frozen=True, slots=True)
class View:
    """A page drawn for people: pixels row by row, of one byte where no pixel has colour, else of three (RGB)."""

    width: int
    height: int
    coloured: bool
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Character:
    """A character of a page's text layer and its box on the page as seen: 0 to 1 from the left and the top."""

    character: str
    left: float
    top: float
    right: float
    bottom: float


class Pdf:
    """An open PDF; pages are numbered from 1."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    def text(self, number: int) -> str:
        """Return the text of a page; words broken at a line end are broken by "-" and a line break.

        Raises:
            PdfiumError: the page cannot be read.
        """
        with self._page(number) as page:
            textpage = page.get_textpage()
            try:
                text: str = textpage.get_text_range()
            finally:
                textpage.close()
        return _SOFT_HYPHEN.sub("-\n", text).replace("\r\n", "\n").replace("\x02", "").replace("\ufffe", "")

    def rows(self, number: int) -> str:
        """Return the text of a page line by line as it stands on the page, whatever the order of its text layer.

        Empty where the page holds more than ``MOST_IN_ROWS`` characters.

        Raises:
            PdfiumError: the page cannot be read.
        """
        with self._page(number) as page:
            width, height = page.get_size()
        found = self.characters(number, MOST_IN_ROWS + 1)
        if len(found) > MOST_IN_ROWS:
            return ""
        return lines_of(
            [
                Letter(
                    each.character,
                    each.left * width,
                    each.top * height,
                    each.right * width,
                    each.bottom * height,
                )
                for each in found
            ]
        )

    def picture(self, number: int) -> Picture:
        """Draw a page.

        Raises:
            PdfiumError: the page cannot be drawn.
        """
        with self._page(number) as page:
            width, height = page.get_size()
            scale = min(DPI / 72, math.sqrt(MAX_PIXELS / max(1.0, width * height)))
            bitmap = page.render(scale=scale, grayscale=True)
            try:
                stride, pixels = bitmap.stride, bytes(bitmap.buffer)
                rows = (pixels[row * stride : row * stride + bitmap.width] for row in range(bitmap.height))
                grey = pixels if stride == bitmap.width else b"".join(rows)
                head = b"P5 %d %d 255\n" % (bitmap.width, bitmap.height)
            finally:
                bitmap.close()
        return Picture(head + grey, max(1, round(scale * 72)), grey.translate(_DARK).count(1))

    def view(self, number: int, dpi: int, most_pixels: int) -> View:
        """Draw a page in colour, coarser than ``dpi`` where it would have more pixels than that.

        Raises:
            PdfiumError: the page cannot be drawn.
        """
        with self._page(number) as page:
            width, height = page.get_size()
            scale = min(dpi / 72, math.sqrt(most_pixels / max(1.0, width * height)))
            bitmap = page.render(scale=scale, rev_byteorder=True)
            try:
                size, across, stride = (bitmap.width, bitmap.height), 3 * bitmap.width, bitmap.stride
                padded = memoryview(bitmap.buffer).cast("B")
                pixels = b"".join(padded[row * stride : row * stride + across] for row in range(bitmap.height))
            finally:
                bitmap.close()
        red = pixels[0::3]
        if red == pixels[1::3] == pixels[2::3]:
            return View(*size, False, red)
        return View(*size, True, pixels)

    def characters(self, number: int, most: int) -> list[Character]:
        """Return the first ``most`` characters of a page's text layer that have a place on the page.

        Raises:
            PdfiumError: the page cannot be read.
        """
        with self._page(number) as page:
            place = _placing(page)
            textpage = page.get_textpage()
            try:
                box, found = pdfium_c.FS_RECTF(), []
                for index in range(min(most, textpage.count_chars())):
                    code = pdfium_c.FPDFText_GetUnicode(textpage, index)
                    code = ord("-") if code in _LINE_END_HYPHENS else code
                    if 32 < code < 0x110000 and pdfium_c.FPDFText_GetLooseCharBox(textpage, index, box):
                        (x1, y1), (x2, y2) = place(box.left, box.top), place(box.right, box.bottom)
                        edges = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
                        if edges[2] > 0 and edges[3] > 0 and edges[0] < 1 and edges[1] < 1:
                            found.append(Character(chr(code), *(min(1.0, max(0.0, edge)) for edge in edges)))
            finally:
                textpage.close()
        return found

    @contextmanager
    def _page(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        try:
            page = self._document[number - 1]
            try:
                yield page
            finally:
                page.close()
        except (pypdfium2.PdfiumError, ValueError, IndexError, OverflowError) as exc:
            raise PdfiumError(str(exc)) from exc


def _placing(page: pypdfium2.PdfPage) -> Callable[[float, float], tuple[float, float]]:
    """Return what turns a point of a page's own space into one of the page as seen, cropped and turned."""
    fine = 1_000_000

    def seen(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        if not pdfium_c.FPDF_PageToDevice(page, 0, 0, fine, fine, 0, x, y, across, down):
            raise PdfiumError("no place on the page")
        return across.value / fine, down.value / fine

    (left, top), (right, fall), (lean, bottom) = seen(0, 0), seen(100, 0), seen(0, 100)

    def place(x: float, y: float) -> tuple[float, float]:
        x, y = x / 100, y / 100
        return left + x * (right - left) + y * (lean - left), top + x * (fall - top) + y * (bottom - top)

    return place


@contextmanager
def opened(data: bytes) -> Iterator[Pdf]:
    """Open a PDF that needs no password.

    Raises:
        PdfiumError: it cannot be opened.
    """
    if not usable:
        raise PdfiumError("pdfium has crashed on it")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        raise PdfiumError(str(exc)) from exc
    try:
        yield Pdf(document)
    finally:
        document.close()
