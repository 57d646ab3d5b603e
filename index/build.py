"""Bringing the indexes up to date with the catalogue: embed what has no vector, add and forget passages.

The catalogue is the truth and the indexes follow it. An update makes a whole new generation of them beside the one in
use (see ``generations``) from the differences between what each index holds and what is current. Where the one before
is damaged it is made anew from the catalogue, and the report says so.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.catalogue import Catalogue
from corpus.connecting import Fault
from corpus.errors import CatalogueError, IndexDamagedError, IndexMismatchError
from corpus.locking import alone
from index import columns, engine, generations
from index.columns import Columns
from index.dense import DenseIndex
from index.embedding import encoded
from index.encoder import Encoder
from index.generations import FORMAT, Generation, IndexMeta
from index.lexical import Entry, LexicalIndex
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
        embedded = _embed(catalogue, encoder, progress, cluster)
        embedding_done = time.perf_counter()
        try:
            added, removed, repaired = _follow(catalogue, encoder, where, from_scratch, recount)
        except Fault as exc:
            raise CatalogueError(catalogue.explained(exc)) from exc
        except (OSError, RuntimeError) as exc:  # RuntimeError is all that FAISS says of a full disk
            raise CatalogueError(
                f"The index cannot be written ({exc}): make room and run the same command again. What was read is "
                "kept, and the index before stays in use."
            ) from exc
        done = time.perf_counter()
        return BuildReport(embedded, added, removed, embedding_done - began, done - embedding_done, repaired)


def _follow(
    catalogue: Catalogue, encoder: Encoder, where: str, from_scratch: bool, recount: bool
) -> tuple[int, int, str | None]:
    """Make the next generation if there is anything new; return the passages added and removed, and any repair."""
    # What the index will refer to must be on the disk before it.
    catalogue.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    repaired = None
    if not from_scratch:
        try:
            return *_next(catalogue, encoder, where, _sound(index_directory(catalogue)), recount), None
        except IndexMismatchError as exc:
            repaired = str(exc)
    return *_next(catalogue, encoder, where, None, recount), repaired


def _sound(index: Path) -> Generation | None:
    """Return the current generation after every byte of it was checked, so that no damage is carried on."""
    generation = generations.current(index)
    if generation and (damaged := generations.damaged(generation)):
        raise IndexDamagedError(f"The index was damaged ({', '.join(damaged)}).")
    return generation


def _next(
    catalogue: Catalogue, encoder: Encoder, where: str, before: Generation | None, recount: bool
) -> tuple[int, int]:
    """Make a generation from the one before, or from nothing; return the passages added and removed."""
    earlier = columns.read(before.directory / "columns.npz") if before else None
    current = columns.build(catalogue, earlier)
    rows, index = current.row.tolist(), index_directory(catalogue)
    same = not recount and _nothing_new(before, earlier, current, where)
    if same or not (rows or generations.exists(index)):
        return 0, 0
    dimension = before.meta.dimension if before else encoder.dimension
    stale = set(columns.others(earlier, current.row, current.key).tolist()) if earlier else set[int]()
    new = generations.begin(index, before)
    if where:
        source = engine.Source(catalogue, encoder.model_id, dimension)
        follows = (before.directory, earlier) if before and earlier else None
        added, removed = engine.follow(source, where, new, follows, current)
    else:
        (new / engine.FILE).unlink(missing_ok=True)
        added, removed = _update_dense(catalogue, encoder.model_id, new / engine.EMBEDDED, dimension, rows, stale)
    _update_lexical(catalogue, new / "lexical", rows, stale)
    if recount or (added + removed) * WORDS_AGE >= len(rows) or not (new / "words.tsv").exists():
        _update_words(catalogue, new / "words.tsv", rows)
    columns.write(current, new / "columns.npz")
    generations.commit(index, new, IndexMeta(FORMAT, encoder.model_id, dimension, len(rows)), before)
    if where:
        engine.prune(catalogue, where, new, current)
    return added, removed


def _nothing_new(before: Generation | None, earlier: Columns | None, current: Columns, where: str) -> bool:
    if before is None or earlier is None or before.meta.format != FORMAT or before.meta.passages != len(current):
        return False
    same = np.array_equal(earlier.row, current.row) and np.array_equal(earlier.key, current.key)
    return bool(same) and (not where or engine.whole(before.directory, where, current))


def _embed(
    catalogue: Catalogue,
    encoder: Encoder,
    progress: Callable[[Iterable[tuple[str, str]], int], Iterable[tuple[str, str]]],
    cluster: Cluster | None,
) -> int:
    """Embed every current passage that has no vector, keeping each batch as soon as it is done."""
    missing = list(catalogue.unembedded(encoder.model_id))
    for batch, vectors in encoded(progress(missing, len(missing)), encoder, cluster):
        blobs = (vector.astype("<f4").tobytes() for vector in vectors)
        catalogue.save_vectors(encoder.model_id, zip((key for key, _ in batch), blobs, strict=True))
    return len(missing)


def _update_dense(
    catalogue: Catalogue, model: str, file: Path, dimension: int, rows: Sequence[int], stale: set[int]
) -> tuple[int, int]:
    dense = DenseIndex.read(file) if file.exists() else DenseIndex.empty(dimension)
    gone, new = _difference(dense.rows().tolist(), rows, stale)
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
    suggest.write(suggest.build_vocabulary(text for _, text in _texts(catalogue, rows)), file)


def _update_lexical(catalogue: Catalogue, directory: Path, rows: Sequence[int], stale: set[int]) -> None:
    lexical = LexicalIndex(directory)
    gone, new = _difference(lexical.rows(), rows, stale)
    if gone or new:
        lexical.update(_entries(catalogue, new), gone)


def _difference(held: Iterable[int], current: Sequence[int], stale: set[int]) -> tuple[list[int], list[int]]:
    """Return the rows to forget and those to add; the stale ones are both."""
    before, now = set(held), set(current)
    kept = (before & now) - stale
    return sorted(before - kept), sorted(now - kept)


def _entries(catalogue: Catalogue, rows: Sequence[int]) -> Iterator[Entry]:
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        for row in catalogue.connection.execute(
            'SELECT p.row, substr(d.text, p.start + 1, p."end" - p.start), p.context, d.title, d.authority,'
            " d.committee, p.kind || p.records, d.meeting_date, p.document_id"
            " FROM passages p JOIN documents d USING (document_id)"
            f" WHERE p.row IN ({','.join('?' * len(part))}) ORDER BY p.row",
            part,
        ):
            number, body, heading, title, authority, committee, kinds, meeting_date, document = row
            names = " ".join(filter(None, (authority, committee, title)))
            held = tuple(dict.fromkeys(kind for kind in kinds.split(",") if kind))
            yield Entry(number, body, heading, names, authority, committee, held, meeting_date, document)


def _texts(catalogue: Catalogue, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield (row, text) of passages."""
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        yield from catalogue.connection.execute(
            'SELECT p.row, substr(d.text, p.start + 1, p."end" - p.start) FROM passages p'
            f" JOIN documents d USING (document_id) WHERE p.row IN ({','.join('?' * len(part))})",
            part,
        )
