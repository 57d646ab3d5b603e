"""A short run of the faults of ``tests/faults.py``; the long ones are run by hand."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    "arguments",
    [("kills", "--number", "9", "--seed", "7"), ("full", "--number", "4", "--seed", "7"), ("flips", "--number", "1")],
    ids=lambda arguments: arguments[0],
)
def test_nothing_is_lost_by_faults(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nothing_is_lost_by_a_power_cut() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "power", "--number", "12", "--seed", "7"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_data_that_may_only_be_read_are_searched() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "readonly", "--number", "6"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cannot be written: Permission denied" in done.stdout
