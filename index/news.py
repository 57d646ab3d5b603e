"""What is new on a query: passages that answer it, the last stored first, for people who follow a matter.

Ranking alone would leave a new passage out where many older ones are better, so the documents that were stored last
are ranked by themselves as well.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from corpus import added
from index import generations
from index.build import index_directory
from index.duplicates import collapse
from index.hits import Hit
from index.search import Asked, Searcher

DEEP = 200  # of the best passages, and of the best of the newest documents, so many are looked at
NEWEST = 500  # documents


@dataclass(frozen=True, slots=True)
class News:
    """A passage, and when its document was first stored (ISO 8601, UTC); None where that is not known."""

    hit: Hit
    added: str | None


def new_since(searcher: Searcher, asked: Asked, floor: float, most: int) -> tuple[News, ...]:
    """Return passages of at least some relevance, the last stored first, then by the day of the meeting.

    Those of which it is not known when they were stored come last. Near-duplicates stand behind one hit. The ranks
    are those of this order.

    Args:
        asked: the query, as ``Searcher.understand`` makes it ready.
        floor: the least ``Hit.relevance``.
        most: how many hits at the most.
    """
    groups = collapse(_ranked(searcher, asked), searcher.candidates_of, 2 * DEEP)
    hits = [hit for hit in searcher.shown(asked, groups) if hit.relevance >= floor]
    documents = {hit.document_id for hit in hits}
    known = added.added(searcher.catalogue.connection, documents)
    place = added.places(searcher.catalogue.connection, documents)
    hits.sort(key=lambda hit: (place.get(hit.document_id, 0), hit.meeting_date or "", hit.relevance), reverse=True)
    return tuple(News(replace(hit, rank=rank), known.get(hit.document_id)) for rank, hit in enumerate(hits[:most], 1))


def as_of(searcher: Searcher) -> str:
    """Return when what is searched was last changed (ISO 8601, UTC)."""
    changed = generations.changed(index_directory(searcher.catalogue))
    return datetime.fromtimestamp(changed or 0, UTC).isoformat(timespec="seconds")


def held_by(searcher: Searcher) -> str:
    """Return a time (ISO 8601, UTC) by which every document was stored of which it is not known when it was."""
    return added.earliest(searcher.catalogue.connection) or as_of(searcher)


def _ranked(searcher: Searcher, asked: Asked) -> list[tuple[int, float]]:
    """Return the best passages of all, and then the best of the documents that were stored last."""
    best = dict(searcher.ranked(asked)[:DEEP])
    newest = tuple(added.newest(searcher.catalogue.connection, NEWEST))
    chosen = asked.filters.documents
    documents = tuple(name for name in newest if name in chosen) if chosen else newest
    if documents:
        of_newest = replace(asked, filters=replace(asked.filters, documents=documents))
        for row, score in searcher.ranked(of_newest)[:DEEP]:
            best.setdefault(row, score)
    return list(best.items())
