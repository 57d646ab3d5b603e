"""Fetching from a council's site: what is asked, what is kept, and what each fault leads to."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpus.catalogue import Catalogue
from corpus.coverage import known_meetings
from corpus.errors import NotFoundError
from ingest.live.fetch import FetchReport, HostReport, fetch, target_of
from ingest.live.web import Limits, Web
from ingest.pipeline import ingest
from tests.council_site import PDF, CouncilSite, Item, answers, huge, running, silence

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def site() -> Iterator[CouncilSite]:
    """A council's site."""
    with running() as server:
        yield server


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue."""
    opened = Catalogue(tmp_path, create=True)
    yield opened
    opened.close()


def limits(**changes: Any) -> Limits:
    """Limits for tests: no pauses to speak of, and this machine permitted."""
    return Limits(
        **{"delay": 0.0, "first_wait": 0.005, "attempts": 2, "permitted_addresses": frozenset({"127.0.0.1"}), **changes}
    )


def run(site: CouncilSite, catalogue: Catalogue, path: str = "/mgListCommittees.aspx", **options: Any) -> HostReport:
    """Fetch from the site on a 20 November, or ``at`` another time; what it was asked before is forgotten."""
    site.asked.clear()
    given = options.pop("limits", None) or limits()
    with Web(given) as web:
        report = fetch([site.url + path], catalogue, web, **{"at": AT, **options})
    assert len(report.hosts) == 1
    return report.hosts[0]


def folder(site: CouncilSite, catalogue: Catalogue) -> Path:
    """Where things from the site are kept."""
    return catalogue.directory / "fetched" / f"127.0.0.1_{site.server_address[1]}"


def rows(site: CouncilSite, catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """The manifest by path."""
    with (folder(site, catalogue) / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def states(site: CouncilSite, catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """(status, minutes) of each meeting known, by its number."""
    known = known_meetings(catalogue, f"127.0.0.1:{site.server_address[1]}")
    return {number: (meeting.status, meeting.minutes) for number, meeting in known.items()}


# -- ModernGov ---------------------------------------------------------------------------------------


def test_web_service_is_asked_where_it_answers(site: CouncilSite, catalogue: Catalogue) -> None:
    """Every meeting of the window is known; those held are fetched, those to come and cancelled are not."""
    host = run(site, catalogue)
    assert (host.result, host.how, host.committees, host.meetings) == ("fetched", "service", 2, 6)
    assert (host.with_minutes, host.without_minutes, host.cancelled, host.future) == (3, 1, 1, 1)
    assert host.failed == []
    assert states(site, catalogue) == {
        "4401": ("held", "final"),
        "4417": ("held", "final"),
        "4418": ("held", "none"),
        "4419": ("cancelled", "none"),
        "4420": ("future", "none"),
        "4501": ("held", "final"),
    }
    assert not site.paths("lMeetingId=4419") + site.paths("lMeetingId=4420")
    assert all("sFromDate=01/01/20" in path for path in site.paths("GetMeetings"))


def test_everything_is_kept_as_received_with_address_and_time(site: CouncilSite, catalogue: Catalogue) -> None:
    """The manifest says whose it is, where people read it, and what was asked for when."""
    run(site, catalogue)
    row = rows(site, catalogue)["meeting-4417.xml"]
    assert row["committee"] == "Planning Committee"
    assert row["date"] == "2026-10-05"
    assert row["url"] == f"{site.url}/ieListDocuments.aspx?CId=11&MId=4417&Ver=4"
    assert row["asked"] == f"{site.url}/mgWebService.asmx/GetMeeting?lMeetingId=4417"
    assert (row["kind"], row["status"]) == ("minutes", "final")
    assert datetime.fromisoformat(row["fetched"]) <= datetime.now(UTC)
    with Web(limits()) as web:
        sent = web.get(row["asked"]).body
    assert (folder(site, catalogue) / "meeting-4417.xml").read_bytes() == sent
    assert (folder(site, catalogue) / "g4501-minutes.pdf").read_bytes() == PDF
    assert {row["kind"] for path, row in rows(site, catalogue).items() if path.startswith(".listings/")} == {"listing"}


def test_entities_encoded_twice_are_decoded(site: CouncilSite, catalogue: Catalogue) -> None:
    """ "Children&amp;amp;#39;s" is Children's."""
    run(site, catalogue)
    assert rows(site, catalogue)["g4501-minutes.pdf"]["committee"] == "Children's Services Panel"


