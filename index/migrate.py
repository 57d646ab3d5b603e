"""Moving the vectors of an index to an engine, or back to the data directory, without embedding anything again."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from corpus.errors import EngineError, IndexMismatchError
from corpus.locking import alone
from index import columns, engine, generations
from index.build import WAIT, index_directory, lag
from index.columns import Columns
from index.dense import DenseIndex
from index.generations import Generation

QUERIES, DEPTH = 50, 50  # searches that are compared before and after, and how deep
OVERLAP = 0.95  # the least share of the same passages that they must find
SAME = 1e-5  # cosines that differ by less are the same
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Moved:
    """What a migration did: passages that are there now, those sent in this run, and the overlap of searches.

    ``overlap`` is the share of the nearest ``DEPTH`` passages that both indexes find, over ``QUERIES`` searches; None
    where the index before could not be asked.
    """

    passages: int
    sent: int
    overlap: float | None


def migrate(catalogue: Catalogue, source: str, target: str) -> Moved:
    """Move the vectors of the current index; those who search see it in one step, and one killed midway goes on.

    Args:
        source: the engine that they are in now, to compare with; "" for the data directory.
        target: the engine that they go to; "" for the data directory.

    Raises:
        IndexMismatchError: there is no index, or it is behind the catalogue.
        EngineError: the engine is not reached, or does not find what the index before found.
    """
    with alone(catalogue.directory, "migrate", WAIT):
        index = index_directory(catalogue)
        before = generations.current(index)
        if before is None:
            raise IndexMismatchError("There is no index yet: run 'minutebook ingest PATH', or 'minutebook rebuild'.")
        behind = lag(catalogue)
        if behind.missing or behind.gone:
            raise IndexMismatchError("The index is behind the catalogue: run 'minutebook rebuild' first.")
        held = columns.read(before.directory / "columns.npz")
        new = generations.begin(index, before)
        origin = engine.Source(catalogue, before.meta.model, before.meta.dimension)
        if target:
            there = engine.place(before.directory) if source == target else None
            complete = there and (there.worded or not engine.ranks_words(catalogue, target))
            follows = (before.directory, held) if complete else None
            (new / engine.FILE).unlink(missing_ok=True)
            sent, _ = engine.follow(origin, target, new, follows, held)
        else:
            sent = _embedded(origin, new, held)
        found = engine.opened(new, target, held)
        overlap = _overlap(before, source, found, held)
        if overlap is not None and overlap < OVERLAP:
            raise EngineError(
                f"The engine finds {overlap:.0%} of what the index before finds: nothing was changed. Run it again, or"
                " see the engine's log."
            )
        generations.commit(index, new, before.meta, before)
        if target:
            engine.prune(catalogue, target, new, held)
        return Moved(len(found), sent, overlap)


def _embedded(source: engine.Source, new: Path, held: Columns) -> int:
    dense = DenseIndex.empty(source.dimension)
    rows = held.row.tolist()
    for start in range(0, len(rows), _AT_ONCE):
        part = list(source.catalogue.vectors(source.model, rows[start : start + _AT_ONCE]))
        dense.add([row for row, _ in part], np.stack([np.frombuffer(blob, dtype="<f4") for _, blob in part]))
    if len(dense) != len(rows):
        raise IndexMismatchError("Passages have no vector: run 'minutebook rebuild'.")
    dense.write(new / engine.EMBEDDED)
    (new / engine.FILE).unlink(missing_ok=True)
    return len(rows)


def _overlap(before: Generation, source: str, after: engine.Dense, held: Columns) -> float | None:
    """Return the share of the nearest passages that both indexes find, for passages and questions beside them."""
    if not len(held):
        return None
    if engine.place(before.directory) and not source:
        return None
    asked = engine.opened(before.directory, source if engine.place(before.directory) else "", held)
    chosen = np.random.default_rng(0).choice(held.row, min(QUERIES, len(held)), replace=False)
    shares = []
    for query in _beside(after.vectors(chosen)):
        (one, cosines), (other, found) = asked.search(query, DEPTH), after.search(query, DEPTH)
        alike = found >= cosines[-1] - SAME  # which of several passages of the same words comes last is chance
        shares.append(np.count_nonzero(np.isin(other, one) | alike) / len(one))
    return float(np.mean(shares))


def _beside(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return unit vectors at a cosine of about .7 to these, as questions are to passages."""
    noise = np.random.default_rng(0).normal(size=vectors.shape)
    moved = vectors + noise / np.linalg.norm(noise, axis=1, keepdims=True)
    found: NDArray[np.float32] = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return found
