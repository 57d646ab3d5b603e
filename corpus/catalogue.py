"""The catalogue: one SQLite file that keeps every document, its structure and where it came from.

The indexes are made from the catalogue and can always be made again from it. A document is written in
one transaction with its items, passages and source, so a run that is interrupted keeps what it finished.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from corpus import added, connecting, durable, ids, records, seals, versions, withdrawals
from corpus.errors import CatalogueError, NotFoundError
from corpus.model import AgendaItem, Document, Found, Page, Passage, Recorded, Source
from corpus.vectors import checksum, fault

FORMAT = 1
RESTORING = "restoring"  # stands in a data directory while a backup is put in place there
_COLUMNS = ("authority", "committee", "meeting_date", "url")  # searched by, so in the documents table too
_FOUND_FIELDS = (*_COLUMNS, "time", "venue", "status", "language")


class Catalogue:
    """An opened catalogue. One may be shared by threads: each gets its own connection."""

    def __init__(self, directory: Path, *, create: bool = False, read_only: bool = False) -> None:
        """Open the catalogue of a data directory.

        Args:
            create: make it where there is none.
            read_only: nothing can be written through it, as becomes what answers strangers.

        Raises:
            CatalogueError: there is none (and ``create`` is false), or it cannot be used.
        """
        self.directory = directory
        self.file = directory / "catalogue.sqlite"
        self._nothing = f"Nothing has been ingested into {directory} yet: run 'minutebook ingest PATH' first."
        self._read_only = read_only
        self._local = threading.local()
        try:
            if (directory / RESTORING).exists():
                raise CatalogueError(
                    f"A restore of {directory} is under way, or was interrupted: wait for it, or run the same "
                    "'minutebook restore' again."
                )
            if create:
                durable.make_directory(directory)
            elif not self.file.exists():
                raise CatalogueError(self._nothing)
            self._check_format(create)
        except OSError as exc:
            raise CatalogueError(f"The data directory {directory} cannot be used: {exc.strerror}.") from exc
        except sqlite3.Error as exc:
            raise CatalogueError(
                f"{self.file} is not a usable catalogue ({exc}): if it is damaged, run 'minutebook restore' with the "
                "last backup."
            ) from exc

    def _check_format(self, create: bool) -> None:
        tables = {row[0] for row in self.connection.execute("SELECT name FROM sqlite_master")}
        if not tables and create:
            schema = (files("corpus") / "schema.sql").read_text(encoding="utf-8")
            self.connection.executescript(
                f"BEGIN IMMEDIATE; {schema} INSERT INTO meta VALUES ('format', '{FORMAT}'); COMMIT;"
            )
            return
        if not tables:  # an ingest was stopped before its first document
            raise CatalogueError(self._nothing)
        row = None
        if "meta" in tables:
            row = self.connection.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
        found = row[0] if row else "none"
        if found.isdecimal() and int(found) > FORMAT:
            raise CatalogueError(
                f"{self.file} was written by a newer version of Minutebook (format {found}, this version reads "
                f"{FORMAT}): install that version; nothing was changed."
            )
        if found != str(FORMAT):
            raise CatalogueError(
                f"{self.file} has format {found}, this version of Minutebook reads format {FORMAT}: "
                "ingest into a new data directory."
            )

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.as_of not in (None, connecting.as_of(self.file)):
            self.close()  # somebody else has written
            connection = None
        if connection is None:
            self._local.as_of = None
            if self._read_only or not os.access(self.directory, os.W_OK):
                connection, self._local.as_of = connecting.to_read(self.file)
                connection.execute("PRAGMA query_only = ON")
            else:
                connection = connecting.to_write(self.file)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside one transaction: all of it is kept, or none.

        Raises:
            CatalogueError: it cannot be written, as where the disk is full, or what is stored is damaged.
        """
        connection = self.connection
        if self._read_only:
            raise CatalogueError(f"{self.file} was opened to be read only.")
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            raise CatalogueError(f"{self.file} cannot be written ({exc}): is another ingest running?") from exc
        try:
            seals.prepare(connection, seals.CATALOGUE)
            yield connection
            seals.renew(connection, seals.CATALOGUE)
            connection.execute("COMMIT")
        except BaseException as exc:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if type(exc) in (sqlite3.OperationalError, sqlite3.DatabaseError):
                raise CatalogueError(self.explained(exc)) from exc
            raise

    def explained(self, exc: BaseException) -> str:
        """Return what an error of SQLite means for the one who reads it."""
        if isinstance(exc, sqlite3.OperationalError):
            return f"{self.file} cannot be written ({exc}): make room and run the same command again."
        return f"{self.file} is damaged ({exc}): run 'minutebook check', and 'minutebook restore' with the last backup."

    # -- sources -------------------------------------------------------------------------------------

    def source(self, location: str) -> Source | None:
        """Return what is known of the file at this absolute path."""
        row = self.connection.execute(
            "SELECT location, path, fingerprint, document_id, problem FROM sources WHERE location = ?", (location,)
        ).fetchone()
        return Source(*row) if row else None

    def sources_of(self, document_id: str) -> list[Source]:
        """Return the files that hold a document and could be read when last seen, first ingested first."""
        rows = self.connection.execute(
            "SELECT location, path, fingerprint, document_id, problem FROM sources"
            " WHERE document_id = ? AND problem IS NULL ORDER BY rowid",
            (document_id,),
        )
        return [Source(*row) for row in rows]

    def problems(self) -> list[Source]:
        """Return every file that could not be read, with its reason."""
        rows = self.connection.execute(
            "SELECT location, path, fingerprint, document_id, problem FROM sources"
            " WHERE problem IS NOT NULL ORDER BY location"
        )
        return [Source(*row) for row in rows]

    def save_problem(self, source: Source) -> None:
        """Record that a file could not be read. What an earlier version of it gave stays searchable."""
        with self.writing() as connection:
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, ?, ?, ?) ON CONFLICT (location) DO UPDATE SET"
                " path = excluded.path, fingerprint = excluded.fingerprint, problem = excluded.problem",
                (source.location, source.path, source.fingerprint, None, source.problem),
            )

    # -- writing documents ---------------------------------------------------------------------------

    def save(self, document: Document, source: Source) -> int:
        """Store a document and the file it came from; return the number of passages that are new.

        The same text from another file is one document with two sources; the first to come says whose and
        of what day it is. A text that replaces the one
        its file held before takes its place in search; the old one is kept, not searched, and linked; and
        so are other versions of the same record. Words that were withdrawn are not stored.
        """
        with self.writing() as connection:
            before = connection.execute(
                "SELECT document_id FROM sources WHERE location = ?", (source.location,)
            ).fetchone()
            first = connection.execute(
                "SELECT location FROM sources WHERE document_id = ? ORDER BY rowid LIMIT 1", (document.document_id,)
            ).fetchone()
            speaks_for_it = first is None or first[0] == source.location
            added.prepare(connection)
            blank = withdrawals.due(connection, document, source.fingerprint)
            document = withdrawals.blanked(document, blank)
            new_passages = _write_document(connection, document) if speaks_for_it else 0
            if speaks_for_it:
                withdrawals.keep_places(connection, document.document_id, blank)
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, ?, ?, NULL) ON CONFLICT (location) DO UPDATE SET"
                " path = excluded.path, fingerprint = excluded.fingerprint,"
                " document_id = excluded.document_id, problem = NULL",
                (source.location, source.path, source.fingerprint, document.document_id),
            )
            if before and before[0] and before[0] != document.document_id:
                self._retire(connection, before[0], document.document_id)
            if speaks_for_it:
                versions.link(connection, document)
                versions.complete(connection, document)
        return new_passages

    def rewrite(self, connection: sqlite3.Connection, document: Document) -> None:
        """Within a transaction: write a stored document anew, with its place among its versions as it was."""
        key = document.document_id
        place = connection.execute(
            "SELECT current, replaced_by FROM documents WHERE document_id = ?", (key,)
        ).fetchone()
        completed = self.completions(key)
        added.prepare(connection)
        _write_document(connection, document)
        connection.execute("UPDATE documents SET current = ?, replaced_by = ? WHERE document_id = ?", (*place, key))
        versions.keep_sketch(connection, document)
        for position, whole in completed.items():
            connection.execute(
                "UPDATE items SET completed_by = ? WHERE document_id = ? AND position = ?", (whole, key, position)
            )
            connection.execute("UPDATE passages SET hidden = 1 WHERE document_id = ? AND item = ?", (key, position))

    @staticmethod
    def _retire(connection: sqlite3.Connection, old: str, new: str) -> None:
        """Where no file holds a text any more, take it out of search and link it to what took its place."""
        if not connection.execute("SELECT 1 FROM sources WHERE document_id = ?", (old,)).fetchone():
            versions.release(connection, [old])
            connection.execute("UPDATE documents SET current = 0, replaced_by = ? WHERE document_id = ?", (new, old))

    def remove(self, locations: Sequence[str]) -> int:
        """Forget files and the documents that no other file holds, older versions included; count those."""
        with self.writing() as connection:
            held = [self.source(location) for location in locations]
            connection.executemany("DELETE FROM sources WHERE location = ?", [(place,) for place in locations])
            pending = [source.document_id for source in held if source and source.document_id]
            forgotten = 0
            while pending:
                document_id = pending.pop()
                if connection.execute("SELECT 1 FROM sources WHERE document_id = ?", (document_id,)).fetchone():
                    continue
                versions.release(connection, [document_id])
                older = connection.execute("SELECT document_id FROM documents WHERE replaced_by = ?", (document_id,))
                pending += [row[0] for row in older]
                forgotten += connection.execute("DELETE FROM documents WHERE document_id = ?", (document_id,)).rowcount
        return forgotten

    # -- reading documents ---------------------------------------------------------------------------

    def document(self, document_id: str) -> Document:
        """Return a document with its pages, items and passages.

        Raises:
            NotFoundError: nothing is stored under this id.
        """
        row = self.connection.execute("SELECT * FROM documents WHERE document_id = ?", (document_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"No document has the id {document_id!r}.")
        found = {
            field: Found(value, how, tuple(json.loads(considered)))
            for field, value, how, considered in self.connection.execute(
                "SELECT field, value, how, considered FROM provenance WHERE document_id = ?", (document_id,)
            )
        }
        return Document(
            document_id=document_id,
            text=row["text"],
            title=row["title"],
            kind=row["kind"],
            partial=bool(row["partial"]),
            notes=tuple(json.loads(row["notes"])),
            pages=tuple(self._pages(document_id)),
            items=tuple(self._items(document_id)),
            records=tuple(self._records(document_id)),
            passages=tuple(self._passages(document_id, row["text"])),
            **{field: found[field] for field in _FOUND_FIELDS},
        )

    def _pages(self, document_id: str) -> Iterator[Page]:
        rows = self.connection.execute(
            'SELECT number, start, "end", route FROM pages WHERE document_id = ? ORDER BY number', (document_id,)
        )
        return (Page(*row) for row in rows)

    def _items(self, document_id: str) -> Iterator[AgendaItem]:
        rows = self.connection.execute(
            'SELECT title, start, "end", number, anchor, partial, restricted, agenda FROM items'
            " WHERE document_id = ? ORDER BY position",
            (document_id,),
        )
        for title, start, end, number, anchor, partial, restricted, agenda in rows:
            yield AgendaItem(title, start, end, number, anchor, bool(partial), bool(restricted), agenda)

    def _records(self, document_id: str) -> Iterator[Recorded]:
        rows = self.connection.execute(
            'SELECT item, type, start, "end", how, fields FROM records WHERE document_id = ? ORDER BY position',
            (document_id,),
        )
        return (Recorded(row["item"], records.from_row(*row[1:])) for row in rows)

    def _passages(self, document_id: str, text: str) -> Iterator[Passage]:
        rows = self.connection.execute(
            'SELECT passage_id, start, "end", kind, item, page, partial, context, records FROM passages'
            " WHERE document_id = ? ORDER BY position",
            (document_id,),
        )
        for passage_id, start, end, kind, item, page, partial, context, held in rows:
            types = tuple(name for name in held.split(",") if name)
            yield Passage(passage_id, start, end, text[start:end], kind, item, page, bool(partial), context, types)

    def replacement(self, document_id: str) -> str | None:
        """Return the id of the document that replaced this one, if one did."""
        row = self.connection.execute(
            "SELECT replaced_by FROM documents WHERE document_id = ?", (document_id,)
        ).fetchone()
        return row[0] if row else None

    def completions(self, document_id: str) -> dict[int, str]:
        """Return, by position, the items that are cut off here and the documents that hold them whole."""
        rows = self.connection.execute(
            "SELECT position, completed_by FROM items WHERE document_id = ? AND completed_by IS NOT NULL",
            (document_id,),
        )
        return {row[0]: row[1] for row in rows}

    def versions(self, document_id: str) -> list[tuple[str, str]]:
        """Return (document id, path or title) of the versions that this document stands for in search."""
        rows = self.connection.execute(
            "SELECT d.document_id, COALESCE((SELECT path FROM sources s WHERE s.document_id = d.document_id), d.title)"
            " FROM documents d WHERE d.replaced_by = ? ORDER BY d.document_id",
            (document_id,),
        )
        return [(row[0], row[1]) for row in rows]

    def paths(self, document_id: str) -> list[str]:
        """Return the paths of the files that hold this document, first ingested first."""
        rows = self.connection.execute("SELECT path FROM sources WHERE document_id = ? ORDER BY rowid", (document_id,))
        return [row[0] for row in rows]

    # -- vectors -------------------------------------------------------------------------------------

    def unembedded(self, model: str, documents: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
        """Yield (key, text to embed) of each current passage that has no vector of this model.

        Args:
            documents: those whose passages are looked at; all of them without it.
        """
        chosen = "" if documents is None else " AND p.document_id IN (SELECT value FROM json_each(?))"
        rows = self.connection.execute(
            'SELECT p.vector_key, p.context, substr(d.text, p.start + 1, p."end" - p.start)'
            " FROM passages p JOIN documents d USING (document_id)"
            " WHERE d.current AND NOT EXISTS"
            f" (SELECT 1 FROM vectors v WHERE v.model = ? AND v.key = p.vector_key){chosen}"
            " GROUP BY p.vector_key ORDER BY p.row",
            (model,) if documents is None else (model, json.dumps(list(documents))),
        )
        return ((key, embedded_text(context, text)) for key, context, text in rows)

    def save_vectors(self, model: str, vectors: Iterable[tuple[str, bytes]]) -> None:
        """Keep vectors (little-endian float32) by key."""
        with self.writing() as connection:
            _prepare_vectors(connection)
            connection.executemany(
                "INSERT OR REPLACE INTO vectors (model, key, vector, crc) VALUES (?, ?, ?, ?)",
                ((model, key, blob, checksum(model, key, blob)) for key, blob in vectors),
            )

    def forget_faulty_vectors(self, model: str) -> int:
        """Delete the vectors of a model that are not what was stored, so that they are made anew; return how many."""
        size: int | None = None
        faulty = []
        with self.writing() as connection:
            _prepare_vectors(connection)
            for key, vector, crc in connection.execute(
                "SELECT key, vector, crc FROM vectors WHERE model = ?", (model,)
            ):
                size = size or len(vector)
                if fault((model, key), vector, crc, size):
                    faulty.append((model, key))
            connection.executemany("DELETE FROM vectors WHERE model = ? AND key = ?", faulty)
        return len(faulty)

    def vectors(self, model: str, rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield (passage row, vector) for the given passage rows, in ascending order of row."""
        for start in range(0, len(rows), 500):
            part = sorted(rows[start : start + 500])
            yield from self.connection.execute(
                "SELECT p.row, v.vector FROM passages p JOIN vectors v ON v.model = ? AND v.key = p.vector_key"
                f" WHERE p.row IN ({','.join('?' * len(part))}) ORDER BY p.row",
                (model, *part),
            )


def _prepare_vectors(connection: sqlite3.Connection) -> None:
    """Within a transaction: add the column of the checksums to a catalogue that was begun without it."""
    if not any(row[1] == "crc" for row in connection.execute("PRAGMA table_info(vectors)")):
        connection.execute("ALTER TABLE vectors ADD COLUMN crc INTEGER")


def embedded_text(context: str, text: str) -> str:
    """Return what is embedded for a passage: its heading on a line of its own, then its text."""
    return f"{context}\n{text}" if context else text


def _write_document(connection: sqlite3.Connection, document: Document) -> int:
    """Write or overwrite one document; return how many of its passages were not there before.

    When it was first stored stays as it was.
    """
    key = document.document_id
    values = {
        "document_id": key,
        "text": document.text,
        "title": document.title,
        "kind": document.kind,
        **{field: getattr(document, field).value for field in _COLUMNS},
        "partial": document.partial,
        "notes": json.dumps(document.notes, ensure_ascii=False),
        "added": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    updates = ", ".join(f"{name} = excluded.{name}" for name in values if name not in ("document_id", "added"))
    connection.execute(
        f"INSERT INTO documents ({names}) VALUES ({marks}) ON CONFLICT (document_id) DO UPDATE SET {updates},"
        " current = 1, replaced_by = NULL",
        values,
    )
    _write_parts(connection, document)
    return _write_passages(connection, document)


def _write_parts(connection: sqlite3.Connection, document: Document) -> None:
    """Write how the values of a document were found, its pages, items and records, in place of those before."""
    key = document.document_id
    for table in ("provenance", "pages", "items", "records"):
        connection.execute(f"DELETE FROM {table} WHERE document_id = ?", (key,))
    found = [(field, getattr(document, field)) for field in _FOUND_FIELDS]
    connection.executemany(
        "INSERT INTO provenance VALUES (?, ?, ?, ?, ?)",
        [(key, name, f.value, f.how, json.dumps(f.considered, ensure_ascii=False)) for name, f in found],
    )
    connection.executemany(
        "INSERT INTO pages VALUES (?, ?, ?, ?, ?)", [(key, p.number, p.start, p.end, p.route) for p in document.pages]
    )
    connection.executemany(
        "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        [
            (key, position, i.number, i.agenda_number, i.title, i.start, i.end, i.anchor, i.partial, i.restricted)
            for position, i in enumerate(document.items)
        ],
    )
    connection.executemany(
        "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                key, position, kept.item, records.type_of(kept.record), kept.record.start, kept.record.end,
                kept.record.how, records.to_fields(kept.record),
            )
            for position, kept in enumerate(document.records)
        ],
    )  # fmt: skip


def _write_passages(connection: sqlite3.Connection, document: Document) -> int:
    """Write the passages of a document under new rows; return how many were not there before.

    A new row is what tells the indexes that a passage, or what they know of its document, has changed.
    """
    key = document.document_id
    stored = {row[0] for row in connection.execute("SELECT passage_id FROM passages WHERE document_id = ?", (key,))}
    connection.execute("DELETE FROM passages WHERE document_id = ?", (key,))
    connection.executemany(
        'INSERT INTO passages (passage_id, document_id, position, item, kind, start, "end", page, partial,'
        " records, context, vector_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                p.passage_id, key, position, p.item, p.kind, p.start, p.end, p.page, p.partial,
                f",{','.join(p.records)},", p.context,
                ids.vector_key(embedded_text(p.context, p.text)),
            )
            for position, p in enumerate(document.passages)
        ],
    )  # fmt: skip
    return len({passage.passage_id for passage in document.passages} - stored)
