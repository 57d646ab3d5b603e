"""The shipped samples: all of them are read, know who they are, and answer what the README asks them."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest

SAMPLES = Path(__file__).resolve().parent.parent / "corpus" / "samples"
with (SAMPLES / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
    ROWS = list(csv.DictReader(manifest))
THEMES = {
    "contact": "contact with care leavers",
    "transport": "home to school transport for pupils with special educational needs",
    "speed": "20 mph speed limits",
    "leisure": "energy costs and closure of swimming pools and leisure centres",
    "licensing": "selective licensing of privately rented homes",
}


def test_manifest_lists_every_sample_and_no_other() -> None:
    files = {str(file.relative_to(SAMPLES)) for file in SAMPLES.rglob("*") if file.is_file()} - {"manifest.csv"}
    assert files == {row["path"] for row in ROWS}
    assert len(ROWS) == 26


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["path"])
def test_sample_is_ingested_as_its_manifest_says(searcher: Searcher, row: dict[str, str]) -> None:
    (stored,) = searcher.catalogue.connection.execute(
        "SELECT document_id, problem FROM sources WHERE path = ?", (row["path"],)
    ).fetchall()
    assert stored["problem"] is None
    document = searcher.catalogue.document(stored["document_id"])
    assert (document.authority.value, document.committee.value) == (row["authority"], row["committee"])
    assert (document.meeting_date.value, document.url.value) == (row["date"], row["url"])
    assert document.kind == row["kind"]
    assert document.passages


@pytest.fixture(scope="module")
def without_manifest(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Catalogue:
    """The samples under other names and folders, with nothing beside them that says what they are."""
    folder = tmp_path_factory.mktemp("bare")
    for number, row in enumerate(ROWS):
        source = SAMPLES / row["path"]
        shutil.copy(source, folder / f"{number}{source.suffix}")
    catalogue = Catalogue(folder / "data", create=True)
    ingest([folder], catalogue, encoder)
    return catalogue


def same_body(found: str, expected: str, authority: str) -> bool:
    """ "Council" of "Oxwold Council" and "Oxwold Council" are one body; so are "Full Council" and "Council"."""
    plain = {re.sub(r"^(?:Full|County) ", "", name.replace(authority, "Council")) for name in (found, expected)}
    return len(plain) == 1


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row["path"] for row in ROWS])
def test_sample_without_its_manifest_is_right_or_unknown(without_manifest: Catalogue, number: int) -> None:
    row = ROWS[number]
    (stored,) = without_manifest.connection.execute(
        "SELECT document_id FROM sources WHERE path LIKE ?", (f"{number}.%",)
    ).fetchall()
    document = without_manifest.document(stored["document_id"])
    assert document.authority.value in {row["authority"], None}
    assert document.meeting_date.value in {row["date"], None}
    committee = document.committee.value
    assert committee is None or same_body(committee, row["committee"], row["authority"])


def test_printed_samples_without_their_manifest_know_who_and_when(without_manifest: Catalogue) -> None:
    """The name and date stand at the head of every set of printed minutes."""
    for number, row in enumerate(ROWS):
        if row["path"].endswith(".pdf"):
            found = without_manifest.connection.execute(
                "SELECT authority, meeting_date FROM documents JOIN sources USING (document_id) WHERE path = ?",
                (f"{number}.pdf",),
            ).fetchone()
            assert tuple(found) == (row["authority"], row["date"])


@pytest.mark.parametrize("theme", THEMES)
def test_theme_finds_four_authorities_among_its_first_twenty(searcher: Searcher, theme: str) -> None:
    hits = searcher.search(THEMES[theme], k=20).hits
    assert len({hit.authority for hit in hits}) >= 4


def test_question_about_care_leavers_finds_consent_in_custody(searcher: Searcher) -> None:
    hits = searcher.search("How did councils handle contact with care leavers?", k=5).hits
    eastmarsh = [hit for hit in hits if hit.authority == "London Borough of Eastmarsh"]
    assert any(re.search(r"\bconsent", hit.text) for hit in eastmarsh), [(h.authority, h.text[:80]) for h in hits]
    assert any("custody" in (hit.item_title or "") + hit.text for hit in eastmarsh)


def test_sample_pdfs_are_rendered_from_their_sources() -> None:
    """Whoever changes a source must render it again: the same source always gives the same bytes."""
    from tests.printed_minutes import render

    sources = sorted((Path(__file__).parent / "data" / "sample_pdfs").glob("*.txt"))
    rendered = {render(source.read_text(encoding="utf-8")) for source in sources}
    shipped = {(SAMPLES / row["path"]).read_bytes() for row in ROWS if row["path"].endswith(".pdf")}
    assert rendered == shipped
    assert len(sources) == 5
