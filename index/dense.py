"""Dense search: exact inner product over unit vectors by FAISS, its only importer."""

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


class DenseIndex:
    """Vectors by passage row. Exact: a filter costs no recall."""

    def __init__(self, faiss_index: Any) -> None:
        self._faiss = faiss_index

    @classmethod
    def empty(cls, dimension: int) -> "DenseIndex":
        """Return an index without vectors."""
        return cls(faiss.IndexIDMap2(faiss.IndexFlatIP(dimension)))

    @classmethod
    def read(cls, file: Path) -> "DenseIndex":
        """Read an index from disk.

        Raises:
            IndexMismatchError: the file is missing or damaged.
        """
        try:
            return cls(faiss.read_index(str(file)))
        except RuntimeError as exc:
            raise IndexMismatchError(f"The index {file} is missing or damaged: run 'minutebook rebuild'.") from exc

    def write(self, file: Path) -> None:
        """Write the index so that the file is either the old one or the new one, whatever happens."""
        temporary = file.with_suffix(".new")
        faiss.write_index(self._faiss, str(temporary))
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(file)

    def rows(self) -> Rows:
        """Return the passage rows that are held, in no particular order."""
        return np.asarray(faiss.vector_to_array(self._faiss.id_map), dtype=np.int64)

    @property
    def dimension(self) -> int:
        """Return the length of a vector."""
        return int(self._faiss.d)

    def add(self, rows: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Add vectors, shape (rows, dimension), under passage rows that are not held yet."""
        self._faiss.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), np.asarray(rows, dtype=np.int64))

    def remove(self, rows: Sequence[int]) -> None:
        """Forget passage rows."""
        self._faiss.remove_ids(faiss.IDSelectorBatch(np.asarray(rows, dtype=np.int64)))

    def search(self, query: NDArray[np.float32], depth: int, only: Sequence[int] | None = None) -> tuple[Rows, Scores]:
        """Return the rows nearest to a query vector and their cosines, best first.

        Args:
            query: a unit vector, shape (dimension,).
            depth: how many rows at the most.
            only: the passage rows that may be found; all of them without it.
        """
        depth = min(depth, int(self._faiss.ntotal) if only is None else len(only))
        if depth == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        parameters: Any = None
        if only is not None:
            selector = faiss.IDSelectorBatch(np.asarray(only, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, rows = self._faiss.search(query.reshape(1, -1), depth, params=parameters)
        held = rows[0] >= 0
        return rows[0][held], scores[0][held]
