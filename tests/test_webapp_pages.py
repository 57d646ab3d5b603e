"""The search page and the document page, over the samples and over documents made to break them."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus.catalogue import Catalogue
from corpus.model import AgendaItem, Document, Found, Page, Passage, Source
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest
from tests.page_checks import checked, folded, text_of
from webapp import create_app
from webapp.shown.formatters import blocks, counted, is_sample, marked, quoted, web_address

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
    examples = [link.attributes["href"] or "" for link in page.css("main ul a")]
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
    shown = page.css("article.hit")
    assert len(shown) == len(result.hits)
    for article, hit in zip(shown, result.hits, strict=True):
        assert folded(article.css_first("blockquote").text()) == folded(hit.text)
        assert [mark.text() for mark in article.css("mark")] == [hit.text[a:b] for a, b in hit.highlights]
        assert folded(article.css_first(".citation .copy").text()) == folded(hit.citation)
        assert hit.authority in article.text()
        assert hit.committee in article.text()
        place = urlsplit(article.css_first("h2 a").attributes["href"] or "")
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
    assert all((hit.css_first("time").attributes["datetime"] or "")[:4] == "2025" for hit in hits)
    checked_boxes = [box.attributes["value"] for box in page.css("input[checked]")]
    assert checked_boxes == ["Harrowmere County Council", "minutes", "decision"]
    values = {name: page.css_first(f"input[name={name}]").attributes["value"] for name in ("q", "from", "to")}
    assert values == {"q": "transport", "from": "2025-01-01", "to": "2025-12-31"}
    assert [folded(value.text()) for value in page.css(".in-use .value")] == [
        "Harrowmere County Council", "Cabinet", "Minutes", "Decision", "2025",
    ]  # fmt: skip


def test_more_passages_can_be_asked_for(client: FlaskClient) -> None:
    page = _get(client, "/", q="council", kind="minutes")
    assert len(page.css("article.hit")) == 10
    more = _get(client, page.css_first("a.more").attributes["href"] or "")
    assert len(more.css("article.hit")) == 20
    assert [box.attributes["value"] for box in more.css("input[checked]")] == ["minutes"]


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


def test_document_opens_at_the_cited_passage(client: FlaskClient, searcher: Searcher) -> None:
    hit = searcher.search(CARE_LEAVERS).hits[0]
    page = _get(client, f"/document/{hit.document_id}", passage=hit.passage_id)
    cited = page.css("mark.cited")
    assert cited[0].attributes["id"] == hit.passage_id
    assert folded(" ".join(mark.text() for mark in cited)) == folded(hit.text)
    links = [link.attributes["href"] for link in page.css(".facts a")]
    assert links == [hit.url]


@pytest.mark.parametrize("with_pages", [True, False])
def test_document_shows_every_word_once(client: FlaskClient, searcher: Searcher, with_pages: bool) -> None:
    ids = [row[0] for row in searcher.catalogue.connection.execute("SELECT document_id FROM documents")]
    documents = [searcher.catalogue.document(document_id) for document_id in ids]
    document = next(document for document in documents if document.items and bool(document.pages) == with_pages)
    page = _get(client, f"/document/{document.document_id}")
    assert folded(" ".join(node.text() for node in page.css(".source"))) == folded(document.text)
    assert [folded(node.text()) for node in page.css(".page-label")] == [f"Page {p.number}" for p in document.pages]
    assert all(page.css(f"#item-{number}") for number, _ in enumerate(document.items, 1))


def test_document_says_how_its_date_was_found_and_what_else_was_met(tmp_path: Path, encoder: Encoder) -> None:
    date = Found("2024-10-08", "the page's <DC.date>", ("2024-07-09 (the head of the text)", "2025-03-04 (<i>)"))
    document = Document("d1", "Noted.", "Minutes", "minutes", meeting_date=date, notes=("no text on page 2",))
    Catalogue(tmp_path, create=True).save(document, Source("/a/b.pdf", "b <1>.pdf", "f", "d1"))
    facts = text_of(_get(create_app(data=tmp_path, encoder=encoder).test_client(), "/document/d1"), ".facts")
    assert "8 October 2024 How found: the page's <DC.date>." in facts
    assert "Also met, not taken: 2024-07-09 (the head of the text); 2025-03-04 (<i>)." in facts
    assert "b <1>.pdf" in facts
    assert "no text on page 2" in facts


def test_document_that_was_replaced_links_to_its_replacement(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "files").mkdir()
    file = tmp_path / "files" / "minutes.txt"
    for words in ("The pond will be drained.", "The pond will be kept."):
        file.write_text(f"Minutes\n\n{words}", encoding="utf-8")
        _ingest(tmp_path / "files", tmp_path / "data", encoder)
    catalogue = Catalogue(tmp_path / "data")
    old, new = catalogue.connection.execute(
        "SELECT document_id, replaced_by FROM documents WHERE replaced_by IS NOT NULL"
    ).fetchone()
    page = _get(create_app(data=tmp_path / "data", encoder=encoder).test_client(), f"/document/{old}")
    assert page.css_first(".warning a").attributes["href"] == f"/document/{new}"
    assert "drained" in text_of(page, ".source-text")


def test_unknown_document_is_explained(client: FlaskClient) -> None:
    page = _get(client, "/document/<b>nope", 404)
    assert "No document has the id" in text_of(page, "main")
    assert not page.css("main b")
    assert page.css_first("main a").attributes["href"] == "/"


def test_unknown_passage_still_shows_the_document(client: FlaskClient, searcher: Searcher) -> None:
    hit = searcher.search(CARE_LEAVERS).hits[0]
    page = _get(client, f"/document/{hit.document_id}", 404, passage="nope")
    assert "no passage by the id" in text_of(page, ".warning")
    assert folded(hit.text) in text_of(page, ".source-text")


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


def _document(text: str, *, pages: tuple[Page, ...] = (), items: tuple[AgendaItem, ...] = ()) -> Document:
    return Document("d", text, "Title", "minutes", pages=pages, items=items)


def _shown(document: Document, passage: Passage | None = None) -> str:
    return "".join("".join(run.text for run in block.runs) + block.after for block in blocks(document, passage))


@pytest.mark.parametrize(
    "text", ["", "\n\n", "One.", "  One.\n \t\nTwo <b>.\n\n\n\nThree.\nFour. ", "\n\nOne.\u202e\n\nTwo\u2028Three\n"]
)
def test_blocks_hold_every_character_once(text: str) -> None:
    document = _document(text)
    assert _shown(document) == text
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            passage = Passage("p", start, end, text[start:end], "minutes")
            assert _shown(document, passage) == text
            cited = [run for block in blocks(document, passage) for run in block.runs if run.cited]
            assert "".join("".join(run.text for run in cited).split()) == "".join(passage.text.split())


def test_a_passage_over_a_page_break_is_marked_on_both_pages_and_anchored_once() -> None:
    document = _document("The pond will\nbe drained. Agreed.", pages=(Page(1, 0, 14), Page(2, 14, 33), Page(3, 33, 33)))
    found = blocks(document, Passage("p", 4, 25, document.text[4:25], "minutes"))
    assert [[page.number for page in block.pages] for block in found] == [[1], [2], [3]]
    assert [[run.text for run in block.runs if run.cited] for block in found] == [["pond will"], ["be drained."], []]
    assert [run.anchor for block in found for run in block.runs if run.cited] == ["p", None]


def test_an_item_heading_over_two_lines_is_one_heading() -> None:
    text = "Head\n\n7. Ponds and\nfountains\nAgreed.\n\nItem nine\n\nNoted."
    items = (AgendaItem("Ponds and fountains", 6, 38), AgendaItem("A title from elsewhere", 38, len(text)))
    found = blocks(_document(text, items=items), None)
    assert [(block.runs[0].text, block.item, block.heading) for block in found] == [
        ("Head", None, False), ("7. Ponds and\nfountains", 1, True), ("Agreed.", None, False),
        ("Item nine", 2, False), ("Noted.", None, False),
    ]  # fmt: skip


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
