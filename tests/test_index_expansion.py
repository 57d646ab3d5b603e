"""Widening a query by the thesaurus: what is added, what is not, and a user's own file."""

from pathlib import Path

import pytest

from corpus.errors import SourceError
from index.analysis import phrase_terms, query_terms, terms
from index.understanding.expansion import MAX_ADDED, Expansion, Thesaurus, expand, groups, load

HEADER = "id,terms,kind,note\n"


@pytest.fixture(scope="module")
def thesaurus() -> Thesaurus:
    return load()


def own(tmp_path: Path, rows: str) -> Thesaurus:
    file = tmp_path / "own.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    return load(file)


def concepts(text: str, thesaurus: Thesaurus) -> list[str]:
    return [one.concept for one in expand(text, thesaurus)]


@pytest.mark.parametrize(
    "written", ["care leaver", "care leavers'", "care-leaver", "Care Leaver’s", "former relevant children"]
)
def test_a_term_is_found_however_it_is_written(written: str, thesaurus: Thesaurus) -> None:
    query = f"What do {written} need?"
    (found,) = expand(query, thesaurus)
    assert found.concept == "care-leaver"
    assert query[found.start : found.end] == found.found == written.removesuffix("'")
    assert not {tuple(terms(added)) for added in found.added} & {tuple(terms(written))}


@pytest.mark.parametrize(
    ("query", "added"),
    [
        ("looked after children", "LAC"), ("children in care", "child looked after"),
        ("EHCPs", "education health and care plan"), ("bin collections", "refuse collection"),
        ("s.106 money", "planning obligation"), ("burial grounds", "cemetery"),
        ("HMOs", "house in multiple occupation"),
        ("low-traffic neighbourhoods", "LTN"), ("A&E waits", "emergency department"),
        ("fly tipping", "illegal dumping"),
    ],
)  # fmt: skip
def test_other_words_are_added(query: str, added: str, thesaurus: Thesaurus) -> None:
    assert added in {word for one in expand(query, thesaurus) for word in one.added}


@pytest.mark.parametrize(
    "query",
    [
        "mash potato", "lac", "please send a letter", "child care costs", "hedgehog crossings", "the cat and the cab",
        "bid for money", "salt on roads", "zebra crossings", "",
    ],
)  # fmt: skip
def test_what_means_something_else_is_left_alone(query: str, thesaurus: Thesaurus) -> None:
    assert expand(query, thesaurus) == ()


def test_the_longer_of_two_terms_counts(tmp_path: Path) -> None:
    thesaurus = own(
        tmp_path, "one,village square|duck water,synonym,\ntwo,village square warden|keeper of ducks,synonym,\n"
    )
    assert concepts("the village square warden", thesaurus) == ["two"]
    assert concepts("the village square and the village square warden", thesaurus) == ["one", "two"]


def test_the_first_term_of_a_narrower_row_is_widened_and_the_others_are_not(thesaurus: Thesaurus) -> None:
    assert "zebra crossing" in expand("pedestrian crossings", thesaurus)[0].added
    assert "pedestrian-crossing" not in concepts("zebra crossings", thesaurus)


def test_what_the_query_names_already_is_not_added(thesaurus: Thesaurus) -> None:
    found = expand("low traffic neighbourhoods (LTN)", thesaurus)
    assert {one.concept for one in found} == {"ltn"}
    assert all(set(one.added) == {"liveable neighbourhood"} for one in found)


def test_groups_let_a_phrase_stand_for_each_word_it_replaces(tmp_path: Path) -> None:
    thesaurus = own(tmp_path, "pond,village square|communal duck water,synonym,\n")
    query = "cleaning the village square"
    found = expand(query, thesaurus)
    by_word = {group[0][0]: dict(group[1:]) for group in groups(query, found)}
    phrase = " ".join(terms("communal duck water"))
    (village, pond, cleaning) = (terms(word)[0] for word in ("village", "square", "cleaning"))
    assert by_word[cleaning] == {}
    assert set(by_word[village]) == set(by_word[pond]) == {phrase}
    assert 0 < by_word[village][phrase] + by_word[pond][phrase] <= 1


