"""Themes: what an authority has on its agendas that others have less, by year.

Words and pairs of words of the titles of its agenda items are compared with those of all other authorities, by the
log-odds ratio with an informative prior (Monroe, Colaresi and Quinn, "Fightin' Words", 2008): a word that is rare
everywhere needs more evidence than one that is common. Standing items (apologies, minutes of the last meeting) and
the names of the authority and its committees are no themes.
"""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from index.analysis import term, terms, tokens
from index.boilerplate import boilerplate
from index.search import Searcher

LEAST = 3  # items, of as many documents, for a theme
SAMPLE = 20_000  # titles of all authorities that one is compared with
PRIOR = 500.0  # as many words of all titles together are believed to have been seen of each side before
SIGNIFICANT = 1.64  # standard errors that a theme is ahead by
OVERLAP = 0.5  # of a theme's items that may be those of one before it
_LONGEST = 30  # words of a title; more are a paragraph
_PLAIN = re.compile(r"[^\W\d_]{3,}(?:['’-][^\W\d_]+)*")
_EMPTY = frozenset(
    terms(
        """agenda item items meeting meetings minute minutes report reports update updates committee council
        councillor member members chair chairman chairperson clerk officer matter matters arising business correspondence
        information note noted receive consider considered approve approved discuss discussion review confirm agree
        resolution resolved motion public question questions apologies present attendance declaration previous next
        date other any new general various annual monthly quarterly first second third part number section appendix
        january february march april may june july august september october november december monday tuesday wednesday
        thursday friday saturday sunday mr mrs ms dr announcements response request following regarding draft year
        exempt confidential urgent session forum participation adjourn open close welcome introduction received"""
    )
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A word or pair of words as titles mostly have it; in how many items, and in how many of each year's meetings.

    ``items`` counts a title once a document. ``years`` are ascending; ``undated`` items are not among them.
    ``elsewhere`` is the share, 0 to 1, of the other authorities' titles that have it, of a sample; None where there
    are no others.
    """

    words: str
    items: int
    share: float
    elsewhere: float | None
    years: tuple[tuple[int, int], ...]
    undated: int


@dataclass(slots=True)
class _Seen:
    """Where a theme stands: items by number, and how its words are written."""

    items: set[int]
    written: Counter[str]


def themes(searcher: Searcher, authority: str, most: int = 20) -> tuple[Theme, ...]:
    """Return the themes of an authority, the most telling first, at most ``most``.

    Raises:
        QueryError: nothing is held of an authority of that name, as the catalogue spells it.
    """
    days = _days(searcher, authority)
    titles = list(_titles(searcher.catalogue, sorted(days)))
    own = frozenset(terms(authority))
    seen: dict[str, _Seen] = defaultdict(lambda: _Seen(set(), Counter()))
    for number, (_, title) in enumerate(titles):
        for key, words in _phrases(title).items():
            if own.isdisjoint(key.split()):
                seen[key].items.add(number)
                seen[key].written[words] += 1
    often = {
        key: one
        for key, one in seen.items()
        if len(one.items) >= LEAST and len({titles[number][0] for number in one.items}) >= LEAST
    }
    others, size = _elsewhere(searcher, days.keys())
    weights = _telling({key: len(one.items) for key, one in often.items()}, len(titles), others, size)
    return tuple(
        _theme(often[key], titles, days, others[key] / size if size else None)
        for key in _differing(often, weights, most)
    )


def _days(searcher: Searcher, authority: str) -> dict[str, int]:
    """Return the searched documents of an authority with the year of each, 0 where it is not known."""
    columns = searcher.columns
    if authority not in columns.authorities:
        raise QueryError(f"The collection holds nothing of {authority!r}: 'minutebook status' lists what there is.")
    of_it = np.flatnonzero(columns.authority == columns.authorities.index(authority))
    documents, first = np.unique(columns.document[of_it], return_index=True)
    years = columns.day[of_it[first]] // 10_000
    return {columns.documents[place]: year for place, year in zip(documents.tolist(), years.tolist(), strict=True)}


def _titles(catalogue: Catalogue, documents: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (document, title) of the items of some documents that are business, each title once a document."""
    for start in range(0, len(documents), 500):
        rows = catalogue.connection.execute(
            "SELECT DISTINCT document_id, title FROM items WHERE completed_by IS NULL"
            " AND document_id IN (SELECT value FROM json_each(?)) ORDER BY document_id, position",
            (json.dumps(documents[start : start + 500]),),
        )
        yield from ((document, title) for document, title in rows if _is_business(title))


@lru_cache(maxsize=65_536)
def _is_business(title: str) -> bool:
    return not (boilerplate(title, title) or boilerplate(title))


def _phrases(title: str) -> dict[str, str]:
    """Return the words of a title and its pairs of words side by side, by their terms; stop words may stand between."""
    found: dict[str, str] = {}
    before = None
    for count, token in enumerate(tokens(title)):
        if count == _LONGEST:
            break
        word = title[token.start : token.end]
        if not token.terms and _PLAIN.fullmatch(word + "aa"):
            continue  # a stop word
        key = term(word) if _PLAIN.fullmatch(word) else None
        if key is None or len(token.terms) != 1 or key in _EMPTY:
            before = None
            continue
        found.setdefault(key, word)
        if before and re.fullmatch(r"[\w\s'’&]*", title[before[2] : token.start]):
            found.setdefault(f"{before[0]} {key}", " ".join(title[before[1] : token.end].split()))
        before = (key, token.start, token.end)
    return found


def _elsewhere(searcher: Searcher, own: Iterable[str]) -> tuple[Counter[str], int]:
    """Return in how many titles of other authorities' documents each phrase stands, and how many were looked at."""
    columns = searcher.columns
    state = (len(columns), int(columns.row[-1]) if len(columns) else 0)
    excluded = set(own)
    counted, size = Counter[str](), 0
    for document, phrases in _sample(searcher.catalogue, state):
        if document not in excluded:
            counted.update(phrases)
            size += 1
    return counted, size


@lru_cache(maxsize=2)
def _sample(catalogue: Catalogue, state: tuple[int, int]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return documents and the phrases of a title of theirs, evenly chosen of all; kept while the index is the same."""
    last = catalogue.connection.execute("SELECT MAX(rowid) FROM items").fetchone()[0] or 0
    chosen = range(1, last + 1, max(1, math.ceil(last / SAMPLE)))
    rows = catalogue.connection.execute(
        "SELECT document_id, title FROM items WHERE rowid IN (SELECT value FROM json_each(?))",
        (json.dumps(list(chosen)),),
    )
    return tuple((document, tuple(_phrases(title))) for document, title in rows if _is_business(title))


def _telling(own: Mapping[str, int], size: int, others: Mapping[str, int], other_size: int) -> dict[str, float]:
    """Return by how many standard errors each phrase is commoner here than elsewhere, of those that clearly are.

    Where there is nothing to compare with, the number of items stands in its place.
    """
    if not other_size:
        return {key: float(count) for key, count in own.items()}
    weights = {}
    for key, here in own.items():
        there = others.get(key, 0)
        prior = PRIOR * (here + there) / (size + other_size)
        odds = [
            math.log((count + prior) / (whole + PRIOR - count - prior))
            for count, whole in ((here, size), (there, other_size))
        ]
        score = (odds[0] - odds[1]) / math.sqrt(1 / (here + prior) + 1 / (there + prior))
        if score >= SIGNIFICANT:
            weights[key] = score
    return weights


def _differing(seen: Mapping[str, _Seen], weights: Mapping[str, float], most: int) -> list[str]:
    """Return the best phrases that are not mostly said by a better one with a word in common."""
    chosen: list[str] = []
    for key in sorted(weights, key=lambda key: (-weights[key] * (1.15 if " " in key else 1.0), key)):
        if len(chosen) == most:
            break
        items = seen[key].items
        alike = (other for other in chosen if not set(key.split()).isdisjoint(other.split()))
        if all(len(items & seen[other].items) <= OVERLAP * min(len(items), len(seen[other].items)) for other in alike):
            chosen.append(key)
    return chosen


def _theme(
    one: _Seen, titles: Sequence[tuple[str, str]], days: Mapping[str, int], elsewhere: float | None
) -> Theme:
    years = Counter(days[titles[number][0]] for number in one.items)
    undated = years.pop(0, 0)
    return Theme(
        words=min(one.written, key=lambda words: (-one.written[words], words)),
        items=len(one.items),
        share=len(one.items) / len(titles),
        elsewhere=elsewhere,
        years=tuple(sorted(years.items())),
        undated=undated,
    )
