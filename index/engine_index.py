"""Dense search in an engine elsewhere, as one generation's readers see it."""

import math
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.errors import EngineError, IndexMismatchError
from corpus.filters import Filters
from index.columns import Columns
from index.entries import Entries, Numbers, entries, expression, listed, rows_of
from index.milvus import LISTS, MOST, PROBES, Server

LISTED = 10_000  # entries told one by one (70 ms a thousand) where filters let through more than is wanted
_LISTED_MOST = 100_000  # where filters do not say it all, in as many parts as that takes
_VECTORS = 1_000
_SAMPLE = 100  # entries by which it is seen whether an engine shows what it holds
_SHOWN = 0.5  # of what is sought, at the least: a newer generation may have removed some
_PATIENCE, _PAUSE = 2.0, 0.1  # seconds

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
Vectors = NDArray[np.float32]


class EngineIndex:
    """Vectors by passage row, of the passages of one generation and no others."""

    def __init__(self, server: Server, collection: str, since: int, columns: Columns, *, worded: bool = False) -> None:
        """Open a collection.

        Args:
            since: the engine's time when the entries of the generation were all there.
            worded: it holds the passages' words too.

        Raises:
            IndexMismatchError: it does not hold all passages.
            EngineError: the engine is not reached.
        """
        self._server, self._collection, self._since, self._columns = server, collection, since, columns
        self.worded = worded
        self._own = Entries(entries(columns).entry, {})
        self._sample = self._own.entry[:: len(self._own) // _SAMPLE + 1]
        self._surplus = server.count(collection, since) - len(self._own)
        if self._surplus < 0:
            raise IndexMismatchError(
                f"The engine {server.shown} lacks {-self._surplus:,} passages: if it was started just now, or a part of"
                " it is down, try again in a minute; else run 'minutebook rebuild'."
            )

    def __len__(self) -> int:
        return len(self._own)

    def rows(self) -> Rows:
        """Return the passage rows that are held, ascending."""
        return rows_of(self._own.entry)

    def search(
        self,
        query: NDArray[np.float32],
        depth: int,
        only: Sequence[int] | Rows | None = None,
        filters: Filters | None = None,
    ) -> tuple[Rows, Scores]:
        """Return the rows nearest to a query vector and their cosines, best first.

        Args:
            query: a unit vector, shape (dimension,).
            depth: how many rows at the most.
            only: the passage rows that may be found; all of them without it.
            filters: resolved filters that let through all of ``only`` and perhaps more.

        Raises:
            EngineError: the engine is not reached, or shows only a part of what it holds.
        """
        wanted = self._own.entry if only is None else self._own.of(np.sort(np.asarray(only, np.int64)))
        depth = min(depth, len(wanted))
        if depth == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        for _ in self._tries():
            rows, scores = self._search(query, depth, None if only is None else wanted, filters)
            if len(rows) >= _SHOWN * depth:
                return rows, scores
            if checked := self._checked(query, depth, wanted):
                return checked
        raise EngineError(self._server.not_whole)

    def _search(
        self, query: NDArray[np.float32], depth: int, only: Numbers | None, filters: Filters | None
    ) -> tuple[Rows, Scores]:
        wanted = self._own.entry if only is None else only
        if len(wanted) <= LISTED < len(self) and not self._says_all(filters, wanted):
            return self._ask(query, depth, listed(wanted), wanted)
        rows, scores = self._ask(query, depth, self._told(filters), wanted)
        if len(rows) == depth or only is None:
            return rows, scores
        parts = range(0, len(wanted), _LISTED_MOST)
        found = [self._ask(query, depth, listed(part), part) for part in (wanted[p : p + _LISTED_MOST] for p in parts)]
        rows, scores = np.concatenate([r for r, _ in found]), np.concatenate([s for _, s in found])
        order = np.argsort(-scores, kind="stable")[:depth]
        return rows[order], scores[order]

    def by_words(self, text: str, depth: int, filters: Filters) -> tuple[Rows, Scores]:
        """Return the rows that have words of a text (see ``engine_words.asked``) and their BM25 scores, best first.

        Args:
            text: what is asked for.
            depth: how many rows at the most.
            filters: resolved filters.
        """
        wanted, where = self._own.entry, self._told(filters)
        if filters:
            wanted = self._own.of(self._columns.row[self._columns.matching(filters)])
        return self._own_of(
            lambda limit: self._server.worded(self._collection, text, limit, where, self._since), depth, wanted
        )

    def _says_all(self, filters: Filters | None, wanted: Numbers) -> bool:
        """Tell whether filters let through just these: their few words are read far sooner than a list of entries."""
        return bool(filters) and np.count_nonzero(self._columns.matching(filters or Filters())) == len(wanted)

    def _told(self, filters: Filters | None) -> str:
        return expression(filters, self._columns) if filters else ""

    def _ask(self, query: NDArray[np.float32], depth: int, where: str, wanted: Numbers) -> tuple[Rows, Scores]:
        probes = self._probes(depth, len(wanted))
        return self._own_of(
            lambda limit: self._server.nearest(self._collection, query, limit, where, probes, self._since),
            depth,
            wanted,
        )

    def _own_of(self, ask: Callable[[int], tuple[Numbers, Scores]], depth: int, wanted: Numbers) -> tuple[Rows, Scores]:
        """Ask for more until enough of what comes back is wanted: other generations have entries there too."""
        if not len(wanted):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        limit = min(MOST, depth + max(0, self._surplus))
        while True:
            found, scores = ask(limit)
            places = np.minimum(np.searchsorted(wanted, found), len(wanted) - 1)
            kept = wanted[places] == found
            if np.count_nonzero(kept) >= depth or len(found) < limit or limit == MOST:
                return rows_of(found[kept])[:depth], scores[kept][:depth]
            limit = min(MOST, 4 * limit)

    def _probes(self, depth: int, allowed: int) -> int:
        """Return how many lists are compared: the fewer passages are let through, the more, in the end all of them."""
        needed = max(PROBES, 8 * depth * LISTS / len(self))
        return min(LISTS, math.ceil(needed * len(self) / allowed))

    def _tries(self) -> Iterator[None]:
        """Let a question be asked again for ``_PATIENCE``: another copy may answer that shows what it holds.

        Milvus 2.3 answers with nothing for some seconds after a query node was lost, when another has taken over and
        not all is loaded. That must not look like an answer.
        """
        until = time.monotonic() + _PATIENCE
        yield
        while time.monotonic() < until:
            time.sleep(_PAUSE)
            yield

    def _checked(self, query: NDArray[np.float32], depth: int, wanted: Numbers) -> tuple[Rows, Scores] | None:
        """Return the best of entries, asked for with others; None where the others do not come back, or they are many.

        One request, for two may be answered by two copies.
        """
        if len(wanted) > LISTED:
            return None
        asked = np.union1d(wanted, self._sample)
        found, scores = self._server.nearest(self._collection, query, len(asked), listed(asked), LISTS, self._since)
        if not self._shown(found):
            return None
        kept = np.isin(found, wanted)
        return rows_of(found[kept])[:depth], scores[kept][:depth]

    def _shown(self, found: Numbers) -> bool:
        return int(np.count_nonzero(np.isin(self._sample, found))) >= _SHOWN * len(self._sample)

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of passage rows that are held, shape (rows, dimension).

        Those of passages that the catalogue has lost since this generation was current may be zero.

        Raises:
            EngineError: the engine is not reached, or shows only a part of what it holds.
        """
        wanted = self._own.of(np.asarray(rows, np.int64))
        found: dict[int, NDArray[np.float32]] = {}
        for start in range(0, len(wanted), _VECTORS):
            found.update(self._vectors(wanted[start : start + _VECTORS]))
        nothing = np.zeros(len(next(iter(found.values()))) if found else 0, np.float32)
        return np.array([found.get(entry, nothing) for entry in wanted.tolist()], np.float32)

    def score(self, query: NDArray[np.float32], rows: Rows) -> Scores:
        """Return the cosines of passage rows that are held with a unit vector, shape (rows,)."""
        vectors = self.vectors(rows)
        found: Scores = vectors @ query if vectors.size else np.zeros(len(rows), np.float32)
        return found

    def _vectors(self, wanted: Numbers) -> dict[int, NDArray[np.float32]]:
        asked, checked = np.unique(wanted), False
        for _ in self._tries():
            held, vectors = self._server.vectors(self._collection, asked, self._since)
            if len(held) == len(asked) or (checked and self._shown(held)):
                return dict(zip(held.tolist(), vectors, strict=True))
            # In one request, for two may be answered by two copies.
            asked, checked = np.union1d(wanted, self._sample), True
        raise EngineError(self._server.not_whole)
