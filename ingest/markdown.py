"""Markdown: the text without its markup, numbers of lists as written, headings as marks.

The only importer of markdown-it.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.plain import tidy
from ingest.reading import Mark, Reading

# A line of dashes below a paragraph ends a page in converted minutes; it does not make a heading.
_PARSER = MarkdownIt("commonmark").enable("table").disable("lheading")
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FIELD = re.compile(r"^(\w+):[ \t]*(.*)$", re.MULTILINE)


def read(text: str) -> Reading:
    """Read Markdown. The title of its front matter becomes the first line of the text."""
    text = tidy(text)
    fields: dict[str, str] = {}
    if match := _FRONT_MATTER.match(text):
        fields = {name.lower(): value.strip().strip("\"'") for name, value in _FIELD.findall(match.group(1))}
        text = text[match.end() :]
    blocks = [fields["title"]] if fields.get("title") else []
    marks: list[Mark] = []
    length = sum(len(block) + 2 for block in blocks)
    for level, block in _blocks(_PARSER.parse(text)):
        if level:
            marks.append(Mark(length, block))
        blocks.append(block)
        length += len(block) + 2
    joined = "\n\n".join(blocks)
    return Reading(
        joined + "\n" if joined else "",
        marks=tuple(marks),
        title=fields.get("title") or None,
        url=fields.get("url") or None,
    )


def _blocks(tokens: list[Token]) -> list[tuple[int, str]]:
    """Return (heading level or 0, text) of each block, list items with their bullet or number."""
    blocks: list[tuple[int, str]] = []
    lead, level, in_cell = "", 0, False
    cells: list[str] = []
    for token in tokens:
        if token.type == "list_item_open":
            lead = f"{token.info}{token.markup} " if token.info else "• "
        elif token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            blocks.append((0, " | ".join(cells)))
        elif token.type in {"td_open", "th_open", "td_close", "th_close"}:
            in_cell = token.type.endswith("open")
        elif token.type == "inline" and in_cell:
            cells.append(_inline(token))
        elif words := _words(token).strip("\n"):
            blocks.append((level, lead + words))
            lead, level = "", 0
    return blocks


def _words(token: Token) -> str:
    if token.type == "inline":
        return _inline(token)
    if token.type in {"code_block", "fence"}:
        return token.content
    if token.type != "html_block":
        return ""
    tags_end = token.content.rfind(">") + 1
    return re.sub(r"<[^>]*>", "", token.content[:tags_end]) + token.content[tags_end:]


def _inline(token: Token) -> str:
    breaks = {"softbreak": "\n", "hardbreak": "\n", "html_inline": ""}
    return "".join(breaks.get(child.type, child.content) for child in token.children or [])
