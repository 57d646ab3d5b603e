"""How fast the site is: pages and the API under eight users at once, the bytes of a page, and where the time goes.

    python tests/bench_site.py DATA_DIRECTORY [--workers 1] [--rounds 3] [--seconds 10]

It starts ``minutebook serve`` on the data directory (which is only read) with the limits lifted, warms it up, and ends
it. Each figure is the median of the rounds, with their spread. The queries are headings of the collection's own items.
"""

import argparse
import contextlib
import gzip
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

from corpus.catalogue import Catalogue
from corpus.overview import code_of

ROOT = Path(__file__).resolve().parent.parent
USERS = 8
MOST = 200  # addresses of a sort


@contextlib.contextmanager
def served(data: Path, workers: int) -> Iterator[int]:
    """Run the server, and give its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    limits = {"MINUTEBOOK_RATE_LIMIT": "off", "MINUTEBOOK_RATE_LIMIT_DEAR": "off", "MINUTEBOOK_LOG_LEVEL": "error"}
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "--data", data, "serve", "--port", str(port), "--workers", str(workers)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT), **limits}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        began = time.perf_counter()
        while time.perf_counter() - began < 120:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=60):
                break
            if process.poll() is not None:
                sys.exit("The server ended: see 'minutebook serve'.")
            time.sleep(0.1)
        print(f"ready after {time.perf_counter() - began:.1f} s")
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def addresses(catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the addresses that are asked for, by sort."""
    ask = catalogue.connection.execute
    titles = [row[0] for row in ask("SELECT DISTINCT title FROM items WHERE length(title) > 20 LIMIT ?", (MOST,))]
    places = ask(
        "SELECT p.document_id, p.passage_id FROM passages p JOIN documents d USING (document_id) WHERE d.current"
        " ORDER BY p.passage_id LIMIT ?", (MOST,),
    ).fetchall()  # fmt: skip
    queries = [urlencode({"q": title[:200]}) for title in titles]
    return {
        "search page": [f"/?{query}" for query in queries],
        "document page": [f"/document/{document}?passage={passage}" for document, passage in places],
        "/api/v1/search": [f"/api/v1/search?{query}" for query in queries],
        "unchanged (304)": [f"/api/v1/search?{query}" for query in queries],
    }


def other_pages(catalogue: Catalogue) -> dict[str, str]:
    """Return an address of every other page, by name, for what is held."""
    ask = catalogue.connection.execute
    title = ask("SELECT title FROM items WHERE length(title) > 20 LIMIT 1").fetchone()[0][:200]
    passage = ask("SELECT passage_id FROM passages ORDER BY passage_id LIMIT 1").fetchone()[0]
    names = [row[0] for row in ask("SELECT DISTINCT authority FROM documents WHERE authority IS NOT NULL LIMIT 2")]
    code = code_of(names[0])
    printed = ask(
        "SELECT document_id, page, passage_id FROM passages WHERE page IS NOT NULL ORDER BY passage_id LIMIT 1"
    ).fetchone()
    pages = {
        "question": "/?" + urlencode({"q": f"What was decided about {title}?"}),
        "compare": "/compare?" + urlencode([("q", title), *(("authority", name) for name in names)]),
        "precedents": "/precedents?" + urlencode({"text": title}),
        "similar": f"/similar/{passage}",
        "authority": f"/authority/{code}",
        "its meetings": f"/authority/{code}/meetings",
        "add to collection": f"/collections/add?passage={passage}",
        "alerts": "/alerts?" + urlencode({"q": title}),
        **{name: f"/{name}" for name in ("coverage", "meetings", "collections", "api")},
        **{name: f"/{name}" for name in ("help", "about", "accessibility", "privacy")},
    }
    return pages | ({"page as printed": "/document/{}/page/{}?passage={}".format(*printed)} if printed else {})


