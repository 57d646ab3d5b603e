"""The search page and the document page, over the samples and over documents made to break them."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest
from tests.page_checks import checked, folded, text_of
from webapp import create_app
from webapp.shown.formatters import counted, is_sample, marked, quoted, web_address

CARE_LEAVERS = "How often must care leavers be contacted?"
HOSTILE = """Minutes of the Parks Committee <script>alert(1)</script>

Date: 3 March 2025

1. Ponds & <b>fountains</b> \u202eredro desrever\u202c

Councillor O'Brien said "close the pond" <img src=x onerror=alert(2)> & the \u202ependulum swings
without an end to its override.

2. Benches

RESOLVED: That the <script>alert('benches')</script> benches be painted green.
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Flask:
    """The web app over one document that holds markup and characters which reorder text."""
    files, data = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("data")
    (files / "<script>alert(3)<!script>.txt").write_text(HOSTILE, encoding="utf-8")
    _ingest(files, data, encoder)
    return create_app(data=data, encoder=encoder)


def _ingest(files: Path, data: Path, encoder: Encoder) -> None:
    catalogue = Catalogue(data, create=True)
    ingest([files], catalogue, encoder)
    update(catalogue, encoder)
    catalogue.close()


def _get(client: FlaskClient, path: str, status: int = 200, **query: object) -> LexborHTMLParser:
    response = client.get(path, query_string=query or None)
    assert response.status_code == status
    return checked(response)


def test_home_explains_itself_and_counts_what_is_held(client: FlaskClient) -> None:
    page = _get(client, "/")
    assert "26 documents of 8 authorities" in text_of(page, "main")
    examples = [link.attributes["href"] or "" for link in page.css("main .examples a")]
    assert len(examples) == 3
    for example in examples:
        assert _get(client, example).css("article.hit"), f"nothing found for {example}"


def test_samples_are_said_to_be_samples(client: FlaskClient) -> None:
    for query in ({}, {"q": "buses"}):
        assert "invented samples" in text_of(_get(client, "/", **query), ".banner")
    page = _get(client, "/", q="buses")
    place = page.css_first("article.hit h2 a").attributes["href"] or ""
    assert "invented sample" in text_of(_get(client, place), ".banner")


def test_samples_beside_other_documents_are_tagged(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "real.txt").write_text("Minutes\n\nThe pond will be drained.", encoding="utf-8")
    (tmp_path / "files" / "sample.txt").write_text("Minutes\n\nThe pond will be filled.", encoding="utf-8")
    (tmp_path / "files" / "manifest.csv").write_text(
        "path,authority,url\nreal.txt,Leicester City Council,https://www.leicester.gov.uk/pond\n"
        "sample.txt,Fenmoor Council,https://democracy.fenmoor.example/pond\n",
        encoding="utf-8",
    )
    _ingest(tmp_path / "files", tmp_path / "data", encoder)
    page = _get(create_app(data=tmp_path / "data", encoder=encoder).test_client(), "/", q="pond")
    assert not page.css(".banner")
    tagged = {"Fenmoor" in hit.text(): bool(hit.css(".tag-sample")) for hit in page.css("article.hit")}
    assert tagged == {True: True, False: False}


def test_results_show_passage_place_and_citation(client: FlaskClient, searcher: Searcher) -> None:
    page = _get(client, "/", q=CARE_LEAVERS)
    result = searcher.search(CARE_LEAVERS)
    shown = {article.attributes["id"]: article for article in page.css("article.hit")}
    assert len(shown) == len(result.hits)
    for hit in result.hits:
        article = shown[f"hit-{hit.rank}"]
        quote = article.css_first("blockquote")
        whole = article.css_first("details.whole blockquote") or quote
        behind = folded(quote.text()) != folded(hit.text) and article.css_first("h3") is not None
        assert folded(quote.text()) in folded(hit.text)
        assert bool(article.css(".cut")) is (folded(quote.text()) != folded(hit.text)), "what is shortened says so"
        if not behind:  # of the further passages of a meeting the whole is read in the document
            assert folded(whole.text()) == folded(hit.text)
            assert [mark.text() for mark in whole.css("mark")] == [hit.text[a:b] for a, b in hit.highlights]
        assert folded(article.css_first(".citation .copy").text()) == folded(hit.citation)
        meeting = next(line for line in page.css("ol.hits > li") if article.attributes["id"] in (line.html or ""))
        assert hit.authority in meeting.text()
        assert hit.committee in meeting.text()
        place = urlsplit(article.css_first(".govuk-heading-s a").attributes["href"] or "")
        assert place.path == f"/document/{hit.document_id}"
        assert place.query == f"passage={hit.passage_id}"
        assert place.fragment == hit.passage_id
    assert "Searched 26 documents of 8 authorities" in text_of(page, ".searched")


