"""The page that compares authorities: the form, the rows, the charts of mentions, and the files."""

import csv
import io
import json
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from index.search import Searcher
from tests.page_checks import checked, folded, text_of
from tests.workbooks import sheets_of

POOL = "Should the Quayside Pool and Gym stay open?"
CARE = "Support for care leavers"


def asked(client: FlaskClient, query: str) -> LexborHTMLParser:
    """The page of a query string, which is answered."""
    response = client.get(f"/compare?{query}")
    assert response.status_code == 200, response.text
    return checked(response)


def row(page: LexborHTMLParser, name: str) -> LexborNode:
    """The row of this name."""
    (found,) = [one for one in page.css("table.comparison tbody tr") if folded(one.css("th bdi")[0].text()) == name]
    return found


def test_the_form_comes_with_what_it_does_and_an_example_that_works(client: FlaskClient) -> None:
    page = checked(client.get("/compare"))
    assert text_of(page, "h1") == "Compare authorities"
    (example, over_time) = [link.attributes["href"] or "" for link in page.css('main a[href^="/compare?"]')]
    answered = checked(client.get(example))
    assert len(answered.css("table.comparison tbody tr")) == example.count("authority=") > 1
    assert "meeting" in text_of(checked(client.get(over_time)), "table.comparison thead").lower()


def test_quotes_are_stored_words_and_lead_to_their_place(client: FlaskClient, searcher: Searcher) -> None:
    page = asked(client, f"q={quote_plus(CARE)}")
    cells = [cell for cell in page.css("table.comparison td") if cell.css_first("blockquote")]
    assert len(cells) > 5
    for cell in cells:
        for said, link in zip(cell.css("blockquote"), cell.css('a[href^="/document/"]'), strict=False):
            if cell.css("ol.moved, details"):
                continue
            document_id, passage = (link.attributes["href"] or "").removeprefix("/document/").split("?passage=")
            text = searcher.catalogue.document(document_id).text
            assert folded(said.text()) in folded(text)
            assert passage.split("#")[0] == passage.split("#")[1]


def test_a_lost_motion_is_told_as_lost_with_its_vote(client: FlaskClient) -> None:
    page = asked(client, f"q={quote_plus(POOL)}&authority=Port+Ansel&authority=Thornby+Magna")
    told = folded(row(page, "Port Ansel City Council").text())
    assert "Motion, lost 10 for, 11 against, 1 abstaining" in told
    silent = folded(row(page, "Thornby Magna Parish Council").text())
    assert silent.startswith("Thornby Magna Parish Council No evidence found.")
    assert "Searched: 2 meetings, 2024 to 2026" in silent


def test_all_that_was_searched_has_its_row_and_ways_on(client: FlaskClient) -> None:
    page = asked(client, f"q={quote_plus(CARE)}")
    rows = page.css("table.comparison tbody tr")
    assert len(rows) == 8
    for one in rows:
        assert "Searched: " in one.text()
        assert "Confidence: " in one.text()
        for link in one.css(".ways a"):
            assert client.get(link.attributes["href"] or "").status_code == 200


def test_ways_on_keep_the_dates(client: FlaskClient) -> None:
    page = asked(client, f"q={quote_plus(CARE)}&from=2023-01-01")
    addresses = [link.attributes["href"] or "" for link in page.css("table.comparison .ways a")]
    assert addresses
    assert all("from=2023-01-01" in address for address in addresses)


def test_meetings_of_one_authority_stand_in_order(client: FlaskClient) -> None:
    page = asked(client, f"q={quote_plus(POOL)}&authority=Port+Ansel&over_time=1")
    days = [time.attributes["datetime"] or "" for time in page.css("table.comparison tbody th time")]
    assert days == sorted(days)
    assert "2022-11-17" in days


def test_charts_count_what_the_table_beside_them_says(client: FlaskClient, searcher: Searcher) -> None:
    page = asked(client, f"q={quote_plus(CARE)}")
    figures = page.css("figure.chart-figure")
    assert len(figures) > 2
    for figure in figures:
        svg = figure.css_first("svg")
        caption = figure.css_first("figcaption")
        assert svg is not None
        assert caption is not None
        assert svg.attributes["aria-labelledby"] == caption.attributes["id"]
        cells = [[folded(cell.text()) for cell in line.css("th, td")] for line in figure.css("tbody tr")]
        counts = [int(count) for _, count, _, _ in cells]
        assert f"{sum(counts)} of {sum(int(searched) for _, _, searched, _ in cells)} passages" in folded(
            caption.text()
        )
        assert len(figure.css("rect.chart-bar")) == sum(
            1 for year, count, _, _ in cells if year.isdigit() and count != "0"
        )
    drawn = {folded(name.text()) for name in page.css("figcaption bdi")}
    assert "Thornby Magna Parish Council" not in drawn
    assert "Thornby Magna Parish Council 0 of " in folded(page.css("section.mentions")[0].text(separator=" "))


