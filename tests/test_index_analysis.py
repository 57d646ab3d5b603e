"""How text becomes terms: different ways of writing the same thing, and things that must stay apart."""

from itertools import pairwise

import pytest

from index.analysis import highlights, phrase_terms, query_terms, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("co-operation", "cooperation"), ("anti-social", "antisocial"), ("anti-social", "anti social"),
        ("well-being", "wellbeing"), ("well being", "wellbeing"), ("multi-agency", "multi agency"),
        ("re-opened", "reopened"), ("e-mail", "email"), ("by-election", "byelection"), ("bye-laws", "bylaws"),
        ("care-leaver", "care leavers"), ("low-traffic", "low traffic"), ("fly-tipping", "flytipping"),
        ("street-lights", "streetlights"), ("potholes", "pot holes"),
        ("children's", "child"), ("councillors’", "councillor"), ("O'Brien", "O’Brien"), ("it's", "it"),
        ("£1.75m", "£1.75 million"), ("£1.75m", "£1,750,000"), ("1.75 million", "1750000"), ("£500k", "£500,000"),
        ("22,866", "22866"), ("£22,866", "22,866"), ("1.5%", "1.5 %"),
        ("2025-26", "2025/26"), ("2025–26", "2025/2026"),
        ("S.106", "section 106"), ("s106", "Section 106"), ("C.C.T.V.", "CCTV"), ("A & E", "A&E"),
        ("Llŷn", "Llyn"), ("Mo\u0302n", "Môn"), ("coun\u00adty", "county"), ("HMOs", "HMO"), ("PSPOs", "pspo"),
        ("organization", "organisation"), ("analyzed", "analysed"), ("program", "programme"), ("paid", "pay"),
        ("enquiry", "inquiry"), ("closures", "closed"), ("Cllr", "councillor"),
    ],
)  # fmt: skip
def test_ways_of_writing_are_one(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "15"), ("22,866", "22"), ("£1.75m", "1.75"), ("2025-26", "2025-27"), ("24.05.2024", "24.05"),
        ("size", "sise"), ("seized", "sized"), ("section 106", "section 107"),
        ("child care", "children in care home"), ("SEND", "send"), ("BID", "bid"),
    ],
)  # fmt: skip
def test_other_things_stay_apart(one: str, other: str) -> None:
    assert terms(one) != terms(other)


def test_a_possessive_leaves_no_letter_behind() -> None:
    assert terms("the children's and members' views") == terms("children members views")


def test_part_of_an_amount_is_not_the_amount() -> None:
    assert not set(terms("£22,866")) & set(terms("22 of 866 houses"))


def test_a_year_finds_the_financial_year_that_begins_in_it() -> None:
    assert set(terms("2025")) < set(terms("the 2025-26 budget"))


def test_years_that_do_not_follow_each_other_are_two() -> None:
    assert terms("2019-2024") == ["2019", "2024"]


def test_capitals_tell_an_abbreviation_from_a_word() -> None:
    assert set(terms("send")) < set(terms("SEND"))
    assert not set(query_terms("SEND")) & set(terms("please send"))


@pytest.mark.parametrize("phrase", ["SEND", "SEND tribunal", "local SEND offer", "cost of SEND"])
def test_a_phrase_with_an_abbreviation_stands_in_the_text_as_such(phrase: str) -> None:
    def holds(text: str) -> bool:
        read, run = terms(text), phrase_terms(phrase)
        return any(read[at : at + len(run)] == run for at in range(len(read)))

    assert holds(f"The {phrase} was discussed.")
    assert not holds(f"The {phrase.lower()} was discussed.")


def test_words_that_frame_a_question_weigh_less() -> None:
    weights = query_terms("Summarise the discussion about the budget for libraries at the meeting")
    assert list(weights) == terms("summarise discussion budget libraries meeting")
    full = {found for found, weight in weights.items() if weight == 1.0}
    assert full == set(terms("budget libraries"))
    assert all(0 < weight < 1 for found, weight in weights.items() if found not in full)


def test_framing_words_count_in_full_where_there_are_no_others() -> None:
    assert query_terms("discussion of ideas") == dict.fromkeys(terms("discussion ideas"), 1.0)


@pytest.mark.parametrize("text", ["", "  ", "the of and", "?!", "£", "&", "'", "-"])
def test_nothing_to_look_for(text: str) -> None:
    assert terms(text) == []
    assert query_terms(text) == {}
    assert highlights(text, "budget") == highlights("budget", text) == []


def marked(text: str, query: str, extra: tuple[str, ...] = ()) -> list[str]:
    return [text[start:end] for start, end in highlights(text, query, extra)]


def test_highlights_cover_whole_amounts_and_compounds() -> None:
    text = "Members set aside £1.75 million for anti social behaviour in 2025/26; 1,750 replied."
    assert marked(text, "£1.75m antisocial 2025-26") == ["£1.75 million", "anti social", "2025/26"]


def test_highlights_leave_out_what_frames_the_question() -> None:
    assert marked("They discussed the budget.", "What was discussed about the budget?") == ["budget"]


def test_other_words_are_highlighted_where_they_stand_together() -> None:
    text = "A former relevant child may apply; a child with a relevant need, who formerly could not, may not."
    assert marked(text, "care leavers", ("former relevant child",)) == ["former", "relevant", "child"]


def test_highlights_of_an_abbreviation_in_capitals_leave_the_word_alone() -> None:
    assert marked("Send the SEND report.", "special needs", ("SEND",)) == ["SEND"]


def test_highlights_are_in_order_and_do_not_overlap() -> None:
    text = "Council tax support, council tax reduction and support for council tax payers."
    spans = highlights(text, "council tax support", ("council tax reduction", "tax support", "council tax"))
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_long_and_odd_text_is_read() -> None:
    assert terms("£" * 50_000) == []
    assert len(terms("9" * 50_000)) == 1
    assert terms("a." * 50_000)
    assert terms("1," * 50_000)
