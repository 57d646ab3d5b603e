"""The page that finds precedents for a motion, and its table."""

import csv
import io
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient

from index.precedents.find import MAX_TEXT
from index.search import Searcher
from tests.page_checks import checked, folded, text_of
from webapp.pages.precedents import LONGEST_ADDRESS, MAX_FORM

POOL = "This Council believes that the pool should stay open, and asks Cabinet not to close it."
NOTHING = "This Council declares a nuclear free zone."
LONG = " ".join([POOL] * 25)
ADDRESS = "/precedents"


def test_the_form_comes_with_an_example_from_what_is_held(client: FlaskClient, searcher: Searcher) -> None:
    page = checked(client.get(ADDRESS))
    assert text_of(page, "h1") == "Find precedents"
    (example,) = [link.attributes["href"] or "" for link in page.css('main a[href^="/precedents?"]')]
    place = page.css_first('main a[href^="/document/"]').attributes["href"] or ""
    text = searcher.catalogue.document(place.removeprefix("/document/").split("?")[0]).text
    assert folded(page.css_first("main blockquote").text()) in folded(text)
    assert checked(client.get(example)).css("article.precedent")


def test_precedents_stand_earliest_first_with_outcome_and_vote(client: FlaskClient) -> None:
    page = checked(client.get(f"{ADDRESS}?text={quote_plus(POOL)}"))
    found = page.css("article.precedent")
    days = [one.css_first("time").attributes["datetime"] for one in found]
    assert len(days) > 1
    assert days == sorted(day for day in days if day)
    first = folded(found[0].text())
    assert "Motion, lost 10 for, 11 against, 1 abstaining" in first
    assert "Moved by Councillor Hollowdene, seconded by" in first
    assert "26 documents of 8 authorities" in text_of(page, "main")


def test_quotes_are_stored_words_and_lead_to_their_place(client: FlaskClient, searcher: Searcher) -> None:
    page = checked(client.get(f"{ADDRESS}?text={quote_plus(POOL)}"))
    for one in page.css("article.precedent"):
        document_id = (one.css_first('a[href^="/document/"]').attributes["href"] or "").split("/")[2].split("?")[0]
        text = folded(searcher.catalogue.document(document_id).text)
        quotes = one.css("blockquote")
        assert quotes
        assert all(folded(quote.text()) in text for quote in quotes)


def test_differences_are_told_in_words_too(client: FlaskClient) -> None:
    page = checked(client.get(f"{ADDRESS}?text={quote_plus(POOL)}"))
    compared = page.css_first(".compared")
    assert [folded(one.text()) for one in compared.css("del")][:1] == ["[only in your text: the]"]
    assert [folded(one.text()) for one in compared.css("ins")][:1] == ["[only in theirs: Quayside]"]


def test_a_short_text_gets_an_address(client: FlaskClient) -> None:
    sent = client.post(ADDRESS, data={"text": POOL, "authority": ["Port Ansel"], "committee": "", "to": "2022-12-31"})
    assert sent.status_code == 303
    address = sent.headers["Location"]
    assert len(address) <= LONGEST_ADDRESS
    assert "committee" not in address
    page = checked(client.get(address))
    assert page.css_first("textarea").text().strip() == POOL
    days = [one.attributes["datetime"] or "" for one in page.css("article.precedent time")]
    assert days
    assert max(days) <= "2022-12-31"


def test_a_long_text_is_answered_where_it_is_sent_and_the_page_says_so(client: FlaskClient) -> None:
    assert LONGEST_ADDRESS < len(LONG) <= MAX_TEXT
    response = client.post(ADDRESS, data={"text": LONG})
    assert response.status_code == 200
    page = checked(response)
    assert page.css("article.precedent")
    assert "too long to stand in an address" in text_of(page, "main")
    button = page.css_first('button[formaction^="/precedents.csv"]')
    assert button.attributes["form"] == page.css_first("main form").attributes["id"]
    table = client.post(button.attributes["formaction"] or "", data={"text": LONG, "k": "20"})
    assert len(list(csv.DictReader(io.StringIO(table.text)))) == len(page.css("article.precedent"))


def test_the_language_goes_with_the_text(client: FlaskClient) -> None:
    page = checked(client.get(f"{ADDRESS}?lang=cy"))
    action = page.css_first("main form").attributes["action"] or ""
    assert "lang=cy" in client.post(action, data={"text": POOL}).headers["Location"]


def test_the_table_holds_the_precedents(client: FlaskClient) -> None:
    page = checked(client.get(f"{ADDRESS}?text={quote_plus(POOL)}"))
    link = page.css_first('a[href^="/precedents.csv"]').attributes["href"] or ""
    response = client.get(link)
    assert response.headers["Content-Disposition"] == 'attachment; filename="precedents.csv"'
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [row["date"] for row in rows] == [
        one.css_first("time").attributes["datetime"] for one in page.css("article.precedent")
    ]


def test_what_is_left_out_is_counted_and_can_be_shown(client: FlaskClient) -> None:
    page = checked(client.get(f"{ADDRESS}?text={quote_plus(POOL)}&k=1"))
    assert len(page.css("article.precedent")) == 1
    more = next(link.attributes["href"] or "" for link in page.css("main a") if "Show up to" in link.text())
    assert len(checked(client.get(more)).css("article.precedent")) > 1


def test_nothing_found_says_what_was_searched(client: FlaskClient) -> None:
    page = checked(client.get(f"{ADDRESS}?text={quote_plus(NOTHING)}"))
    assert "No precedents found" in text_of(page, "main")
    assert "26 documents of 8 authorities" in text_of(page, "main")


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"text": " "}, "text", "Paste the text"),
        ({"text": "…"}, "text", "Paste the text"),
        ({"text": "x " * MAX_TEXT}, "text", "the limit is 5,000"),
        ({"text": POOL, "k": "0"}, "text", "from 1 to 100"),
        ({"text": POOL, "k": "x"}, "text", "from 1 to 100"),
        ({"text": POOL, "authority": "Narnia"}, "authority", "no authority 'Narnia'"),
        ({"text": POOL, "to": "soon"}, "to", "give a date as yyyy-mm-dd"),
        ({"text": POOL, "region": "Atlantis"}, "region", "no region 'Atlantis'"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(client: FlaskClient, values: dict[str, str], field: str, says: str) -> None:
    response = client.post(ADDRESS, data=values, follow_redirects=True)
    assert response.status_code == 400
    page = checked(response)
    assert says in text_of(page, f'.govuk-error-summary a[href="#{field}"]')
    assert says in text_of(page, f"#{field}-error")
    table = client.post("/precedents.csv", data=values)
    assert table.status_code == 400
    assert says in text_of(checked(table), f"#{field}-error")


def test_other_sites_and_floods_are_refused(client: FlaskClient) -> None:
    foreign = client.post(ADDRESS, data={"text": POOL}, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert client.post(ADDRESS, data={"text": "x" * (MAX_FORM + 1)}).status_code == 413


def test_what_is_pasted_is_never_markup(client: FlaskClient) -> None:
    bad = "</textarea><img src=x onerror=alert(1)> pool should stay open"
    page = checked(client.post(ADDRESS, data={"text": bad}, follow_redirects=True))
    assert not page.css("img")
    assert page.css_first("textarea").text().strip() == bad
