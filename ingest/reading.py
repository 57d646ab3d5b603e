"""What a reader hands over: the text of one file and what its format says about itself."""

from dataclasses import dataclass

from corpus.model import Page


@dataclass(frozen=True, slots=True)
class Mark:
    """The start of an agenda item that the format itself shows, as an offset into the text."""

    start: int
    title: str
    number: str | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's text with pages and marks (offsets into it), and what its metadata says.

    ``date`` is ISO; ``notes`` are for people: what was repaired, removed or found missing.
    """

    text: str
    pages: tuple[Page, ...] = ()
    marks: tuple[Mark, ...] = ()
    title: str | None = None
    url: str | None = None
    date: str | None = None
    notes: tuple[str, ...] = ()
