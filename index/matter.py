"""A matter: what a text is about, as a vector and as the terms that tell it from others; and what is near to it.

Names of the place and of people, dates and figures are left out of the terms; they tell where a matter arose, not
what it is. How near a passage is, is judged by both: the cosine, and its BM25 score for the terms against that of a
passage that says the same.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.filters import Filters
from corpus.model import SEARCH_KINDS
from index import fusion
from index.analysis import term
from index.columns import Columns
from index.search import Searcher

TERMS = 20
TITLE = 2.0  # how much more a word of the item's title counts
MIN_TERM = 3  # letters
DENSE, LEXICAL = 0.6, 0.4
FLOOR = 0.53  # below this nothing is the same matter
MIN_COSINE = 0.45
LOOSE_FLOOR, LOOSE_COSINE = 0.3, 0.2
DEPTHS = (1_000, 10_000, 100_000)  # of the candidates: more are looked at while one authority fills them
PREFERRED = (("agenda", -0.02), ("minutes", 0.02), ("decision", 0.03))  # the last that fits; a report as it is

_WORD = re.compile(r"[^\W_]+")
_PERSON = re.compile(
    r"\b(?:Cllrs?|Councillors?|Mrs?|Ms|Miss|Dr|Sir|Lord|Lady)\b\.?(?:\s+(?:[A-Z]\b\.?|[A-Z][\w'’-]+))+"
)
_FORMAL = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december meeting minutes item report cllr councillor clerk chairman agreed resolved
    proposed seconded members member noted motion notice question submitted received reply aocb""".split()
)


@dataclass(frozen=True, slots=True)
class Matter:
    """What is sought: a unit vector, and the weight (up to 1) and spelling of each telling term, the best first.

    ``most`` is the BM25 score of a passage that says the same; 0 where there are no terms.
    """

    vector: NDArray[np.float32]
    words: Mapping[str, tuple[str, float]]
    most: float

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the telling terms as they are spelt."""
        return tuple(word for word, _ in self.words.values())


def telling_terms(
    searcher: Searcher, texts: Sequence[str], title: str = "", names: str = "", *, held: bool = True
) -> dict[str, tuple[str, float]]:
    """Return the terms that tell what some texts are about, the best first: the word, and a weight up to 1.

    Args:
        names: of the place, whose words are left out.
        held: the texts are passages of the collection, and what occurs in no other is left out.
    """
    left_out = {found for word in _WORD.findall(names) if (found := term(word))}
    spelt: dict[str, str] = {}
    counts: Counter[str] = Counter()
    own: Counter[str] = Counter()
    of_title = _terms_of(title, spelt)
    for text in texts:
        said = _terms_of(text, spelt)
        counts.update(said)
        own.update(set(said) if held else ())
    weights = {}
    for one, count in counts.items():
        elsewhere = 0 if one in left_out else searcher.document_frequency(one) - own[one]
        if elsewhere > 0:
            weights[one] = (
                (1 + math.log(count))
                * math.log(len(searcher.columns) / elsewhere)
                * (TITLE if one in of_title else 1.0)
            )
    best = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:TERMS]
    most = best[0][1] if best else 1.0
    return {one: (spelt[one], weight / most) for one, weight in best if weight > 0}


def _terms_of(text: str, spelt: dict[str, str]) -> list[str]:
    """Return the terms of a text but for names of people, dates and figures; ``spelt`` is given a word for each."""
    found = []
    for word in _WORD.findall(_PERSON.sub(" ", text.replace("&nbsp;", " "))):
        if len(word) >= MIN_TERM and word.isalpha() and word.lower() not in _FORMAL and (one := term(word)):
            spelt.setdefault(one, word)
            found.append(one)
    return found


def of_passages(
    searcher: Searcher, rows: Sequence[int], words: Mapping[str, tuple[str, float]], document_id: str
) -> Matter:
    """Return the matter of passages of one document, which are held."""
    own = searcher.lexical(_weights(words), max(DEPTHS), Filters(documents=(document_id,)))
    most = max((own[row] for row in rows if row in own), default=0.0)
    return Matter(_mean(searcher.vectors(rows)), words, most)


def of_text(searcher: Searcher, text: str) -> Matter:
    """Return the matter of a text that need not be held.

    A passage that says the same scores what one of mean length does that holds each term once.
    """
    words = telling_terms(searcher, [text], held=False)
    passages = len(searcher.columns)
    most = 0.0
    for one, (_, weight) in words.items():
        frequency = searcher.document_frequency(one)
        most += weight * math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))
    return Matter(_mean(searcher.encoder.encode_passages([text])), words, most)


def nearest(
    searcher: Searcher,
    matter: Matter,
    filters: Filters,
    keep: Callable[[NDArray[np.int64]], NDArray[np.bool_]] | None = None,
    *,
    loose: bool = False,
) -> list[tuple[int, float]]:
    """Return the passages above the floor with their scores, the near-equal decision before the report.

    Args:
        keep: tells which of some passage rows may be found; all of them without it.
        loose: with passages that may hold the matter amid others, in a sentence or two.
    """
    weights = _weights(matter.words)
    for depth in DEPTHS:
        dense = searcher.near(matter.vector, depth, filters)
        lexical = searcher.lexical(weights, depth, filters) if matter.most else {}
        rows = np.array(sorted({*dense, *lexical}), np.int64)
        rows = rows[keep(rows)] if keep is not None else rows
        if len(rows) >= DEPTHS[0] // 2 or max(len(dense), len(lexical)) < depth:
            break
    if not len(rows):
        return []
    cosines = searcher.vectors(rows.tolist()) @ matter.vector
    shares = np.array([lexical.get(row, 0.0) for row in rows.tolist()]) / (matter.most or 1.0)
    scores = score(cosines, shares)
    floor, least = (LOOSE_FLOOR, LOOSE_COSINE) if loose else (FLOOR, MIN_COSINE)
    fit = (scores >= floor) & (cosines >= least)
    scores = np.minimum(scores + _preferred(searcher.columns, rows), 1.0)
    return fusion.ranked(dict(zip(rows[fit].tolist(), scores[fit].tolist(), strict=True)))


def score(cosines: NDArray[np.float32], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how near texts are, 0 to 1, from their cosines and their shares of what the terms can score."""
    scored: NDArray[np.float64] = DENSE * cosines + LEXICAL * np.sqrt(np.minimum(shares, 1.0))
    return scored


def covered(matter: Matter, texts: Iterable[str]) -> NDArray[np.float64]:
    """Return for each text the weight of the telling terms that it holds, as a share of the weight of them all."""
    whole = sum(weight for _, weight in matter.words.values()) or 1.0
    held = [set(_terms_of(text, {})) for text in texts]
    return np.array([sum(weight for one, (_, weight) in matter.words.items() if one in h) / whole for h in held])


def _weights(words: Mapping[str, tuple[str, float]]) -> dict[str, float]:
    return {found: weight for found, (_, weight) in words.items()}


def _mean(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = vectors.mean(axis=0)
    unit: NDArray[np.float32] = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
    return unit


def _preferred(columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    kinds = columns.kinds[columns.positions(rows)]
    added = np.zeros(len(rows))
    for kind, weight in PREFERRED:
        added[(kinds & 1 << SEARCH_KINDS.index(kind)) != 0] = weight
    return added
