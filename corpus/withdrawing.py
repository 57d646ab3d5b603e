"""Withdrawing passages and documents for good, and taking that back: see ``corpus.withdrawals`` for what it means."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from corpus import withdrawals
from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, QueryError
from corpus.model import Document
from corpus.reading_lists_file import FILE, writing
from corpus.withdrawals import LEAD, Place, Tombstone, blanked, content_of, found_in, hash_of, words_of

LONGEST_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is to be withdrawn: its tombstones, and for each document that holds the words where they stand."""

    tombstones: tuple[Tombstone, ...]
    places: dict[str, tuple[Place, ...]]
    versions: tuple[str, ...]  # ids of other versions of whole documents, which stay


def plan(catalogue: Catalogue, targets: Sequence[str], reason: str) -> Withdrawal:
    """Find what is to be blank so that some passages or documents, named by their ids, are withdrawn.

    Raises:
        NotFoundError: an id names no stored passage or document.
        QueryError: there is no reason, or too long a one, or a passage holds no words.
    """
    reason = " ".join(reason.encode("utf-8", "replace").decode().split())
    if not reason or len(reason) > LONGEST_REASON:
        raise QueryError(f"Give a reason of at most {LONGEST_REASON} characters: it is shown in place of the words.")
    made: list[Tombstone] = []
    versions: dict[str, None] = {}
    for target in dict.fromkeys(targets):
        document = catalogue.document(_document_of(catalogue, target))
        made += _tombstones(catalogue, document, target, reason)
        if target == document.document_id:
            versions |= dict.fromkeys(name for name, _ in catalogue.versions(target))
            versions |= dict.fromkeys(filter(None, [catalogue.replacement(target)]))
    numbered = tuple(replace(tombstone, id=number) for number, tombstone in enumerate(made))
    return Withdrawal(numbered, _places(catalogue, numbered), tuple(name for name in versions if name not in targets))


def _document_of(catalogue: Catalogue, target: str) -> str:
    row = catalogue.connection.execute(
        "SELECT document_id FROM passages WHERE passage_id = ?1 UNION SELECT document_id FROM documents"
        " WHERE document_id = ?1",
        (target,),
    ).fetchone()
    if row is None:
        known = withdrawals.tombstones(catalogue.connection, [target])
        why = known[0].notice if known else "give the id of a passage or of a document, as 'search --json' prints them"
        raise NotFoundError(f"Nothing is held under {target[:60]!r}: {why.rstrip('.')}.")
    return str(row[0])


def _tombstones(catalogue: Catalogue, document: Document, target: str, reason: str) -> list[Tombstone]:
    """Return the tombstones of one target; those of a whole document's passages count for the same meeting only."""
    contents = {content_of(source.fingerprint) for source in catalogue.sources_of(document.document_id)}
    whole = target == document.document_id
    common = Tombstone(
        id=0,
        target=target,
        document_id=document.document_id,
        words="",
        lead="",
        count=0,
        everywhere=False,
        authority=document.authority.value,
        meeting_date=document.meeting_date.value,
        contents=tuple(sorted(content for content in contents if content)),
        day=datetime.now(UTC).date().isoformat(),
        reason=reason,
    )
    made = [common] if whole else []
    for passage in document.passages:
        words = words_of(passage.text)
        long = len(words) >= LEAD
        if (whole and long) or passage.passage_id == target:
            if not words:
                raise QueryError(f"The passage {target} holds no words that could be withdrawn.")
            made.append(
                replace(
                    common,
                    words=hash_of(words),
                    lead=hash_of(words[:LEAD]),
                    count=len(words),
                    everywhere=long and not whole,
                )
            )
    return list({tombstone.words: tombstone for tombstone in made}.values())


def _places(catalogue: Catalogue, tombstones: Sequence[Tombstone]) -> dict[str, tuple[Place, ...]]:
    """Return for each stored document that holds the words of tombstones where they stand."""
    near: dict[str, list[Tombstone]] = {}
    for tombstone in tombstones:
        for document_id in _candidates(catalogue, tombstone):
            near.setdefault(document_id, []).append(tombstone)
    found: dict[str, tuple[Place, ...]] = {}
    for document_id, wanted in near.items():
        row = catalogue.connection.execute("SELECT text FROM documents WHERE document_id = ?", (document_id,))
        text: str = row.fetchone()[0]
        whole = [one for one in wanted if not one.words]
        places = [*found_in(text, wanted), *(Place(0, len(text), one.id, one.notice) for one in whole)]
        if places:
            found[document_id] = tuple(places)
    return found


