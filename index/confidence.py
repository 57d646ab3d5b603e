"""How sure a hit is: an absolute figure, beside the score that orders the hits of one query.

The score of a hit is relative: the best of a query always comes near 1, even where the query is nonsense. Its
relevance is not: it is the share of passages of like evidence (how near in meaning, and how much of what the query
asks for is named) that were judged to answer, on questions and documents described in README.md.
"""

import math
from collections.abc import Mapping, Sequence

from index.analysis import terms

WEAK = 0.3  # a hit of less relevance than this does not match well
MIN_COSINE = 0.3  # a passage without any of the query's words must be at least this near
MIN_COSINE_UNKNOWN = 0.4  # the same where none of the query's words occurs anywhere: nonsense comes to .39


def floor(has_words: bool, known: bool) -> float:
    """Return how near in meaning a passage must be that holds none of the query's words."""
    return MIN_COSINE_UNKNOWN if has_words and not known else MIN_COSINE


def coverage(texts: Sequence[str], frequencies: Mapping[str, int], passages: int) -> list[float]:
    """Return for each text what share of a query's terms it holds, rare terms counting more.

    Args:
        frequencies: for each term of the query, how many of all ``passages`` hold it.
    """
    weights = {term: math.log((passages + 1) / (count + 0.5)) for term, count in frequencies.items()}
    whole = sum(weights.values())
    held = (set(terms(text)) for text in texts)
    return [sum(weights[term] for term in weights.keys() & found) / whole if whole else 0.0 for found in held]


def relevance(cosine: float, covered: float) -> float:
    """Return the estimated probability, 0 to 1, that a passage answers, from its cosine and its coverage."""
    return 1 / (1 + math.exp(-(8.0 * cosine + 4.0 * covered - 7.0)))
