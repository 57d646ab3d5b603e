"""Reading the picture of a page by tesseract, a program of its own that need not be installed."""

import csv
import functools
import io
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

ADVICE = "install tesseract-ocr and ingest again"
PAGE_SECONDS = 60.0
LANGUAGES = ("eng", "cym")
_ONE_COLUMN = "4"  # keeps an item's number and its text on one line, where the default makes columns of them
_UNSURE = 30.0  # words that tesseract is less sure of (per cent) are specks and pictures

before_page: Callable[[], None] = lambda: None  # noqa: E731 - told before each page, by whoever bounds our time


class OcrError(Exception):
    """tesseract failed on a page or took too long."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The text that was seen on a page, and how sure tesseract is of its words on the whole (per cent)."""

    text: str
    confidence: float


def available() -> bool:
    """Say whether tesseract is installed."""
    return shutil.which("tesseract") is not None


def read(pgm: bytes, dpi: int) -> Seen:
    """Read the picture of a page.

    Raises:
        OcrError: it cannot be read in time, or at all.
    """
    before_page()
    command = [
        "tesseract",
        "stdin",
        "stdout",
        "--dpi",
        str(dpi),
        "--psm",
        _ONE_COLUMN,
        "-l",
        "+".join(languages()) or "eng",
        "tsv",
    ]
    try:
        done = subprocess.run(
            command, input=pgm, capture_output=True, timeout=PAGE_SECONDS, env={**os.environ, "OMP_THREAD_LIMIT": "1"}
        )
    except subprocess.TimeoutExpired as exc:
        raise OcrError(f"took longer than {PAGE_SECONDS:.0f} s") from exc
    except OSError as exc:
        raise OcrError(exc.strerror or "tesseract does not start") from exc
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise OcrError(lines[-1][:80] if lines else f"tesseract ended with {done.returncode}")
    return _seen(done.stdout.decode("utf-8", "replace"))


@functools.cache
def languages() -> tuple[str, ...]:
    """Return those of our languages that tesseract has."""
    try:
        listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, timeout=10).stdout.decode().split()
    except (OSError, subprocess.TimeoutExpired):
        listed = []
    return tuple(name for name in LANGUAGES if name in listed)


def _seen(table: str) -> Seen:
    """Put the words of tesseract's table together in lines, with an empty line between paragraphs."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    sure = []
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        word, confidence = (row["text"] or "").strip(), float(row["conf"] or -1)
        if word and confidence >= _UNSURE:
            lines.setdefault((row["block_num"], row["par_num"], row["line_num"]), []).append(word)
            sure.append(confidence)
    text, before = [], None
    for (block, paragraph, _), words in lines.items():
        if before not in (None, (block, paragraph)):
            text.append("")
        text.append(" ".join(words))
        before = (block, paragraph)
    return Seen("\n".join(text), sum(sure) / len(sure) if sure else 0.0)
