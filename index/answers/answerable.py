"""Whether a collection answers a question at all: one probability from the best evidence, and one threshold.

Retrieval always finds something. What tells an answer from a resemblance is how near the best passage and the best
sentence come, by meaning and by words, how many words the question gives to go by, and whether the sentence holds the
sort of thing that is asked for. The weights are those of a logistic regression (``index.training.answerable``; what
it was fitted on and what it achieves is in README.md, "Answers").
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from index.answers.asking import Asking, has_what_is_asked
from index.answers.gather import Piece
from index.hits import Hit
from index.search import Asked

THRESHOLD = 0.16  # below this there is no answer: one in twenty answerable questions lies there


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of the evidence for a question.

    ``best`` and ``second``: the log odds of the relevance of the two best passages; ``cosine`` and ``coverage``: those
    of the best sentences; ``fits``: 1 where the best sentence holds the sort of thing asked for; ``particular``: 1
    where a figure, a date or a name is asked for; ``several``: 1 where several authorities are; ``words``: the
    logarithm of the number of the question's words.
    """

    best: float
    second: float
    cosine: float
    coverage: float
    fits: float
    particular: float
    several: float
    words: float


NONE = Features(-6.0, -6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
WEIGHTS = Features(0.90, -0.29, 0.84, 0.24, 0.14, -0.34, 0.22, 0.48)
BIAS = -1.60


def features(asked: Asked, asking: Asking, hits: Sequence[Hit], pieces: Sequence[Piece]) -> Features:
    """Return what is known of the evidence for a question; ``pieces`` are those of the hits."""
    if not pieces:
        return NONE
    best = max(pieces, key=lambda piece: 2 * piece.cosine + piece.coverage)
    relevances = sorted((hit.relevance for hit in hits), reverse=True)
    return Features(
        best=_log_odds(relevances[0]),
        second=_log_odds(relevances[1]) if len(relevances) > 1 else NONE.second,
        cosine=max(piece.cosine for piece in pieces),
        coverage=max(piece.coverage for piece in pieces),
        fits=float(has_what_is_asked(best.text, asking.kind)),
        particular=float(asking.kind in ("how much", "when", "who")),
        several=float(asking.several),
        words=math.log(max(len(asked.lexical.groups), 1)),
    )


def probability(found: Features) -> float:
    """Return the estimated probability, 0 to 1, that the question is answered."""
    odds = BIAS + sum(weight * value for weight, value in zip(astuple(WEIGHTS), astuple(found), strict=True))
    return 1 / (1 + math.exp(-odds))


def _log_odds(share: float) -> float:
    return math.log((share + 0.002) / (1.002 - share))
