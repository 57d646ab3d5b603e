"""What a reader hands over: the text of one file and what its format says about itself."""

from dataclasses import dataclass

from corpus.errors import ReadError
from corpus.model import Page, Route

MAX_CHARACTERS = 20_000_000


def too_much_text() -> ReadError:
    """Return the error for a document that holds more text than we take."""
    return ReadError(f"holds more than {MAX_CHARACTERS:,} characters: split it and ingest the parts")


@dataclass(frozen=True, slots=True)
class Mark:
    """The start of an agenda item that the format itself shows, as an offset into the text."""

    start: int
    title: str
    number: str | None = None
    anchor: str | None = None
    agenda_number: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's text with pages and marks (offsets into it), and what its metadata says.

    ``date`` is ISO; ``notes`` are for people: what was repaired, removed or found missing. ``wants_ocr``
    says that some pages could be read better were tesseract there.
    """

    text: str
    pages: tuple[Page, ...] = ()
    marks: tuple[Mark, ...] = ()
    title: str | None = None
    url: str | None = None
    date: str | None = None
    notes: tuple[str, ...] = ()
    wants_ocr: bool = False

    @property
    def routes(self) -> tuple[Route, ...]:
        """Return how the text of each page was come by."""
        return tuple(page.route for page in self.pages)
