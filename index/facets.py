"""Facets: how many of the passages that hold the query's words there are, by authority, committee and so on.

Counts are exact: of every passage that holds the words, not of the best ones only. A field that is filtered
is counted as if it were not, so that its other values can be seen; all other filters apply.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpus import register
from corpus.filters import Filters
from corpus.model import SEARCH_KINDS
from index.columns import Columns, counts

FIELDS = ("authority", "type", "region", "committee", "year", "kind")
_WITHOUT = {
    "authority": {"authorities": ()},
    "type": {"types": ()},
    "region": {"regions": ()},
    "committee": {"committees": ()},
    "year": {"date_from": None, "date_to": None},
    "kind": {"kinds": ()},
}


def count(columns: Columns, positions: NDArray[np.int64], filters: Filters) -> dict[str, dict[str, int]]:
    """Return for each of ``FIELDS`` its values with their counts, the commonest first (years: the latest first).

    Args:
        positions: those, in the columns, of the passages that hold the query's words, whatever the filters.
        filters: resolved filters.
    """
    return {
        field: _values(columns, positions[_kept(columns, replace(filters, **_WITHOUT[field]))[positions]], field)  # type: ignore[arg-type]
        for field in FIELDS
    }


def _kept(columns: Columns, filters: Filters) -> NDArray[np.bool_]:
    return columns.matching(filters) if filters else np.ones(len(columns), np.bool_)


def _values(columns: Columns, positions: NDArray[np.int64], field: str) -> dict[str, int]:
    if field == "committee":
        return dict(counts(columns.committee[positions], columns.committees))
    if field == "year":
        years, found = np.unique(columns.day[positions] // 10_000, return_counts=True)
        pairs = zip(years.tolist(), found.tolist(), strict=True)
        return {str(year): number for year, number in sorted(pairs, reverse=True) if year}
    if field == "kind":
        bits = columns.kinds[positions]
        numbers = {kind: int(((bits >> place) & 1).sum()) for place, kind in enumerate(SEARCH_KINDS)}
        return {kind: number for kind, number in sorted(numbers.items(), key=lambda pair: -pair[1]) if number}
    authorities = counts(columns.authority[positions], columns.authorities)
    return dict(authorities) if field == "authority" else _summed(authorities, field)


def _summed(authorities: Mapping[str, int], field: str) -> dict[str, int]:
    """Return the counts of authorities added up by their region or type."""
    summed: dict[str, int] = {}
    for name, number in authorities.items():
        value = _of_register(name, field)
        if value:
            summed[value] = summed.get(value, 0) + number
    return dict(sorted(summed.items(), key=lambda pair: (-pair[1], pair[0])))


@lru_cache(maxsize=4096)
def _of_register(name: str, field: str) -> str | None:
    known = register.by_name(name)
    value: str | None = getattr(known, field) if known else None
    return value
