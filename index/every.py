"""Every hit of a search, one after the other, for an export that leaves nothing out.

Search shows the best and puts near-duplicates behind one another; an export is a record of what was there, so each
passage is a hit of its own in it.
"""

from collections.abc import Collection, Iterator

import numpy as np

from corpus.filters import Filters
from index.dated import by_date
from index.duplicates import Group
from index.hits import Hit
from index.search import MAX_DEPTH, Asked, Searcher

BATCH = 200  # hits that are in memory at once


def every_hit(
    searcher: Searcher, query: str, filters: Filters | None = None, concepts: Collection[str] | None = None
) -> Iterator[Hit]:
    """Yield each passage that ``SearchResult.total`` counts, none twice and none behind another.

    First come those that search ranks, best first, then the others with a score of 0, the latest meeting first and
    unknown days last. Where no passage holds the query's words, the best ``MAX_DEPTH`` that search ranks are given.
    A passage that an ingest replaces meanwhile is left out.

    Raises:
        QueryError: the query is empty or too long, or a filter names something that the collection does not hold;
            at once, before the first hit is asked for.
    """
    asked = searcher.understand(query, filters or Filters(), concepts)
    return _every(searcher, asked, _ordered(searcher, asked))


def _ordered(searcher: Searcher, asked: Asked) -> list[tuple[int, float]]:
    ranked = searcher.ranked(asked)
    columns = searcher.columns
    matching = columns.row[searcher.matching(asked)]
    if not len(matching):
        return ranked[:MAX_DEPTH]
    wanted = set(matching.tolist())
    first = [(row, score) for row, score in ranked if row in wanted]
    rest = np.setdiff1d(matching, np.array([row for row, _ in first], np.int64), assume_unique=True)
    return first + by_date(columns, rest, [])


def _every(searcher: Searcher, asked: Asked, ordered: list[tuple[int, float]]) -> Iterator[Hit]:
    given = 0
    for start in range(0, len(ordered), BATCH):
        part = ordered[start : start + BATCH]
        held = np.isin([row for row, _ in part], searcher.columns.row).tolist()
        groups = [Group(row, score, ()) for (row, score), there in zip(part, held, strict=True) if there]
        shown = searcher.shown(asked, groups, given)
        given += len(shown)
        yield from shown
