"""Which meetings are known, which have minutes, and where they are missing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.coverage import Meeting, coverage, known_meetings, prepare, save_host, save_meetings
from corpus.fetched import Record, Shelf

TODAY = date(2026, 11, 20)
HELD = Meeting("site", "1", "Wychmere Borough Council", "Planning Committee", "2026-10-05", "http://site/1",
               minutes="final", checked="2026-11-01T10:00:00+00:00")  # fmt: skip


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue with the tables."""
    opened = Catalogue(tmp_path, create=True)
    prepare(opened)
    yield opened
    opened.close()


def add_document(catalogue: Catalogue, number: int, where: Path, **values: object) -> None:
    """Store the row of a document that came from a file."""
    row = {
        "document_id": f"d{number}",
        "text": "",
        "title": "",
        "kind": "minutes",
        "partial": 0,
        "notes": "[]",
        **values,
    }
    names = ", ".join(row)
    with catalogue.writing() as connection:
        connection.execute(f"INSERT INTO documents ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
        connection.execute(
            "INSERT INTO sources (location, path, fingerprint, document_id) VALUES (?, 'x', 'x', ?)",
            (str(where / f"{number}.pdf"), f"d{number}"),
        )


def test_nothing_is_known_of_an_empty_catalogue(tmp_path: Path) -> None:
    """Not an error, even before anything was ever fetched."""
    opened = Catalogue(tmp_path, create=True)
    assert coverage(opened, TODAY) == ()
    opened.close()


def test_meetings_are_counted_by_what_is_held_of_them(catalogue: Catalogue) -> None:
    """Each state has its number; those cancelled and to come are not missing anything."""
    save_meetings(
        catalogue,
        [
            HELD,
            replace(HELD, meeting_id="2", meeting_date="2026-09-07", minutes="draft"),
            replace(
                HELD, meeting_id="3", meeting_date="2026-08-03", minutes="partial", problem="x", checked="2026-11-09"
            ),
            replace(HELD, meeting_id="4", meeting_date="2026-07-06", minutes="none"),
            replace(HELD, meeting_id="5", meeting_date="2026-06-01", minutes="failed", problem="500", checked=""),
            replace(HELD, meeting_id="6", meeting_date="2026-05-04", status="cancelled", minutes="none"),
            replace(HELD, meeting_id="7", meeting_date="2026-12-07", status="future", minutes="none", checked=""),
            replace(HELD, meeting_id="8", committee="Cabinet", meeting_date="2026-10-06"),
        ],
    )
    save_host(catalogue, "site", HELD.authority, result="fetched", reason=None, asked="2026-11-02T10:00:00+00:00")
    (authority,) = coverage(catalogue, TODAY)
    assert authority.authority == "Wychmere Borough Council"
    assert (authority.meetings, authority.with_minutes, authority.without, authority.partial, authority.failed) == (
        8,
        4,
        1,
        1,
        1,
    )
    assert (authority.first_date, authority.last_date) == ("2026-05-04", "2026-12-07")
    assert (authority.result, authority.last_fetch) == ("fetched", "2026-11-02T10:00:00+00:00")
    cabinet, planning = authority.committees
    assert cabinet.committee == "Cabinet"
    assert (planning.meetings, planning.cancelled, planning.future) == (7, 1, 1)
    assert planning.last_fetch == "2026-11-01T10:00:00+00:00"


def test_attempt_that_failed_keeps_the_last_success(catalogue: Catalogue) -> None:
    """ "Could not ask" is told beside when it last went well."""
    save_host(catalogue, "site", "Wychmere", result="no meetings", reason=None, asked="2026-10-01")
    save_host(catalogue, "site", "Wychmere", result="could not ask", reason="403", asked="2026-11-01")
    (authority,) = coverage(catalogue, TODAY)
    assert (authority.result, authority.reason, authority.last_fetch) == ("could not ask", "403", "2026-10-01")
    assert authority.meetings == 0


def test_minutes_from_files_count_once(catalogue: Catalogue, tmp_path: Path) -> None:
    """A file of a meeting that a site lists is the same meeting; what was fetched is not counted twice."""
    save_meetings(catalogue, [replace(HELD, minutes="none"), replace(HELD, meeting_id="2", meeting_date="2026-09-07")])
    known = {"authority": HELD.authority, "committee": "PLANNING COMMITTEE"}
    add_document(catalogue, 1, tmp_path / "own", **known, meeting_date="2026-10-05")
    add_document(catalogue, 2, tmp_path / "own", **known, meeting_date="2026-01-12", partial=1)
    add_document(catalogue, 3, tmp_path / "own", **known, meeting_date="2026-02-02", kind="agenda")
    add_document(catalogue, 4, tmp_path / "fetched" / "site", **known, meeting_date="2026-09-08")
    add_document(catalogue, 5, tmp_path / "own", **known, meeting_date="2026-03-02", current=0)
    add_document(catalogue, 6, tmp_path / "own", meeting_date="2026-03-02")
    named, unnamed = coverage(catalogue, TODAY)
    (planning,) = named.committees
    assert (planning.meetings, planning.with_minutes, planning.without, planning.partial) == (3, 3, 0, 1)
    assert planning.first_date == "2026-01-12"
    assert (unnamed.authority, unnamed.meetings, unnamed.result) == (None, 1, None)


def test_site_of_an_unknown_authority_goes_by_its_host(catalogue: Catalogue) -> None:
    """So that it is not mixed with files that name nobody."""
    save_meetings(catalogue, [replace(HELD, authority=None)])
    save_host(catalogue, "site", None, result="fetched", reason=None, asked="2026-11-01")
    (entry,) = coverage(catalogue, TODAY)
    assert (entry.authority, entry.result) == ("site", "fetched")


def test_gap_is_longer_than_three_usual_intervals(catalogue: Catalogue) -> None:
    """A monthly committee without minutes for four months has a gap; one of 90 days is none."""
    days = [date(2025, 1, 1) + timedelta(days=30 * step) for step in (0, 1, 2, 6, 7, 10)]
    save_meetings(
        catalogue,
        [replace(HELD, meeting_id=str(number), meeting_date=day.isoformat()) for number, day in enumerate(days)],
    )
    (authority,) = coverage(catalogue, days[-1] + timedelta(days=91))
    gaps = [(gap.after, gap.until, gap.days, gap.usual_days) for gap in authority.committees[0].gaps]
    assert gaps == [("2025-03-02", "2025-06-30", 120, 30), (days[-1].isoformat(), None, 91, 30)]


def test_two_meetings_have_no_usual_interval(catalogue: Catalogue) -> None:
    """No gap is claimed without one."""
    save_meetings(catalogue, [HELD, replace(HELD, meeting_id="2", meeting_date="2020-01-06")])
    assert coverage(catalogue, TODAY)[0].committees[0].gaps == ()


def test_meeting_is_read_back_as_it_was_saved(catalogue: Catalogue) -> None:
    """And saving it again replaces it."""
    save_meetings(catalogue, [HELD])
    save_meetings(catalogue, [replace(HELD, minutes="partial", problem="why")])
    assert known_meetings(catalogue, "site") == {"1": replace(HELD, minutes="partial", problem="why")}
    assert known_meetings(catalogue, "other") == {}


# -- the shelf ---------------------------------------------------------------------------------------


def test_shelf_tells_new_changed_and_unchanged(tmp_path: Path) -> None:
    """What stood there before a change is kept, each version of it."""
    shelf = Shelf(tmp_path, "site:80")
    record = Record("a.xml", committee="Planning", fetched="2026-01-01")
    assert [shelf.put(record, body) for body in (b"1", b"1", b"2", b"3")] == ["new", "unchanged", "changed", "changed"]
    folder = tmp_path / "fetched" / "site_80"
    assert (folder / "a.xml").read_bytes() == b"3"
    assert [(folder / ".versions" / f"a.v{number}.xml").read_bytes() for number in (1, 2)] == [b"1", b"2"]
    again = Shelf(tmp_path, "site:80")
    assert again.records == shelf.records
    assert again.records["a.xml"].committee == "Planning"


def test_unchanged_file_keeps_the_time_it_came(tmp_path: Path) -> None:
    """And when it was last seen to be current."""
    shelf = Shelf(tmp_path, "site")
    shelf.put(Record("a.xml", fetched="2026-01-01"), b"1")
    shelf.put(Record("a.xml", fetched="2026-02-01"), b"1")
    assert (shelf.records["a.xml"].fetched, shelf.records["a.xml"].checked) == ("2026-01-01", "2026-02-01")


def test_dropped_file_is_kept_among_the_versions(tmp_path: Path) -> None:
    """Nothing that was fetched is ever thrown away."""
    shelf = Shelf(tmp_path, "site")
    shelf.put(Record("a.xml"), b"1")
    shelf.drop("a.xml")
    assert not (shelf.folder / "a.xml").exists()
    assert (shelf.folder / ".versions" / "a.v1.xml").read_bytes() == b"1"
    assert list(Shelf(tmp_path, "site").records) == [".versions/a.v1.xml"]


def test_list_is_found_again_with_its_time(tmp_path: Path) -> None:
    """So that one about a year long past need not be asked for twice."""
    shelf = Shelf(tmp_path, "site")
    assert shelf.listing("x.html") is None
    shelf.keep_listing("x.html", b"1", "http://site/x", "2026-01-01")
    shelf.keep_listing("x.html", b"2", "http://site/x", "2026-02-01")
    assert Shelf(tmp_path, "site").listing("x.html") == (b"2", "2026-02-01")
