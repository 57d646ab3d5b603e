"""Search: filters before ranking, answers without surprises, and fast paths equal to exhaustive ones."""

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, QueryError
from corpus.filters import Filters, matching_rows, resolve
from index.analysis import highlights, term, terms
from index.build import index_directory, update
from index.dense import DenseIndex
from index.encoder import Encoder
from index.generations import current
from index.search import MAX_QUERY, Hit, Searcher
from ingest.pipeline import ingest

CARE = "How did councils handle contact with care leavers?"
EASTMARSH = "London Borough of Eastmarsh"
THORNBY = "Thornby Magna Parish Council"
FILTERS = [
    Filters(),
    Filters(authorities=(EASTMARSH,)),
    Filters(authorities=(EASTMARSH, THORNBY)),
    Filters(committees=("Cabinet",)),
    Filters(kinds=("decision",)),
    Filters(kinds=("decision", "agenda"), committees=("scrutiny",)),
    Filters(date_from="2023-03-22", date_to="2024-05-13"),
    Filters(date_from="2026-06-25"),
    Filters(date_to="2019-12-09"),
    Filters(authorities=(THORNBY,), kinds=("minutes",), date_from="2024-05-13", date_to="2024-05-13"),
    Filters(authorities=(THORNBY,), date_from="2025-01-01", date_to="2025-12-31"),
]


def scores_of(hits: Sequence[Hit]) -> list[float]:
    return [hit.score for hit in hits]


def test_hits_are_ranked_from_one_and_scores_do_not_rise(searcher: Searcher) -> None:
    hits = searcher.search(CARE, k=20).hits
    assert [hit.rank for hit in hits] == list(range(1, 21))
    assert all(before >= after for before, after in pairwise(scores_of(hits)))
    assert len({hit.passage_id for hit in hits}) == 20


def test_hit_is_verbatim_and_resolves_to_its_document(searcher: Searcher) -> None:
    for hit in searcher.search(CARE, k=20).hits:
        document = searcher.catalogue.document(hit.document_id)
        assert hit.text == document.text[hit.start : hit.end]
        assert document.meeting_date.value == hit.meeting_date
        assert searcher.passage(hit.passage_id).text == hit.text
        assert all(0 <= start < end <= len(hit.text) for start, end in hit.highlights)


def test_highlights_are_the_words_that_share_a_term_with_the_query(searcher: Searcher) -> None:
    hit = searcher.search("licensing of rented homes", k=1).hits[0]
    words = {hit.text[start:end].lower() for start, end in hit.highlights}
    assert words
    assert {term(word) for word in words} <= set(terms("licensing of rented homes"))


def test_same_query_gives_the_same_hits(searcher: Searcher) -> None:
    assert searcher.search(CARE, k=50) == searcher.search(f"  {CARE} \n", k=50)


@pytest.mark.parametrize(
    "authority", [THORNBY, "Strathbrannoch Council", "Cyngor Sir Llanafan / Llanafan County Council"]
)
def test_filter_to_one_authority_still_fills_k(searcher: Searcher, authority: str) -> None:
    """Others score higher: were the filter applied to the best hits alone, few would be left."""
    query = "minutes of the previous meeting and apologies for absence"
    unfiltered = [hit.authority for hit in searcher.search(query, k=5).hits]
    hits = searcher.search(query, Filters(authorities=(authority,)), k=5).hits
    assert unfiltered.count(authority) < 5
    assert [hit.authority for hit in hits] == [authority] * 5


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_lexical_and_dense_find_only_what_the_filters_let_through(searcher: Searcher, filters: Filters) -> None:
    resolved = resolve(searcher.catalogue, filters)
    allowed = set(matching_rows(searcher.catalogue, resolved))
    every_word = " ".join(row[0] for row in searcher.catalogue.connection.execute("SELECT text FROM documents"))
    lexical, dense = searcher.candidates(every_word, resolved)
    assert set(lexical) == allowed
    assert set(dense) == allowed


def test_dates_are_inclusive(searcher: Searcher) -> None:
    for day in ("2024-05-13", "2019-12-09"):
        hits = searcher.search("minutes of the meeting", Filters(date_from=day, date_to=day)).hits
        assert {hit.meeting_date for hit in hits} == {day}


