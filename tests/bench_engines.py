"""Measure the vector search of each engine: ``python tests/bench_engines.py [--like DATA] [--only ENGINE]… SIZE…``

Vectors are mixtures of those of DATA (a data directory) with noise, or, without it, lie about random centres. They are
made block by block, each time anew, so that only the engine holds all of them. Each query lies beside a vector as a
question does (cosine about .7). Printed for each engine and size: seconds to send all and to have them indexed,
milliseconds of a search for 50 and for 1,000 passages (p50 and p95, one after another), with filters that keep 1 %,
10 % and 30 %, searches a second of four threads, recall@50 against comparing all, memory, and bytes on disk.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from index import milvus
from index.columns import Columns
from index.dense import DenseIndex
from index.engine_address import address
from index.engine_index import EngineIndex
from index.entries import entries
from index.generations import current
from tests import milvus_cluster
from tests.milvus_server import resident, running

Vectors = NDArray[np.float32]
QUERIES, AUTHORITIES, DIMENSION, CENTRES, BLOCK = 100, 100, 384, 2_000, 10_000
Search = Callable[[Vectors, int, Filters], NDArray[np.int64]]
FILTERS = {
    "all": Filters(),
    "1 %": Filters(authorities=("authority 7",)),
    "10 %": Filters(authorities=tuple(f"authority {n}" for n in range(10))),
    "30 %": Filters(authorities=tuple(f"authority {n}" for n in range(30))),
}


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="+", type=int)
    parser.add_argument("--like", type=Path)
    parser.add_argument("--only", action="append", choices=list(OPENERS))
    asked = parser.parse_args()
    milvus.SETTLING = 6 * 3_600.0  # a busy machine takes its time over a million
    base = real(asked.like) if asked.like else None
    for size in asked.sizes:
        made, columns = Made(size, base), columns_for(size)
        queries = beside(made)
        nearest = {what: compared(made, queries, columns.matching(filters)) for what, filters in FILTERS.items()}
        for name in asked.only or list(OPENERS):
            with tempfile.TemporaryDirectory() as directory, OPENERS[name](Path(directory)) as opened:
                began = time.perf_counter()
                search, memory = opened(made, columns)
                print(f"{name} {size:,}: searchable after {time.perf_counter() - began:.1f} s", flush=True)
                report(queries, nearest, columns, search)
                held = sum(file.stat().st_size for file in Path(directory).rglob("*") if file.is_file())
                print(f"  memory {memory() / 1e6:,.0f} MB, disk {held / 1e6:,.0f} MB", flush=True)


# -- material ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """Unit vectors, the same ones for the same size and base."""

    size: int
    base: Vectors | None

    def blocks(self) -> Iterator[tuple[int, Vectors]]:
        """Yield the vectors in order, each block with the number of its first."""
        for start in range(0, self.size, BLOCK):
            yield start, self._block(start)

    def _block(self, start: int) -> Vectors:
        size, chance = min(BLOCK, self.size - start), np.random.default_rng([1, start])
        if self.base is not None:
            first, second = (self.base[chance.integers(0, len(self.base), size)] for _ in range(2))
            found = 0.7 * first + 0.3 * second + chance.normal(0, 0.3 / np.sqrt(DIMENSION), (size, DIMENSION))
        else:
            centres = np.random.default_rng(1).normal(0, 1, (CENTRES, DIMENSION))
            found = centres[chance.integers(0, CENTRES, size)] + chance.normal(0, 0.8, (size, DIMENSION))
        return unit(found)


def unit(vectors: NDArray[np.float64]) -> Vectors:
    """Return vectors of length 1."""
    found: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return found


def beside(made: Made) -> Vectors:
    """Return queries beside vectors of the first block, at a cosine of about .7."""
    chance, (_, vectors) = np.random.default_rng(2), next(made.blocks())
    chosen = vectors[chance.integers(0, len(vectors), QUERIES)]
    return unit(chosen + chance.normal(0, 1 / np.sqrt(DIMENSION), chosen.shape))


def compared(made: Made, queries: Vectors, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the rows of the 50 nearest of the vectors that are allowed, shape (queries, 50), by comparing all."""
    rows, scores = np.zeros((len(queries), 50), np.int64), np.full((len(queries), 50), -2.0, np.float32)
    for start, vectors in made.blocks():
        chosen = np.flatnonzero(allowed[start : start + len(vectors)])
        scores = np.hstack([scores, queries @ vectors[chosen].T])
        rows = np.hstack([rows, np.broadcast_to(start + 1 + chosen, (len(queries), len(chosen)))])
        best = np.argpartition(-scores, 49, axis=1)[:, :50]
        rows, scores = np.take_along_axis(rows, best, axis=1), np.take_along_axis(scores, best, axis=1)
    return rows


def real(data: Path) -> Vectors:
    """Return the vectors of a data directory."""
    generation = current(data / "index")
    assert generation is not None
    catalogue = Catalogue(data)
    rows = [row for (row,) in catalogue.connection.execute("SELECT row FROM passages WHERE NOT hidden ORDER BY row")]
    return np.stack([np.frombuffer(blob, "<f4") for _, blob in catalogue.vectors(generation.meta.model, rows)])


