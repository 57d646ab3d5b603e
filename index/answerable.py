"""Whether a collection answers a question at all: one probability from the best evidence, and one threshold.

Retrieval always finds something. What tells an answer from a resemblance is how near the best sentence comes in
meaning, whether the words that make the question particular occur in one passage, and whether it is the sort of thing
that was asked for. The weights are fitted by ``index.training.answerable`` (the figures are in README.md).
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from index.asking import Asking, has_what_is_asked
from index.gather import Piece
from index.hits import Hit
from index.search import Asked

THRESHOLD = 0.0


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of the evidence for a question; every figure is larger where there is more reason to answer."""

    relevance: float
    cosine: float
    coverage: float
    both: float
    fits: float


WEIGHTS = Features(1.0, 1.0, 1.0, 1.0, 1.0)
BIAS = -2.0


def features(asked: Asked, asking: Asking, hits: Sequence[Hit], pieces: Sequence[Piece]) -> Features:
    """Return what is known of the evidence for a question."""
    if not pieces:
        return Features(0.0, 0.0, 0.0, 0.0, 0.0)
    best = max(pieces, key=lambda piece: piece.odds)
    return Features(
        relevance=max(hit.relevance for hit in hits),
        cosine=max(piece.cosine for piece in pieces),
        coverage=max(piece.coverage for piece in pieces),
        both=best.cosine * best.coverage,
        fits=float(has_what_is_asked(best.text, asking.kind)),
    )


def probability(found: Features) -> float:
    """Return the estimated probability, 0 to 1, that the question is answered."""
    odds = BIAS + sum(weight * value for weight, value in zip(astuple(WEIGHTS), astuple(found), strict=True))
    return 1 / (1 + math.exp(-odds))