def asked(port: int, paths: Sequence[str], seconds: float, tags: dict[str, str]) -> tuple[list[float], int]:
    """Ask for addresses with ``USERS`` at once; return the seconds of each request, and how many failed."""
    times: list[float] = []
    failed = 0
    lock = threading.Lock()
    turn = cycle(paths)
    end = time.perf_counter() + seconds

    def user() -> None:
        nonlocal failed
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < end:
            with lock:
                path = next(turn)
            headers = {"Accept-Encoding": "br, gzip"} | ({"If-None-Match": tags[path]} if path in tags else {})
            began = time.perf_counter()
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            took = time.perf_counter() - began
            with lock:
                times.append(took)
                failed += response.status not in (200, 304)
        connection.close()

    users = [threading.Thread(target=user) for _ in range(USERS)]
    for one in users:
        one.start()
    for one in users:
        one.join()
    return times, failed


def fetched(port: int, path: str, accept: str = "identity") -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of an address."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": accept})
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read(), dict(response.headers)


def weighed(port: int, name: str, path: str) -> None:
    """Print the bytes of a page and of the static files it needs, as they are and as they are sent, and its time."""
    body, _ = fetched(port, path)
    packed = {accept: len(fetched(port, path, accept)[0]) for accept in ("gzip", "br")}
    static = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', body.decode("utf-8", "replace"))))
    raw = sum(len(fetched(port, file)[0]) for file in static)
    sent = sum(len(fetched(port, file, "br")[0]) for file in static)
    took = statistics.median(alone(port, [path] * 5)) * 1000
    print(
        f"{name:18} {len(body):9,} bytes   gzip {packed['gzip']:8,}   br {packed['br']:8,}   {took:8.1f} ms   "
        f"{len(static)} static files {raw:,}, br {sent:,} (once); best gzip {len(gzip.compress(body, 9)):,}"
    )


def alone(port: int, paths: Sequence[str]) -> list[float]:
    """Return the seconds of requests one after another, after a round to warm up."""
    for path in paths:
        fetched(port, path)
    found = []
    for path in paths:
        began = time.perf_counter()
        fetched(port, path)
        found.append(time.perf_counter() - began)
    return found


def middle(values: Sequence[float], form: Callable[[float], str]) -> str:
    """Return the median of some rounds and their spread."""
    return f"{form(statistics.median(values))} ({form(min(values))}–{form(max(values))})"


def main(data: Path, workers: int, rounds: int, seconds: float) -> None:
    """Print machine, sizes, weights and speeds."""
    catalogue = Catalogue(data)
    documents, passages = (
        catalogue.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        for table in ("documents", "passages")
    )  # fmt: skip
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"{documents:,} documents, {passages:,} passages; {workers} worker(s), {USERS} users at once")
    with served(data, workers) as port:
        wanted = addresses(catalogue)
        print("\nweight of a page, and its time for one user")
        first = {name: paths[0] for name, paths in wanted.items() if not name.startswith("unchanged")}
        for name, path in {"home page": "/", **first, **other_pages(catalogue)}.items():
            weighed(port, name, path)
        print("\none user (ms)")
        for name, paths in list(wanted.items())[:3]:
            times = sorted(took * 1000 for took in alone(port, paths[:50]))
            print(f"{name:16} p50 {statistics.median(times):7.1f}   p95 {times[int(len(times) * 0.95)]:7.1f}")
        print(f"\n{USERS} users, {rounds} rounds of {seconds:g} s each")
        for name, paths in wanted.items():
            tags = {path: fetched(port, path)[1]["ETag"] for path in paths} if name.startswith("unchanged") else {}
            rates, slow, failures = [], [], 0
            for _ in range(rounds):
                times, failed = asked(port, paths, seconds, tags)
                rates.append(len(times) / seconds)
                slow.append(sorted(times)[int(len(times) * 0.95)] * 1000)
                failures += failed
            print(
                f"{name:16} {middle(rates, '{:.1f}'.format)} requests/s   p95 {middle(slow, '{:.0f}'.format)} ms"
                f"   {failures} failed"
            )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Measure the site.")
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=10)
    given = arguments.parse_args()
    main(given.data, given.workers, given.rounds, given.seconds)
