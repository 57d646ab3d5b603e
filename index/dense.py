"""Dense search: inner product over unit vectors by FAISS, its only importer.

Up to ``EXACT_MOST`` vectors they are kept whole and all compared: a filter costs no recall. Above that they lie
in lists about centroids (IVF) in half precision, which changes a cosine by less than 0.0001, and only the lists
nearest to a query are compared: as many as bring back ``RECALL`` of what comparing all of them would, measured about
vectors of the index itself whenever it is trained or has grown, and stored with it.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexMismatchError

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
Vectors = NDArray[np.float32]

EXACT_MOST = 50_000  # comparing more of them takes over 5 ms a query on one core
RECALL, RECALL_DEPTH = 0.99, 50  # the least share of the nearest passages that is found, and of how many
QUERIES = 100  # vectors that recall is measured with
MARGIN = 3  # other questions need up to three times as many lists as the vectors that stand for them here
GROWN = 4  # the centroids are found anew once the index holds as many times the vectors they were found for
_POINTS = 48  # vectors a centroid to train with
_AT_ONCE = 50_000


class DenseIndex:
    """Vectors by passage row."""

    def __init__(self, faiss_index: Any, *, mapped: bool = False) -> None:
        self._faiss = faiss_index
        self._mapped = mapped
        self._added = 0

    @classmethod
    def empty(cls, dimension: int) -> "DenseIndex":
        """Return an index without vectors."""
        return cls(faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)))

    @classmethod
    def read(cls, file: Path, *, mapped: bool = False) -> "DenseIndex":
        """Read an index from disk.

        Args:
            mapped: to search only: the file is mapped, so that several processes hold it in memory once.

        Raises:
            IndexMismatchError: the file is missing or damaged.
        """
        try:
            return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC if mapped else 0), mapped=mapped)
        except RuntimeError as exc:
            raise IndexMismatchError(f"The index {file} is missing or damaged: run 'minutebook rebuild'.") from exc

    def write(self, file: Path) -> None:
        """Write the index so that the file is either the old one or the new one, whatever happens.

        Before that it is brought into the form that fits its size, and its recall is measured if it has grown.
        """
        self._settle()
        temporary = file.with_suffix(".new")
        faiss.write_index(self._faiss, str(temporary))
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(file)

    def __len__(self) -> int:
        return int(self._faiss.ntotal)

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self._faiss.d)

    @property
    def exact(self) -> bool:
        """Tell whether a search compares every vector."""
        return not isinstance(self._faiss, faiss.IndexIVF)

    def rows(self) -> Rows:
        """Return the passage rows that are held, in no particular order."""
        if self.exact:
            return np.asarray(faiss.vector_to_array(self._faiss.id_map), dtype=np.int64)
        lists = self._faiss.invlists
        sizes = ((number, lists.list_size(number)) for number in range(lists.nlist))
        parts = [faiss.rev_swig_ptr(lists.get_ids(number), size).copy() for number, size in sizes if size]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def add(self, rows: Sequence[int], vectors: Vectors) -> None:
        """Add vectors, shape (rows, dimension), under passage rows that are not held yet.

        Raises:
            TypeError: the index is mapped.
        """
        self._check_own()
        self._faiss.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.asarray(rows, dtype=np.int64))
        self._added += len(rows)

    def remove(self, rows: Sequence[int]) -> None:
        """Forget passage rows.

        Raises:
            TypeError: the index is mapped.
        """
        self._check_own()
        self._faiss.remove_ids(faiss.IDSelectorArray(np.asarray(rows, dtype=np.int64)))

    def _check_own(self) -> None:
        if self._mapped:  # FAISS would end the process
            raise TypeError("A mapped index cannot be changed: read it without 'mapped'.")

    # -- search --------------------------------------------------------------------------------------

    def search(
        self, query: NDArray[np.float32], depth: int, only: Sequence[int] | Rows | None = None
    ) -> tuple[Rows, Scores]:
        """Return the rows nearest to a query vector and their cosines, best first.

        Args:
            query: a unit vector, shape (dimension,).
            depth: how many rows at the most.
            only: the passage rows that may be found; all of them without it.
        """
        allowed = len(self) if only is None else min(len(only), len(self))
        depth = min(depth, allowed)
        if depth == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        settings: dict[str, Any] = {} if only is None else {"sel": _selector(only)}
        parameters = faiss.SearchParameters(**settings) if self.exact else self._parameters(depth, allowed, **settings)
        scores, rows = self._faiss.search(query.reshape(1, -1), depth, params=parameters)
        held = rows[0] >= 0
        return rows[0][held], scores[0][held]

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of passage rows that are held, shape (rows, dimension)."""
        found: Vectors = self._faiss.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        return found

    def score(self, query: NDArray[np.float32], rows: Rows) -> Scores:
        """Return the cosines of passage rows that are held with a unit vector, shape (rows,)."""
        found: Scores = self.vectors(rows) @ query
        return found

    def _parameters(self, depth: int, allowed: int, **settings: Any) -> Any:
        """Return how a search goes: the fewer passages a filter keeps, the more lists, in the end all of them."""
        lists = int(self._faiss.nlist)
        needed = max(int(self._faiss.nprobe), 8 * depth * lists / len(self))
        return _probing(min(lists, math.ceil(needed * len(self) / allowed)), **settings)

    # -- form ----------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Bring the index into the form that fits its size."""
        wanted = _lists(len(self))
        if len(self) > EXACT_MOST and (self.exact or wanted**2 >= GROWN * self._faiss.nlist**2):
            self._faiss = self._trained(wanted)
            self._tune()
        elif not self.exact and self._added * 100 > len(self):
            self._tune()
        self._added = 0

    def _trained(self, lists: int) -> Any:
        """Return the same vectors in lists about as many centroids."""
        rows = np.sort(self.rows())
        found = faiss.IndexIVFScalarQuantizer(
            faiss.IndexFlatIP(self.dimension),
            self.dimension,
            lists,
            faiss.ScalarQuantizer.QT_fp16,
            faiss.METRIC_INNER_PRODUCT,
            False,  # whole vectors, not their differences from the centroid
        )
        found.cp.spherical = True
        found.cp.niter = 10
        found.cp.min_points_per_centroid = 1
        found.cp.max_points_per_centroid = _POINTS
        found.train(self.vectors(_sample(rows, _POINTS * lists)))
        found.set_direct_map_type(faiss.DirectMap.Hashtable)  # type: ignore[attr-defined]
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            found.add_with_ids(self.vectors(part), part)
        return found

    def _tune(self) -> None:
        """Find how many lists a search must compare; what was found for the same lists before is never lowered."""
        index, depth = self._faiss, min(RECALL_DEPTH, len(self))
        queries = _questions(self.vectors(_sample(self.rows(), QUERIES)))
        _, nearest = index.search(queries, depth, params=_probing(index.nlist))
        probes = 1
        while probes < index.nlist:
            _, found = index.search(queries, depth, params=_probing(probes))
            if np.mean([len(np.intersect1d(*pair)) for pair in zip(found, nearest, strict=True)]) >= RECALL * depth:
                break
            probes = math.ceil(probes * 1.25)
        index.nprobe = min(index.nlist, max(index.nprobe, MARGIN * probes))


def _probing(lists: int, **settings: Any) -> Any:
    return faiss.SearchParametersIVF(nprobe=lists, **settings)  # type: ignore[call-arg]


def _lists(vectors: int) -> int:
    return math.ceil(2 * math.sqrt(vectors))


def _sample(rows: Rows, most: int) -> Rows:
    """Return some of the rows, the same ones for the same rows."""
    return np.random.default_rng(0).choice(rows, min(most, len(rows)), replace=False)


def _questions(vectors: Vectors) -> Vectors:
    """Return unit vectors at a cosine of about .7 to passages, as questions are: nearer ones are found too easily."""
    noise = np.random.default_rng(0).normal(size=vectors.shape)
    moved = vectors + noise / np.linalg.norm(noise, axis=1, keepdims=True)
    found: Vectors = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return found


def _selector(rows: Sequence[int] | Rows) -> Any:
    held = np.zeros(int(np.max(rows)) + 1, np.bool_)
    held[np.asarray(rows, np.int64)] = True
    return faiss.IDSelectorBitmap(np.packbits(held, bitorder="little"))  # type: ignore[arg-type, call-arg]
