"""How the site bears a load: search, ask, document and export mixed, by several users at once, for a time.

    python tests/load.py http://127.0.0.1:8000 --users 1,8,32 --seconds 60
    python tests/load.py --data DIRECTORY [--workers 1] [--ingest FOLDER] [--users 8] [--seconds 600]

It asks this machine only. With ``--data`` it starts ``minutebook serve`` with the rate limits lifted, ends it, and
shows, minute by minute, the memory, open files and mapped files of its processes that are deleted already, and by how
much memory grew a minute after the first one (least squares); with ``--ingest`` it reads a folder into that directory
(give a copy) again and again meanwhile. A refusal (429, 503) is counted apart; whatever else is no success is an error,
and the exit code is then 1.
"""

import argparse
import contextlib
import ipaddress
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2

ROOT = Path(__file__).resolve().parent.parent
WORDS = (
    "care leavers", "school transport", "selective licensing", "speed limit", "budget", "library opening hours",
    "planning appeal", "homelessness", "council tax support", "flood defence", "adult social care", "bus subsidy",
    "recycling", "air quality", "pension fund", "audit committee", "free school meals", "licensing policy",
)  # fmt: skip
ASPECTS = ("", " decision", " cost", " amendment", " since 2021", " in Kent", " consultation", " -report")
MIX = ("search page", "search", "search", "document", "document", "ask", "export")
REFUSED = (429, 503)
PAUSE = 0.1  # seconds a refused user waits at the least; Retry-After would hide what lies past capacity
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass
class Told:
    """What was seen: seconds by kind and outcome, how often each status came, and memory over time."""

    seconds: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    documents: list[str] = field(default_factory=list)

    def add(self, kind: str, status: str, took: float) -> None:
        """Count a request."""
        outcome = "ok" if status[0] in "23" else "refused" if status in map(str, REFUSED) else "error"
        with self.lock:
            self.statuses[kind, status] += 1
            self.seconds.setdefault((kind, outcome), []).append(took)


def local(address: str) -> str:
    """Return an address of this machine; end the program for any other."""
    host = urlsplit(address).hostname or ""
    try:
        own = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        own = False
    if not own:
        sys.exit(f"{address} is not on this machine: a load is for 127.0.0.1 only.")
    return address.rstrip("/")


def ask(client: httpx2.Client, kind: str, chance: random.Random, told: Told) -> str:
    """Make a request of a kind; return its status, or the name of what went wrong."""
    query = chance.choice(WORDS) + chance.choice(ASPECTS)
    document = chance.choice(told.documents) if told.documents else None
    if kind == "ask":
        response = client.post("/api/v1/ask", json={"question": f"What was decided about {query}?"})
    elif kind == "document" and document:
        response = client.get(f"/document/{document}")
    elif kind == "search page":
        response = client.get(f"/?q={quote(query)}")
    elif kind == "export":
        response = client.get(f"/api/v1/export?format={chance.choice(('csv', 'jsonl'))}&q={quote(query)}")
    else:
        response = client.get(f"/api/v1/search?q={quote(query)}&facets=1")
        if response.status_code == 200:
            told.documents += [hit["document_id"] for hit in response.json()["hits"][:2]]
            del told.documents[:-500]
    complete = response.text.rstrip().endswith(("}", "</html>")) if kind in ("ask", "search page") else True
    return str(response.status_code) if response.status_code != 200 or complete else "cut short"


def user(address: str, seed: int, until: float, told: Told) -> None:
    """Ask one thing after the other."""
    chance = random.Random(seed)
    with httpx2.Client(base_url=address, timeout=60, trust_env=False) as client:
        while time.monotonic() < until:
            kind = chance.choice(MIX)
            began = time.monotonic()
            try:
                status = ask(client, kind, chance, told)
            except httpx2.HTTPError as error:
                status = type(error).__name__
            told.add(kind, status, time.monotonic() - began)
            if status in map(str, REFUSED):
                time.sleep(PAUSE)


@dataclass(frozen=True, slots=True)
class Held:
    """What a process and its children held ``at`` a time: resident megabytes, open files, mapped files now deleted."""

    at: float
    megabytes: float
    files: int
    deleted: int


def held(process: int, at: float) -> Held:
    """Return what a process and its children hold."""
    children: dict[int, list[int]] = {}
    resident: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
            resident[int(folder.name)] = int((folder / "statm").read_text().split()[1]) * PAGE
    family, found, files, deleted = [process], 0, 0, 0
    while family:
        one = family.pop()
        found += resident.get(one, 0)
        family += children.get(one, [])
        with contextlib.suppress(OSError):
            files += len(os.listdir(f"/proc/{one}/fd"))
            mapped = Path(f"/proc/{one}/maps").read_text(encoding="utf-8", errors="replace").splitlines()
            deleted += sum("/g-" in line and line.endswith("(deleted)") for line in mapped)
    return Held(at, found / 1e6, files, deleted)


