"""The order of dates: the passages that a query is about by the day of their meeting, the latest first.

Relevance orders by degrees, dates do not: a list by date must first say what belongs in it. Those are the passages
that hold the query's words, the ones that are counted; where none does, those near enough in meaning to be relevant.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index import confidence
from index.columns import Columns

RELEVANT = 200  # of the ranked passages, where none holds the words, so many are looked at


def by_date(columns: Columns, rows: NDArray[np.int64], ranked: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return rows that are held with their scores, the latest meeting first; unknown days come last.

    Within one day the better ranked comes first; what is not ranked scores 0.
    """
    scores = dict(ranked)
    own = np.array([scores.get(row, 0.0) for row in rows.tolist()])
    order = np.lexsort((rows, -own, -columns.day[columns.positions(rows)]))
    return list(zip(rows[order].tolist(), own[order].tolist(), strict=True))


def relevant(ranked: Sequence[tuple[int, float]], relevance: Mapping[int, float]) -> list[int]:
    """Return those rows of which the relevance is not weak, best ranked first; all of them where that is none.

    Args:
        ranked: the best ``RELEVANT`` of a query.
        relevance: the relevance of those that are still stored.
    """
    stored = [row for row, _ in ranked if row in relevance]
    return [row for row in stored if relevance[row] >= confidence.WEAK] or stored
