"""The process that draws one page of a PDF and ends: the file comes in, what is on the page goes out.

It is started by ``ingest.page_picture``, which kills it when it takes too long, and imports pdfium only.
"""

import json
import signal
import struct
import sys
import zlib
from array import array
from contextlib import suppress
from dataclasses import dataclass

from ingest import pdfium
from ingest.page_words import Letters, fold

if sys.platform != "win32":
    import resource

DPI = 110  # A4 is 910 pixels wide
MOST_PIXELS = 3_000_000  # an A4 page has 1.2 million; larger pages are drawn coarser
MOST_CHARACTERS = 100_000
_SHADES = bytes(round(round(value / 255 * 31) * 255 / 31) for value in range(256))  # 32 a colour save a third
_FINE = 65_535  # boxes are kept as whole numbers up to this


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page drawn: a PNG picture, its size in pixels, and the letters of the page's text layer."""

    png: bytes
    width: int
    height: int
    letters: Letters


def serve(page: int, memory: int, seconds: float) -> None:
    """Read a PDF from standard input and write one of its pages to standard output, packed, or what is wrong."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds + 10)  # should the process that bounds our time be gone
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        packed = pack(_drawn(sys.stdin.buffer.read(), page))
    except pdfium.PdfiumError:
        packed = pack_problem("pdfium cannot read it")
    except MemoryError:
        packed = pack_problem("it needs too much memory")
    sys.stdout.buffer.write(packed)


def _drawn(data: bytes, number: int) -> Sheet:
    with pdfium.opened(data) as pdf:
        if not 1 <= number <= len(pdf):
            raise pdfium.PdfiumError("the page is missing")
        view = pdf.view(number, DPI, MOST_PIXELS)
        with suppress(pdfium.PdfiumError):
            return Sheet(_png(view), view.width, view.height, _letters(pdf.characters(number, MOST_CHARACTERS)))
        return Sheet(_png(view), view.width, view.height, Letters("", ()))


def _letters(characters: list[pdfium.Character]) -> Letters:
    """Fold the letters; a full stop or bracket just behind one widens its box."""
    text: list[str] = []
    edges: list[tuple[float, float, float, float]] = []
    for each in characters:
        folded = fold(each.character)
        text.append(folded)
        edges += [(each.left, each.top, each.right, each.bottom)] * len(folded)
        if edges and not folded and not each.character.isspace():
            left, top, right, bottom = edges[-1]
            close = abs(each.left - right) < each.right - each.left
            if close and top < (each.top + each.bottom) / 2 < bottom:
                edges[-1] = left, top, max(right, each.right), bottom
    return Letters("".join(text), edges)


def _png(view: pdfium.View) -> bytes:
    across = view.width * (3 if view.coloured else 1)
    pixels = view.pixels.translate(_SHADES)
    rows = (pixels[row * across : (row + 1) * across] for row in range(view.height))
    head = struct.pack(">IIBBBBB", view.width, view.height, 8, 2 if view.coloured else 0, 0, 0, 0)
    unfiltered = b"".join(b"\0" + row for row in rows)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(unfiltered)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


# -- the form in which a page is handed over and kept ----------------------------------------------------


def pack(sheet: Sheet) -> bytes:
    """Put a page into bytes: a line of JSON, the boxes of its letters, and the picture."""
    head = {"width": sheet.width, "height": sheet.height, "letters": sheet.letters.text}
    boxes = array("H", (round(edge * _FINE) for edges in sheet.letters.edges for edge in edges))
    if sys.byteorder == "big":
        boxes.byteswap()
    return json.dumps(head).encode() + b"\n" + boxes.tobytes() + sheet.png


def pack_problem(problem: str) -> bytes:
    """Put what keeps a page from being drawn into bytes."""
    return json.dumps({"problem": problem}).encode() + b"\n"


def unpack(packed: bytes) -> Sheet | str:
    """Return the page that was packed, or what kept it from being drawn.

    Raises:
        ValueError: these are not the bytes of a page.
    """
    line, _, rest = packed.partition(b"\n")
    head = json.loads(line)
    try:
        if "problem" in head:
            return str(head["problem"])
        width, height, text = int(head["width"]), int(head["height"]), str(head["letters"])
    except (KeyError, TypeError) as exc:
        raise ValueError("not a page") from exc
    boxes, png = array("H"), rest[8 * len(text) :]
    boxes.frombytes(rest[: 8 * len(text)])
    if sys.byteorder == "big":
        boxes.byteswap()
    if len(boxes) != 4 * len(text) or not png.endswith(b"IEND\xaeB`\x82"):
        raise ValueError("a page cut off")
    shares = [edge / _FINE for edge in boxes]
    return Sheet(png, width, height, Letters(text, list(zip(*[iter(shares)] * 4, strict=True))))
