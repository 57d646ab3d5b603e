"""Filters: which passages a search may look at, decided before anything is ranked."""

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from corpus import register
from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.model import SEARCH_KINDS


@dataclass(frozen=True, slots=True)
class Filters:
    """Restrictions of a search; values of one field are alternatives, fields add up.

    Dates are ISO (2024-05-31) and inclusive. A passage whose meeting date is not known is left out as
    soon as a date is asked for.
    """

    authorities: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    date_from: str | None = None
    date_to: str | None = None

    def __bool__(self) -> bool:
        return bool(self.authorities or self.committees or self.kinds or self.date_from or self.date_to)


def resolve(catalogue: Catalogue, filters: Filters) -> Filters:
    """Return the filters with authorities and committees as the catalogue spells them.

    An authority may be given by any of its names in the register; a committee by its name or by a part
    of it, which then stands for every committee whose name holds that part.

    Raises:
        QueryError: the collection holds nothing by that name, or a kind or the dates make no sense.
    """
    for kind in filters.kinds:
        if kind not in SEARCH_KINDS:
            raise QueryError(f"There is no kind {kind!r}: choose from {', '.join(SEARCH_KINDS)}.")
    if filters.date_from and filters.date_to and filters.date_from > filters.date_to:
        raise QueryError(f"The dates are the wrong way round: from {filters.date_from} to {filters.date_to}.")
    return Filters(
        authorities=tuple(_authority(catalogue, name) for name in filters.authorities),
        committees=tuple(dict.fromkeys(full for part in filters.committees for full in _committees(catalogue, part))),
        kinds=filters.kinds,
        date_from=filters.date_from,
        date_to=filters.date_to,
    )


def held(catalogue: Catalogue, field: str) -> list[str]:
    """Return the values of a document field ("authority", "committee") that can be searched, sorted."""
    rows = catalogue.connection.execute(
        f"SELECT DISTINCT {field} FROM documents WHERE current AND {field} IS NOT NULL ORDER BY {field}"
    )
    return [row[0] for row in rows]


def _authority(catalogue: Catalogue, name: str) -> str:
    names = held(catalogue, "authority")
    known = register.by_name(name)
    if known and known.name in names:
        return known.name
    folded = register.fold(name)
    exact = [stored for stored in names if register.fold(stored) == folded]
    if exact:
        return exact[0]
    within = [stored for stored in names if f" {folded} " in f" {register.fold(stored)} "]
    if folded and len(within) == 1:
        return within[0]
    raise QueryError(_nothing_by("authority", name, within or names, len(within) > 1))


def _committees(catalogue: Catalogue, part: str) -> list[str]:
    names = held(catalogue, "committee")
    folded = register.fold(part)
    exact = [name for name in names if register.fold(name) == folded]
    within = [name for name in names if folded and f" {folded} " in f" {register.fold(name)} "]
    if exact or within:
        return exact or within
    raise QueryError(_nothing_by("committee", part, names, False))


def _nothing_by(field: str, name: str, names: list[str], several: bool) -> str:
    shown = name if len(name) <= 60 else name[:57] + "..."
    if several:
        return f"Several authorities are called {shown!r}: {'; '.join(names)}. Give the full name."
    near = difflib.get_close_matches(name[:200], names, n=3, cutoff=0.4)
    hint = f" Did you mean {' or '.join(near)}?" if near else " 'minutebook status' lists what there is."
    return f"The collection holds no {field} {shown!r}.{hint}"


def matching_rows(catalogue: Catalogue, filters: Filters) -> list[int]:
    """Return the rows of the current passages that resolved filters let through, ascending."""
    clauses, values = _of_documents(filters)
    clauses.append("NOT p.hidden")
    if filters.kinds:
        clauses.append(f"({' OR '.join('p.kind = ? OR instr(p.records, ?)' for _ in filters.kinds)})")
        values.extend(value for kind in filters.kinds for value in (kind, f",{kind},"))
    rows = catalogue.connection.execute(
        "SELECT p.row FROM passages p JOIN documents d USING (document_id)"
        f" WHERE {' AND '.join(clauses)} ORDER BY p.row",
        values,
    )
    return [row[0] for row in rows]


def searched(catalogue: Catalogue, filters: Filters) -> tuple[int, int]:
    """Return how many documents, of how many authorities, resolved filters on documents let through."""
    clauses, values = _of_documents(filters)
    row = catalogue.connection.execute(
        f"SELECT COUNT(*), COUNT(DISTINCT authority) FROM documents d WHERE {' AND '.join(clauses)}", values
    ).fetchone()
    return row[0], row[1]


def _of_documents(filters: Filters) -> tuple[list[str], list[str]]:
    """Return the conditions on documents (as d), and their values."""
    clauses, values = ["d.current"], list[str]()
    for column, chosen in (("authority", filters.authorities), ("committee", filters.committees)):
        if chosen:
            clauses.append(f"d.{column} IN ({','.join('?' * len(chosen))})")
            values.extend(chosen)
    for operator, day in ((">=", filters.date_from), ("<=", filters.date_to)):
        if day:
            clauses.append(f"d.meeting_date {operator} ?")
            values.append(day)
    return clauses, values


def kinds_among(catalogue: Catalogue, rows: Iterable[int], kind: str) -> list[int]:
    """Return those of the passage rows that are of one kind."""
    found = catalogue.connection.execute(
        "SELECT row FROM passages WHERE kind = ? AND row IN (SELECT value FROM json_each(?))",
        (kind, json.dumps(list(rows))),
    )
    return [row[0] for row in found]