def test_groups_without_expansions_are_the_words_of_the_query() -> None:
    query = "What was said about libraries?"
    assert groups(query, ()) == tuple(((word, weight),) for word, weight in query_terms(query).items())


def test_an_expansion_switched_off_leaves_no_trace(thesaurus: Thesaurus) -> None:
    query = "CCTV and potholes"
    kept = [one for one in expand(query, thesaurus) if one.concept == "cctv"]
    looked_for = " ".join(word for group in groups(query, kept) for word, _ in group)
    assert "camera" in looked_for
    assert "carriageway" not in looked_for


# -- the file that comes with Minutebook ------------------------------------------------------------------


def test_every_term_of_ours_is_found_and_adds_a_handful(thesaurus: Thesaurus) -> None:
    assert len(thesaurus.concepts) >= 250
    for concept in thesaurus.concepts.values():
        widening = concept.terms[:1] if concept.kind == "narrower" else concept.terms
        added: list[Expansion] = []
        for term in widening:
            found = [one for one in expand(term.removeprefix("^"), thesaurus) if one.concept == concept.id]
            assert all(len(one.added) <= MAX_ADDED for one in found)
            added += found
        assert added, f"{concept.id} widens nothing"


def test_what_ours_adds_is_looked_for_by_words(thesaurus: Thesaurus) -> None:
    for concept in thesaurus.concepts.values():
        for term in concept.terms:
            assert phrase_terms(term.removeprefix("^")), term


# -- a user's own file ------------------------------------------------------------------------------------


def test_own_rows_add_to_ours_and_take_their_place(tmp_path: Path) -> None:
    thesaurus = own(
        tmp_path, 'duck,"village square|piazza, rural",synonym,\ncctv,CCTV|watching eye,abbreviation,ours\n'
    )
    assert concepts("village square and potholes", thesaurus) == ["duck", "pothole"]
    assert [one.added for one in expand("CCTV", thesaurus)] == [("watching eye",)]


def test_an_own_row_without_terms_takes_ours_out(tmp_path: Path) -> None:
    assert concepts("CCTV", own(tmp_path, "cctv,,synonym,not wanted\n")) == []


def test_an_own_abbreviation_counts_as_written(tmp_path: Path) -> None:
    thesaurus = own(tmp_path, "fun,^FUN|friends of uptown nature,abbreviation,\n")
    assert concepts("FUN grant", thesaurus) == ["fun"]
    assert concepts("fun grant", thesaurus) == []


def test_own_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_bytes((HEADER + "duck,village square|duck water,synonym,\n").replace("\n", "\r\n").encode("utf-8-sig"))
    assert "duck" in load(file).concepts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,words\n", "line 1: the columns must be id, terms, kind, note"),
        ("", "line 1: the columns must be"),
        (HEADER + "a,b|c,synonym,\nd,e|f,alike,\n", "line 3: the kind is 'alike'"),
        (HEADER + "a,only one,synonym,\n", "line 2: there is one term only"),
        (HEADER + ",one|two,synonym,\n", "line 2: the id is missing"),
        (HEADER + "a,one|the,synonym,\n", "line 2: the term 'the' has no word"),
        (HEADER + "a,one||two,synonym,\n", "line 2: the term '' has no word"),
        (HEADER + "a,one|two,with, commas,synonym,\n", "line 2: 6 cells"),
        (HEADER + "a,one|two,synonym,\n\na,three|four,synonym,\n", "line 4: the id 'a' stands there twice"),
    ],
)
def test_malformed_file_is_refused_with_the_line(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        load(file)


def test_missing_and_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.csv cannot be read"):
        load(tmp_path / "nowhere.csv")
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + b"a,caf\xe9|bar,synonym,\n")
    with pytest.raises(SourceError, match=r"latin\.csv cannot be read as UTF-8"):
        load(tmp_path / "latin.csv")
