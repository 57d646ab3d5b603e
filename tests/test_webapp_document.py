"""The page of a document: its text in parts, what it records, how to cite it, and its pages as printed."""

import json
import time
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from corpus import ids
from corpus.catalogue import Catalogue
from corpus.model import (
    Action,
    AgendaItem,
    Attendee,
    Decision,
    Document,
    Found,
    Interest,
    Motion,
    Page,
    Passage,
    Recorded,
    Source,
    Vote,
)
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest
from tests.page_checks import checked, folded, text_of
from tests.printed_minutes import render
from webapp import create_app
from webapp.shown.documents import PART, blocks, original_at_words, part_at

CARE_LEAVERS = "How often must care leavers be contacted?"
MOVED = "That the boathouse be let to the rowing club."
COUNCIL = f"""Attendance: Cllr A. Reed. Apologies: Cllr B. Sedge.

7. The boathouse

Cllr Reed moved, seconded by Cllr Sedge: {MOVED}

Amendment: for one year only. The amendment was lost.

RESOLVED: That the boathouse be let.

Cllr Sedge declared an interest as a rower. ACTION: the clerk to write to the club."""


def _get(client: FlaskClient, path: str, status: int = 200, **query: object) -> LexborHTMLParser:
    response = client.get(path, query_string=query or None)
    assert response.status_code == status
    return checked(response)


def _ingest(files: Path, data: Path, encoder: Encoder) -> None:
    catalogue = Catalogue(data, create=True)
    ingest([files], catalogue, encoder)
    update(catalogue, encoder)
    catalogue.close()


def _kept(directory: Path, encoder: Encoder, document: Document, file: str = "b.txt") -> FlaskClient:
    """Return a client of the app over a catalogue that holds one document."""
    catalogue = Catalogue(directory, create=True)
    catalogue.save(document, Source(f"/a/{file}", file, "f", document.document_id))
    catalogue.close()
    return create_app(data=directory, encoder=encoder).test_client()


def _href(node: LexborNode | None) -> str:
    assert node is not None
    return node.attributes["href"] or ""


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> FlaskClient:
    """The app over one document with a record of each sort; its motion carried, its amendment lost."""

    def span(words: str) -> tuple[int, int]:
        start = COUNCIL.index(words)
        return start, start + len(words)

    vote = Vote(12, 30, None, ("Cllr A. Reed",), ("Cllr <i>Rush</i>",), (), *span("The amendment was lost."))
    records = (
        Recorded(None, Attendee("present", "Cllr A. Reed", "Chair", None, *span("Cllr A. Reed"), "listed")),
        Recorded(None, Attendee("apologies", "Cllr B. Sedge", None, None, *span("Cllr B. Sedge"), "listed")),
        Recorded(0, Motion("motion", "Cllr Reed", "Cllr Sedge", *span(MOVED), "moved", "carried")),
        Recorded(0, Motion("amendment", None, None, *span("for one year only"), "moved", "lost", vote=vote)),
        Recorded(0, Decision(*span("That the boathouse be let."), "RESOLVED")),
        Recorded(0, Interest("Cllr Sedge", "a rower", None, None, *span("declared an interest"), "declared")),
        Recorded(0, Action("the clerk", *span("to write to the club"), "ACTION")),
    )
    items = (AgendaItem("The boathouse", COUNCIL.index("7."), len(COUNCIL), number="7"),)
    start = COUNCIL.index("Amendment")
    passages = (
        Passage("a1" * 10, span(MOVED)[0], span(MOVED)[1], MOVED, "minutes", 0),
        Passage("a2" * 10, start, start + 50, COUNCIL[start : start + 50], "minutes", 0),
    )
    document = Document("c" * 20, COUNCIL, "Council", "minutes", items=items, records=records, passages=passages)
    return _kept(tmp_path_factory.mktemp("council"), encoder, document)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> tuple[FlaskClient, Document]:
    """The app over a document of four hundred items, with a decision in each, and the document."""
    pieces, items, records, passages = [], [], [], []
    at = 0
    for number in range(400):
        body = " ".join(f"Sentence {word} of minute {number} is about the towpath." for word in range(25))
        text = f"{number + 1}. Towpath {number}\n\n{body}\n\n"
        items.append(AgendaItem(f"Towpath {number}", at, at + len(text), number=str(number + 1)))
        start = at + text.index(body)
        records.append(Recorded(number, Decision(start, start + len(body), "RESOLVED")))
        passages.append((start, start + len(body), body, number))
        pieces.append(text)
        at += len(text)
    key = "1" * 20
    named = zip(passages, ids.passage_ids(key, [body for _, _, body, _ in passages]), strict=True)
    cited = tuple(Passage(name, start, end, body, "minutes", item) for (start, end, body, item), name in named)
    document = Document(
        key, "".join(pieces), "Long", "minutes", items=tuple(items), records=tuple(records), passages=cited
    )
    return _kept(tmp_path_factory.mktemp("long"), encoder, document), document


