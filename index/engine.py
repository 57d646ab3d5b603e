"""Where the vectors of a generation are: in a file beside it (``dense``), or in an engine elsewhere (``milvus``).

A generation whose vectors are elsewhere holds ``engine.json`` in place of ``dense.faiss``: the collection they are in,
and a time of the engine by which they were all there. A collection only gains entries before a generation is
committed and only loses them after it, and readers know their own (see ``entries``): whatever the moment at which an
update is killed, they find what is theirs and nothing else, and the next update puts the rest right.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus import durable
from corpus.catalogue import Catalogue
from corpus.errors import EngineError, IndexDamagedError, IndexMismatchError
from corpus.filters import Filters
from index import contents, dense_recent, engine_words, milvus
from index.columns import Columns
from index.dense import DenseIndex
from index.engine_address import address
from index.engine_form import Form
from index.engine_index import EngineIndex
from index.entries import Entries, Numbers, entries, rows_of
from index.lexical import LexicalQuery
from index.milvus import Server

FILE, EMBEDDED = "engine.json", "dense.faiss"
_IDENTITY = "engine.id"


Dense = DenseIndex | EngineIndex


@dataclass(frozen=True, slots=True)
class Place:
    """Where a generation has its vectors: a collection, and the engine's time when they were all there.

    ``worded`` tells whether the passages' words are there too.
    """

    collection: str
    since: int
    worded: bool = False


def place(directory: Path) -> Place | None:
    """Return where the vectors of a generation are; None where they are in its own file.

    Raises:
        IndexDamagedError: what says so is damaged.
    """
    try:
        values = json.loads((directory / FILE).read_text(encoding="utf-8"))
        return Place(str(values["collection"]), int(values["since"]), bool(values.get("worded", False)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise IndexDamagedError(f"The index {directory / FILE} is damaged: run 'minutebook rebuild'.") from exc


def check(directory: Path, engine: str) -> None:
    """See that the vectors of a generation are where the setting says.

    Raises:
        QueryError: the setting names no engine.
        IndexMismatchError: they are not there.
    """
    if engine:
        address(engine)
    elsewhere = place(directory) is not None
    if engine and not elsewhere:
        raise IndexMismatchError(
            "The vectors are in the data directory, and MINUTEBOOK_ENGINE names an engine: run 'minutebook migrate' to"
            " move them there, or unset it."
        )
    if elsewhere and not engine:
        raise IndexMismatchError(
            "The vectors are in an engine: set MINUTEBOOK_ENGINE to where it is, or run 'minutebook migrate --to"
            " embedded' to have them in the data directory."
        )


def opened(directory: Path, engine: str, columns: Columns) -> Dense:
    """Return the vector index of a generation, to search.

    Raises:
        IndexMismatchError: it is not where the setting says, or not whole.
        EngineError: the engine is not reached.
    """
    check(directory, engine)
    where = place(directory)
    if where is None:
        return DenseIndex.read(directory / EMBEDDED)
    return EngineIndex(server(engine), where.collection, where.since, columns, worded=where.worded)


def form(directory: Path, engine: str) -> Form | None:
    """Return how an engine holds the vectors of a generation; None where they are in the data directory.

    Raises:
        IndexMismatchError: they are not where the setting says.
        EngineError: the engine is not reached, which is known in about ``milvus.SECONDS``.
    """
    where = place(directory)
    if where is None:
        return None
    check(directory, engine)
    return server(engine).form(where.collection, where.since)


@lru_cache(maxsize=8)
def server(engine: str) -> Server:
    """Return the engine of a setting, the same one as long as the process lives.

    Raises:
        QueryError: the setting names no engine.
        EngineError: the package that it needs is not installed.
    """
    return Server(address(engine))


def nearest(
    dense: Dense, query: NDArray[np.float32], depth: int, only: NDArray[np.int64] | None, filters: Filters
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the rows nearest to a unit vector and their cosines, best first.

    Args:
        only: the rows that may be found; all of them without it.
        filters: resolved filters that let through all of ``only`` and perhaps more: an engine is told these where
            the rows are many.
    """
    if isinstance(dense, EngineIndex):
        return dense.search(query, depth, only, filters)
    return dense.search(query, depth, only)


def by_words(
    dense: Dense, query: LexicalQuery, depth: int, filters: Filters, boosts: Sequence[float]
) -> tuple[list[int], list[float]] | None:
    """Return passage rows and BM25 scores, best first, as the engine ranks them.

    None where it is the lexical index that has to be asked: there is no engine, it has no words, or none of the query's
    kind. The arguments are those of ``LexicalIndex.search``.
    """
    if isinstance(dense, EngineIndex) and dense.worded and (asked := engine_words.asked(query, boosts)):
        text, unit = asked
        rows, scores = dense.by_words(text, depth, filters)
        return rows.tolist(), (scores * unit).tolist()
    return None


@dataclass(frozen=True, slots=True)
class Held:
    """What an index of vectors is: its form, how many it holds, and the share of the nearest that it finds.

    ``recall`` is as measured when the index was made, 1 where every vector is compared, None where it is not known.
    """

    form: str
    vectors: int
    recall: float | None


def held(dense: Dense) -> Held:
    """Return what an index of vectors is."""
    if isinstance(dense, DenseIndex):
        return Held(dense.form.name, len(dense), dense.form.recall)
    return Held("milvus", len(dense), None)


# -- writing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """Where vectors come from: a catalogue, the model that made them, and their length."""

    catalogue: Catalogue
    model: str
    dimension: int


