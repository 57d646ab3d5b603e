"""Whether a data directory is whole: what is stored is what was stored, and the index is made of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.check import (
    RESTORE,
    Problem,
    catalogue_problems,
    collection_problems,
    fetched_problems,
    unsealed,
)
from corpus.errors import CatalogueError, IndexMismatchError
from index import columns, engine, filling, generations
from index.build import index_directory, lag
from index.columns import Columns
from index.dense import DenseIndex
from index.generations import Generation
from index.lexical import LexicalIndex

_REBUILD = "run 'minutebook rebuild'"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. ``notes`` are no faults: what could not be verified, or is still to be done."""

    documents: int
    passages: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def check(directory: Path, where: str = "") -> Report:
    """Verify everything in a data directory, and change nothing.

    Args:
        where: the engine that the vectors are in; "" for the data directory.

    Raises:
        CatalogueError: there is no catalogue.
    """
    if not (directory / "catalogue.sqlite").exists():
        Catalogue(directory)  # which says so
    elsewhere = (*collection_problems(directory), *fetched_problems(directory))
    try:
        catalogue = Catalogue(directory)
    except CatalogueError as exc:
        return Report(0, 0, (Problem("catalogue", str(exc), RESTORE), *elsewhere), ())
    found = tuple(catalogue_problems(catalogue))
    if any(problem.remedy == RESTORE for problem in found):
        note = "The index was not compared with the catalogue, which is damaged."
        return Report(0, 0, (*found, *_bytes(catalogue), *elsewhere), (note,))
    documents, passages = catalogue.connection.execute(
        "SELECT (SELECT COUNT(*) FROM documents), (SELECT COUNT(*) FROM passages)"
    ).fetchone()
    problems = (*found, *_index(catalogue, where), *elsewhere)
    return Report(documents, passages, problems, tuple(_notes(catalogue, sound=not problems)))


def _bytes(catalogue: Catalogue) -> Iterator[Problem]:
    """Yield the files of the index that are not what was written."""
    try:
        generation = generations.current(index_directory(catalogue))
    except IndexMismatchError as exc:
        yield Problem("index", str(exc), _REBUILD)
        return
    for file in generations.damaged(generation) if generation else ():
        yield Problem("index", f"{file} is missing or not what was written", _REBUILD)


def _index(catalogue: Catalogue, where: str) -> Iterator[Problem]:
    """Yield what is wrong with the index: files that were changed, or parts that do not belong together."""
    damaged = list(_bytes(catalogue))
    yield from damaged
    generation = None if damaged else generations.current(index_directory(catalogue))
    if generation:
        try:
            for what in _contents(catalogue, generation, where):
                yield Problem("index", what, _REBUILD)
        except IndexMismatchError as exc:
            yield Problem("index", str(exc), _REBUILD)


def _contents(catalogue: Catalogue, generation: Generation, where: str) -> Iterator[str]:
    held = columns.read(generation.directory / "columns.npz")
    rows = held.row.tolist()
    engine.check(generation.directory, where)
    yield from engine.differences(generation.directory, where, held)
    file = generation.directory / engine.EMBEDDED
    if not where and sorted(DenseIndex.read(file).rows().tolist()) != rows:
        yield "the vectors are of other passages than the columns"
    if sorted(LexicalIndex(generation.directory / "lexical").rows()) != rows:
        yield "the words are of other passages than the columns"
    others = _others(catalogue, held)
    if others:
        yield f"{others:,} passages are others than those that the catalogue has under the same rows"


def _others(catalogue: Catalogue, held: Columns) -> int:
    return len(filling.others(held, *filling.keys(catalogue)))


def _notes(catalogue: Catalogue, *, sound: bool) -> Iterator[str]:
    if unsealed(catalogue):
        yield (
            "The catalogue was begun before checksums were kept, so titles, names and dates were not verified: "
            "the next ingest adds them."
        )
    generation = generations.current(index_directory(catalogue)) if sound else None
    if generation and not generation.meta.files:
        yield "The index was made before checksums were kept: the next ingest adds them."
    if sound:
        yield from behind(catalogue)


def behind(catalogue: Catalogue) -> Iterator[str]:
    """Yield how far the index is behind the catalogue, in words; nothing where it is not.

    Raises:
        IndexMismatchError: it is damaged or of another format.
    """
    missing = lag(catalogue)
    if missing.missing:
        yield f"{missing.missing:,} passages are not indexed yet: run 'minutebook ingest' or 'minutebook rebuild'."
    if missing.gone:
        yield f"{missing.gone:,} indexed passages have gone and are not shown; the next ingest clears them away."