# -- the text and the passage ----------------------------------------------------------------------------


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
    page = _get(create_app(data=tmp_path, encoder=encoder).test_client(), "/document/d1")
    facts, how = text_of(page, ".facts"), text_of(page, "#how-found")
    assert "8 October 2024 other values were met: Date" in facts
    assert "Date the page's <DC.date>. Also met, not taken: 2024-07-09 (the head of the text); 2025-03-04 (<i>)." in how
    assert "Authority" not in how
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


def _plain(text: str, *, pages: tuple[Page, ...] = (), items: tuple[AgendaItem, ...] = ()) -> Document:
    return Document("d", text, "Title", "minutes", pages=pages, items=items)


def _joined(document: Document, passage: Passage | None = None) -> str:
    return "".join("".join(run.text for run in block.runs) + block.after for block in blocks(document, passage))


@pytest.mark.parametrize(
    "text", ["", "\n\n", "One.", "  One.\n \t\nTwo <b>.\n\n\n\nThree.\nFour. ", "\n\nOne.\u202e\n\nTwo\u2028Three\n"]
)
def test_blocks_hold_every_character_once(text: str) -> None:
    document = _plain(text)
    assert _joined(document) == text
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            passage = Passage("p", start, end, text[start:end], "minutes")
            assert _joined(document, passage) == text
            cited = [run for block in blocks(document, passage) for run in block.runs if run.cited]
            assert "".join("".join(run.text for run in cited).split()) == "".join(passage.text.split())


def test_a_passage_over_a_page_break_is_marked_on_both_pages_and_anchored_once() -> None:
    document = _plain("The pond will\nbe drained. Agreed.", pages=(Page(1, 0, 14), Page(2, 14, 33), Page(3, 33, 33)))
    found = blocks(document, Passage("p", 4, 25, document.text[4:25], "minutes"))
    assert [[page.number for page in block.pages] for block in found] == [[1], [2], [3]]
    assert [[run.text for run in block.runs if run.cited] for block in found] == [["pond will"], ["be drained."], []]
    assert [run.anchor for block in found for run in block.runs if run.cited] == ["p", None]


def test_an_item_heading_over_two_lines_is_one_heading() -> None:
    text = "Head\n\n7. Ponds and\nfountains\nAgreed.\n\nItem nine\n\nNoted."
    items = (AgendaItem("Ponds and fountains", 6, 38), AgendaItem("A title from elsewhere", 38, len(text)))
    found = blocks(_plain(text, items=items), None)
    assert [(block.runs[0].text, block.item, block.heading) for block in found] == [
        ("Head", None, False), ("7. Ponds and\nfountains", 1, True), ("Agreed.", None, False),
        ("Item nine", 2, False), ("Noted.", None, False),
    ]  # fmt: skip


# -- parts of a long text --------------------------------------------------------------------------------


