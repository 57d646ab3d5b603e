"""Collections on pages and over HTTP: without JavaScript, without an account, kept to those who have the link."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

from corpus.catalogue import Catalogue
from corpus.reading_lists import LONGEST_NOTE, LONGEST_TITLE
from corpus.removal import locations_of
from index.encoder import Encoder
from tests.browser_checks import problems_of
from tests.conftest import serving
from tests.page_checks import checked, folded, text_of
from webapp import create_app

QUESTION = "How often must care leavers be contacted?"
TITLE = "Leaving care & <b>housing</b>"
NOTE = "Ask for the <i>figures</i>\nof the last year."


@pytest.fixture(scope="module")
def app(sample_data: Path, tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Flask:
    """The web app over a copy of the samples, beside which collections can be kept."""
    data = tmp_path_factory.mktemp("collections") / "data"
    shutil.copytree(sample_data, data)
    return create_app(data=data, encoder=encoder)


@pytest.fixture(scope="module")
def hits(app: Flask) -> list[dict[str, Any]]:
    """Passages of the samples to collect."""
    found: list[dict[str, Any]] = app.test_client().get("/api/v1/search", query_string={"q": QUESTION}).json["hits"]
    return found


def _add(client: FlaskClient, passage_id: str, status: int = 303, **form: str) -> TestResponse:
    response = client.post("/collections/add", query_string={"passage": passage_id}, data=form)
    assert response.status_code == status
    return response


def _started(client: FlaskClient, title: str = TITLE) -> str:
    """Start a collection; return its path."""
    response = client.post("/collections", data={"title": title})
    assert response.status_code == 303
    return urlsplit(response.headers["Location"]).path


def _key(path: str) -> str:
    return path.rsplit("/", 1)[1]


def _page(client: FlaskClient, address: str, status: int = 200) -> LexborHTMLParser:
    response = client.get(address)
    assert response.status_code == status
    return checked(response)


def _share_path(client: FlaskClient, path: str) -> str:
    links = [folded(node.text()) for node in _page(client, path).css("code.copy")]
    assert len(links) == 2
    assert urlsplit(links[0]).path == path
    return urlsplit(links[1]).path


def test_a_passage_is_added_to_a_new_collection_with_its_note(app: Flask, hits: list[dict[str, Any]]) -> None:
    client, hit = app.test_client(), hits[0]
    page = _page(client, f"/collections/add?passage={hit['passage_id']}")
    assert folded(hit["text"]) == text_of(page, "blockquote")
    assert text_of(page, ".citation") == folded(hit["citation"])
    response = _add(client, hit["passage_id"], collection="new", title=TITLE, note=NOTE.replace("\n", "\r\n"))
    shown = checked(client.get(response.headers["Location"]))
    assert text_of(shown, "h1") == TITLE
    assert "was added" in text_of(shown, f"#entry-{hit['passage_id']} [role=status]")
    assert text_of(shown, "blockquote") == folded(hit["text"])
    note = shown.css_first(".note")
    assert note
    assert note.text() == NOTE
    assert not shown.css("main b, main i")


def test_the_browser_goes_on_with_its_collection(app: Flask, hits: list[dict[str, Any]]) -> None:
    client = app.test_client()
    path = _started(client)
    page = _page(client, f"/collections/add?passage={hits[0]['passage_id']}")
    chosen = page.css_first("input[name=collection][checked]")
    assert chosen
    assert chosen.attributes["value"] == _key(path)
    for hit in hits[:2]:
        response = _add(client, hit["passage_id"], collection=_key(path))
        assert urlsplit(response.headers["Location"]).path == path
    assert [node.attributes["id"] for node in _page(client, path).css(".kept > li")] == [
        f"entry-{hit['passage_id']}" for hit in hits[:2]
    ]


def test_the_cookie_is_set_by_a_deed_and_kept_from_scripts(app: Flask) -> None:
    client = app.test_client()
    response = client.post("/collections", data={"title": "Safe"}, base_url="https://minutes.example")
    cookie = response.headers["Set-Cookie"]
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    path = urlsplit(response.headers["Location"]).path
    stranger = app.test_client()
    assert "Set-Cookie" not in stranger.get(path).headers  # a link that is followed does not change the browser
    assert path not in stranger.get("/collections").text
    used = stranger.post(path, data={"change": "use"})
    assert "Secure" not in used.headers["Set-Cookie"]  # over http
    assert path in stranger.get("/collections").text
    stranger.post("/collections/forget")
    assert path not in stranger.get("/collections").text
    assert stranger.get(path).status_code == 200


def test_a_link_opens_a_collection(app: Flask) -> None:
    client = app.test_client()
    path = _started(client)
    share = _share_path(client, path)
    for link in (path, f"https://minutes.example{path}?done=added#top", f"  {_key(path)} "):
        other = app.test_client()
        response = other.post("/collections/open", data={"link": link})
        assert response.headers["Location"] == path
        assert path in other.get("/collections").text
    reader = app.test_client()
    response = reader.post("/collections/open", data={"link": share})
    assert response.headers["Location"] == share
    assert "Set-Cookie" not in response.headers
    for wrong in ("", "nothing", "https://minutes.example/collection/AAAAAAAAAAAAAAAAAAAAAAAA", "x" * 5000):
        response = reader.post("/collections/open", data={"link": wrong})
        assert response.status_code == 400
        assert checked(response).css_first("#link-error")


def test_the_share_link_shows_everything_and_changes_nothing(app: Flask, hits: list[dict[str, Any]]) -> None:
    client = app.test_client()
    path = _started(client)
    _add(client, hits[0]["passage_id"], collection=_key(path), note=NOTE)
    share, reader = _share_path(client, path), app.test_client()
    page = _page(reader, share)
    assert text_of(page, "blockquote") == folded(hits[0]["text"])
    assert folded(NOTE) in text_of(page, ".kept-note")
    assert not page.css("main form")
    assert _key(path) not in reader.get(share).text
    entry = hits[0]["passage_id"]
    for form in ({"change": "note", "note": "mine"}, {"change": "remove"}, {"change": "up"}):
        assert reader.post(share, data={"entry": entry, **form}).status_code == 403
    assert reader.post(share, data={"change": "rename", "title": "mine"}).status_code == 403
    assert reader.post(share, data={"change": "use"}).status_code == 403
    assert reader.get(f"{share}/delete").status_code == reader.post(f"{share}/delete").status_code == 403
    assert _add(reader, hits[1]["passage_id"], 400, collection=_key(share))
    assert client.get(f"/api/v1/collections/{_key(path)}").json["entries"][0]["note"] == NOTE


def test_a_collection_is_edited(app: Flask, hits: list[dict[str, Any]]) -> None:
    client = app.test_client()
    path = _started(client)
    first, second, third = (hit["passage_id"] for hit in hits[:3])
    for passage_id in (first, second, third):
        _add(client, passage_id, collection=_key(path))

    def order() -> list[str]:
        return [entry["passage_id"] for entry in client.get(f"/api/v1/collections/{_key(path)}").json["entries"]]

    moved = client.post(path, data={"change": "up", "entry": third})
    assert moved.status_code == 303
    assert moved.headers["Location"].endswith(f"#entry-{third}")
    assert order() == [first, third, second]
    client.post(path, data={"change": "down", "entry": first})
    assert order() == [third, first, second]
    client.post(path, data={"change": "remove", "entry": first})
    assert order() == [third, second]
    saved = client.post(path, data={"change": "note", "entry": second, "note": NOTE}, follow_redirects=True)
    assert "saved" in text_of(checked(saved), f"#entry-{second} [role=status]")
    renamed = client.post(path, data={"change": "rename", "title": " Another  title "}, follow_redirects=True)
    assert text_of(checked(renamed), "h1") == "Another title"
    assert client.post(path, data={"change": "up", "entry": first}).status_code == 404
    assert client.post(path, data={"change": "burn"}).status_code == 400


def test_deleting_asks_first_and_leaves_nothing(app: Flask) -> None:
    client = app.test_client()
    path = _started(client)
    share = _share_path(client, path)
    assert checked(client.get(f"{path}/delete")).css_first("form button")
    assert client.get(path).status_code == 200
    response = client.post(f"{path}/delete", follow_redirects=True)
    assert "deleted" in text_of(checked(response), ".govuk-notification-banner__content")
    for gone in (path, share, f"{path}/export?format=md", f"{path}/delete"):
        page = _page(client, gone, 404)
        assert "deleted" in text_of(page, "main")
        assert "cut off" in text_of(page, "main")
    assert client.get(f"/api/v1/collections/{_key(path)}").status_code == 404


def test_what_cannot_be_kept_is_said_at_its_field(app: Flask, hits: list[dict[str, Any]]) -> None:
    client, passage_id = app.test_client(), hits[0]["passage_id"]
    for title in ("", "  ", "x" * (LONGEST_TITLE + 1)):
        response = client.post("/collections", data={"title": title})
        assert response.status_code == 400
        page = checked(response)
        assert page.css_first(".govuk-error-summary a[href='#title']")
        assert page.css_first("#title-error")
    long = "n" * (LONGEST_NOTE + 1)
    page = checked(_add(client, passage_id, 400, collection="new", title="", note=long))
    assert page.css_first("#title-error")
    assert page.css_first("#note-error")
    assert text_of(page, "textarea") == long  # what was typed is not lost
    path = _started(client)
    _add(client, passage_id, collection=_key(path), note="as long as can be " * 270)
    response = client.post(path, data={"change": "note", "entry": passage_id, "note": long})
    assert response.status_code == 400
    assert text_of(checked(response), f"#note-{passage_id}") == long
    assert client.post(path, data={"change": "note", "entry": passage_id, "note": "n" * 300_000}).status_code == 413
    assert client.get("/collections/add?passage=nope").status_code == 404
    assert client.get("/collections/add").status_code == 404


def test_no_note_is_lost_where_a_passage_is_added_again(app: Flask, hits: list[dict[str, Any]]) -> None:
    client, passage_id = app.test_client(), hits[0]["passage_id"]
    path = _started(client)
    _add(client, passage_id, collection=_key(path))
    again = _add(client, passage_id, collection=_key(path), note="first")
    assert "done=there" in again.headers["Location"]
    assert "already" in text_of(_page(client, f"/collections/add?passage={passage_id}"), "main")
    page = checked(_add(client, passage_id, 400, collection=_key(path), note="second"))
    assert text_of(page, "textarea") == "second"
    assert page.css_first("#note-error")
    entries = client.get(f"/api/v1/collections/{_key(path)}").json["entries"]
    assert [entry["note"] for entry in entries] == ["first"]


def test_another_site_cannot_change_a_collection(app: Flask, hits: list[dict[str, Any]]) -> None:
    client = app.test_client()
    path = _started(client)
    forged = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    for address, form in (
        ("/collections", {"title": "forged"}),
        ("/collections/open", {"link": path}),
        ("/collections/forget", {}),
        (f"/collections/add?passage={hits[0]['passage_id']}", {"collection": _key(path)}),
        (path, {"change": "rename", "title": "forged"}),
        (f"{path}/delete", {}),
    ):
        assert client.post(address, data=form, headers=forged).status_code == 403
        assert client.post(address, data=form, headers={"Origin": forged["Origin"]}).status_code == 403
    assert text_of(_page(client, path), "h1") == TITLE
    # Nor does the cookie alone: a form without the key starts a collection and leaves this one as it is.
    _add(client, hits[0]["passage_id"], title="Another")
    assert not client.get(f"/api/v1/collections/{_key(path)}").json["entries"]


def test_nothing_of_a_collection_stays_in_caches_or_search_engines(app: Flask, hits: list[dict[str, Any]]) -> None:
    client = app.test_client()
    path = _started(client)
    addresses = (
        "/collections", f"/collections/add?passage={hits[0]['passage_id']}", path, f"{path}/delete",
        f"{path}/export?format=md", f"/api/v1/collections/{_key(path)}", "/collection/nope",
    )  # fmt: skip
    for address in addresses:
        headers = client.get(address).headers
        assert headers["Cache-Control"] == "no-store", address
        assert headers["X-Robots-Tag"] == "noindex", address


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("md", "text/markdown"),
        ("csv", "text/csv"),
        ("ris", "application/x-research-info-systems"),
        ("bib", "application/x-bibtex"),
        ("json", "application/vnd.citationstyles.csl+json"),
    ],
)
def test_a_collection_is_exported(app: Flask, hits: list[dict[str, Any]], name: str, mimetype: str) -> None:
    client, hit = app.test_client(), hits[0]
    path = _started(client, "Tŷ & gofal: 2024")
    _add(client, hit["passage_id"], collection=_key(path), note="=1+1")
    for address in (path, _share_path(client, path)):
        response = client.get(f"{address}/export?format={name}")
        assert response.mimetype == mimetype
        assert response.headers["Content-Disposition"] == f"attachment; filename=ty-gofal-2024.{name}"
        assert (response.data[:2] == b"PK") is (name == "docx")
        if name == "csv":
            row = next(csv.DictReader(io.StringIO(response.text)))
            assert (row["quote"], row["note"]) == (hit["text"].replace("\n", "\n"), "'=1+1")
        if name == "json":
            assert [one["id"] for one in json.loads(response.data)] == [hit["passage_id"]]
        if name != "docx":
            assert hit["passage_id"] in response.text
    assert client.get(f"{path}/export?format=pdf").status_code == 400
    assert client.get(f"{path}/export").status_code == 400


def test_where_the_source_is_gone_citation_and_note_stay(
    sample_data: Path, tmp_path: Path, encoder: Encoder, hits: list[dict[str, Any]]
) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data, data)
    client, hit = create_app(data=data, encoder=encoder).test_client(), hits[0]
    path = _started(client)
    _add(client, hit["passage_id"], collection=_key(path), note=NOTE)
    catalogue = Catalogue(data)
    catalogue.remove(locations_of(catalogue, [hit["document_id"]]))
    catalogue.close()
    page = _page(client, path)
    assert not page.css("blockquote")
    assert "not held any more" in text_of(page, ".kept .warning")
    assert text_of(page, ".kept .citation") == folded(hit["citation"])
    assert folded(NOTE) in text_of(page, ".kept-note")
    assert folded(hit["text"]) not in folded(client.get(path).text)
    assert hit["citation"].split(",")[0] in client.get(f"{path}/export?format=md").text
    assert client.get(f"/api/v1/collections/{_key(path)}").json["entries"][0]["quote"] is None


def test_a_collections_file_that_cannot_be_used_is_explained(
    sample_data: Path, tmp_path: Path, encoder: Encoder
) -> None:
    data = tmp_path / "data"
    shutil.copytree(sample_data, data)
    (data / "collections.db").mkdir()  # no file can be opened there, whoever asks
    client = create_app(data=data, encoder=encoder).test_client()
    response = client.post("/collections", data={"title": "Nowhere"})
    assert response.status_code == 503
    assert "collections.db in the data directory" in text_of(checked(response), "main")
    assert str(data) not in response.text
    assert client.get("/").status_code == 200


def test_collections_over_http(app: Flask, hits: list[dict[str, Any]]) -> None:
    client, hit = app.test_client(), hits[0]
    made = client.post("/api/v1/collections", json={"title": TITLE})
    assert made.status_code == 201
    keys = made.json
    assert keys
    entries = f"/api/v1/collections/{keys['edit_key']}/entries"
    assert client.post(entries, json={"passage_id": hit["passage_id"], "note": NOTE}).json == {"added": True}
    again = client.post(entries, json={"passage_id": hit["passage_id"]})
    assert (again.status_code, again.json) == (200, {"added": False})
    for key, editable in ((keys["edit_key"], True), (keys["share_key"], False)):
        found = client.get(f"/api/v1/collections/{key}").json
        assert (found["title"], found["editable"], found["share_key"]) == (TITLE, editable, keys["share_key"])
        entry = found["entries"][0]
        assert {name: entry[name] for name in ("passage_id", "document_id", "start", "end", "citation")} == {
            name: hit[name] for name in ("passage_id", "document_id", "start", "end", "citation")
        }
        assert (entry["quote"], entry["note"], entry["problem"]) == (hit["text"], NOTE, None)
        assert urlsplit(entry["url"]).path.endswith(f"/passage/{hit['passage_id']}")
        assert keys["edit_key"] not in json.dumps(found) or editable
    assert text_of(checked(client.get(urlsplit(keys["edit_url"]).path)), "h1") == TITLE
    shared = f"/api/v1/collections/{keys['share_key']}/entries"
    for address, body, status in (
        (shared, {"passage_id": hit["passage_id"]}, 403),
        (entries, {"passage_id": "nope"}, 404),
        (entries, {"note": "alone"}, 400),
        ("/api/v1/collections", {"title": ""}, 400),
        ("/api/v1/collections", {"title": "t", "colour": "red"}, 400),
        ("/api/v1/collections/nope/entries", {"passage_id": hit["passage_id"]}, 404),
    ):
        response = client.post(address, json=body)
        assert response.status_code == status
        assert response.json
        assert response.json["error"]["message"]


@pytest.fixture(scope="module")
def own_site(app: Flask) -> Iterator[str]:
    """The address of the app over the copy, served by a thread."""
    with serving(app) as address:
        yield address


def test_a_collection_is_made_without_javascript(browser: Browser, own_site: str, hits: list[dict[str, Any]]) -> None:
    """This test ensures that a person can collect, note, order and share in a browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{own_site}/collections/add?passage={hits[0]['passage_id']}")
    page.get_by_label("Title of the new collection").fill("Made by hand")
    page.get_by_role("button", name="Add to the collection").click()
    page.wait_for_url("**/collection/**")
    page.goto(f"{own_site}/collections/add?passage={hits[1]['passage_id']}")
    page.get_by_label("Note (optional)").fill("the second")
    page.get_by_role("button", name="Add to the collection").click()
    page.wait_for_url("**/collection/**")
    page.get_by_role("button", name=re.compile("Move up")).click()
    page.wait_for_url("**/collection/**")
    entries = page.locator(".kept > li")
    assert entries.count() == 2
    assert entries.first.get_attribute("id") == f"entry-{hits[1]['passage_id']}"
    edit, share = (folded(text) for text in page.locator("code.copy").all_text_contents())
    other = browser.new_context(java_script_enabled=False).new_page()
    other.goto(share)
    assert other.locator("h1").text_content() == "Made by hand"
    assert other.locator("main form").count() == 0
    other.context.close()
    context.close()
    for address in (edit, share, f"{edit}/delete", f"{own_site}/collections", f"{own_site}/collection/nope"):
        assert problems_of(browser, address, own_site) == []
