"""The same matter elsewhere: what other authorities said and decided on what a passage or an agenda item is about.

The item is its own query: the mean of its passages' vectors, and the terms that tell it from others. Names of the
place and of people, dates and figures are left out of those terms; they tell where a matter arose, not what it is.
Its own record, and that record in other files, is no precedent and never found.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, QueryError
from corpus.filters import Filters, resolve, searched
from corpus.model import SEARCH_KINDS
from index import fusion
from index.analysis import term
from index.boilerplate import boilerplate
from index.columns import Columns
from index.duplicates import Candidate, collapse, near_duplicates
from index.hits import Hit, candidate, read
from index.search import MAX_K, Searcher

TERMS = 20
TITLE = 2.0  # how much more a word of the item's title counts
MIN_TERM = 3  # letters
DENSE, LEXICAL = 0.6, 0.4
FLOOR = 0.53  # below this nothing is the same matter
MIN_COSINE = 0.45
DEPTHS = (1_000, 10_000, 100_000)  # of the candidates: more are looked at while one authority fills them
PREFERRED = (("agenda", -0.02), ("minutes", 0.02), ("decision", 0.03))  # the last that fits; a report as it is

_WORD = re.compile(r"[^\W_]+")
_PERSON = re.compile(
    r"\b(?:Cllrs?|Councillors?|Mrs?|Ms|Miss|Dr|Sir|Lord|Lady)\b\.?(?:\s+(?:[A-Z]\b\.?|[A-Z][\w'’-]+))+"
)
_TARGET = re.compile(r"(?P<document>[0-9a-f]{20})(?::(?P<item>.{1,60}))?")
_FORMAL = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december meeting minutes item report cllr councillor clerk chairman agreed resolved
    proposed seconded members member noted motion notice question submitted received reply aocb""".split()
)


@dataclass(frozen=True, slots=True)
class Target:
    """What precedents are sought of: passages, of one agenda item where there is one."""

    document_id: str
    rows: tuple[int, ...]
    passage_id: str | None
    item_number: str | None
    item_title: str | None
    authority: str | None
    committee: str | None
    meeting_date: str | None


@dataclass(frozen=True, slots=True)
class SimilarResult:
    """The precedents, at most one a meeting, and what was searched, the target's own authority left out."""

    target: Target
    terms: tuple[str, ...]
    filters: Filters
    hits: tuple[Hit, ...]
    searched_documents: int
    searched_authorities: int


def similar(
    searcher: Searcher, target: str, filters: Filters | None = None, k: int = 10, *, same_authority: bool = False
) -> SimilarResult:
    """Return the best passages of other meetings on the same matter, one a meeting.

    Args:
        target: a passage id, or an agenda item as DOCUMENT_ID:NUMBER.
        same_authority: look at the target's own authority too; so does a filter that names it. Of its own document
            nothing is found.

    Raises:
        NotFoundError: there is no such passage, document or item.
        QueryError: ``k`` is out of range, a filter names something that the collection does not hold, or the
            target is nothing but a heading or formal matter.
    """
    if not 1 <= k <= MAX_K:
        raise QueryError(f"k is {k}: choose a number from 1 to {MAX_K}.")
    found = find_target(searcher.catalogue, target)
    resolved = resolve(searcher.catalogue, filters or Filters())
    own = None if same_authority or found.authority in resolved.authorities else found.authority
    described = _candidates(searcher.catalogue, found.rows)
    telling = [row for row in found.rows if not boilerplate(described[row].text, described[row].heading)]
    held = set(searcher.columns.row[np.isin(searcher.columns.row, telling)].tolist())
    if telling and not held:
        raise QueryError(f"{target} is not searched: a better version of its record is. Its page names that version.")
    telling = [row for row in telling if row in held]
    if not telling:
        raise QueryError(f"{target} holds no more than a heading or formal matter: choose an item with substance.")
    words = telling_terms(searcher, found, [described[row] for row in telling])
    ranked = _ranked(searcher, found, telling, words, resolved, own)
    best = _one_a_meeting(searcher.catalogue, ranked, [described[row] for row in telling], k)
    documents, authorities = searched(searcher.catalogue, resolved)
    if own is not None and not resolved.authorities:
        fewer = searched(searcher.catalogue, replace(resolved, authorities=(own,)))
        documents, authorities = documents - fewer[0], authorities - fewer[1]
    shown = tuple(word for word, _ in words.values())
    return SimilarResult(found, shown, resolved, tuple(searcher.hits(" ".join(shown), best)), documents, authorities)


