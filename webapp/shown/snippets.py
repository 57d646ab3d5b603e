"""A passage cut to what a query is about, so that ten fit on a page: whole sentences, one after the other, verbatim."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from ingest.sentences import units
from webapp.shown.formatters import marked

WHOLE = 600  # characters of a passage that is shown whole
ROOM = 420  # characters of what is shown of a longer one; a longer sentence is shown whole all the same
LEAST = 120  # characters that it is worth to leave out

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of a passage: its words, what is highlighted in them, and whether words before or after are left out.

    ``text`` is a substring of the passage that begins at ``start``; ``highlights`` are offsets into ``text``.
    """

    text: str
    start: int
    highlights: tuple[Span, ...]
    cut_before: bool
    cut_after: bool

    @property
    def cut(self) -> bool:
        """Return whether the passage is longer than what is shown of it."""
        return self.cut_before or self.cut_after


def snippet(text: str, highlights: Sequence[Span]) -> Snippet:
    """Return the sentences of a passage that hold most of what is highlighted, or all of a short passage.

    Args:
        highlights: half-open offsets into the text, ascending.
    """
    start, end = _stretch(text, highlights)
    inside = tuple((a - start, b - start) for a, b in highlights if start <= a and b <= end)
    return Snippet(text[start:end], start, inside, bool(text[:start].strip()), bool(text[end:].strip()))


def in_paragraphs(text: str, highlights: Sequence[Span]) -> Markup:
    """Return a text escaped and marked, a ``<p>`` for each paragraph and list entry; its words are all there.

    Lines that end at the margin of a printed page are not ends of paragraphs.
    """
    starts = [unit.start for unit in units(text, 0, len(text)) if unit.paragraph]
    parts = []
    for start, end in pairwise([0, *starts[1:], len(text)]):
        inside = [(a - start, b - start) for a, b in highlights if start <= a and b <= end]
        parts.append(Markup("<p>{}</p>").format(marked(text[start:end].strip(), _moved(text, start, inside))))
    return Markup("\n").join(parts)


def _moved(text: str, start: int, spans: Sequence[Span]) -> list[Span]:
    """Return offsets into a stretch as offsets into it without the white space it begins with."""
    rest = text[start:]
    blank = len(rest) - len(rest.lstrip())
    return [(a - blank, b - blank) for a, b in spans]


def _stretch(text: str, highlights: Sequence[Span]) -> Span:
    whole = (0, len(text))
    if len(text) <= WHOLE:
        return whole
    sentences = [(unit.start, unit.end) for unit in units(text, 0, len(text))]
    if not sentences:
        return whole
    best = max(
        (_from(sentences, first) for first in range(len(sentences))), key=lambda one: _said(text, highlights, one)
    )
    return best if len(text) - (best[1] - best[0]) >= LEAST else whole


def _from(sentences: Sequence[Span], first: int) -> Span:
    """Return the stretch from a sentence on that there is room for, at least that sentence."""
    start, end = sentences[first]
    for _, after in sentences[first + 1 :]:
        if after - start > ROOM:
            break
        end = after
    return start, end


def _said(text: str, highlights: Sequence[Span], stretch: Span) -> tuple[int, int, int]:
    """Return how many of the highlighted words a stretch holds, each once, then in all; the first of equals is best."""
    start, end = stretch
    words = [text[a:b].casefold() for a, b in highlights if start <= a and b <= end]
    return len(set(words)), len(words), -start
