"""Bringing the indexes up to date with the catalogue: embed what has no vector, add and forget passages.

The catalogue is the truth and the indexes follow it: whatever was interrupted, the next update compares
the passage rows that each index holds with those that are current, and mends the difference.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from corpus.catalogue import Catalogue
from corpus.errors import IndexMismatchError
from index import columns
from index.columns import Columns
from index.dense import DenseIndex
from index.encoder import Encoder
from index.lexical import Entry, LexicalIndex
from index.understanding import suggest

FORMAT = 2
WORDS_AGE = 200  # the words for suggestions are counted anew once one passage in so many has changed
_EMBED_AT_ONCE = 512
_READ_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class IndexMeta:
    """What an index directory says of itself."""

    format: int
    model: str
    dimension: int
    passages: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What an update did: texts embedded, passages added to and taken from the indexes, and seconds."""

    embedded: int
    added: int
    removed: int
    seconds_embedding: float
    seconds_indexing: float


def index_directory(catalogue: Catalogue) -> Path:
    """Return where the indexes of a catalogue are kept."""
    return catalogue.directory / "index"


def read_meta(directory: Path) -> IndexMeta | None:
    """Return what the index says of itself, or None where there is no index yet.

    Raises:
        IndexMismatchError: its description is damaged or of another format.
    """
    try:
        meta = IndexMeta(**json.loads((directory / "meta.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as exc:
        raise IndexMismatchError(f"The index {directory} is damaged: run 'minutebook rebuild'.") from exc
    if meta.format != FORMAT:
        raise IndexMismatchError(
            f"The index has format {meta.format}, this version of Minutebook reads format {FORMAT}: "
            "run 'minutebook rebuild'."
        )
    return meta


def check_model(directory: Path, model: str) -> IndexMeta | None:
    """Return the description of the index, if there is one and it was made with this model.

    Raises:
        IndexMismatchError: it was made with another model.
    """
    meta = read_meta(directory)
    if meta and meta.model != model:
        raise IndexMismatchError(
            f"The index was made with the model {meta.model}, and the model set is {model}: "
            f"set MINUTEBOOK_MODEL={meta.model}, or run 'minutebook rebuild' to use {model}."
        )
    return meta


def update(
    catalogue: Catalogue,
    encoder: Encoder,
    *,
    progress: Callable[[Iterable[tuple[str, str]], int], Iterable[tuple[str, str]]] = lambda texts, _: texts,
    from_scratch: bool = False,
) -> BuildReport:
    """Bring the indexes up to date with the catalogue.

    Args:
        progress: wraps the texts to embed (given their number) to show how far the run is.
        from_scratch: make the indexes anew, keeping only vectors that the catalogue holds.
    """
    directory = index_directory(catalogue)
    if from_scratch and directory.exists():
        shutil.rmtree(directory)
    meta = check_model(directory, encoder.model_id)
    began = time.perf_counter()
    embedded = _embed(catalogue, encoder, progress)
    embedding_done = time.perf_counter()
    current = columns.build(catalogue, _columns_before(directory))
    rows = current.row.tolist()
    dimension = meta.dimension if meta else (encoder.dimension if rows else 0)
    added = removed = 0
    if rows or meta:
        directory.mkdir(parents=True, exist_ok=True)
        added, removed = _update_dense(catalogue, encoder.model_id, directory / "dense.faiss", dimension, rows)
        _update_lexical(catalogue, directory / "lexical", rows)
        if added or removed or meta is None or meta.passages != len(rows):
            if (added + removed) * WORDS_AGE >= len(rows) or not (directory / "words.tsv").exists():
                _update_words(catalogue, directory / "words.tsv", rows)
            columns.write(current, directory / "columns.npz")
            _write_meta(directory, IndexMeta(FORMAT, encoder.model_id, dimension, len(rows)))
    done = time.perf_counter()
    return BuildReport(embedded, added, removed, embedding_done - began, done - embedding_done)


def _embed(
    catalogue: Catalogue,
    encoder: Encoder,
    progress: Callable[[Iterable[tuple[str, str]], int], Iterable[tuple[str, str]]],
) -> int:
    """Embed every current passage that has no vector, keeping each batch as soon as it is done."""
    missing = list(catalogue.unembedded(encoder.model_id))
    shown = iter(progress(missing, len(missing)))
    while batch := list(islice(shown, _EMBED_AT_ONCE)):
        vectors = encoder.encode_passages([text for _, text in batch])
        blobs = (vector.astype("<f4").tobytes() for vector in vectors)
        catalogue.save_vectors(encoder.model_id, zip((key for key, _ in batch), blobs, strict=True))
    return len(missing)


def _update_dense(catalogue: Catalogue, model: str, file: Path, dimension: int, rows: Sequence[int]) -> tuple[int, int]:
    dense = DenseIndex.read(file) if file.exists() else DenseIndex.empty(dimension)
    gone, new = _difference(dense.rows().tolist(), rows)
    if gone:
        dense.remove(gone)
    for start in range(0, len(new), _READ_AT_ONCE):
        found = list(catalogue.vectors(model, new[start : start + _READ_AT_ONCE]))
        dense.add([row for row, _ in found], np.stack([np.frombuffer(blob, dtype="<f4") for _, blob in found]))
    if gone or new or not file.exists():
        dense.write(file)
    return len(new), len(gone)


def _columns_before(directory: Path) -> Columns | None:
    """Return the columns of the last update, if they can be read: what they hold need not be derived again."""
    try:
        return columns.read(directory / "columns.npz")
    except IndexMismatchError:
        return None


def _update_words(catalogue: Catalogue, file: Path, rows: Sequence[int]) -> None:
    """Count the words of the current passages, for suggestions."""
    suggest.write(suggest.build_vocabulary(text for _, text in _texts(catalogue, rows)), file)


def _update_lexical(catalogue: Catalogue, directory: Path, rows: Sequence[int]) -> None:
    lexical = LexicalIndex(directory)
    gone, new = _difference(lexical.rows(), rows)
    if gone or new:
        lexical.update(_entries(catalogue, new), gone)


def _difference(held: Iterable[int], current: Sequence[int]) -> tuple[list[int], list[int]]:
    before, now = set(held), set(current)
    return sorted(before - now), sorted(now - before)


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


def _write_meta(directory: Path, meta: IndexMeta) -> None:
    temporary = directory / "meta.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(asdict(meta), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(directory / "meta.json")
