"""Where the words of a quote stand on a page, whichever program read the quote and whichever read the page.

Both are compared by their letters and digits alone, so that line ends, hyphens, spacing, typography and accents
may differ; and piece by piece, so that a running head between, or columns read in another order, may too.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

ENOUGH = 12  # letters that belong together wherever they stand; a shorter piece must follow close on the one before
CLOSE = 80  # letters
MOST_WORDS = 2_000  # of a quote are looked for
_SAME_LINE = 0.5  # share of the lower height by which two letters of one line overlap
_GAP = 5.0  # heights; what is further apart is of another column

Edges = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in shares of its width and height (0 to 1) from the left and the top."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters and digits of a page, folded, in the order of its text layer.

    ``edges`` holds the left, top, right and bottom edge of each.
    """

    text: str
    edges: Sequence[Edges]


@dataclass(frozen=True, slots=True)
class Marks:
    """The lines of a quote on its page: a box each, how many words the quote has, and how many were found."""

    boxes: tuple[Box, ...]
    words: int
    words_found: int


def fold(text: str) -> str:
    """Return the letters and digits of a text, without case, accents and ligatures."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def find(letters: Letters, quote: str, before: str, aspect: float) -> Marks:
    """Find a quote on a page.

    Args:
        letters: those of the page.
        quote: the quote, or the part of it that the page holds.
        before: the stored text of the page up to the quote; it tells one of several equal places.
        aspect: the page's width divided by its height.
    """
    words = [word for word in map(fold, quote.split()) if word]
    boxes: list[Box] = []
    found = 0
    for start, end, count in _pieces(letters.text, words[:MOST_WORDS], fold(before)):
        boxes += _lines(letters.edges[start:end], aspect)
        found += count
    return Marks(tuple(boxes), len(words), found)


def _pieces(page: str, words: Sequence[str], before: str) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, number of words) of the pieces of a quote, each as long as the page has it in one run."""
    first, last = 0, None
    while first < len(words):
        count, piece = _longest(page, words[first:])
        whole = count == len(words)
        place = _place(page, piece, last, before) if count else -1
        near = last is not None and 0 <= place - last <= CLOSE
        if place < 0 or not (whole or near or len(piece) >= ENOUGH):
            first += 1
            continue
        last = place + len(piece)
        yield place, last, count
        first += count


def _longest(page: str, words: Sequence[str]) -> tuple[int, str]:
    """Return how many of the first words stand in one run on the page, and the run."""
    fits, fails, trial = 0, len(words) + 1, 1
    while fits + 1 < fails:
        if "".join(words[:trial]) in page:
            fits = trial
        else:
            fails = trial
        trial = min(2 * trial, len(words)) if fails > len(words) else (fits + fails) // 2
    return fits, "".join(words[:fits])


def _place(page: str, piece: str, last: int | None, before: str) -> int:
    """Return where a piece stands: after the one before it, else as many places on as the text before it has."""
    if last is not None and (place := page.find(piece, last)) >= 0:
        return place
    place = page.find(piece)
    for _ in range(before.count(piece)):
        further = page.find(piece, place + len(piece))
        if further < 0:
            break
        place = further
    return place


def _lines(edges: Sequence[Edges], aspect: float) -> Iterator[Box]:
    """Yield a box for each line of letters that follow each other, across the page or up and down it."""
    upright = 2 * sum(_goes_down(*pair, aspect) for pair in pairwise(edges)) > len(edges)
    if upright:
        edges, aspect = [(top, left, bottom, right) for left, top, right, bottom in edges], 1 / aspect
    line: Edges | None = None
    for edge in edges:
        if line is not None and _beside(line, edge, aspect):
            line = min(line[0], edge[0]), min(line[1], edge[1]), max(line[2], edge[2]), max(line[3], edge[3])
            continue
        if line is not None:
            yield _box(line, upright)
        line = edge
    if line is not None:
        yield _box(line, upright)


def _goes_down(one: Edges, other: Edges, aspect: float) -> bool:
    """Say whether it is further up or down from one letter to another than across."""
    return abs(other[1] + other[3] - one[1] - one[3]) > abs(other[0] + other[2] - one[0] - one[2]) * aspect


def _beside(line: Edges, edge: Edges, aspect: float) -> bool:
    lower = min(line[3] - line[1], edge[3] - edge[1])
    overlap = min(line[3], edge[3]) - max(line[1], edge[1])
    gap = max(edge[0] - line[2], line[0] - edge[2]) * aspect
    return overlap >= _SAME_LINE * lower and gap <= _GAP * lower


def _box(edges: Edges, upright: bool) -> Box:
    left, top, right, bottom = (round(edge, 5) for edge in edges)
    width, height = round(right - left, 5), round(bottom - top, 5)
    return Box(top, left, height, width) if upright else Box(left, top, width, height)
