"""Bringing the indexes up to date with the catalogue: embed what has no vector, add and forget passages.

The catalogue is the truth and the indexes follow it. An update makes a whole new generation of them beside the one in
use (see ``generations``) from the differences between what each index holds and what is current. Where the one before
is damaged it is made anew from the catalogue, and the report says so.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.catalogue import Catalogue
from corpus.connecting import Fault
from corpus.errors import CatalogueError, IndexDamagedError, IndexMismatchError
from corpus.locking import alone
from index import columns, engine, filling, generations
from index.columns import Columns
from index.contents import entries, texts
from index.dense import DenseIndex
from index.embedding import encoded
from index.encoder import Encoder
from index.generations import FORMAT, Generation, IndexMeta
from index.lexical import LexicalIndex
from index.understanding import suggest
from ingest.cluster import Cluster

INDEX = "index"  # the directory of the indexes, in the data directory
WORDS_AGE = 200  # the words for suggestions are counted anew once one passage in so many has changed
WAIT = 600.0  # seconds for another update to end
_READ_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What an update did: texts embedded, passages added to and taken from the indexes, and seconds.

    ``repaired`` says what was found damaged and made anew from the catalogue; None where nothing was.
    """

    embedded: int
    added: int
    removed: int
    seconds_embedding: float
    seconds_indexing: float
    repaired: str | None = None


@dataclass(frozen=True, slots=True)
class _Before:
    """The generation that an update goes on from, and its columns."""

    generation: Generation
    columns: Columns


@dataclass(frozen=True, slots=True)
class _Changes:
    """What an index must forget and take in to follow."""

    earlier: Columns | None
    current: Columns

    def of(self, held: int, rows: Callable[[], Iterable[int]]) -> tuple[list[int], list[int]]:
        """Return the rows to forget and those to add for an index that holds so many; the stale ones are both.

        Args:
            rows: gives those that it holds, which are asked for only where they are not those of the generation before.
        """
        earlier, now = self.earlier, self.current.row
        before = earlier.row if earlier and len(earlier) == held else np.unique(np.fromiter(rows(), np.int64))
        stale = filling.others(earlier, now, self.current.key) if earlier else now[:0]
        kept = np.setdiff1d(np.intersect1d(before, now, assume_unique=True), stale, assume_unique=True)
        gone, new = (np.setdiff1d(one, kept, assume_unique=True) for one in (before, now))
        return gone.tolist(), new.tolist()


@dataclass(frozen=True, slots=True)
class Lag:
    """How the index differs from the catalogue: passages that are not indexed yet, and indexed ones that have gone."""

    missing: int
    gone: int


def index_directory(catalogue: Catalogue) -> Path:
    """Return where the generations of the indexes of a catalogue are kept."""
    return catalogue.directory / INDEX


def read_meta(directory: Path) -> IndexMeta | None:
    """Return what the current index says of itself, or None where there is no index yet.

    Raises:
        IndexMismatchError: its description is damaged or of another format.
    """
    generation = generations.current(directory)
    return generation.meta if generation else None


def check_model(directory: Path, model: str) -> Generation | None:
    """Return the current index, if there is one and it was made with this model.

    Raises:
        IndexMismatchError: it was made with another model, or its description is damaged.
    """
    generation = generations.current(directory)
    if generation and generation.meta.model != model:
        made_with = generation.meta.model
        raise IndexMismatchError(
            f"The index was made with the model {made_with}, and the model set is {model}: "
            f"set MINUTEBOOK_MODEL={made_with}, or run 'minutebook rebuild' to use {model}."
        )
    return generation


def check_before(catalogue: Catalogue, encoder: Encoder, where: str = "") -> None:
    """See that the index can be updated with this model, before anything is read; a damaged one will be made anew.

    Raises:
        IndexMismatchError: it was made with another model or by another version, or its vectors are not where they
            are looked for (see ``engine``).
    """
    with suppress(IndexDamagedError):
        generation = check_model(index_directory(catalogue), encoder.model_id)
        if generation:
            engine.check(generation.directory, where)


def lag(catalogue: Catalogue) -> Lag:
    """Return how far the current index is behind the catalogue.

    Raises:
        IndexMismatchError: it is damaged or of another format.
    """
    generation = generations.current(index_directory(catalogue))
    indexed = set(columns.read(generation.directory / "columns.npz").row.tolist()) if generation else set[int]()
    current = {
        row[0]
        for row in catalogue.connection.execute(
            "SELECT p.row FROM passages p JOIN documents d USING (document_id) WHERE d.current AND NOT p.hidden"
        )
    }
    return Lag(len(current - indexed), len(indexed - current))


def update(
    catalogue: Catalogue,
    encoder: Encoder,
    *,
    where: str = "",
    progress: Callable[[Iterable[tuple[str, str]], int], Iterable[tuple[str, str]]] = lambda texts, _: texts,
    from_scratch: bool = False,
    recount: bool = False,
    cluster: Cluster | None = None,
) -> BuildReport:
    """Bring the indexes up to date with the catalogue, in one step for those who search.

    Args:
        where: the engine that the vectors are in; "" for the data directory.
        progress: wraps the texts to embed (given their number) to show how far the run is.
        from_scratch: make the indexes anew, keeping only vectors that the catalogue holds.
        recount: count the words for suggestions anew, however few passages have changed.
        cluster: whose workers embed; without it, this process does.

    Raises:
        IndexMismatchError: the index was made with another model or by another version, or is elsewhere.
        EngineError: the engine is not reached; the index before stays in use.
        CatalogueError: another process is at work for long, or the disk is full; the index before stays in use.
    """
    with alone(catalogue.directory, "update of the index", WAIT):
        if not from_scratch:
            check_before(catalogue, encoder, where)
        began = time.perf_counter()
        if from_scratch:
            catalogue.forget_faulty_vectors(encoder.model_id)
        before, repaired = (None, None) if from_scratch else _sound(index_directory(catalogue))
        seen = filling.changed(catalogue, before.columns if before else None)
        found = time.perf_counter()
        embedded = _embed(catalogue, encoder, seen, progress, cluster)
        seconds_embedding = time.perf_counter() - found
        with _explained(catalogue):
            # What the index will refer to must be on the disk before it.
            catalogue.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            try:
                added, removed = _next(catalogue, encoder, where, before, recount)
            except IndexMismatchError as exc:
                if before is None:
                    raise
                repaired = str(exc)
                embedded += _embed(catalogue, encoder, None, progress, cluster)
                added, removed = _next(catalogue, encoder, where, None, recount)
        indexing = time.perf_counter() - began - seconds_embedding
        return BuildReport(embedded, added, removed, seconds_embedding, indexing, repaired)


