"""What an engine elsewhere is told of passages: one number for each, and what filters need.

The number of a passage holds its row and a digest of all that is told of it. A passage that has changed is another
entry, so what is stored twice is stored once, and a reader that knows its own passages never mistakes one that came
later for them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.filters import Filters, authority_names
from corpus.model import SEARCH_KINDS
from index.columns import Columns

Numbers = NDArray[np.int64]
FIELDS = ("document", "authority", "committee", "day", "kinds")
_DIGEST = 23  # bits of an entry; the 40 above them hold the row
_LAST_DAY = 99_991_231


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries in ascending order, which is that of their rows, and the values of ``FIELDS`` for each."""

    entry: Numbers
    fields: dict[str, Numbers]

    def __len__(self) -> int:
        return len(self.entry)

    def of(self, rows: Numbers) -> Numbers:
        """Return the entries of passage rows that are held."""
        return self.entry[np.searchsorted(self.entry >> _DIGEST, rows)]


def entries(columns: Columns) -> Entries:
    """Return the entries of passages. Names are told by a number made of them, 0 where they are not known."""
    fields = {
        "document": _codes(columns.documents)[columns.document],
        "authority": _codes(columns.authorities)[columns.authority],
        "committee": _codes(columns.committees)[columns.committee],
        "day": columns.day.astype(np.int64),
        "kinds": columns.kinds.astype(np.int64),
    }
    mixed = columns.key.astype(np.uint64)
    for name in FIELDS:
        mixed = (mixed ^ fields[name].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    digest = (mixed >> np.uint64(64 - _DIGEST)).astype(np.int64)
    return Entries(columns.row.astype(np.int64) << _DIGEST | digest, fields)


def rows_of(entry: Numbers) -> Numbers:
    """Return the passage rows of entries."""
    return entry >> _DIGEST


def _codes(names: Iterable[str]) -> Numbers:
    """Return the numbers of names, and 0 after them, where the position -1 finds it."""
    return np.array([*map(_code, names), 0], np.int64)


def _code(name: str) -> int:
    return (int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 1) or 1


# -- filters -----------------------------------------------------------------------------------------


def expression(filters: Filters, columns: Columns) -> str:
    """Return resolved filters as an expression over ``FIELDS``; "" where they let all through."""
    parts = []
    if filters.documents:
        parts.append(f"document in {_list(map(_code, filters.documents))}")
    if filters.committees:
        parts.append(f"committee in {_list(map(_code, filters.committees))}")
    authorities = authority_names(filters)
    if authorities is not None:
        unknown = [0] if filters.lets_through_unknown("authority") else []
        parts.append(f"authority in {_list([*map(_code, authorities), *unknown])}")
    if filters.kinds:
        wanted = sum(1 << SEARCH_KINDS.index(kind) for kind in set(filters.kinds))
        held = np.unique(columns.kinds)
        parts.append(f"kinds in {_list(held[(held & wanted) != 0].tolist())}")
    if filters.date_from or filters.date_to:
        dated = f"(day >= {_day(filters.date_from) or 1} and day <= {_day(filters.date_to) or _LAST_DAY})"
        parts.append(f"({dated} or day == 0)" if filters.lets_through_unknown("date") else dated)
    return " and ".join(parts)


def listed(entry: Numbers) -> str:
    """Return an expression that lets just these entries through."""
    return f"entry in {_list(entry.tolist())}"


def _list(values: Iterable[int]) -> str:
    return f"[{','.join(map(str, values)) or '-1'}]"


def _day(iso: str | None) -> int:
    return int(iso.replace("-", "")) if iso else 0