def show_held(seen: list[Held]) -> None:
    """Print what was held, the median of each minute, and how memory grew after the first minute."""
    for minute in range(int(seen[-1].at // 60) + 1):
        during = [one for one in seen if one.at // 60 == minute]
        if during:
            megabytes = statistics.median(one.megabytes for one in during)
            files, deleted = max(one.files for one in during), max(one.deleted for one in during)
            print(f"  minute {minute + 1:2}: {megabytes:6.1f} MB, {files} open files, {deleted} mapped files deleted")
    after = [one for one in seen if one.at >= 60]
    if len(after) > 2:
        slope = statistics.linear_regression([one.at / 60 for one in after], [one.megabytes for one in after]).slope
        print(f"  memory after the first minute: {slope:+.2f} MB a minute")


@contextlib.contextmanager
def served(data: Path, workers: int) -> Iterator[tuple[str, int]]:
    """Run the server; give its address and process."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
    settings = {"MINUTEBOOK_RATE_LIMIT": "off", "MINUTEBOOK_RATE_LIMIT_DEAR": "off", "MINUTEBOOK_LOG_LEVEL": "error"}
    command = [sys.executable, "-m", "webapp.cli", "--data", data, "serve", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), **settings}
    process = subprocess.Popen([*command, "--workers", str(workers)], cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(httpx2.HTTPError):
                if httpx2.get(f"{address}/readyz", timeout=60, trust_env=False).status_code == 200:
                    break
            if process.poll() is not None:
                sys.exit("The server ended: see above.")
            time.sleep(0.2)
        yield address, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def ingesting(data: Path, folder: Path, stopped: threading.Event, runs: list[int]) -> None:
    """Read a folder's files again and again, each time with other words at their end, so that they are new."""
    with tempfile.TemporaryDirectory() as place:
        copied = Path(shutil.copytree(folder, Path(place) / "minutes"))
        texts = {
            file: file.read_text("utf-8", "replace") for file in copied.rglob("*") if file.suffix in (".txt", ".md")
        }
        while not stopped.is_set():
            for file, text in texts.items():
                file.write_text(f"{text}\n\nNote {len(runs)} of the load.\n", encoding="utf-8")
            command = [sys.executable, "-m", "webapp.cli", "--data", data, "ingest", copied, "--authority", "Loadham"]
            ran = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)
            runs.append(ran.returncode)
            stopped.wait(1)


def loaded(address: str, users: int, seconds: float, process: int | None) -> bool:
    """Ask with some users for a time and print what was seen; tell whether there were no errors."""
    told, until = Told(), time.monotonic() + seconds
    asking = [threading.Thread(target=user, args=(address, seed, until, told)) for seed in range(users)]
    began = time.monotonic()
    for one in asking:
        one.start()
    seen = list[Held]()
    while process and time.monotonic() < until:
        seen.append(held(process, time.monotonic() - began))
        time.sleep(min(max(seconds / 100, 0.2), 5))
    for one in asking:
        one.join()
    print(f"\n{users} users, {time.monotonic() - began:.0f} s")
    for (kind, outcome), times in sorted(told.seconds.items()):
        cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
        p50, p95, p99 = (cuts[number] * 1000 for number in (49, 94, 98))
        rate = len(times) / seconds
        print(
            f"  {kind:12}{outcome:8}{len(times):7,}  {rate:6.1f}/s  p50 {p50:6.0f}  p95 {p95:6.0f}  p99 {p99:6.0f} ms"
        )
    came = Counter[str]()
    for (_, status), number in told.statuses.items():
        came[status] += number
    print(f"  by status: {', '.join(f'{status}: {number:,}' for status, number in sorted(came.items()))}")
    if seen:
        show_held(seen)
    return not any(outcome == "error" for _, outcome in told.seconds)


def main() -> None:
    """Run the loads that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", type=local)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--ingest", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--users", default="1,8,32")
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    if not re.fullmatch(r"\d{1,3}(,\d{1,3})*", given.users) or bool(given.url) == bool(given.data):
        parser.error("give a URL or --data, and users such as 1,8,32")
    if given.ingest and not given.data:
        parser.error("--ingest needs --data")
    stopped, runs = threading.Event(), list[int]()
    with (
        served(given.data, given.workers) if given.data else contextlib.nullcontext((given.url, None)) as (url, process)
    ):
        reading = threading.Thread(target=ingesting, args=(given.data, given.ingest, stopped, runs))
        if given.ingest:
            reading.start()
        well = [loaded(url, users, given.seconds, process) for users in map(int, given.users.split(","))]
        stopped.set()
        if given.ingest:
            reading.join()
            print(f"\ningests: {len(runs)}, of which {sum(map(bool, runs))} failed")
    sys.exit(not all(well) or any(runs))


if __name__ == "__main__":
    main()
