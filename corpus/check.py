"""Whether what is stored is what was stored: the catalogue, collections and fetched files, to the last document.

SQLite is asked about the form of its files; seals, content hashes and checksums speak for what stands in them.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from corpus import fetched, ids, reading_lists_file, seals, withdrawals
from corpus.catalogue import Catalogue, embedded_text
from corpus.connecting import to_read
from corpus.errors import CatalogueError, NotFoundError
from corpus.vectors import fault

RESTORE = "run 'minutebook restore' with the last backup, or ingest the files into a new data directory"
_INGEST = "remove the document and ingest its file again, or run 'minutebook restore' with the last backup"
_FETCH = "delete the file and run 'minutebook fetch' again"
_EMBED = "run 'minutebook rebuild', which embeds it anew"
_RESTORE_COLLECTIONS = "run 'minutebook restore' with the last backup"
_MOST = 20  # problems of one kind that are named


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be: in which store, what, and what to do about it."""

    store: str
    what: str
    remedy: str


def catalogue_problems(catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what is wrong with the catalogue."""
    connection = catalogue.connection
    yield from _form(connection, "catalogue")
    try:
        for what in seals.broken(connection, seals.CATALOGUE):
            yield Problem("catalogue", what, _INGEST)
        for (document_id,) in connection.execute("SELECT document_id FROM documents ORDER BY 1").fetchall():
            for what in _document(catalogue, document_id):
                yield Problem("catalogue", f"document {document_id}: {what}", _INGEST)
        for what in _vectors(connection):
            yield Problem("catalogue", what, _EMBED)
    except sqlite3.Error as exc:
        yield Problem("catalogue", f"cannot be read to its end ({exc})", RESTORE)


def _form(connection: sqlite3.Connection, store: str) -> Iterator[Problem]:
    try:
        for (line,) in connection.execute(f"PRAGMA integrity_check({_MOST})"):
            if line != "ok":
                yield Problem(store, " ".join(line.split()), RESTORE)
        for table, _, other, _ in connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST):
            yield Problem(store, f"{table} refers to what is not in {other}", RESTORE)
    except sqlite3.Error as exc:
        yield Problem(store, f"cannot be read ({exc})", RESTORE)


def _document(catalogue: Catalogue, document_id: str) -> Iterator[str]:
    """Yield what contradicts itself in a document: its words against its id, its passages against its words."""
    connection = catalogue.connection
    try:
        (text,) = connection.execute("SELECT text FROM documents WHERE document_id = ?", (document_id,)).fetchone()
        rows = connection.execute(
            'SELECT passage_id, start, "end", context, vector_key FROM passages WHERE document_id = ?'
            " ORDER BY position",
            (document_id,),
        ).fetchall()
    except sqlite3.OperationalError as exc:
        yield f"cannot be read ({exc})"
        return
    blank = withdrawals.places(connection, document_id)  # what was withdrawn is not what the ids stand for
    if not blank and ids.document_id(text) != document_id:
        yield "its words are not those that its id stands for"
    texts = [text[start:end] for _, start, end, _, _ in rows]
    known = set(ids.passage_ids(document_id, texts))
    for (passage_id, start, end, context, key), words in zip(rows, texts, strict=True):
        if not 0 <= start < end <= len(text) or (not blank and passage_id not in known):
            yield f"passage {passage_id} is not the words at its place"
        elif not blank and ids.vector_key(embedded_text(context, words)) != key:
            yield f"passage {passage_id} has another heading than was embedded"


def _vectors(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield what is wrong with the vectors."""
    has_sums = any(row[1] == "crc" for row in connection.execute("PRAGMA table_info(vectors)"))
    lengths: dict[str, int] = {}
    for model, key, vector, crc in connection.execute(
        f"SELECT model, key, vector, {'crc' if has_sums else 'NULL'} FROM vectors ORDER BY model, key"
    ):
        wrong = fault((model, key), vector, crc, lengths.setdefault(model, len(vector)))
        if wrong:
            yield f"vector {key} of {model}: {wrong}"


def unsealed(catalogue: Catalogue) -> bool:
    """Tell whether a catalogue was begun before seals were kept, and nothing was written into it since."""
    return not seals.exist(catalogue.connection)


def collection_problems(directory: Path) -> Iterator[Problem]:
    """Yield what is wrong with the file of the collections, if there is one."""
    file = directory / reading_lists_file.FILE
    if not file.exists():
        return
    try:
        with closing(to_read(file)[0]) as connection:
            yield from _form(connection, "collections")
            for what in seals.broken(connection, seals.COLLECTIONS):
                yield Problem("collections", what, _RESTORE_COLLECTIONS)
        with suppress(NotFoundError), reading_lists_file.reading(directory):  # which is empty
            pass
    except (sqlite3.Error, CatalogueError) as exc:
        yield Problem("collections", str(exc), _RESTORE_COLLECTIONS)


def fetched_problems(directory: Path) -> Iterator[Problem]:
    """Yield the fetched files that are missing or not the bytes that were received."""
    for folder in sorted((directory / fetched.FOLDER).glob("*/")):
        try:
            shelf = fetched.Shelf(directory, folder.name)
        except CatalogueError as exc:
            yield Problem("fetched", str(exc), _FETCH)
            continue
        for path in shelf.spoilt:
            what = f"{shelf.manifest}: what it says of {path} is not what was stored"
            yield Problem("fetched", what, "delete its line and the file, and run 'minutebook fetch' again")
        for record in shelf.records.values():
            file = shelf.folder / record.path
            try:
                with file.open("rb") as opened:
                    same = not record.sha256 or hashlib.file_digest(opened, "sha256").hexdigest() == record.sha256
            except OSError:
                same = False
            if not same:
                yield Problem("fetched", f"{file} is missing or not what was received", _FETCH)
