"""Recall of the vector index, measured about its own vectors against comparing all, and what it takes.

Passages themselves are found too easily, so what is asked lies as far off as questions do.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from index.dense_file import Form, Rows, Scores, Store, Vectors, compared

RECALL, RECALL_DEPTH = 0.99, 50  # the least share of the nearest passages that is found, and of how many
CANDIDATES = (0, 100, 200, 400, 800, 1_600)  # as few of these as find ``RECALL`` where every list is compared
QUERIES = 100  # vectors that recall is measured with
MARGIN = 2  # with as many lists as the vectors here need, real questions found .976 to .985; with twice as many .994
_SAME = 1e-5  # cosines no further apart are the same: of passages alike, as every council has them, any will do
FILTERED = 2  # and filters that keep one matter, where all is much alike, twice as many candidates


def measured(store: Store, form: Form, search: Callable[[Vectors, int, int], list[tuple[Rows, Scores]]]) -> Form:
    """Return the form with the candidates and lists that a search must compare, never fewer lists than it had.

    Args:
        store: all vectors of the index.
        search: finds rows and scores for each of many queries, given a depth and how many lists to compare.
    """
    depth = min(RECALL_DEPTH, len(store))
    queries = questions(store.take(sample(len(store), QUERIES)))
    limits = all_compared(store, queries, depth)

    def recall(probes: int, candidates: int) -> float:
        found = search(queries, max(depth, candidates), probes)
        cosines = [compared(store, query, rows, depth)[1] for query, (rows, _) in zip(queries, found, strict=True)]
        pairs = zip(cosines, limits, strict=True)
        return float(np.mean([np.count_nonzero(own >= limit - _SAME) for own, limit in pairs])) / max(1, depth)

    candidates = FILTERED * _first(CANDIDATES, lambda number: recall(form.lists, number) >= (1 + RECALL) / 2)
    ladder = sorted({math.ceil(form.lists ** (step / 40)) for step in range(41)})
    least = _first(ladder, lambda probes: recall(probes, candidates) >= RECALL)
    probes = min(form.lists, max(form.probes, MARGIN * least))
    found = recall(probes, candidates)
    return replace(form, measured=len(store), probes=probes, candidates=candidates, recall=round(found, 4))


def _first(ladder: Sequence[int], enough: Callable[[int], bool]) -> int:
    """Return the first step that is enough, or the last."""
    return next((step for step in ladder if enough(step)), ladder[-1])


def all_compared(store: Store, queries: Vectors, depth: int) -> Scores:
    """Return the cosine of the last of the ``depth`` nearest to each query, by comparing all vectors."""
    best = np.empty((len(queries), 0), np.float32)
    for block in store.blocks():
        best = np.concatenate([best, queries @ store.take(block).T], axis=1)
        best = -np.partition(-best, min(depth, best.shape[1]) - 1, axis=1)[:, :depth]
    least: Scores = best.min(axis=1, initial=1.0)
    return least


def sample(number: int, most: int) -> Rows:
    """Return some of so many positions in ascending order, the same ones every time."""
    return np.sort(np.random.default_rng(0).choice(number, min(most, number), replace=False))


def questions(vectors: Vectors) -> Vectors:
    """Return unit vectors at a cosine of about .7 to passages, as questions are: nearer ones are found too easily."""
    noise = np.random.default_rng(0).normal(size=vectors.shape)
    moved = vectors + noise / np.linalg.norm(noise, axis=1, keepdims=True)
    found: Vectors = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return found