def test_a_long_text_is_shown_in_parts_that_hold_every_word_once(long: tuple[FlaskClient, Document]) -> None:
    client, document = long
    address, shown, pages = f"/document/{document.document_id}", "", 0
    while address:
        page = _get(client, address)
        shown += " " + " ".join(node.text() for node in page.css(".source"))
        pages += 1
        following = page.css_first(".govuk-pagination__next a")
        address = _href(following) if following else ""
    assert folded(shown) == folded(document.text)
    assert pages == len(part_at(document, 0).starts) > 3


def test_a_part_is_bounded_however_the_text_is_written(tmp_path: Path, encoder: Encoder) -> None:
    one_line = "x" * 900_000 + " ".join(["\u202eword</p>\x00\x1b"] * 400_000)
    client = _kept(tmp_path, encoder, Document("d" * 20, one_line, "One line", "minutes"))
    began = time.perf_counter()
    page = _get(client, f"/document/{'d' * 20}", start=2_000_000)
    assert time.perf_counter() - began < 5
    assert len(page.html or "") < 6 * PART
    assert "part" in text_of(page, "title")
    starts = part_at(Document("d", one_line, "One line", "minutes"), 0).starts
    assert all(0 < following - start <= PART for start, following in pairwise(starts))


def test_a_cited_passage_of_a_long_text_is_shown_in_its_part(long: tuple[FlaskClient, Document]) -> None:
    client, document = long
    for passage in (document.passages[0], document.passages[217], document.passages[-1]):
        page = _get(client, f"/document/{document.document_id}", passage=passage.passage_id)
        assert folded(" ".join(mark.text() for mark in page.css("mark.cited"))) == folded(passage.text)
        elsewhere = _get(client, f"/document/{document.document_id}", passage=passage.passage_id, start=120_000)
        back = next(link for link in elsewhere.css("a") if link.text() == "Go to the cited passage")
        target = _href(back)
        if not target.startswith("#"):
            assert _get(client, target).css(f'[id="{passage.passage_id}"]')


def test_no_passage_is_cut_by_the_end_of_a_part(long: tuple[FlaskClient, Document]) -> None:
    _, document = long
    starts = part_at(document, 0).starts
    assert not [start for start in starts for one in document.passages if one.start < start < one.end]


def test_links_to_items_and_records_lead_to_the_part_that_holds_them(long: tuple[FlaskClient, Document]) -> None:
    client, document = long
    page = _get(client, f"/document/{document.document_id}", item=390)
    assert page.css_first("#item-390")
    assert "400 agenda items" in text_of(page, ".contents")
    assert "the whole document has 400" in text_of(page, ".record-list")
    last = page.css("nav.contents ol a")[-1]
    assert _href(last) == "#item-400"
    listed = {_href(link) for link in page.css("ul.records a")}
    assert f"#at-{document.records[399].record.start}" in listed


def test_an_item_elsewhere_is_linked_by_its_part(tmp_path: Path, encoder: Encoder) -> None:
    text = "1. Ponds\n\n" + "The pond is deep. " * 12_000 + "\n\n2. Weirs\n\nThe weir is low."
    second = text.index("2. Weirs")
    items = (AgendaItem("Ponds", 0, second, "1"), AgendaItem("Weirs", second, len(text), "2"))
    client = _kept(tmp_path, encoder, Document("e" * 20, text, "Council", "minutes", items=items))
    page = _get(client, f"/document/{'e' * 20}")
    target = _href(page.css("nav.contents ol a")[1])
    assert target.endswith("#item-2")
    assert not page.css("#item-2")
    assert "Weirs" in text_of(_get(client, target), "#item-2")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"start": "many"}, "'start' is 'many': give a whole number"),
        ({"start": "-1"}, "'start' is '-1'"),
        ({"start": "999999999"}, "the document has"),
        ({"item": "0"}, "'item' is 0: the document has 400 items"),
        ({"item": "401"}, "'item' is 401"),
    ],
)
def test_a_place_that_is_not_there_is_explained(
    long: tuple[FlaskClient, Document], query: dict[str, str], message: str
) -> None:
    client, document = long
    assert message in text_of(_get(client, f"/document/{document.document_id}", 400, **query), "main")


