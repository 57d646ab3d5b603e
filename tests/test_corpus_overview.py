"""Every authority with what is held of it, and its meetings: what sites list and what documents tell of."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from corpus.calendar import committees, meetings_of, of_committee, upcoming
from corpus.catalogue import Catalogue
from corpus.coverage import Meeting, prepare, save_host, save_meetings
from corpus.errors import NotFoundError
from corpus.overview import code_of, entry_of, overview
from corpus.register import authorities, by_code
from tests.test_corpus_coverage import add_document

TODAY = date(2026, 11, 20)
OUTSIDE = "Netherby Marsh Parish Council"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A catalogue with an authority of the register whose site was fetched, and one outside it read from files."""
    opened = Catalogue(tmp_path / "data", create=True)
    prepare(opened)
    listed = [
        ("1", "Cabinet", "2026-10-05", "held", "final", "2026-11-01T10:00:00+00:00"),
        ("2", "Cabinet", "2026-09-07", "held", "none", "2026-11-01T10:00:00+00:00"),
        ("3", "Cabinet", "2026-12-07", "future", "none", ""),
        ("4", "Cabinet", "2026-11-02", "future", "none", "2026-11-01T10:00:00+00:00"),
        ("5", "Scrutiny", "2026-08-03", "cancelled", "none", ""),
    ]
    save_meetings(
        opened,
        [
            Meeting("site", number, "Kent County Council", committee, day, f"http://site.example/{number}", status,  # type: ignore[arg-type]
                    minutes, checked)  # type: ignore[arg-type]
            for number, committee, day, status, minutes, checked in listed
        ],
    )  # fmt: skip
    save_host(opened, "site", "Kent County Council", result="fetched", reason=None, asked="2026-11-01T10:00:00+00:00")
    files = tmp_path / "files"
    papers: list[tuple[str | None, str | None, str | None, str, int]] = [
        (OUTSIDE, "Parish Council", "2026-03-02", "minutes", 0),
        (OUTSIDE, "PARISH COUNCIL", "2026-04-06", "minutes", 1),
        (OUTSIDE, "Parish Council", None, "report", 0),
        (OUTSIDE.replace("Marsh", "MARSH"), "Parish Council", "2026-05-04", "agenda", 0),
        ("Kent County Council", "cabinet", "2026-09-07", "report", 0),
        (None, None, "2026-01-05", "minutes", 0),
    ]
    for number, (authority, committee, day, kind, partial) in enumerate(papers, 1):
        values = {"authority": authority, "committee": committee, "meeting_date": day, "kind": kind, "partial": partial}
        add_document(opened, number, files, title=f"Paper {number}", **values)
    with opened.writing() as connection:
        connection.execute("INSERT INTO provenance VALUES ('d1', 'status', 'draft', 'the head of the text', '[]')")
    yield opened
    opened.close()


def test_every_authority_of_the_register_is_there_and_all_others_held(catalogue: Catalogue) -> None:
    """Nothing is left out: what the register lacks, and documents that name no authority."""
    entries = {entry.code: entry for entry in overview(catalogue, TODAY)}
    assert {authority.code for authority in authorities()} < entries.keys()
    assert entries.keys() - {authority.code for authority in authorities()} == {
        "netherby-marsh-parish-council",
        "unknown",
    }
    assert sum(entry.held for entry in entries.values()) == 3
    assert not entries["ABE"].held


def test_what_is_missing_is_counted(catalogue: Catalogue) -> None:
    """Undated, partial and draft documents, and meetings listed without minutes; spellings of a name count together."""
    parish = entry_of(catalogue, "netherby-marsh-parish-council", TODAY)
    assert (parish.documents, parish.undated, parish.partial, parish.drafts, parish.with_minutes) == (4, 1, 1, 1, 2)
    assert set(parish.names) == {OUTSIDE, OUTSIDE.replace("Marsh", "MARSH")}
    assert (parish.first_date, parish.last_date) == ("2026-03-02", "2026-05-04")
    assert parish.register is None
    kent = entry_of(catalogue, "KEN", TODAY)
    assert (kent.documents, kent.with_minutes, kent.without) == (1, 1, 1)
    assert (kent.result, kent.last_fetch) == ("fetched", "2026-11-01T10:00:00+00:00")


