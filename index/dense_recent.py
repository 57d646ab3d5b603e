"""What has come to a vector index and gone from it since its file was written, in small files beside it.

An update adds one: rows that no longer count, and rows with their vectors (single precision). It takes in the one
before where that is not much larger, so that there are few, and what an update writes grows with what changed. A search
compares every vector in them. Once they are many, all is written into one file again (see ``dense``).

In this order: ``MAGIC``, the number of rows gone, of rows added, and the length of a vector (int64, little-endian);
the rows gone and those added (int64, ascending); from the next multiple of 64 bytes, the vectors (float32).
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.dense_file import EXACT_MOST, Rows, Scores, Store, Vectors, compared

MAGIC = b"MBRECNT1"
LEAST, SHARE = 200, 10  # as many may have come, and have gone, or one in so many of those in the file if that is more
FEW = 1_000  # rows that are looked up one by one instead of comparing all
_ALIGNED = 64
_SUFFIX = ".recent"


@dataclass(frozen=True, slots=True)
class Part:
    """One file: rows of earlier files that no longer count, and the rows that came, with their vectors."""

    number: int
    gone: Rows
    rows: Rows
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.gone) + len(self.rows)


@dataclass(frozen=True, slots=True)
class Recent:
    """The files beside an index, the oldest first; ``gone``: rows of the index itself that no longer count."""

    parts: tuple[Part, ...]
    gone: Rows
    store: Store

    def __len__(self) -> int:
        return len(self.store)

    def nearest(self, query: NDArray[np.float32], depth: int, only: Rows | None) -> tuple[Rows, Scores]:
        """Return the best rows and their cosines, of all or of some."""
        if only is not None and len(only) <= FEW:
            return compared(self.store, query, only, depth)
        scores = np.concatenate([np.einsum("ij,j->i", part.vectors, query) for part in self.parts])[self.store.at]
        rows = self.store.rows
        if only is not None:
            positions = self.store.positions(only)
            rows, scores = rows[positions], scores[positions]
        order = np.argsort(-scores, kind="stable")[:depth]
        return rows[order], scores[order]

    def fits(self, base: Store, gone: Rows, new: int) -> bool:
        """Tell whether there is room beside an index for rows to go that are held, and so many to come."""
        come = len(self) - len(self.store.positions(gone)) + new
        lost = len(np.union1d(self.gone, base.holding(gone)))
        return max(come, lost) <= room(len(base))


def room(vectors: int) -> int:
    """Return how many rows may have come, and how many have gone, before an index of so many is written anew."""
    return min(EXACT_MOST, max(LEAST, vectors // SHARE))


def recent(parts: tuple[Part, ...], base: Store) -> Recent:
    """Return what parts stand for, beside an index that holds the rows of ``base``."""
    gone = np.unique(np.concatenate([np.empty(0, np.int64), *(part.gone for part in parts)]))
    rows, at, start = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    for place, part in enumerate(parts):
        later = np.concatenate([np.empty(0, np.int64), *(one.gone for one in parts[place + 1 :])])
        kept = np.flatnonzero(~np.isin(part.rows, later))
        rows.append(part.rows[kept])
        at.append(kept + start)
        start += len(part.rows)
    held = np.concatenate(rows)
    order = np.argsort(held, kind="stable")
    vectors = tuple(part.vectors for part in parts) or (np.empty((0, base.dimension), np.float32),)
    return Recent(parts, base.holding(gone), Store(held[order], vectors, np.concatenate(at)[order]))


def read(base: Path) -> tuple[Part, ...]:
    """Return the files beside the file of an index, mapped.

    Raises:
        OSError, ValueError: one is damaged.
    """
    return tuple(_read(file, number) for number, file in sorted(_files(base).items()))


def _read(file: Path, number: int) -> Part:
    with file.open("rb") as opened:
        head = opened.read(32)
        gone, rows, dimension = np.frombuffer(head[8:], "<i8").tolist()
        start = _aligned(32 + 8 * (gone + rows))
        size = opened.seek(0, os.SEEK_END)
        if head[:8] != MAGIC or min(gone, rows) < 0 or size != start + 4 * rows * dimension:
            raise ValueError(f"{file} is not whole")
        opened.seek(32)
        numbers = np.frombuffer(opened.read(8 * (gone + rows)), "<i8")
    vectors = np.empty((0, dimension), np.float32)
    if rows:
        vectors = np.asarray(np.memmap(file, np.float32, "r", start, (rows, dimension)))
    return Part(number, numbers[:gone], numbers[gone:], vectors)


def in_words(base: Path) -> str:
    """Return how much has changed since the file of an index was written, in a sentence; "" for nothing."""
    try:
        parts = read(base)
    except (OSError, ValueError):
        return ""
    come, gone = sum(len(part.rows) for part in parts), sum(len(part.gone) for part in parts)
    return (
        f"Since then {come:,} came, every one compared, and {gone:,} went: {len(parts)} small files." if parts else ""
    )


def add(base: Path, parts: tuple[Part, ...], gone: Rows, rows: Rows, vectors: Vectors) -> tuple[Part, ...]:
    """Write a file more beside that of an index, in place of those that it takes in; return those that count now.

    Args:
        gone: rows held before that no longer count, or have another vector now; ascending.
        rows: rows that came, ascending, with their vectors.
    """
    number = max((part.number for part in parts), default=0) + 1
    new, kept = Part(number, gone, rows, vectors), list(parts)
    while kept and len(kept[-1]) <= 2 * len(new):
        new = _joined(kept.pop(), new)
    _write(_name(base, number), new)
    for part in parts[len(kept) :]:
        _name(base, part.number).unlink(missing_ok=True)
    return (*kept, _read(_name(base, number), number))


def _joined(one: Part, other: Part) -> Part:
    """Return what a part and the one after it stand for together."""
    kept = ~np.isin(one.rows, other.gone)
    gone = np.union1d(one.gone, np.setdiff1d(other.gone, one.rows))
    rows = np.concatenate([one.rows[kept], other.rows])
    order = np.argsort(rows, kind="stable")
    return Part(other.number, gone, rows[order], np.concatenate([one.vectors[kept], other.vectors])[order])


def _write(file: Path, part: Part) -> None:
    temporary = file.with_suffix(".new")
    head = np.array([len(part.gone), len(part.rows), part.vectors.shape[1]], "<i8")
    with temporary.open("wb") as opened:
        opened.write(MAGIC + head.tobytes() + part.gone.tobytes() + part.rows.tobytes())
        opened.write(bytes(_aligned(opened.tell()) - opened.tell()))
        opened.write(np.ascontiguousarray(part.vectors, np.float32).tobytes())
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)


def forget(base: Path) -> None:
    """Delete the files beside that of an index."""
    for file in _files(base).values():
        file.unlink(missing_ok=True)


def _files(base: Path) -> dict[int, Path]:
    found = ((file.name[len(base.stem) + 1 : -len(_SUFFIX)], file) for file in base.parent.glob(f"*{_SUFFIX}"))
    return {int(number): file for number, file in found if number.isdecimal() and file == _name(base, int(number))}


def _name(base: Path, number: int) -> Path:
    return base.with_name(f"{base.stem}-{number}{_SUFFIX}")


def _aligned(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
