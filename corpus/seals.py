"""Seals: a checksum of all that is stored of a document, so that a byte that flips on the disk does not go unnoticed.

SQLite sees to it that a transaction is whole, not that what it reads is what was written. Triggers note which documents
and sources a transaction changes, whoever changes them, and their seals are made anew before it is committed.
A catalogue that was begun without seals gets them with the next thing that is written.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator

_SOURCE = "source "  # begins the keys of the seals of files; those of documents are their ids
_TABLES = {  # of a document, and the order of their rows
    "documents": "document_id",
    "provenance": "field",
    "pages": "number",
    "items": "position",
    "records": "position",
    "passages": "row",
    "sketches": "hash",
}


def prepare(connection: sqlite3.Connection) -> None:
    """Within a transaction: give a catalogue without seals the tables for them, and note that all are to be made."""
    if exist(connection):
        return
    connection.execute("CREATE TABLE seals (key TEXT PRIMARY KEY, seal TEXT NOT NULL) WITHOUT ROWID")
    connection.execute("CREATE TABLE unsealed (key TEXT PRIMARY KEY) WITHOUT ROWID")
    for table in _TABLES:
        _trigger(connection, table, "{row}.document_id")
    _trigger(connection, "sources", f"'{_SOURCE}' || {{row}}.location")
    connection.execute("INSERT INTO unsealed SELECT document_id FROM documents")
    connection.execute("INSERT INTO unsealed SELECT ? || location FROM sources", (_SOURCE,))


def _trigger(connection: sqlite3.Connection, table: str, key: str) -> None:
    for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
        # Not INSERT OR IGNORE: the policy of the statement that fires the trigger would take its place.
        noted = "".join(
            f"INSERT INTO unsealed SELECT {value} WHERE NOT EXISTS (SELECT 1 FROM unsealed WHERE key = {value}); "
            for value in (key.format(row=row) for row in rows)
        )
        connection.execute(f"CREATE TRIGGER seal_{table}_{event.lower()} AFTER {event} ON {table} BEGIN {noted}END")


def exist(connection: sqlite3.Connection) -> bool:
    """Tell whether a catalogue has seals."""
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'seals'").fetchone())


def renew(connection: sqlite3.Connection) -> None:
    """Within a transaction, as the last thing of it: make the seals of what it changed anew."""
    for (key,) in connection.execute("SELECT key FROM unsealed").fetchall():
        seal = _seal(connection, key)
        if seal is None:
            connection.execute("DELETE FROM seals WHERE key = ?", (key,))
        else:
            connection.execute("INSERT OR REPLACE INTO seals VALUES (?, ?)", (key, seal))
    connection.execute("DELETE FROM unsealed")


def broken(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what is not as it was stored, in words: a document by its id, a file by its path."""
    for (key,) in connection.execute("SELECT key FROM unsealed"):
        yield f"{_named(key)}: its seal was not made"
    keys = "SELECT document_id FROM documents UNION SELECT ? || location FROM sources UNION SELECT key FROM seals"
    for (key,) in connection.execute(keys, (_SOURCE,)).fetchall():
        held = connection.execute("SELECT seal FROM seals WHERE key = ?", (key,)).fetchone()
        try:
            found = _seal(connection, key)
        except sqlite3.OperationalError as exc:  # it is not even text any more
            yield f"{_named(key)}: {exc}"
            continue
        if held is None:
            yield f"{_named(key)}: has no seal"
        elif found is None:
            yield f"{_named(key)}: has gone, and was not removed"
        elif found != held[0]:
            yield f"{_named(key)}: is not what was stored"


def _named(key: str) -> str:
    return f"file {key.removeprefix(_SOURCE)}" if key.startswith(_SOURCE) else f"document {key}"


def _seal(connection: sqlite3.Connection, key: str) -> str | None:
    """Return the checksum of what is stored under a key; None where nothing is."""
    if key.startswith(_SOURCE):
        parts = [("sources", "location = ?", "location", key.removeprefix(_SOURCE))]
    else:
        parts = [(table, "document_id = ?", order, key) for table, order in _TABLES.items()]
    total, first = hashlib.blake2b(digest_size=16), True
    for table, condition, order, value in parts:
        cursor = connection.execute(f"SELECT * FROM {table} WHERE {condition} ORDER BY {order}", (value,))
        names = [column[0] for column in cursor.description]
        for row in cursor:
            first = False
            # Without nulls, so that a column that a later version adds breaks no seal.
            held = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            total.update(json.dumps([table, held], sort_keys=True).encode())
        if first:  # neither the document nor the file itself is there
            return None
    return total.hexdigest()
