"""Reranking: a cross-encoder reads the query and each of the best passages together.

None comes with Minutebook (README.md says what was tried); who can download one names it by MINUTEBOOK_RERANKER.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

DEPTH = 30  # passages that are read again
WEIGHT = 0.5  # of the cross-encoder's judgement against the first order


class Reranker(Protocol):
    """What judges how well each of some texts answers a query: any number each, more is better."""

    def judge(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return one number a text."""
        ...


def rerank(
    reranker: Reranker, query: str, ranked: Sequence[tuple[int, float]], read: Callable[[Sequence[int]], list[str]]
) -> list[tuple[int, float]]:
    """Return the ranking with its first ``DEPTH`` rows put in a new order; the others stay as they are.

    The judgements, brought to the range of the scores, are averaged with them, so a score means what it did.

    Args:
        read: gives the texts of some rows, in their order.
    """
    best, rest = list(ranked[:DEPTH]), list(ranked[DEPTH:])
    if len(best) < 2:
        return [*best, *rest]
    judged = reranker.judge(query, read([row for row, _ in best]))
    low, high = min(judged), max(judged)
    top, bottom = best[0][1], best[-1][1]
    scaled = [bottom + (top - bottom) * (one - low) / ((high - low) or 1.0) for one in judged]
    mixed = [(row, (1 - WEIGHT) * score + WEIGHT * again) for (row, score), again in zip(best, scaled, strict=True)]
    return [*sorted(mixed, key=lambda pair: (-pair[1], pair[0])), *rest]