def columns_for(size: int) -> Columns:
    """Return columns of passages, a hundred to a document, of authorities that take turns by document."""
    document = np.arange(size, dtype=np.int32) // 100
    nothing = np.zeros(size, np.int32)
    return Columns(
        row=np.arange(1, size + 1), document=document, item=nothing, authority=document % AUTHORITIES,
        committee=nothing, day=20_000_101 + document % 28, kinds=np.ones(size, np.int32),
        boilerplate=np.zeros(size, np.bool_), verbatim=np.zeros(size, np.bool_), key=np.arange(size, dtype=np.uint32),
        documents=tuple(f"document {n}" for n in range(size // 100 + 1)),
        authorities=tuple(f"authority {n}" for n in range(AUTHORITIES)), committees=("cabinet",),
    )  # fmt: skip


# -- engines -------------------------------------------------------------------------------------------


Opener = Callable[[Made, Columns], tuple[Search, Callable[[], int]]]


@contextmanager
def embedded(directory: Path) -> Iterator[Opener]:
    def opened(made: Made, columns: Columns) -> tuple[Search, Callable[[], int]]:
        index = DenseIndex.empty(DIMENSION)
        for start, vectors in made.blocks():
            index.add(columns.row[start : start + len(vectors)].tolist(), vectors)
        index.write(directory / "dense.faiss")
        del index
        before = resident(os.getpid())
        read = DenseIndex.read(directory / "dense.faiss")

        def search(query: Vectors, depth: int, filters: Filters) -> NDArray[np.int64]:
            return read.search(query, depth, columns.row[columns.matching(filters)] if filters else None)[0]

        return search, lambda: resident(os.getpid()) - before

    yield opened


def _elsewhere(server: milvus.Server, made: Made, columns: Columns) -> Search:
    told = entries(columns)
    server.create("bench", DIMENSION, made.size, worded=False)
    began = time.perf_counter()
    for start, vectors in made.blocks():
        for at in range(0, len(vectors), milvus.AT_ONCE):
            part = slice(start + at, min(start + at + milvus.AT_ONCE, made.size))
            fields = {name: values[part] for name, values in told.fields.items()}
            server.put("bench", told.entry[part], fields, vectors[at : at + milvus.AT_ONCE])
        if start // BLOCK % 10 == 9:
            print(f"  {start + len(vectors):,} sent after {time.perf_counter() - began:.0f} s", flush=True)
    print(f"  sent in {time.perf_counter() - began:.1f} s", flush=True)
    index = EngineIndex(server, "bench", server.settle("bench"), columns)

    def search(query: Vectors, depth: int, filters: Filters) -> NDArray[np.int64]:
        return index.search(query, depth, columns.row[columns.matching(filters)] if filters else None, filters)[0]

    return search


@contextmanager
def lite(directory: Path) -> Iterator[Opener]:
    def opened(made: Made, columns: Columns) -> tuple[Search, Callable[[], int]]:
        before = resident(os.getpid())
        server = milvus.Server(address(f"milvus+lite://{directory / 'vectors.db'}"))
        search = _elsewhere(server, made, columns)
        return search, lambda: resident(os.getpid()) - before  # it runs in this process

    yield opened


@contextmanager
def server(directory: Path) -> Iterator[Opener]:
    with running(directory) as started:

        def opened(made: Made, columns: Columns) -> tuple[Search, Callable[[], int]]:
            return _elsewhere(milvus.Server(address(started.engine)), made, columns), started.memory

        yield opened


@contextmanager
def cluster(directory: Path) -> Iterator[Opener]:
    with milvus_cluster.running(directory) as started:

        def opened(made: Made, columns: Columns) -> tuple[Search, Callable[[], int]]:
            search = _elsewhere(milvus.Server(address(f"{started.engine}?copies=2")), made, columns)
            return search, lambda: started.memory("querynode-1", "querynode-2")

        yield opened


OPENERS = {"embedded": embedded, "lite": lite, "server": server, "cluster": cluster}

# -- measuring -----------------------------------------------------------------------------------------


def report(queries: Vectors, nearest: dict[str, NDArray[np.int64]], columns: Columns, search: Search) -> None:
    """Print the figures of one engine at one size."""
    search(queries[0], 1_000, Filters())
    for what, depth in [("all", 1_000), *((what, 50) for what in FILTERS)]:
        times, recalls = [], []
        for query, wanted in zip(queries, nearest[what], strict=True):
            began = time.perf_counter()
            found = search(query, depth, FILTERS[what])
            times.append((time.perf_counter() - began) * 1e3)
            recalls.append(len(np.intersect1d(found[:50], wanted)) / 50)
        p50, p95 = np.percentile(times, [50, 95])
        recall = np.mean(recalls)
        print(f"  {what:>5} depth {depth:>5}: p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  recall@50 {recall:.4f}", flush=True)
    began = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda query: search(query, 1_000, Filters()), queries))
    print(f"  four at once, depth 1,000: {QUERIES / (time.perf_counter() - began):.0f} searches/s", flush=True)


if __name__ == "__main__":
    main()
