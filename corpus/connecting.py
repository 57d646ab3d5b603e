"""Connections to SQLite files, also where the directory that they stand in cannot be written."""

import os
import sqlite3
from pathlib import Path

Fault = sqlite3.DatabaseError  # a full disk, a lock that is held or a damaged file, as other layers know it
WAIT = 30  # seconds for another writer
_OURS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)
_KEPT = 256  # KiB of pages that a connection to read keeps: each thread has one, and the system keeps them for all
AsOf = tuple[bool, int, int]


def to_write(file: Path) -> sqlite3.Connection:
    """Return a connection that reads and writes, without waiting for readers; what is committed is on the disk."""
    connection = sqlite3.connect(file, timeout=WAIT, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def to_read(file: Path) -> tuple[sqlite3.Connection, AsOf | None]:
    """Return a connection that only reads, and the state of the file that it is good for; None where that is any.

    SQLite must be told that nobody writes (immutable) where it cannot make the files by which it would see it. Where a
    power cut left a journal behind, only a connection that may write can read the file as it was before.
    """
    journal = file.with_name(f"{file.name}-journal")
    mode = "rw" if journal.exists() and os.access(file, os.W_OK) else "ro"
    address, seen = f"{file.absolute().as_uri()}?mode={mode}", as_of(file)
    blind = not os.access(file.parent, os.W_OK) and not seen[0]
    connection = sqlite3.connect(
        f"{address}&immutable=1" if blind else address, uri=True, timeout=WAIT, isolation_level=None
    )
    connection.execute(f"PRAGMA cache_size = -{_KEPT}")
    return connection, seen if blind else None


def unreadable(fault: Fault) -> bool:
    """Tell whether a fault is one of the file or disk, not one of what was asked of SQLite."""
    return not isinstance(fault, _OURS) and getattr(fault, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def as_of(file: Path) -> AsOf:
    """Return what changes when somebody writes to a file: a log beside it, its size and its time."""
    status = file.stat()
    return file.with_name(f"{file.name}-wal").exists(), status.st_size, status.st_mtime_ns
