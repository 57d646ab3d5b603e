"""The forms of the vector index side by side, over made-up vectors of any number.

    python tests/bench_dense.py [--like DATA_DIRECTORY] [--folder FOLDER] [--forms NAME,...] SIZE...
    python tests/bench_dense.py --update [--like DATA_DIRECTORY] [--folder FOLDER] SIZE...

Vectors are made like real ones as in ``bench_scale``, and so are queries, at a cosine of .7 to them. Each form is built
by ``DenseIndex`` and searched as in the product; ``exact`` and ``fp16`` (lists in half precision, the form of earlier
versions, tuned by the same code) are FAISS alone. Milliseconds are wall time. Three processes then hold the index
mapped and search it: their memory is what is their own plus a third of what they share (PSS). With ``--update`` whole
collections are made as in ``bench_scale`` (those left in FOLDER are used again), and what is measured is an update of
all indexes by one document of ten passages: seconds, and megabytes that go through read and write.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
from bench_scale import LATER, SAMPLES, Likeness, Prepared, fill, likeness, percentiles, unit, vectors_like
from numpy.typing import NDArray

from corpus.catalogue import Catalogue
from index import dense, generations
from index.build import update
from index.dense import DenseIndex
from index.dense_file import AT_ONCE, Form, Store
from index.dense_recall import sample
from index.encoder import DEFAULT_MODEL, Encoder
from ingest.pipeline import ingest

FORMS = ("exact", "fp16", "sq8", "rabitq")
SHARES = (0.001, 0.01, 0.1)
QUERIES, DEPTH = 200, 1_000
Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Search = Callable[[Vectors, int, Rows | None], Rows]

READER = """
import sys
from pathlib import Path
import numpy as np
from index.dense import DenseIndex
queries = np.load(sys.argv[2])
index = DenseIndex.read(Path(sys.argv[1])) if sys.argv[1] != "none" else None
for query in queries:
    if index:
        index.search(query, 1000)
print("ready", flush=True)
sys.stdin.read()
"""


def nearest(queries: Vectors, vectors: Vectors, depth: int, only: Rows | None = None) -> Rows:
    """Return the rows nearest to each query, by comparing all."""
    held = vectors if only is None else vectors[only]
    _, found = faiss.knn(queries, held, min(depth, len(held)), metric=faiss.METRIC_INNER_PRODUCT)
    return found if only is None else only[found]


def recall(search: Search, queries: Vectors, wanted: Rows, only: Rows | None = None) -> float:
    """Return the share of the wanted rows that a search to that depth finds."""
    pairs = zip(queries, wanted, strict=True)
    return float(
        np.mean([len(np.intersect1d(search(query, len(rows), only), rows)) / len(rows) for query, rows in pairs])
    )


def built(form: str, vectors: Vectors, file: Path) -> Search:
    """Build an index in a form, print what it takes, and return a search."""
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    began, size = time.perf_counter(), len(vectors)
    if form == "exact":
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        return lambda query, depth, only: _flat(flat, query, depth, only)
    if form == "fp16":
        search = _half(vectors)
        print(f"  built in {time.perf_counter() - began:.0f} s")
        return search
    index = DenseIndex.empty(vectors.shape[1])
    for at in range(0, size, AT_ONCE):
        index.add(range(at, min(at + AT_ONCE, size)), vectors[at : at + AT_ONCE])
    index.write(file, form=form)
    read = DenseIndex.read(file)
    about = read.form
    print(f"  built in {time.perf_counter() - began:.0f} s: {about}")
    print(f"  bytes a vector: {about.searched / size:.0f} searched, {about.kept / size:.0f} more on disk", flush=True)
    return lambda query, depth, only: read.search(query, depth, only)[0]


def _flat(index: faiss.IndexFlatIP, query: Vectors, depth: int, only: Rows | None) -> Rows:
    selected = {} if only is None else {"sel": dense._selector(only)}
    return index.search(query.reshape(1, -1), depth, params=faiss.SearchParameters(**selected))[1][0]


def _half(vectors: Vectors) -> Search:
    """Return a search over lists in half precision."""
    size, dimension = vectors.shape
    lists = int(2 * size**0.5)
    half, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(dimension), dimension, lists, half, metric, False)
    index.cp.spherical, index.cp.niter, index.cp.max_points_per_centroid = True, 10, 48
    index.train(vectors[sample(size, 48 * lists)])
    index.add(vectors)
    store = Store(np.arange(size), (vectors.astype(np.float16),))
    form = dense._measured(index, store, Form("fp16", size, dimension, lists))
    print(f"  {form}")

    def search(query: Vectors, depth: int, only: Rows | None) -> Rows:
        allowed = size if only is None else len(only)
        probes = min(lists, int(max(form.probes, 8 * depth * lists / size) * size / allowed) + 1)
        kept = None if only is None else dense._selector(only)
        found = index.search(query.reshape(1, -1), min(depth, allowed), params=dense._parameters(form, probes, kept))
        return found[1][0]

    return search


def filters(vectors: Vectors, chance: np.random.Generator) -> list[tuple[str, Rows]]:
    """Return rows that filters keep: anywhere, and about one matter, as a committee's are."""
    found = []
    for share in SHARES:
        number = max(1, int(share * len(vectors)))
        found.append((f"{share:.1%} anywhere", np.sort(chance.choice(len(vectors), number, replace=False))))
        about = vectors @ vectors[int(chance.integers(len(vectors)))]
        found.append((f"{share:.1%} of a matter", np.sort(np.argpartition(-about, number - 1)[:number])))
    return found


