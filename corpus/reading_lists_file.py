"""The file that collections stand in: ``collections.db`` beside the catalogue, which so stays read-only for the web.

It keeps a rollback journal (not WAL), so that it can be read where nothing can be written.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path

from corpus import seals
from corpus.errors import CatalogueError, NotFoundError

FILE = "collections.db"
FORMAT = 1
MOST_PAGES = 1_000_000  # of the file, 4 KiB each
UNKNOWN = "No collection has this link: it was deleted, or the link is not complete."
_WAIT = 10  # seconds for another writer


@contextmanager
def reading(directory: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that sees the file as it is at one moment, and changes nothing.

    Raises:
        NotFoundError: there is no such file, so there are no collections.
        CatalogueError: it cannot be read.
    """
    if not (directory / FILE).exists():
        raise NotFoundError(UNKNOWN)
    with _opened(directory, "rw") as connection:
        connection.execute("BEGIN")
        if _version(connection) is None:
            raise NotFoundError(UNKNOWN)
        yield connection


@contextmanager
def _opened(directory: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """Give a connection; its failures become a CatalogueError.

    ``mode`` is that of SQLite: rw, which reads what may not be written, or rwc. A reader takes it too, as a journal
    that a crash left behind can be rolled back by it alone.
    """
    file = directory.absolute() / FILE
    try:
        address = f"{file.as_uri()}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True, timeout=_WAIT, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = EXTRA")  # else a power cut may bring the journal back
            connection.execute("PRAGMA secure_delete = ON")  # what people delete is gone from the file too
            connection.execute(f"PRAGMA max_page_count = {MOST_PAGES}")
            yield connection
    except sqlite3.Error as exc:
        raise CatalogueError(
            f"Collections cannot be kept or read now ({exc}): {FILE} in the data directory must be a file that can be"
            " written."
        ) from exc


@contextmanager
def writing(directory: Path, *, new: bool = False) -> Iterator[sqlite3.Connection]:
    """Give a connection inside one transaction: all of it is kept, or none. ``new``: make the file if need be.

    Raises:
        NotFoundError: there is no such file, so there are no collections.
        CatalogueError: it cannot be written.
    """
    if not new and not (directory / FILE).exists():
        raise NotFoundError(UNKNOWN)
    with _opened(directory, "rwc" if new else "rw") as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) is None:
                _make(connection)
            seals.prepare(connection, seals.COLLECTIONS)
            yield connection
            seals.renew(connection, seals.COLLECTIONS)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _make(connection: sqlite3.Connection) -> None:
    schema = (files("corpus") / "reading_lists.sql").read_text(encoding="utf-8")
    for statement in schema.split(";\n"):  # executescript would end the transaction
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _version(connection: sqlite3.Connection) -> int | None:
    """Return the format of the file, None where nothing has been written into it.

    Raises:
        CatalogueError: the format is another than this version reads.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        return None
    if version != FORMAT:
        raise CatalogueError(f"{FILE} has format {version}, this version of Minutebook reads format {FORMAT}.")
    return version
