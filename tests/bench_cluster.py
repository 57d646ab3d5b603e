"""How fast documents are ingested here and over workers of a Ray cluster on this machine, and what that costs.

Usage: python tests/bench_cluster.py FOLDER [DOCUMENTS]

Each row is an ingest of the same files into a new data directory by a process of its own: "local" on as many
processors as it says, "ray" on as many workers (what gives them their work and writes the catalogue has a processor
besides, where there is one). Memory is the most that all processes of a run had at once, shared pages counted once
(PSS); the time of processors is what they used, sampled. The last lines are the cost of an item that does nothing,
and whether all runs stored the same.
"""

import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ingest import sources

ROOT = Path(__file__).resolve().parent.parent
RUN = """
import json, os, sys, time
from contextlib import nullcontext
from pathlib import Path
began = time.perf_counter()
from corpus.catalogue import Catalogue
from index.build import update
from index.encoder import Encoder
from ingest import pipeline
from ingest.cluster import connected
way, workers, data, files = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]).read_text().split("\\n")
os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:workers])) if way == "local" else None
catalogue, encoder = Catalogue(data, create=True), Encoder()
with (connected("local", workers) if way == "ray" else nullcontext()) as cluster:
    started = time.perf_counter()
    report = pipeline.ingest([Path(file) for file in files], catalogue, encoder, cluster=cluster)
    built = update(catalogue, encoder, cluster=cluster)
    worked = time.perf_counter()
print(json.dumps({"start": started - began, "read": report.seconds, "embed": built.seconds_embedding,
    "index": built.seconds_indexing, "end": time.perf_counter() - worked, "documents": report.new + report.duplicates,
    "texts": built.embedded, "unreadable": len(report.unreadable)}))
"""
NOTHING = """
import sys, time
from ingest.cluster import connected
from ingest.workers import Workers
ITEMS = 2_000
def make():
    return lambda item: item
with connected("local", int(sys.argv[1])) as cluster, Workers(cluster, make) as workers:
    workers.submit(0).result()
    began = time.perf_counter()
    assert sum(1 for _ in workers.map(range(ITEMS))) == ITEMS
    took = time.perf_counter() - began
print(f"{1000 * took / ITEMS:.2f}")
"""


def cost(of: str, seconds: dict[str, float]) -> float:
    """Return the megabytes of all processes that have a word in their environment; keep what each has used of time."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if of.encode() in (process / "environ").read_bytes():
                found = re.search(r"^Pss:\s+(\d+)", (process / "smaps_rollup").read_text(), re.MULTILINE)
                total += int(found[1]) if found else 0
                ticks = (process / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
                seconds[process.name] = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return total / 1024


def run(code: str, *arguments: object) -> tuple[str, float, float]:
    """Run a script; return what it prints, the most megabytes it and what it starts had, and their processor time."""
    mark, peak, done = f"bench-{time.time_ns()}", 0.0, threading.Event()
    seconds: dict[str, float] = {}

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.5):
            peak = max(peak, cost(mark, seconds))

    watcher = threading.Thread(target=watch)
    watcher.start()
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {**os.environ, "BENCH_MARK": mark}
    try:
        finished = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        done.set()
        watcher.join()
    return finished.stdout, peak, sum(seconds.values())


def stored(data: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(data / "catalogue.sqlite") as connection:
        rows = connection.execute("SELECT row, passage_id, document_id, vector_key FROM passages ORDER BY row")
        found = rows.fetchall() + connection.execute("SELECT COUNT(*) FROM vectors").fetchall()
    connection.close()
    return found


def main() -> None:
    folder, wanted = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    files = [candidate.file for candidate in sources.find([folder]).candidates]
    files = files[:: max(1, len(files) // wanted)][:wanted]
    print(f"{platform.platform()}, {os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}")
    print(f"{len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "files").write_text("\n".join(map(str, files)))
        for way, workers in (("local", 1), ("ray", 1), ("local", 2), ("ray", 2)):
            data = Path(temporary) / f"{way}{workers}"
            output, peak, spent = run(RUN, way, workers, data, Path(temporary) / "files")
            said = json.loads(output)
            work = said["read"] + said["embed"]
            print(
                f"{way:6}{workers}  start {said['start']:5.1f}  read {said['read']:6.1f}  embed {said['embed']:6.1f}  "
                f"index {said['index']:4.1f}  end {said['end']:4.1f} s  {said['documents'] / work:5.2f} documents/s  "
                f"{spent:6.1f} s of processors  {peak:6.0f} MB  "
                f"({said['texts']} texts, {said['unreadable']} unreadable, load {os.getloadavg()[0]:.1f})",
                flush=True,
            )
            results.append(stored(data))
    for workers in (1, 2):
        print(f"an item that does nothing, {workers} workers: {run(NOTHING, workers)[0].strip()} ms")
    print("all runs stored the same" if all(result == results[0] for result in results) else "THE RUNS DIFFER")


if __name__ == "__main__":
    main()
