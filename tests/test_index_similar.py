"""Precedents: the same matter at other authorities, over the samples with the real encoder and indexes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, QueryError
from corpus.filters import Filters
from index.boilerplate import boilerplate
from index.build import update
from index.encoder import Encoder
from index.hits import candidate, read
from index.matter import telling_terms
from index.search import Searcher
from index.similar import Target, find_target, similar
from ingest.pipeline import ingest
from webapp.commands.similar import similar as command

CARE = "How did councils handle contact with care leavers?"
EASTMARSH = "London Borough of Eastmarsh"


def first(searcher: Searcher, query: str, authority: str | None = None) -> str:
    """Return the passage id of the best hit of a search."""
    return searcher.search(query, Filters(authorities=(authority,) if authority else ()), k=1).hits[0].passage_id


def item_of(searcher: Searcher, passage_id: str) -> str:
    """Return the item that a passage belongs to, as the command line takes it."""
    hit = searcher.passage(passage_id)
    assert hit.item_number
    return f"{hit.document_id}:{hit.item_number}"


def test_precedents_come_from_other_authorities_and_are_of_the_matter(searcher: Searcher) -> None:
    """Of a passage on care leavers, at least two other authorities' passages on care leavers are found first."""
    passage = searcher.passage(first(searcher, CARE))
    result = similar(searcher, passage.passage_id)
    authorities = [hit.authority for hit in result.hits]
    assert passage.authority not in authorities
    assert len(set(authorities[:2])) == 2
    assert all("care" in hit.text.lower() for hit in result.hits[:2])
    assert [hit.rank for hit in result.hits] == list(range(1, len(result.hits) + 1))
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)


def test_an_item_is_found_by_its_number_and_stands_for_all_of_its_passages(searcher: Searcher) -> None:
    passage = searcher.passage(first(searcher, CARE, EASTMARSH))
    target = find_target(searcher.catalogue, item_of(searcher, passage.passage_id))
    assert (target.document_id, target.item_number) == (passage.document_id, passage.item_number)
    assert target.item_title == passage.item_title
    assert target.passage_id is None
    rows = searcher.catalogue.connection.execute(
        "SELECT row FROM passages WHERE document_id = ? AND item ="
        " (SELECT item FROM passages WHERE passage_id = ?) ORDER BY position",
        (passage.document_id, passage.passage_id),
    )
    assert target.rows == tuple(row[0] for row in rows)
    assert similar(searcher, item_of(searcher, passage.passage_id)).hits


def test_one_passage_a_meeting_and_none_that_is_formal(searcher: Searcher) -> None:
    hits = similar(searcher, first(searcher, CARE), k=50, same_authority=True).hits
    meetings = [(hit.authority, hit.committee, hit.meeting_date) for hit in hits]
    assert len(meetings) == len(set(meetings))
    assert not any(boilerplate(hit.text, hit.item_title) for hit in hits)


def test_its_own_document_is_never_found(searcher: Searcher) -> None:
    for query in (CARE, "leisure centre", "selective licensing of landlords", "budget and council tax"):
        passage = searcher.passage(first(searcher, query))
        hits = similar(searcher, passage.passage_id, k=100, same_authority=True).hits
        assert passage.document_id not in {hit.document_id for hit in hits}


