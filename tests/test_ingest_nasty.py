"""Awkward PDFs of the world, read as the program reads them: each gives its text or one line, in bounded time."""

import csv
import time
from pathlib import Path

import pytest

from corpus.errors import ReadError
from corpus.model import Document
from ingest import ocr
from ingest.identity import Given
from ingest.pool import Pool
from ingest.sources import Candidate

SECONDS = 240  # for all of them: none may hang; two idle cores take some 20


@pytest.fixture(scope="module")
def outcomes(shared: Path) -> dict[str, Document | str]:
    """What came of each file: its reading, or why there is none."""
    folder = shared / "nasty_pdfs"
    if not (folder / "expected.csv").is_file():
        pytest.skip("../shared/nasty_pdfs is not here")
    began = time.monotonic()
    found: dict[str, Document | str] = {}
    with Pool() as pool:
        for file, future in [
            (file, pool.read(Candidate(file, file.name, Given()))) for file in sorted(folder.glob("*.pdf"))
        ]:
            try:
                found[file.name] = future.result().document
            except ReadError as exc:
                found[file.name] = str(exc)
    assert time.monotonic() - began < SECONDS
    return found


def rows(shared: Path, expectation: str) -> list[dict[str, str]]:
    with (shared / "nasty_pdfs" / "expected.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["expectation"] == expectation]


def test_files_with_text_give_it(shared: Path, outcomes: dict[str, Document | str]) -> None:
    for row in rows(shared, "text"):
        reading = outcomes[row["path"]]
        assert isinstance(reading, Document), f"{row['path']}: {reading}"
        assert len(reading.pages) == int(row["pages"])
        assert len("".join(reading.text.split())) >= int(row["poppler_chars"]) * 0.5  # Arabic counts twice there


def test_encrypted_file_says_so(shared: Path, outcomes: dict[str, Document | str]) -> None:
    for row in rows(shared, "encrypted"):
        assert outcomes[row["path"]] == "is encrypted: remove its password and ingest it again"


def test_files_without_text_say_so_or_give_what_ocr_sees(shared: Path, outcomes: dict[str, Document | str]) -> None:
    for row in rows(shared, "no text"):
        outcome = outcomes[row["path"]]
        if isinstance(outcome, Document):
            assert {page.route for page in outcome.pages} <= {"pypdf", "ocr"}
            assert any(page.route == "ocr" for page in outcome.pages) or len(outcome.text.strip()) <= 60
        else:
            assert "no text layer" in outcome or "is damaged" in outcome
            assert ":" in outcome
            assert ocr.available() or "install tesseract-ocr" in outcome or "is damaged" in outcome


def test_broken_files_cost_one_line(shared: Path, outcomes: dict[str, Document | str]) -> None:
    for row in rows(shared, "unreadable"):
        outcome = outcomes[row["path"]]
        if row["path"] == "made_html_named_pdf.pdf":
            assert isinstance(outcome, Document)
            assert outcome.notes == ("is named .pdf but holds html",)
        else:
            assert isinstance(outcome, str)
            assert "download it again" in outcome
            assert "\n" not in outcome