def test_dates_are_spoken(client: FlaskClient) -> None:
    page = _get(client, "/", q="care leavers", authority="London Borough of Eastmarsh", committee="Cabinet")
    assert text_of(page, "article.hit time") == "15 September 2021"


def test_agenda_text_and_partial_records_are_said_to_be_so(client: FlaskClient) -> None:
    page = _get(client, "/", q=CARE_LEAVERS, kind="agenda")
    assert all("what was proposed, not what was decided" in hit.text() for hit in page.css("article.hit"))
    cut_off = _get(client, "/", q="How often we see and speak to former relevant children")
    assert "Partial record" in text_of(cut_off, "article.hit")


def test_unknown_authority_and_date_are_said_to_be_unknown(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "scrap.txt").write_text("The heron is to be left in peace.", encoding="utf-8")
    _ingest(tmp_path / "files", tmp_path / "data", encoder)
    client = create_app(data=tmp_path / "data", encoder=encoder).test_client()
    page = _get(client, "/", q="heron")
    where = text_of(page, ".where")
    assert "Authority not given by the source" in where
    assert "Date not given by the source" in where
    assert "Original" not in text_of(page, ".hit .links")
    place = page.css_first("article.hit h2 a").attributes["href"] or ""
    assert "Authority not given by the source" in text_of(_get(client, place), ".facts")


def test_filters_limit_results_and_stay_in_the_form(client: FlaskClient) -> None:
    query = {
        "q": "transport", "authority": "Harrowmere County Council", "committee": "Cabinet", "from": "2025-01-01",
        "to": "2025-12-31", "kind": ["minutes", "decision"],
    }  # fmt: skip
    page = _get(client, "/", **query)
    hits = page.css("article.hit")
    assert hits
    assert all("Harrowmere County Council" in hit.text() for hit in hits)
    meetings = page.css("ol.hits > li")
    assert all((meeting.css_first("time").attributes["datetime"] or "")[:4] == "2025" for meeting in meetings)
    checked_boxes = [box.attributes["value"] for box in page.css("input[checked]")]
    assert checked_boxes == ["Harrowmere County Council", "minutes", "decision"]
    values = {name: page.css_first(f"input[name={name}]").attributes["value"] for name in ("q", "from", "to")}
    assert values == {"q": "transport", "from": "2025-01-01", "to": "2025-12-31"}
    assert [folded(value.text()) for value in page.css(".in-use .value")] == [
        "Harrowmere County Council", "Cabinet", "Minutes", "Decision", "2025",
    ]  # fmt: skip


