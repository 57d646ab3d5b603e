"""How responses leave: limits, validators, compression, what the operator reads. Over the samples."""

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from corpus.catalogue import Catalogue
from corpus.errors import SettingError
from index.build import update
from index.encoder import Encoder
from tests.page_checks import checked, text_of
from webapp import create_app
from webapp.limits import DEAR, FREE

SEARCH = "/api/v1/search?q=buses"
PURE = ("/", "/?q=buses", SEARCH, "/coverage", "/help")


@pytest.fixture
def own_data(sample_data: Path, tmp_path: Path) -> Path:
    """A copy of the samples' data directory, to change."""
    return Path(shutil.copytree(sample_data, tmp_path / "data"))


def client_with(monkeypatch: pytest.MonkeyPatch, data: Path, encoder: Encoder, **settings: str) -> FlaskClient:
    """A client of an app of its own under some settings."""
    for name, value in settings.items():
        monkeypatch.setenv(f"MINUTEBOOK_{name}", value)
    return create_app(data=data, encoder=encoder).test_client()


# -- what has not changed ----------------------------------------------------------------------------


@pytest.mark.parametrize("address", PURE)
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, address: str) -> None:
    first = client.get(address)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "no-cache")
    assert first.last_modified is not None
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Vary"] == first.headers["Vary"]


def test_another_question_language_or_cookie_is_another_page(app: Flask) -> None:
    client = app.test_client(use_cookies=False)  # so that the header is sent as it is
    tags = {
        client.get(address, headers=headers).headers["ETag"]
        for address in ("/", "/?q=buses", "/?q=bus", "/?lang=cy")
        for headers in ({}, {"Cookie": "collection=x"})
    }
    assert len(tags) == 8


def test_unchanged_is_said_without_searching(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    tag = client.get(SEARCH).headers["ETag"]

    def searched(*_: object) -> None:
        raise AssertionError("it searched")

    monkeypatch.setattr("index.search.Searcher.search", searched)
    assert client.get(SEARCH, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(SEARCH, headers={"If-None-Match": "*"}).status_code == 500
    assert client.get(SEARCH, headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}).status_code == 500


def test_after_an_ingest_everything_is_sent_again(own_data: Path, encoder: Encoder) -> None:
    client = create_app(data=own_data, encoder=encoder).test_client()
    tags = {address: client.get(address).headers["ETag"] for address in PURE}
    catalogue = Catalogue(own_data)
    catalogue.remove([catalogue.connection.execute("SELECT location FROM sources LIMIT 1").fetchone()[0]])
    update(catalogue, encoder)
    for address, tag in tags.items():
        response = client.get(address, headers={"If-None-Match": tag})
        assert response.status_code == 200
        assert response.headers["ETag"] != tag


def test_errors_and_answers_to_posts_have_no_validator(client: FlaskClient) -> None:
    assert "ETag" not in client.get("/api/v1/search?q=").headers
    posted = client.post("/api/v1/precedents", json={"text": "buses"})
    assert "ETag" not in posted.headers
    assert posted.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", [*PURE, "/robots.txt", "/healthz", "/readyz", "/metrics"])
def test_head_gives_the_headers_alone(client: FlaskClient, address: str) -> None:
    whole, head = client.get(address), client.head(address)
    assert (head.status_code, head.get_data()) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]
    assert head.headers.get("ETag") == whole.headers.get("ETag")


# -- limits ------------------------------------------------------------------------------------------