# -- what a document records -----------------------------------------------------------------------------


def test_records_of_every_sort_are_listed_and_linked_to_their_place(council: FlaskClient) -> None:
    page = _get(council, f"/document/{'c' * 20}")
    assert [folded(node.text()) for node in page.css(".record-list > summary")] == [
        "Motions and amendments (2): 1 lost", "Decisions (1)", "Declarations of interest (1)", "Actions (1)",
        "Attendance (2)",
    ]  # fmt: skip
    for link in page.css(".records a"):
        words = folded(link.text())
        assert text_of(page, f'[id="{_href(link)[1:]}"]').startswith(words)
    for link in page.css(".record-list h3 a"):
        assert page.css(f'[id="{_href(link)[1:]}"]')
    assert "Cllr A. Reed (Chair)" in text_of(page, ".attendees")
    assert "For the clerk" in text_of(page, "main")


def test_a_lost_amendment_is_seen_to_be_lost_in_the_list_and_in_the_text(council: FlaskClient) -> None:
    page = _get(council, f"/document/{'c' * 20}")
    carried, lost = page.css(".records")[0].css("li")
    assert "Carried Motion moved by Cllr Reed, seconded by Cllr Sedge" in folded(carried.text())
    assert "Lost Amendment moved by a person not named" in folded(lost.text())
    assert "12 for, 30 against" in folded(lost.text())
    assert "Cllr <i>Rush</i>" in folded(lost.text())
    labels = [folded(label.text()) for label in page.css(".outcome-label")]
    assert labels == ["Motion, as recorded: Carried", "Amendment, as recorded: Lost"]
    assert folded(" ".join(node.text() for node in page.css(".source"))) == folded(COUNCIL)


@pytest.mark.parametrize(
    ("passage", "said"),
    [
        ("a1" * 10, "Holds words of a motion, as recorded: Carried"),
        ("a2" * 10, "Holds words of an amendment, as recorded: Lost"),
    ],
)
def test_a_cited_passage_says_what_became_of_what_it_moves(council: FlaskClient, passage: str, said: str) -> None:
    note = text_of(_get(council, f"/document/{'c' * 20}", passage=passage), ".cited-note")
    assert said in note
    assert note.count("as recorded") == 1


def test_samples_say_what_became_of_every_motion(client: FlaskClient, searcher: Searcher) -> None:
    rows = searcher.catalogue.connection.execute(
        "SELECT document_id, COUNT(*) FROM records WHERE type IN ('motion', 'amendment')"
        " AND json_extract(fields, '$.outcome') = 'lost' GROUP BY document_id"
    ).fetchall()
    assert rows
    for document_id, count in rows:
        page = _get(client, f"/document/{document_id}")
        assert len(page.css("li.lost")) == count
        assert sum("Lost" in label.text() for label in page.css(".outcome-label")) == count


# -- citing ----------------------------------------------------------------------------------------------


def test_a_permanent_link_leads_to_the_passage(client: FlaskClient, searcher: Searcher) -> None:
    hit = searcher.search(CARE_LEAVERS).hits[0]
    page = _get(client, f"/document/{hit.document_id}", passage=hit.passage_id, lang="cy")
    link = urlsplit(text_of(page, ".permalink"))
    assert (link.path, link.query) == (f"/passage/{hit.passage_id}", "")
    response = client.get(link.path)
    assert response.status_code == 302
    target = response.headers["Location"]
    assert urlsplit(target).fragment == hit.passage_id
    assert folded(" ".join(mark.text() for mark in _get(client, target).css("mark.cited"))) == folded(hit.text)


def test_an_unknown_permanent_link_is_explained(client: FlaskClient) -> None:
    page = _get(client, "/passage/<b>0", 404)
    assert "No passage with this address is held" in text_of(page, "main")
    assert page.css_first("main a").attributes["href"] == "/"