def test_pages_hold_every_passage_once(client: FlaskClient, searcher: Searcher) -> None:
    page = _get(client, "/", q="council", kind="minutes")
    ids = _passages(page)
    assert len(ids) == 10
    assert not page.css("a[rel=prev]")
    while page.css("a[rel=next]"):
        page = _get(client, page.css_first("a[rel=next]").attributes["href"] or "")
        assert [box.attributes["value"] for box in page.css("input[checked]")] == ["minutes"]
        assert page.css_first("a[rel=prev]") is not None
        ids += _passages(page)
    whole = searcher.search("council", Filters(kinds=("minutes",)), k=100).hits
    assert {hit.passage_id for hit in whole} == set(ids[: len(whole)])
    assert len(set(ids)) == len(ids)
    assert page.css_first(".govuk-pagination [aria-current=page]").text().strip() == str(-(-len(ids) // 10))


def test_a_page_that_is_too_far_is_explained(client: FlaskClient) -> None:
    beyond = _get(client, "/", q="council", page=40)
    assert "no passages on this page" in text_of(beyond, ".searched")
    assert "choose from the first 1,000" in text_of(_get(client, "/", 400, q="council", page=101), "form .error")
    assert "'page' is '0'" in text_of(_get(client, "/", 400, q="council", page=0), "form .error")


def test_passages_are_sorted_by_date(client: FlaskClient) -> None:
    page = _get(client, "/", q="care leavers")
    link = next(link for link in page.css(".sort a") if "by date" in link.text())
    dated = _get(client, link.attributes["href"] or "")
    days = [line.css_first("time").attributes["datetime"] or "" for line in dated.css("ol.hits > li")]
    assert days == sorted(days, reverse=True)
    assert len(set(days)) > 2
    assert dated.css_first("#order option[selected]").attributes["value"] == "date"
    back = next(link for link in dated.css(".sort a") if "by relevance" in link.text())
    assert _passages(_get(client, back.attributes["href"] or "")) == _passages(page)
    assert "choose relevance or date" in text_of(_get(client, "/", 400, q="bus", order="size"), "form .error")


def _passages(page: LexborHTMLParser) -> list[str]:
    return [urlsplit(link.attributes["href"] or "").fragment for link in page.css("article.hit .govuk-heading-s a")]


def test_no_hits_says_what_was_searched_and_what_to_try(client: FlaskClient) -> None:
    page = _get(client, "/", q="xyzzyq", authority="Harrowmere County Council")
    assert "No passages found in 4 documents of 1 authority" in text_of(page, ".searched")
    assert "check the spelling" in text_of(page, "main")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"q": ""}, "The query is empty"),
        ({"q": "x" * 1001}, "the limit is 1,000"),
        ({"q": "buses", "from": "1 May 2024"}, "'from' is '1 May 2024': give a date as yyyy-mm-dd"),
        ({"q": "buses", "to": "2024-02-30"}, "'to' is '2024-02-30'"),
        ({"q": "buses", "from": "2025-01-01", "to": "2024-01-01"}, "the wrong way round"),
        ({"q": "buses", "committee": "Witchcraft"}, "no committee 'Witchcraft'"),
        ({"q": "buses", "authority": "<i>Nowhere</i>"}, "no authority '<i>Nowhere</i>'"),
        ({"q": "buses", "k": "many"}, "'k' is 'many': choose a number from 1 to 100"),
        ({"q": ["buses", "trams"]}, "'q' is given 2 times"),
    ],
)
def test_a_query_that_cannot_be_understood_is_explained_by_the_box(
    client: FlaskClient, query: dict[str, object], message: str
) -> None:
    page = _get(client, "/", 400, **query)
    assert message in text_of(page, "form .error")
    assert text_of(page, "title").startswith("Error:")
    for name, value in query.items():
        if name in ("from", "to", "committee"):
            assert page.css_first(f"input[name={name}]").attributes["value"] == value
    asked = query["q"]
    assert page.css_first("#q").attributes["value"] == (asked[0] if isinstance(asked, list) else asked)


def test_a_page_ignores_parameters_it_does_not_know(client: FlaskClient) -> None:
    assert _get(client, "/", q="buses", utm_source="newsletter").css("article.hit")


def test_unknown_address_and_method_give_a_page(client: FlaskClient) -> None:
    assert "nothing at this address" in text_of(_get(client, "/nothing", 404), "main")
    response = client.post("/")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    checked(response)


