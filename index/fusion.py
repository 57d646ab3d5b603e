"""Fusion of lexical and dense results: pure functions over ranked lists.

A ranked list is a mapping from passage row to score, higher is better. Fused lists come back best first,
ties broken by the lower row, so that a ranking is the same on every machine.
"""

import statistics
from collections.abc import Mapping

Ranked = Mapping[int, float]


def ranked(scores: Ranked) -> list[tuple[int, float]]:
    """Return (row, score) pairs, best first."""
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))


def reciprocal_rank(lists: list[Ranked], k: int = 60) -> dict[int, float]:
    """Fuse by rank alone (Cormack, Clarke and Büttcher, SIGIR 2009). Kept to compare with."""
    fused: dict[int, float] = {}
    for scores in lists:
        for rank, (row, _) in enumerate(ranked(scores), 1):
            fused[row] = fused.get(row, 0.0) + 1.0 / (k + rank)
    return fused


def min_max(lists: list[Ranked], weights: list[float]) -> dict[int, float]:
    """Fuse by scores brought to [0, 1] within each list; a row missing from a list gets 0 from it."""
    fused: dict[int, float] = {}
    for scores, weight in zip(lists, weights, strict=True):
        low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
        for row, score in scores.items():
            scaled = (score - low) / (high - low) if high > low else 1.0
            fused[row] = fused.get(row, 0.0) + weight * scaled
    return fused


def z_score(lists: list[Ranked], weights: list[float]) -> dict[int, float]:
    """Fuse by how many standard deviations a score lies above its list's mean.

    A row missing from a list gets that list's lowest score, since it can at best have been next.
    """
    rows = {row for scores in lists for row in scores}
    fused = dict.fromkeys(rows, 0.0)
    for scores, weight in zip(lists, weights, strict=True):
        if not scores:
            continue
        mean = statistics.fmean(scores.values())
        deviation = statistics.pstdev(scores.values()) or 1.0
        lowest = min(scores.values())
        for row in rows:
            fused[row] += weight * (scores.get(row, lowest) - mean) / deviation
    return fused