def find_target(catalogue: Catalogue, target: str) -> Target:
    """Return what a passage id, or DOCUMENT_ID:NUMBER, stands for.

    Raises:
        NotFoundError: nothing is stored under it.
    """
    match = _TARGET.fullmatch(target.strip())
    if match is None:
        raise NotFoundError(f"{target[:60]!r} is no passage id, and no item: give DOCUMENT_ID:NUMBER for an item.")
    if match["item"] is None:
        where, values = "p.passage_id = ?", [match["document"]]
    else:
        where = "p.document_id = ? AND ? COLLATE NOCASE IN (i.number, i.agenda)"
        values = [catalogue.replacement(match["document"]) or match["document"], match["item"].strip()]
    rows = catalogue.connection.execute(
        "SELECT p.row, p.document_id, p.item, i.number, i.title, d.authority, d.committee, d.meeting_date"
        " FROM passages p JOIN documents d USING (document_id)"
        " LEFT JOIN items i ON i.document_id = p.document_id AND i.position = p.item"
        f" WHERE {where} ORDER BY p.position",
        values,
    ).fetchall()
    if not rows:
        what = f"item {match['item']!r} in the document {match['document']}" if match["item"] else f"passage {target!r}"
        raise NotFoundError(f"There is no {what}.")
    rows = [row for row in rows if row["item"] == rows[0]["item"]]
    first = rows[0]
    return Target(
        document_id=first["document_id"],
        rows=tuple(row["row"] for row in rows),
        passage_id=None if match["item"] else match["document"],
        item_number=first["number"],
        item_title=first["title"],
        authority=first["authority"],
        committee=first["committee"],
        meeting_date=first["meeting_date"],
    )


