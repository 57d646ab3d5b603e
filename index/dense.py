"""Dense search: inner product over unit vectors by FAISS, its only importer.

Up to ``EXACT_MOST`` vectors they are kept whole and all compared. Above that FAISS holds them shortened, in lists about
centroids (IVF), of which a search compares those nearest to the query; the vectors themselves lie behind it in half
precision by row (see ``dense_file``). In ``sq8`` a number is a byte; in ``rabitq`` it is two bits, and the best
candidates are compared again by the vectors themselves. How many lists and candidates that takes is measured about
vectors of the index itself against comparing all, whenever it is trained or has grown, and stored with it. A filter
that keeps few passages has just these compared, by the vectors themselves.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexMismatchError
from index import dense_file
from index.dense_file import AT_ONCE, Changes, Form, Rows, Scores, Store, Vectors, compared
from index.dense_recall import RECALL, measured, sample

EXACT_MOST = 50_000  # comparing more of them takes over 5 ms a query on one core
SQ8_MOST = 5_000_000  # more of them would keep over 2 GB of memory busy
SCAN_MOST, SCAN_SURE, SCAN_SHARE = 7_000, 1_000, 100  # of the passages that a filter keeps, see ``_scanned``
GROWN = 4  # the centroids are found anew once the index holds as many times the vectors they were found for
BITS = 2  # a number in ``rabitq``: with one, 1,600 candidates find what 400 do with two, at seven times the time
_POINTS = 48  # vectors a centroid to train with
_QUERY_BITS = 8  # a number of the query, where it is compared with ``rabitq``
_THREADS = faiss.omp_get_max_threads()  # to build with
_MEASURE = 100  # recall is measured again once one vector in so many is new


class DenseIndex:
    """Vectors by passage row. What is added to or taken from a large index is seen once it is written."""

    def __init__(self, faiss_index: Any, form: Form, store: Store, file: Path | None = None) -> None:
        self._faiss, self._form, self._store, self._file = faiss_index, form, store, file
        self._mapped = False
        self._changes: Changes | None = None

    @classmethod
    def empty(cls, dimension: int) -> "DenseIndex":
        """Return an index without vectors."""
        index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        return cls(index, Form("exact", 0, dimension), dense_file.empty(dimension))

    @classmethod
    def read(cls, file: Path, *, mapped: bool = False) -> "DenseIndex":
        """Read an index from disk.

        Args:
            mapped: to search only: the file is mapped, so that several processes hold it in memory once.

        Raises:
            IndexMismatchError: the file is missing, damaged, or of an earlier version and large.
        """
        try:
            found = dense_file.read(file)
            large = found is not None and found[0].lists > 0
            index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC if mapped or large else 0)
        except (RuntimeError, OSError, ValueError, TypeError) as exc:
            raise IndexMismatchError(f"The index {file} is missing or damaged: run 'minutebook rebuild'.") from exc
        if found is None and isinstance(index, faiss.IndexIVF):
            raise IndexMismatchError(
                f"The index {file} is damaged, or of an earlier version: run 'minutebook rebuild'."
            )
        form, store = found or (Form("exact", int(index.ntotal), int(index.d)), dense_file.empty(int(index.d)))
        read = cls(index, form, store, file)
        read._mapped = mapped
        return read

    def write(self, file: Path, *, form: str | None = None) -> None:
        """Write the index so that the file is either the old one or the new one, whatever happens.

        Before that it is brought into the form that fits its size, and its recall is measured if it has grown.

        Args:
            form: "sq8" or "rabitq", whatever the size; for tests.
        """
        if form and self._changes is None:
            self._enlarge()
        temporary = file.with_suffix(".new")
        if self.exact and (self._changes is None or not len(self)):
            faiss.write_index(self._faiss, str(temporary))
            dense_file.finish(temporary, replace(self._form, vectors=len(self)), None)
        else:
            changes = Changes(self._store) if self._changes is None else self._changes
            store = changes.store()
            faiss.omp_set_num_threads(_THREADS)
            index, settled = self._settled(changes, store, form)
            index.nprobe = settled.probes
            faiss.write_index(index, str(temporary))
            dense_file.finish(temporary, settled, store)
        temporary.replace(file)
        read = DenseIndex.read(file)
        self._faiss, self._form, self._store, self._file = read._faiss, read._form, read._store, file
        self._changes = None

    def __len__(self) -> int:
        return len(self._changes) if self._changes is not None else int(self._faiss.ntotal)

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return self._form.dimension

    @property
    def form(self) -> Form:
        """Return how the vectors are held and searched, as it was written."""
        return self._form

    @property
    def exact(self) -> bool:
        """Tell whether a search compares every vector."""
        return self._form.lists == 0

    def rows(self) -> Rows:
        """Return the passage rows that are held, in no particular order; not to be written into."""
        if self._changes is not None:
            return self._changes.store().rows
        return np.asarray(faiss.vector_to_array(self._faiss.id_map), np.int64) if self.exact else self._store.rows

    def add(self, rows: Sequence[int], vectors: Vectors) -> None:
        """Add vectors, shape (rows, dimension), under passage rows that are not held yet.

        Raises:
            TypeError: the index is mapped.
        """
        self._check_own()
        if self._changes is None and (not self.exact or len(self) + len(rows) > EXACT_MOST):
            self._enlarge()
        if self._changes is not None:
            self._changes.add(rows, vectors)
        else:
            self._faiss.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.asarray(rows, dtype=np.int64))

    def remove(self, rows: Sequence[int]) -> None:
        """Forget passage rows.

        Raises:
            TypeError: the index is mapped.
        """
        self._check_own()
        if self._changes is None and not self.exact:
            self._enlarge()
        if self._changes is not None:
            self._changes.remove(rows)
        else:
            self._faiss.remove_ids(faiss.IDSelectorBatch(np.asarray(rows, dtype=np.int64)))

    def _check_own(self) -> None:
        if self._mapped:  # FAISS would end the process
            raise TypeError("A mapped index cannot be changed: read it without 'mapped'.")

    def _enlarge(self) -> None:
        """Hold changes apart until they are written, as a large index does; what is small begins as a change."""
        self._changes = Changes(self._store)
        if self.exact and self._faiss.ntotal:
            rows = np.asarray(faiss.vector_to_array(self._faiss.id_map), np.int64)
            for at in range(0, len(rows), AT_ONCE):
                self._changes.add(rows[at : at + AT_ONCE], self._faiss.reconstruct_batch(rows[at : at + AT_ONCE]))
            self._faiss.reset()

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
        held = int(self._faiss.ntotal)
        allowed = held if only is None else min(len(only), held)
        depth = min(depth, allowed)
        if depth == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        faiss.omp_set_num_threads(
            1
        )  # a second one has nothing to do for one query, and on a busy machine is waited for
        if self.exact:
            selected = {} if only is None else {"sel": _selector(only)}
            scores, rows = self._faiss.search(query.reshape(1, -1), depth, params=faiss.SearchParameters(**selected))
            found = rows[0] >= 0
            return rows[0][found], scores[0][found]
        if only is not None and _scanned(len(only), held):
            return compared(self._store, query, np.asarray(only, np.int64), depth)
        wanted = min(allowed, max(depth, self._form.candidates))
        # The fewer passages a filter keeps, the more lists, in the end all of them.
        needed = max(self._form.probes, 8 * wanted * self._form.lists / held)
        probes = min(self._form.lists, math.ceil(needed * held / allowed))
        found = _nearest(self._faiss, query.reshape(1, -1), wanted, _parameters(self._form, probes, only))[0]
        return found if not self._form.candidates else compared(self._store, query, found[0], depth)

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of passage rows that are held, shape (rows, dimension).

        Raises:
            IndexMismatchError: a large index does not hold one of them.
        """
        if self.exact:
            held: Vectors = self._faiss.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
            return held
        positions = self._store.positions(np.asarray(rows, np.int64))
        if len(positions) < len(rows):
            raise IndexMismatchError("The vectors of some passages are missing: run 'minutebook rebuild'.")
        return self._store.take(positions)

    def score(self, query: NDArray[np.float32], rows: Rows) -> Scores:
        """Return the cosines of passage rows that are held with a unit vector, shape (rows,)."""
        found: Scores = self.vectors(rows) @ query
        return found

    # -- form ----------------------------------------------------------------------------------------

    def _settled(self, changes: Changes, store: Store, name: str | None) -> tuple[Any, Form]:
        """Return the index after the changes and its form: the one that fits its size, if it is trained anew."""
        size, form = len(store), self._form
        if not self.exact and self._file and size < GROWN * form.trained and name in (None, form.name):
            index = faiss.read_index(str(self._file))
            index.remove_ids(faiss.IDSelectorBatch(changes.gone()))
            _fill(index, store, store.positions(np.sort(changes.new())))
            form = replace(form, vectors=size)
            if (size - form.measured) * _MEASURE > size:
                form = _measured(index, store, form)
            if form.recall >= RECALL or size <= form.trained:
                return index, form
        name = name or ("sq8" if size <= SQ8_MOST else "rabitq")
        index, form = _trained(store, name)
        if form.recall < RECALL and name == "rabitq":
            return _trained(store, "sq8")
        return index, form