def follow(
    source: Source, engine: str, new: Path, earlier: tuple[Path, Columns] | None, current: Columns
) -> tuple[int, int]:
    """Bring an engine to where it holds all passages of a new generation; return those added and those to go.

    Args:
        new: the directory of the new generation.
        earlier: directory and columns of the one before, if it is to be followed on from; else a new collection is
            made, or one that was left unfinished is gone on with.
    """
    at, wanted = server(engine), entries(current)
    before = place(earlier[0]) if earlier else None
    if before and earlier and before.collection.startswith(prefix(source.catalogue)):
        collection, worded, known = before.collection, before.worded, entries(earlier[1]).entry
    else:
        worded, known = ranks_words(source.catalogue, engine), None
        collection = _begun(source, at, len(wanted), worded)
    there = known if known is not None and at.count(collection) == len(known) else at.entries(collection)
    missing = np.setdiff1d(wanted.entry, there, assume_unique=True)
    for start in range(0, len(missing), milvus.AT_ONCE):
        _put(source, at, Place(collection, 0, worded), wanted, missing[start : start + milvus.AT_ONCE])
    if before and there is known and not len(missing):
        since = before.since
    else:
        since = at.settle(collection)
    surplus = len(np.setdiff1d(there, wanted.entry, assume_unique=True))
    if at.count(collection) != len(wanted) + surplus:
        raise EngineError(f"The engine {at.shown} does not hold what was written: run 'minutebook rebuild'.")
    (new / EMBEDDED).unlink(missing_ok=True)
    dense_recent.forget(new / EMBEDDED)
    temporary = new / f"{FILE}.new"
    temporary.write_text(json.dumps(asdict(Place(collection, since, worded))), encoding="utf-8")
    temporary.replace(new / FILE)
    return len(missing), surplus


def prune(catalogue: Catalogue, engine: str, directory: Path, current: Columns) -> None:
    """Forget, once a generation is committed, the entries and collections that it does not need."""
    at, where = server(engine), place(directory)
    if where is None:
        return
    wanted = entries(current).entry
    if at.count(where.collection) != len(wanted):
        at.delete(where.collection, np.setdiff1d(at.entries(where.collection), wanted, assume_unique=True))
    for name in at.collections(prefix(catalogue)):
        if name != where.collection:
            at.drop(name)


def whole(directory: Path, engine: str, columns: Columns) -> bool:
    """Tell whether an engine holds as many entries as a generation has passages, no more and no fewer."""
    where = place(directory)
    return where is None or server(engine).count(where.collection) == len(columns)


def differences(directory: Path, engine: str, columns: Columns) -> Iterator[str]:
    """Yield in words how the entries of an engine differ from the passages of a generation; all are compared."""
    where = place(directory)
    if where is None:
        return
    held, wanted = server(engine).entries(where.collection), entries(columns).entry
    missing = len(np.setdiff1d(wanted, held, assume_unique=True))
    if missing:
        yield f"the engine lacks the vectors of {missing:,} passages"


def ranks_words(catalogue: Catalogue, engine: str) -> bool:
    """Tell whether an engine has BM25 of its own, so that a collection made there holds the words too."""
    return server(engine).ranks_words(f"{prefix(catalogue)}0_trial")


def _put(source: Source, at: Server, to: Place, wanted: Entries, part: Numbers) -> None:
    places = np.searchsorted(wanted.entry, part)
    found = list(source.catalogue.vectors(source.model, rows_of(part).tolist()))
    if [row for row, _ in found] != rows_of(part).tolist():
        raise IndexMismatchError("Passages have no vector: run 'minutebook rebuild'.")
    vectors = np.stack([np.frombuffer(blob, dtype="<f4") for _, blob in found])
    texts = (
        list(map(engine_words.told, contents.entries(source.catalogue, rows_of(part).tolist()))) if to.worded else []
    )
    at.put(to.collection, part, {name: values[places] for name, values in wanted.fields.items()}, vectors, texts)


def _begun(source: Source, at: Server, expected: int, worded: bool) -> str:
    """Return an empty collection of this data directory, or one of the same kind that an earlier run did not finish."""
    kind = f"{source.model}\n{source.dimension}" + "\nwords" * worded
    digest = hashlib.blake2b(kind.encode(), digest_size=4).hexdigest()
    begins = prefix(source.catalogue)
    used = _used(source.catalogue)
    made = at.collections(begins)
    left = [name for name in made if name.endswith(f"_{digest}") and name not in used]
    if left:
        at.load(left[-1])
        return left[-1]
    number = max((int(name.split("_")[2]) for name in made), default=0) + 1
    name = f"{begins}{number:06}_{digest}"
    at.create(name, source.dimension, expected, worded=worded)
    return name


def _used(catalogue: Catalogue) -> set[str]:
    """Return the collections that generations on the disk refer to."""
    found = set()
    for file in (catalogue.directory / "index").glob(f"g-*/{FILE}"):
        try:
            where = place(file.parent)
        except IndexDamagedError:
            continue
        if where:
            found.add(where.collection)
    return found


def prefix(catalogue: Catalogue) -> str:
    """Return how the names of this data directory's collections begin; a copy elsewhere makes its own."""
    file = catalogue.directory / "index" / _IDENTITY
    try:
        identity = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        identity = secrets.token_hex(16)
        durable.write(file, identity.encode())
    own = f"{identity}\n{catalogue.directory.absolute()}"
    return f"minutebook_{hashlib.blake2b(own.encode(), digest_size=8).hexdigest()}_"
