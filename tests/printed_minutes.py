"""Renders a plain text form of minutes to a PDF that looks like a council's printed minutes.

Usage: python tests/printed_minutes.py SOURCE.txt OUT.pdf

The samples under corpus/samples and the tests are made with it, so they show what an extractor
meets in real ones: running heads, page numbers, hyphens at line ends, sentences over two pages.
The same source always gives the same bytes. Blocks are separated by blank lines and set by how
they begin:

    head: text       running head of every page (first block only)
    # text           centred bold line            = text      centred underlined heading
    286. Title       minute number in the margin, title in bold; a second line "(Item 1)" below it
    (1) text         numbered paragraph           (a) text    nested, if the line is indented
    ! text           bold line                    > text      bold line at the right
    | a | b |        rows of a table              ---         page break
    anything else    a paragraph, its lines joined

``\\-`` inside a word marks where it may be hyphenated.
"""

import io
import re
import sys
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab import platypus as rl  # type: ignore[import-untyped]
from reportlab.lib import enums, pagesizes, styles  # type: ignore[import-untyped]

FONT, BOLD, ITALIC, SIZE = "Helvetica", "Helvetica-Bold", "Helvetica-Oblique", 11
MARGIN, STEP = 72, 30
WIDTH, HEIGHT = pagesizes.A4
MINUTE = re.compile(r"(\d+\.)\s+(.*)")
PARAGRAPH = re.compile(r"(\(\d+\))\s+(.*)", re.DOTALL)
NESTED = re.compile(r"[ \t]+(\([a-z]+\))\s+(.*)", re.DOTALL)


def _style(left: float = STEP, bullet: float = 0, **more: Any) -> Any:
    values: dict[str, Any] = {
        "fontName": FONT,
        "fontSize": SIZE,
        "bulletFontName": more.get("fontName", FONT),
        "bulletFontSize": SIZE,
        "leading": SIZE * 1.25,
        "spaceAfter": 9,
        "leftIndent": left,
        "bulletIndent": bullet,
        "embeddedHyphenation": 1,
        **more,
    }
    return styles.ParagraphStyle("minutes", **values)


BODY = _style(alignment=enums.TA_JUSTIFY)
CENTRED = _style(0, fontName=BOLD, alignment=enums.TA_CENTER, keepWithNext=1)
TITLE = _style(fontName=BOLD, spaceBefore=8, keepWithNext=1)
NUMBERED = _style(2 * STEP, STEP, alignment=enums.TA_JUSTIFY)
INDENTED = _style(3 * STEP, 2 * STEP, alignment=enums.TA_JUSTIFY)
STRONG = _style(fontName=BOLD, keepWithNext=1)
TABLE = _style(fontName="Courier", fontSize=9)
RIGHT = _style(fontName=BOLD, alignment=enums.TA_RIGHT)


def _text(text: str) -> str:
    return escape(" ".join(text.split())).replace("\\-", "\u00ad")


def _table(lines: list[str]) -> Any:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    widths = [max(len(cell) for cell in column) + 3 for column in zip(*rows, strict=True)]
    text = ("".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return rl.Preformatted("\n".join(line.rstrip() for line in text), TABLE)


def _block(block: str) -> Any:
    lines = block.split("\n")
    if block.strip() == "---":
        return rl.PageBreak()
    if block.startswith("|"):
        return _table(lines)
    if block.startswith("# "):
        return rl.Paragraph(_text(block[2:]), CENTRED)
    if block.startswith("= "):
        return rl.Paragraph(f"<u>{_text(block[2:])}</u>", CENTRED)
    if block.startswith("! "):
        return rl.Paragraph(_text(block[2:]), STRONG)
    if block.startswith("> "):
        return rl.Paragraph(_text(block[2:]), RIGHT)
    if match := MINUTE.fullmatch(lines[0]):
        items = "".join(f'<br/><font name="{ITALIC}">{_text(line)}</font>' for line in lines[1:])
        return rl.Paragraph(_text(match[2]) + items, TITLE, bulletText=match[1])
    if match := NESTED.fullmatch(block):
        return rl.Paragraph(_text(match[2]), INDENTED, bulletText=match[1])
    if match := PARAGRAPH.fullmatch(block):
        return rl.Paragraph(_text(match[2]), NUMBERED, bulletText=match[1])
    return rl.Paragraph(_text(block), BODY)


def render(source_text: str) -> bytes:
    """The PDF of one set of minutes; the same text always gives the same bytes."""
    blocks = [block for block in re.split(r"\n\s*?\n", source_text.strip("\n")) if block.strip()]
    head = blocks.pop(0)[5:].strip() if blocks and blocks[0].startswith("head:") else ""

    def draw_head(canvas: Any, document: Any) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawString(MARGIN, HEIGHT - 40, head)

    def draw_foot(canvas: Any, document: Any) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawCentredString(WIDTH / 2, 36, str(document.page))

    out = io.BytesIO()
    template = rl.BaseDocTemplate(out, title="Minutes", author="", invariant=1)
    frame = rl.Frame(MARGIN, MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN, 0, 0, 0, 0)
    page = rl.PageTemplate(frames=[frame], onPage=draw_head, onPageEnd=draw_foot, pagesize=(WIDTH, HEIGHT))
    template.addPageTemplates([page])
    template.build([_block(block) for block in blocks])
    return out.getvalue()


def main() -> None:
    source, target = (Path(name) for name in sys.argv[1:3])
    target.write_bytes(render(source.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
