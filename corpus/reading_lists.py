"""Collections: passages that a person keeps, with notes, in an order of their own. No account is needed.

Who holds the edit key of a collection may change it; the share key, which follows from the edit key, only shows it.
Every change is one short transaction.
"""

import base64
import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from corpus.errors import CollectionError, NotFoundError, ReadOnlyError
from corpus.reading_lists_file import UNKNOWN, reading, writing

MOST_COLLECTIONS = 100_000
MOST_ENTRIES = 500  # of a collection
LONGEST_TITLE = 200  # characters, as are the next three
LONGEST_NOTE = 5_000
LONGEST_QUOTE = 50_000
LONGEST_CITATION = 5_000
EMPTY_FOR = timedelta(days=1)  # after which an empty collection may make room for a new one


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a collection: who has ``edit`` may change it, who has ``share`` may read it."""

    edit: str
    share: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """A passage as it is shown when it is added: its words, their offsets in the document, and its citation."""

    passage_id: str
    document_id: str
    quote: str
    start: int
    end: int
    citation: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage of a collection, as it was when added (see ``corpus.collected`` before it is shown)."""

    passage: Quoted
    note: str
    added: str


@dataclass(frozen=True, slots=True)
class ReadingList:
    """A collection: its entries in their order; times are UTC in ISO 8601. ``share_key`` only shows it."""

    title: str
    created: str
    changed: str
    entries: tuple[Entry, ...]
    editable: bool
    share_key: str


def share_key(edit_key: str) -> str:
    """Return the share key that belongs to an edit key; the way back cannot be computed."""
    digest = hashlib.sha256(f"share{edit_key}".encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")[:22]


def create(directory: Path, title: str) -> Keys:
    """Start an empty collection in a data directory.

    Raises:
        CollectionError: the title is empty or too long, or no more collections can be kept.
        CatalogueError: the data directory cannot be written.
    """
    title = checked_title(title)
    edit = secrets.token_urlsafe(24)
    keys = Keys(edit, share_key(edit))
    now = _now()
    with writing(directory, new=True) as connection:
        count = connection.execute("SELECT COUNT(*) FROM collections").fetchone()[0]
        if count >= MOST_COLLECTIONS:
            count -= _drop_empty(connection)
        if count >= MOST_COLLECTIONS:
            raise CollectionError(f"This site keeps {MOST_COLLECTIONS:,} collections and has no room for another.")
        connection.execute(
            "INSERT INTO collections (edit_hash, share_hash, title, created, changed) VALUES (?, ?, ?, ?, ?)",
            (_hash(keys.edit), _hash(keys.share), title, now, now),
        )
    return keys


def read(directory: Path, key: str) -> ReadingList:
    """Return the collection that an edit key or a share key opens.

    Raises:
        NotFoundError: no collection has this key.
    """
    with reading(directory) as connection:
        found = _find(connection, key)
        rows = connection.execute(
            'SELECT passage_id, document_id, quote, start, "end", citation, note, added FROM entries'
            " WHERE collection = ? ORDER BY position",
            (found["id"],),
        ).fetchall()
    editable = found["edit_hash"] == _hash(key)
    return ReadingList(
        title=found["title"],
        created=found["created"],
        changed=found["changed"],
        entries=tuple(Entry(Quoted(*row[:6]), row["note"], row["added"]) for row in rows),
        editable=editable,
        share_key=share_key(key) if editable else key,
    )


def add(directory: Path, key: str, passage: Quoted, note: str = "") -> bool:
    """Put a passage at the end of a collection; return False where it stands there already, which changes nothing.

    Raises:
        CollectionError: the collection is full, or the passage or the note is too long to keep.
        ReadOnlyError: the key is a share key. NotFoundError: no collection has this key.
    """
    if len(passage.quote) > LONGEST_QUOTE or len(passage.citation) > LONGEST_CITATION:
        raise CollectionError(f"The passage is longer than the {LONGEST_QUOTE:,} characters that a collection keeps.")
    note = checked_note(note)
    with _changing(directory, key) as (connection, collection):
        held = _order(connection, collection)
        if passage.passage_id in held:
            return False
        if len(held) >= MOST_ENTRIES:
            raise CollectionError(
                f"The collection holds {MOST_ENTRIES} passages, which is as many as it can: start another."
            )
        connection.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                collection, passage.passage_id, passage.document_id, _next(connection, collection),
                _storable(passage.quote), passage.start, passage.end, _storable(passage.citation), note,
                _now(),
            ),
        )  # fmt: skip
    return True


def set_note(directory: Path, key: str, passage_id: str, note: str) -> None:
    """Write the note beside a passage, in place of what stood there; line ends become "\\n".

    Raises:
        CollectionError: the note is too long.
        ReadOnlyError: the key is a share key. NotFoundError: no such collection, or the passage is not in it.
    """
    note = checked_note(note)
    with _changing(directory, key) as (connection, collection):
        _one(
            connection.execute(
                "UPDATE entries SET note = ? WHERE collection = ? AND passage_id = ?", (note, collection, passage_id)
            )
        )