@pytest.mark.parametrize("service", ["off", "error", "page"])
def test_pages_are_read_where_the_service_is_disabled(site: CouncilSite, catalogue: Catalogue, service: str) -> None:
    """404, 500 or a page that says so: the same meetings come from the pages, cut-off items in full."""
    site.service = service
    host = run(site, catalogue)
    assert (host.result, host.how, host.committees, host.meetings) == ("fetched", "pages", 2, 6)
    assert (host.with_minutes, host.without_minutes, host.cancelled, host.future) == (3, 1, 1, 1)
    assert "the web service does not answer" in host.notes[0]
    assert b"All of it." in (folder(site, catalogue) / "item-20402.html").read_bytes()
    assert rows(site, catalogue)["g4501-minutes.pdf"]["committee"] == "Children's Services Panel"


def test_cut_off_item_that_fails_makes_the_record_partial(site: CouncilSite, catalogue: Catalogue) -> None:
    """The meeting's page is kept, and the next run asks for the rest."""
    site.service = "off"
    site.faults["mgAi"] = answers(500, 2)
    host = run(site, catalogue)
    assert states(site, catalogue)["4401"] == ("held", "partial")
    assert "mgAi.aspx?ID=20402" in host.failed[0][1]
    run(site, catalogue, at=AT + DAY)
    assert states(site, catalogue)["4401"] == ("held", "final")
    run(site, catalogue, at=AT + 2 * DAY)
    assert not site.paths("4401")


def test_question_that_the_service_fails_is_put_to_the_pages(site: CouncilSite, catalogue: Catalogue) -> None:
    """500 for one meeting: its page is read."""
    site.faults["GetMeeting?lMeetingId=4417"] = answers(500)
    host = run(site, catalogue)
    assert host.failed == []
    assert "the web service failed some questions: those were put to the pages" in host.notes
    assert (folder(site, catalogue) / "meeting-4417.html").exists()


def test_meeting_that_fails_is_reported_and_asked_for_again(site: CouncilSite, catalogue: Catalogue) -> None:
    """500 for the page too: a failure with its address and reason; the other meetings are had."""
    site.faults["lMeetingId=4417"] = answers(500)
    site.faults["MId=4417"] = answers(500)
    host = run(site, catalogue)
    ((url, why),) = host.failed
    assert "MId=4417" in url
    assert why == "the site answers 500 (internal server error)"
    assert states(site, catalogue)["4417"] == ("held", "failed")
    assert host.result == "fetched"
    site.faults.clear()
    run(site, catalogue, at=AT + timedelta(minutes=1))
    assert site.paths("GetMeeting?") == ["/mgWebService.asmx/GetMeeting?lMeetingId=4417"]
    assert states(site, catalogue)["4417"] == ("held", "final")


def test_answer_that_takes_a_minute_costs_that_meeting_only(site: CouncilSite, catalogue: Catalogue) -> None:
    """The page is asked instead, and the run goes on."""
    site.faults["lMeetingId=4417"] = silence(60)
    host = run(site, catalogue, limits=limits(seconds=0.2, slow_seconds=0.4))
    assert host.with_minutes == 3
    assert (folder(site, catalogue) / "meeting-4417.html").exists()


