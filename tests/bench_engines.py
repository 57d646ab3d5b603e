"""Measure the vector search of each engine: ``python tests/bench_engines.py [--like DATA] [--only ENGINE]… SIZE…``

Vectors are mixtures of those of DATA (a data directory) with noise, or, without it, lie about random centres. Each
query lies beside a vector as a question does (cosine about .7). Printed for each engine and size: seconds to load,
milliseconds of a search for 50 and for 1,000 passages (p50 and p95, one after another), with a filter that keeps
1 % and one that keeps 30 %, searches a second of four threads, recall@50 against comparing all, and memory.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from index import milvus
from index.columns import Columns
from index.dense import DenseIndex
from index.engine_index import EngineIndex
from index.entries import entries
from index.generations import current
from tests.milvus_server import resident, running

Vectors = NDArray[np.float32]
QUERIES, AUTHORITIES, DIMENSION = 100, 100, 384
Search = Callable[[Vectors, int, Filters], NDArray[np.int64]]


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="+", type=int)
    parser.add_argument("--like", type=Path)
    parser.add_argument("--only", action="append", choices=["embedded", "lite", "server"])
    asked = parser.parse_args()
    for size in asked.sizes:
        vectors = made(size, asked.like)
        columns = columns_for(size)
        for name in asked.only or ["embedded", "lite", "server"]:
            with tempfile.TemporaryDirectory() as directory, OPENERS[name](Path(directory)) as opened:
                began = time.perf_counter()
                search, memory = opened(vectors, columns)
                print(f"{name} {size:,}: loaded and indexed in {time.perf_counter() - began:.1f} s", flush=True)
                report(vectors, columns, search, memory)


def made(size: int, like: Path | None) -> Vectors:
    """Return unit vectors, the same ones for the same arguments."""
    chance = np.random.default_rng(1)
    if like:
        base = real(like)
        first, second = (base[chance.integers(0, len(base), size)] for _ in range(2))
        found = 0.7 * first + 0.3 * second + chance.normal(0, 0.3 / np.sqrt(DIMENSION), (size, DIMENSION))
    else:
        centres = chance.normal(0, 1, (max(10, size // 50), DIMENSION))
        found = centres[chance.integers(0, len(centres), size)] + chance.normal(0, 0.8, (size, DIMENSION))
    unit: Vectors = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    return unit


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


@contextmanager
def embedded(directory: Path) -> Iterator[Callable[[Vectors, Columns], tuple[Search, Callable[[], int]]]]:
    def opened(vectors: Vectors, columns: Columns) -> tuple[Search, Callable[[], int]]:
        index = DenseIndex.empty(DIMENSION)
        index.add(columns.row.tolist(), vectors)
        index.write(directory / "dense.faiss")
        before = resident(os.getpid())
        read = DenseIndex.read(directory / "dense.faiss")

        def search(query: Vectors, depth: int, filters: Filters) -> NDArray[np.int64]:
            return read.search(query, depth, columns.row[columns.matching(filters)] if filters else None)[0]

        return search, lambda: resident(os.getpid()) - before

    yield opened


def _elsewhere(server: milvus.Server, vectors: Vectors, columns: Columns) -> Search:
    told = entries(columns)
    server.create("bench", DIMENSION, len(vectors), worded=False)
    for at in range(0, len(vectors), milvus.AT_ONCE):
        part = slice(at, at + milvus.AT_ONCE)
        server.put("bench", told.entry[part], {name: v[part] for name, v in told.fields.items()}, vectors[part])
    index = EngineIndex(server, "bench", server.settle("bench"), columns)

    def search(query: Vectors, depth: int, filters: Filters) -> NDArray[np.int64]:
        return index.search(query, depth, columns.row[columns.matching(filters)] if filters else None, filters)[0]

    return search


@contextmanager
def lite(directory: Path) -> Iterator[Callable[[Vectors, Columns], tuple[Search, Callable[[], int]]]]:
    def opened(vectors: Vectors, columns: Columns) -> tuple[Search, Callable[[], int]]:
        before = resident(os.getpid())
        server = milvus.Server(milvus.address(f"milvus+lite://{directory / 'vectors.db'}"))
        search = _elsewhere(server, vectors, columns)
        return search, lambda: resident(os.getpid()) - before  # it runs in this process

    yield opened


@contextmanager
def server(directory: Path) -> Iterator[Callable[[Vectors, Columns], tuple[Search, Callable[[], int]]]]:
    with running(directory) as started:

        def opened(vectors: Vectors, columns: Columns) -> tuple[Search, Callable[[], int]]:
            return _elsewhere(milvus.Server(milvus.address(started.engine)), vectors, columns), started.memory

        yield opened


OPENERS = {"embedded": embedded, "lite": lite, "server": server}

# -- measuring -----------------------------------------------------------------------------------------


def report(vectors: Vectors, columns: Columns, search: Search, memory: Callable[[], int]) -> None:
    """Print the figures of one engine at one size."""
    chance = np.random.default_rng(2)
    chosen = vectors[chance.integers(0, len(vectors), QUERIES)]
    beside = chosen + chance.normal(0, 1 / np.sqrt(DIMENSION), chosen.shape)
    queries = (beside / np.linalg.norm(beside, axis=1, keepdims=True)).astype(np.float32)
    one = Filters(authorities=("authority 7",))
    third = Filters(authorities=tuple(f"authority {n}" for n in range(30)))
    search(queries[0], 1_000, Filters())
    for what, depth, filters in (
        ("all", 50, Filters()),
        ("all", 1_000, Filters()),
        ("1 %", 50, one),
        ("30 %", 50, third),
    ):
        times, found = [], []
        for query in queries:
            began = time.perf_counter()
            found.append(search(query, depth, filters))
            times.append((time.perf_counter() - began) * 1e3)
        allowed = np.flatnonzero(columns.matching(filters))
        recall = np.mean(
            [share(rows, query, vectors, columns, allowed) for rows, query in zip(found, queries, strict=True)]
        )
        p50, p95 = np.percentile(times, [50, 95])
        print(f"  {what:>5} depth {depth:>5}: p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  recall@50 {recall:.4f}", flush=True)
    began = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda query: search(query, 1_000, Filters()), queries))
    rate = QUERIES / (time.perf_counter() - began)
    print(f"  four at once, depth 1,000: {rate:.0f} searches/s; memory {memory() / 1e6:,.0f} MB", flush=True)


def share(rows: NDArray[np.int64], scores: Vectors, allowed: NDArray[np.int64]) -> float:
    """Return the share of the 50 best of the allowed passages that were found among the first 50."""
    nearest = allowed[np.argsort(-scores)[:50]]
    return len(np.intersect1d(rows[:50], nearest)) / len(nearest)


if __name__ == "__main__":
    main()
