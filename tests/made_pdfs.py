"""PDFs for tests that no printer makes: scans, hidden garbage, endless pages, bombs and loops."""

import io
import struct
import zlib
from collections.abc import Sequence

from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from ingest import pdfium

A4 = (595, 842)


def scanned(printed: bytes, stamp: str = "", hidden: Sequence[str] = ()) -> bytes:
    """Return a PDF of pictures of the pages of another, with a stamp in real text, or text that is not seen."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    with pdfium.opened(printed) as pdf:
        for number in range(1, len(pdf) + 1):
            canvas.drawImage(ImageReader(io.BytesIO(pdf.picture(number).pgm)), 0, 0, *A4)
            canvas.drawString(300, 820, stamp)
            text = canvas.beginText(72, 700)
            text.setTextRenderMode(3)
            for line in hidden:
                text.textLine(line)
            canvas.drawText(text)
            canvas.showPage()
    canvas.save()
    return out.getvalue()


def written(objects: Sequence[bytes]) -> bytes:
    """Return a PDF of numbered objects, the first of which is its catalogue."""
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return bytes(out + head + table + tail)


def stream(content: bytes, more: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), more, content)


FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def one_page(content: bytes) -> bytes:
    """Return a PDF of one page with this content, whose font is /F."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>"
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return written([b"<</Type/Catalog/Pages 2 0 R>>", tree, page, FONT, stream(content)])


def word_by_word(lines: Sequence[str]) -> bytes:
    """Return a page as some programs write it: upside down and turned back, each word and each space by itself."""
    content = b"1 0 0 -1 0 842 cm\n"
    for number, line in enumerate(lines):
        content += b"q\n.75 0 0 .75 57 %d cm\n" % (57 + 20 * number)
        across = 0
        for word in " ".join(line.split()).replace(" ", "\n \n").split("\n"):
            content += b"BT /F 16 Tf 1 0 0 -1 0 .87 Tm %d -14.5 Td (%s) Tj ET\n" % (across, word.encode())
            across += 8 * len(word)
        content += b"Q\n"
    return one_page(content)


def column_by_column(rows: Sequence[Sequence[str]], across: int = 120) -> bytes:
    """Return a page with a table that is written one column after another, each cell by itself."""
    content = b""
    for column in range(max(map(len, rows))):
        for number, row in enumerate(rows):
            if column < len(row):
                place = (60 + across * column, 780 - 16 * number, row[column].encode())
                content += b"BT /F 10 Tf 1 0 0 1 %d %d Tm (%s) Tj ET\n" % place
    return one_page(content)


def many_pages(count: int, lines: int = 60) -> bytes:
    """Return a PDF whose pages all show the same lines."""
    text = b" ".join(b"(The Council spoke of ducks, geese and swans at length.) Tj T*" for _ in range(lines))
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 5 + count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents 4 0 R>>"
    pages = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)
    content = stream(b"BT /F 10 Tf 12 TL 50 800 Td %s ET" % text)
    return written([b"<</Type/Catalog/Pages 2 0 R>>", pages, FONT, content, *[page] * count])


def bomb(gigabytes: int = 2) -> bytes:
    """Return a PDF of some megabytes whose one page unpacks to gigabytes of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    count = gigabytes << 6
    check = struct.pack(">HH", (count << 24) % 65521, 1)  # Adler-32 of zeros
    packed = b"\x78\xda" + block * count + zlib.compressobj(9, zlib.DEFLATED, -15).flush() + check
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>"
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return written([b"<</Type/Catalog/Pages 2 0 R>>", tree, page, FONT, stream(packed, b"/Filter/FlateDecode")])


def forms_in_forms(levels: int = 12, times: int = 10) -> bytes:
    """Return a PDF whose page draws a form that draws a form ten times, and so on."""
    first = 5
    forms = []
    for level in range(levels):
        inner = b"/X Do " * times if level < levels - 1 else b"BT /F 9 Tf (Ducks and geese.) Tj ET"
        more = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>/XObject<</X %d 0 R>>>>"
        forms.append(stream(inner, more % (first + level + 2)))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</X 6 0 R>>>>/Contents 5 0 R>>"
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return written([b"<</Type/Catalog/Pages 2 0 R>>", tree, page, FONT, stream(b"/X Do"), *forms, FONT])


def looping_tree() -> bytes:
    """Return a PDF whose page tree holds itself."""
    tree = b"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 9/Parent 2 0 R>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>"
    text = stream(b"BT /F 10 Tf 50 800 Td (The geese were counted.) Tj ET")
    return written([b"<</Type/Catalog/Pages 2 0 R>>", tree, page, FONT, text])
