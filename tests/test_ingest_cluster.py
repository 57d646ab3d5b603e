"""Ingest over a Ray cluster gives what a local one gives, whichever worker or machine ends meanwhile.

Skipped where Ray is not installed: pip install -e '.[cluster]', then python -m pytest tests/test_ingest_cluster.py.
The machines of these tests are Ray nodes on addresses of the loopback network.
"""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.catalogue import Catalogue
from corpus.errors import ClusterError
from index.build import update
from index.encoder import Encoder
from ingest.cluster import connected
from ingest.pipeline import ingest
from tests.conftest import ROOT
from tests.printed_minutes import render

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
RAY = Path(sys.executable).with_name("ray")
PRINTED, PLAIN = 40, 12
MOST = 240.0  # seconds for one job on a busy machine


@pytest.fixture(scope="module")
def minutes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of PDFs, web pages and text, with two files that cannot be read and one that is another's copy."""
    folder = tmp_path_factory.mktemp("minutes")
    for n in range(PRINTED):
        told = " ".join(f"Member {n} spoke of pond {n}.{line} and the geese upon it." for line in range(120))
        (folder / f"{n:02}.pdf").write_bytes(render(f"Parks Committee\n\n{n}. Geese\n\n{told}"))
    for n in range(PLAIN):
        (folder / f"plain {n}.html").write_text(f"<html><p>Oats for duck {n} were bought in the market.</p></html>")
    (folder / "short.txt").write_text("The swans were counted: there were nine.\n")
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.4\n")
    (folder / "empty.docx").write_bytes(b"")
    (folder / "zz copy.pdf").write_bytes((folder / "03.pdf").read_bytes())
    return folder


@pytest.fixture(scope="module")
def local(minutes: Path, tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """The data directory that an ingest of the folder makes without a cluster."""
    data = tmp_path_factory.mktemp("local")
    catalogue = Catalogue(data, create=True)
    ingest([minutes], catalogue, encoder)
    update(catalogue, encoder)
    catalogue.close()
    return data


def held(data: Path) -> dict[str, list[Any]]:
    """What a data directory holds, vectors apart."""
    tables = {
        "documents": "SELECT document_id, title, kind, authority, meeting_date, current FROM documents ORDER BY 1",
        "passages": 'SELECT row, passage_id, document_id, start, "end", page, vector_key FROM passages ORDER BY row',
        "sources": "SELECT path, fingerprint, document_id, problem FROM sources ORDER BY rowid",
    }
    with sqlite3.connect(data / "catalogue.sqlite") as connection:
        found = {name: connection.execute(query).fetchall() for name, query in tables.items()}
    connection.close()
    return found


def vectors(data: Path) -> dict[str, np.ndarray]:
    with sqlite3.connect(data / "catalogue.sqlite") as connection:
        rows = connection.execute("SELECT key, vector FROM vectors").fetchall()
    connection.close()
    return {key: np.frombuffer(blob, dtype="<f4") for key, blob in rows}


def assert_same(data: Path, local: Path) -> None:
    """Nothing is lost, double or different but for the last bits of a vector."""
    assert held(data) == held(local)
    here, there = vectors(local), vectors(data)
    assert there.keys() == here.keys()
    assert max(float(np.abs(there[key] - here[key]).max()) for key in here) < 1e-3


def command(data: Path, *arguments: object) -> list[str]:
    return [sys.executable, "-m", "webapp.cli", "--data", str(data), *map(str, arguments)]


# -- one machine -----------------------------------------------------------------------------------------


@needs_ray
def test_cluster_of_this_machine_gives_what_a_local_run_gives(minutes: Path, local: Path, tmp_path: Path) -> None:
    run = command(tmp_path, "ingest", minutes, "--cluster", "local", "--json")
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=MOST)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)  # Ray's own words are not among ours
    assert (report["new"], report["duplicates"]) == (PRINTED + PLAIN + 1, 1)
    reasons = dict(report["unreadable"])
    assert reasons["empty.docx"] == "is an empty file: download it again"
    assert "is damaged or cut off" in reasons["damaged.pdf"]
    assert_same(tmp_path, local)
    again = ingest([minutes], Catalogue(tmp_path), Encoder())
    assert (again.unchanged, again.new, again.updated) == (PRINTED + PLAIN + 2, 0, 0)


SCRIPT = """
import json, os, time
from corpus.errors import ClusterError, WorkersLostError
from ingest import workers as crew
from ingest.cluster import connected
from ingest.workers import Workers

def deadly():
    def double(number):
        if number == 7:
            os._exit(1)
        time.sleep(0.02)
        return 2 * number
    return double

def broken():
    raise RuntimeError("no such module here")

said = {}
with connected("local", 2) as found:
    taken = 0
    def numbers():
        global taken
        for number in range(60):
            if number != 7:
                taken += 1
                yield number
    with Workers(found, deadly) as workers:
        furthest, results = 0, []
        for number, result in workers.map(numbers()):
            furthest = max(furthest, taken - len(results))
            results.append((number, result))
        futures = {number: workers.submit(number) for number in (7, 8, 9)}
        said["others"] = [futures[8].result(), futures[9].result()]
        try:
            futures[7].result()
        except WorkersLostError as exc:
            said["lost"] = str(exc)
    said["results"], said["furthest"] = results, furthest
    crew.PATIENCE = 3.0
    with Workers(found, broken) as workers:
        try:
            workers.submit(1).result()
        except ClusterError as exc:
            said["none left"] = str(exc)
print(json.dumps(said))
"""


