"""The file of the vector index: what FAISS searches, behind it the vectors by passage row, and what was measured of it.

In this order: the bytes that FAISS wrote; rows (int64, ascending) and vectors (half precision), unless FAISS holds the
vectors whole; a description (JSON); its length in bytes (8, little-endian) and ``MAGIC``. One file, so that it is
replaced in one step. A file without a description is one of earlier versions.
"""

import json
import os
import tempfile
import weakref
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Half = NDArray[np.float16]
Vectors = NDArray[np.float32]
Scores = NDArray[np.float32]

EXACT_MOST = 50_000  # comparing more of them takes over 5 ms a query on one core
AT_ONCE = 50_000
SCAN_MOST, SCAN_SURE, SCAN_SHARE = 7_000, 1_000, 100  # of the passages that a filter keeps, see ``scanned``
MAGIC = b"MBDENSE1"
_ALIGNED = 64


@dataclass(frozen=True, slots=True)
class Form:
    """How the vectors are held and searched, and what was measured of it.

    ``vectors`` and ``dimension``: how many, and how long. ``lists``: centroids (0: every vector is compared);
    ``trained`` and ``measured``: how many vectors there were when they were found, and when recall was measured.
    ``probes``: lists that a search compares; ``candidates``: rows of which the vectors themselves are compared then (0:
    none). ``recall``: the share of the nearest passages found. ``searched`` and ``kept``: bytes of what every search
    goes through, and of the vectors by row, of which it reads the candidates only.
    """

    name: str
    vectors: int
    dimension: int
    lists: int = 0
    trained: int = 0
    measured: int = 0
    probes: int = 0
    candidates: int = 0
    recall: float = 1.0
    searched: int = 0
    kept: int = 0


def in_words(form: Form) -> str:
    """Return how vectors are held and searched, in a sentence."""
    each = form.searched / max(1, form.vectors)
    if not form.lists:
        return f"Vectors: {form.vectors:,}, every one compared in a search (exact), {each:,.0f} bytes each."
    again = f", of {form.candidates:,} the vectors themselves" if form.candidates else ""
    return (
        f"Vectors: {form.vectors:,} in {form.lists:,} lists ({form.name}), {form.probes:,} lists compared in a search"
        f"{again}; {form.recall:.1%} of the 50 nearest found, measured with {form.measured:,} vectors; "
        f"{each:,.0f} bytes each in what is searched, {form.kept / max(1, form.vectors):,.0f} more on disk."
    )


@dataclass(frozen=True, slots=True)
class Store:
    """Vectors by passage row. ``at``: where each row's stands in the parts, one after the other."""

    rows: Rows
    parts: tuple[Half | Vectors, ...]
    at: Rows | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self.parts[0].shape[1])

    def positions(self, rows: Rows) -> Rows:
        """Return where in ``self.rows`` those of the rows stand that are held."""
        found = np.searchsorted(self.rows, rows)
        found[found == len(self.rows)] = 0
        held: Rows = found[self.rows[found] == rows] if len(self.rows) else found[:0]
        return held

    def holding(self, rows: Rows) -> Rows:
        """Return those of the rows that are held."""
        return self.rows[self.positions(rows)]

    def beyond(self, base: "Store") -> tuple[Rows, Rows]:
        """Return the rows of a store that was joined into this one which are not of it, and the positions of others."""
        at = np.arange(len(self)) if self.at is None else self.at
        kept = np.zeros(len(base), np.bool_)
        kept[at[at < len(base)]] = True
        return base.rows[~kept], np.flatnonzero(at >= len(base))

    def take(self, positions: Rows) -> Vectors:
        """Return the vectors at positions of ``self.rows``, shape (positions, dimension)."""
        places = positions if self.at is None else self.at[positions]
        if len(self.parts) == 1:
            return self.parts[0][places].astype(np.float32)
        found = np.empty((len(places), self.dimension), np.float32)
        start = 0
        for part in self.parts:
            inside = (places >= start) & (places < start + len(part))
            found[inside] = part[places[inside] - start]
            start += len(part)
        return found

    def blocks(self) -> list[Rows]:
        """Return all positions, so many at once as fit in memory with their vectors."""
        return [np.arange(at, min(at + AT_ONCE, len(self))) for at in range(0, len(self), AT_ONCE)]


def joined(one: Store, without: Rows, other: Store) -> Store:
    """Return the vectors of two stores, but for some rows of the first; those of the second stand last in ``at``."""
    kept = np.ones(len(one), np.bool_)
    kept[one.positions(without)] = False
    first = np.flatnonzero(kept) if one.at is None else one.at[kept]
    second = np.arange(len(other)) if other.at is None else other.at
    rows = np.concatenate([one.rows[kept], other.rows])
    order = np.argsort(rows, kind="stable")
    at = np.concatenate([first, second + sum(map(len, one.parts))])
    return Store(rows[order], (*one.parts, *other.parts), at[order])


def both(one: Store, gone: Rows, other: Store, rows: Rows) -> Vectors | None:
    """Return the vectors of rows from two stores, of the first but for those gone; None where one is not held."""
    late = np.isin(rows, other.rows)
    positions = one.positions(without(rows[~late], gone))
    if len(positions) + np.count_nonzero(late) < len(rows):
        return None
    found = np.empty((len(rows), one.dimension), np.float32)
    found[~late], found[late] = one.take(positions), other.take(other.positions(rows[late]))
    return found


