"""What the catalogue holds, counted."""

from collections.abc import Iterator
from dataclasses import dataclass

from corpus import withdrawals
from corpus.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class AuthorityStatus:
    """What is held of one authority; ``authority`` is None for documents that name none.

    ``meetings`` counts the distinct known dates of each committee; ``undated`` the documents without one.
    """

    authority: str | None
    committees: int
    meetings: int
    documents: int
    undated: int
    passages: int
    first_date: str | None
    last_date: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """Totals over the searchable documents, and each authority's share.

    ``withdrawn`` counts the passages and documents that were withdrawn, ``withdrawn_from`` the documents that are
    blank in their places.
    """

    documents: int
    replaced_documents: int
    unreadable_files: int
    partial_documents: int
    meetings: int
    passages: int
    first_date: str | None
    last_date: str | None
    withdrawn: int
    withdrawn_from: int
    authorities: tuple[AuthorityStatus, ...]


def current_urls(catalogue: Catalogue) -> Iterator[str | None]:
    """Yield the address of each document that can be searched; None where it has none."""
    return (row[0] for row in catalogue.connection.execute("SELECT url FROM documents WHERE current"))


def status(catalogue: Catalogue) -> Status:
    """Count what the catalogue holds."""
    connection = catalogue.connection
    rows = connection.execute(
        """
        SELECT d.authority, COUNT(DISTINCT d.committee),
               COUNT(DISTINCT CASE WHEN d.meeting_date IS NOT NULL
                              THEN COALESCE(d.committee, '') || '/' || d.meeting_date END),
               COUNT(*), SUM(d.meeting_date IS NULL), SUM(COALESCE(n.passages, 0)),
               MIN(d.meeting_date), MAX(d.meeting_date)
        FROM documents d
        LEFT JOIN (SELECT document_id, COUNT(*) AS passages FROM passages GROUP BY document_id) n
             USING (document_id)
        WHERE d.current GROUP BY d.authority ORDER BY d.authority IS NULL, d.authority
        """
    )
    by_authority = tuple(AuthorityStatus(*row) for row in rows)
    replaced, partial = connection.execute(
        "SELECT COALESCE(SUM(NOT current), 0), COALESCE(SUM(current AND partial), 0) FROM documents"
    ).fetchone()
    unreadable = connection.execute("SELECT COUNT(*) FROM sources WHERE problem IS NOT NULL").fetchone()[0]
    withdrawn, withdrawn_from = withdrawals.count(connection)
    return Status(
        documents=sum(entry.documents for entry in by_authority),
        replaced_documents=replaced,
        unreadable_files=unreadable,
        partial_documents=partial,
        meetings=sum(entry.meetings for entry in by_authority),
        passages=sum(entry.passages for entry in by_authority),
        first_date=min((entry.first_date for entry in by_authority if entry.first_date), default=None),
        last_date=max((entry.last_date for entry in by_authority if entry.last_date), default=None),
        withdrawn=withdrawn,
        withdrawn_from=withdrawn_from,
        authorities=by_authority,
    )
