"""Filters: which passages a search may look at, decided before anything is ranked."""

import difflib
from dataclasses import dataclass, replace
from functools import lru_cache

from corpus import register
from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.model import SEARCH_KINDS


@dataclass(frozen=True, slots=True)
class Filters:
    """Restrictions of a search; values of one field are alternatives, fields add up.

    Dates are ISO (2024-05-31) and inclusive. A passage whose meeting date is not known is left out as
    soon as a date is asked for; so is one whose authority is unknown, or not in the register, as soon as a
    region or a type of authority is. ``unknown_too`` names the fields ("authority", "date") for which what is not
    known is let through all the same, so that a guess at what was meant hides nothing that may be meant.
    """

    authorities: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    date_from: str | None = None
    date_to: str | None = None
    regions: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    unknown_too: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return replace(self, unknown_too=()) != _NONE

    def lets_through_unknown(self, field: str) -> bool:
        """Tell whether passages of which "authority" or "date" is not known are let through."""
        return field in self.unknown_too and not (field == "authority" and (self.regions or self.types))


_NONE = Filters()


def resolve(catalogue: Catalogue, filters: Filters) -> Filters:
    """Return the filters with authorities, committees, regions and types as catalogue and register spell them.

    An authority may be given by any of its names in the register; a committee by its name or by a part
    of it, which then stands for every committee whose name holds that part. A document that another version
    took the place of stands for that version.

    Raises:
        QueryError: the collection holds nothing by that name, there is no such region, type or kind, or the
            dates make no sense.
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
        regions=_chosen("region", filters.regions, regions()),
        types=_chosen("type of authority", filters.types, types()),
        documents=tuple(dict.fromkeys(_document(catalogue, name) for name in filters.documents)),
        unknown_too=filters.unknown_too,
    )


@lru_cache(maxsize=1)
def regions() -> tuple[str, ...]:
    """Return the regions and nations that authorities of the register are in, sorted."""
    return tuple(sorted({authority.region for authority in register.authorities() if authority.region}))


@lru_cache(maxsize=1)
def types() -> tuple[str, ...]:
    """Return the types of authority of the register ("London borough"), sorted."""
    return tuple(sorted({authority.type for authority in register.authorities()}))


def authority_names(filters: Filters) -> tuple[str, ...] | None:
    """Return the authorities that resolved filters on authority, region and type let through.

    None where there is no such filter; nothing at all where they contradict each other.
    """
    if not (filters.regions or filters.types):
        return filters.authorities or None
    return tuple(
        authority.name
        for authority in register.authorities()
        if (not filters.regions or authority.region in filters.regions)
        and (not filters.types or authority.type in filters.types)
        and (not filters.authorities or authority.name in filters.authorities)
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


def _chosen(what: str, names: tuple[str, ...], choices: tuple[str, ...]) -> tuple[str, ...]:
    """Return the choices that are named, each in full or by words that only one of them has ("Humber")."""
    found = []
    for name in names:
        words = _plain(name)
        exact = [choice for choice in choices if _plain(choice) == words]
        within = [choice for choice in choices if words and f" {words} " in f" {_plain(choice)} "]
        if not exact and len(within) != 1:
            raise QueryError(f"There is no {what} {_shortened(name)!r}: choose from {'; '.join(choices)}.")
        found.append((exact or within)[0])
    return tuple(dict.fromkeys(found))


def _plain(name: str) -> str:
    return register.fold(name.replace("-", " "))


def _document(catalogue: Catalogue, document_id: str) -> str:
    """Return the document that is searched under this id: itself, or the version that took its place."""
    seen = set[str]()
    row = None
    while document_id not in seen:
        seen.add(document_id)
        row = catalogue.connection.execute(
            "SELECT current, replaced_by FROM documents WHERE document_id = ?", (document_id,)
        ).fetchone()
        if row is None or row["current"] or not row["replaced_by"]:
            break
        document_id = row["replaced_by"]
    if row is None:
        raise QueryError(f"The collection holds no document {_shortened(document_id)!r}: search all documents instead.")
    return document_id


def _shortened(name: str) -> str:
    return name if len(name) <= 60 else name[:57] + "..."


def _nothing_by(field: str, name: str, names: list[str], several: bool) -> str:
    shown = _shortened(name)
    if several:
        return f"Several authorities are called {shown!r}: {'; '.join(names)}. Give the full name."
    near = difflib.get_close_matches(name[:200], names, n=3, cutoff=0.4)
    hint = (
        f" Did you mean {' or '.join(near)}?"
        if near
        else " The page Authorities, or 'minutebook status', lists what there is."
    )
    return f"The collection holds no {field} {shown!r}. {hint}"


def matching_rows(catalogue: Catalogue, filters: Filters) -> list[int]:
    """Return the rows of the current passages that resolved filters let through, ascending."""
    clauses, values = of_documents(filters)
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


@dataclass(frozen=True, slots=True)
class Meetings:
    """How much filters let through: meetings, documents, those without a date, and the ISO dates of first and last."""

    meetings: int
    documents: int
    undated: int
    first: str | None
    last: str | None


def meetings(catalogue: Catalogue, filters: Filters) -> Meetings:
    """Return how many meetings and documents resolved filters on documents let through."""
    clauses, values = of_documents(filters)
    row = catalogue.connection.execute(
        f"SELECT COUNT(DISTINCT {_MEETING}), COUNT(*), COALESCE(SUM(d.meeting_date IS NULL), 0),"
        f" MIN(d.meeting_date), MAX(d.meeting_date) FROM documents d WHERE {' AND '.join(clauses)}",
        values,
    ).fetchone()
    return Meetings(*row)


def meetings_by_year(catalogue: Catalogue, filters: Filters) -> dict[int, int]:
    """Return how many meetings of each year resolved filters on documents let through, the earliest year first."""
    clauses, values = of_documents(filters)
    rows = catalogue.connection.execute(
        f"SELECT CAST(substr(d.meeting_date, 1, 4) AS INTEGER) AS year, COUNT(DISTINCT {_MEETING}) FROM documents d"
        f" WHERE {' AND '.join(clauses)} AND d.meeting_date IS NOT NULL GROUP BY year ORDER BY year",
        values,
    )
    return {row[0]: row[1] for row in rows}


def authorities(catalogue: Catalogue, filters: Filters) -> list[str]:
    """Return the authorities of which resolved filters on documents let something through, sorted."""
    clauses, values = of_documents(filters)
    rows = catalogue.connection.execute(
        "SELECT DISTINCT d.authority FROM documents d"
        f" WHERE {' AND '.join(clauses)} AND d.authority IS NOT NULL ORDER BY d.authority",
        values,
    )
    return [row[0] for row in rows]


_MEETING = """CASE WHEN d.meeting_date IS NOT NULL THEN
    COALESCE(d.authority, d.document_id) || '/' || COALESCE(d.committee, '') || '/' || d.meeting_date END"""


def of_documents(filters: Filters) -> tuple[list[str], list[str]]:
    """Return the conditions in SQL that resolved filters put on documents (as d), and their values."""
    clauses, values = ["d.current"], list[str]()
    for column, chosen in (
        ("authority", authority_names(filters)),
        ("committee", filters.committees or None),
        ("document_id", filters.documents or None),
    ):
        if chosen is not None:
            unknown = f" OR d.{column} IS NULL" if filters.lets_through_unknown(column) else ""
            clauses.append(f"(d.{column} IN ({','.join('?' * len(chosen))}){unknown})")
            values.extend(chosen)
    unknown = " OR d.meeting_date IS NULL" if filters.lets_through_unknown("date") else ""
    for operator, day in ((">=", filters.date_from), ("<=", filters.date_to)):
        if day:
            clauses.append(f"(d.meeting_date {operator} ?{unknown})")
            values.append(day)
    return clauses, values
