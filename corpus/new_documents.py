"""Documents as they came in: the last stored first."""

from dataclasses import dataclass

from corpus import added
from corpus.catalogue import Catalogue
from corpus.filters import Filters, of_documents


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that can be searched, and when it was first stored (ISO 8601, UTC); None is not known."""

    document_id: str
    title: str
    kind: str
    authority: str | None
    committee: str | None
    meeting_date: str | None
    url: str | None
    partial: bool
    added: str | None


def new_documents(catalogue: Catalogue, filters: Filters, most: int) -> tuple[NewDocument, ...]:
    """Return the documents that resolved filters let through, the last stored first, then by the day of the meeting.

    A filter on the kind is one on the kind of the whole document.
    """
    clauses, values = of_documents(filters)
    if filters.kinds:
        clauses.append(f"d.kind IN ({','.join('?' * len(filters.kinds))})")
        values.extend(filters.kinds)
    rows = catalogue.connection.execute(
        "SELECT d.document_id, d.title, d.kind, d.authority, d.committee, d.meeting_date, d.url, d.partial,"
        f" {added.column(catalogue.connection)} AS added FROM documents d WHERE {' AND '.join(clauses)}"
        " ORDER BY added DESC, d.meeting_date DESC, d.document_id LIMIT ?",  # SQLite takes null for the least
        (*values, most),
    )
    return tuple(NewDocument(**{**dict(row), "partial": bool(row["partial"])}) for row in rows)
