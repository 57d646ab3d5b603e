"""Web pages, saved from a committee system or elsewhere. The only importer of selectolax.

A page becomes text: a paragraph to a line with an empty line between, list entries with a bullet, a table
row to a line. On a ModernGov meeting page every row of the items table becomes a mark with its number and
anchor; its "Decision:" and "Minutes:" headings stay in the text as the lines that ``structure`` reads.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.plain import tidy
from ingest.reading import Mark, Reading
from ingest.shallow import NOTE, shallow

_SKIPPED = {"script", "style", "noscript", "template", "nav", "head", "button", "form", "iframe", "svg", "img"}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main",
    "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
}  # fmt: skip
_LINE_BREAK = "\x00"
LONGEST_CELL = 400
_SPACE = re.compile(r"[ \t\n\r\f\u00a0]+")
_CONTENT = ("#modgov", "[role=main]", "main", "article", "#content", ".mgContent", "body")
_NOISE = "script, style, noscript, template, nav, .mgHide, .mgFileSize, .mgActionList, .mgLinks, #breadcrumb-holder"


class _Writer:
    """Collects the text of a page block by block and knows the offset at which the next one begins."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.length = 0
        self.line: list[str] = []
        self.lead = ""

    def word(self, text: str) -> None:
        self.line.append(text)

    def end_block(self) -> None:
        words = "\n".join(_SPACE.sub(" ", part).strip() for part in "".join(self.line).split(_LINE_BREAK)).strip()
        self.line = []
        if words:
            block = self.lead + words
            self.lead = ""
            self.blocks.append(block)
            self.length += len(block) + 2

    def text(self) -> str:
        self.end_block()
        return "\n\n".join(self.blocks) + "\n" if self.blocks else ""


def read(text: str) -> Reading:
    """Read a web page."""
    text, was_deep = shallow(tidy(text))
    tree = LexborHTMLParser(text)
    title = _title(tree)
    url = _attribute(tree, "link[rel=canonical]", "href") or _attribute(tree, "meta[property='og:url']", "content")
    date = _attribute(tree, "meta[name='DC.date']", "content")
    for node in tree.css(_NOISE):
        node.decompose()
    root = next((found for css in _CONTENT if (found := tree.css_first(css))), tree.root)
    writer = _Writer()
    marks: list[Mark] = []
    if root is not None:
        _walk(root, writer, marks)
    return Reading(
        writer.text(),
        marks=tuple(marks),
        title=title,
        url=url if url and url.startswith(("http://", "https://")) else None,
        date=date if date and re.fullmatch(r"\d{4}-\d{2}-\d{2}", date) else None,
        notes=(NOTE,) if was_deep else (),
    )


def tags_and_words(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield each start tag as ("<", name, href), each stretch of words as ("", words, None) and ("</", name, None)."""
    root = LexborHTMLParser(shallow(text)[0]).root
    stack: list[tuple[LexborNode, bool]] = [(root, False)] if root else []
    while stack:
        node, leaving = stack.pop()
        tag = node.tag or ""
        if leaving:
            yield "</", tag, None
        elif tag == "-text":
            yield "", node.text_content or "", None
        elif not tag.startswith(("-", "_", "!")):
            yield "<", tag, node.attributes.get("href") if tag == "a" else None
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(list(node.iter(include_text=True))))


def _title(tree: LexborHTMLParser) -> str | None:
    described = _attribute(tree, "meta[name='DC.title']", "content")
    node = tree.css_first("title")
    title = described or (node.text() if node else "")
    return _SPACE.sub(" ", title).strip() or None


def _attribute(tree: LexborHTMLParser, css: str, name: str) -> str | None:
    node = tree.css_first(css)
    return (node.attributes.get(name) or None) if node else None


def _walk(root: LexborNode, writer: _Writer, marks: list[Mark]) -> None:
    """Write the text below a node, with a stack of our own: pages may nest deeper than Python recurses."""
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag or ""
        if leaving:
            writer.end_block()
        elif tag == "-text":
            writer.word(node.text_content or "")
        elif tag == "br":
            writer.word(_LINE_BREAK)
        elif tag == "tr" and _is_data_row(node):
            writer.end_block()
            writer.word(" | ".join(_words(cell) for cell in _cells(node)))
            writer.end_block()
        elif tag not in _SKIPPED:
            if tag in _BLOCKS:
                writer.end_block()
                stack.append((node, True))
            if tag == "li":
                writer.lead = "• "
            if tag == "tr":
                _begin_item(node, writer, marks)
            stack.extend((child, False) for child in reversed(list(node.iter(include_text=True))))


def _begin_item(row: LexborNode, writer: _Writer, marks: list[Mark]) -> None:
    """Where a row of a ModernGov items table begins, write its heading as one line and mark it."""
    number_cell = row.css_first("td.mgItemNumberCell")
    heading = next((node for node in row.css("p.mgAiTitleTxt") if not _within(node, number_cell)), None)
    if number_cell is None or heading is None:
        return
    number, title = _words(number_cell), _words(heading)
    anchor = number_cell.css_first("a[name]")
    writer.end_block()
    marks.append(
        Mark(writer.length, title, number.rstrip(".") or None, anchor.attributes.get("name") if anchor else None)
    )
    writer.word(f"{number} {title}")
    writer.end_block()
    heading.decompose()
    number_cell.decompose()


def _within(node: LexborNode, cell: LexborNode | None) -> bool:
    return cell is not None and node.parent is not None and node.parent.mem_id == cell.mem_id


def _cells(row: LexborNode) -> list[LexborNode]:
    return [child for child in row.iter() if child.tag in {"td", "th"}]


def _is_data_row(row: LexborNode) -> bool:
    """Tell a row of data from a row that only lays the page out."""
    cells = _cells(row)
    return (
        len(cells) > 1
        and row.css_first("table, .mgAiTitleTxt, ul, ol") is None
        and all(len(cell.text()) <= LONGEST_CELL for cell in cells)
    )


def _words(node: LexborNode) -> str:
    return _SPACE.sub(" ", node.text(separator=" ")).strip()
