"""The same matter elsewhere: what other authorities said and decided on what a passage or an agenda item is about.

The item is its own query: the mean of its passages' vectors, and the terms that tell it from others. Its own record,
and that record in other files, is no precedent and never found.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, QueryError
from corpus.filters import Filters, resolve
from index.boilerplate import boilerplate
from index.columns import Columns
from index.duplicates import Candidate, collapse, near_duplicates
from index.hits import Hit, candidate, read
from index.matter import nearest, of_passages, telling_terms
from index.search import MAX_K, Searcher

_TARGET = re.compile(r"(?P<document>[0-9a-f]{20})(?::(?P<item>.{1,60}))?")


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
    described = candidates_of(searcher.catalogue, found.rows)
    telling = [row for row in found.rows if not boilerplate(described[row].text, described[row].heading)]
    held = set(searcher.columns.row[np.isin(searcher.columns.row, telling)].tolist())
    if telling and not held:
        raise QueryError(f"{target} is not searched: a better version of its record is. Its page names that version.")
    telling = [row for row in telling if row in held]
    if not telling:
        raise QueryError(f"{target} holds no more than a heading or formal matter: choose an item with substance.")
    names = " ".join(filter(None, (found.authority, found.committee)))
    texts = [f"{described[row].heading}\n{described[row].text}" for row in telling]
    words = telling_terms(searcher, texts, found.item_title or "", names)
    sought = of_passages(searcher, telling, words, found.document_id)
    ranked = nearest(searcher, sought, resolved, partial(_elsewhere, searcher.columns, target=found, own=own))
    best = one_a_meeting(searcher.catalogue, ranked, [described[row] for row in telling], k)
    documents, authorities = searcher.columns.searched(resolved)
    if own is not None and not resolved.authorities:
        fewer = searcher.columns.searched(replace(resolved, authorities=(own,)))
        documents, authorities = documents - fewer[0], authorities - fewer[1]
    hits = tuple(searcher.hits(" ".join(sought.shown), best))
    return SimilarResult(found, sought.shown, resolved, hits, documents, authorities)


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


def one_a_meeting(
    catalogue: Catalogue, ranked: Sequence[tuple[int, float]], target: Sequence[Candidate], k: int
) -> list[tuple[int, float]]:
    """Return the best passage of each meeting, but for formal matter and the target's own record in other files."""
    known: dict[int, Candidate] = {}
    best: dict[tuple[str | None, ...], tuple[int, float]] = {}
    for start in range(0, len(ranked), 50):
        part = ranked[start : start + 50]
        known |= candidates_of(catalogue, [row for row, _ in part])
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


def candidates_of(catalogue: Catalogue, rows: Sequence[int]) -> dict[int, Candidate]:
    return {row: candidate(stored) for row, stored in read(catalogue, rows).items()}