def test_too_many_requests_are_refused_in_the_form_of_the_route(
    monkeypatch: pytest.MonkeyPatch, sample_data: Path, encoder: Encoder
) -> None:
    client = client_with(monkeypatch, sample_data, encoder, RATE_LIMIT="3 per hour")
    left = [client.get(SEARCH).headers["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = client.get(SEARCH)
    assert (refused.status_code, refused.headers["X-RateLimit-Limit"]) == (429, "3")
    assert int(refused.headers["Retry-After"]) > 3_000
    assert refused.get_json()["error"]["status"] == 429
    page = client.get("/")
    assert page.status_code == 429
    assert "Too many requests" in text_of(checked(page), "h1")
    with client.get("/static/style.css") as style:
        assert client.get("/healthz").status_code == style.status_code == 200
    other = client.get(SEARCH, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 200
    assert "Retry-After" not in other.headers


def test_dear_routes_have_a_limit_that_they_share(
    monkeypatch: pytest.MonkeyPatch, sample_data: Path, encoder: Encoder
) -> None:
    settings = {"RATE_LIMIT": "100 per hour", "RATE_LIMIT_DEAR": "2 per hour"}
    client = client_with(monkeypatch, sample_data, encoder, **settings)
    assert client.post("/api/v1/precedents", json={"text": "buses"}).status_code == 200
    assert client.post("/api/v1/ask", json={"question": "buses?"}).status_code == 200
    assert client.post("/api/v1/compare", json={"question": "buses?"}).status_code == 429
    assert client.get("/compare?question=buses").status_code == 429
    assert client.get("/compare").status_code == client.get(SEARCH).status_code == 200


def test_clients_behind_a_proxy_are_told_apart_only_where_it_is_trusted(
    monkeypatch: pytest.MonkeyPatch, sample_data: Path, encoder: Encoder
) -> None:
    def asked(client: FlaskClient, address: str) -> int:
        return client.get(SEARCH, headers={"X-Forwarded-For": address}).status_code

    untrusted = client_with(monkeypatch, sample_data, encoder, RATE_LIMIT="1 per hour")
    assert [asked(untrusted, address) for address in ("192.0.2.1", "192.0.2.2")] == [200, 429]
    trusted = client_with(monkeypatch, sample_data, encoder, PROXIES="1")
    forged = "192.0.2.9, 192.0.2.1"
    assert [asked(trusted, one) for one in ("192.0.2.1", "192.0.2.2", forged)] == [200, 200, 429]
    networks = ("2001:db8:1:1::1", "2001:db8:1:1:ffff::2", "2001:db8:1:2::1")
    assert [asked(trusted, one) for one in networks] == [200, 429, 200]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE_LIMIT", "often"),
        ("RATE_LIMIT_DEAR", "ten"),
        ("PROXIES", "-1"),
        ("PROXIES", "many"),
        ("METRICS", "some"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encoder: Encoder, name: str, value: str
) -> None:
    with pytest.raises(SettingError, match=f"MINUTEBOOK_{name} is '{value}'"):
        client_with(monkeypatch, tmp_path, encoder, **{name: value})


def test_limited_routes_exist(app: Flask) -> None:
    assert app.view_functions.keys() >= DEAR | FREE


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/api/v1/search?q=" + "x" * 9_000, 414, "more than 8,000 characters"),
        ("/api/v1/search?q=buses" + "&authority=a" * 101, 400, "too many parameters"),
        ("/api/v1/search?q=buses" + "".join(f"&p{number}=" for number in range(301)), 400, "too many parameters"),
        ("/api/v1/search?q=" + "x" * 2_000, 400, "the limit is 1,000"),
    ],
)
def test_sizes_are_limited(client: FlaskClient, address: str, status: int, says: str) -> None:
    response = client.get(address)
    assert response.status_code == response.get_json()["error"]["status"] == status
    assert says in response.get_json()["error"]["message"]
    page = client.get(address.replace("/api/v1/search", "/"))
    assert page.status_code == status
    checked(page)


# -- compression -------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", SEARCH, "/static/style.css"])
def test_texts_are_compressed_for_those_who_take_it(client: FlaskClient, address: str) -> None:
    with client.get(address) as plain, client.get(address, headers={"Accept-Encoding": "gzip"}) as packed:
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert _unpacked(packed) == plain.get_data()
        assert len(packed.get_data()) < len(plain.get_data()) / 2


def _unpacked(response: TestResponse) -> bytes:
    return gzip.decompress(response.get_data()) if response.headers.get("Content-Encoding") == "gzip" else b""


def test_a_streamed_answer_is_left_as_it_is(client: FlaskClient) -> None:
    asked = {"question": "How often must care leavers be contacted?", "stream": True}
    response = client.post("/api/v1/ask", json=asked, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in response.headers
    assert all(json.loads(line) for line in response.text.splitlines())


# -- for the operator --------------------------------------------------------------------------------


def test_ready_says_why_not(sample_data: Path, tmp_path: Path, encoder: Encoder, client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.get_json()["ready"] is True
    assert response.get_json()["documents"] == 26
    empty = create_app(data=tmp_path, encoder=encoder).test_client()
    refused = empty.get("/readyz")
    assert refused.status_code == 503
    assert "minutebook ingest" in refused.get_json()["reason"]
    assert empty.get("/healthz").status_code == 200


def test_ready_notices_an_index_of_another_model(sample_data: Path) -> None:
    response = create_app(data=sample_data, encoder=Encoder("all-MiniLM-L6-v2")).test_client().get("/readyz")
    assert response.status_code == 503
    assert "all-MiniLM-L6-v2" in response.get_json()["reason"]


def test_metrics_count_by_route_and_never_by_what_was_asked(sample_data: Path, encoder: Encoder) -> None:
    client = create_app(data=sample_data, encoder=encoder).test_client()
    client.get("/api/v1/search?q=wombats")
    client.get("/document/nowhere")
    client.get("/no/such/place")
    client.post("/api/v1/ask", json={"question": "Are there any mermaids in the harbour?"})
    client.post("/api/v1/ask", json={"question": "How often must care leavers be contacted?"})
    shown = client.get("/metrics").text
    assert 'minutebook_requests_total{method="GET",route="/api/v1/search",status="200"} 1.0' in shown
    assert 'minutebook_requests_total{method="GET",route="/document/<document_id>",status="404"} 1.0' in shown
    assert 'minutebook_requests_total{method="GET",route="none",status="404"} 1.0' in shown
    assert 'minutebook_request_seconds_count{route="/api/v1/search"} 1.0' in shown
    assert 'minutebook_answers_total{abstained="yes"} 1.0' in shown
    assert 'minutebook_answers_total{abstained="no"} 1.0' in shown
    assert "minutebook_documents 26.0" in shown
    assert re.search(r"^minutebook_passages [1-9]", shown, re.MULTILINE)
    assert re.search(r"^minutebook_index_age_seconds [0-9.]+$", shown, re.MULTILINE)
    assert not re.search("wombats|nowhere|mermaids|such", shown)


@pytest.mark.parametrize(
    ("readers", "base", "headers", "status"),
    [
        ("local", {}, {}, 200),
        ("local", {"REMOTE_ADDR": "10.0.0.7"}, {}, 403),
        ("local", {}, {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("all", {"REMOTE_ADDR": "192.0.2.7"}, {}, 200),
        ("off", {}, {}, 404),
    ],
)
def test_metrics_are_for_whom_the_setting_says(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, readers: str, base: dict[str, str],
    headers: dict[str, str], status: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("MINUTEBOOK_METRICS", readers)
    assert client.get("/metrics", environ_base=base, headers=headers).status_code == status


def test_crawlers_may_read_documents_and_not_searches(client: FlaskClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert "Disallow: /?" in lines
    assert "Allow: /document/" in lines
    assert "Disallow: /" not in lines