def test_dates_that_the_service_ignores(site: CouncilSite, catalogue: Catalogue) -> None:
    """All it has comes back: what lies outside is left out, the other years are not asked, and it is said."""
    site.ignores_dates = True
    host = run(site, catalogue, since=date(2026, 8, 1), until=date(2026, 11, 1))
    assert set(states(site, catalogue)) == {"4417", "4419", "4501"}
    site.meetings[4401].day = date(2019, 2, 4)
    host = run(site, catalogue, since=date(2024, 1, 1), at=AT + DAY)
    assert any("ignored the dates" in note for note in host.notes)
    assert "4401" not in states(site, catalogue)
    assert len(site.paths("GetMeetings?lCommitteeId=11")) == 1


def test_only_some_committees(site: CouncilSite, catalogue: Catalogue) -> None:
    """A part of the name is enough, in any case."""
    host = run(site, catalogue, committees=["planning"])
    assert (host.committees, host.meetings) == (2, 5)
    assert not site.paths("lCommitteeId=12")


def test_committee_that_is_not_there(site: CouncilSite, catalogue: Catalogue) -> None:
    """Asking for one that the site does not have is not "no meetings"."""
    host = run(site, catalogue, committees=["Harbour Board"])
    assert host.result == "could not ask"
    assert "no committee called Harbour Board; it has Planning Committee" in (host.reason or "")


def test_minutes_too_large_fail_with_the_reason(site: CouncilSite, catalogue: Catalogue) -> None:
    """A PDF of 2 GB is not fetched; that the meeting's minutes are missing is known."""
    site.faults["Printed minutes"] = huge(False)
    host = run(site, catalogue, limits=limits(max_bytes=2_000_000))
    assert "is larger than 2 MB: not fetched" in host.failed[0][1]
    assert states(site, catalogue)["4501"] == ("held", "failed")


def test_minutes_that_are_an_error_page_are_no_minutes(site: CouncilSite, catalogue: Catalogue) -> None:
    """A page saying sorry with status 200 is not stored as the minutes."""
    site.faults["Printed minutes"] = answers(200)
    host = run(site, catalogue)
    assert "is not a document but text/html" in host.failed[0][1]
    assert not (folder(site, catalogue) / "g4501-minutes.pdf").exists()


def test_redirect_to_a_private_address(site: CouncilSite, catalogue: Catalogue) -> None:
    """A document that is said to be at a private address is not asked for."""
    site.faults["Printed minutes"] = answers(302, Location="http://10.0.0.7/minutes.pdf")
    host = run(site, catalogue)
    assert "private address (10.0.0.7)" in host.failed[0][1]


def test_robots_may_forbid_the_service_only(site: CouncilSite, catalogue: Catalogue) -> None:
    """Then the pages are read."""
    site.robots = "User-agent: *\nDisallow: /mgWebService.asmx\n"
    host = run(site, catalogue)
    assert (host.how, host.with_minutes) == ("pages", 3)
    assert not site.paths("mgWebService")


# -- results -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["on", "off"])
def test_no_meetings_is_a_result(site: CouncilSite, catalogue: Catalogue, service: str) -> None:
    """A site that answers and lists none."""
    site.service = service
    site.meetings.clear()
    host = run(site, catalogue)
    assert (host.result, host.reason, host.meetings) == ("no meetings", None, 0)


@pytest.mark.parametrize("status", [200, 404, 500])
def test_could_not_ask_is_another(site: CouncilSite, catalogue: Catalogue, status: int) -> None:
    """Error pages for everything, those with status 200 included, are not "no meetings"."""
    site.faults["as"] = answers(status)
    host = run(site, catalogue)
    assert host.result == "could not ask"
    assert host.reason


@pytest.mark.parametrize("status", [200, 500])
def test_lists_that_fail_are_not_no_meetings(site: CouncilSite, catalogue: Catalogue, status: int) -> None:
    """The committees are listed and no list of meetings can be had."""
    site.service = "off"
    site.faults["ieListMeetings"] = answers(status)
    host = run(site, catalogue)
    assert host.result == "could not ask"
    assert len(host.failed) == 2


