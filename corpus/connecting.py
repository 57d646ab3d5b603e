"""Connections to SQLite files, also where the directory that they stand in cannot be written."""

import os
import sqlite3
from pathlib import Path

Fault = sqlite3.DatabaseError  # a full disk, a lock that is held or a damaged file, as other layers know it
WAIT = 30  # seconds for another writer
AsOf = tuple[bool, int, int]


def to_write(file: Path) -> sqlite3.Connection:
    """Return a connection that reads and writes, without waiting for those who read."""
    connection = sqlite3.connect(file, timeout=WAIT, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def to_read(file: Path) -> tuple[sqlite3.Connection, AsOf | None]:
    """Return a connection that only reads, and the state of the file that it is good for; None where that is any.

    SQLite must be told that nobody writes (immutable) where it cannot make the files by which it would see it.
    """
    address, seen = f"{file.absolute().as_uri()}?mode=ro", as_of(file)
    blind = not os.access(file.parent, os.W_OK) and not seen[0]
    connection = sqlite3.connect(
        f"{address}&immutable=1" if blind else address, uri=True, timeout=WAIT, isolation_level=None
    )
    return connection, seen if blind else None


def as_of(file: Path) -> AsOf:
    """Return what changes when somebody writes to a file: a log beside it, its size and its time."""
    status = file.stat()
    return file.with_name(f"{file.name}-wal").exists(), status.st_size, status.st_mtime_ns
