"""An ingest that is killed keeps what it finished, and the next one completes it."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.status import status
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest
from tests.conftest import SAMPLES

SCRIPT = Path(sys.executable).with_name("minutebook")


@pytest.mark.parametrize("moment", ["while reading", "while embedding"])
def test_killed_ingest_is_completed_by_the_next(
    tmp_path: Path, sample_data: Path, encoder: Encoder, moment: str
) -> None:
    """Whatever was stored when the process died is whole, is not read again, and all is searchable afterwards."""
    data = tmp_path / "data"
    running = subprocess.Popen(
        [SCRIPT, "--data", data, "ingest", SAMPLES], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    wanted = 3 if moment == "while reading" else 26
    deadline = time.monotonic() + 60
    while running.poll() is None and time.monotonic() < deadline and stored(data) < wanted:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    before = stored(data)
    assert before >= wanted
    catalogue = Catalogue(data)
    report = ingest([SAMPLES], catalogue, encoder)
    assert (report.unchanged, report.new) == (before, 26 - before)
    update(catalogue, encoder)
    assert status(catalogue) == status(Catalogue(sample_data))
    assert Searcher(catalogue, encoder).search("selective licensing").hits


def stored(data: Path) -> int:
    """The documents that the catalogue holds by now."""
    try:
        with sqlite3.connect(f"file:{data / 'catalogue.sqlite'}?mode=ro", uri=True, timeout=5) as connection:
            count: int = connection.execute("SELECT COUNT(*) FROM documents").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        if "connection" in locals():
            connection.close()
    return count
