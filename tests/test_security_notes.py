"""The threat model names tests that exist."""

import re

from tests.conftest import ROOT

NOTES = (ROOT / "webapp" / "SECURITY.md").read_text(encoding="utf-8")


def test_every_test_that_the_threat_model_names_exists() -> None:
    """A measure is held by a test of that name in that file."""
    named = re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", NOTES)
    assert len(named) > 30
    for file, test in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert f"def {test}(" in source if test else source, f"{file}::{test}"


def test_every_entry_point_has_a_measure_and_a_test() -> None:
    """No row of the table is empty where it matters."""
    rows = [line.split("|")[1:-1] for line in NOTES.splitlines() if line.startswith("|")][2:]
    assert rows
    assert all(len(row) == 4 and all(cell.strip() for cell in row) and "test_" in row[3] for row in rows)
