"""Alerts: feeds that feed readers can read, of what is held and when it came, and the page that makes their address."""

import re
import shutil
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser

from corpus.catalogue import Catalogue
from index.build import update
from index.encoder import Encoder
from ingest.pipeline import ingest
from tests.browser_checks import problems_of
from tests.conftest import SAMPLES
from tests.page_checks import checked, folded, text_of
from webapp import create_app
from webapp.pages.announced import MOST
from webapp.shown.atom import Entry, Feed, atom_of

ATOM = "{http://www.w3.org/2005/Atom}"
QUESTION = "How often must care leavers be contacted?"
OLD = """Minutes of the Ponds Committee
Ducktown Parish Council

Date: 3 March 2025

1. Goldfish

RESOLVED: That the goldfish of the market pond be counted by a diver every spring & <b>autumn</b>.
"""
NEW = """Minutes of the Ponds Committee
Ducktown Parish Council

Date: 4 May 2021

1. Goldfish count

RESOLVED: That no goldfish of the market pond be counted until a diver has been found who swims.
"""


@pytest.fixture(scope="module")
def ponds(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Flask:
    """The web app over two documents: when the older record was stored is not known, the other came after it."""
    files, data = tmp_path_factory.mktemp("ponds"), tmp_path_factory.mktemp("data")
    catalogue = Catalogue(data, create=True)
    (files / "old.txt").write_text(OLD, encoding="utf-8")
    ingest([files], catalogue, encoder)
    with catalogue.writing() as connection:
        connection.execute("UPDATE documents SET added = NULL")
    (files / "new.txt").write_text(NEW, encoding="utf-8")
    ingest([files], catalogue, encoder)
    update(catalogue, encoder)
    catalogue.close()
    return create_app(data=data, encoder=encoder)


def _feed(client: FlaskClient, **query: object) -> Element:
    """Return a feed after checking all that RFC 4287 asks of every one."""
    response = client.get("/feed.atom", query_string=query)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/atom+xml"
    return _valid(response.data)


def _valid(body: bytes) -> Element:
    root = ElementTree.fromstring(body)
    assert root.tag == f"{ATOM}feed"
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
            assert _text(element, name)
        for name in ("updated", "published"):
            for found in element.findall(f"{ATOM}{name}"):
                assert datetime.fromisoformat(found.text or "").tzinfo
        assert all(urlsplit(link.attrib["href"]).netloc for link in element.findall(f"{ATOM}link"))
        assert len([link for link in element.findall(f"{ATOM}link") if link.attrib["rel"] == "alternate"]) == 1
    ids = [_text(entry, "id") for entry in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) <= MOST
    assert all(re.fullmatch("urn:minutebook:(passage|document):[0-9a-f]{20}", one) for one in ids)
    return root


def _entries(root: Element) -> list[Element]:
    return root.findall(f"{ATOM}entry")


def _text(element: Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def _link(element: Element, relation: str) -> str:
    return next(link.attrib["href"] for link in element.findall(f"{ATOM}link") if link.attrib["rel"] == relation)


def test_entries_are_the_verbatim_passages_of_a_search(client: FlaskClient) -> None:
    root = _feed(client, q=QUESTION, relevance="0")
    hits = client.get("/api/v1/search", query_string={"q": QUESTION, "k": 100}).get_json()["hits"]
    by_id = {f"urn:minutebook:passage:{hit['passage_id']}": hit for hit in hits}
    entries = [entry for entry in _entries(root) if _text(entry, "id") in by_id]
    assert entries
    for entry in entries:
        hit = by_id[_text(entry, "id")]
        assert _text(entry, "summary") == hit["text"]
        assert _text(entry, "title").startswith(f"{hit['authority']} – ")
        content = LexborHTMLParser(_text(entry, "content"))
        assert folded(hit["citation"]) in text_of(content, "body")
        assert text_of(content, "blockquote") == folded(hit["text"])
        assert urlsplit(_link(entry, "alternate")).path == f"/passage/{hit['passage_id']}"
        assert _link(entry, "via") == hit["url"]
        if hit["kind"] == "agenda":
            assert "not what was decided" in text_of(content, "body")


def test_only_what_is_relevant_enough_is_announced(client: FlaskClient) -> None:
    hits = client.get("/api/v1/search", query_string={"q": QUESTION, "k": 100}).get_json()["hits"]
    relevance = {f"urn:minutebook:passage:{hit['passage_id']}": hit["relevance"] for hit in hits}
    numbers = {}
    for floor in ("0", "0.3", "", "1"):
        ids = [_text(entry, "id") for entry in _entries(_feed(client, q=QUESTION, relevance=floor))]
        numbers[floor] = len(ids)
        assert all(relevance.get(one, 1.0) >= float(floor or 0.6) for one in ids)
    assert numbers["0"] > numbers["0.3"] >= numbers[""] > numbers["1"] == 0


def test_the_last_added_comes_first_whatever_the_day_of_the_meeting(ponds: Flask) -> None:
    entries = _entries(_feed(ponds.test_client(), q="goldfish of the market pond", relevance="0.1"))
    assert ["4 May 2021" in _text(entry, "title") for entry in entries[:2]] == [True, False]
    new, old = entries[:2]
    assert _text(new, "published") == _text(new, "updated")
    assert old.find(f"{ATOM}published") is None  # not known, and not made up
    assert _text(old, "updated") <= _text(new, "updated")
    assert "When it was added is not known" in _text(old, "content")
    assert "not known" not in _text(new, "content")


def test_new_documents_of_an_authority(client: FlaskClient, ponds: Flask) -> None:
    root = _feed(client)
    authority = _text(_entries(root)[0].find(f"{ATOM}author") or root, "name")
    of_one = _feed(client, authority=authority)
    assert authority in _text(of_one, "title")
    assert 0 < len(_entries(of_one)) < len(_entries(root))
    for entry in _entries(of_one):
        assert _text(entry.find(f"{ATOM}author"), "name") == authority  # type: ignore[arg-type]
        assert client.get(urlsplit(_link(entry, "alternate")).path).status_code == 200
    both = _entries(_feed(ponds.test_client()))
    assert ["4 May 2021" in _text(entry, "title") for entry in both] == [True, False]
    assert {_text(entry, "id").split(":")[2] for entry in both} == {"document"}
    assert not _entries(_feed(ponds.test_client(), kind="agenda"))
    assert client.get("/feed.atom?kind=motion").status_code == 400


def test_a_feed_without_entries_says_what_was_searched(client: FlaskClient) -> None:
    root = _feed(client, q="xyzzyq plugh", kind="decision")
    assert not _entries(root)
    assert re.search(r"Searched: [1-9][0-9,]* documents, [1-9][0-9]* authorities\.", _text(root, "subtitle"))
    assert "decision" in _text(root, "subtitle")


def test_ids_stay_when_documents_are_read_again(sample_data: Path, tmp_path: Path, encoder: Encoder) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data, data)
    before = _feed(create_app(data=data, encoder=encoder).test_client(), q=QUESTION, relevance="0")
    catalogue = Catalogue(data)
    with catalogue.writing() as connection:
        connection.execute("UPDATE sources SET fingerprint = 'changed'")
    ingest([SAMPLES], catalogue, encoder)
    update(catalogue, encoder)
    catalogue.close()
    after = _feed(create_app(data=data, encoder=encoder).test_client(), q=QUESTION, relevance="0")
    shown = [[(_text(entry, "id"), _text(entry, "updated")) for entry in _entries(root)] for root in (before, after)]
    assert shown[0] == shown[1]


def test_a_reader_that_has_the_feed_gets_nothing_again(client: FlaskClient) -> None:
    first = client.get("/feed.atom", query_string={"q": QUESTION})
    again = client.get("/feed.atom", query_string={"q": QUESTION}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/feed.atom", query_string={"q": "buses"}, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_addresses_are_those_that_the_reader_asked(client: FlaskClient) -> None:
    body = client.get("/feed.atom", query_string={"q": QUESTION, "page": "1"}, base_url="https://minutes.example").data
    root = _valid(body)
    own = urlsplit(_link(root, "self"))
    assert (own.scheme, own.netloc, own.path) == ("https", "minutes.example", "/feed.atom")
    assert parse_qs(own.query) == {"q": [QUESTION]}
    assert _text(root, "id") == _link(root, "self")
    assert all(_link(entry, "alternate").startswith("https://minutes.example/") for entry in _entries(root))


def test_welsh_feeds_keep_their_language(client: FlaskClient) -> None:
    root = _feed(client, q=QUESTION, lang="cy")
    assert parse_qs(urlsplit(_link(root, "self")).query) == {"q": [QUESTION], "lang": ["cy"]}


def test_no_text_breaks_the_xml() -> None:
    every = "".join(map(chr, (*range(0x20), 0x7F, 0x85, 0xD800, 0xFFFE, 0xFFFF, 0x1F600))) + "]]>&<b>\u202e"
    entry = Entry(
        id="urn:minutebook:passage:00000000000000000000",
        title=f"Ponds {every}",
        updated="2026-01-01T08:00:00+00:00",
        published=None,
        author=f"Ducktown {every}",
        quote=f"The pond {every} is deep.",
        citation=f"Ducktown {every}.",
        remarks=(),
        address="https://minutes.example/passage/00000000000000000000",
        original="https://ducktown.example/?a=1&b=2",
    )
    own = "https://minutes.example/"
    feed = Feed(f"t {every}", f"s {every}", entry.updated, f"{own}feed.atom?q=a&b", own, (entry,))
    found = _entries(_valid(atom_of(feed)))[0]
    assert "]]>&<b>" in _text(found, "summary")
    assert "\U0001f600" in _text(found, "summary")
    assert not LexborHTMLParser(_text(found, "content")).css("b")
    assert "\u202e" not in _text(found, "title")


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x" * 2000},
        {"q": "buses", "relevance": "much"},
        {"q": "buses", "relevance": "2"},
        {"q": "buses", "relevance": "nan"},
        {"q": "buses", "from": "2024-13-01"},
        {"q": "buses", "authority": "Nowhere Council"},
        {"authority": "Nowhere Council"},
    ],
    ids=str,
)
def test_what_cannot_be_understood_is_explained(client: FlaskClient, query: dict[str, str]) -> None:
    assert client.get("/feed.atom", query_string=query).status_code == 400
    response = client.get("/alerts", query_string=query)
    assert response.status_code == 400
    page = checked(response)
    assert page.css_first(".govuk-error-summary a[href='#q']")
    assert text_of(page, "#q-error")
    typed = page.css_first("#q")
    assert typed
    assert typed.attributes["value"] == query.get("q", "")


