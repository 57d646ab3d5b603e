"""Versions: the same minutes arrive as a single file, in a pack, as draft and as final; one is searched.

Two documents are versions of one record where their words resemble each other closely and nothing known
speaks against it. Resemblance is estimated from sketches: the 64 smallest hashes of a text's runs of eight
words (Broder, "On the resemblance and containment of documents", 1997).
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterable

from corpus.model import Document

SKETCH = 64
RUN = 8
MIN_RUNS = 60  # shorter texts are too alike by nature: stubs, notices of cancellation
SAME_TEXT = 0.8
SAME_MEETING = 0.5
_WORD = re.compile(r"[^\W_]+")


def sketch(text: str) -> list[int]:
    """Return the sketch of a text, ascending; empty where the text is too short to compare."""
    words = _WORD.findall(text.lower())
    if len(words) < MIN_RUNS + RUN:
        return []
    runs = {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}
    hashes = sorted(int.from_bytes(hashlib.blake2b(run.encode(), digest_size=7).digest()) for run in runs)
    return hashes[:SKETCH]


def resemblance(first: Iterable[int], second: Iterable[int]) -> float:
    """Estimate the Jaccard resemblance of two texts from their sketches."""
    one, two = set(first), set(second)
    smallest = sorted(one | two)[:SKETCH]
    return sum(value in one and value in two for value in smallest) / len(smallest) if smallest else 0.0


def link(connection: sqlite3.Connection, document: Document) -> None:
    """Within a transaction: keep the document's sketch, and let one of its versions be searched."""
    values = keep_sketch(connection, document)
    group = _versions(connection, document, values)
    if group:
        settle(connection, [document.document_id, *group])


def keep_sketch(connection: sqlite3.Connection, document: Document) -> list[int]:
    """Within a transaction: keep the sketch of a document's text in place of the one before, and return it."""
    values = sketch(document.text)
    connection.execute("DELETE FROM sketches WHERE document_id = ?", (document.document_id,))
    connection.executemany("INSERT INTO sketches VALUES (?, ?)", [(document.document_id, value) for value in values])
    return values


def _versions(connection: sqlite3.Connection, document: Document, values: list[int]) -> list[str]:
    """Return the other documents with a source that are versions of the same record."""
    if not values:
        return []
    shared = connection.execute(
        f"SELECT document_id, COUNT(*) FROM sketches WHERE hash IN ({','.join('?' * len(values))})"
        " AND document_id != ? GROUP BY document_id HAVING COUNT(*) >= ?",
        (*values, document.document_id, SKETCH // 4),
    ).fetchall()
    found = []
    for other, _ in shared:
        row = connection.execute(
            "SELECT authority, committee, meeting_date, kind FROM documents d WHERE document_id = ?"
            " AND EXISTS (SELECT 1 FROM sources s WHERE s.document_id = d.document_id)",
            (other,),
        ).fetchone()
        if row is None or _speaks_against(document, row):
            continue
        theirs = [value for (value,) in connection.execute("SELECT hash FROM sketches WHERE document_id = ?", (other,))]
        same_meeting = document.meeting_date.value is not None and row["meeting_date"] == document.meeting_date.value
        if resemblance(values, theirs) >= (SAME_MEETING if same_meeting else SAME_TEXT):
            found.append(other)
    return found


def _speaks_against(document: Document, row: sqlite3.Row) -> bool:
    known = (
        (document.authority.value, row["authority"]),
        (document.meeting_date.value, row["meeting_date"]),
    )
    return row["kind"] != document.kind or any(one and two and one != two for one, two in known)


def settle(connection: sqlite3.Connection, document_ids: list[str]) -> None:
    """Let the best of some versions be searched, and link the others to it.

    A final record goes before a draft, a whole one before a partial one, then the one with more words.
    """
    marks = ",".join("?" * len(document_ids))
    rows = connection.execute(
        "SELECT d.document_id FROM documents d"
        " LEFT JOIN provenance p ON p.document_id = d.document_id AND p.field = 'status'"
        f" WHERE d.document_id IN ({marks})"
        " AND EXISTS (SELECT 1 FROM sources s WHERE s.document_id = d.document_id)"
        " ORDER BY COALESCE(p.value, '') = 'draft', d.partial, length(d.text) DESC, d.document_id",
        document_ids,
    ).fetchall()
    best = rows[0][0]
    connection.execute("UPDATE documents SET current = 1, replaced_by = NULL WHERE document_id = ?", (best,))
    for (other,) in rows[1:]:
        connection.execute("UPDATE documents SET current = 0, replaced_by = ? WHERE document_id = ?", (best, other))
        connection.execute("UPDATE documents SET replaced_by = ? WHERE replaced_by = ?", (best, other))


def complete(connection: sqlite3.Connection, document: Document) -> None:
    """Within a transaction: where one page cuts an item off and another holds it whole, search the whole one.

    Both must be of the same day, with the same heading, and of no different authority or committee.
    """
    if document.meeting_date.value is None:
        return
    others = connection.execute(
        "SELECT document_id, authority, committee FROM documents"
        " WHERE meeting_date = ? AND document_id != ? AND current",
        (document.meeting_date.value, document.document_id),
    ).fetchall()
    for other, authority, committee in others:
        pairs = ((authority, document.authority.value), (committee, document.committee.value))
        if not any(one and two and one != two for one, two in pairs):
            _complete(connection, document.document_id, other)
            _complete(connection, other, document.document_id)


def _complete(connection: sqlite3.Connection, cut: str, whole: str) -> None:
    headings = {
        _heading(title): position
        for position, title in connection.execute(
            "SELECT position, title FROM items WHERE document_id = ? AND partial AND completed_by IS NULL", (cut,)
        )
    }
    if not headings:
        return
    for (title,) in connection.execute(
        "SELECT title FROM items WHERE document_id = ? AND NOT partial", (whole,)
    ).fetchall():
        position = headings.get(_heading(title))
        if position is not None:
            place = (cut, position)
            connection.execute(
                "UPDATE items SET completed_by = ? WHERE document_id = ? AND position = ?", (whole, *place)
            )
            connection.execute("UPDATE passages SET hidden = 1 WHERE document_id = ? AND item = ?", place)


def _heading(title: str) -> str:
    return " ".join(_WORD.findall(title.lower()))


def release(connection: sqlite3.Connection, document_ids: Iterable[str]) -> None:
    """Within a transaction: before documents go, let what they stood for be searched again."""
    for document_id in document_ids:
        connection.execute(
            "UPDATE passages SET hidden = 0 WHERE EXISTS (SELECT 1 FROM items i WHERE i.completed_by = ?"
            " AND i.document_id = passages.document_id AND i.position = passages.item)",
            (document_id,),
        )
        connection.execute("UPDATE items SET completed_by = NULL WHERE completed_by = ?", (document_id,))
        waiting = [
            row[0]
            for row in connection.execute(
                "SELECT document_id FROM documents d WHERE replaced_by = ?"
                " AND EXISTS (SELECT 1 FROM sources s WHERE s.document_id = d.document_id)",
                (document_id,),
            )
        ]
        if waiting:
            settle(connection, waiting)
