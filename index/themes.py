"""Themes: what an authority has on its agendas that others have less, by year.

Words and pairs of words of the titles of its agenda items are compared with those of all other authorities, by the
log-odds ratio with an informative prior (Monroe, Colaresi and Quinn, "Fightin' Words", 2008): a word that is rare
everywhere needs more evidence than one that is common. Standing items (apologies, minutes of the last meeting), the
name of the authority and those of its councillors are no themes; nor are the headings within reports.
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
from corpus.model import SEARCH_KINDS
from index.analysis import term, terms, tokens
from index.boilerplate import boilerplate
from index.search import Searcher

LEAST = 3  # items, of as many documents, for a theme
SAMPLE = 10_000  # titles of all authorities that one is compared with
PRIOR = 0.1  # of all titles: so many, as they are on the whole, are believed to have been seen of each side before
SIGNIFICANT = 1.64  # standard errors that a theme is ahead by
OVERLAP = 0.5  # of a theme's items that may be those of one before it
PAIR = 1.5  # a pair of words says more than a word, and goes before one that tells up to so much more
_LONGEST = 18  # words of a title; more are a sentence
_FIGURES = 3  # numbers of a title; so many are a line of a table
_PLAIN = re.compile(r"[^\W\d_]{3,}(?:['’-][^\W\d_]+)*")
_NAMED = re.compile(
    r"(?:\b(?i:councillors?|cllrs?|mr|mrs|ms|miss|dr)\b\.?\s+(?:[A-Z](?:\.\s*|\s+))*|(?<!\w)(?:[A-Z]\.\s?)+)"
    r"(?P<name>[^\W\d_a-z][\w'’-]+(?:\s[^\W\d_a-z][\w'’-]+)?)"
)
_RECORDS = sum(1 << SEARCH_KINDS.index(kind) for kind in ("minutes", "decision", "agenda"))
_EMPTY = frozenset(
    terms(
        """agenda item items meeting meetings minute minutes report reports update updates committee council
        councillor member members chair chairman chairperson clerk officer matter matters arising business
        correspondence information note noted receive consider considered approve approved discuss discussion
        review confirm agree resolution resolved motion public question questions apologies present attendance
        declaration previous next date other any new general various annual monthly quarterly first second
        third part number section appendix january february march april may june july august september october
        november december monday tuesday wednesday thursday friday saturday sunday mr mrs ms dr announcements
        response request following regarding draft year exempt confidential urgent session forum participation
        adjourn open close welcome introduction received submitted notice directorate municipal district
        service services referred strategic policy area issue issues floor implications background conclusion
        total recommendation action actions last made make provide provided proposed proposal requests further
        current future appoint appointment election elect attached page pages add administration details
        contact main key summary overview list nothing final verbal written way ways work works day use
        possible need like operations support schedule deputation deputations conferences scheme event
        payments cabinet"""
    )
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A word or pair of words, written as titles mostly have it, and in how many items it stands.

    A title counts once a document. ``share`` is the share, 0 to 1, of the authority's titles that have it,
    ``elsewhere`` that of the titles of all others, of a sample; None where there are none. ``years`` are (year of the
    meeting, items), ascending, years without any left out; ``undated`` items are not among them.
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
    own = frozenset(terms(authority)) | _people(title for _, title in titles)
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
    """Return the searched records and agendas of an authority with the year of each, 0 where it is not known."""
    columns = searcher.columns
    if authority not in columns.authorities:
        raise QueryError(f"The collection holds nothing of {authority!r}: 'minutebook status' lists what there is.")
    of_it = np.flatnonzero(
        (columns.authority == columns.authorities.index(authority)) & ((columns.kinds & _RECORDS) != 0)
    )
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
    if len(title.split()) > _LONGEST or len(re.findall(r"\d+", title)) >= _FIGURES or title[:1].islower():
        return False
    return not (boilerplate(title, title) or boilerplate(title))


def _people(titles: Iterable[str]) -> frozenset[str]:
    """Return the terms of names that stand after "Councillor" or after initials."""
    names = (match["name"] for title in titles for match in _NAMED.finditer(title))
    return frozenset(found for name in names for found in terms(name))


def _phrases(title: str) -> dict[str, str]:
    """Return the words of a title and its pairs of words side by side, by their terms; stop words may stand between."""
    found: dict[str, str] = {}
    before = None
    for token in tokens(title):
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
    records = {columns.documents[place] for place in np.unique(columns.document[(columns.kinds & _RECORDS) != 0])}
    for document, phrases in _sample(searcher.catalogue, state):
        if document in records and document not in excluded:
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
    believed = PRIOR * (size + other_size)
    for key, here in own.items():
        there = others.get(key, 0)
        prior = PRIOR * (here + there)
        odds = [
            math.log((count + prior) / (whole + believed - count - prior))
            for count, whole in ((here, size), (there, other_size))
        ]
        score = (odds[0] - odds[1]) / math.sqrt(1 / (here + prior) + 1 / (there + prior))
        if score >= SIGNIFICANT:
            weights[key] = score
    return weights


def _differing(seen: Mapping[str, _Seen], weights: Mapping[str, float], most: int) -> list[str]:
    """Return the best phrases, without words that mostly stand in pairs, and without what better ones mostly say."""
    in_pairs: dict[str, set[int]] = defaultdict(set)
    for pair in weights:
        if " " in pair:
            for word in pair.split():
                in_pairs[word] |= seen[pair].items
    chosen: list[str] = []
    for key in sorted(weights, key=lambda key: (-weights[key] * (PAIR if " " in key else 1.0), key)):
        if len(chosen) == most:
            break
        items = seen[key].items
        if len(items & in_pairs[key]) > OVERLAP * len(items):
            continue
        alike = (other for other in chosen if not set(key.split()).isdisjoint(other.split()))
        if all(len(items & seen[other].items) <= OVERLAP * min(len(items), len(seen[other].items)) for other in alike):
            chosen.append(key)
    return chosen


def _theme(one: _Seen, titles: Sequence[tuple[str, str]], days: Mapping[str, int], elsewhere: float | None) -> Theme:
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
