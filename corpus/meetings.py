"""The committees and meetings of one authority, as far as documents are held of them, for people who leaf through.

What a site lists beside that, and where minutes are missing, is in ``coverage``.
"""

from dataclasses import dataclass

from corpus.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Committee:
    """What is held of a committee; ``committee`` is None for documents that name none.

    ``meetings`` counts known dates, ``undated`` the documents without one; dates are ISO.
    """

    committee: str | None
    meetings: int
    documents: int
    undated: int
    first_date: str | None
    last_date: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A document of a meeting. ``partial`` is true where it is cut off."""

    document_id: str
    title: str
    kind: str
    partial: bool
    url: str | None


@dataclass(frozen=True, slots=True)
class HeldMeeting:
    """A meeting and its documents; ``meeting_date`` is None for all documents whose date is not known."""

    committee: str | None
    meeting_date: str | None
    documents: tuple[Held, ...]


def committees(catalogue: Catalogue, authority: str | None) -> tuple[Committee, ...]:
    """Return the committees of an authority by name, that of no name last; None stands for no known authority."""
    rows = catalogue.connection.execute(
        "SELECT committee, COUNT(DISTINCT meeting_date), COUNT(*), SUM(meeting_date IS NULL), MIN(meeting_date),"
        " MAX(meeting_date) FROM documents WHERE current AND authority IS ?"
        " GROUP BY committee ORDER BY committee IS NULL, committee",
        (authority,),
    )
    return tuple(Committee(*row) for row in rows)


def meetings(catalogue: Catalogue, authority: str | None, committee: str | None) -> tuple[HeldMeeting, ...]:
    """Return the meetings of a committee, the latest first and what has no date last; None is not known.

    The documents of a meeting come by kind: minutes, decisions, reports, agendas.
    """
    rows = catalogue.connection.execute(
        "SELECT meeting_date, document_id, title, kind, partial, url FROM documents"
        " WHERE current AND authority IS ? AND committee IS ?"
        " ORDER BY meeting_date IS NULL, meeting_date DESC,"
        " CASE kind WHEN 'minutes' THEN 0 WHEN 'decision' THEN 1 WHEN 'report' THEN 2 ELSE 3 END, title, document_id",
        (authority, committee),
    )
    found: dict[str | None, list[Held]] = {}
    for day, document_id, title, kind, partial, url in rows:
        found.setdefault(day, []).append(Held(document_id, title, kind, bool(partial), url))
    return tuple(HeldMeeting(committee, day, tuple(documents)) for day, documents in found.items())