def _candidates(catalogue: Catalogue, tombstone: Tombstone) -> list[str]:
    """Return the documents that may hold the words: by the meeting, or by the longest of the words itself."""
    if tombstone.everywhere:
        passage = _text_of(catalogue, tombstone.target)
        longest = max((word for word in words_of(passage) if word.isascii()), key=len, default="")
        rows = catalogue.connection.execute("SELECT document_id FROM documents WHERE text LIKE ?", (f"%{longest}%",))
    else:
        rows = catalogue.connection.execute(
            "SELECT document_id FROM documents WHERE document_id = ?1 OR (?2 AND authority = ?3 AND meeting_date = ?4)",
            (tombstone.document_id, bool(tombstone.words), tombstone.authority, tombstone.meeting_date),
        )
    return [row[0] for row in rows]


def _text_of(catalogue: Catalogue, passage_id: str) -> str:
    row = catalogue.connection.execute(
        'SELECT substr(d.text, p.start + 1, p."end" - p.start) FROM passages p JOIN documents d USING (document_id)'
        " WHERE p.passage_id = ?",
        (passage_id,),
    ).fetchone()
    return str(row[0])


def withdraw(catalogue: Catalogue, withdrawal: Withdrawal) -> None:
    """Carry a withdrawal out: in collections, then in the catalogue, where no trace of the words stays.

    The indexes are brought up to date by ``index.build.update``, and kept pictures of pages forgotten by
    ``ingest.page_picture.forget_pictures``.
    """
    _blank_collections(catalogue, withdrawal)
    catalogue.connection.execute("PRAGMA secure_delete = ON")
    with catalogue.writing() as connection:
        withdrawals.prepare(connection)
        numbers = {tombstone.id: _insert(connection, tombstone) for tombstone in withdrawal.tombstones}
        for document_id, places in withdrawal.places.items():
            kept = withdrawals.places(connection, document_id)
            blank = [*kept, *(replace(place, withdrawn=numbers[place.withdrawn]) for place in places)]
            catalogue.rewrite(connection, blanked(catalogue.document(document_id), blank))
            withdrawals.keep_places(connection, document_id, blank)
        connection.execute("DELETE FROM vectors WHERE key NOT IN (SELECT vector_key FROM passages)")
    catalogue.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert(connection: sqlite3.Connection, tombstone: Tombstone) -> int:
    values = {name: getattr(tombstone, name) for name in Tombstone.__dataclass_fields__ if name != "id"}
    values["contents"] = json.dumps(tombstone.contents)
    row = connection.execute(
        f"INSERT INTO withdrawn ({', '.join(values)}) VALUES ({', '.join(f':{name}' for name in values)})"
        " ON CONFLICT (target, words) DO UPDATE SET day = excluded.day, reason = excluded.reason RETURNING id",
        values,
    ).fetchone()
    return int(row[0])


def _blank_collections(catalogue: Catalogue, withdrawal: Withdrawal) -> None:
    """Take withdrawn words out of what people collected; their notes stay, and the page says what became of it."""
    if not (catalogue.directory / FILE).exists():
        return
    with writing(catalogue.directory) as connection:
        entries = connection.execute("SELECT collection, passage_id, document_id, quote, start FROM entries").fetchall()
        for collection, passage_id, document_id, quote, start in entries:
            held = withdrawal.places.get(document_id, ())
            stands_there = any(place.start < start + len(quote) and start < place.end for place in held)
            named = any(passage_id == tombstone.target for tombstone in withdrawal.tombstones)
            everywhere = [tombstone for tombstone in withdrawal.tombstones if tombstone.everywhere]
            if stands_there or named or found_in(quote, everywhere):
                connection.execute(
                    "UPDATE entries SET quote = '', citation = ? WHERE collection = ? AND passage_id = ?",
                    ("Withdrawn passage", collection, passage_id),
                )


def undo(catalogue: Catalogue, targets: Sequence[str]) -> list[str]:
    """Let withdrawn passages or documents be read again; return the files that hold them, to be ingested again.

    Raises:
        NotFoundError: an id names nothing that was withdrawn.
    """
    for target in targets:
        if not withdrawals.tombstones(catalogue.connection, [target]):
            raise NotFoundError(f"Nothing was withdrawn under {target[:60]!r}: 'status --json' lists what was.")
    with catalogue.writing() as connection:
        gone = [tombstone.id for tombstone in withdrawals.tombstones(connection, targets)]
        documents = connection.execute(
            "SELECT DISTINCT document_id FROM withdrawn_places WHERE withdrawn IN (SELECT value FROM json_each(?))",
            (json.dumps(gone),),
        ).fetchall()
        names = json.dumps([row[0] for row in documents])
        affected = " WHERE document_id IN (SELECT value FROM json_each(?))"
        paths = [
            row[0] for row in connection.execute(f"SELECT location FROM sources{affected} ORDER BY location", (names,))
        ]
        connection.execute(f"UPDATE sources SET fingerprint = ''{affected}", (names,))  # so that they are read again
        connection.execute("DELETE FROM withdrawn WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(gone),))
    return paths
