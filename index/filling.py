"""Filling the columns from the catalogue: what has not changed is taken from those of before.

The catalogue seals every document with a checksum of all that is stored of it (``corpus.seals``). A document whose seal
was seen before is not read again, so an update reads what changed, however much is held.
"""

import json
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus import seals
from corpus.catalogue import Catalogue
from corpus.model import SEARCH_KINDS
from index.boilerplate import boilerplate
from index.columns import ARRAYS, NAMES, Columns, Ints, day_number, key_of

_SPEAKER = re.compile(r"^(?P<label>[A-Z][^\n:?!;]{1,60}):[ \t]+\S.*$", re.MULTILINE)
SPEAKERS = 3  # labels that each stand before several lines, of a verbatim record
TURNS = 3  # lines of each
SPOKEN_SHARE = 0.7  # of a document's text that stands after some label, from which on it is a verbatim record
_OF = {"document": "documents", "authority": "authorities", "committee": "committees"}
_CURRENT = "FROM passages p JOIN documents d USING (document_id) WHERE d.current AND NOT p.hidden"
_KEY = "substr(p.passage_id, 1, 8), substr(p.vector_key, 1, 8)"


def build(catalogue: Catalogue, before: Columns | None) -> Columns:
    """Return the columns of a catalogue; documents that are as they were in ``before`` are not read again."""
    now = _seals(catalogue)
    seen = np.array(sorted({seal for seal in now.values() if seal}), np.uint64)
    changed = _changed(now, before)
    read = replace(_read(catalogue, before, changed), seen=seen)
    if before is None or changed is None:
        return read
    other = {*changed}
    same = np.array([name in now and name not in other for name in before.documents], np.bool_)
    return _joined(before, same[before.document] if len(before) else np.empty(0, np.bool_), read)


def changed(catalogue: Catalogue, before: Columns | None) -> list[str] | None:
    """Return the documents that are not as ``before`` saw them, new ones among them; None for all."""
    return _changed(_seals(catalogue), before)


def _changed(now: dict[str, int], before: Columns | None) -> list[str] | None:
    if before is None or not len(before.seen):
        return None
    seen = set(before.seen.tolist())
    return [document for document, seal in now.items() if seal not in seen]


def _seals(catalogue: Catalogue) -> dict[str, int]:
    """Return a number from the seal of each document; 0 for one that has none yet."""
    execute = catalogue.connection.execute
    found = dict.fromkeys((row[0] for row in execute("SELECT document_id FROM documents")), 0)
    if seals.exist(catalogue.connection):
        where = "WHERE key >= 'document ' AND key < 'document!'"
        pending = {row[0] for row in execute(f"SELECT substr(key, 10) FROM unsealed {where}")}
        for document, seal in execute(f"SELECT substr(key, 10), substr(seal, 1, 16) FROM seals {where}"):
            if document in found and document not in pending:
                found[document] = int(seal, 16)
    return found


def _read(catalogue: Catalogue, before: Columns | None, documents: list[str] | None) -> Columns:
    """Return the columns of some documents, or of all; the text of passages that ``before`` holds is not read again."""
    names: dict[str, dict[str, int]] = {name: {} for name in NAMES}
    chosen = "" if documents is None else " AND p.document_id IN (SELECT value FROM json_each(?))"
    lines = catalogue.connection.execute(
        "SELECT p.row, p.document_id, COALESCE(p.item, -1), d.authority, d.committee, d.meeting_date,"
        f" p.kind || p.records, {_KEY} {_CURRENT}{chosen} ORDER BY p.row",
        () if documents is None else (json.dumps(documents),),
    )
    kinds: dict[str, int] = {}
    values = [
        (
            row,
            _code(names["documents"], document),
            item,
            _code(names["authorities"], authority),
            _code(names["committees"], committee),
            day_number(date),
            kinds[held] if held in kinds else kinds.setdefault(held, _bits(held)),
            key_of(passage, vector),
        )
        for row, document, item, authority, committee, date, held, passage, vector in lines
    ]
    table = np.array(values, np.int64).reshape(-1, 8)
    key = table[:, 7].astype(np.uint32)
    held_before = np.isin(table[:, 0], before.row) if before else np.zeros(len(table), np.bool_)
    if before:
        held_before[np.isin(table[:, 0], others(before, table[:, 0], key))] = False
    flags = _flags(catalogue, table[~held_before, 0].tolist())
    if before:
        at = before.positions(table[held_before, 0])
        flags |= {
            row: (bool(before.boilerplate[place]), bool(before.verbatim[place]))
            for row, place in zip(table[held_before, 0].tolist(), at.tolist(), strict=True)
        }
    marks = np.array([flags[row] for row in table[:, 0].tolist()], np.bool_).reshape(-1, 2)
    document, item, authority, committee, day, bits = (table[:, place].astype(np.int32) for place in range(1, 7))
    return Columns(
        row=table[:, 0].copy(),
        document=document,
        item=item,
        authority=authority,
        committee=committee,
        day=day,
        kinds=bits,
        boilerplate=marks[:, 0].copy(),
        verbatim=marks[:, 1].copy(),
        key=key,
        documents=tuple(names["documents"]),
        authorities=tuple(names["authorities"]),
        committees=tuple(names["committees"]),
    )


