"""Wording: what two texts share and how they differ, word by word."""

import itertools
import time

import pytest

from index.precedents.wording import MAX_WORDS, Change, diff, runs, share

GIVEN = "This Council resolves to plant a tree in every school, and asks the Leader to report each May."
OTHER = "This Council resolves to plant two trees in every school and park, and asks the Leader to report each May."


def words(changes: tuple[Change, ...], *ops: str) -> list[str]:
    """The words of some of the changes, in order."""
    return " ".join(change.words for change in changes if change.op in ops).split()


def test_differences_are_marked_and_lead_from_one_text_to_the_other() -> None:
    changes = diff(GIVEN, OTHER)
    assert [(change.op, change.words) for change in changes] == [
        ("same", "This Council resolves to plant"),
        ("removed", "a tree"),
        ("added", "two trees"),
        ("same", "in every school"),
        ("added", "and park,"),
        ("same", "and asks the Leader to report each May."),
    ]
    assert words(changes, "same", "added") == OTHER.split()
    assert [word.strip(",") for word in words(changes, "same", "removed")] == GIVEN.replace(",", "").split()


def test_print_makes_no_difference() -> None:
    """White space, quotation marks, dashes, accents, case and the punctuation around words are but print."""
    printed = "“The  CAFÉ at St. Mary’s Road” –\nto be closed; at once"
    plain = "the cafe at St Mary's Road to be closed at once."
    assert [change.op for change in diff(plain, printed)] == ["same"]
    assert share(plain, printed) == 1.0


def test_words_inside_hold_their_punctuation() -> None:
    assert share("a fee of 1.5 per cent", "a fee of 15 per cent") < 1.0


def test_texts_without_a_word_in_common_share_nothing() -> None:
    assert diff("bins", "buses") == (Change("removed", "bins"), Change("added", "buses"))
    assert share("bins", "buses") == 0.0
    assert diff("", "") == ()
    assert share("", "") == 0.0


def test_a_little_word_alone_is_not_marked_as_shared() -> None:
    """ "The" between words that all differ says nothing."""
    changes = diff("abolish the levy", "introduce the charge")
    assert [change.op for change in changes] == ["removed", "added"]


def test_share_is_of_the_words_of_both() -> None:
    assert share("one two three four", "one two three four five six seven eight") == pytest.approx(8 / 12)
    assert share("one two", "two one") == share("two one", "one two")


def test_runs_tell_whether_texts_share_six_words_in_a_row() -> None:
    assert runs(GIVEN) & runs(OTHER)
    assert not runs(GIVEN) & runs("This Council resolves to plant hedges beside the new road, and asks for a report.")
    assert runs("too short") == frozenset()


@pytest.mark.parametrize("one", ["a " * 20_000, "a b " * 10_000, " ".join(str(n * 7 % 50) for n in range(20_000))])
def test_long_and_monotonous_texts_take_no_time(one: str) -> None:
    other = "b " + one + "c"
    began = time.monotonic()
    changes = diff(one, other)
    assert time.monotonic() - began < 5
    assert words(changes, "same", "added") == other.split()
    assert len(one.split()) > MAX_WORDS


def test_what_is_removed_comes_before_what_is_added_and_nothing_stands_twice() -> None:
    """Between two stretches that are the same there is at most one of each, and "same" never follows "same"."""
    for one, two in (
        (GIVEN, OTHER),
        (OTHER, GIVEN),
        ("x the a b c the y q", "z the d c e the w q"),
        ("a b c d", "a c b d"),
    ):
        ops = [change.op for change in diff(one, two)]
        pairs = list(itertools.pairwise(ops))
        assert not {("same", "same"), ("added", "removed"), ("added", "added"), ("removed", "removed")} & set(pairs)
