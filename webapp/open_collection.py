"""What the pages and the API of collections share: a collection opened, its words verified, and kept to its reader."""

from dataclasses import dataclass
from datetime import date

from flask import Response

from corpus import reading_lists
from corpus.collected import Shown, shown
from corpus.reading_lists import Quoted, ReadingList
from webapp.addresses import of_cited
from webapp.citing.collected import noted
from webapp.citing.lists import Noted
from webapp.holdings import holdings


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection, and each of its entries as it can be shown and as it can be cited."""

    kept: ReadingList
    entries: tuple[tuple[Shown, Noted], ...]

    @property
    def verified(self) -> int:
        """Return how many entries have words that were found again."""
        return sum(one.quote is not None for one, _ in self.entries)


def opened(key: str) -> Opened:
    """Return the collection that a key opens, its words as the stored source has them now.

    Raises:
        NotFoundError: no collection has this key.
    """
    kept = reading_lists.read(holdings().data, key)
    catalogue = holdings().catalogue()
    found = shown(catalogue, kept.entries)
    return Opened(kept, tuple(zip(found, noted(catalogue, found, of_cited, date.today()), strict=True)))


def passage(passage_id: str) -> Quoted:
    """Return a passage as it is put into a collection.

    Raises:
        NotFoundError: nothing is stored under this id.
    """
    hit = holdings().searcher().passage(passage_id)
    return Quoted(hit.passage_id, hit.document_id, hit.text, hit.start, hit.end, hit.citation)


def private(response: Response) -> Response:
    """Return a response with the headers that keep it out of caches and search engines."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