def test_a_permanent_link_into_a_replaced_version_shows_it_and_names_the_new_one(
    tmp_path: Path, encoder: Encoder
) -> None:
    file = tmp_path / "files" / "minutes.txt"
    file.parent.mkdir()
    kept, passages = "1. Hedges\n\nThe hedge by the lane is to be laid in winter.", []
    for words in ("The pond will be drained.", "The pond will be kept."):
        file.write_text(f"Minutes\n\n{kept}\n\n2. Ponds\n\n{words}", encoding="utf-8")
        _ingest(file.parent, tmp_path / "data", encoder)
        found = Catalogue(tmp_path / "data").connection.execute("SELECT document_id FROM documents WHERE current")
        passages.append(Catalogue(tmp_path / "data").document(found.fetchone()[0]).passages)
    client = create_app(data=tmp_path / "data", encoder=encoder).test_client()
    for passage in passages[0]:
        page = _get(client, client.get(f"/passage/{passage.passage_id}").headers["Location"])
        assert folded(" ".join(mark.text() for mark in page.css("mark.cited"))) == folded(passage.text)
        assert "Another version of this record is searched in its place" in text_of(page, ".warning")
        other = _get(client, _href(page.css_first(".warning a")))
        marked = folded(" ".join(mark.text() for mark in other.css("mark.cited")))
        same = any(folded(one.text) == folded(passage.text) for one in passages[1])
        assert marked == (folded(passage.text) if same else "")
        assert ("does not stand there" in text_of(page, ".warning")) is not same


def test_citations_are_shown_and_downloaded_alike(client: FlaskClient, searcher: Searcher) -> None:
    hit = searcher.search(CARE_LEAVERS).hits[0]
    page = _get(client, f"/document/{hit.document_id}", passage=hit.passage_id)
    types = {
        "ris": "application/x-research-info-systems", "bib": "application/x-bibtex",
        "json": "application/vnd.citationstyles.csl+json", "txt": "text/plain",
    }  # fmt: skip
    shown = [folded(node.text()) for node in page.css(".citation-form")]
    for form, mimetype in types.items():
        address = f"/cite/{hit.passage_id}.{form}"
        assert address in {_href(link) for link in page.css(".cite-this a")}
        response = client.get(address)
        assert response.mimetype == mimetype
        assert response.headers["Content-Disposition"] == f"attachment; filename=minutebook-{hit.passage_id}.{form}"
        assert folded(response.text) in shown
        assert (hit.authority or "") in response.text
        assert f"/passage/{hit.passage_id}" in response.text or (hit.url or "?") in response.text
    assert json.loads(client.get(f"/cite/{hit.passage_id}.json").text)[0]["id"] == hit.passage_id
    assert hit.citation.split(" http")[0] in text_of(page, ".cite-this .copy")


def test_a_document_is_cited_without_a_passage(client: FlaskClient, searcher: Searcher) -> None:
    document_id = searcher.search(CARE_LEAVERS).hits[0].document_id
    page = _get(client, f"/document/{document_id}")
    assert text_of(page, "#cite") == "Cite this document"
    assert f"ID  - {document_id}" in client.get(f"/cite/{document_id}.ris").text
    assert urlsplit(text_of(page, ".permalink")).path == f"/document/{document_id}"


@pytest.mark.parametrize("name", ["0.ris", "<b>.json", "x.pdf", "x"])
def test_what_cannot_be_cited_is_explained(client: FlaskClient, name: str) -> None:
    _get(client, f"/cite/{name}", 404)


