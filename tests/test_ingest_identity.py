"""Identity: whose minutes, of which body and day, each with how it was found, and nothing made up."""

from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.model import Document
from index.encoder import Encoder
from ingest.pipeline import ingest
from tests.printed_minutes import render

PRINTED = """head: Oxwold District Council

# OXWOLD DISTRICT COUNCIL

# PLANNING COMMITTEE

MINUTES of a meeting of the Planning Committee held in the Town Hall, Oxwold on Monday, 4 March 2024.

PRESENT: Councillor A Fern (Chairman), Councillor B Gorse and Councillor C Heath

12. Minutes of the meeting held on 5 February 2024
(Item 1)

RESOLVED that the minutes of the meeting held on 5 February 2024 be signed.
"""

PARISH = """OXWOLD PARISH COUNCIL

Minutes of the meeting of the Parish Council held on Tuesday 5th March 2024 at 7.30 pm in the Village Hall

Present: Cllr A Fernley (Chair)

1. Minutes of the last meeting
The minutes of the meeting held on 6th February 2024 were approved.

2. Date of next meeting
2nd April 2024.
"""


class Reader:
    """Ingests one text into a catalogue of its own and gives the document back."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self.folder, self.encoder = folder, encoder

    def __call__(
        self, content: str | bytes, name: str = "a.txt", manifest: str = "", authority: str | None = None
    ) -> Document:
        place = self.folder / "minutes"
        file = place / name
        file.parent.mkdir(parents=True)
        file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        if manifest:
            (place / "manifest.csv").write_text(manifest, encoding="utf-8")
        catalogue = Catalogue(self.folder / "data", create=True)
        ingest([place], catalogue, self.encoder, authority=authority)
        (row,) = catalogue.connection.execute("SELECT document_id FROM documents").fetchall()
        return catalogue.document(row[0])


@pytest.fixture
def document_of(tmp_path: Path, encoder: Encoder) -> Reader:
    return Reader(tmp_path, encoder)


def test_printed_minutes_say_who_met_and_when(document_of: Reader) -> None:
    document = document_of(render(PRINTED), "g2204.pdf")
    assert document.authority.value == "Oxwold District Council"
    assert document.committee.value == "Planning Committee"
    assert document.meeting_date.value == "2024-03-04"
    assert document.kind == "minutes"
    assert document.authority.how == document.meeting_date.how == "the head of the text"


def test_parish_minutes_say_who_met_and_when(document_of: Reader) -> None:
    document = document_of(PARISH)
    assert (document.authority.value, document.committee.value, document.meeting_date.value) == (
        "Oxwold Parish Council",
        "Parish Council",
        "2024-03-05",
    )


def test_date_of_another_meeting_is_not_taken(document_of: Reader) -> None:
    text = """OXWOLD PARISH COUNCIL

    1. The minutes of the meeting held on 6th February 2024 were approved.

    2. The date of the next meeting is 2nd April 2024.
    """
    assert document_of(text).meeting_date.value is None


def test_name_of_file_and_folder_lose_to_the_text(document_of: Reader) -> None:
    document = document_of(PARISH, "Kent County Council/Minutes 12 May 1999.txt")
    assert (document.authority.value, document.meeting_date.value) == ("Oxwold Parish Council", "2024-03-05")
    assert document.meeting_date.considered == ("1999-05-12 (the file's name)",)


def test_name_of_folder_alone_makes_no_authority(document_of: Reader) -> None:
    document = document_of("The ducks were fed.", "Kent County Council/minutes.txt")
    assert (document.authority.value, document.authority.how) == (None, "not given by the source")


def test_what_no_source_gives_stays_unknown(document_of: Reader) -> None:
    document = document_of("Councillor Fern thanked the Mayor of Leeds for the ducks.")
    for found in (document.authority, document.committee, document.meeting_date, document.url):
        assert (found.value, found.how) == (None, "not given by the source")


def test_guests_from_another_council_are_not_the_authority(document_of: Reader) -> None:
    text = """Minutes of the Parish Council meeting, 5th March 2024

    Present: Cllr A Fernley, Cllr B Gorse, Cllr Ann Heath (Kent County Council), Mr J Smith (Medway Council)
    In attendance: Officers from Kent County Council and from Swale Borough Council gave a talk.
    """
    assert document_of(text).authority.value is None


def test_official_name_stands_for_any_way_of_writing_it(document_of: Reader) -> None:
    document = document_of("BRIGHTON & HOVE CITY COUNCIL\n\nMinutes of the Cabinet held on 4 March 2024\n")
    assert document.authority.value == "Brighton and Hove City Council"


MANIFEST = "path,authority,committee,date,url,kind\na.txt,{},{},{},{},{}\n"


def test_manifest_fills_what_the_text_lacks(document_of: Reader) -> None:
    row = MANIFEST.format("kent", "Cabinet", "2024-03-04", "https://democracy.example/1", "decision")
    document = document_of("The ducks were fed.", manifest=row)
    found = (document.authority, document.committee, document.meeting_date, document.url)
    assert [entry.value for entry in found] == [
        "Kent County Council",
        "Cabinet",
        "2024-03-04",
        "https://democracy.example/1",
    ]
    assert {entry.how for entry in found} == {"the manifest"}
    assert document.kind == "decision"


def test_manifest_does_not_overrule_the_text_and_is_recorded(document_of: Reader) -> None:
    document = document_of(PARISH, manifest=MANIFEST.format("Kent County Council", "Cabinet", "1999-01-01", "", ""))
    assert (document.authority.value, document.meeting_date.value) == ("Oxwold Parish Council", "2024-03-05")
    assert "Kent County Council (the manifest)" in document.authority.considered
    assert "1999-01-01 (the manifest)" in document.meeting_date.considered


def test_authority_option_is_the_last_resort(document_of: Reader) -> None:
    document = document_of("The ducks were fed.", authority="Camden")
    assert (document.authority.value, document.authority.how) == ("London Borough of Camden", "the --authority option")


def test_authority_option_does_not_overrule_the_text(document_of: Reader) -> None:
    document = document_of(PARISH, authority="Camden")
    assert document.authority.value == "Oxwold Parish Council"
    assert document.authority.considered == ("London Borough of Camden (the --authority option)",)


def test_authority_option_for_a_council_of_no_register_stands_as_written(document_of: Reader) -> None:
    assert document_of("The ducks were fed.", authority="Much  Oxwold PC").authority.value == "Much Oxwold PC"


def test_address_of_a_committee_system_tells_the_authority(document_of: Reader) -> None:
    page = """<html><head><title>Agenda for Cabinet on Monday, 4th March, 2024</title>
    <link rel="canonical" href="https://democracy.kent.gov.uk/ieListDocuments.aspx?MId=1"></head>
    <body><p>Meeting of the Cabinet, Monday, 4th March, 2024</p></body></html>"""
    document = document_of(page, "page.html")
    assert (document.authority.value, document.authority.how) == ("Kent County Council", "the page's address")
    assert (document.committee.value, document.meeting_date.value) == ("Cabinet", "2024-03-04")
    assert document.url.how == "the page's own address"


def test_address_that_two_councils_share_tells_no_authority(document_of: Reader) -> None:
    row = MANIFEST.format("", "", "", "https://democracy.adur-worthing.gov.uk/mgAi.aspx?ID=1", "")
    assert document_of("The ducks were fed.", manifest=row).authority.value is None


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("Monday, 4th March, 2024", "2024-03-04"),
        ("MONDAY 4TH MARCH 2024", "2024-03-04"),
        ("04/03/2024", "2024-03-04"),
        ("4.3.2024", "2024-03-04"),
        ("2024-03-04", "2024-03-04"),
        ("Dydd Llun, 4ydd Mawrth 2024", "2024-03-04"),
        ("31 February 2024", None),
        ("March 2024", None),
        ("13/13/2024", None),
    ],
)
def test_date_is_read_as_councils_write_it(document_of: Reader, written: str, iso: str | None) -> None:
    assert document_of(f"Minutes of the meeting of the Cabinet held on {written} at 7 pm.").meeting_date.value == iso


def test_authority_named_only_below_the_head_is_not_taken(document_of: Reader) -> None:
    text = (
        "Minutes of the meeting held on 4 March 2024\n\n" + "Members fed the ducks. " * 200 + "\nKent County Council\n"
    )
    assert document_of(text).authority.value is None
