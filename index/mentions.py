"""Mentions: how many passages of each authority hold a query's words, by year, beside how many there are.

A number of mentions says little by itself: of an authority of which more was ingested there is more of everything.
The number of passages searched stands beside it, so that a share can be shown.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.filters import Filters
from index.columns import Columns
from index.search import Searcher
from index.understanding.query import Understood


@dataclass(frozen=True, slots=True)
class Counted:
    """The passages of one year (of the meeting): those that hold the words, and all that were searched."""

    year: int | None
    passages: int
    searched: int


@dataclass(frozen=True, slots=True)
class AuthorityMentions:
    """The mentions of one authority; ``authority`` is None for passages of which it is not known.

    ``years`` are those of which anything was searched, the earliest first; ``undated`` counts the passages of
    meetings whose day is not known, and is not among them.
    """

    authority: str | None
    passages: int
    searched: int
    years: tuple[Counted, ...]
    undated: Counted


@dataclass(frozen=True, slots=True)
class Mentions:
    """The mentions of a query: those of every authority that was searched, most mentions first."""

    query: str
    understood: Understood
    filters: Filters
    passages: int
    searched: int
    authorities: tuple[AuthorityMentions, ...]


def mentions(searcher: Searcher, query: str, filters: Filters | None = None) -> Mentions:
    """Count the passages that hold a query's words, as ``SearchResult.total`` does, by authority and year.

    Raises:
        QueryError: the query is empty or too long, or a filter names something that the collection does not hold.
    """
    asked = searcher.understand(query, filters or Filters())
    columns = searcher.columns
    matching = searcher.matching(asked)
    searched = np.flatnonzero(columns.matching(asked.filters))
    years = np.unique(columns.day[searched] // 10_000)
    found, whole = (_table(columns, positions, years) for positions in (matching, searched))
    counted = [
        _authority(columns, place, years.tolist(), found[place].tolist(), whole[place].tolist())
        for place in np.flatnonzero(whole.sum(axis=1)).tolist()
    ]
    counted.sort(key=lambda one: (-one.passages, one.authority is None, one.authority or ""))
    return Mentions(
        query=asked.understood.typed,
        understood=asked.understood,
        filters=asked.filters,
        passages=len(matching),
        searched=len(searched),
        authorities=tuple(counted),
    )


def _table(columns: Columns, positions: NDArray[np.int64], years: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return how many passages there are, shape (authorities + 1, years); the last row is of no known authority."""
    rows = len(columns.authorities) + 1
    authority = columns.authority[positions].astype(np.int64) % rows
    year = np.searchsorted(years, columns.day[positions] // 10_000)
    return np.bincount(authority * len(years) + year, minlength=rows * len(years)).reshape(rows, len(years))


def _authority(
    columns: Columns, place: int, years: list[int], found: list[int], searched: list[int]
) -> AuthorityMentions:
    each = [Counted(year or None, *numbers) for year, *numbers in zip(years, found, searched, strict=True)]
    return AuthorityMentions(
        authority=columns.authorities[place] if place < len(columns.authorities) else None,
        passages=sum(found),
        searched=sum(searched),
        years=tuple(one for one in each if one.year and one.searched),
        undated=next((one for one in each if one.year is None), Counted(None, 0, 0)),
    )
