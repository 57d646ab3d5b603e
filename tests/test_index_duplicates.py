"""Near-duplicates: the same words of the same meeting appear once; what differs in substance stays apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from index.duplicates import AHEAD, Behind, Candidate, collapse, grouped, near_duplicates

GRANT = (
    "The Committee considered the application of the Lower Wick Bowls Club towards a new roof for its pavilion. "
    "It was proposed by Councillor Askew, seconded by Councillor Tandy and agreed that a grant of £1,450 be paid "
    "from the community fund on 12 March 2024, the club to find the rest of the cost from its members."
)
SHORT = "The bowling green was inspected and no work is needed."
PLACE = ("Wickham Borough Council", "Leisure Committee", "2024-02-06")


def passage(text: str, document: str = "a", heading: str = "Bowls pavilion", **fields: object) -> Candidate:
    """Return a passage of the minutes of one meeting."""
    made = Candidate(text, heading, "minutes", document, *PLACE)
    return replace(made, **fields)  # type: ignore[arg-type]


def shown(ranked: Sequence[Candidate], wanted: int = 10) -> list[tuple[int, tuple[Behind, ...]]]:
    """Return what is shown, and what behind it, of passages ranked in the order given."""
    groups = collapse(
        [(row, 1.0 - row / 100) for row in range(len(ranked))], lambda rows: {r: ranked[r] for r in rows}, wanted
    )
    return [(group.row, group.also) for group in groups]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("£1,450", "£1,540"),
        ("Councillor Tandy", "Councillor Tansy"),
        ("12 March", "12 May"),
        ("2024", "2025"),
        ("and agreed", "and not agreed"),
        ("and agreed", "and refused"),
        ("Lower Wick Bowls Club", "Upper Wick Bowls Club"),
        ("be paid", "be never paid"),
        ("the rest of the cost", "half of the cost"),
        ("seconded by Councillor Tandy ", ""),
    ],
)
def test_a_difference_of_substance_keeps_passages_of_one_meeting_apart(here: str, there: str) -> None:
    other = passage(GRANT.replace(here, there), document="b")
    assert other.text != GRANT
    assert [row for row, _ in shown([passage(GRANT), other])] == [0, 1]


@pytest.mark.parametrize(
    "other",
    [
        GRANT.replace("considered", "consldered").replace("pavilion", "pavi1ion"),
        GRANT.replace("application", "appli- cation").replace("£1,450", "£1,450 "),
        GRANT.replace(" a new roof", " new roof"),
        GRANT.replace("members", "member"),
        GRANT.replace(" and ", "\n\nand "),
        f"14. {GRANT}",
        GRANT.upper(),
        GRANT.replace(" ", "&nbsp;"),
    ],
    ids=["misread", "hyphen", "article", "ending", "lines", "number", "capitals", "entities"],
)
def test_the_same_words_printed_otherwise_go_behind(other: str) -> None:
    ((row, also),) = shown([passage(GRANT), passage(other, document="pack")])
    assert (row, [one.row for one in also]) == (0, [1])


def test_a_lost_amendment_and_the_carried_motion_stay_apart() -> None:
    motion = (
        "That the Council keeps its seven libraries open on Saturdays until the review of the service is complete. "
    )
    vote = "On being put to the vote the {} was declared to be {}."
    carried, lost = motion + vote.format("motion", "CARRIED"), motion + vote.format("amendment", "LOST")
    assert not near_duplicates(passage(carried), passage(lost, document="b"))


def test_an_outcome_that_only_one_copy_has_is_not_hidden() -> None:
    """The passage that was cut before the vote goes behind the one that has it, wherever it ranks."""
    voted = f"{GRANT} On being put to the vote the motion was lost."
    assert shown([passage(GRANT), passage(voted, document="b")]) == [(1, (Behind(0, False),))]
    assert shown([passage(voted), passage(GRANT, document="b")]) == [(0, (Behind(1, False),))]


def test_a_recommendation_is_never_put_together_with_the_decision() -> None:
    assert not near_duplicates(passage(GRANT), passage(GRANT, document="b", kind="agenda"))


def test_the_same_words_of_another_authority_stay_apart() -> None:
    assert not near_duplicates(passage(GRANT), passage(GRANT, document="b", authority="Tolworth Town Council"))


def test_the_same_words_at_another_meeting_stand_behind_and_are_marked() -> None:
    ranked = [
        passage(SHORT),
        passage(SHORT, document="b", day="2024-04-09"),
        passage(SHORT, document="c", day="2024-05-07"),
    ]
    assert shown(ranked) == [(0, (Behind(1, True), Behind(2, True)))]


def test_nearly_the_same_words_at_another_meeting_stay_apart() -> None:
    other = passage(GRANT.replace(" a new roof", " new roof"), document="b", day="2024-04-09")
    assert not near_duplicates(passage(GRANT), other)


def test_a_short_decision_with_a_sum_is_a_decision_of_its_own_at_each_meeting() -> None:
    text = "A grant of £500 to the bowls club was agreed."
    assert not near_duplicates(passage(text), passage(text, document="b", day="2025-02-06"))
    assert near_duplicates(passage(text), passage(text, document="b"))


def test_the_same_short_words_about_another_item_stay_apart() -> None:
    noted = "RESOLVED: That the report be noted."
    assert not near_duplicates(passage(noted), passage(noted, document="b", heading="Library opening hours"))
    assert near_duplicates(passage(noted), passage(noted, document="b"))


def test_an_answer_given_twice_in_one_record_stays_twice() -> None:
    assert not near_duplicates(passage(GRANT), passage(GRANT, heading="Question by Councillor Moss"))


def test_where_the_meeting_is_unknown_only_long_texts_may_differ_in_print() -> None:
    unknown = {"document": "pack", "authority": None, "committee": None, "day": None}
    assert near_duplicates(passage(GRANT), passage(GRANT.replace("a new roof", "new roof"), **unknown))
    assert near_duplicates(passage(SHORT), passage(SHORT, **unknown))
    assert not near_duplicates(passage(SHORT), passage(SHORT.replace("The bowling", "Bowling"), **unknown))


def test_a_figure_at_the_beginning_is_no_number_of_an_item() -> None:
    text = "{} homes are to be built on the former station yard, a third of them for rent by people of the town."
    assert not near_duplicates(passage(text.format(140)), passage(text.format(410), document="b"))


def test_the_preferred_passage_is_shown_in_the_place_of_the_best_ranked() -> None:
    ranked = [
        passage("Another matter altogether was considered by the members present."),
        passage(GRANT, document="pack", preference=(0, 1)),
        passage(SHORT),
        passage(GRANT, document="minutes", preference=(1, 0)),
    ]
    assert shown(ranked) == [(0, ()), (3, (Behind(1, True),)), (2, ())]


def test_a_group_has_the_score_of_its_best() -> None:
    ranked = [passage(GRANT, preference=(0,)), passage(SHORT), passage(GRANT, document="b", preference=(1,))]
    groups = collapse([(0, 0.9), (1, 0.8), (2, 0.7)], lambda rows: {r: ranked[r] for r in rows}, 10)
    assert [(group.row, group.score) for group in groups] == [(2, 0.9), (1, 0.8)]


def test_no_more_is_read_than_needed_and_what_follows_still_goes_behind() -> None:
    """Of a long list, the copy that follows the last one shown is found, and the far end is never read."""
    texts = [f"Item {row} concerns the lane called {chr(65 + row % 26)}{row} and its drains." for row in range(1000)]
    asked: list[int] = []

    def read(rows: Sequence[int]) -> Mapping[int, Candidate]:
        asked.extend(rows)
        return {row: passage(texts[row if row != 15 else 3], document=str(row)) for row in rows}

    groups = collapse([(row, 1.0) for row in range(1000)], read, 10)
    assert [group.row for group in groups] == list(range(10))
    assert groups[3].also == (Behind(15, True),)
    assert len(asked) == len(set(asked)) <= 10 + AHEAD + 10


def test_every_passage_of_a_short_list_is_shown_or_stands_behind_one() -> None:
    ranked = [passage(text, document=str(n)) for n in range(4) for text in (GRANT, SHORT, f"{SHORT} {n}")]
    groups = shown(ranked, 100)
    assert sorted([row for row, _ in groups] + [one.row for _, also in groups for one in also]) == list(range(12))


def test_rows_that_cannot_be_read_are_passed_over() -> None:
    groups = collapse([(1, 0.9), (2, 0.8)], lambda rows: {2: passage(SHORT)} if 2 in rows else {}, 5)
    assert [group.row for group in groups] == [2]


def test_a_copy_far_behind_its_page_is_shown_on_a_later_one() -> None:
    """The first page was shown without it: were it put behind there, no page would show it."""
    texts = [f"Item {row} concerns the lane called {chr(65 + row % 26)}{row} and its drains." for row in range(200)]
    texts[90], texts[30] = texts[3], texts[4]
    ranked = [(row, 1.0) for row in range(200)]

    def read(rows: Sequence[int]) -> Mapping[int, Candidate]:
        return {row: passage(texts[row], document=str(row)) for row in rows}

    seen: list[int] = []
    for wanted in range(10, 220, 10):
        groups, more = grouped(ranked, read, wanted, page=10)
        new = groups[wanted - 10 :]
        seen += [row for group in new for row in (group.row, *(one.row for one in group.also))]
        assert more == (len(seen) < 200)
        if not more:
            break
    assert sorted(seen) == list(range(200))
    assert seen.index(30) < 10
    assert seen.index(90) > 80


def test_in_the_order_of_days_the_latest_keeps_its_place() -> None:
    """By preference the older, approved record would be shown first, in the place of the newer."""
    old, new = (passage(f"{GRANT} {GRANT}", document=day, day=day) for day in ("2023-02-07", "2024-02-06"))
    ranked = [new, replace(old, preference=(1,))]
    read = dict(enumerate(ranked))
    pairs = [(0, 0.9), (1, 0.8)]
    (dated,), _ = grouped(pairs, lambda rows: {row: read[row] for row in rows}, 10, by_day=True)
    (ranked_group,), _ = grouped(pairs, lambda rows: {row: read[row] for row in rows}, 10)
    assert (dated.row, ranked_group.row) == (0, 1)