def test_an_unknown_code_is_not_found(catalogue: Catalogue) -> None:
    """The message names the code."""
    with pytest.raises(NotFoundError, match="nowhere-at-all"):
        entry_of(catalogue, "nowhere-at-all", TODAY)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Kent County Council", "KEN"),
        ("Netherby Marsh Parish Council", "netherby-marsh-parish-council"),
        ("St Odo's & St Ia’s Community Council", "st-odo-s-and-st-ia-s-community-council"),
        ("Cyngor Tref Llanfair-yn-Nôd", "cyngor-tref-llanfair-yn-nod"),
        (None, "unknown"),
        ("!!!", "unknown"),
    ],
)
def test_codes_are_of_the_register_or_made_of_the_name(name: str | None, code: str) -> None:
    """A code can stand in an address, and is the same whatever the signs."""
    assert code_of(name) == code
    assert by_code(code) is None or code.isupper()


def test_meetings_listed_and_those_of_documents_are_one_list(catalogue: Catalogue) -> None:
    """The latest first; a document stands with the meeting that its site lists, whatever the case of the name."""
    meetings = meetings_of(catalogue, ["Kent County Council"], TODAY)
    assert [(one.meeting_date, one.status, one.minutes, len(one.documents)) for one in meetings] == [
        ("2026-12-07", "future", "none", 0),
        ("2026-11-02", "held", "none", 0),  # it was to come when the site was asked, and is past
        ("2026-10-05", "held", "final", 0),
        ("2026-09-07", "held", "none", 1),
        ("2026-08-03", "cancelled", "none", 0),
    ]
    cabinet = committees(meetings)[0]
    assert (cabinet.meetings, cabinet.with_minutes, cabinet.without, cabinet.upcoming) == (4, 1, 2, 1)


def test_documents_say_what_is_held_of_the_minutes(catalogue: Catalogue) -> None:
    """Draft, partial, none; what has no date stands last under none."""
    names = entry_of(catalogue, "netherby-marsh-parish-council", TODAY).names
    meetings = meetings_of(catalogue, names, TODAY)
    assert [(one.meeting_date, one.minutes) for one in meetings] == [
        ("2026-05-04", "none"),
        ("2026-04-06", "partial"),
        ("2026-03-02", "draft"),
        (None, "none"),
    ]
    assert of_committee(meetings, "parish council") == meetings
    assert of_committee(meetings, None) == ()
    (counted,) = committees(meetings)
    assert (counted.meetings, counted.documents, counted.undated) == (3, 4, 1)


def test_a_notice_of_a_cancelled_meeting_is_no_minutes(catalogue: Catalogue, tmp_path: Path) -> None:
    """It says that there was no meeting."""
    add_document(catalogue, 9, tmp_path, authority=OUTSIDE, committee="Parish Council", meeting_date="2026-06-01")
    with catalogue.writing() as connection:
        connection.execute("INSERT INTO provenance VALUES ('d9', 'status', 'cancelled', 'the text', '[]')")
    latest = meetings_of(catalogue, [OUTSIDE], TODAY)[0]
    assert (latest.meeting_date, latest.status, latest.minutes) == ("2026-06-01", "cancelled", "none")


def test_meetings_to_come_are_those_from_today(catalogue: Catalogue) -> None:
    """Of all authorities, the next first."""
    assert [(one.authority, one.meeting_date) for one in upcoming(catalogue, TODAY)] == [
        ("Kent County Council", "2026-12-07")
    ]
    assert upcoming(catalogue, date(2027, 1, 1)) == ()


def test_a_catalogue_into_which_nothing_was_fetched_is_no_error(tmp_path: Path) -> None:
    """Its tables of meetings are not there yet."""
    opened = Catalogue(tmp_path, create=True)
    assert not any(entry.held for entry in overview(opened, TODAY))
    assert meetings_of(opened, ["Kent County Council"], TODAY) == ()
    assert upcoming(opened, TODAY) == ()
    opened.close()