def test_reference_managers_find_what_is_cited_in_the_head(client: FlaskClient, searcher: Searcher) -> None:
    hit = searcher.search(CARE_LEAVERS).hits[0]
    page = _get(client, f"/document/{hit.document_id}", passage=hit.passage_id)
    held = {meta.attributes.get("name"): meta.attributes.get("content") for meta in page.css("head meta[name]")}
    assert held["citation_title"] == hit.title
    assert held["citation_technical_report_institution"] == hit.authority
    assert held["citation_date"] == (hit.meeting_date or "").replace("-", "/")
    assert held["citation_abstract"] == folded(hit.text)
    for link in page.css('head link[rel="alternate"][type]'):
        response = client.get(_href(link))
        assert response.status_code == 200
        assert response.mimetype == link.attributes["type"]
    canonical = urlsplit(_href(page.css_first('link[rel="canonical"]')))
    assert (canonical.path, canonical.query) == (f"/document/{hit.document_id}", "")


def test_passages_can_be_added_once_there_are_collections(app: Flask, sample_data: Path, encoder: Encoder) -> None:
    hit = app.test_client().get("/api/v1/search", query_string={"q": CARE_LEAVERS}).get_json()["hits"][0]
    address = f"/document/{hit['document_id']}?passage={hit['passage_id']}"
    links = [_href(link) for link in _get(app.test_client(), address).css(".cited-links a")]
    offered = "collections.add" in app.view_functions
    assert any(hit["passage_id"] in link and "collection" in link for link in links) is offered


# -- the original ----------------------------------------------------------------------------------------


def _at_words(text: str, url: str = "https://a.example/m", path: str = "m.html", **more: object) -> str | None:
    passage = Passage("p", 0, len(text), text, "minutes")
    document = Document("d", text, "T", "minutes", url=Found(url, "given"), passages=(passage,), **more)  # type: ignore[arg-type]
    return original_at_words(document, passage, [path])


def test_a_web_page_without_anchors_is_opened_at_the_words() -> None:
    assert (
        _at_words("The well-kept pond, & more")
        == "https://a.example/m#:~:text=The%20well%2Dkept%20pond%2C%20%26%20more"
    )
    several = _at_words("One two three four five six seven.\n\nEight nine ten eleven twelve thirteen fourteen.")
    assert several == (
        "https://a.example/m#:~:text=One%20two%20three%20four%20five%20six,nine%20ten%20eleven%20twelve%20thirteen%20fourteen."
    )


def test_what_is_no_web_page_or_has_its_place_is_opened_there() -> None:
    assert _at_words("Noted.", path="m.docx") == "https://a.example/m"
    assert _at_words("Noted.", url="https://a.example/m#AI7") == "https://a.example/m#AI7"
    assert _at_words(" \n ") == "https://a.example/m"
    assert _at_words("Noted.", path="m.html", pages=(Page(1, 0, 6),)) == "https://a.example/m"


# -- pages as printed ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> tuple[FlaskClient, Document, Path]:
    """The app over one printed PDF, its document, and the file."""
    folder = tmp_path_factory.mktemp("printed")
    (folder / "files").mkdir()
    file = folder / "files" / "minutes.pdf"
    source = "# Council\n\n1. Kingfishers\n\nThe Council resolved that the kingfisher banks be fenced until the autumn."
    file.write_bytes(render(source))
    _ingest(folder / "files", folder / "data", encoder)
    catalogue = Catalogue(folder / "data")
    document = catalogue.document(catalogue.connection.execute("SELECT document_id FROM documents").fetchone()[0])
    return create_app(data=folder / "data", encoder=encoder).test_client(), document, file


def test_a_page_is_shown_as_printed_with_the_quoted_lines_marked(printed: tuple[FlaskClient, Document, Path]) -> None:
    client, document, _ = printed
    passage = next(one for one in document.passages if "kingfisher banks" in one.text)
    page = _get(client, f"/document/{document.document_id}", passage=passage.passage_id)
    link = next(link for link in page.css(".cited-links a") if "as printed" in link.text())
    sheet = _get(client, _href(link))
    picture = sheet.css_first("svg.sheet-picture")
    assert picture is not None
    assert picture.attributes["aria-label"] == "Page 1 of the PDF; the quoted lines are marked"
    assert picture.css("rect.quoted")
    assert "kingfisher banks" in folded(" ".join(mark.text() for mark in sheet.css("mark.cited")))
    back = next(link for link in sheet.css("a") if link.text() == "Back to the document")
    assert parse_qs(urlsplit(_href(back)).query) == {"passage": [passage.passage_id]}
    drawn = client.get(_href(picture.css_first("image")))
    assert drawn.mimetype == "image/png"
    assert drawn.data.startswith(b"\x89PNG")
    again = client.get(_href(picture.css_first("image")), headers={"If-None-Match": drawn.headers["ETag"]})
    assert again.status_code == 304
    assert "max-age" in drawn.headers["Cache-Control"]


