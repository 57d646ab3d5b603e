"""How Minutebook behaves at scale: times, recall, memory and disk over made-up collections of any size.

    python tests/bench_scale.py [--like DATA_DIRECTORY] [--keep FOLDER] SIZE...

A collection of SIZE passages is made like a real one (the shipped samples, or those ingested into DATA_DIRECTORY):
words by Zipf's law from its vocabulary and from names made up, lengths and passages a document as measured there,
and vectors in nested clusters about its own, so that neighbours overlap as those of text do (both distributions of
cosines are printed). Rows and vectors go straight into a catalogue; the indexes are built by ``index.build`` and
searched by ``Searcher``, as in the product. Only the encoder is replaced: queries have vectors made beforehand, and
encoding is timed apart. The bare engines are FAISS and tantivy alone, asked for as many candidates on the same files.
"""

import argparse
import gc
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import tantivy
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from corpus.filters import Filters, held
from index import generations
from index.analysis import terms
from index.build import update
from index.encoder import DEFAULT_MODEL, Encoder
from index.lexical import plain_query
from index.search import BOOSTS, DEPTH, Searcher
from ingest.pipeline import ingest

SAMPLES = Path(__file__).resolve().parent.parent / "corpus" / "samples"
QUERIES = 200
ADDED, LATER = 20, 10**12  # documents that come later, and the number of the first of them
FACETS = (",,", ",,", ",,", ",,", ",decision,", ",motion,", ",attendee,", ",decision,motion,")
SHARES, SIZES = (0.3, 0.2, 0.2), (400, 40, 4)  # variance of areas, matters and near-copies, and passages in each
Vectors = NDArray[np.float32]
Ask = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a made-up collection takes from a real one: words with how often each occurs, lengths, vectors."""

    words: tuple[str, ...]
    weights: NDArray[np.float64]
    lengths: NDArray[np.int64]  # words of a passage
    documents: NDArray[np.int64]  # passages of a document
    vectors: Vectors


class Prepared(Encoder):
    """The default encoder, but for texts whose vectors are known."""

    def __init__(self, vectors: dict[str, Vectors]) -> None:
        super().__init__()
        self.known = vectors

    @property
    def dimension(self) -> int:  # type: ignore[override]
        """Return the length of a vector."""
        return len(next(iter(self.known.values())))

    def encode_queries(self, queries: Sequence[str]) -> Vectors:
        """Return the vectors made beforehand; for words left over once filters are taken out, any of them."""
        some = next(iter(self.known.values()))
        return np.stack([self.known.get(query, some) for query in queries])


# -- making a collection ---------------------------------------------------------------------------------


def likeness(data: Path) -> Likeness:
    """Return what is taken from an ingested collection."""
    connection = Catalogue(data).connection
    texts = connection.execute(
        'SELECT substr(d.text, p.start + 1, p."end" - p.start) FROM passages p JOIN documents d USING (document_id)'
    )
    parted = [row[0].split() for row in texts]
    counted = Counter(word for words in parted for word in words).most_common()
    blobs = connection.execute("SELECT vector FROM vectors WHERE model = ?", (DEFAULT_MODEL,))
    sizes = connection.execute("SELECT COUNT(*) FROM passages GROUP BY document_id")
    return Likeness(
        tuple(word for word, _ in counted),
        np.array([count for _, count in counted], np.float64),
        np.array([len(words) for words in parted]),
        np.array([row[0] for row in sizes]),
        np.stack([np.frombuffer(row[0], "<f4") for row in blobs]),
    )


def vectors_like(real: Vectors, number: int, chance: np.random.Generator) -> Vectors:
    """Return unit vectors in nested clusters about the real ones, spread as these are, shape (number, dimension)."""
    mean = real.mean(axis=0)
    _, scale, directions = np.linalg.svd(real - mean, full_matrices=False)
    spread = (scale[:, None] / np.sqrt(len(real)) * directions).astype(np.float32)

    def noise(rows: int, share: float) -> Vectors:
        return np.float32(np.sqrt(share)) * (chance.standard_normal((rows, len(scale)), np.float32) @ spread)

    def parents(rows: int, of: int) -> NDArray[np.int64]:
        return (chance.random(rows) ** 1.5 * of).astype(np.int64)  # some matters are commoner than others

    groups = max(200, number // SIZES[0])
    level = np.float32(np.sqrt(SHARES[0])) * (real - mean)[chance.integers(len(real), size=groups)]
    for share, size in zip(SHARES[1:], SIZES[1:], strict=True):
        rows = max(1, number // size)
        level = level[parents(rows, len(level))] + noise(rows, share)
    made = np.empty((number, real.shape[1]), np.float32)
    for start in range(0, number, 50_000):
        rows = min(50_000, number - start)
        made[start : start + rows] = unit(mean + level[parents(rows, len(level))] + noise(rows, 1 - sum(SHARES)))
    return made


def unit(vectors: Vectors) -> Vectors:
    """Return vectors at length one."""
    scaled: Vectors = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return scaled


def fill(catalogue: Catalogue, like: Likeness, vectors: Vectors, first: int, chance: np.random.Generator) -> None:
    """Write one passage a vector, in documents numbered from ``first``."""
    names = [f"{head}{tail}" for head in NAMES[0] for tail in NAMES[1]]
    vocabulary = np.array([*like.words, *(f"{a}{b.lower()}" for a in names for b in names)], object)
    tail = like.weights[-1] / (1 + np.arange(len(vocabulary) - len(like.words)) / len(like.words))
    bounds = np.cumsum(np.concatenate([like.weights, tail]))
    at = 0
    with catalogue.writing() as connection:
        while at < len(vectors):
            size = min(int(chance.choice(like.documents)), len(vectors) - at)
            lengths = np.maximum(chance.choice(like.lengths, size), 5)
            drawn = vocabulary[np.searchsorted(bounds, chance.random(int(lengths.sum())) * bounds[-1])]
            ends = np.cumsum(lengths)
            texts = [" ".join(drawn[end - length : end]) for end, length in zip(ends, lengths, strict=True)]
            _write(connection, f"{first:020x}", texts, vectors[at : at + size], names, chance)
            at, first = at + size, first + 1


NAMES = (
    ("Ash", "Bram", "Cal", "Dun", "East", "Far", "Gil", "Har", "Ing", "Kel", "Lan", "Mar", "Nor", "Oak", "Pen", "Ros"),
    (
        "bury",
        "combe",
        "dale",
        "field",
        "ford",
        "ham",
        "hurst",
        "ington",
        "ley",
        "mere",
        "mouth",
        "stead",
        "ton",
        "wick",
    ),
)


def _write(
    connection: sqlite3.Connection,
    key: str,
    texts: list[str],
    vectors: Vectors,
    names: list[str],
    chance: np.random.Generator,
) -> None:
    """Write one document with its items, source, passages and vectors."""
    execute, executemany = connection.execute, connection.executemany
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)]).tolist()
    authority = f"{names[int(chance.random() ** 2 * len(names))]} District Council"
    committee = f"{('Planning', 'Finance', 'Housing', 'Licensing', 'Scrutiny')[int(chance.integers(5))]} Committee"
    day = f"{2012 + int(chance.integers(13))}-{1 + int(chance.integers(12)):02}-{1 + int(chance.integers(28)):02}"
    values = (key, "\n".join(texts), f"{committee} {day}", "minutes", authority, committee, day, None, 0, "[]")
    columns = "document_id, text, title, kind, authority, committee, meeting_date, url, partial, notes"
    execute(f"INSERT INTO documents ({columns}) VALUES ({','.join('?' * 10)})", values)
    execute("INSERT INTO provenance VALUES (?, 'status', 'approved', 'stated', '[]')", (key,))
    execute("INSERT INTO sources VALUES (?, ?, ?, ?, NULL)", (f"/made/{key}.txt", f"{key}.txt", key, key))
    headings = [" ".join(text.split()[:4]) for text in texts[::4]]
    executemany(
        "INSERT INTO items VALUES (?, ?, ?, NULL, ?, ?, ?, NULL, 0, 0, NULL)",
        [
            (key, item, str(item + 1), heading, starts[item * 4], starts[min(item * 4 + 4, len(texts))] - 1)
            for item, heading in enumerate(headings)
        ],
    )
    executemany(
        'INSERT INTO passages (passage_id, document_id, position, item, kind, start, "end", page, partial, records,'
        " context, vector_key) VALUES (?, ?, ?, ?, 'minutes', ?, ?, NULL, 0, ?, ?, ?)",
        [
            (
                f"{key}{place:05}", key, place, place // 4, starts[place], starts[place + 1] - 1,
                FACETS[int(chance.integers(len(FACETS)))], headings[place // 4], f"{key}{place:05}",
            )
            for place in range(len(texts))
        ],
    )  # fmt: skip
    executemany(
        "INSERT INTO vectors (model, key, vector) VALUES (?, ?, ?)",
        [(DEFAULT_MODEL, f"{key}{place:05}", vector.tobytes()) for place, vector in enumerate(vectors)],
    )


def questions(texts: Sequence[str], vectors: Vectors, chance: np.random.Generator) -> dict[str, Vectors]:
    """Return queries of two to eight words that stand in one passage, with vectors as far off as questions are."""
    noise = unit(chance.standard_normal((QUERIES, vectors.shape[1]), np.float32))
    near = unit(vectors[chance.integers(len(vectors), size=QUERIES)] + noise)
    found = {}
    for vector in near:
        words = [word for word in texts[int(chance.integers(len(texts)))].split() if word.isalpha()]
        found[" ".join(chance.choice(words, min(len(words), int(chance.integers(2, 9))), replace=False))] = vector
    return found


# -- measuring -------------------------------------------------------------------------------------------


def percentiles(name: str, times: Sequence[float]) -> float:
    """Print p50, p95 and p99 of milliseconds; return the median."""
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    print(f"  {name:44} p50 {p50:7.1f}   p95 {p95:7.1f}   p99 {p99:7.1f} ms", flush=True)
    return float(p50)


def clock(ask: Ask, query: str) -> float:
    """Return the milliseconds that one query takes."""
    began = time.perf_counter()
    ask(query)
    return (time.perf_counter() - began) * 1000


def timed(ask: Ask, queries: Sequence[str], users: int = 1) -> list[float]:
    """Return the milliseconds of each query, asked by as many users at once, after a round to warm up."""
    for query in queries[:50]:
        ask(query)
    with ThreadPoolExecutor(users) as pool:
        return list(pool.map(lambda query: clock(ask, query), queries))


def cosines(name: str, vectors: Vectors) -> None:
    """Print how alike vectors are: of pairs, and of each with its nearest."""
    some = np.random.default_rng(3).choice(len(vectors), min(300, len(vectors)), replace=False)
    alike = np.sort(vectors[some] @ vectors.T, axis=1)
    pairs = np.percentile(alike, [1, 10, 50, 90, 99])
    near = [float(np.median(alike[:, -place])) for place in (2, 10, 50)]
    print(f"  cosines, {name}: pairs p1–p99 {np.round(pairs, 2)}, 2nd, 10th and 50th nearest {np.round(near, 2)}")


def recall(searcher: Searcher, queries: dict[str, Vectors], vectors: Vectors, depth: int) -> float:
    """Return the share of the ``depth`` nearest of all passages that the index finds, over 100 queries."""
    some = np.stack([*queries.values()][:100])
    rows = searcher.columns.row
    _, exact = faiss.knn(some, vectors, depth, metric=faiss.METRIC_INNER_PRODUCT)
    shares = [
        len({*searcher.near(query, depth, Filters())} & {*rows[nearest].tolist()}) / depth
        for query, nearest in zip(some, exact, strict=True)
    ]
    return float(np.mean(shares))


def dense_file(data: Path) -> Path:
    """Return the dense index of the current generation."""
    generation = generations.current(data / "index")
    assert generation is not None
    return generation.directory / "dense.faiss"


def bare(searcher: Searcher, data: Path, encoder: Prepared) -> Ask:
    """Return a search by the two engines alone, with the same words, weights, depth and files."""
    dense = faiss.read_index(str(dense_file(data)), faiss.IO_FLAG_MMAP_IFC)
    lexical = searcher._opened.lexical
    opened = lexical._index.searcher()
    asked = {}
    for query in encoder.known:
        ranking = list(lexical._ranking(searcher.understand(query, Filters()).lexical, BOOSTS))
        asked[query] = tantivy.Query.boolean_query(ranking)

    def ask(query: str) -> None:
        dense.search(encoder.known[query].reshape(1, -1), DEPTH)
        hits = opened.search(asked[query], limit=DEPTH, count=False).hits
        opened.fast_field_values("row", [address for _, address in hits])

    return ask


def memory() -> tuple[float, float]:
    """Return the megabytes of this process that are its own, and those of mapped files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    sizes = {line.split(":")[0]: float(line.split()[1]) / 1024 for line in lines if line.startswith("Rss")}
    return sizes["RssAnon"], sizes["RssFile"]


