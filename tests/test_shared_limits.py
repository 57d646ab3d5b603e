"""Limits on what one client may ask for: the same however many worker processes answer."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_serve import Server, started, stop
from webapp import shared_counts
from webapp.shared_counts import SharedCounts


@pytest.fixture
def counts(tmp_path: Path) -> SharedCounts:
    """Counts in a file."""
    return SharedCounts(shared_counts.address(tmp_path / "a file"))


@pytest.fixture(scope="module")
def limited(sample_data: Path) -> Iterator[Server]:
    """Two worker processes that let a client ask twenty times an hour."""
    running = started(sample_data, 2, MINUTEBOOK_RATE_LIMIT="20 per hour", MINUTEBOOK_RATE_LIMIT_DEAR="3 per hour")
    yield running
    stop(running)


def test_two_workers_let_a_client_ask_as_often_as_one(limited: Server) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: limited.get("/help")[:2], range(50)))
    statuses = [status for status, _ in answers]
    assert (statuses.count(200), statuses.count(429)) == (20, 30)
    assert all(0 < int(headers["Retry-After"]) <= 3_600 for status, headers in answers if status == 429)
    assert limited.get("/healthz")[0] == 200


def test_processes_and_threads_lose_no_count(tmp_path: Path) -> None:
    file = tmp_path / "counts"
    code = (
        "import sys, threading; from webapp.shared_counts import SharedCounts\n"
        "counts = SharedCounts(sys.argv[1])\n"
        "def add():\n    for _ in range(300): counts.incr('key', 60)\n"
        "adding = [threading.Thread(target=add) for _ in range(3)]\n"
        "for one in adding: one.start()\n"
        "for one in adding: one.join()\n"
    )
    command = [sys.executable, "-c", code, shared_counts.address(file)]
    running = [subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert SharedCounts(shared_counts.address(file)).get("key") == 3 * 3 * 300


def test_a_window_ends(counts: SharedCounts) -> None:
    assert [counts.incr("a", 0.3) for _ in range(3)] == [1, 2, 3]
    assert counts.incr("b", 60) == 1
    assert 0 < counts.get_expiry("a") - time.time() <= 0.3
    time.sleep(0.35)
    assert (counts.get("a"), counts.get("b")) == (0, 1)
    assert counts.incr("a", 60) == 1
    counts.clear("a")
    assert (counts.get("a"), counts.get("b")) == (0, 1)


def test_setting_the_clock_changes_no_window(counts: SharedCounts, monkeypatch: pytest.MonkeyPatch) -> None:
    counts.incr("a", 60)
    now = time.time()
    for shown in (now - 86_400 * 365, now + 86_400 * 365):
        monkeypatch.setattr(time, "time", lambda shown=shown: shown)
        assert counts.get("a") == 1
        assert 0 < counts.get_expiry("a") - shown <= 60


def test_more_clients_than_places_cost_neither_memory_nor_the_count_of_who_asks_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_counts, "PLACES", 64)
    few = SharedCounts(shared_counts.address(tmp_path / "few"))
    for client in range(1_000):
        assert few.incr(f"client {client}", 60) == 1
        assert few.incr(f"client {client}", 60) == 2
    assert (tmp_path / "few").stat().st_size == 64 * 24