def test_years_without_minutes_are_marked_and_are_no_silence(client: FlaskClient) -> None:
    figure = asked(client, f"q={quote_plus(CARE)}").css_first("figure.chart-figure")
    assert figure is not None
    marks, years = len(figure.css("path.chart-none")), len(figure.css("path.chart-none, path.chart-base"))
    held = [folded(line.css("th")[0].text()) for line in figure.css("tbody tr")]
    first, last = (int(text.text()) for text in figure.css("svg text") if len(text.text()) == 4)
    assert years == last - first + 1
    assert marks == years - len([year for year in held if year.isdigit()])


def test_files_hold_the_same_rows(client: FlaskClient) -> None:
    query = f"q={quote_plus(POOL)}&authority=Port+Ansel+City+Council&authority=Thornby+Magna+Parish+Council"
    page = asked(client, query)
    addresses = [link.attributes["href"] or "" for link in page.css('a[href^="/compare."]')]
    names = [folded(one.css("th bdi")[0].text()) for one in page.css("table.comparison tbody tr")]
    table, book = (client.get(address) for address in addresses)
    assert table.headers["Content-Disposition"] == 'attachment; filename="comparison.csv"'
    assert [one["name"] for one in csv.DictReader(io.StringIO(table.text))] == names
    assert [one[0] for one in sheets_of(book.data)[0][1:]] == names


def test_the_page_holds_what_the_api_gives(client: FlaskClient) -> None:
    found = json.loads(client.post("/api/v1/compare", json={"question": CARE}).text)
    page = asked(client, f"q={quote_plus(CARE)}")
    shown = [folded(one.css("th bdi")[0].text()) for one in page.css("table.comparison tbody tr")]
    assert shown == [folded(one["name"]) for one in found["rows"]]


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("q=", "q", "Type a question."),
        ("q=" + "a" * 1_001, "q", "longer than 1,000 characters"),
        ("q=bins&q=buses", "q", "more than once"),
        ("q=bins&authority=Narnia", "authority", "no authority 'Narnia'"),
        ("q=bins&region=Atlantis", "region", "no region 'Atlantis'"),
        ("q=bins&type=Duchy", "type", "no type of authority 'Duchy'"),
        ("q=bins&committee=Wizards", "committee", "no committee 'Wizards'"),
        ("q=bins&from=May", "from", "give a date as yyyy-mm-dd"),
        ("q=bins&from=2025-01-01&to=2024-01-01", "to", "the wrong way round"),
        ("q=bins&like=Narnia", "like", "no authority 'Narnia'"),
        ("q=bins&like=Port+Ansel&region=Wales", "like", "one of these"),
        ("q=bins&over_time=1", "over_time", "A timeline is of one authority"),
        ("q=bins&over_time=maybe", "over_time", "neither on nor off"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_first(client: FlaskClient, query: str, field: str, says: str) -> None:
    response = client.get(f"/compare?{query}")
    assert response.status_code == 400
    page = checked(response)
    assert says in text_of(page, f'.govuk-error-summary a[href="#{field}"]')
    assert says in text_of(page, f"#{field}-error")
    assert text_of(page, "title").startswith("Error: ")
    assert not page.css("table.comparison")
    details = [one for one in page.css("details") if one.css_first(f"#{field}-error")]
    assert all("open" in one.attributes for one in details)
    assert client.get(f"/compare.csv?{query}").status_code == 400


def test_all_errors_are_told_at_once(client: FlaskClient) -> None:
    page = checked(client.get("/compare?q=&authority=Narnia&from=x"))
    links = [link.attributes["href"] for link in page.css(".govuk-error-summary a")]
    assert links == ["#q", "#authority", "#from"]


def test_what_is_typed_is_never_markup(client: FlaskClient) -> None:
    bad = quote_plus('"><img src=x onerror=alert(1)>')
    page = checked(client.get(f"/compare?q={bad}&authority={bad}&committee={bad}&like={bad}&from={bad}&region={bad}"))
    assert not page.css("img")
    assert page.css_first("#q").attributes["value"] == '"><img src=x onerror=alert(1)>'


def test_the_form_keeps_what_was_chosen_and_the_language(client: FlaskClient) -> None:
    page = asked(client, f"q={quote_plus(CARE)}&authority=Port+Ansel&committee=Cabinet&from=2020-01-01&lang=cy")
    ticked = [box.attributes["value"] for box in page.css('input[name="authority"][checked]')]
    assert ticked == ["Port Ansel City Council"]
    assert page.css_first('input[name="committee"]').attributes["value"] == "Cabinet"
    assert page.css_first('input[name="from"]').attributes["value"] == "2020-01-01"
    assert page.css_first('form input[name="lang"]').attributes["value"] == "cy"


def test_a_region_without_minutes_names_who_is_not_held(client: FlaskClient) -> None:
    page = asked(client, "q=buses&region=London")
    assert "authorities are not held" in text_of(page, "main")
    assert "nobody to compare" in text_of(page, "main")
    assert "City of London" in text_of(page, "main")