@contextmanager
def _explained(catalogue: Catalogue) -> Iterator[None]:
    """Say of what goes wrong in writing what it means."""
    try:
        yield
    except Fault as exc:
        raise CatalogueError(catalogue.explained(exc)) from exc
    except (OSError, RuntimeError) as exc:  # RuntimeError is all that FAISS says of a full disk
        raise CatalogueError(
            f"The index cannot be written ({exc}): make room and run the same command again. What was read is "
            "kept, and the index before stays in use."
        ) from exc


def _sound(index: Path) -> tuple[_Before | None, str | None]:
    """Return the current generation, none of which is known to be damaged, or what is; see ``generations.damaged``."""
    try:
        generation = generations.current(index)
        if generation is None:
            return None, None
        if damaged := generations.damaged(generation, by_turns=True):
            return None, f"The index was damaged ({', '.join(damaged)})."
        return _Before(generation, columns.read(generation.directory / "columns.npz")), None
    except IndexMismatchError as exc:
        return None, str(exc)


def _next(catalogue: Catalogue, encoder: Encoder, where: str, before: _Before | None, recount: bool) -> tuple[int, int]:
    """Make a generation from the one before, or from nothing; return the passages added and removed."""
    generation, earlier = (before.generation, before.columns) if before else (None, None)
    current, index = filling.build(catalogue, earlier), index_directory(catalogue)
    same = not recount and _nothing_new(before, current, where)
    if same or not (len(current) or generations.exists(index)):
        return 0, 0
    dimension = generation.meta.dimension if generation else encoder.dimension
    new = generations.begin(index, generation)
    changes = _Changes(earlier, current)
    if where:
        source = engine.Source(catalogue, encoder.model_id, dimension)
        follows = (before.generation.directory, before.columns) if before else None
        added, removed = engine.follow(source, where, new, follows, current)
    else:
        (new / engine.FILE).unlink(missing_ok=True)
        added, removed = _update_dense(catalogue, encoder.model_id, new / engine.EMBEDDED, dimension, changes)
    _update_lexical(catalogue, new / "lexical", changes)
    rows = current.row.tolist()
    if recount or (added + removed) * WORDS_AGE >= len(rows) or not (new / "words.tsv").exists():
        _update_words(catalogue, new / "words.tsv", rows)
    columns.write(current, new / "columns.npz")
    generations.commit(index, new, IndexMeta(FORMAT, encoder.model_id, dimension, len(rows)), generation)
    if where:
        engine.prune(catalogue, where, new, current)
    return added, removed


def _nothing_new(before: _Before | None, current: Columns, where: str) -> bool:
    if before is None or before.generation.meta.format != FORMAT:
        return False
    held = before.columns
    same = np.array_equal(held.row, current.row) and np.array_equal(held.key, current.key)
    return bool(same) and (not where or engine.whole(before.generation.directory, where, current))


def _embed(
    catalogue: Catalogue,
    encoder: Encoder,
    documents: list[str] | None,
    progress: Callable[[Iterable[tuple[str, str]], int], Iterable[tuple[str, str]]],
    cluster: Cluster | None,
) -> int:
    """Embed the passages of some documents, or of all, that have no vector, keeping each batch once it is done."""
    missing = list(catalogue.unembedded(encoder.model_id, documents))
    for batch, vectors in encoded(progress(missing, len(missing)), encoder, cluster):
        blobs = (vector.astype("<f4").tobytes() for vector in vectors)
        catalogue.save_vectors(encoder.model_id, zip((key for key, _ in batch), blobs, strict=True))
    return len(missing)


def _update_dense(catalogue: Catalogue, model: str, file: Path, dimension: int, changes: _Changes) -> tuple[int, int]:
    dense = DenseIndex.read(file) if file.exists() else DenseIndex.empty(dimension)
    gone, new = changes.of(len(dense), dense.rows)
    if gone:
        dense.remove(gone)
    for start in range(0, len(new), _READ_AT_ONCE):
        found = list(catalogue.vectors(model, new[start : start + _READ_AT_ONCE]))
        dense.add([row for row, _ in found], np.stack([np.frombuffer(blob, dtype="<f4") for _, blob in found]))
    if gone or new or not file.exists():
        dense.write(file)
    return len(new), len(gone)


def _update_words(catalogue: Catalogue, file: Path, rows: Sequence[int]) -> None:
    """Count the words of the current passages, for suggestions."""
    suggest.write(suggest.build_vocabulary(text for _, text in texts(catalogue, rows)), file)


def _update_lexical(catalogue: Catalogue, directory: Path, changes: _Changes) -> None:
    lexical = LexicalIndex(directory)
    gone, new = changes.of(len(lexical), lexical.rows)
    if gone or new:
        lexical.update(entries(catalogue, new), gone)