START = """
import sys, time
from pathlib import Path
began = time.perf_counter()
from corpus.catalogue import Catalogue
from index.encoder import Encoder
from index.search import Searcher
searcher = Searcher(Catalogue(Path(sys.argv[1])), Encoder())
opened = time.perf_counter() - began
searcher.search(sys.argv[2])
answered = time.perf_counter() - began
print(f"  start-up {opened:.2f} s in a new process, first answer (model loaded) after {answered:.2f} s")
"""


def measure(size: int, like: Likeness, folder: Path) -> tuple[float, float]:
    """Make a collection, print all that is measured of it, and return the medians of a search: whole, and bare."""
    chance, data = np.random.default_rng(size), folder / str(size)
    vectors = vectors_like(like.vectors, size, chance)
    made = (data / "catalogue.sqlite").exists()
    catalogue = Catalogue(data, create=True)
    print(f"\n{size:,} passages")
    if not made:
        fill(catalogue, like, vectors, 0, chance)
    encoder = Prepared(questions(_some_texts(catalogue, size), vectors, chance))
    report = update(catalogue, encoder)
    if report.added:
        print(f"  indexes built in {report.seconds_indexing:.1f} s: {size / report.seconds_indexing:,.0f} passages/s")
    sizes = [sum(f.stat().st_size for f in (data / name).rglob("*") if f.is_file()) / size for name in ("index", ".")]
    print(f"  on disk {sizes[0]:,.0f} bytes a passage in indexes, {sizes[1]:,.0f} with the catalogue", flush=True)
    subprocess.run([sys.executable, "-c", START, str(data), next(iter(encoder.known))], check=True)
    gc.collect()
    before = memory()
    searcher = Searcher(catalogue, encoder)
    medians = _times(searcher, encoder, data)
    own, mapped = ((after - was) * 2**20 / size for after, was in zip(memory(), before, strict=True))
    print(f"  in memory {own:,.0f} bytes a passage of its own, {mapped:,.0f} of mapped files")
    for depth in (50, min(DEPTH, size)):
        print(f"  recall of the vector index @{depth} {recall(searcher, encoder.known, vectors, depth):.4f}")
    _change(catalogue, encoder, like, chance)
    return medians