def test_a_page_without_a_passage_is_shown_without_marks(printed: tuple[FlaskClient, Document, Path]) -> None:
    client, document, _ = printed
    sheet = _get(client, f"/document/{document.document_id}/page/1")
    assert not sheet.css("rect")
    assert sheet.css_first("svg.sheet-picture").attributes["aria-label"] == "Page 1 of the PDF"


def test_a_page_that_is_not_there_is_explained(
    printed: tuple[FlaskClient, Document, Path], client: FlaskClient, searcher: Searcher
) -> None:
    of_pdf, document, _ = printed
    for number in ("0", "2", "99999999999999999999"):
        for ending in ("", ".png"):
            page = _get(of_pdf, f"/document/{document.document_id}/page/{number}{ending}", 404)
            assert "no page" in text_of(page, "main")
    _get(of_pdf, f"/document/{document.document_id}/page/one", 404)
    _get(client, "/document/nope/page/1", 404)


def test_a_file_that_changed_is_said_to_have_changed_and_its_text_stays(
    printed: tuple[FlaskClient, Document, Path], tmp_path: Path, encoder: Encoder
) -> None:
    file = tmp_path / "files" / "minutes.pdf"
    file.parent.mkdir()
    file.write_bytes(printed[2].read_bytes())
    _ingest(file.parent, tmp_path / "data", encoder)
    file.write_bytes(render("# Council\n\nAnother text."))
    client = create_app(data=tmp_path / "data", encoder=encoder).test_client()
    document = printed[1]
    passage = document.passages[0].passage_id
    page = _get(client, f"/document/{document.document_id}/page/1", 404, passage=passage)
    assert "gone or has changed" in text_of(page, ".warning")
    assert "kingfisher banks" in text_of(page, ".source-text")
    file.unlink()
    assert "gone or has changed" in text_of(_get(client, f"/document/{document.document_id}/page/1", 404), ".warning")
    assert _get(client, f"/document/{document.document_id}", passage=passage).css("mark.cited")


# -- as JSON ---------------------------------------------------------------------------------------------


def test_the_interface_gives_the_part_around_a_passage(client: FlaskClient, searcher: Searcher) -> None:
    hit = searcher.search(CARE_LEAVERS).hits[0]
    part = client.get(f"/api/v1/document/{hit.document_id}", query_string={"passage": hit.passage_id}).get_json()
    document = searcher.catalogue.document(hit.document_id)
    assert part["text"] == document.text[part["start"] : part["end"]]
    assert part["start"] <= hit.start < hit.end <= part["end"]
    cited = next(one for one in part["passages"] if one["passage_id"] == hit.passage_id)
    assert cited["citation"] == hit.citation


def test_the_interface_gives_every_record_of_a_document(council: FlaskClient) -> None:
    part = council.get(f"/api/v1/document/{'c' * 20}").get_json()
    assert [record["type"] for record in part["records"]] == [
        "attendee", "attendee", "motion", "amendment", "decision", "interest", "action",
    ]  # fmt: skip
    lost = part["records"][3]
    assert (lost["outcome"], lost["item"], lost["vote"]["against_count"]) == ("lost", 0, 30)
    assert part["text"][lost["start"] : lost["end"]] == "for one year only"
    narrow = council.get(f"/api/v1/document/{'c' * 20}", query_string={"start": 0, "end": 20}).get_json()
    assert narrow["text"] == COUNCIL[:20]
    assert [record["type"] for record in narrow["records"]] == ["attendee"]


