"""Sentences and paragraphs of minutes, as offsets.

Minutes break lines at the margin, number their paragraphs, abbreviate titles ("Cllr. D. Jones") and list
names without a full stop. A unit here is a sentence, a list entry or a line of a table: the smallest piece
that is never cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LIST_ENTRY = r"(?:[•▪●○◦‣·*–-]\s|\(?\d{1,3}[.)]\s|\(\d{1,3}\)|\(?[a-z][.)]\s|\(?[ivx]{1,5}[.)]\s)"
_STARTS_ENTRY = re.compile(rf"\s*{_LIST_ENTRY}")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Cllrs?|Clr|Rev|Revd|St|No|Nos|Prof|Hon|Ald|Sgt|Insp|PC|vs|e\.g|i\.e|eg|ie|cf|para"
    r"|paras|pp?|approx|ref|tel|Rd|Ave|Ltd|Co|a\.m|p\.m|am|pm)|\b[A-Z]|^\s*\(?[\divxa-z]{1,3})\.$"
)
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s)")
_LINE = re.compile(r"[^\n]*\n?")
_OPENS = re.compile(r"[\s\"'“‘(\[]*[A-Z0-9£€•]")


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece that is never cut, with its offsets; ``paragraph`` is true where a paragraph begins."""

    start: int
    end: int
    paragraph: bool


def units(text: str, start: int, end: int) -> list[Unit]:
    """Return the units of text[start:end], in order, without the white space around them."""
    found: list[Unit] = []
    for block_start, block_end in _blocks(text, start, end):
        first = True
        for piece_start, piece_end in _sentences(text, block_start, block_end):
            left = piece_start + len(text[piece_start:piece_end]) - len(text[piece_start:piece_end].lstrip())
            right = left + len(text[left:piece_end].rstrip())
            if left < right:
                found.append(Unit(left, right, first))
                first = False
    return found


def lines(text: str) -> list[Unit]:
    """Return the lines of a text that hold anything, without the white space around them, each a paragraph."""
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        left = start + len(line) - len(line.lstrip())
        start += len(line)
        if left < start:
            found.append(Unit(left, start - len(line) + len(line.rstrip()), True))
    return found


def _blocks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield paragraphs and list entries. A line that goes on in lower case goes on over an empty line."""
    block_start, position, gap = start, start, False
    while position < end:
        match = _LINE.match(text, position, end)
        line = match.group() if match else ""
        if not line.strip():
            gap = True
        elif position > block_start:
            begins = _STARTS_ENTRY.match(line) is not None
            if begins or (
                gap and not (line.lstrip()[:1].islower() and not _ends_sentence(text, block_start, position))
            ):
                yield block_start, position
                block_start = position
        if line.strip():
            gap = False
        position += len(line) or 1
    if block_start < end:
        yield block_start, end


def _ends_sentence(text: str, start: int, end: int) -> bool:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end > start and text[end - 1] in ".!?:;"


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece_start = start
    for match in _SENTENCE_END.finditer(text, start, end):
        stop = match.end()
        last_line = text[max(piece_start, match.start() - 12) : match.start() + 1]
        if _ABBREVIATION.search(last_line) or not _OPENS.match(text, stop, end):
            continue
        yield piece_start, stop
        piece_start = stop
    if piece_start < end:
        yield piece_start, end