def test_the_page_makes_the_address_and_shows_what_the_feed_holds(client: FlaskClient) -> None:
    assert not checked(client.get("/alerts")).css("#feed")
    response = client.get("/alerts", query_string={"q": QUESTION, "relevance": "0", "expand": "none", "k": "20"})
    page = checked(response)
    address = text_of(page, "code.copy")
    root = _valid(client.get(address).data)
    assert _link(root, "self") == address
    assert parse_qs(urlsplit(address).query) == {"q": [QUESTION], "relevance": ["0"], "expand": ["none"]}
    shown = [folded(node.text()) for node in page.css(".kept h3")]
    assert shown == [folded(_text(entry, "title")) for entry in _entries(root)[:5]]
    assert f"{len(_entries(root))} passages would have been announced" in text_of(page, "main")
    kept = page.css_first("input[type=hidden][name=expand]")
    assert kept
    assert kept.attributes["value"] == "none"
    linked = page.css_first("link[rel=alternate][type='application/atom+xml']")
    assert linked
    assert linked.attributes["href"] == address


def test_text_of_minutes_is_escaped_in_feed_and_page(ponds: Flask) -> None:
    client = ponds.test_client()
    query = {"q": "goldfish counted by a diver", "relevance": "0"}
    assert not checked(client.get("/alerts", query_string=query)).css("main b")
    entry = next(one for one in _entries(_feed(client, **query)) if "autumn" in _text(one, "summary"))
    assert "& <b>autumn</b>" in _text(entry, "summary")
    assert not LexborHTMLParser(_text(entry, "content")).css("b")


@pytest.mark.parametrize("address", ["/alerts", f"/alerts?q={QUESTION}&relevance=0", "/alerts?q=buses&from=never"])
def test_the_page_has_no_barrier(browser: Browser, site: str, address: str) -> None:
    assert problems_of(browser, site + address, site) == []