def test_site_that_is_not_there(site: CouncilSite, catalogue: Catalogue) -> None:
    """Nobody listens: could not ask, and the other targets are asked."""
    with Web(limits()) as web:
        report = fetch(
            ["http://127.0.0.1:9/mgListCommittees.aspx", f"{site.url}/cmis5/Meetings.aspx"], catalogue, web, at=AT
        )
    assert [host.result for host in report.hosts] == ["could not ask", "fetched"]
    assert "the connection failed" in (report.hosts[0].reason or "")
    assert [path.name for path in report.folders] == [folder(site, catalogue).name]


def test_forbidden_from_the_start(site: CouncilSite, catalogue: Catalogue) -> None:
    """403: one question, no pages tried instead."""
    site.faults["mgWebService"] = answers(403)
    host = run(site, catalogue)
    assert host.result == "could not ask"
    assert "403" in (host.reason or "")
    assert len(site.paths()) == 1


def test_forbidden_half_way(site: CouncilSite, catalogue: Catalogue) -> None:
    """What was fetched is kept, nothing more is asked, and the rest is had another day."""
    site.faults["lMeetingId=4418"] = answers(403)
    host = run(site, catalogue)
    assert host.result == "fetched"
    assert "403" in (host.reason or "")
    assert states(site, catalogue)["4417"] == ("held", "final")
    assert not site.paths("lMeetingId=4501")
    site.faults.clear()
    assert run(site, catalogue, at=AT + DAY).with_minutes == 3


def test_busy_site_is_waited_for(site: CouncilSite, catalogue: Catalogue) -> None:
    """429 with Retry-After now and then costs time, not meetings."""
    site.faults["lMeetingId=4417"] = answers(429, 1, Retry_After="0")
    site.faults["GetCommittees"] = answers(429, 1, Retry_After="0.1")
    host = run(site, catalogue)
    assert (host.how, host.with_minutes, host.failed) == ("service", 3, [])


# -- again -------------------------------------------------------------------------------------------


def test_second_run_asks_for_what_can_have_changed(site: CouncilSite, catalogue: Catalogue) -> None:
    """The final minutes of February are not asked for again, the meetings of the last 90 days are."""
    run(site, catalogue)
    host = run(site, catalogue, at=AT + DAY)
    asked = sorted(path[-4:] for path in site.paths("GetMeeting?"))
    assert asked == ["4417", "4418", "4501"]
    assert (host.new, host.changed, host.unchanged, host.skipped) == (0, 0, 4, 1)


def test_lists_of_years_long_past_are_not_asked_for_again(site: CouncilSite, catalogue: Catalogue) -> None:
    """What a list of 2024 said in late 2026 stands."""
    run(site, catalogue, since=date(2024, 1, 1))
    run(site, catalogue, since=date(2024, 1, 1), at=AT + DAY)
    years = {path[-4:] for path in site.paths("GetMeetings")}
    assert years == {"2025", "2026", "2027"}


@pytest.mark.parametrize("service", ["on", "off"])
def test_minutes_that_appear_later_and_become_final(site: CouncilSite, catalogue: Catalogue, service: str) -> None:
    """None, a draft, final: each run has what there is then, and what stood before is kept."""
    site.service = service
    run(site, catalogue)
    name = "meeting-4418.xml" if service == "on" else "meeting-4418.html"
    assert rows(site, catalogue)[name]["kind"] == "agenda"
    item = Item(20418, "Tree Works", "<p>To consider the programme.</p>", "<p>The programme was read.</p>")
    site.meetings[4418].items = [item]
    site.meetings[4418].printed = "Printed draft minutes Monday 09-Nov-2026.pdf"
    host = run(site, catalogue, at=AT + DAY)
    assert (host.changed, states(site, catalogue)["4418"]) == (1, ("held", "draft"))
    item.minutes = "<p>RESOLVED that the programme be approved.</p>"
    site.meetings[4418].published = True
    late = AT + timedelta(days=200)
    host = run(site, catalogue, at=late)
    assert (host.changed, states(site, catalogue)["4418"]) == (1, ("held", "final"))
    assert b"be approved" in (folder(site, catalogue) / name).read_bytes()
    stem, ending = name.split(".")
    first = folder(site, catalogue) / ".versions" / f"{stem}.v1.{ending}"
    assert b"programme was read" not in first.read_bytes()
    assert rows(site, catalogue)[f".versions/{stem}.v2.{ending}"]["status"] == "replaced"
    run(site, catalogue, at=late + DAY)
    assert not site.paths("4418")