def timed(search: Search, queries: Vectors, depth: int, only: Rows | None = None) -> list[float]:
    """Return the milliseconds of each query, after a round to warm up."""
    faiss.omp_set_num_threads(1)  # as in the product
    times = []
    for query in [*queries[:20], *queries]:
        began = time.perf_counter()
        search(query, depth, only)
        times.append((time.perf_counter() - began) * 1000)
    return times[20:]


def memory(file: Path, queries: Vectors, folder: Path) -> None:
    """Print the memory of three processes that search the same file at once, beyond that of one without an index."""
    asked = folder / "queries.npy"
    np.save(asked, queries)
    without = _held(["none"], asked)
    each = _held([str(file)] * 3, asked)
    for name, at in (("RSS", 0), ("PSS", 1), ("own", 2)):
        print(
            f"  three processes, {name} beyond none: {[round(one[at] - without[0][at]) for one in each]} MB", flush=True
        )


def _held(files: Sequence[str], asked: Path) -> list[tuple[float, float, float]]:
    pipe = subprocess.PIPE
    started = [subprocess.Popen([sys.executable, "-c", READER, f, str(asked)], stdin=pipe, stdout=pipe) for f in files]
    try:
        for process in started:
            if not process.stdout or b"ready" not in process.stdout.readline():
                raise RuntimeError("A process that should search has ended.")
        return [_memory(process.pid) for process in started]
    finally:
        for process in started:
            process.communicate()


def _memory(number: int) -> tuple[float, float, float]:
    lines = Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    sizes = {line.split(":")[0]: float(line.split()[1]) / 1024 for line in lines}
    return sizes["Rss"], sizes["Pss"], sizes["Private_Dirty"]


def change(file: Path, vectors: Vectors) -> None:
    """Print how long it takes to add 400 vectors, and to forget them."""
    for name in ("added", "forgotten"):
        began = time.perf_counter()
        index = DenseIndex.read(file)
        if name == "added":
            index.add(range(len(vectors), len(vectors) + 400), vectors[:400])
        else:
            index.remove(range(len(vectors), len(vectors) + 400))
        index.write(file)
        print(f"  400 vectors {name} in {time.perf_counter() - began:.1f} s", flush=True)


def measure(real: Vectors, size: int, forms: Sequence[str], folder: Path) -> None:
    """Print all that is measured of a number of vectors."""
    chance = np.random.default_rng(size)
    vectors = vectors_like(real, size, chance)
    noise = unit(chance.standard_normal((QUERIES, vectors.shape[1]), np.float32))
    queries = unit(vectors[chance.integers(size, size=QUERIES)] + noise)
    some = queries[:100]
    wanted = {depth: nearest(some, vectors, depth) for depth in (50, DEPTH)}
    kept = [(name, only, nearest(some, vectors, 50, only)) for name, only in filters(vectors, chance)]
    print(f"\n{size:,} vectors")
    for form in forms:
        print(f" {form}")
        file = folder / f"{form}.faiss"
        search = built(form, vectors, file)
        for depth, rows in wanted.items():
            found = recall(search, some, rows)
            percentiles(f"{form} @{depth}: recall {found:.4f}", timed(search, queries, depth))
        for name, only, rows in kept:
            found = recall(search, some, rows, only)
            percentiles(f"{form} {name}: recall@50 {found:.4f}", timed(search, queries, 50, only))
        if form in ("sq8", "rabitq"):
            memory(file, queries, folder)
            change(file, vectors)
            file.unlink()
        del search  # before the next form is built: a million vectors are gigabytes


