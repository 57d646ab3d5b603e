"""Columns: what ranking, filters and facets need of every current passage, as arrays in memory.

One entry a passage, in ascending order of passage row, so that the passages of a document lie together in
the order of its text. Names are kept once and referred to by position; -1 stands for "not known".
"""

import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from corpus.errors import IndexDamagedError
from corpus.filters import Filters, authority_names
from corpus.model import SEARCH_KINDS
from index.boilerplate import boilerplate

Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]
_LAST_DAY = 99_991_231
_NAMES = ("documents", "authorities", "committees")
_SPEAKER = re.compile(r"^(?P<label>[A-Z][^\n:?!;]{1,60}):[ \t]+\S.*$", re.MULTILINE)
SPEAKERS = 3  # labels that each stand before several lines, of a verbatim record
TURNS = 3  # lines of each
SPOKEN_SHARE = 0.7  # of a document's text that stands after some label, from which on it is a verbatim record


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns. ``kinds`` has bit i set where the passage is found by ``SEARCH_KINDS[i]``.

    ``day`` is the meeting's date as yyyymmdd, 0 where it is not known; ``boilerplate`` tells whether the
    passage is formal matter; ``verbatim`` whether its document records what was said turn by turn. ``key`` tells
    one passage from another that a catalogue put back from a copy has under the same row; 0 where it is not known.
    """

    row: NDArray[np.int64]
    document: Ints
    item: Ints
    authority: Ints
    committee: Ints
    day: Ints
    kinds: Ints
    boilerplate: Mask
    verbatim: Mask
    key: NDArray[np.uint32]
    documents: tuple[str, ...]
    authorities: tuple[str, ...]
    committees: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.row)

    def positions(self, rows: Iterable[int]) -> NDArray[np.int64]:
        """Return the positions in the columns of passage rows that are held."""
        return np.searchsorted(self.row, np.fromiter(rows, np.int64))

    def matching(self, filters: Filters) -> Mask:
        """Return which passages resolved filters let through, shape (passages,)."""
        mask = np.ones(len(self), np.bool_)
        for column, names, chosen in (
            (self.document, self.documents, filters.documents or None),
            (self.committee, self.committees, filters.committees or None),
        ):
            if chosen is not None:
                mask &= _among(column, names, chosen)
        authorities = authority_names(filters)
        if authorities is not None:
            of_them = _among(self.authority, self.authorities, authorities)
            mask &= of_them | (self.authority < 0) if filters.lets_through_unknown("authority") else of_them
        if filters.kinds:
            mask &= (self.kinds & sum(1 << SEARCH_KINDS.index(kind) for kind in set(filters.kinds))) != 0
        if filters.date_from or filters.date_to:
            dated = (self.day >= (_day(filters.date_from) or 1)) & (self.day <= (_day(filters.date_to) or _LAST_DAY))
            mask &= dated | (self.day == 0) if filters.lets_through_unknown("date") else dated
        return mask

    def searched(self, filters: Filters) -> tuple[int, int]:
        """Return how many documents, of how many authorities, filters let through, whatever the kind of text."""
        mask = self.matching(replace(filters, kinds=()))
        authorities = self.authority[mask]
        documents = np.bincount(self.document[mask], minlength=1)
        return int(np.count_nonzero(documents)), len(np.unique(authorities[authorities >= 0]))


def _among(column: Ints, names: Sequence[str], chosen: Iterable[str]) -> Mask:
    wanted = set(chosen)
    return np.isin(column, [position for position, name in enumerate(names) if name in wanted])


_ARRAYS = ("row", "document", "item", "authority", "committee", "day", "kinds", "boilerplate", "verbatim", "key")


def build(catalogue: Catalogue, before: Columns | None) -> Columns:
    """Return the columns of a catalogue; the text of passages that ``before`` holds is not read again."""
    names: dict[str, dict[str, int]] = {name: {} for name in _NAMES}
    lines = catalogue.connection.execute(
        "SELECT p.row, p.document_id, COALESCE(p.item, -1), d.authority, d.committee, d.meeting_date,"
        " p.kind || p.records, substr(p.passage_id, 1, 8), substr(p.vector_key, 1, 8)"
        " FROM passages p JOIN documents d USING (document_id)"
        " WHERE d.current AND NOT p.hidden ORDER BY p.row"
    )
    kinds: dict[str, int] = {}
    values = [
        (
            row,
            _code(names["documents"], document),
            item,
            _code(names["authorities"], authority),
            _code(names["committees"], committee),
            _day(date),
            kinds[held] if held in kinds else kinds.setdefault(held, _bits(held)),
            _key(passage, vector),
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
        at = before.positions(table[:, 0])
        flags |= {
            row: (bool(before.boilerplate[place]), bool(before.verbatim[place]))
            for row, place in zip(table[held_before, 0].tolist(), at[held_before].tolist(), strict=True)
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


def others(before: Columns, row: NDArray[np.int64], key: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the rows that stand for another passage now than in the columns of before."""
    shared, at, at_before = np.intersect1d(row, before.row, assume_unique=True, return_indices=True)
    now, then = key[at], before.key[at_before]
    changed: NDArray[np.int64] = shared[(now != then) & (then != 0)]
    return changed


def write(columns: Columns, file: Path) -> None:
    """Write the columns so that the file is either the old one or the new one, whatever happens."""
    names = np.frombuffer(json.dumps({name: getattr(columns, name) for name in _NAMES}).encode(), np.uint8)
    temporary = file.with_suffix(".new")
    with temporary.open("wb") as opened:
        np.savez(opened, names=names, **{name: getattr(columns, name) for name in _ARRAYS})
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)


def read(file: Path) -> Columns:
    """Read columns from disk.

    Raises:
        IndexDamagedError: the file is missing or damaged.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            names = json.loads(stored["names"].tobytes())
            values: dict[str, Any] = {name: stored[name] for name in _ARRAYS if name != "key"}
            values["key"] = stored["key"] if "key" in stored else np.zeros(len(values["row"]), np.uint32)
            return Columns(**values | {name: tuple(names[name]) for name in _NAMES})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as exc:
        raise IndexDamagedError(f"The index {file} is missing or damaged: run 'minutebook rebuild'.") from exc


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


def _key(passage: str, vector: str) -> int:
    """Return a number for a passage and what is embedded of it, never 0, from the beginnings of their two hashes."""
    return int(passage, 16) ^ int(vector, 16) or 1


def _day(iso: str | None) -> int:
    return int(iso.replace("-", "")) if iso else 0


def counts(codes: Ints, names: tuple[str, ...]) -> Mapping[str, int]:
    """Return how often each name occurs among codes, the commonest first; unknown ones are left out."""
    found = np.bincount(codes[codes >= 0], minlength=len(names))
    order = sorted(np.flatnonzero(found).tolist(), key=lambda place: (-found[place], names[place]))
    return {names[place]: int(found[place]) for place in order}