class Letters:
    """Measures text in letters, so that no model is needed."""

    token_limit = 4000

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the length of each text."""
        return [len(text) for text in texts]


def test_newer_text_supersedes_the_older_in_search(site: CouncilSite, catalogue: Catalogue) -> None:
    """The folder is one that ingest reads: the document that changed takes the older one's place."""
    site.service = "off"
    run(site, catalogue)
    ingest([folder(site, catalogue)], catalogue, Letters())
    site.meetings[4418].items[0].minutes = "<p>RESOLVED that the programme be approved.</p>"
    run(site, catalogue, at=AT + DAY)
    report = ingest([folder(site, catalogue)], catalogue, Letters())
    assert report.updated == 1
    found = catalogue.connection.execute(
        "SELECT kind, committee, meeting_date, current FROM documents WHERE url LIKE '%MId=4418%' ORDER BY current"
    ).fetchall()
    assert [tuple(row) for row in found] == [
        ("agenda", "Planning Committee", "2026-11-09", 0),
        ("minutes", "Planning Committee", "2026-11-09", 1),
    ]


def test_interrupted_run_keeps_what_it_did_and_goes_on_from_there(site: CouncilSite, catalogue: Catalogue) -> None:
    """Ctrl-C after two meetings: they are kept, all are known, and the next run asks for the others."""

    def stopping(items: Sequence[Any], what: str) -> Iterable[Any]:
        for position, item in enumerate(items):
            if what == "meetings" and position == 2:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        run(site, catalogue, progress=stopping)
    assert sum(minutes == "final" for _, minutes in states(site, catalogue).values()) == 2
    assert len(states(site, catalogue)) == 6
    host = run(site, catalogue, at=AT + timedelta(minutes=5))
    assert sorted(path[-4:] for path in site.paths("GetMeeting?")) == ["4418", "4501"]
    assert host.with_minutes == 3


def test_unfinished_file_is_not_left_behind(site: CouncilSite, catalogue: Catalogue) -> None:
    """Files are written beside their place and moved into it."""
    run(site, catalogue)
    assert not list(folder(site, catalogue).rglob("*.new"))


def test_meeting_asked_in_another_way_is_one_document(site: CouncilSite, catalogue: Catalogue) -> None:
    """When the service goes away, a page takes the place of the service's answer."""
    run(site, catalogue)
    site.service = "off"
    run(site, catalogue, at=AT + DAY)
    names = {path.name for path in folder(site, catalogue).glob("meeting-4417.*")}
    assert names == {"meeting-4417.html"}
    assert (folder(site, catalogue) / ".versions" / "meeting-4417.v1.xml").exists()


# -- CMIS and pages of documents ---------------------------------------------------------------------


def test_cmis(site: CouncilSite, catalogue: Catalogue) -> None:
    """Months through the address without JavaScript; the meeting's own minutes, not those of the one before."""
    host = run(site, catalogue, "/cmis5/Meetings.aspx")
    assert (host.result, host.how, host.committees, host.meetings) == ("fetched", "CMIS", 2, 3)
    assert states(site, catalogue) == {
        "15042": ("held", "draft"),
        "15043": ("cancelled", "none"),
        "15044": ("held", "none"),
    }
    (row,) = [row for path, row in rows(site, catalogue).items() if not path.startswith(".")]
    assert row["path"] == "meeting-15042-minutes.pdf"
    assert (row["committee"], row["date"], row["status"]) == ("Licensing Committee", "2026-10-08", "draft")
    assert len(site.paths("Document.ashx")) == 1