def test_part_of_a_committee_name_finds_every_committee_that_holds_it(searcher: Searcher) -> None:
    hits = searcher.search(CARE, Filters(committees=("scrutiny",)), k=50).hits
    found = {hit.committee for hit in hits}
    assert len(found) >= 3
    assert all("Scrutiny" in (committee or "") for committee in found)


def test_kind_filter_gives_passages_of_that_kind(searcher: Searcher) -> None:
    hits = searcher.search("selective licensing", Filters(kinds=("agenda",))).hits
    assert hits
    assert {hit.kind for hit in hits} == {"agenda"}
    assert "decision" in {hit.kind for hit in searcher.search("selective licensing", Filters(kinds=("decision",))).hits}


def test_result_says_how_much_was_searched(searcher: Searcher) -> None:
    everything = searcher.search(CARE)
    assert (everything.searched_documents, everything.searched_authorities) == (26, 8)
    one = searcher.search(CARE, Filters(authorities=("thornby magna",)))
    assert (one.searched_documents, one.searched_authorities) == (2, 1)
    assert one.filters.authorities == (THORNBY,)


def test_unknown_authority_names_the_nearest(searcher: Searcher) -> None:
    with pytest.raises(QueryError, match=r"Did you mean .*London Borough of Eastmarsh"):
        searcher.search(CARE, Filters(authorities=("London Borough of Estmarsh",)))


@pytest.mark.parametrize("query", ["", "   ", "\n\t\u00a0"])
def test_empty_query_is_refused(searcher: Searcher, query: str) -> None:
    with pytest.raises(QueryError, match="query is empty"):
        searcher.search(query)


def test_query_of_ten_thousand_letters_is_refused_in_one_line(searcher: Searcher) -> None:
    with pytest.raises(QueryError, match="10,000 characters, the limit is 1,000: shorten it") as caught:
        searcher.search("x" * 10_000)
    assert len(str(caught.value)) < 200


def test_query_at_the_limit_is_answered(searcher: Searcher) -> None:
    query = ("care leavers " * 100)[:MAX_QUERY].strip()
    assert searcher.search(query).hits


@pytest.mark.parametrize("k", [0, -1, 101])
def test_k_out_of_range_is_refused(searcher: Searcher, k: int) -> None:
    with pytest.raises(QueryError, match=f"k is {k}: choose a number from 1 to 100"):
        searcher.search(CARE, k=k)


@pytest.mark.parametrize(
    "query", ["xqzzt wvvkj ploorf", "asdf ghjkl", "fjdksl qweruio", "zzzzzzzz", "qwpo 98237498237"]
)
def test_nonsense_finds_nothing(searcher: Searcher, query: str) -> None:
    assert searcher.search(query).hits == ()


@pytest.mark.parametrize(
    "query", ["?!", "the of and", "“”", '"unclosed AND (', "title:x OR *", "a\\b [1 TO 2]", "💧" * 30]
)
def test_query_of_signs_or_stop_words_does_not_fail(searcher: Searcher, query: str) -> None:
    assert len(searcher.search(query, k=5).hits) <= 5


def test_unknown_passage_is_not_found(searcher: Searcher) -> None:
    with pytest.raises(NotFoundError, match="No passage has the id 'abc'"):
        searcher.passage("abc")


def dense_of(searcher: Searcher) -> DenseIndex:
    """Read the dense index of the current generation."""
    generation = current(index_directory(searcher.catalogue))
    assert generation is not None
    return DenseIndex.read(generation.directory / "dense.faiss")


def brute_force(searcher: Searcher, query: str, rows: Sequence[int]) -> dict[int, float]:
    """Return the cosine of every passage, from the catalogue's vectors and not from FAISS."""
    vector = searcher.encoder.encode_queries([query])[0]
    return {
        row: float(np.frombuffer(blob, dtype="<f4") @ vector)
        for row, blob in searcher.catalogue.vectors(searcher.encoder.model_id, rows)
    }


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(authorities=(EASTMARSH,)), Filters(kinds=("decision",))], ids=str
)
def test_dense_search_equals_brute_force(searcher: Searcher, filters: Filters) -> None:
    rows = matching_rows(searcher.catalogue, filters)
    expected = brute_force(searcher, CARE, rows)
    _, found = searcher.candidates(CARE, filters)
    assert found.keys() == expected.keys()
    assert [found[row] for row in rows] == pytest.approx([expected[row] for row in rows], abs=1e-5)


