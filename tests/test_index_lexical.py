"""Lexical queries: alternatives, phrases, exclusions, filters and what matches, on a real index."""

import time
from pathlib import Path

import numpy as np
import pytest

from corpus.filters import Filters
from index.analysis import terms
from index.lexical import Entry, LexicalIndex, LexicalQuery, plain_query

BOOSTS = (1.0, 0.5, 0.5)
TEXTS = {
    1: ("The care leaver was housed by the county.", "Housing"),
    2: ("Leaver of the care home; care was taken.", "Homes"),
    3: ("Care leavers and foster carers spoke of housing.", "Fostering"),
    4: ("Potholes and carriageway repairs.", "Care leavers"),
    5: ("Street lighting.", "Highways"),
    6: ("Looked after children in residential homes.", "Children"),
}
MADE = {1: "Kent", 2: "Kent", 3: "Medway", 4: "Medway", 5: None, 6: None}


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    made = LexicalIndex(tmp_path / "lexical")
    made.update((entry(row) for row in TEXTS), [])
    return made


def entry(row: int) -> Entry:
    body, heading = TEXTS[row]
    authority = MADE[row] and f"{MADE[row]} County Council"
    day = f"2024-0{row}-01" if row < 6 else None
    return Entry(row, body, heading, authority or "", authority, "Cabinet", ("minutes",), day, f"d{row % 2}")


def words(text: str) -> tuple[str, ...]:
    return tuple(terms(text))


def query(text: str, phrases: tuple[str, ...] = (), excluded: tuple[str, ...] = ()) -> LexicalQuery:
    groups = plain_query(terms(text)).groups
    return LexicalQuery(groups, tuple(map(words, phrases)), tuple(map(words, excluded)))


def rows(index: LexicalIndex, asked: LexicalQuery, filters: Filters | None = None) -> list[int]:
    return index.search(asked, 10, filters or Filters(), BOOSTS)[0]


def test_repeated_terms_count_once(index: LexicalIndex) -> None:
    once = index.search(plain_query(terms("care housing")), 10, Filters(), BOOSTS)
    assert index.search(plain_query(terms("care housing, care and care")), 10, Filters(), BOOSTS) == once


def test_phrases_must_occur_as_runs_of_terms_in_words_or_heading(index: LexicalIndex) -> None:
    assert set(rows(index, query("care leaver"))) == {1, 2, 3, 4}
    assert set(rows(index, query("care leaver", phrases=("care leavers",)))) == {1, 3, 4}
    assert set(rows(index, query("care", phrases=("care leaver", "housing")))) == {1, 3}
    assert rows(index, query("housing", phrases=("leaver care housing",))) == []


def test_phrase_of_a_name_alone_is_not_in_what_a_passage_says(index: LexicalIndex) -> None:
    assert rows(index, query("care", phrases=("Kent",))) == []
    assert set(rows(index, query("Kent"))) == {1, 2}


def test_exclusions_hold_in_words_heading_and_names(index: LexicalIndex) -> None:
    assert set(rows(index, query("care", excluded=("foster",)))) == {1, 2, 4}
    assert set(rows(index, query("care", excluded=("care leaver",)))) == {2}
    assert set(rows(index, query("care", excluded=("Kent", "potholes")))) == {3}


def test_phrases_and_exclusions_do_not_change_the_scores(index: LexicalIndex) -> None:
    plain = dict(zip(*index.search(query("care leaver housing"), 10, Filters(), BOOSTS), strict=True))
    fewer = index.search(query("care leaver housing", ("care leaver",), ("potholes",)), 10, Filters(), BOOSTS)
    assert len(fewer[0]) == 2
    assert all(score == pytest.approx(plain[row]) for row, score in zip(*fewer, strict=True))


def test_phrases_alone_rank_and_exclusions_alone_find_nothing(index: LexicalIndex) -> None:
    found, scores = index.search(query("", phrases=("care leaver",)), 10, Filters(), BOOSTS)
    assert set(found) == {1, 3, 4}
    assert all(score > 0 for score in scores)
    assert rows(index, query("", excluded=("care",))) == []


def test_alternative_finds_what_the_word_does_not_and_weighs_less(index: LexicalIndex) -> None:
    potholes, carriageway = words("potholes carriageway")
    lighting = words("lighting")[0]
    narrow, _ = index.search(plain_query([potholes]), 10, Filters(), BOOSTS)
    assert narrow == [4]
    both = LexicalQuery(groups=(((potholes, 1.0), (lighting, 0.3)),))
    found, scores = index.search(both, 10, Filters(), BOOSTS)
    assert found == [4, 5]
    alone = index.search(plain_query([lighting]), 10, Filters(), BOOSTS)[1][0]
    assert scores[1] == pytest.approx(0.3 * alone)
    same = LexicalQuery(groups=(((potholes, 1.0), (carriageway, 0.5)),))
    assert (
        index.search(same, 10, Filters(), BOOSTS)[1] == index.search(plain_query([potholes]), 10, Filters(), BOOSTS)[1]
    )


