"""Names and words that would steer a terminal, in everything that the commands print."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import SAMPLES
from webapp.cli import main

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202edlo\u2066 \x9b31m"
NAME = f"Borough{HOSTILE} of Marrow"
TEXT = f"""{NAME}
Cabinet{HOSTILE}
Minutes of the meeting held on 3 March 2024

1. Ponds{HOSTILE}
RESOLVED: That the pond at Marrow Green be dredged {HOSTILE} and that care leavers be told of it.
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hostile minutes beside those of the samples, and a file of a hostile name that cannot be read."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(SAMPLES, folder / "samples")
    own = folder / f"own{HOSTILE.replace('/', '')}"
    own.mkdir()
    (own / "minutes.txt").write_text(TEXT, encoding="utf-8")
    (own / f"broken{HOSTILE}.pdf").write_bytes(b"%PDF-1.7 and no more")
    (own / f"other.{HOSTILE}").write_bytes(b"x")
    (own / "manifest.csv").write_text(
        f'path,authority,committee\nminutes.txt,"{NAME}","Cabinet{HOSTILE}"\nnot{HOSTILE}there.txt,x,y\n',
        encoding="utf-8",
    )
    return folder


def said(data: Path, *arguments: str) -> str:
    """All that a command prints, as a terminal would get it."""
    result = CliRunner().invoke(main, ["--data", str(data), *arguments], color=True)
    assert result.exit_code in (0, 1, 2), result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit), result.exception
    return result.output


def test_nothing_that_is_printed_steers_a_terminal(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    printed = {
        " ".join(arguments): said(data, *arguments)
        for arguments in (
            ("ingest", str(folder)),
            ("ingest", str(folder / f"none{HOSTILE}")),
            ("status",),
            ("status", "--coverage"),
            ("search", "pond dredged", "-k", "50"),
            ("search", "pond", "-a", f"No{HOSTILE}body"),
            ("search", f"pond{HOSTILE}"),
            ("ask", "What was decided about the pond at Marrow Green?"),
            ("compare", "ponds and care leavers"),
            ("precedents", "That the pond at Marrow Green be dredged"),
            ("similar", f"nothing{HOSTILE}"),
            ("check",),
            ("remove", f"nothing{HOSTILE}", "--yes"),
            ("withdraw", f"nothing{HOSTILE}", "--reason", "x"),
            ("fetch", f"nothing{HOSTILE}"),
        )
    }
    assert "Marrow" in printed["status"]
    assert "Marrow" in printed["search pond dredged -k 50"]
    steering = ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\u2066")
    found = [(command[:40], sign) for command, text in printed.items() for sign in steering if sign in text]
    assert found == []
