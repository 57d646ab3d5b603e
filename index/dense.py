"""Dense search: inner product over unit vectors by FAISS, its only importer.

Up to ``EXACT_MOST`` vectors they are kept whole and all compared. Above that FAISS holds them shortened, in lists about
centroids (IVF), of which a search compares those nearest to the query; the vectors themselves lie behind it in half
precision by row (see ``dense_file``). In ``sq8`` a number is a byte; in ``rabitq`` it is two bits, and the best
candidates are compared again by the vectors themselves. How many lists and candidates that takes is measured about
vectors of the index itself against comparing all, whenever it is trained or has grown, and stored with it. A filter
that keeps few passages has just these compared, by the vectors themselves.

That file is left as it is while little has changed since: what came lies beside it and is compared whole, what has gone
is passed by (see ``dense_recent``). Once there is no more ``room`` for that, all is written into one file again.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import IndexMismatchError
from index import dense_file, dense_recent
from index.dense_file import (
    AT_ONCE,
    EXACT_MOST,
    Changes,
    Form,
    Rows,
    Scores,
    Store,
    Vectors,
    both,
    compared,
    joined,
    scanned,
    without,
)
from index.dense_recall import RECALL, measured, sample
from index.dense_recent import Recent

SQ8_MOST = 5_000_000  # more of them would keep over 2 GB of memory busy
GROWN = 4  # the centroids are found anew once the index holds as many times the vectors they were found for
BITS = 2  # a number in ``rabitq``: with one, 1,600 candidates find what 400 do with two, at seven times the time
DEEPER = 4  # candidates for each row asked for, or the first hits differ (top 10: 2 % from those by all, 10 % with one)
_POINTS = 48  # vectors a centroid to train with
_QUERY_BITS = 8  # a number of the query, where it is compared with ``rabitq``
_THREADS = faiss.omp_get_max_threads()  # to build with
_MEASURE = 100  # recall is measured again once one vector in so many is new


class DenseIndex:
    """Vectors by passage row, mapped from their files. What is added or removed is seen once it is written."""

    def __init__(self, faiss_index: Any, form: Form, store: Store, recent: Recent, file: Path | None) -> None:
        self._faiss, self._form, self._store, self._recent, self._file = faiss_index, form, store, recent, file
        self._changes = Changes(form.dimension)

    @classmethod
    def empty(cls, dimension: int) -> "DenseIndex":
        """Return an index without vectors."""
        store = dense_file.empty(dimension)
        return cls(_flat(store), Form("exact", 0, dimension), store, dense_recent.recent((), store), None)

    @classmethod
    def read(cls, file: Path) -> "DenseIndex":
        """Read an index from disk; several processes that do hold it in memory once.

        Raises:
            IndexMismatchError: a file is missing, damaged, or of an earlier version and large.
        """
        try:
            found = dense_file.read(file)
            index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)
            lists = isinstance(index, faiss.IndexIVF)
            if lists != (found is not None and found[0].lists > 0):
                raise ValueError(f"{file} does not say how it is held")
            form, store = found or (Form("exact", int(index.ntotal), int(index.d)), dense_file.empty(int(index.d)))
            store = store if lists else _whole(index)
            recent = dense_recent.recent(dense_recent.read(file), store)
        except (RuntimeError, OSError, ValueError, TypeError) as exc:
            raise IndexMismatchError(
                f"The index {file} is missing, damaged, or of an earlier version: run 'minutebook rebuild'."
            ) from exc
        return cls(index, form, store, recent, file)

    def write(self, file: Path, *, form: str | None = None) -> None:
        """Write what has changed, or all: elsewhere than where it was read, or where too much has changed.

        A file is replaced, never written into, so that others may share it. Before all is written, it is brought into
        the form that fits its size, and its recall is measured if it has grown.

        Args:
            form: "sq8" or "rabitq", whatever the size; for tests.
        """
        gone, new = self._changes.gone(), self._changes.new()
        outgrown = (self.exact and len(self) > EXACT_MOST) or not self._recent.fits(self._store, gone, len(new))
        if file != self._file or (form and form != self._form.name) or outgrown:
            self._write_all(file, gone, new, form)
        elif len(gone) or len(new):
            dense_recent.add(file, self._recent.parts, gone, new.rows, new.take(np.arange(len(new))))
        self.__dict__ = DenseIndex.read(file).__dict__

    def _write_all(self, file: Path, gone: Rows, new: Store, form: str | None) -> None:
        store = joined(joined(self._store, self._recent.gone, self._recent.store), gone, new)
        temporary = file.with_suffix(".new")
        if self.exact and len(store) <= EXACT_MOST and form is None:
            faiss.write_index(_flat(store), str(temporary))
            dense_file.finish(temporary, Form("exact", len(store), store.dimension), None)
        else:
            faiss.omp_set_num_threads(_THREADS)
            index, settled = self._settled(store, form)
            index.nprobe = settled.probes
            faiss.write_index(index, str(temporary))
            dense_file.finish(temporary, settled, store)
        temporary.replace(file)
        dense_recent.forget(file)

    def __len__(self) -> int:
        held = len(self._store) - len(self._recent.gone) + len(self._recent)
        return held - len(self._changes.gone()) + len(self._changes)

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return self._form.dimension

    @property
    def form(self) -> Form:
        """Return how the vectors are held and searched, as it was written when all were last written."""
        return self._form

    @property
    def exact(self) -> bool:
        """Tell whether a search compares every vector."""
        return self._form.lists == 0

    def rows(self) -> Rows:
        """Return the passage rows that are held, ascending, as they were written."""
        kept = np.setdiff1d(self._store.rows, self._recent.gone, assume_unique=True)
        return np.sort(np.concatenate([kept, self._recent.store.rows]))

    def add(self, rows: Sequence[int] | Rows, vectors: Vectors) -> None:
        """Add vectors, shape (rows, dimension), under passage rows that are not held yet."""
        self._changes.add(np.asarray(rows, np.int64), vectors)

    def remove(self, rows: Sequence[int] | Rows) -> None:
        """Forget passage rows."""
        wanted = np.asarray(rows, np.int64)
        held = [without(self._store.holding(wanted), self._recent.gone), self._recent.store.holding(wanted)]
        self._changes.remove(wanted, np.concatenate(held))

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
        wanted = None if only is None else np.asarray(only, np.int64)
        if not self._recent.parts:
            return self._nearest(query, depth, wanted)
        kept = None if wanted is None else without(wanted, self._recent.gone)
        (rows, scores), (late, theirs) = self._nearest(query, depth, kept), self._recent.nearest(query, depth, wanted)
        order = np.argsort(-np.concatenate([scores, theirs]), kind="stable")[:depth]
        return np.concatenate([rows, late])[order], np.concatenate([scores, theirs])[order]

    def _nearest(self, query: NDArray[np.float32], depth: int, only: Rows | None) -> tuple[Rows, Scores]:
        """Search the file itself; ``only`` has none of the rows that have gone."""
        held = len(self._store)
        allowed = held - len(self._recent.gone) if only is None else min(len(only), held)
        depth = min(depth, allowed)
        if depth <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        selector = self._left if only is None else _selector(only)
        # A second thread has nothing to do for one query, and on a busy machine is waited for.
        faiss.omp_set_num_threads(1)
        if self.exact:
            chosen = faiss.SearchParameters(**({"sel": selector} if selector else {}))
            return _found(self._faiss, query.reshape(1, -1), depth, chosen)[0]
        if only is not None and scanned(len(only), held):
            return compared(self._store, query, only, depth)
        wanted = min(allowed, max(DEEPER * depth, self._form.candidates) if self._form.candidates else depth)
        # The fewer passages a filter keeps, the more lists, in the end all of them.
        needed = max(self._form.probes, 8 * wanted * self._form.lists / held)
        probes = min(self._form.lists, math.ceil(needed * held / allowed))
        found = _found(self._faiss, query.reshape(1, -1), wanted, _parameters(self._form, probes, selector))[0]
        return found if not self._form.candidates else compared(self._store, query, found[0], depth)

    @cached_property
    def _left(self) -> Any:
        """What lets through the rows of the file that still count; None where all do."""
        return faiss.IDSelectorNot(_selector(self._recent.gone)) if len(self._recent.gone) else None

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of passage rows that are held, shape (rows, dimension).

        Raises:
            IndexMismatchError: one of them is not held.
        """
        found = both(self._store, self._recent.gone, self._recent.store, np.asarray(rows, np.int64))
        if found is None:
            raise IndexMismatchError("The vectors of some passages are missing: run 'minutebook rebuild'.")
        return found

    def score(self, query: NDArray[np.float32], rows: Rows) -> Scores:
        """Return the cosines of passage rows that are held with a unit vector, shape (rows,)."""
        found: Scores = self.vectors(rows) @ query
        return found

    # -- form ----------------------------------------------------------------------------------------

    def _settled(self, store: Store, name: str | None) -> tuple[Any, Form]:
        """Return the index of all that is held now, and its form: the one that fits its size, if it is trained anew."""
        size, form = len(store), self._form
        if not self.exact and self._file and size < GROWN * form.trained and name in (None, form.name):
            index = faiss.read_index(str(self._file))
            gone, new = store.beyond(self._store)
            index.remove_ids(faiss.IDSelectorBatch(gone))
            _fill(index, store, new)
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


