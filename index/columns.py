"""Columns: what ranking, filters and facets need of every current passage, as arrays in memory.

One entry a passage, in ascending order of passage row, so that the passages of a document lie together in
the order of its text. Names are kept once and referred to by position; -1 stands for "not known".
"""

import json
import os
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexDamagedError
from corpus.filters import Filters, authority_names
from corpus.model import SEARCH_KINDS

Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]
_LAST_DAY = 99_991_231
NAMES = ("documents", "authorities", "committees")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns. ``kinds`` has bit i set where the passage is found by ``SEARCH_KINDS[i]``.

    ``day`` is the meeting's date as yyyymmdd, 0 where it is not known; ``boilerplate`` tells whether the
    passage is formal matter; ``verbatim`` whether its document records what was said turn by turn. ``key`` tells
    one passage from another that a catalogue put back from a copy has under the same row; 0 where it is not known.
    ``seen`` holds a number for each document of the catalogue, another one once anything of it changes; documents that
    may not be found are among them.
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
    seen: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    def __len__(self) -> int:
        return len(self.row)

    def positions(self, rows: Iterable[int]) -> NDArray[np.int64]:
        """Return the positions in the columns of passage rows that are held.

        Raises:
            IndexDamagedError: one of them is not.
        """
        wanted = np.fromiter(rows, np.int64)
        found = np.searchsorted(self.row, wanted)
        if len(wanted) and not (len(self) and np.array_equal(self.row.take(found, mode="clip"), wanted)):
            raise IndexDamagedError("The parts of the index do not belong together: run 'minutebook rebuild'.")
        return found

    def keys(self, rows: Sequence[int]) -> dict[int, int]:
        """Return the keys of those of some rows that are held."""
        wanted = np.array(rows, np.int64)
        at = np.searchsorted(self.row, wanted).clip(max=max(len(self) - 1, 0))
        held = self.row[at] == wanted if len(self) else np.zeros(len(wanted), np.bool_)
        return dict(zip(wanted[held].tolist(), self.key[at[held]].tolist(), strict=True))

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
            dated = (self.day >= (day_number(filters.date_from) or 1)) & (
                self.day <= (day_number(filters.date_to) or _LAST_DAY)
            )
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


ARRAYS = ("row", "document", "item", "authority", "committee", "day", "kinds", "boilerplate", "verbatim", "key")


def write(columns: Columns, file: Path) -> None:
    """Write the columns so that the file is either the old one or the new one, whatever happens."""
    names = np.frombuffer(json.dumps({name: getattr(columns, name) for name in NAMES}).encode(), np.uint8)
    temporary = file.with_suffix(".new")
    with temporary.open("wb") as opened:
        np.savez(opened, names=names, **{name: getattr(columns, name) for name in (*ARRAYS, "seen")})
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
            values: dict[str, Any] = {name: stored[name] for name in ARRAYS if name != "key"}
            values["key"] = stored["key"] if "key" in stored else np.zeros(len(values["row"]), np.uint32)
            values["seen"] = stored["seen"] if "seen" in stored else np.empty(0, np.uint64)
            return Columns(**values | {name: tuple(names[name]) for name in NAMES})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as exc:
        raise IndexDamagedError(f"The index {file} is missing or damaged: run 'minutebook rebuild'.") from exc


def key_of(passage: str, vector: str) -> int:
    """Return a number for a passage and what is embedded of it, never 0, from the beginnings of their two hashes."""
    return int(passage[:8], 16) ^ int(vector[:8], 16) or 1


def day_number(iso: str | None) -> int:
    """Return a date as yyyymmdd; 0 for none."""
    return int(iso.replace("-", "")) if iso else 0


def counts(codes: Ints, names: tuple[str, ...]) -> Mapping[str, int]:
    """Return how often each name occurs among codes, the commonest first; unknown ones are left out."""
    found = np.bincount(codes[codes >= 0], minlength=len(names))
    order = sorted(np.flatnonzero(found).tolist(), key=lambda place: (-found[place], names[place]))
    return {names[place]: int(found[place]) for place in order}