MINUTES = "{name}\n\nMinutes of the meeting held on {day}.\n\n4. {title}\n\n{text}\n\n5. Car park\n\n{other}\n"
DEFIBRILLATOR = (
    "The council considered whether to buy a defibrillator for the old telephone box outside the shop. The ambulance "
    "service would train volunteers. It was agreed to buy the defibrillator and to keep its battery in order."
)
FITTED = (
    "A second defibrillator is to be fitted in the telephone box by the church. Volunteers are to be trained by the "
    "ambulance service, and the battery of the first defibrillator is to be replaced."
)
OFFERED = (
    "The ambulance service has offered a defibrillator for the telephone box at the green. It was agreed to have the "
    "defibrillator, and to ask for volunteers who would look after it."
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Searcher:
    """Three parishes' minutes with a defibrillator in them, one of the three twice, and matters of other kinds."""
    folder = tmp_path_factory.mktemp("parishes")
    for file, name, day, title, text in (
        ("a1", "WICKENBY PARISH COUNCIL", "4 March 2024", "Defibrillator", DEFIBRILLATOR),
        ("a2", "WICKENBY PARISH COUNCIL", "6 May 2024", "Defibrillator", FITTED),
        ("b", "ORMSTEAD PARISH COUNCIL", "11 June 2024", "Telephone box", OFFERED),
        ("c", "HALBERRY PARISH COUNCIL", "3 July 2024", "Allotments", "The allotments are to be let by lot again."),
    ):
        other = f"The surface of the car park was inspected on {day} and found to be in order."
        (folder / f"{file}.txt").write_text(
            MINUTES.format(name=name, day=day, title=title, text=text, other=other), encoding="utf-8"
        )
    (folder / "copy.txt").write_text(f"From the parish magazine\n\n{DEFIBRILLATOR}\n", encoding="utf-8")
    catalogue = Catalogue(tmp_path_factory.mktemp("data"), create=True)
    ingest([folder], catalogue, encoder)
    update(catalogue, encoder)
    return Searcher(catalogue, encoder)


def bought(made: Searcher) -> str:
    """Return the passage in which the first defibrillator is bought."""
    hits = made.search("agreed to buy a defibrillator, telephone box, shop").hits
    return next(hit.passage_id for hit in hits if hit.path == "a1.txt")


def test_its_own_record_in_another_file_is_no_precedent(made: Searcher) -> None:
    """The magazine that printed the same words, of no known authority, is not found; the other parish is."""
    assert [hit.path for hit in similar(made, bought(made)).hits] == ["b.txt"]


def test_its_own_authority_is_looked_at_on_request(made: Searcher) -> None:
    assert {hit.path for hit in similar(made, bought(made), same_authority=True).hits} == {"a2.txt", "b.txt"}


def test_a_filter_that_names_its_own_authority_is_obeyed(made: Searcher) -> None:
    filters = Filters(authorities=("Wickenby Parish Council",))
    result = similar(made, bought(made), filters)
    assert [hit.path for hit in result.hits] == ["a2.txt"]
    assert (result.searched_documents, result.searched_authorities) == (2, 1)


def test_what_is_not_near_enough_is_not_found(made: Searcher) -> None:
    """The allotments were a matter of one parish only: an empty answer, that says what was searched."""
    allotments = made.search("allotments let by lot").hits[0]
    result = similar(made, f"{allotments.document_id}:4")
    assert result.hits == ()
    assert (result.searched_documents, result.searched_authorities) == (4, 2)


def test_an_item_is_named_by_its_number(made: Searcher) -> None:
    hit = made.passage(bought(made))
    assert find_target(made.catalogue, f"{hit.document_id}:4").item_title == "Defibrillator"
    with pytest.raises(NotFoundError, match="no item '6'"):
        find_target(made.catalogue, f"{hit.document_id}:6")


def test_filters_restrict_what_is_found_and_what_was_searched(searcher: Searcher) -> None:
    passage_id = first(searcher, CARE)
    everything = similar(searcher, passage_id)
    since = similar(searcher, passage_id, Filters(date_from="2024-01-01"))
    assert everything.hits
    assert all((hit.meeting_date or "") >= "2024-01-01" for hit in since.hits)
    assert since.searched_documents < everything.searched_documents
    whole = searcher.search(CARE)
    assert everything.searched_authorities == whole.searched_authorities - 1
    assert everything.searched_documents < whole.searched_documents
    decisions = similar(searcher, passage_id, Filters(kinds=("agenda",)))
    assert {hit.kind for hit in decisions.hits} <= {"agenda"}


def test_the_terms_name_the_matter_and_neither_place_nor_people(searcher: Searcher) -> None:
    passage = searcher.passage(first(searcher, CARE, EASTMARSH))
    words = {word.lower() for word in similar(searcher, passage.passage_id).terms}
    assert words & {"leavers", "leaver", "care", "custody", "prison", "contact", "consent"}
    assert not words & {"eastmarsh", "london", "borough", "december", "councillor", "minutes"}


def test_a_term_that_stands_nowhere_else_is_left_out(searcher: Searcher) -> None:
    """Every term given can find something: each occurs in a passage outside the target."""
    target = find_target(searcher.catalogue, item_of(searcher, first(searcher, CARE, EASTMARSH)))
    result = similar(searcher, item_of(searcher, first(searcher, CARE, EASTMARSH)))
    passages = [candidate(stored) for stored in read(searcher.catalogue, target.rows).values()]
    names = " ".join(filter(None, (target.authority, target.committee)))
    texts = [f"{passage.heading}\n{passage.text}" for passage in passages]
    weighed = telling_terms(searcher, texts, target.item_title or "", names)
    assert max(weight for _, weight in weighed.values()) == 1.0
    for term in weighed:
        rows = searcher.lexical({term: 1.0}, 1_000, Filters())
        assert set(rows) - set(target.rows), term
    assert len(result.terms) <= 20


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("abc", "is no passage id"),
        ("0" * 20, "There is no passage"),
        ("0" * 20 + ":7", "There is no item '7' in the document"),
        ("", "is no passage id"),
    ],
)
def test_what_is_not_there_is_said(searcher: Searcher, target: str, says: str) -> None:
    with pytest.raises(NotFoundError, match=says):
        similar(searcher, target)


def test_formal_matter_has_no_precedents_and_says_so(searcher: Searcher) -> None:
    formal = [
        row["passage_id"]
        for row in searcher.catalogue.connection.execute(
            'SELECT p.passage_id, p.context, substr(d.text, p.start + 1, p."end" - p.start) AS text'
            " FROM passages p JOIN documents d USING (document_id)"
        )
        if boilerplate(row["text"], row["context"])
    ]
    assert formal
    with pytest.raises(QueryError, match="formal matter: choose an item with substance"):
        similar(searcher, formal[0])


@pytest.mark.parametrize("k", [0, 101])
def test_k_out_of_range_is_refused(searcher: Searcher, k: int) -> None:
    with pytest.raises(QueryError, match="from 1 to 100"):
        similar(searcher, first(searcher, CARE), k=k)


def test_same_target_gives_the_same_precedents(searcher: Searcher) -> None:
    target: Target = find_target(searcher.catalogue, first(searcher, CARE))
    assert target.passage_id
    assert similar(searcher, target.passage_id) == similar(searcher, target.passage_id)


def test_command_prints_precedents_with_citations_and_json_agrees(searcher: Searcher, sample_data: Path) -> None:
    passage_id = first(searcher, CARE)
    printed = CliRunner().invoke(command, [passage_id, "-k", "3"], obj=sample_data)
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.startswith("Like ")
    made = CliRunner().invoke(command, [passage_id, "-k", "3", "--json"], obj=sample_data)
    answer = json.loads(made.stdout)
    assert answer["target"]["passage_id"] == passage_id
    assert len(answer["hits"]) <= 3
    for hit in answer["hits"]:
        assert hit["citation"] in printed.stdout
        assert len(hit["text"]) == hit["end"] - hit["start"]
