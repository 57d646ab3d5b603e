"""PDF pages by pdfium: their text, and a picture of them for OCR. The only importer of pypdfium2.

pdfium is not safe with threads, and damaged files can end the process: read in a process of its own.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2  # type: ignore[import-untyped]

DPI = 200
MAX_PIXELS = 25_000_000  # an A4 page at 200 dpi has 4 million; larger pages are drawn coarser
usable = True  # set to False in a process that goes on where pdfium has crashed before it

_SOFT_HYPHEN = re.compile("(?<=[^\\W\\d_])[\x02\ufffe](?:\r?\n)?(?=[^\\W\\d_])")
_DARK = bytes(value < 128 for value in range(256))


class PdfiumError(Exception):
    """pdfium cannot open a file, or read or draw a page of it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page drawn in grey: a PGM file, its resolution, and how many of its pixels are dark."""

    pgm: bytes
    dpi: int
    dark: int


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
