"""How long a search takes: encoding, candidates and hits apart, with and without a filter.

    python tests/bench_search.py DATA_DIRECTORY [QUESTIONS.jsonl]

Without a question file the headings of the collection's own items are asked. Each query is run once to warm
up; times are of the second run, one after another, in one process.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.filters import Filters, held
from index.encoder import Encoder
from index.search import Searcher

MOST = 200


def queries_of(catalogue: Catalogue, file: Path | None) -> list[str]:
    """Return what is asked."""
    if file:
        return [json.loads(line)["question"] for line in file.read_text(encoding="utf-8").splitlines()][:MOST]
    rows = catalogue.connection.execute("SELECT DISTINCT title FROM items WHERE length(title) > 20 LIMIT ?", (MOST,))
    return [row[0] for row in rows]


def timed(ask: Callable[[str], object], queries: Sequence[str]) -> list[float]:
    """Return the milliseconds of each query, after one round to warm up."""
    for query in queries:
        ask(query)
    found = []
    for query in queries:
        began = time.perf_counter()
        ask(query)
        found.append((time.perf_counter() - began) * 1000)
    return found


def report(name: str, times: Sequence[float]) -> None:
    """Print the median, the 95th percentile and the spread."""
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(
        f"{name:28} p50 {statistics.median(ordered):7.1f} ms   p95 {p95:7.1f} ms   {ordered[0]:.1f}–{ordered[-1]:.1f}"
    )


def main(data: Path, file: Path | None) -> None:
    """Print machine, sizes and times."""
    catalogue = Catalogue(data)
    encoder = Encoder()
    began = time.perf_counter()
    searcher = Searcher(catalogue, encoder)
    opened = time.perf_counter() - began
    began = time.perf_counter()
    searcher.search("first question of the day")
    first = time.perf_counter() - began
    passages = catalogue.connection.execute("SELECT COUNT(*) FROM passages").fetchone()[0]
    queries = queries_of(catalogue, file)
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(
        f"{passages:,} passages, {len(queries)} queries; indexes opened in {opened:.2f} s, first answer {first:.2f} s"
    )
    report("encoding the query", timed(lambda query: encoder.encode_queries([query]), queries))
    report("whole search, no filter", timed(lambda query: searcher.search(query[:900]), queries))
    largest = Filters(authorities=tuple(held(catalogue, "authority")[:1]))
    report("whole search, one authority", timed(lambda query: searcher.search(query[:900], largest), queries))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