def telling_terms(searcher: Searcher, target: Target, passages: Sequence[Candidate]) -> dict[str, tuple[str, float]]:
    """Return the terms that tell the target's matter from others, the best first: the word, and a weight up to 1."""
    names = " ".join(filter(None, (target.authority, target.committee)))
    left_out = {found for word in _WORD.findall(names) if (found := term(word))}
    spelt: dict[str, str] = {}
    counts: Counter[str] = Counter()
    held: Counter[str] = Counter()
    title = _terms_of(target.item_title or "", spelt)
    for passage in passages:
        said = _terms_of(f"{passage.heading}\n{passage.text}", spelt)
        counts.update(said)
        held.update(set(said))
    weights = {}
    for one, count in counts.items():
        elsewhere = 0 if one in left_out else searcher.document_frequency(one) - held[one]
        if elsewhere > 0:
            weights[one] = (
                (1 + math.log(count)) * math.log(len(searcher.columns) / elsewhere) * (TITLE if one in title else 1.0)
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


def _ranked(
    searcher: Searcher,
    target: Target,
    telling: Sequence[int],
    words: Mapping[str, tuple[str, float]],
    filters: Filters,
    own: str | None,
) -> list[tuple[int, float]]:
    """Return the passages above the floor with their scores, the near-equal decision before the report."""
    mean = searcher.vectors(telling).mean(axis=0)
    vector = (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)
    weights = {found: weight for found, (_, weight) in words.items()}
    itself = searcher.lexical(weights, max(DEPTHS), Filters(documents=(target.document_id,)))
    most = max((itself[row] for row in telling if row in itself), default=0.0)
    for depth in DEPTHS:
        dense = searcher.near(vector, depth, filters)
        lexical = searcher.lexical(weights, depth, filters) if most else {}
        rows = np.array(sorted({*dense, *lexical}), np.int64)
        rows = rows[_elsewhere(searcher.columns, rows, target, own)]
        if len(rows) >= DEPTHS[0] // 2 or max(len(dense), len(lexical)) < depth:
            break
    if not len(rows):
        return []
    cosines = searcher.vectors(rows.tolist()) @ vector
    shares = np.array([lexical.get(row, 0.0) for row in rows.tolist()]) / (most or 1.0)
    scores = DENSE * cosines + LEXICAL * np.sqrt(np.minimum(shares, 1.0))
    fit = (scores >= FLOOR) & (cosines >= MIN_COSINE)
    scores = np.minimum(scores + _preferred(searcher.columns, rows), 1.0)
    return fusion.ranked(dict(zip(rows[fit].tolist(), scores[fit].tolist(), strict=True)))


def _elsewhere(columns: Columns, rows: NDArray[np.int64], target: Target, own: str | None) -> NDArray[np.bool_]:
    """Return which rows are of another record than the target's, and of another authority than ``own``.

    A record of the same day, where one of the two authorities is unknown, may be the target's own.
    """
    at = columns.positions(rows)
    authority = columns.authority[at]
    same = columns.document[at] == _code(columns.documents, target.document_id)
    if target.meeting_date:
        unknown = authority == -1 if target.authority else np.ones(len(rows), np.bool_)
        same |= unknown & (columns.day[at] == int(target.meeting_date.replace("-", "")))
    if own is not None:
        same |= authority == _code(columns.authorities, own)
    elsewhere: NDArray[np.bool_] = ~same
    return elsewhere


def _code(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else -2


def _preferred(columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    kinds = columns.kinds[columns.positions(rows)]
    added = np.zeros(len(rows))
    for kind, weight in PREFERRED:
        added[(kinds & 1 << SEARCH_KINDS.index(kind)) != 0] = weight
    return added


def _one_a_meeting(
    catalogue: Catalogue, ranked: Sequence[tuple[int, float]], target: Sequence[Candidate], k: int
) -> list[tuple[int, float]]:
    """Return the best passage of each meeting, but for formal matter and the target's own record in other files."""
    known: dict[int, Candidate] = {}
    best: dict[tuple[str | None, ...], tuple[int, float]] = {}
    for start in range(0, len(ranked), 50):
        part = ranked[start : start + 50]
        known |= _candidates(catalogue, [row for row, _ in part])
        for row, score in part:
            passage = known[row]
            meeting = (passage.authority, passage.committee, passage.day)
            key = meeting if passage.authority and passage.day else (passage.document,)
            if key in best or boilerplate(passage.text, passage.heading):
                continue
            if not any(_repeats(passage, one) for one in target):
                best[key] = (row, score)
        if len(best) >= 2 * k:
            break
    groups = collapse(list(best.values()), lambda rows: {row: known[row] for row in rows}, k)
    return [(group.row, group.score) for group in groups]


def _repeats(passage: Candidate, target: Candidate) -> bool:
    """Tell whether a passage is the target in other print.

    One of no known authority counts as of the target's meeting, and whatever heading it stands under.
    """
    if passage.authority and target.authority:
        return near_duplicates(passage, target)
    own = replace(target, text=_body(target), heading="")
    same = {name: getattr(own, name) for name in ("heading", "kind", "authority", "committee", "day")}
    return near_duplicates(replace(passage, text=_body(passage), **same), own)


def _body(passage: Candidate) -> str:
    """Return a passage's text without the heading that it begins with."""
    at = passage.text.find(passage.heading) if passage.heading else -1
    return passage.text[at + len(passage.heading) :] if 0 <= at <= len("12.3.4 ") else passage.text


def _candidates(catalogue: Catalogue, rows: Sequence[int]) -> dict[int, Candidate]:
    return {row: candidate(stored) for row, stored in read(catalogue, rows).items()}
