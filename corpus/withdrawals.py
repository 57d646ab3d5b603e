"""Withdrawn passages: words that are not stored any more, and do not come back when their file is read again.

A tombstone keeps hashes of a passage's words, never the words. Every document is compared with the tombstones before
it is stored, and where it holds the words of one, filler of the same length is stored in their place: so the offsets
of everything else hold, and so does the document's id, which is of the words as they were read.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

from corpus.model import UNKNOWN, AgendaItem, Document, Motion, Passage, Record, Recorded

LEAD = 8  # words whose hash tells where the words of a tombstone may begin
TITLE_WORDS = 3  # of a title that is taken out where its words are among those withdrawn
NO_TITLE = "Title withdrawn"
FILLER = "█"
_GROUP = 8  # characters of filler, one of them a space, so that a line can be broken
_WORD = re.compile(r"[^\W_]+")
_NOTE = "withdrawn on "


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stands for withdrawn words; ``words`` is empty for a whole document.

    ``everywhere``: the words are blank in every document, else in the document itself, in others of the same
    authority and day, and in whatever is read from a file with the same bytes.
    """

    id: int
    target: str
    document_id: str
    words: str
    lead: str
    count: int
    everywhere: bool
    authority: str | None
    meeting_date: str | None
    contents: tuple[str, ...]
    day: str
    reason: str

    @property
    def notice(self) -> str:
        """Return what is said in place of the words."""
        what = "A passage" if self.words else "This document"
        return f"{what} was {_NOTE}{self.day}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Place:
    """Stored text[start:end] that is blank, and what is said of it."""

    start: int
    end: int
    withdrawn: int
    notice: str


def prepare(connection: sqlite3.Connection) -> None:
    """Within a transaction: make the tables, in a catalogue from which nothing was withdrawn yet."""
    schema = (files("corpus") / "withdrawals.sql").read_text(encoding="utf-8")
    for statement in schema.split(";\n"):  # executescript would end the transaction
        connection.execute(statement)


