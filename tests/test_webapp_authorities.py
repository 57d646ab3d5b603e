"""The pages of what is held: all authorities, one authority, its meetings and calendar; and the same as JSON."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from playwright.sync_api import Browser

from corpus.catalogue import Catalogue
from corpus.coverage import Meeting, prepare, save_host, save_meetings
from corpus.model import Source
from corpus.register import authorities
from index.build import update
from index.encoder import Encoder
from ingest.pipeline import ingest
from tests.browser_checks import problems_of
from tests.page_checks import checked, text_of
from tests.test_corpus_coverage import add_document
from webapp import create_app

HARROWMERE = "/authority/harrowmere-county-council"
HOSTILE = "Ways, Means; and\\Ends\nSTATUS:CANCELLED <b>&"
_MONTHS = {3: "March", 9: "September"}
TO_COME = date.today() + timedelta(days=20)


@pytest.fixture
def fetched(tmp_path: Path, encoder: Encoder) -> FlaskClient:
    """A client of the web app over meetings that a site lists, with a document of one, and a file not read."""
    catalogue = Catalogue(tmp_path, create=True)
    prepare(catalogue)
    days = [("1", "2025-03-04", "held", "none"), ("2", TO_COME.isoformat(), "future", "none"),
            ("3", "2025-02-04", "cancelled", "none")]  # fmt: skip
    save_meetings(
        catalogue,
        [
            Meeting("site", number, "Kent County Council", HOSTILE, day, f"https://site.example/{number}",
                    status, minutes, "2025-04-01T09:30:00+00:00")  # type: ignore[arg-type]
            for number, day, status, minutes in days
        ],
    )  # fmt: skip
    reason = "it answers <script>alert(1)</script>"
    save_host(catalogue, "site", "Kent County Council", result="could not ask", reason=reason, asked="2025-05-01")
    add_document(
        catalogue, 1, tmp_path / "x", authority="Kent County Council", committee=HOSTILE, meeting_date="2025-03-04",
        title="Report <i>on ways</i>", kind="report",
    )  # fmt: skip
    catalogue.save_problem(Source("/srv/secret/minutes/broken <b>.pdf", "minutes/broken <b>.pdf", "f", None, "no text"))
    catalogue.close()
    return create_app(data=tmp_path, encoder=encoder).test_client()


# -- all authorities ---------------------------------------------------------------------------------


def test_coverage_shows_the_held_first_and_links_to_each(client: FlaskClient) -> None:
    """Samples are of authorities that the register does not have: they are listed all the same."""
    page = checked(client.get("/coverage"))
    rows = page.css("table tbody tr")
    assert len(rows) == 100
    first = rows[0].css_first("th a")
    assert first is not None
    assert client.get(first.attributes["href"] or "").status_code == 200
    assert "not in the register" in rows[0].text()
    assert "document" in rows[0].text()
    assert "Nothing" in rows[-1].text()
    assert "invented samples" in text_of(page, ".banner")


def test_every_authority_is_on_some_page_of_the_list_and_pages_are_small(client: FlaskClient) -> None:
    """A page has less than 100 kB, and the pages together every authority of the register."""
    links: set[str] = set()
    for number in range(1, 6):
        response = client.get(f"/coverage?page={number}")
        assert len(response.data) < 100_000
        links |= {link.attributes["href"] or "" for link in checked(response).css("table tbody th a")}
    assert {f"/authority/{authority.code}" for authority in authorities()} < links
    assert client.get("/coverage?page=1000").status_code == 200


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("held=yes", "Harrowmere County Council", "Kent County Council"),
        ("held=no&type=County", "Kent County Council", "Harrowmere County Council"),
        ("region=Wales", "Cardiff", "Kent County Council"),
        ("name=harrow+mere", None, "Harrowmere"),
        ("name=HARROWMERE", "Harrowmere County Council", "Kent County Council"),
        ("type=none", "Harrowmere County Council", "Kent County Council"),
        ("name=kent&order=name", "Kent County Council", "Cardiff"),
    ],
)
def test_coverage_is_filtered(client: FlaskClient, query: str, there: str | None, absent: str) -> None:
    """By what is held, region, type and name; where nothing fits, the page says so."""
    page = checked(client.get(f"/coverage?{query}"))
    table = page.css_first("table")
    shown = table.text() if table else ""
    assert absent not in shown
    if there is None:
        assert "No authority fits" in text_of(page, "#list")
    else:
        assert there in shown


@pytest.mark.parametrize(
    "query",
    ["region=Atlantis", "held=perhaps", "page=0", "page=x", "type=%3Cscript%3E", "order=1", f"name={'a' * 101}"],
)
def test_what_makes_no_sense_is_said_at_the_field(client: FlaskClient, query: str) -> None:
    """A summary that links to a field, with status 400; the API and the table refuse it in words."""
    response = client.get(f"/coverage?{query}")
    assert response.status_code == 400
    page = checked(response)
    assert page.css(".govuk-error-summary a[href^='#']")
    assert text_of(page, "title").startswith("Error:")
    assert client.get(f"/coverage.csv?{query}").status_code == 400
    assert client.get(f"/api/v1/coverage?{query}").get_json()["error"]["status"] == 400


def test_the_table_has_all_that_the_list_has(client: FlaskClient) -> None:
    """As comma-separated values, all pages at once, with the same filters."""
    response = client.get("/coverage.csv")
    assert response.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))
    assert len(rows) >= len(authorities()) + 8
    held = [row for row in rows if row["documents"] != "0"]
    wales = list(csv.DictReader(io.StringIO(client.get("/coverage.csv?region=Wales").get_data(as_text=True))))
    assert {row["authority"] for row in held} >= {"Harrowmere County Council"}
    assert {row["region"] for row in wales} == {"Wales"}


def test_api_gives_the_same_totals_as_the_authorities_together(client: FlaskClient) -> None:
    """The JSON is of everything at once."""
    body = client.get("/api/v1/coverage").get_json()
    assert body["totals"]["documents"] == sum(one["documents"] for one in body["authorities"])
    assert body["totals"]["unreadable_files"] == len(body["unreadable_files"])
    only = client.get("/api/v1/coverage?held=yes").get_json()["authorities"]
    assert all(one["documents"] for one in only)
    assert client.get("/api/v1/coverage?colour=red").status_code == 400


def test_files_that_could_not_be_read_are_named_and_explained(fetched: FlaskClient) -> None:
    """By their path below the folder given, never by that of the server."""
    page = checked(fetched.get("/coverage"))
    link = page.css_first("a[href='/coverage/unread']")
    assert link is not None
    assert "1 file" in link.text()
    listed = checked(fetched.get("/coverage/unread"))
    assert "minutes/broken <b>.pdf" in text_of(listed, "table tbody")
    assert "no text" in text_of(listed, "table tbody")
    assert "secret" not in (listed.html or "")
    assert fetched.get("/coverage/unread?page=-1").status_code == 400


def test_all_files_read_is_said(client: FlaskClient) -> None:
    """An empty list is an answer."""
    assert "Every file that was given could be read" in text_of(checked(client.get("/coverage/unread")), "main")


# -- one authority -----------------------------------------------------------------------------------


def test_an_authority_leads_to_its_committees_meetings_and_documents(client: FlaskClient) -> None:
    """From the page of the authority over a committee to the document of a meeting."""
    page = checked(client.get(HARROWMERE))
    assert text_of(page, "h1") == "Harrowmere County Council"
    committee = page.css_first("table.stacked tbody th a")
    assert committee is not None
    meetings = checked(client.get(committee.attributes["href"] or ""))
    assert text_of(meetings, "h1") == committee.text()
    document = meetings.css_first("table tbody td a")
    assert document is not None
    assert client.get(document.attributes["href"] or "").status_code == 200


def test_the_search_box_of_an_authority_finds_only_its_own(client: FlaskClient) -> None:
    """The form carries the authority as a filter."""
    field = checked(client.get(HARROWMERE)).css_first("form.within input[name=authority]")
    assert field is not None
    values = {"q": "council tax", "authority": field.attributes["value"]}
    hits = client.get("/api/v1/search", query_string=values).get_json()["hits"]
    assert hits
    assert {hit["authority"] for hit in hits} == {"Harrowmere County Council"}


def test_an_authority_of_which_nothing_is_held_says_so(client: FlaskClient) -> None:
    """What the register knows of it stands there; nothing is claimed of what it decided."""
    page = checked(client.get("/authority/KEN"))
    assert "No document of this authority is held" in text_of(page, ".govuk-inset-text")
    assert page.css_first("form.within") is None
    assert "South East" in text_of(page, "main")


def test_ended_authorities_lead_to_their_successors_and_back(client: FlaskClient) -> None:
    """By links to their pages."""
    ended = next(authority for authority in authorities() if authority.successors)
    after = ended.successors[0]
    assert f"/authority/{after}" in (checked(client.get(f"/authority/{ended.code}")).html or "")
    assert f"/authority/{ended.code}" in (checked(client.get(f"/authority/{after}")).html or "")


def test_codes_in_small_letters_lead_to_the_page(client: FlaskClient) -> None:
    """A code of the register is the same in small letters."""
    response = client.get("/authority/ken")
    assert response.status_code == 301
    assert response.headers["Location"] == "/authority/KEN"


@pytest.mark.parametrize(
    "address",
    [
        "/authority/nowhere", "/authority/%00", "/authority/KEN/meetings?committee=None+Such",
        f"{HARROWMERE}/meetings?year=1066", f"{HARROWMERE}/meetings?year=%C2%B2", "/authority/nowhere/meetings.ics",
        "/api/v1/authorities/nowhere",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: FlaskClient, address: str) -> None:
    """With a page, or JSON, that says so."""
    assert client.get(address).status_code == 404


def test_names_and_reasons_from_elsewhere_are_only_text(fetched: FlaskClient) -> None:
    """Whatever a site or file calls things."""
    for address in ("/authority/KEN", "/authority/KEN/meetings", "/coverage?name=kent"):
        html = fetched.get(address).get_data(as_text=True)
        assert "<script>alert" not in html
        assert "<i>on ways" not in html
        checked(fetched.get(address))
    assert "could not ask" in text_of(checked(fetched.get("/authority/KEN")), "main")


def test_meetings_say_what_is_held_of_each(fetched: FlaskClient) -> None:
    """Cancelled, to come, and without minutes are told apart."""
    page = checked(fetched.get("/authority/KEN/meetings"))
    states = [row.css("td")[0].text().strip() for row in page.css("table tbody tr")]
    assert states == ["To come", "No minutes", "Cancelled"]


def test_meetings_to_come_are_listed_with_their_authority(fetched: FlaskClient, client: FlaskClient) -> None:
    """And where none is known, that is said."""
    page = checked(fetched.get("/meetings"))
    assert "Kent County Council" in text_of(page, "main ul")
    assert "1 meeting" in text_of(page, "main p")
    assert "No meeting to come is known" in text_of(checked(client.get("/meetings")), "main")


def test_api_gives_an_authority_with_its_meetings(fetched: FlaskClient) -> None:
    """Committees counted, meetings the latest first."""
    body = fetched.get("/api/v1/authorities/KEN").get_json()
    assert [one["status"] for one in body["meetings"]] == ["future", "held", "cancelled"]
    assert body["meetings"][1]["documents"][0]["title"] == "Report <i>on ways</i>"
    assert body["total_meetings"] == 3
    assert body["next_start"] is None
    assert fetched.get("/api/v1/authorities/KEN?start=2").get_json()["meetings"][0]["status"] == "cancelled"
    assert fetched.get("/api/v1/authorities/KEN?start=-1").status_code == 400


# -- calendars ---------------------------------------------------------------------------------------


def test_the_calendar_can_be_read_by_others(fetched: FlaskClient) -> None:
    """Lines end in CR LF and have at most 75 octets; days are whole; what stands in a name is not a line of its own."""
    response = fetched.get("/authority/KEN/meetings.ics")
    assert response.mimetype == "text/calendar"
    lines = response.data.split(b"\r\n")
    assert lines[-1] == b""
    assert all(b"\n" not in line and len(line) <= 75 for line in lines)
    events = Calendar.from_ical(response.data).walk("VEVENT")
    assert [event.decoded("DTSTART") for event in events] == [TO_COME, date(2025, 3, 4), date(2025, 2, 4)]
    assert all(event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(days=1) for event in events)
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [str(event["URL"]) for event in events] == [f"https://site.example/{number}" for number in "213"]
    assert all(HOSTILE in str(event["SUMMARY"]) for event in events)
    assert len({str(event["UID"]) for event in events}) == 3


def test_the_calendar_of_a_committee_has_its_meetings_only(client: FlaskClient) -> None:
    """And the same meetings have the same ids in both."""
    whole = Calendar.from_ical(client.get(f"{HARROWMERE}/meetings.ics").data).walk("VEVENT")
    link = next(
        link
        for link in checked(client.get(HARROWMERE)).css("table.stacked tbody th a")
        if "committee=" in str(link.attributes)
    )
    address = (link.attributes["href"] or "").replace("/meetings?", "/meetings.ics?")
    part = Calendar.from_ical(client.get(address).data).walk("VEVENT")
    assert {str(event["UID"]) for event in part} <= {str(event["UID"]) for event in whole}
    assert all(link.text() in str(event["SUMMARY"]) for event in part)
    assert all("/document/" in str(event["DESCRIPTION"]) for event in part)


def test_pages_are_there_in_welsh_and_keep_the_language(client: FlaskClient) -> None:
    """Links between pages and forms carry the language."""
    page = checked(client.get("/coverage?lang=cy"))
    assert page.css("form.narrowing input[name=lang][value=cy]")
    assert all(
        "lang=cy" in (link.attributes["href"] or "") for link in page.css("table tbody th a, .govuk-pagination a")
    )


@pytest.mark.parametrize(
    "address",
    [
        "/coverage", "/coverage?region=Atlantis", HARROWMERE, f"{HARROWMERE}/meetings", "/authority/KEN", "/meetings",
        "/coverage/unread",
    ],
)  # fmt: skip
def test_pages_have_no_barriers(site: str, browser: Browser, address: str) -> None:
    """In a real browser, at every width."""
    assert problems_of(browser, f"{site}{address}", site) == []


def test_themes_are_shown_with_their_numbers_and_lead_to_a_search(tmp_path: Path, encoder: Encoder) -> None:
    """What is on the agenda year after year is a theme; its numbers are those of the agenda items."""
    minutes = tmp_path / "minutes"
    minutes.mkdir()
    for year in (2021, 2022, 2023, 2024):
        for month in (3, 9):
            items = [
                "Apologies for absence",
                "Skate park lighting",
                "Allotment fences" if month == 3 else "Bus shelter",
            ]
            body = "\n\n".join(
                f"## {number}. {title}\n\nMembers spoke about it at length in {year}. RESOLVED that work goes on."
                for number, title in enumerate(items, 1)
            )
            head = f"Minutes of the meeting of the Parish Council held on 5 {_MONTHS[month]} {year}"
            text = f"# Osmerley Parish Council\n\n{head}\n\n{body}\n"
            (minutes / f"{year}-{month}.md").write_text(text, encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([minutes], catalogue, encoder, authority="Osmerley Parish Council")
    update(catalogue, encoder)
    catalogue.close()
    client = create_app(data=tmp_path / "data", encoder=encoder).test_client()
    page = checked(client.get("/authority/osmerley-parish-council"))
    rows = {row.css_first("th").text(): row for row in page.css(".scrolled tbody tr")}  # type: ignore[union-attr]
    theme = next(row for words, row in rows.items() if words.casefold() in "skate park lighting")
    assert [cell.text() for cell in theme.css("td.number")] == ["2", "2", "2", "2"]
    assert theme.css("svg polyline[points]")
    link = theme.css_first("a")
    assert link is not None
    assert "skate park lighting" in text_of(checked(client.get(link.attributes["href"] or "")), "main").casefold()