def _some_texts(catalogue: Catalogue, size: int) -> list[str]:
    rows = catalogue.connection.execute(
        'SELECT substr(d.text, p.start + 1, p."end" - p.start) FROM passages p JOIN documents d USING (document_id)'
        " WHERE p.row % ? = 0",
        (max(1, size // 2000),),
    )
    return [row[0] for row in rows]


def _change(catalogue: Catalogue, encoder: Prepared, like: Likeness, chance: np.random.Generator) -> None:
    """Print how long it takes to index some documents more, and to forget them."""
    more = vectors_like(like.vectors, ADDED * int(like.documents.mean() + 1), chance)
    fill(catalogue, like, more, LATER, chance)
    added = update(catalogue, encoder)
    print(f"  {added.added} passages more indexed in {added.seconds_indexing:.1f} s", flush=True)
    keys = catalogue.connection.execute("SELECT location FROM sources WHERE document_id >= ?", (f"{LATER:020x}",))
    catalogue.remove([row[0] for row in keys])
    removed = update(catalogue, encoder)
    print(f"  {removed.removed} passages forgotten in {removed.seconds_indexing:.1f} s", flush=True)


def _times(searcher: Searcher, encoder: Prepared, data: Path) -> tuple[float, float]:
    queries = list(encoder.known)
    largest = Filters(authorities=tuple(held(searcher.catalogue, "authority")[:1]))
    broad = Filters(date_from="2018-01-01")
    kept = [int(searcher.columns.matching(filters).sum()) for filters in (largest, broad)]
    alone = percentiles("bare engines", timed(bare(searcher, data, encoder), queries))
    percentiles("dense alone", timed(lambda q: searcher.near(encoder.known[q], DEPTH, Filters()), queries))
    percentiles(
        "lexical alone",
        timed(lambda q: searcher._opened.lexical.search(plain_query(terms(q)), DEPTH, Filters(), BOOSTS), queries),
    )
    percentiles("ranking (Searcher.rank)", timed(lambda q: searcher.rank(q, Filters()), queries))
    whole = percentiles("whole search", timed(searcher.search, queries))
    percentiles("whole search with facets", timed(lambda q: searcher.search(q, count=True), queries))
    percentiles(f"one authority ({kept[0]:,} passages)", timed(lambda q: searcher.search(q, largest), queries))
    percentiles(f"since 2018 ({kept[1]:,} passages)", timed(lambda q: searcher.search(q, broad), queries))
    percentiles("whole search, four users at once", timed(searcher.search, queries, users=4))
    print(f"  whole search over bare engines: {whole / alone:.2f}")
    return whole, alone


def main() -> None:
    """Measure every size asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("sizes", type=int, nargs="+", metavar="SIZE")
    parser.add_argument("--like", type=Path, help="an ingested collection to take words, lengths and vectors from")
    parser.add_argument("--keep", type=Path, help="where collections are left, and taken from if they are there")
    asked = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as temporary:
        source = asked.like or Path(temporary) / "samples"
        if not asked.like:
            ingest([SAMPLES], (made := Catalogue(source, create=True)), Encoder())
            update(made, Encoder())
        like = likeness(source)
        cosines("real", like.vectors)
        cosines("made up", vectors_like(like.vectors, len(like.vectors), np.random.default_rng(0)))
        encoder = Encoder()
        percentiles("encoding a query", timed(lambda query: encoder.encode_queries([query]), like.words[:QUERIES]))
        found = {size: measure(size, like, asked.keep or Path(temporary)) for size in asked.sizes}
    print("\npassages    whole search p50    bare engines p50")
    for size, (whole, alone) in found.items():
        print(f"{size:>9,} {whole:>16.1f} ms {alone:>16.1f} ms")


if __name__ == "__main__":
    main()
