"""Ranking: from lexical and dense scores to one order, hearing what stands beside each passage.

The two scores are brought to one scale and added; then each passage hears its neighbours within the same
agenda item. How much depends on the record: a minute stands for itself, but in a verbatim record a matter runs
over many turns, and a turn is best judged with those around it and with the best of its meeting. What was
measured is in README.md, "Evaluation".
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.model import SEARCH_KINDS
from index.columns import Columns

Scores = NDArray[np.float64]
LEXICAL, DENSE = 0.5, 0.5
AGENDA = 0.85  # what was announced or recommended stands back behind what was said and decided
BOILERPLATE = 0.7  # formal matter stands back behind substance, unless it is asked for
MINUTE_REACH = (1.0,)  # weights of the neighbours at distance 1, 2, …
MINUTE_WEIGHT = 0.1
TURN_REACH = (1.0, 0.7, 0.4)
TURN_WEIGHT = 2.0
MEETING_WEIGHT = 0.8
_AGENDA_BIT = 1 << SEARCH_KINDS.index("agenda")


def combine(
    columns: Columns,
    lexical: Mapping[int, float],
    dense: Mapping[int, float],
    *,
    formal: bool = False,
) -> dict[int, float]:
    """Return the score of every passage row of either list, at most 1.0.

    Args:
        lexical: BM25 scores by row; a row that is missing has none of the words.
        dense: cosines by row.
        formal: the query asks for formal matter (apologies, the next meeting's date), which then counts in full.
    """
    rows = np.array(sorted({*lexical, *dense}), np.int64)
    if not len(rows):
        return {}
    at = columns.positions(rows)
    own = LEXICAL * _scaled(rows, lexical) + DENSE * _scaled(rows, dense)
    scores = np.where(columns.verbatim[at], _among_turns(columns, at, own), _among_minutes(columns, at, own))
    scores[(columns.kinds[at] & _AGENDA_BIT) != 0] *= AGENDA
    if not formal:
        scores[columns.boilerplate[at]] *= BOILERPLATE
    return dict(zip(rows.tolist(), scores.tolist(), strict=True))


def _scaled(rows: NDArray[np.int64], scores: Mapping[int, float]) -> Scores:
    """Return scores as shares of the highest, shape (rows,); missing and negative ones are 0."""
    values = np.array([max(scores.get(row, 0.0), 0.0) for row in rows.tolist()])
    return values / max(float(values.max()), 1e-9)


def _among_minutes(columns: Columns, at: NDArray[np.int64], own: Scores) -> Scores:
    return (own + MINUTE_WEIGHT * _heard(columns, at, own, MINUTE_REACH)) / (1 + MINUTE_WEIGHT)


def _among_turns(columns: Columns, at: NDArray[np.int64], own: Scores) -> Scores:
    heard = own + TURN_WEIGHT * _heard(columns, at, own, TURN_REACH)
    documents = columns.document[at]
    best = np.zeros(len(columns.documents))
    np.maximum.at(best, documents, heard)
    return (heard + MEETING_WEIGHT * best[documents]) / ((1 + TURN_WEIGHT) * (1 + MEETING_WEIGHT))


def _heard(columns: Columns, at: NDArray[np.int64], own: Scores, reach: Sequence[float]) -> Scores:
    """Return the weighted mean of the neighbours' scores within the same item; those not scored count as 0."""
    spread = np.zeros(len(columns))
    spread[at] = own
    total, weights = np.zeros(len(at)), np.zeros(len(at))
    for distance, weight in enumerate(reach, 1):
        for step in (distance, -distance):
            beside = np.clip(at + step, 0, len(columns) - 1)
            together = (
                (beside != at)
                & (columns.document[beside] == columns.document[at])
                & (columns.item[beside] == columns.item[at])
            )
            total += weight * np.where(together, spread[beside], 0.0)
            weights += weight * together
    return total / np.maximum(weights, 1e-9)
