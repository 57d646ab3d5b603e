"""Cleaning of page texts: running heads and feet, page numbers, words broken at line ends.

What is left is the stored text; offsets are taken after cleaning, so a quote is always a part of it.
"""

import re
from collections import Counter

EDGE_LINES = 6
LONGEST_PAGE_NUMBER = 40
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–]?\s*\d{1,4}\s*[-–]?(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE)
_BROKEN_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]++)-\n([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def clean_pages(texts: list[str]) -> tuple[list[str], list[str]]:
    """Return the cleaned pages, and the running lines that were taken away (each once)."""
    pages = [_lines(text) for text in texts]
    running = _running_lines(pages)
    removed: Counter[str] = Counter()
    kept = []
    for lines in pages:
        page, gone = _without_edges(lines, running)
        kept.append(page)
        removed.update(gone)
    if not any(kept):  # pages that are all alike hold no running lines but the text itself
        kept, removed = pages, Counter()
    return _mend_breaks(["\n".join(lines) for lines in kept]), list(removed)


def _lines(text: str) -> list[str]:
    """Return the lines of a page, trimmed, with at most one empty line in a row and none at the ends."""
    lines: list[str] = []
    for line in text.split("\n"):
        trimmed = line.strip()
        if trimmed or (lines and lines[-1]):
            lines.append(trimmed)
    return lines[:-1] if lines and not lines[-1] else lines


def _shape(line: str) -> str:
    """Return a line with its numbers and spacing made equal, so that "Page 3" is like "Page 4"."""
    return re.sub(r"\d+", "0", " ".join(line.casefold().split()))


def _edges(lines: list[str]) -> list[int]:
    """Return the positions of the first and last written lines of a page."""
    written = [position for position, line in enumerate(lines) if line]
    return sorted({*written[:EDGE_LINES], *written[-EDGE_LINES:]})


def _running_lines(pages: list[list[str]]) -> set[str]:
    """Return the shapes of lines that stand at the edge of most pages (at least three, or both of two).

    A line that differs from page to page by its numbers must have words enough to be more than "(Item 3)".
    """
    counts: Counter[str] = Counter()
    for lines in pages:
        counts.update({_shape(lines[position]) for position in _edges(lines) if _may_run(lines[position])})
    written = sum(bool(lines) for lines in pages)
    needed = max(2 if written == 2 else 3, (written + 1) // 2)
    return {shape for shape, count in counts.items() if count >= needed}


def _may_run(line: str) -> bool:
    letters = sum(character.isalpha() for character in line)
    return letters >= (10 if any(character.isdigit() for character in line) else 4)


def _without_edges(lines: list[str], running: set[str]) -> tuple[list[str], list[str]]:
    """Take page numbers and running lines away from the top and foot of one page."""
    gone = {position for position in _edges(lines) if _shape(lines[position]) in running}
    for from_edge in (range(len(lines)), range(len(lines) - 1, -1, -1)):
        for position in from_edge:
            if position in gone or not lines[position]:
                continue
            if _is_page_number(lines[position]):
                gone.add(position)
            break
    left = [line for position, line in enumerate(lines) if position not in gone]
    while left and not left[0]:
        left.pop(0)
    while left and not left[-1]:
        left.pop()
    return left, [lines[position] for position in sorted(gone) if not _is_page_number(lines[position])]


def _is_page_number(line: str) -> bool:
    return len(line) <= LONGEST_PAGE_NUMBER and _PAGE_NUMBER.fullmatch(line) is not None


def _mend_breaks(pages: list[str]) -> list[str]:
    """Join words broken at a line end, telling "accommo-dation" from "cost-effective" by the document.

    The form that the document itself uses elsewhere wins; where it uses neither, a break between two
    parts that both stand alone elsewhere, or before a capital, keeps its hyphen.
    """
    words = Counter(word.casefold() for page in pages for word in _WORD.findall(_BROKEN_WORD.sub(" ", page)))

    def mend(match: re.Match[str]) -> str:
        first, second = match.groups()
        joined, hyphened = f"{first}{second}".casefold(), f"{first}-{second}".casefold()
        if second[0].isupper():
            return f"{first}-{second}"
        if words[joined] or words[hyphened]:
            return f"{first}{second}" if words[joined] >= words[hyphened] else f"{first}-{second}"
        both_stand_alone = words[first.casefold()] and words[second.casefold()]
        return f"{first}-{second}" if both_stand_alone else f"{first}{second}"

    return [_BROKEN_WORD.sub(mend, page) for page in pages]
