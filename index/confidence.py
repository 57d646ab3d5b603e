"""How sure a hit is: an absolute figure, beside the score that orders the hits of one query.

The score of a hit is relative: the best of a query always comes near 1, even where the query is nonsense. Its
relevance is not: it is the share of passages of like evidence (how near in meaning, and how much of what the query
asks for is named) that were judged to answer, on questions and documents described in README.md.
"""

import math
from collections.abc import Mapping, Sequence

from index.analysis import terms

Groups = Sequence[Sequence[tuple[str, float]]]

WEAK = 0.3  # a hit of less relevance than this does not match well
MIN_COSINE = 0.3  # a passage without any of the query's words must be at least this near
MIN_COSINE_UNKNOWN = 0.4  # the same where none of the query's words occurs anywhere: nonsense comes to .39


def floor(has_words: bool, known: bool) -> float:
    """Return how near in meaning a passage must be that holds none of the query's words."""
    return MIN_COSINE_UNKNOWN if has_words and not known else MIN_COSINE


def coverage(texts: Sequence[str], groups: Groups, frequencies: Mapping[str, int], passages: int) -> list[float]:
    """Return for each text what share of a query's words it holds, rare words counting more.

    A word is held where any of the terms that may stand for it is, a phrase where all of its words are.

    Args:
        groups: the words of the query with what may stand for each, as ``lexical.LexicalQuery`` has them.
        frequencies: how many of all ``passages`` hold each word itself.
    """
    weighed = [
        (
            group[0][1] * math.log((passages + 1) / (frequencies[group[0][0]] + 0.5)),
            [set(one.split()) for one, _ in group],
        )
        for group in groups
    ]
    whole = sum(weight for weight, _ in weighed)
    if not whole:
        return [0.0] * len(texts)
    held = (set(terms(text)) for text in texts)
    return [sum(weight for weight, any_of in weighed if any(run <= said for run in any_of)) / whole for said in held]


def relevance(cosine: float, covered: float) -> float:
    """Return the estimated probability, 0 to 1, that a passage answers, from its cosine and its coverage."""
    return 1 / (1 + math.exp(-(8.0 * cosine + 4.0 * covered - 7.0)))