def _trained(store: Store, name: str) -> tuple[Any, Form]:
    """Return the vectors of a store in lists about centroids, and the form with its recall."""
    dimension, lists = store.dimension, max(1, min(math.ceil(2 * math.sqrt(len(store))), len(store)))
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
        return _found(index, queries, depth, _parameters(form, probes, None))

    return measured(store, form, search)


def _found(index: Any, queries: Vectors, depth: int, parameters: Any) -> list[tuple[Rows, Scores]]:
    """Return rows and scores by what FAISS holds, for each query."""
    scores, rows = index.search(queries, depth, params=parameters)
    return [(found[found >= 0], score[found >= 0]) for found, score in zip(rows, scores, strict=True)]


def _parameters(form: Form, probes: int, selector: Any) -> Any:
    settings: dict[str, Any] = {"nprobe": probes} | ({"sel": selector} if selector else {})
    if form.name == "rabitq":
        return faiss.IVFRaBitQSearchParameters(**settings, qb=_QUERY_BITS)  # type: ignore[call-arg]
    return faiss.SearchParametersIVF(**settings)


def _selector(rows: Rows) -> Any:
    held = np.zeros(int(np.max(rows)) + 1, np.bool_)
    held[rows] = True
    return faiss.IDSelectorBitmap(np.packbits(held, bitorder="little"))  # type: ignore[arg-type, call-arg]


def _flat(store: Store) -> Any:
    """Return the index that compares all vectors of a store."""
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(store.dimension))
    _fill(index, store, np.arange(len(store)))
    return index


def _whole(index: Any) -> Store:
    """Return the vectors of an index that compares all, by row; they are its own, not copies."""
    rows = np.asarray(faiss.vector_to_array(index.id_map), np.int64)
    if not len(rows):
        return dense_file.empty(int(index.d))
    flat: Any = faiss.downcast_index(index.index)
    held = faiss.rev_swig_ptr(flat.get_xb(), len(rows) * index.d)
    order = np.argsort(rows, kind="stable")
    return Store(rows[order], (held.reshape(len(rows), index.d),), order)
