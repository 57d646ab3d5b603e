"""Fusion: pure arithmetic over ranked lists."""

import pytest

from index import fusion

LEXICAL = {1: 12.0, 2: 6.0, 3: 0.0}
DENSE = {3: 0.9, 1: 0.5, 4: 0.1}


def test_ranking_is_best_first_and_breaks_ties_by_the_lower_row() -> None:
    assert fusion.ranked({9: 1.0, 2: 1.0, 5: 3.0}) == [(5, 3.0), (2, 1.0), (9, 1.0)]


def test_reciprocal_rank_sums_over_the_lists() -> None:
    fused = fusion.reciprocal_rank([LEXICAL, DENSE])
    assert fused == pytest.approx({1: 1 / 61 + 1 / 62, 2: 1 / 62, 3: 1 / 63 + 1 / 61, 4: 1 / 63})


def test_reciprocal_rank_of_one_list_keeps_its_order() -> None:
    assert [row for row, _ in fusion.ranked(fusion.reciprocal_rank([LEXICAL]))] == [1, 2, 3]


def test_min_max_brings_each_list_to_one_scale() -> None:
    fused = fusion.min_max([LEXICAL, DENSE], [0.6, 0.4])
    assert fused == pytest.approx({1: 0.6 + 0.4 * 0.5, 2: 0.3, 3: 0.4, 4: 0.0})


def test_min_max_gives_the_full_weight_to_what_leads_both() -> None:
    assert max(fusion.min_max([{1: 5.0, 2: 1.0}, {1: 0.8, 3: 0.2}], [0.6, 0.4]).values()) == pytest.approx(1.0)


@pytest.mark.parametrize("scores", [{7: 3.0}, {7: 3.0, 8: 3.0}])
def test_min_max_of_equal_scores_counts_them_as_best(scores: dict[int, float]) -> None:
    assert fusion.min_max([scores], [0.5]) == dict.fromkeys(scores, 0.5)


def test_z_score_measures_in_deviations_and_fills_with_the_lowest() -> None:
    fused = fusion.z_score([{1: 3.0, 2: 1.0}, {2: 1.0, 3: 0.0}], [1.0, 1.0])
    assert fused == pytest.approx({1: 1.0 - 1.0, 2: -1.0 + 1.0, 3: -1.0 - 1.0})


@pytest.mark.parametrize("lists", [[{}, {}], [{}, {4: 2.0}], [{4: 2.0}, {}]])
def test_list_without_hits_does_no_harm(lists: list[dict[int, float]]) -> None:
    rows = {row for scores in lists for row in scores}
    for fused in (
        fusion.reciprocal_rank(list(lists)),
        fusion.min_max(list(lists), [0.6, 0.4]),
        fusion.z_score(list(lists), [1.0, 1.0]),
    ):
        assert set(fused) == rows


def test_inputs_are_not_changed() -> None:
    lexical, dense = dict(LEXICAL), dict(DENSE)
    fusion.reciprocal_rank([lexical, dense])
    fusion.min_max([lexical, dense], [1.0, 1.0])
    fusion.z_score([lexical, dense], [1.0, 1.0])
    assert (lexical, dense) == (LEXICAL, DENSE)


def test_number_of_weights_must_fit_the_lists() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        fusion.min_max([LEXICAL, DENSE], [1.0])
