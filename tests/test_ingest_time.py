"""Texts made to make a reader search for ever: four times the text may cost some four times the work, not sixteen."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ingest import garble, html, markdown, plain
from ingest.clean import clean_pages
from ingest.live.page import pieces_of
from ingest.pipeline import build
from ingest.reading import Mark, Reading
from ingest.shallow import shallow
from tests.fuzz_targets import CANDIDATE, MEASURE

SHORT, TIMES = 3_000, 4
NOTHING = 0.5  # seconds of processor: where the longer text takes less, there is nothing to compare
GIVEN_UP = 40.0
AGAIN = (
    " ", "\n", "\t", "a", "A", "1", ".", "(", "-", '."', " \n", "\n \n", ".\n", "A ", "a ", "A. ", "a, ", "A and ",
    "1. ", "1. A\n", "1\nA\n", "1.1.1 A\n", "a\n", "a\n\n", "(1) That\n", "(1) That x.\n", "RESOLVED\n",
    "RESOLVED that\n",
    "RESOLVED that:\n\n", "(Item 1) ", "(Item 1)\n", "Meeting: (Item 1)\nA\n", "Minutes:\n", "Decision:\n", "Cllr ",
    "Cllr\n", "Cllr A ", "Moved by Cllr A\n", "He moved that a\n", "Moved by Cllr A. Motion lost\n", "motion lost ",
    "For (1) ", "for (1) against (2) ", "1 votes to 2. ", "1 voted ", "if ", "had ", "not ", "the Committee ",
    "It was ",
    "Mr A declared an interest in a ", "interests ", "ACTION: A/", "AB to go ", "AB to go\n", "@a-", "@a.", "held at ",
    "For:\nA, ", "For: A (1)\nAgainst: None\n", "Against:\n", "were approved. Prop: CR 2nd: KD\n", "moved by Cllr\n\n",
    "Moved by Cllr A\n\na ",
    "3 May ", "a | b\n", "a-\n", "/a ", "Present:\n", "Apologies from A, ", "\u00a0", "…", "1/",
)  # fmt: skip
BEFORE = (
    "Minutes\n1. A\n\n", "Minutes\nThe meeting was held at ", "Minutes\nMeeting: ", "Minutes\nFor (1)",
    "Minutes\nMr A declared an interest in", "Minutes\nMoved", "Minutes\nCllr ", "Minutes\nPresent:",
    "Minutes\nName | nature of interest\n",
)  # fmt: skip
PAGES = (
    "<b>",
    "<p><b>",
    "<div>",
    "<ul><li>",
    "<table><tr><td>",
    "<a",
    "<!--",
    "<td>a<",
    "&",
    "<p a='",
    "</p>",
    "<x a=1 ",
)
MANY = {
    "motions, then votes, then outcomes": ("Moved by Cllr A\n", "1 votes to 2. ", "motion lost. "),
    "headings, then none": ("1. A\n", "a\n", "RESOLVED\n"),
    "labels": ("Minutes:\n", "Decision:\n", "a\n"),
}


@contextmanager
def given_up() -> Iterator[None]:
    """End what takes far too long; expressions are ended by a signal too."""

    def end(*_: object) -> None:
        raise AssertionError(f"took longer than {GIVEN_UP:.0f} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, GIVEN_UP)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def work(read: Callable[[str], object], text: str) -> float:
    """Return the processor time that reading a text takes."""
    began = time.process_time()
    read(text)
    return time.process_time() - began


def grows_too_fast(read: Callable[[str], object], make: Callable[[int], str]) -> bool:
    """Say whether four times the text takes far more than four times the time, three times in a row."""
    with given_up():
        for _ in range(3):
            long = work(read, make(TIMES * SHORT))
            if long < NOTHING or long < 2.5 * TIMES * work(read, make(SHORT)):
                return False
    return True


def understood(text: str) -> object:
    return build(Reading(text), CANDIDATE, MEASURE)


def of_pages(text: str) -> object:
    return (
        clean_pages([text, text]),
        garble.poor(text),
        garble.apart(text),
        garble.worth(text),
        garble.mend_slashes([text]),
    )


@pytest.mark.parametrize("before", BEFORE)
def test_time_to_understand_grows_with_the_text(before: str) -> None:
    slow = [unit for unit in AGAIN if grows_too_fast(understood, lambda n, u=unit: before + u * (n // len(u)) + "x\n")]  # type: ignore[misc]
    assert not slow


@pytest.mark.parametrize("parts", MANY.values(), ids=MANY)
def test_time_to_put_records_together_grows_with_the_text(parts: tuple[str, ...]) -> None:
    def made(length: int) -> str:
        return "Minutes\n" + "\n".join(part * (length // len(part)) for part in parts)

    assert not grows_too_fast(understood, made)


def test_time_grows_with_the_items_of_a_page() -> None:
    def made(length: int) -> Reading:
        lines = [f"{n}. Geese {n}\n\nRESOLVED to count them.\n\n" for n in range(length // 20)]
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        marks = [Mark(start, f"Geese {n}", str(n)) for n, start in enumerate(starts[:-1])]
        return Reading("".join(lines), marks=tuple(marks))

    readings = {TIMES * SHORT: made(TIMES * SHORT), SHORT: made(SHORT)}
    by_length = {str(length): reading for length, reading in readings.items()}
    assert not grows_too_fast(lambda length: build(by_length[length], CANDIDATE, MEASURE), str)


@pytest.mark.parametrize("read", [plain.read, of_pages, markdown.read], ids=["plain", "pages", "markdown"])
def test_time_to_read_text_grows_with_it(read: Callable[[str], object]) -> None:
    units = (*AGAIN, "#", "`", "[", "[x](", "> ", "- ", "1) ", "|", "| a ", "**", "x" * 30 + " ")
    assert not [unit for unit in units if grows_too_fast(read, lambda n, u=unit: u * (n // len(u)) + "x\n")]  # type: ignore[misc]


@pytest.mark.parametrize("read", [html.read, pieces_of, shallow], ids=["minutes", "live", "shallow"])
def test_time_to_read_a_web_page_grows_with_it(read: Callable[[str], object]) -> None:
    slow = [u for u in (*PAGES, *AGAIN) if grows_too_fast(read, lambda n, u=u: f"<html><p>a{u * (n // len(u))}x")]  # type: ignore[misc]
    assert not slow