def test_dense_search_to_a_depth_gives_the_best_ties_allowed(searcher: Searcher) -> None:
    rows = matching_rows(searcher.catalogue, Filters())
    expected = brute_force(searcher, CARE, rows)
    index = dense_of(searcher)
    found, scores = index.search(searcher.encoder.encode_queries([CARE])[0], 10)
    best = sorted(expected.values(), reverse=True)[:10]
    assert scores.tolist() == pytest.approx(best, abs=1e-5)
    assert [expected[row] for row in found.tolist()] == pytest.approx(best, abs=1e-5)


def test_dense_search_with_nothing_allowed_finds_nothing(searcher: Searcher) -> None:
    index = dense_of(searcher)
    rows, scores = index.search(searcher.encoder.encode_queries([CARE])[0], 10, only=[])
    assert (rows.size, scores.size) == (0, 0)


def test_lexical_search_finds_exactly_the_passages_with_a_term(searcher: Searcher) -> None:
    """The reference looks at each passage, its heading and its names, with the same analysis."""
    (wanted,) = terms("peppercorn")
    expected = {
        row[0]
        for row in searcher.catalogue.connection.execute(
            'SELECT p.row, substr(d.text, p.start + 1, p."end" - p.start) || " " || p.context || " " || d.title'
            " FROM passages p JOIN documents d USING (document_id)"
        )
        if wanted in terms(row[1])
    }
    lexical, _ = searcher.candidates("peppercorn", Filters())
    assert set(lexical) == expected != set()


@pytest.mark.parametrize(
    ("one", "other"),
    [("licence", "licensing"), ("resolved", "resolution"), ("children", "child"), ("Cyfarfôd", "cyfarfod"),
     ("bus", "buses"), ("travelled", "travel"), ("pools", "Pool")],
)  # fmt: skip
def test_forms_of_a_word_are_one_term(one: str, other: str) -> None:
    assert term(one) == term(other) is not None


@pytest.mark.parametrize(("one", "other"), [("care", "car"), ("20", "2"), ("new", "news"), ("housing", "houseboat")])
def test_other_words_are_other_terms(one: str, other: str) -> None:
    assert term(one) != term(other)


def test_highlight_offsets_point_at_words() -> None:
    text = "The Leavers’ café: leaver, leaving; LEAVERS."
    assert [text[start:end] for start, end in highlights(text, "care leavers")] == ["Leavers", "leaver", "LEAVERS"]


def test_documents_without_anything_known_are_found_and_say_so(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "a.txt").write_text("The geese on the green were counted.", encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([tmp_path / "a.txt"], catalogue, encoder)
    update(catalogue, encoder)
    (hit,) = Searcher(catalogue, encoder).search("geese").hits
    assert (hit.authority, hit.committee, hit.meeting_date, hit.url, hit.page) == (None, None, None, None, None)
    assert "Authority unknown" in hit.citation
    assert "date unknown" in hit.citation
    dated = Searcher(catalogue, encoder).search("geese", Filters(date_from="1900-01-01"))
    assert (dated.hits, dated.searched_documents) == ((), 0)


def test_a_search_ends_with_the_state_that_it_began_with(sample_data: Path, tmp_path: Path, encoder: Encoder) -> None:
    data = Path(shutil.copytree(sample_data, tmp_path / "data"))
    begun = Searcher(Catalogue(data), encoder)
    assert begun.renewed() is begun
    catalogue = Catalogue(data)
    catalogue.remove([catalogue.connection.execute("SELECT location FROM sources LIMIT 1").fetchone()[0]])
    update(catalogue, encoder)
    newer = begun.renewed()
    assert len(newer.columns) < len(begun.columns)
    everything = begun.columns.row.tolist()
    assert len(begun.vectors(everything)) == len(everything)