def updates(like: Likeness, size: int, folder: Path) -> None:
    """Print what it takes to index one document more, three times over, and to forget it."""
    chance, catalogue = np.random.default_rng(size), Catalogue(folder / str(size), create=True)
    if not catalogue.connection.execute("SELECT 1 FROM documents").fetchone():
        fill(catalogue, like, vectors_like(like.vectors, size, chance), 0, chance)
    encoder = Prepared({"": like.vectors[0]})
    update(catalogue, encoder)
    print(f"\n{size:,} passages, all indexes {_index_bytes(catalogue.directory) / 1e6:,.0f} MB", flush=True)
    later = LATER + 10 * int(time.time())  # a collection that is used again keeps the vectors of what was forgotten
    tens = replace(like, documents=np.array([10]))
    for number in range(4):  # the first brings an index of earlier versions up to date
        fill(catalogue, tens, vectors_like(like.vectors, 10, chance), later + number, chance)
        _updated(catalogue, encoder, "before" if number == 0 else "added")
    keys = catalogue.connection.execute("SELECT location FROM sources WHERE document_id >= ?", (f"{later:020x}",))
    for row in keys.fetchall():
        catalogue.remove([row[0]])
        _updated(catalogue, encoder, "forgotten")


def _updated(catalogue: Catalogue, encoder: Prepared, name: str) -> None:
    began, before = time.perf_counter(), _through()
    done = update(catalogue, encoder)
    seconds = time.perf_counter() - began
    read, written = ((now - then) / 1e6 for now, then in zip(_through(), before, strict=True))
    passages = done.added + done.removed
    print(f"  {name}: {passages} passages in {seconds:.2f} s, {read:,.1f} MB read, {written:,.2f} written", flush=True)


def _through() -> tuple[int, int]:
    """Return the bytes that went through read and write calls of this process."""
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
    return int(lines["rchar"]), int(lines["wchar"])


def _index_bytes(data: Path) -> int:
    generation = generations.current(data / "index")
    return generations.size(generation) if generation else 0


def real_vectors(data: Path | None) -> Vectors:
    """Return the vectors of an ingested collection, or of the shipped samples."""
    if data is None:
        made = Catalogue(folder := Path(tempfile.mkdtemp()), create=True)
        ingest([SAMPLES], made, Encoder())
        update(made, Encoder())
        found = real_vectors(folder)
        shutil.rmtree(folder)
        return found
    rows = Catalogue(data).connection.execute("SELECT vector FROM vectors WHERE model = ?", (DEFAULT_MODEL,))
    return np.stack([np.frombuffer(row[0], "<f4") for row in rows])


def main() -> None:
    """Measure every size asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("sizes", type=int, nargs="+", metavar="SIZE")
    parser.add_argument("--like", type=Path, help="an ingested collection to make vectors like")
    parser.add_argument("--folder", type=Path, help="where indexes are written; a temporary folder without it")
    parser.add_argument("--forms", default=",".join(FORMS), help=f"some of {', '.join(FORMS)}")
    parser.add_argument("--update", action="store_true", help="measure an update of a whole collection")
    asked = parser.parse_args()
    if asked.update and not asked.like:
        parser.error("--update needs --like")
    if asked.update:
        like = likeness(asked.like)
        with tempfile.TemporaryDirectory() as temporary:
            for size in asked.sizes:
                updates(like, size, asked.folder or Path(temporary))
        return
    real = real_vectors(asked.like)
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for size in asked.sizes:
            measure(real, size, asked.forms.split(","), Path(folder))


if __name__ == "__main__":
    main()