@pytest.mark.parametrize(
    ("share", "expected"), [(0.01, [1, 2, 3, 4, 6]), (0.5, [1, 2, 3, 4]), (0.67, [1, 3]), (1.0, [1, 3])]
)
def test_matching_needs_a_share_of_the_words(index: LexicalIndex, share: float, expected: list[int]) -> None:
    leaver, care = words("leaver care")
    asked = LexicalQuery(
        groups=(((care, 1.0),), ((leaver, 1.0),), ((words("housing")[0], 1.0), (words("child")[0], 0.2)))
    )
    found = index.matching(asked, Filters(), share)
    assert found.dtype == np.int64
    assert found.tolist() == expected


def test_matching_obeys_phrases_exclusions_and_filters(index: LexicalIndex) -> None:
    asked = query("care leaver", phrases=("care leaver",), excluded=("potholes",))
    assert index.matching(asked, Filters(), 1.0).tolist() == [1, 3]
    assert index.matching(asked, Filters(authorities=("Medway County Council",)), 1.0).tolist() == [3]
    assert index.matching(LexicalQuery(), Filters(), 1.0).tolist() == []
    assert index.matching(query("", phrases=("care leaver",)), Filters(), 1.0).tolist() == [1, 3, 4]


def test_rows_of_phrases_and_exclusions_tell_what_dense_search_may_find(index: LexicalIndex) -> None:
    asked = query("x", phrases=("care leaver", "housing"), excluded=("potholes", "Medway"))
    assert index.phrase_rows(asked).tolist() == [1, 3]
    assert index.excluded_rows(asked).tolist() == [3, 4]
    assert index.phrase_rows(query("care")).size == index.excluded_rows(query("care")).size == 0


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(documents=("d1",)), {1, 3}),
        (Filters(documents=("d1", "d0")), {1, 2, 3, 4}),
        (Filters(documents=("other",)), set()),
        (Filters(authorities=("Kent County Council",)), {1, 2}),
        (Filters(regions=("South East",)), {1, 2}),
        (Filters(regions=("Wales",)), set()),
        (Filters(types=("County",), date_from="2024-02-01"), {2}),
    ],
)
def test_filters_are_part_of_the_query(index: LexicalIndex, filters: Filters, expected: set[int]) -> None:
    assert set(rows(index, query("care"), filters)) == expected
    assert set(index.matching(query("care"), filters, 1.0).tolist()) == expected


def test_unknown_authority_and_date_pass_only_where_said(index: LexicalIndex) -> None:
    asked = query("care lighting children")
    kent = ("Kent County Council",)
    assert set(rows(index, asked, Filters(authorities=kent))) == {1, 2}
    assert set(rows(index, asked, Filters(authorities=kent, unknown_too=("authority",)))) == {1, 2, 5, 6}
    assert set(rows(index, asked, Filters(date_from="2024-04-01"))) == {4, 5}
    assert set(rows(index, asked, Filters(date_from="2024-04-01", unknown_too=("date",)))) == {4, 5, 6}


def test_document_frequency_and_vocabulary_follow_what_is_held(index: LexicalIndex) -> None:
    care, kent = words("care Kent")
    assert index.document_frequency(care) == 4
    assert index.document_frequency(kent) == 2
    assert index.document_frequency("absent") == 0
    assert index.terms()[care] == 3
    assert care in index.terms(3)
    assert words("potholes")[0] not in index.terms(2)
    index.update([], [1, 4])
    assert index.document_frequency(care) == 2
    assert index.matching(query("care"), Filters(), 1.0).tolist() == [2, 3]


def test_empty_index_finds_nothing(tmp_path: Path) -> None:
    empty = LexicalIndex(tmp_path / "empty")
    assert empty.matching(query("care"), Filters(), 1.0).tolist() == []
    assert empty.phrase_rows(query("x", phrases=("care",))).tolist() == []
    assert empty.terms() == {}


def test_an_opened_index_keeps_its_state_until_it_is_opened_anew(index: LexicalIndex, tmp_path: Path) -> None:
    reader = LexicalIndex(tmp_path / "lexical")
    index.update((entry(row) for row in (1, 2)), [4, 5])
    time.sleep(1.5)  # readers of tantivy look for changes twice a second, unless told not to
    assert sorted(reader.rows()) == sorted(TEXTS)
    assert rows(reader, query("potholes")) == [4]
    assert rows(LexicalIndex(tmp_path / "lexical"), query("potholes")) == []