def remove(directory: Path, key: str, passage_id: str) -> None:
    """Take a passage, and the note beside it, out of a collection.

    Raises:
        ReadOnlyError: the key is a share key. NotFoundError: no such collection, or the passage is not in it.
    """
    with _changing(directory, key) as (connection, collection):
        _one(
            connection.execute("DELETE FROM entries WHERE collection = ? AND passage_id = ?", (collection, passage_id))
        )


def move(directory: Path, key: str, passage_id: str, steps: int) -> None:
    """Move a passage some steps down its collection (up, where ``steps`` is negative), at most to an end of it.

    Raises:
        ReadOnlyError: the key is a share key. NotFoundError: no such collection, or the passage is not in it.
    """
    with _changing(directory, key) as (connection, collection):
        order = _order(connection, collection)
        if passage_id not in order:
            raise NotFoundError("The passage is not in this collection any more.")
        place = max(0, min(len(order) - 1, order.index(passage_id) + steps))
        order.remove(passage_id)
        order.insert(place, passage_id)
        connection.executemany(
            "UPDATE entries SET position = ? WHERE collection = ? AND passage_id = ?",
            [(position, collection, name) for position, name in enumerate(order)],
        )


def rename(directory: Path, key: str, title: str) -> None:
    """Give a collection another title.

    Raises:
        CollectionError: the title is empty or too long.
        ReadOnlyError: the key is a share key. NotFoundError: no collection has this key.
    """
    title = checked_title(title)
    with _changing(directory, key) as (connection, collection):
        connection.execute("UPDATE collections SET title = ? WHERE id = ?", (title, collection))


def delete(directory: Path, key: str) -> None:
    """Delete a collection with all its notes; both its links lead nowhere from then on.

    Raises:
        ReadOnlyError: the key is a share key. NotFoundError: no collection has this key.
    """
    with _changing(directory, key) as (connection, collection):
        connection.execute("DELETE FROM collections WHERE id = ?", (collection,))


@contextmanager
def _changing(directory: Path, key: str) -> Iterator[tuple[sqlite3.Connection, int]]:
    """Give a transaction and the row of the collection that may be changed with a key; note that it changed."""
    with writing(directory) as connection:
        found = _find(connection, key)
        if found["edit_hash"] != _hash(key):
            raise ReadOnlyError("This link shows the collection and cannot change it: use its edit link.")
        before = connection.total_changes
        yield connection, found["id"]
        if connection.total_changes > before:
            connection.execute("UPDATE collections SET changed = ? WHERE id = ?", (_now(), found["id"]))


def _find(connection: sqlite3.Connection, key: str) -> sqlite3.Row:
    hashed = _hash(key)
    found: sqlite3.Row | None = connection.execute(
        "SELECT * FROM collections WHERE edit_hash = ? OR share_hash = ?", (hashed, hashed)
    ).fetchone()
    if found is None:
        raise NotFoundError(UNKNOWN)
    return found


def _order(connection: sqlite3.Connection, collection: int) -> list[str]:
    rows = connection.execute("SELECT passage_id FROM entries WHERE collection = ? ORDER BY position", (collection,))
    return [row[0] for row in rows]


def _next(connection: sqlite3.Connection, collection: int) -> int:
    row = connection.execute("SELECT COALESCE(MAX(position) + 1, 0) FROM entries WHERE collection = ?", (collection,))
    return int(row.fetchone()[0])


def _one(done: sqlite3.Cursor) -> None:
    if done.rowcount != 1:
        raise NotFoundError("The passage is not in this collection any more.")


def _drop_empty(connection: sqlite3.Connection) -> int:
    """Delete the collections that nothing was put into for ``EMPTY_FOR``; return how many."""
    since = (datetime.now(UTC) - EMPTY_FOR).isoformat(timespec="seconds")
    return connection.execute(
        "DELETE FROM collections WHERE changed < ? AND id NOT IN (SELECT collection FROM entries)", (since,)
    ).rowcount


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def checked_title(title: str) -> str:
    """Return a title as it is kept: on one line.

    Raises:
        CollectionError: it is empty or too long.
    """
    title = " ".join(_storable(title).split())
    if not title:
        raise CollectionError("A collection needs a title.")
    if len(title) > LONGEST_TITLE:
        raise CollectionError(
            f"A title has at most {LONGEST_TITLE} characters, this one has {len(title):,}: shorten it."
        )
    return title


def checked_note(note: str) -> str:
    """Return a note as it is kept, its line ends "\\n".

    Raises:
        CollectionError: it is too long.
    """
    note = _storable(note).replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(note) > LONGEST_NOTE:
        raise CollectionError(
            f"A note has at most {LONGEST_NOTE:,} characters, this one has {len(note):,}: shorten it."
        )
    return note


def _storable(text: str) -> str:
    """Return a text that SQLite can hold: half characters become "?", and no NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