def _prepared(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'withdrawn'").fetchone() is not None


def tombstones(connection: sqlite3.Connection, targets: Sequence[str] | None = None) -> list[Tombstone]:
    """Return the tombstones, all or those made for some ids, in the order in which they were made."""
    if not _prepared(connection):
        return []
    rows = connection.execute(
        "SELECT * FROM withdrawn WHERE ? IS NULL OR target IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(targets) if targets is not None else None, json.dumps(targets or [])),
    )
    fields = Tombstone.__dataclass_fields__
    found = []
    for row in rows:
        values = {name: row[name] for name in fields}
        values |= {"everywhere": bool(row["everywhere"]), "contents": tuple(json.loads(row["contents"]))}
        found.append(Tombstone(**values))
    return found


def named(connection: sqlite3.Connection) -> list[Tombstone]:
    """Return one tombstone for each passage or document that was withdrawn, in order."""
    return list({tombstone.target: tombstone for tombstone in reversed(tombstones(connection))}.values())[::-1]


def places(connection: sqlite3.Connection, document_id: str) -> tuple[Place, ...]:
    """Return where a stored text is blank, in order."""
    if not _prepared(connection):
        return ()
    notices = {tombstone.id: tombstone.notice for tombstone in tombstones(connection)}
    rows = connection.execute(
        'SELECT start, "end", withdrawn FROM withdrawn_places WHERE document_id = ? ORDER BY start, "end", withdrawn',
        (document_id,),
    )
    return tuple(Place(start, end, number, notices[number]) for start, end, number in rows)


def keep_places(connection: sqlite3.Connection, document_id: str, blank: Iterable[Place]) -> None:
    """Within a transaction: keep where a stored text is blank, in place of what was kept before."""
    if not _prepared(connection):
        return
    connection.execute("DELETE FROM withdrawn_places WHERE document_id = ?", (document_id,))
    connection.executemany(
        "INSERT OR IGNORE INTO withdrawn_places VALUES (?, ?, ?, ?)",
        [(document_id, place.start, place.end, place.withdrawn) for place in blank],
    )


def count(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many passages or documents were withdrawn, and from how many stored documents."""
    if not _prepared(connection):
        return 0, 0
    targets: int = connection.execute("SELECT COUNT(DISTINCT target) FROM withdrawn").fetchone()[0]
    texts: int = connection.execute("SELECT COUNT(DISTINCT document_id) FROM withdrawn_places").fetchone()[0]
    return targets, texts


# -- words -----------------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared: without case, white space and punctuation."""
    return [word.casefold() for word in _WORD.findall(text)]


def hash_of(words: Sequence[str]) -> str:
    """Return what stands for some words."""
    return hashlib.sha256(" ".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def content_of(fingerprint: str) -> str | None:
    """Return the part of a source's fingerprint that stands for its bytes, if it has one."""
    content, dash, _ = fingerprint.partition("-")
    return content if dash else None


def found_in(text: str, wanted: Sequence[Tombstone]) -> list[Place]:
    """Return where the words of tombstones stand in a text, whatever their case, punctuation and white space."""
    matches = list(_WORD.finditer(text))
    words = [match.group().casefold() for match in matches]
    found = []
    for length in {min(tombstone.count, LEAD) for tombstone in wanted if tombstone.words}:
        leads: dict[str, list[Tombstone]] = {}
        for tombstone in wanted:
            if tombstone.words and min(tombstone.count, LEAD) == length:
                leads.setdefault(tombstone.lead, []).append(tombstone)
        for first in range(len(words) - length + 1):
            for tombstone in leads.get(hash_of(words[first : first + length]), ()):
                last = first + tombstone.count - 1
                if last < len(words) and hash_of(words[first : last + 1]) == tombstone.words:
                    span = matches[first].start(), matches[last].end()
                    found.append(Place(*span, tombstone.id, tombstone.notice))
    return sorted(found, key=lambda place: (place.start, place.end))


def due(connection: sqlite3.Connection, document: Document, fingerprint: str) -> list[Place]:
    """Return where a document that was just read has to be blank.

    Where a file is read otherwise than before, so that the words withdrawn from it are not found, all of it is blank.
    """
    content = content_of(fingerprint)
    near = [tombstone for tombstone in tombstones(connection) if _concerns(tombstone, document, content)]
    found = found_in(document.text, near)
    hit = {place.withdrawn for place in found}
    for tombstone in near:
        own = tombstone.document_id == document.document_id or (content and content in tombstone.contents)
        if own and (not tombstone.words or (tombstone.target != tombstone.document_id and tombstone.id not in hit)):
            found.append(Place(0, len(document.text), tombstone.id, tombstone.notice))
    return sorted(found, key=lambda place: (place.start, place.end))


def _concerns(tombstone: Tombstone, document: Document, content: str | None) -> bool:
    meeting = document.authority.value, document.meeting_date.value
    return (
        tombstone.everywhere
        or tombstone.document_id == document.document_id
        or (content is not None and content in tombstone.contents)
        or (None not in meeting and meeting == (tombstone.authority, tombstone.meeting_date))
    )


# -- what is stored instead ------------------------------------------------------------------------------


def blanked(document: Document, blank: Sequence[Place]) -> Document:
    """Return a document without what stands in some places of its text: words, titles, records and passages."""
    if not blank:
        return document
    gone = [words_of(document.text[place.start : place.end]) for place in blank]
    text = _filled(document.text, blank)
    whole = any(place.start == 0 and place.end == len(text) for place in blank)
    title = NO_TITLE if whole or _among(document.title, gone) else document.title
    items = tuple(_item(item, blank, gone) for item in document.items)
    found = (_passage(passage, text, (title, items), blank) for passage in document.passages)
    notes = [note for note in document.notes if f" was {_NOTE}" not in note]
    return replace(
        document,
        text=text,
        title=title,
        venue=UNKNOWN if whole or _among(document.venue.value or "", gone) else document.venue,
        items=items,
        records=tuple(kept for kept in document.records if not _touches(blank, _spans(kept))),
        passages=tuple(passage for passage in found if passage is not None),
        notes=(*notes, *dict.fromkeys(place.notice for place in blank)),
    )


def _filled(text: str, blank: Sequence[Place]) -> str:
    parts, position = list[str](), 0
    for place in sorted(blank, key=lambda one: one.start):
        start = max(place.start, position)
        if place.end > start:
            parts += [text[position:start], _filler(text[start : place.end])]
            position = place.end
    return "".join([*parts, text[position:]])


def _filler(text: str) -> str:
    """Return filler of the same length with the same line ends; how long the words were does not show."""
    return "".join(
        "\n" if character == "\n" else " " if number % _GROUP == _GROUP - 1 else FILLER
        for number, character in enumerate(text)
    )


def _among(title: str, gone: Sequence[Sequence[str]]) -> bool:
    """Tell whether the words of a title stand, one after the other, among words that are taken out."""
    words = words_of(title)
    run = f" {' '.join(words)} "
    return len(words) >= TITLE_WORDS and any(run in f" {' '.join(one)} " for one in gone)


def _item(item: AgendaItem, blank: Sequence[Place], gone: Sequence[Sequence[str]]) -> AgendaItem:
    heading = (item.start, min(item.end, item.start + max(len(item.title), 1)))
    return replace(item, title=NO_TITLE) if _touches(blank, [heading]) or _among(item.title, gone) else item


def _passage(
    passage: Passage, text: str, titles: tuple[str, Sequence[AgendaItem]], blank: Sequence[Place]
) -> Passage | None:
    """Return a passage as its words are now; None where it has none left."""
    title, items = titles
    untitled = (title if passage.item is None else items[passage.item].title) == NO_TITLE
    words = text[passage.start : passage.end]
    if _touches(blank, [(passage.start, passage.end)]):
        if not _WORD.search(words):
            return None
        passage = replace(passage, text=words, records=())
    return replace(passage, context="") if untitled else passage


def _spans(kept: Recorded) -> list[tuple[int, int]]:
    record: Record = kept.record
    spans = [(record.start, record.end)]
    if isinstance(record, Motion):
        if record.outcome_start is not None and record.outcome_end is not None:
            spans.append((record.outcome_start, record.outcome_end))
        if record.vote:
            spans.append((record.vote.start, record.vote.end))
    return spans


def _touches(blank: Sequence[Place], spans: Iterable[tuple[int, int]]) -> bool:
    return any(_overlaps(place, span) for span in spans for place in blank)


def _overlaps(place: Place, span: tuple[int, int]) -> bool:
    return place.start < span[1] and span[0] < place.end
