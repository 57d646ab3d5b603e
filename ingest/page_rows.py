"""The lines of a page by where its letters stand, for pages whose text layer tells them in no order of reading.

Some programs set every word, or a table column by column; what stands on one height is then one line all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

CELL = " | "  # between the cells of a row, as in the tables of web pages
_SAME_LINE, _SPACE, _COLUMN = 0.3, 0.1, 1.2  # shares of a letter's height: down, across, and across to another cell


@dataclass(frozen=True, slots=True)
class Letter:
    """A character and its box, in points from the left and the top of the page as seen."""

    character: str
    left: float
    top: float
    right: float
    bottom: float


def lines_of(letters: Sequence[Letter]) -> str:
    """Return letters as lines from top to bottom, each from left to right, its cells parted by a stroke."""
    if not letters:
        return ""
    tall = max(0.1, median(letter.bottom - letter.top for letter in letters))
    lines: list[list[Letter]] = []
    foot = float("-inf")
    for letter in sorted(letters, key=lambda letter: letter.bottom):
        if letter.bottom - foot > _SAME_LINE * tall:
            lines.append([])
        lines[-1].append(letter)
        foot = letter.bottom
    return "\n".join(_line(line, tall) for line in lines) + "\n"


def _line(letters: Sequence[Letter], tall: float) -> str:
    parts: list[str] = []
    end = float("inf")
    for letter in sorted(letters, key=lambda letter: letter.left):
        gap = letter.left - end
        parts.append(CELL if gap > _COLUMN * tall else " " if gap > _SPACE * tall else "")
        parts.append(letter.character)
        end = letter.right
    return "".join(parts)
