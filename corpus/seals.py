"""Seals: a checksum of all that is stored of a document, so that a byte that flips on the disk does not go unnoticed.

SQLite sees to it that a transaction is whole, not that what it reads is what was written. Triggers note what a
transaction changes, whoever changes it, and those seals are made anew before it is committed. A file that was begun
without seals gets them with the next thing that is written into it.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one seal is made of: rows of tables, each given with the column of the key and the order of its rows.

    The first table holds one row a key; ``named`` says what it is, and begins the key among the seals.
    """

    named: str
    tables: tuple[tuple[str, str, str], ...]


_SCHEMA = "schema"  # the key of the seal of the tables and triggers themselves
_OF_DOCUMENTS = (
    ("documents", "document_id"),
    ("provenance", "field"),
    ("pages", "number"),
    ("items", "position"),
    ("records", "position"),
    ("passages", "row"),
    ("sketches", "hash"),
)
CATALOGUE = (
    Sealed("document", tuple((table, "document_id", order) for table, order in _OF_DOCUMENTS)),
    Sealed("file", (("sources", "location", "location"),)),
)
COLLECTIONS = (Sealed("collection", (("collections", "id", "id"), ("entries", "collection", "passage_id"))),)


def prepare(connection: sqlite3.Connection, sealed: Sequence[Sealed]) -> None:
    """Within a transaction: give a file without seals the tables for them, and note that all are to be made."""
    if exist(connection):
        return
    connection.execute("CREATE TABLE seals (key TEXT PRIMARY KEY, seal TEXT NOT NULL) WITHOUT ROWID")
    connection.execute("CREATE TABLE unsealed (key TEXT PRIMARY KEY) WITHOUT ROWID")
    for one in sealed:
        for table, column, _ in one.tables:
            for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
                noted = "".join(_note(f"'{one.named} ' || {row}.{column}") for row in rows)
                connection.execute(
                    f"CREATE TRIGGER seal_{table}_{event.lower()} AFTER {event} ON {table} BEGIN {noted}END"
                )
        table, column, _ = one.tables[0]
        connection.execute(f"INSERT INTO unsealed SELECT '{one.named} ' || {column} FROM {table}")


def _note(key: str) -> str:
    # Not INSERT OR IGNORE: the policy of the statement that fires the trigger would take its place.
    return f"INSERT INTO unsealed SELECT {key} WHERE NOT EXISTS (SELECT 1 FROM unsealed WHERE key = {key}); "


def exist(connection: sqlite3.Connection) -> bool:
    """Tell whether a file has seals."""
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'seals'").fetchone())


def renew(connection: sqlite3.Connection, sealed: Sequence[Sealed]) -> None:
    """Within a transaction, as the last thing of it: make the seals of what it changed anew."""
    for (key,) in connection.execute("SELECT key FROM unsealed").fetchall():
        seal = _seal(connection, sealed, key)
        if seal is None:
            connection.execute("DELETE FROM seals WHERE key = ?", (key,))
        else:
            connection.execute("INSERT OR REPLACE INTO seals VALUES (?, ?)", (key, seal))
    connection.execute("DELETE FROM unsealed")
    version, seal = _schema(connection)
    held = connection.execute("SELECT seal FROM seals WHERE key = ?", (_SCHEMA,)).fetchone()
    if held is None or not held[0].startswith(f"{version} "):
        connection.execute("INSERT OR REPLACE INTO seals VALUES (?, ?)", (_SCHEMA, f"{version} {seal}"))


def _schema(connection: sqlite3.Connection) -> tuple[int, str]:
    """Return the number that SQLite raises with every change of the tables and triggers, and a checksum of them."""
    (version,) = connection.execute("PRAGMA schema_version").fetchone()
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    return version, hashlib.blake2b(json.dumps([list(row) for row in rows]).encode(), digest_size=16).hexdigest()


def broken(connection: sqlite3.Connection, sealed: Sequence[Sealed]) -> Iterator[str]:
    """Yield what is not as it was stored, in words; nothing for a file without seals."""
    if not exist(connection):
        return
    keys = {row[0] for row in connection.execute("SELECT key FROM seals")}
    for one in sealed:
        table, column, _ = one.tables[0]
        keys |= {row[0] for row in connection.execute(f"SELECT '{one.named} ' || {column} FROM {table}")}
    # Those that a version without seals has changed are to be made with the next thing that is written.
    keys -= {row[0] for row in connection.execute("SELECT key FROM unsealed")}
    version, seal = _schema(connection)
    for (held,) in connection.execute("SELECT seal FROM seals WHERE key = ?", (_SCHEMA,)).fetchall():
        if held.startswith(f"{version} ") and held != f"{version} {seal}":
            yield "the description of the tables is not what was stored"
    for key in sorted(keys - {_SCHEMA}):
        held = connection.execute("SELECT seal FROM seals WHERE key = ?", (key,)).fetchone()
        try:
            found = _seal(connection, sealed, key)
        except sqlite3.OperationalError as exc:  # it is not even text any more
            yield f"{key}: cannot be read ({exc})"
            continue
        if held is None:
            yield f"{key}: has no seal"
        elif found is None:
            yield f"{key}: has gone, and was not removed"
        elif found != held[0]:
            yield f"{key}: is not what was stored"


def _seal(connection: sqlite3.Connection, sealed: Sequence[Sealed], key: str) -> str | None:
    """Return the checksum of what is stored under a key; None where nothing is."""
    named, _, value = key.partition(" ")
    tables = next((one.tables for one in sealed if one.named == named), ())
    total, empty = hashlib.blake2b(digest_size=16), True
    for table, column, order in tables:
        cursor = connection.execute(f"SELECT * FROM {table} WHERE {column} = ? ORDER BY {order}", (value,))
        names = [description[0] for description in cursor.description]
        for row in cursor:
            empty = False
            # Without nulls, so that a column that a later version adds breaks no seal.
            held = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            total.update(json.dumps([table, held], sort_keys=True).encode())
        if empty:
            break
    return None if empty else total.hexdigest()