class Changes:
    """Vectors to add, which wait in memory or, once they are many, in half precision in a file, and rows to forget."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._gone, self._rows = np.empty(0, np.int64), np.empty(0, np.int64)
        self._wanted = np.empty(0, np.bool_)
        self._waiting: list[Vectors] = []
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return int(self._wanted.sum())

    def add(self, rows: Rows, vectors: Vectors) -> None:
        """Hold vectors under rows that are not held yet."""
        self._rows = np.concatenate([self._rows, rows])
        self._wanted = np.concatenate([self._wanted, np.ones(len(rows), np.bool_)])
        self._waiting.append(np.array(vectors, np.float32))
        if self._file is None and len(self._rows) > EXACT_MOST:
            self._file = tempfile.TemporaryFile()
            weakref.finalize(self, self._file.close)
        if self._file is not None:
            self._file.seek(0, os.SEEK_END)
            for waiting in self._waiting:
                self._file.write(waiting.astype(np.float16).tobytes())
            self._waiting = []

    def remove(self, rows: Rows, held: Rows) -> None:
        """Forget rows that were added since, and those that were ``held`` before."""
        self._gone = np.union1d(self._gone, held)
        self._wanted &= ~np.isin(self._rows, rows)

    def gone(self) -> Rows:
        """Return the rows held before that are not wanted any more, or have other vectors now; ascending."""
        return self._gone

    def new(self) -> Store:
        """Return what was added."""
        added: Half | Vectors = np.empty((0, self._dimension), np.float32)
        if self._file is not None:
            self._file.flush()
            added = np.memmap(self._file, np.float16, "r", shape=(len(self._rows), self._dimension))
        elif self._waiting:
            added = np.concatenate(self._waiting)
        at = np.flatnonzero(self._wanted)
        order = np.argsort(self._rows[at], kind="stable")
        return Store(self._rows[at][order], (added,), at[order])


def compared(store: Store, query: NDArray[np.float32], rows: Rows, depth: int) -> tuple[Rows, Scores]:
    """Return the best of some rows and their cosines by the vectors themselves; rows that are not held are left out."""
    positions = store.positions(rows)
    # By one thread, as einsum does it: "@" starts others, which a busy machine lets wait.
    scores: Scores = np.einsum("ij,j->i", store.take(positions), query)
    order = np.argsort(-scores, kind="stable")[:depth]
    return store.rows[positions[order]], scores[order]


def scanned(kept: int, held: int) -> bool:
    """Tell whether to read the vectors of the passages kept, one by one.

    On a busy machine a thousand cost 1 ms; to go through the lists for them took 0.4 ms of 100,000 vectors, 11 ms of
    300,000. Where the one overtakes the other on a quiet machine has not been measured.
    """
    return kept <= min(SCAN_MOST, max(SCAN_SURE, held // SCAN_SHARE))


def without(rows: Rows, gone: Rows) -> Rows:
    """Return the rows that are not among those gone, which are ascending."""
    if not len(gone):
        return rows
    places = np.minimum(np.searchsorted(gone, rows), len(gone) - 1)
    kept: Rows = rows[gone[places] != rows]
    return kept


def empty(dimension: int) -> Store:
    """Return a store of nothing."""
    return Store(np.empty(0, np.int64), (np.empty((0, dimension), np.float16),))


def read(file: Path) -> tuple[Form, Store] | None:
    """Return the description and the vectors by row, mapped; None of a file without a description.

    Raises:
        OSError, ValueError, TypeError: the file is missing or damaged.
    """
    with file.open("rb") as opened:
        end = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, end - 16))
        tail = opened.read(16)
        if tail[8:] != MAGIC:
            return None
        length = int.from_bytes(tail[:8], "little")
        opened.seek(end - 16 - length)
        form = Form(**json.loads(opened.read(length)))
    held = form.vectors if form.lists else 0
    if not held:
        return form, empty(form.dimension)
    start = end - 16 - length - form.kept
    rows: Any = np.memmap(file, np.int64, "r", start, (held,))
    vectors: Any = np.memmap(file, np.float16, "r", start + rows.nbytes, (held, form.dimension))
    return form, Store(np.asarray(rows), (np.asarray(vectors),))


def described(file: Path) -> Form | None:
    """Return how the vectors in a file are held; None where there is no file or it does not say."""
    try:
        found = read(file)
    except (OSError, ValueError, TypeError):
        return None
    return found[0] if found else None


def finish(file: Path, form: Form, store: Store | None) -> None:
    """Write the vectors and the description behind what FAISS wrote, and see to it that all is on the disk."""
    with file.open("ab") as opened:
        opened.write(bytes(-opened.tell() % _ALIGNED))
        searched = opened.tell()
        if store:
            opened.write(store.rows.tobytes())
            for block in store.blocks():
                opened.write(store.take(block).astype(np.float16).tobytes())
        described = asdict(form) | {"searched": searched, "kept": opened.tell() - searched}
        content = json.dumps(described).encode()
        opened.write(content + len(content).to_bytes(8, "little") + MAGIC)
        opened.flush()
        os.fsync(opened.fileno())