def _scanned(kept: int, held: int) -> bool:
    """Tell whether to read the vectors of the passages kept, one by one.

    On a busy machine a thousand cost 1 ms; to go through the lists for them took 0.4 ms of 100,000 vectors, 11 ms of
    300,000. Where the one overtakes the other on a quiet machine has not been measured.
    """
    return kept <= min(SCAN_MOST, max(SCAN_SURE, held // SCAN_SHARE))


def _trained(store: Store, name: str) -> tuple[Any, Form]:
    """Return the vectors of a store in lists about centroids, and the form with its recall."""
    dimension, lists = store.parts[0].shape[1], max(1, min(math.ceil(2 * math.sqrt(len(store))), len(store)))
    centroids, metric = faiss.IndexFlatIP(dimension), faiss.METRIC_INNER_PRODUCT
    index: Any
    if name == "rabitq":
        index = faiss.IndexIVFRaBitQ(centroids, dimension, lists, metric, True, BITS)
        index.qb = _QUERY_BITS
    else:  # whole vectors, not their differences from the centroid
        eight = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexIVFScalarQuantizer(centroids, dimension, lists, eight, metric, False)
    index.cp.spherical = True
    index.cp.niter = 10
    index.cp.min_points_per_centroid = 1
    index.cp.max_points_per_centroid = _POINTS
    index.train(store.take(sample(len(store), _POINTS * lists)))
    _fill(index, store, np.arange(len(store)))
    form = Form(name, len(store), dimension, lists, trained=len(store))
    return index, _measured(index, store, form)


def _fill(index: Any, store: Store, positions: Rows) -> None:
    for at in range(0, len(positions), AT_ONCE):
        part = positions[at : at + AT_ONCE]
        index.add_with_ids(store.take(part), np.ascontiguousarray(store.rows[part]))


def _measured(index: Any, store: Store, form: Form) -> Form:
    def search(queries: Vectors, depth: int, probes: int) -> list[tuple[Rows, Scores]]:
        return _nearest(index, queries, depth, _parameters(form, probes, None))

    return measured(store, form, search)


def _nearest(index: Any, queries: Vectors, depth: int, parameters: Any) -> list[tuple[Rows, Scores]]:
    """Return rows and scores by what FAISS holds, for each query."""
    scores, rows = index.search(queries, depth, params=parameters)
    return [(found[found >= 0], score[found >= 0]) for found, score in zip(rows, scores, strict=True)]


def _parameters(form: Form, probes: int, only: Sequence[int] | Rows | None) -> Any:
    settings: dict[str, Any] = {"nprobe": probes} if only is None else {"nprobe": probes, "sel": _selector(only)}
    if form.name == "rabitq":
        return faiss.IVFRaBitQSearchParameters(**settings, qb=_QUERY_BITS)  # type: ignore[call-arg]
    return faiss.SearchParametersIVF(**settings)


def _selector(rows: Sequence[int] | Rows) -> Any:
    held = np.zeros(int(np.max(rows)) + 1, np.bool_)
    held[np.asarray(rows, np.int64)] = True
    return faiss.IDSelectorBitmap(np.packbits(held, bitorder="little"))  # type: ignore[arg-type, call-arg]