def test_markup_in_minutes_is_shown_as_text(hostile: Flask) -> None:
    client = hostile.test_client()
    page = _get(client, "/", q="benches painted green <script>alert(4)</script>")
    assert "<script>alert('benches')</script>" in text_of(page, "main")
    assert page.css_first("#q").attributes["value"] == "benches painted green <script>alert(4)</script>"
    place = page.css_first("article.hit h2 a").attributes["href"] or ""
    document = _get(client, place)
    assert "<img src=x onerror=alert(2)> &" in text_of(document, ".source-text")
    assert not document.css("main img, main b, main script")


def test_reordering_characters_cannot_leave_their_element(hostile: Flask) -> None:
    client = hostile.test_client()
    page = _get(client, "/", q="pond \u202ereversed")
    place = page.css_first("article.hit h2 a").attributes["href"] or ""
    for shown in (page, _get(client, place)):
        holders = [node for node in shown.css("*") if "\u202e" in node.text(deep=False)]
        assert holders
        assert all(_isolates(node) for node in holders), [node.html for node in holders]


def _isolates(node: LexborNode | None) -> bool:
    """Tell whether an element or one around it keeps its text's direction to itself."""
    return node is not None and (node.tag == "bdi" or node.attributes.get("dir") == "auto" or _isolates(node.parent))


def test_app_starts_before_anything_is_ingested(tmp_path: Path, encoder: Encoder) -> None:
    client = create_app(data=tmp_path / "none", encoder=encoder).test_client()
    assert "run 'minutebook ingest PATH' first" in text_of(_get(client, "/", 503), "main")
    assert client.get("/healthz").get_data() == b"ok"
    (tmp_path / "minutes.txt").write_text("Minutes\n\nThe pond will be drained.", encoding="utf-8")
    _ingest(tmp_path / "minutes.txt", tmp_path / "none", encoder)
    assert _get(client, "/", q="pond").css("article.hit"), "an ingest is seen without a restart"
    (tmp_path / "more.txt").write_text("Minutes\n\nThe aviary will be painted.", encoding="utf-8")
    _ingest(tmp_path / "more.txt", tmp_path / "none", encoder)
    assert "aviary" in text_of(_get(client, "/", q="aviary"), "article.hit")


def test_settings_are_read_when_the_app_is_made(monkeypatch: pytest.MonkeyPatch, sample_data: Path) -> None:
    monkeypatch.setenv("MINUTEBOOK_DATA", str(sample_data))
    assert "26 documents" in text_of(_get(create_app().test_client(), "/"), "main")


def test_an_unexpected_failure_is_a_page_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(catalogue: Catalogue) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("webapp.pages.search.status", broken)
    page = _get(app.test_client(), "/", 500)
    assert "Something went wrong" in text_of(page, "main")
    assert "secret" not in text_of(page, "body")


def test_style_sheet_is_served(client: FlaskClient) -> None:
    with client.get("/static/style.css") as response:
        assert response.status_code == 200
        assert response.mimetype == "text/css"


def test_marked_and_quoted_text_is_escaped() -> None:
    assert marked("a <b> & c", [(2, 5)]) == "a <mark>&lt;b&gt;</mark> &amp; c"
    assert quoted("a<\n \nb\nc", [(0, 1)]) == "<p><mark>a</mark>&lt;</p>\n\n<p>b\nc</p>"


@pytest.mark.parametrize(
    ("url", "linked", "sample"),
    [
        ("https://democracy.wexcombe.example/a?b=1#c", True, True),
        ("https://www.leicester.gov.uk/x.example/", True, False),
        ("javascript:alert(1)//https://a.example", False, False),
        ("data:text/html,x", False, False),
        ("http://[broken", False, False),
        ("file:///etc/passwd", False, False),
        ("", False, False),
        (None, False, False),
    ],
)
def test_only_web_addresses_are_linked(url: str | None, linked: bool, sample: bool) -> None:
    assert (web_address(url) is not None, is_sample(url)) == (linked, sample)


@pytest.mark.parametrize(("number", "words"), [(0, "0 documents"), (1, "1 document"), (1431, "1,431 documents")])
def test_counts_agree_with_their_noun(number: int, words: str) -> None:
    assert counted(number, "document") == words
