"""Inputs of every kind that nobody thought of: the targets of fuzz_targets.py, by hypothesis.

MINUTEBOOK_FUZZ=2000 tries so many inputs of each, drawn anew each time; without it a few are tried, always the same.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz_inputs import FOUND, FRAGMENTS, SEEDS
from tests.fuzz_targets import TARGETS, run

TRIES = int(os.environ.get("MINUTEBOOK_FUZZ") or 0)
_pieces = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=12)), max_size=60)
_texts = _pieces.map("".join).map(lambda words: words.encode("utf-8", "surrogatepass"))


def _mutated(data: bytes) -> st.SearchStrategy[bytes]:
    """Return a strategy that cuts into a good input and puts other pieces into it."""

    def cut(start: int, length: int, put: bytes) -> bytes:
        return data[:start] + put + data[start + length :]

    return st.builds(cut, st.integers(0, len(data)), st.integers(0, 40), _texts)


def _disguised(data: bytes) -> st.SearchStrategy[bytes]:
    """Return a strategy that changes some letters for others that only look like them, or are equal without case."""
    text = data.decode("utf-8", "replace")
    letters = st.sampled_from(["sſ", "iı", "k\u212a", "iİ", " \u00a0", "-–", "a\u0430", "2٢", "e\u0301e"])
    changed = letters.map(lambda pair: text.replace(pair[0], pair[1:]).encode())
    return st.one_of(changed, st.builds(lambda at: (text[:at] + text[at:].upper()).encode(), st.integers(0, len(text))))


def _inputs(target: str) -> st.SearchStrategy[bytes]:
    good = [strategy(data) for data in SEEDS.get(target, ()) for strategy in (_mutated, _disguised)]
    return st.one_of(*good, _texts, st.binary(max_size=300))


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_breaks_what_is_promised(target: str) -> None:
    """No errors but our own, offsets in bounds, the same ids each time, in bounded time."""

    @settings(
        max_examples=TRIES or 25,
        derandomize=not TRIES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(_inputs(target))
    def tried(data: bytes) -> None:
        run(TARGETS[target], data)

    tried()


@pytest.mark.parametrize(("target", "data"), FOUND)
def test_what_was_found_does_not_come_back(target: str, data: bytes) -> None:
    """Long s and dotless i are equal to other letters without case; names of capitals; links that are none."""
    run(TARGETS[target], data)