def test_the_interface_gives_a_passage_as_a_hit_with_its_permanent_address(
    client: FlaskClient, searcher: Searcher
) -> None:
    hit = searcher.search(CARE_LEAVERS).hits[0]
    given = client.get(f"/api/v1/passage/{hit.passage_id}").get_json()
    assert (given["text"], given["citation"], given["url"]) == (hit.text, hit.citation, hit.url)
    assert given["text"] == searcher.catalogue.document(hit.document_id).text[given["start"] : given["end"]]
    assert urlsplit(given["permalink"]).path == f"/passage/{hit.passage_id}"
    assert given["replaced_by"] is None


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("document/nope", 404, "No document has the id"),
        ("passage/nope", 404, "No passage has the id"),
        ("passage/nope?k=1", 400, "There is no parameter 'k'"),
        ("document/{id}?passage=nope", 404, "has no passage"),
        ("document/{id}?passage=x&start=1", 400, "not both"),
        ("document/{id}?start=x", 400, "give a whole number"),
        ("document/{id}?start=99999999", 400, "characters, counted from 0"),
        ("document/{id}?start=5&end=5", 400, "comes after 'start'"),
        ("document/{id}?page=1", 400, "There is no parameter 'page'"),
    ],
)
def test_the_interface_explains_what_it_cannot_give(
    client: FlaskClient, searcher: Searcher, path: str, status: int, message: str
) -> None:
    document_id = searcher.search(CARE_LEAVERS).hits[0].document_id
    response = client.get("/api/v1/" + path.format(id=document_id))
    assert response.status_code == status
    assert message in response.get_json()["error"]["message"]


# -- hostile text ----------------------------------------------------------------------------------------


def test_hostile_words_stay_words_wherever_they_are_shown(tmp_path: Path, encoder: Encoder) -> None:
    bad = "</p><script>alert(1)</script>\u202e\x07\"'><img src=x onerror=alert(2)>"
    text = f"1. {bad}\n\n{bad} moved {bad}"
    moved = text.rindex(bad)
    document = Document(
        "f" * 20, text, bad, "minutes", authority=Found(bad, bad, (bad,)), committee=Found(bad, bad),
        url=Found(f"javascript:{bad}", bad), venue=Found(bad, bad), notes=(bad,),
        items=(AgendaItem(bad, 0, len(text), number=bad, partial=True),),
        records=(Recorded(0, Motion("motion", bad, bad, moved, len(text), bad, "lost")),
                 Recorded(0, Attendee("present", bad, bad, bad, moved, len(text), bad)),
                 Recorded(0, Interest(bad, bad, bad, None, moved, len(text), bad))),
        passages=(Passage("9" * 20, moved, len(text), bad, "minutes", 0, partial=True),),
    )  # fmt: skip
    client = _kept(tmp_path, encoder, document, f"{bad}.txt")
    for query in ({}, {"passage": "9" * 20}, {"lang": "cy"}):
        page = _get(client, f"/document/{'f' * 20}", **query)
        assert not page.css("main script, main img, head script")
        assert not [link for link in page.css("a") if _href(link).startswith("javascript")]
        holders = [node for node in page.css("body *") if "\u202e" in node.text(deep=False)]
        assert holders
        assert all(_isolates(node) for node in holders), [node.html for node in holders if not _isolates(node)]
        assert "\u202e" not in text_of(page, "title")
    for form in ("ris", "bib", "json", "txt"):
        assert client.get(f"/cite/{'9' * 20}.{form}").status_code == 200


def _isolates(node: LexborNode | None) -> bool:
    """Tell whether an element or one around it keeps its text's direction to itself."""
    return node is not None and (node.tag == "bdi" or node.attributes.get("dir") == "auto" or _isolates(node.parent))
