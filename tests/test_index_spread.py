"""Spreading over authorities: turns are taken, clear winners stay, nothing is lost."""

import random

from index.spread import spread


def order(scores: list[float], groups: list[str], in_a_row: int = 1) -> list[int]:
    return [row for row, _ in spread(list(enumerate(scores)), groups, in_a_row=in_a_row)]


def test_authorities_take_turns_while_several_are_left() -> None:
    assert order([0.9, 0.89, 0.88, 0.87, 0.86], ["a", "a", "a", "b", "c"]) == [0, 3, 1, 4, 2]


def test_a_run_may_be_longer_where_that_is_asked() -> None:
    assert order([0.9, 0.89, 0.88, 0.87], ["a", "a", "a", "b"], in_a_row=2) == [0, 1, 3, 2]


def test_clear_winners_of_one_authority_keep_their_places() -> None:
    assert order([0.9, 0.85, 0.4, 0.39], ["a", "a", "b", "a"]) == [0, 1, 2, 3]


def test_nothing_is_lost_and_the_order_within_an_authority_stays() -> None:
    chance = random.Random(4)
    scores = sorted((chance.random() for _ in range(200)), reverse=True)
    groups = [chance.choice("aaaabbc") for _ in scores]
    found = order(scores, groups)
    assert sorted(found) == list(range(200))
    for group in "abc":
        own = [row for row in found if groups[row] == group]
        assert own == sorted(own)
    assert found == order(scores, groups)


def test_nothing_spreads_to_nothing() -> None:
    assert spread([], []) == []