def test_cmis_minutes_become_final(site: CouncilSite, catalogue: Catalogue) -> None:
    """A document under another title takes the draft's place."""
    run(site, catalogue, "/cmis5/Meetings.aspx")
    site.cmis[15042].documents[2] = ("Licensing Minutes 08102026", PDF + b"final")
    run(site, catalogue, "/cmis5/Meetings.aspx", at=AT + DAY)
    assert states(site, catalogue)["15042"] == ("held", "final")
    kept = {row["path"]: row["status"] for row in rows(site, catalogue).values() if row["kind"] == "minutes"}
    assert kept == {"meeting-15042-minutes.pdf": "final", ".versions/meeting-15042-minutes.v1.pdf": "replaced"}


def test_cmis_month_that_fails_is_told(site: CouncilSite, catalogue: Catalogue) -> None:
    """The other months are read."""
    site.faults["Date/2026-10-01"] = answers(500)
    host = run(site, catalogue, "/cmis5/Meetings.aspx")
    assert (host.result, host.meetings) == ("fetched", 1)
    assert "2026-10-01" in host.failed[0][0]


def test_cmis_without_any_meeting_on_show(site: CouncilSite, catalogue: Catalogue) -> None:
    """Nothing links to a meeting: that the months cannot be read is said, and nothing is made up."""
    site.cmis.clear()
    host = run(site, catalogue, "/cmis5/Meetings.aspx")
    assert host.result == "no meetings"
    assert "only the current month" in host.notes[0]


def test_page_that_lists_documents(site: CouncilSite, catalogue: Catalogue) -> None:
    """A council without a system: the documents that its page calls minutes, dated by their words."""
    host = run(site, catalogue, "/council/minutes")
    assert (host.how, host.meetings, host.new) == ("listed documents", 1, 1)
    (row,) = [row for path, row in rows(site, catalogue).items() if not path.startswith(".")]
    assert (row["date"], row["kind"]) == ("2026-05-04", "minutes")
    assert not site.paths("Agenda.pdf")


def test_page_that_lists_nothing_is_not_no_meetings(site: CouncilSite, catalogue: Catalogue) -> None:
    """A page where nothing is recognised could not be asked."""
    site.faults["/council/minutes"] = answers(200)
    host = run(site, catalogue, "/council/minutes")
    assert host.result == "could not ask"
    assert "no committee system that we know" in (host.reason or "")


# -- targets -----------------------------------------------------------------------------------------


def test_names_and_addresses_of_the_register() -> None:
    """An authority by its name, its site by its address; both know the system and whose it is."""
    target = target_of("Derby")
    assert (target.system, target.authority) == ("CMIS", "Derby City Council")
    again = target_of("https://aberdeenshire.moderngov.co.uk/mgListCommittees.aspx")
    assert (again.system, again.authority) == ("ModernGov", "Aberdeenshire Council")


@pytest.mark.parametrize("name", ["Wychmere", "aberdeenshire.moderngov.co.uk"])
def test_unknown_target_asks_nobody(name: str, catalogue: Catalogue) -> None:
    """The whole run is refused before anything is asked."""
    with Web(limits()) as web, pytest.raises(NotFoundError, match="give the address"):
        fetch(["Derby", name], catalogue, web, at=AT)


def test_report_has_folders_to_ingest(site: CouncilSite, catalogue: Catalogue) -> None:
    """The folder of a host once, and only if there is something in it."""
    with Web(limits()) as web:
        report: FetchReport = fetch([f"{site.url}/mgListCommittees.aspx", site.url + "/cmis5/Meetings.aspx"],
                                    catalogue, web, at=AT)  # fmt: skip
    assert report.folders == [folder(site, catalogue)]
