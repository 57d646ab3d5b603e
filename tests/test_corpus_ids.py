"""Ids: made of the words alone, so that a citation outlives everything else that is learned."""

import re
import shutil
from pathlib import Path

import pytest

from corpus import ids
from corpus.catalogue import Catalogue
from corpus.model import Document
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest

MINUTES = """OXWOLD PARISH COUNCIL

Minutes of the meeting of the Parish Council

1. Apologies

Noted.

2. Duck pond

Noted.

3. Swings

The swings in Long Meadow are to be painted before Easter.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "minutes"
    place.mkdir()
    (place / "oxwold.txt").write_text(MINUTES, encoding="utf-8")
    return place


def write_manifest(folder: Path, date: str) -> None:
    (folder / "manifest.csv").write_text(f"path,date\noxwold.txt,{date}\n", encoding="utf-8")


def only_document(catalogue: Catalogue) -> Document:
    (row,) = catalogue.connection.execute("SELECT document_id FROM documents").fetchall()
    return catalogue.document(row[0])


def names(document: Document) -> list[str]:
    return [document.document_id, *(passage.passage_id for passage in document.passages)]


def test_id_is_twenty_hexadecimal_digits() -> None:
    for name in (ids.document_id("Minutes"), *ids.passage_ids("a", ["Noted.", "Agreed."])):
        assert re.fullmatch(r"[0-9a-f]{20}", name)


def test_id_is_the_published_digest() -> None:
    """Citations stand in print: an id must never be made in another way."""
    assert ids.document_id("Minutes of the Council") == "2ab8ecc53f2d493d1912"
    assert ids.passage_ids("2ab8ecc53f2d493d1912", ["Noted."]) == ["091ce508f588b006b422"]


@pytest.mark.parametrize("other", [" Minutes  of\nthe Council ", "Minutes\u00a0of the\tCouncil\r\n"])
def test_id_is_the_same_whatever_the_white_space(other: str) -> None:
    text = "Minutes of the Council"
    assert ids.document_id(other) == ids.document_id(text)
    assert ids.passage_ids("d", [other]) == ids.passage_ids("d", [text])


@pytest.mark.parametrize("other", ["Minutes of the Council.", "minutes of the Council", "Minutes of theCouncil", ""])
def test_id_differs_for_other_words(other: str) -> None:
    assert ids.document_id(other) != ids.document_id("Minutes of the Council")


def test_equal_passages_of_one_document_have_different_ids() -> None:
    names = ids.passage_ids("d", ["Noted.", "Agreed.", "Noted. ", "Noted."])
    assert len(set(names)) == 4
    assert names[0] == ids.passage_ids("d", ["Noted."])[0]


def test_equal_passages_of_two_documents_have_different_ids() -> None:
    assert ids.passage_ids("d", ["Noted."]) != ids.passage_ids("e", ["Noted."])


def test_text_with_half_a_surrogate_has_an_id() -> None:
    assert len(ids.document_id("broken \ud83d glyph")) == 20


def test_corrected_date_changes_nothing_but_the_date(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    catalogue = Catalogue(tmp_path / "data", create=True)
    write_manifest(folder, "2024-01-01")
    ingest([folder], catalogue, encoder)
    assert update(catalogue, encoder).embedded > 0
    before = only_document(catalogue)
    write_manifest(folder, "2025-02-02")
    report = ingest([folder], catalogue, encoder)
    built = update(catalogue, encoder)
    after = only_document(catalogue)
    assert (before.meeting_date.value, after.meeting_date.value) == ("2024-01-01", "2025-02-02")
    assert names(after) == names(before)
    assert (report.updated, report.passages_added, built.embedded) == (1, 0, 0)
    hit = Searcher(catalogue, encoder).search("painting the swings", k=1).hits[0]
    assert (hit.meeting_date, hit.passage_id in names(before)) == ("2025-02-02", True)


def test_ids_survive_a_second_catalogue_and_another_folder(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    first = Catalogue(tmp_path / "one", create=True)
    ingest([folder], first, encoder)
    elsewhere = tmp_path / "some" / "where" / "else"
    shutil.copytree(folder, elsewhere)
    (elsewhere / "oxwold.txt").rename(elsewhere / "other name.txt")
    second = Catalogue(tmp_path / "two", create=True)
    ingest([elsewhere], second, encoder)
    assert names(only_document(first)) == names(only_document(second))


def test_ids_survive_a_file_that_moves(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([folder], catalogue, encoder)
    update(catalogue, encoder)
    before = names(only_document(catalogue))
    moved = folder.rename(tmp_path / "archive")
    report = ingest([moved], catalogue, encoder)
    assert names(only_document(catalogue)) == before
    assert (report.duplicates, update(catalogue, encoder).embedded) == (1, 0)


def test_ids_survive_rebuilding_and_embedding_anew(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([folder], catalogue, encoder)
    update(catalogue, encoder)
    before = names(only_document(catalogue))
    with catalogue.writing() as connection:
        connection.execute("DELETE FROM vectors")
    built = update(catalogue, encoder, from_scratch=True)
    assert built.embedded == built.added > 0
    assert names(only_document(catalogue)) == before
    found = Searcher(catalogue, encoder).search("painting the swings", k=1).hits[0]
    assert found.passage_id in before


def test_equal_minutes_of_one_document_are_cited_apart(folder: Path, tmp_path: Path, encoder: Encoder) -> None:
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([folder], catalogue, encoder)
    document = only_document(catalogue)
    noted = [passage for passage in document.passages if passage.text.endswith("Noted.")]
    assert len(noted) == 2
    assert len({passage.passage_id for passage in document.passages}) == len(document.passages)


def test_corrected_date_counts_where_another_file_has_the_same_text(tmp_path: Path, encoder: Encoder) -> None:
    """The file that a document was first read from goes on saying of what day it is."""
    files = tmp_path / "files"
    files.mkdir()
    for name in ("a.txt", "b.txt"):
        (files / name).write_text("The heron on the weir was left in peace.", encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    for day in ("2024-03-04", "2024-03-05"):
        (files / "manifest.csv").write_text(f"path,date\na.txt,{day}\n", encoding="utf-8")
        ingest([files], catalogue, encoder)
    (document_id,) = {row[0] for row in catalogue.connection.execute("SELECT document_id FROM sources")}
    assert catalogue.document(document_id).meeting_date.value == "2024-03-05"