def _joined(before: Columns, kept: NDArray[np.bool_], read: Columns) -> Columns:
    """Return what is kept of the columns of before and what was read anew, as if all had been read."""
    order = np.argsort(np.concatenate([before.row[kept], read.row]), kind="stable")
    values: dict[str, Any] = {
        name: np.concatenate([getattr(before, name)[kept], getattr(read, name)])[order] for name in ARRAYS
    }
    for column, list_of in _OF.items():
        held, new = getattr(before, list_of), getattr(read, list_of)
        places = {name: place for place, name in enumerate(held)}
        theirs = np.array([*(places.setdefault(name, len(places)) for name in new), -1], np.int32)
        codes = np.concatenate([getattr(before, column)[kept], theirs[getattr(read, column)]])[order]
        values[column], values[list_of] = _renumbered(codes, tuple(places))
    return Columns(**values, seen=read.seen)


def _renumbered(codes: Ints, names: tuple[str, ...]) -> tuple[Ints, tuple[str, ...]]:
    """Return codes and names in the order in which they first occur, without names that do not."""
    first = np.full(len(names) + 1, len(codes))
    first[codes[::-1]] = np.arange(len(codes))[::-1]  # the last of several values stays; -1 is the place at the end
    used = np.argsort(first[:-1], kind="stable")[: np.count_nonzero(first[:-1] < len(codes))]
    numbers = np.full(len(names) + 1, -1, np.int32)
    numbers[used] = np.arange(len(used))
    return numbers[codes], tuple(names[place] for place in used.tolist())


def keys(catalogue: Catalogue) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return the rows of all passages that may be found, ascending, and their keys, read from the catalogue anew."""
    lines = catalogue.connection.execute(f"SELECT p.row, {_KEY} {_CURRENT} ORDER BY p.row")
    table = np.array([(row, key_of(passage, vector)) for row, passage, vector in lines], np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1].astype(np.uint32)


def others(before: Columns, row: NDArray[np.int64], key: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the rows that stand for another passage now than in the columns of before."""
    shared, at, at_before = np.intersect1d(row, before.row, assume_unique=True, return_indices=True)
    now, then = key[at], before.key[at_before]
    changed: NDArray[np.int64] = shared[(now != then) & (then != 0)]
    return changed


def _flags(catalogue: Catalogue, rows: list[int]) -> dict[int, tuple[bool, bool]]:
    """Return by row whether a passage is boilerplate, and whether it is of a verbatim record."""
    flags, spoken = dict[int, tuple[bool, bool]](), dict[str, bool]()
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        for row, document, heading, text in catalogue.connection.execute(
            'SELECT p.row, p.document_id, p.context, substr(d.text, p.start + 1, p."end" - p.start) FROM passages p'
            f" JOIN documents d USING (document_id) WHERE p.row IN ({','.join('?' * len(part))})",
            part,
        ):
            if document not in spoken:
                whole = catalogue.connection.execute("SELECT text FROM documents WHERE document_id = ?", (document,))
                spoken[document] = is_verbatim(whole.fetchone()[0])
            flags[row] = (boilerplate(text, heading), spoken[document])
    return flags


def is_verbatim(text: str) -> bool:
    """Tell whether a document records what was said turn by turn: most of it stands after speakers' labels."""
    turns = [(match["label"], len(match.group())) for match in _SPEAKER.finditer(text)]
    lines = Counter(label for label, _ in turns)
    speakers = [label for label, count in lines.items() if count >= TURNS]
    return len(speakers) >= SPEAKERS and sum(length for _, length in turns) >= SPOKEN_SHARE * len(text)


def _code(names: dict[str, int], name: str | None) -> int:
    return -1 if name is None else names.setdefault(name, len(names))


def _bits(held: str) -> int:
    """Return the bits of a passage's kind and of the records it holds (",motion,decision,")."""
    return sum(1 << SEARCH_KINDS.index(name) for name in set(held.split(",")) if name in SEARCH_KINDS)
