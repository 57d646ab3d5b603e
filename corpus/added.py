"""When documents were first stored: for people who follow a matter, what is new to them is what was added last.

The column came after the first catalogues. One that was begun without it is opened and read as it is, and gets it
with the next document that is stored; when those before were added is not known, and stays so.
"""

import json
import sqlite3
from collections.abc import Iterable


def prepare(connection: sqlite3.Connection) -> None:
    """Within a transaction: add the column and its index to a catalogue that was begun without it."""
    if not _prepared(connection):
        connection.execute("ALTER TABLE documents ADD COLUMN added TEXT")
        connection.execute("CREATE INDEX documents_by_added ON documents (added, document_id) WHERE current")


def _prepared(connection: sqlite3.Connection) -> bool:
    return any(row[1] == "added" for row in connection.execute("PRAGMA table_info(documents)"))


def added(connection: sqlite3.Connection, document_ids: Iterable[str]) -> dict[str, str]:
    """Return when documents were first stored (ISO 8601, UTC, seconds); those of which it is not known are left out."""
    if not _prepared(connection):
        return {}
    rows = connection.execute(
        "SELECT document_id, added FROM documents WHERE added IS NOT NULL"
        " AND document_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(document_ids)),),
    )
    return {row[0]: row[1] for row in rows}


def newest(connection: sqlite3.Connection, most: int) -> dict[str, str]:
    """Return the searchable documents that were stored last, and when, the newest first, whatever the clock said."""
    if not _prepared(connection):
        return {}
    rows = connection.execute(
        "SELECT document_id, added FROM documents WHERE added IS NOT NULL AND current ORDER BY rowid DESC LIMIT ?",
        (most,),
    )
    return {row[0]: row[1] for row in rows}


def places(connection: sqlite3.Connection, document_ids: Iterable[str]) -> dict[str, int]:
    """Return the place of documents in the order in which they were stored; one and the same for those of a second.

    The clock may have been set back since, so it is not asked. Those of which no time is known are left out.
    """
    if not _prepared(connection):
        return {}
    rows = connection.execute(
        "SELECT document_id, (SELECT MIN(e.rowid) FROM documents e WHERE e.added = d.added AND e.current)"
        " FROM documents d WHERE added IS NOT NULL AND current AND document_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(document_ids)),),
    )
    return {row[0]: row[1] for row in rows}


def earliest(connection: sqlite3.Connection) -> str | None:
    """Return the first time at which a document is known to have been stored.

    Documents of which it is not known were stored before it, as it has been kept ever since.
    """
    if not _prepared(connection):
        return None
    found: str | None = connection.execute("SELECT MIN(added) FROM documents").fetchone()[0]
    return found


def column(connection: sqlite3.Connection) -> str:
    """Return what gives in SQL when a document (as d) was first stored; NULL where it is not known."""
    return "d.added" if _prepared(connection) else "NULL"