@needs_ray
def test_item_that_ends_its_workers_costs_only_itself_and_none_left_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=MOST,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["results"] == [[number, 2 * number] for number in range(60) if number != 7]
    assert said["furthest"] <= 2 * 2 + 1
    assert said["others"] == [16, 18]
    assert said["lost"] == "ended 5 workers, one after another: run it again without --cluster"
    assert said["none left"].startswith("The cluster has no worker left (")
    assert "What was finished is kept." in said["none left"]


# -- two machines ----------------------------------------------------------------------------------------


@dataclass
class Machines:
    """A head with one processor, and nodes that come and go."""

    folder: Path
    address: str
    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{len(self.running)}.log").open("wb")
        size = "--object-store-memory=100000000"
        started = subprocess.Popen(
            [RAY, "start", "--num-cpus=1", size, "--block", *arguments],
            cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        self.running.append(started)
        return started

    def add(self) -> subprocess.Popen[bytes]:
        return self.start(f"--address={self.address}", f"--node-ip-address=127.0.0.{len(self.running) + 2}")

    def wait_for(self, number: int) -> None:
        """Wait until so many machines are alive."""
        code = (
            "import sys; from ingest.cluster import connected\n"
            "with connected(sys.argv[1]) as found: pass\nprint(found.processors)"
        )
        until = time.monotonic() + 90
        while time.monotonic() < until:
            asked = [sys.executable, "-c", code, self.address]
            done = subprocess.run(asked, cwd=ROOT, env=self.environment, capture_output=True, text=True)
            if done.stdout.strip() == str(number):
                return
            time.sleep(1)
        raise AssertionError(f"the machines are not up: {done.stderr}")


def kill(machine: subprocess.Popen[bytes]) -> None:
    """End a machine as a power cut does: all its processes at once."""
    os.killpg(machine.pid, signal.SIGKILL)
    machine.wait()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with socket.create_server(("127.0.0.2", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }
    started = Machines(tmp_path, f"127.0.0.2:{port}", environment)
    temporary = Path("/tmp") / f"ray-{port}"  # a socket's path must be short
    started.start(
        "--head", "--node-ip-address=127.0.0.2", f"--port={port}", "--include-dashboard=false",
        f"--temp-dir={temporary}",
    )  # fmt: skip
    try:
        started.wait_for(1)
        yield started
    finally:
        for machine in started.running:
            if machine.poll() is None:
                kill(machine)
        shutil.rmtree(temporary, ignore_errors=True)


def count(data: Path, table: str) -> int:
    try:
        with sqlite3.connect(f"file:{data / 'catalogue.sqlite'}?mode=ro", uri=True, timeout=5) as connection:
            found: int = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        connection.close()
    except sqlite3.OperationalError:
        return 0
    return found


def wait_until(run: subprocess.Popen[str], data: Path, wanted: Sequence[tuple[str, int]]) -> None:
    until = time.monotonic() + MOST / 2
    while run.poll() is None and time.monotonic() < until:
        if all(count(data, table) >= number for table, number in wanted):
            return
        time.sleep(0.02)
    raise AssertionError("the job did not come so far")


@needs_ray
@pytest.mark.parametrize("table", ["documents", "vectors"])
def test_machine_killed_in_a_job_loses_and_doubles_nothing(
    table: str, machines: Machines, minutes: Path, local: Path, tmp_path: Path
) -> None:
    """One of two machines goes while files are read, or while texts are embedded; the other does its part again."""
    data = tmp_path / "data"
    second = machines.add()
    machines.wait_for(2)
    run = subprocess.Popen(
        command(data, "ingest", minutes, "--cluster", machines.address, "--json"),
        cwd=ROOT, env=machines.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_until(run, data, [(table, 3)])
    kill(second)
    before = count(data, table)
    output, trouble = run.communicate(timeout=MOST)
    assert run.returncode == 0, trouble
    assert 3 <= before < count(local, table), "the machine went too late to tell"
    assert json.loads(output)["new"] == PRINTED + PLAIN + 1
    assert_same(data, local)


# -- without Ray -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["nonsense", "ray://127.0.0.1:1", "127.0.0.1", "127.0.0.1:x"])
def test_address_that_is_none_is_refused(address: str) -> None:
    with (
        pytest.raises(ClusterError, match="is not the address of a cluster: give HOST:PORT, or local"),
        connected(address),
    ):
        pass


def test_missing_ray_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match="Ray is not installed: pip install"), connected("127.0.0.1:6379"):
        pass


@needs_ray
def test_cluster_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run = command(tmp_path, "ingest", "corpus/samples", "--cluster", f"127.0.0.1:{port}")
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"The cluster 127.0.0.1:{port} cannot be reached (" in done.stderr
    assert done.stderr.count("\n") == 1
