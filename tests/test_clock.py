"""A clock that is set back or forward, by faketime: nothing is lost, nothing is refused for ever, no lock is held."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.coverage import Meeting
from index.encoder import Encoder
from index.search import Searcher
from ingest.live.fetch import is_due
from tests.conftest import ROOT
from tests.test_serve import Server, started, stop

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
with_faketime = pytest.mark.skipif(not LIBRARIES, reason="faketime is not installed (apt-get install faketime)")


# libfaketime 0.9.10 makes time.sleep of Python fail where the monotonic clock is left alone.
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds) and None\n"


def at(clock: str | Path, place: Path) -> dict[str, str]:
    """The settings by which a process has another clock, or that of a file; time goes by as it does.

    Args:
        place: a folder for what mends ``time.sleep``.
    """
    (place / "sitecustomize.py").write_text(SLEEP, encoding="ascii")
    which = (
        {"FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"}
        if isinstance(clock, Path)
        else {"FAKETIME": clock}
    )
    return {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": f"{ROOT}:{place}",
        **which,
    }


def minutebook(data: Path, clock: str, *arguments: str | Path) -> str:
    """Run a command under a clock to its end, and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "webapp.cli", "--data", data, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | at(clock, data.parent),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write(folder: Path, word: str) -> Path:
    """Write a document with a word of its own."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{word}.txt"
    file.write_text(f"The committee noted the report on the {word} at the quay.\n", encoding="utf-8")
    return file


@with_faketime
def test_whatever_the_clock_says_all_is_found_kept_and_announced(tmp_path: Path, encoder: Encoder) -> None:
    data, folder = tmp_path / "data", tmp_path / "minutes"
    clocks = {"wombat": "+0", "steeple": "-3y", "kiln": "+20y", "gantry": "@1970-01-03 00:00:00"}
    for word, clock in clocks.items():
        write(folder, word)
        assert "1 new" in minutebook(data, clock, "ingest", folder)
        with closing(Catalogue(data)) as catalogue:
            assert f"{word}.txt" in [hit.path for hit in Searcher(catalogue, encoder).search(word).hits]
    assert "nothing wrong" in minutebook(data, "-30y", "check")
    minutebook(data, "@1970-01-03 00:00:00", "backup", tmp_path / "b.zip")
    minutebook(data, "-1y", "restore", "--force", tmp_path / "b.zip")
    write(folder, "weir")
    assert "1 new" in minutebook(data, "-2y", "ingest", folder)
    assert "nothing wrong" in minutebook(data, "+0", "check")
    server = started(data, workers=1)
    try:
        feed = server.get("/feed.atom?q=report+quay&relevance=0")[2].decode()
    finally:
        stop(server)
    announced = [feed.index(f"the {word} at") for word in ("weir", *reversed(clocks))]
    assert announced == sorted(announced)


@contextmanager
def serving(data: Path, clock: Path, **settings: str) -> Iterator[Server]:
    """Serve under a clock that a file sets, which may be written at any time."""
    clock.write_text("+0", encoding="ascii")
    server = started(data, workers=1, **at(clock, data.parent), **settings)
    try:
        yield server
    finally:
        stop(server)


@with_faketime
def test_a_clock_that_is_set_while_serving_refuses_nobody_and_hides_nothing(sample_data: Path, tmp_path: Path) -> None:
    data, clock = tmp_path / "data", tmp_path / "clock"
    shutil.copytree(sample_data, data)
    with serving(data, clock, MINUTEBOOK_RATE_LIMIT="6 per 5 seconds") as server:
        for number, jump in enumerate(("-3y", "+20y")):
            asked = [server.get("/about")[0] for _ in range(8)]
            assert asked[-1] == 429
            clock.write_text(jump, encoding="ascii")
            word = f"heron{chr(97 + number)}"
            minutebook(data, jump, "ingest", write(tmp_path / "minutes", word))
            until, status = time.monotonic() + 30, 429
            while status == 429 and time.monotonic() < until:  # as long as time, not the clock, says
                time.sleep(1)
                status, headers, body = server.get(f"/api/v1/search?q={word}")
            assert status == 200, f"{jump}: {body.decode()}"
            assert f"{word}.txt" in [hit["path"] for hit in json.loads(body)["hits"]]
            assert server.get("/readyz")[0] == 200
            again = server.get(f"/api/v1/search?q={word}", **{"If-None-Match": headers["ETag"]})
            assert again[0] in (200, 304)
        assert not [line for line in server.lines if '"failure"' in line]


def test_a_meeting_that_was_asked_for_under_a_clock_ahead_is_asked_for_again() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    meeting = Meeting("meadow.example", "1", None, None, "2026-02-20", "https://meadow.example/1", minutes="draft")
    for ahead, due in ((timedelta(days=1000), True), (timedelta(minutes=-30), False), (timedelta(hours=-2), True)):
        assert is_due(replace(meeting, checked=(now + ahead).isoformat()), now) is due
