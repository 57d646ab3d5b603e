"""Every parameter of the site and the API given what nobody meant it for: nothing fails, and every answer has its form.

A bounded, repeatable number of examples; FUZZ_EXAMPLES=1000 tries as many of each instead, at random.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.generation import GenerationMode
from werkzeug.datastructures import MultiDict

from index.encoder import Encoder
from tests.page_checks import checked
from webapp import create_app
from webapp.api.routes import OPERATIONS

LONG = int(os.environ.get("FUZZ_EXAMPLES", "0"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
NASTY = (
    "", " ", "0", "-1", "1e9", "٣", "9" * 30, "NaN", "null", "true", "[]", "{}", "%00", "\x00", "\x1b[31m", "\ud800",
    "\u202e\u2066", "＜script＞", "<script>alert(1)</script>", "\"'><b>", "{{7*7}}", "=1+1", "../../etc/passwd", "http://x/",
    "authority:", 'authority:"', "kind:wombat", "from:2024-13-45", '"', '""', "-", "--", "also:", "(buses",
    "2024-02-30", "0000-00-00", "9999-12-31", "buses", "care leavers", "Harrowmere", "decision", "relevance", "date",
    "csv", "docx", "none", "cy", "buses AND OR", "x" * 900, "é" * 400, "a\r\nSet-Cookie: b", "\u2028", "🚌", "İ", "ﬁ",
)  # fmt: skip
NAMES = (
    "q", "k", "page", "order", "authority", "region", "type", "committee", "document", "kind", "from", "to", "expand",
    "spread", "facets", "answer", "also", "lang", "passage", "start", "item", "name", "held", "year", "unnamed", "like",
    "over_time", "text", "relevance", "format", "link", "note", "title", "wombat",
)  # fmt: skip
VALUES = st.sampled_from(NASTY) | st.text(max_size=40)
QUERIES = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6)
PAGES = (
    "/", "/similar/{id}", "/document/{id}", "/document/{id}/page/{id}", "/document/{id}/page/{id}.png", "/passage/{id}",
    "/cite/{id}.{id}", "/coverage", "/coverage.csv", "/coverage/unread", "/authority/{id}", "/authority/{id}/meetings",
    "/authority/{id}/meetings.ics", "/meetings", "/help", "/about", "/compare", "/compare.csv", "/compare.xlsx",
    "/precedents", "/precedents.csv", "/collections", "/collections/add", "/collection/{id}", "/collection/{id}/delete",
    "/collection/{id}/export", "/alerts", "/feed.atom", "/opensearch.xml", "/{id}",
)  # fmt: skip
FORMS = (
    "/precedents",
    "/collections",
    "/collections/open",
    "/collections/forget",
    "/collections/add",
    "/collection/{id}",
)


def bounded(examples: int) -> Callable[[Any], Any]:
    """The settings of a test of so many examples."""
    return settings(
        max_examples=LONG or examples, derandomize=not LONG, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, *([Phase.shrink] if LONG else [])),
    )  # fmt: skip


@pytest.fixture(scope="module")
def own_app(sample_data: Path, tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Flask:
    """The app over a copy of the samples, in which collections can be kept."""
    return create_app(
        data=Path(shutil.copytree(sample_data, tmp_path_factory.mktemp("fuzz") / "data")), encoder=encoder
    )


@pytest.fixture(scope="module")
def known(own_app: Flask) -> list[str]:
    """Ids of things that are there."""
    client = own_app.test_client()
    hits = client.get("/api/v1/search?q=buses&k=3").get_json()["hits"]
    code = client.get("/api/v1/coverage?held=yes").get_json()["authorities"][0]["code"]
    keys = client.post("/api/v1/collections", json={"title": "Buses"}).get_json()
    found = [hit[name] for hit in hits for name in ("document_id", "passage_id")]
    return [*found, code, keys["edit_key"], keys["share_key"], "1", "2", "bib", "json"]


@pytest.mark.parametrize("operation", [one.name for one in OPERATIONS if one.name != "openapi"])
def test_the_api_answers_anything_as_described(own_app: Flask, known: list[str], operation: str) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", own_app)
    found = next(
        one.ok() for one in described.get_all_operations() if one.ok().definition.raw["operationId"] == operation
    )
    strategy = st.one_of(*(found.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @bounded(12)
    @given(case=strategy, chosen=st.lists(st.sampled_from(known) | st.none(), min_size=3, max_size=3))
    def answers(case: Any, chosen: list[str | None]) -> None:
        for place, name in zip((case.path_parameters, case.query, case.body), chosen, strict=True):
            if name is not None and isinstance(place, dict) and place:
                place[sorted(place)[0]] = name
        case.headers["Accept-Encoding"] = "identity"
        case.validate_response(case.call(), checks=CHECKS)

    answers()


def asked_of(client: FlaskClient, method: str, path: str, pairs: list[tuple[str, str]]) -> None:
    """Ask for an address, by a query string or a form; check what comes back."""
    given_ = MultiDict((name, value.encode("utf-8", "replace").decode()) for name, value in pairs)
    what = {"query_string": given_} if method == "GET" else {"data": given_}
    with client.open(path, method=method, **what) as response:
        assert response.status_code < 500 or response.status_code == 503, (path, pairs, response.status_code)
        assert "\n" not in str(response.headers.get("Location", ""))
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 308):
            checked(response)
        response.get_data()


@pytest.mark.parametrize(("method", "page"), [("GET", page) for page in PAGES] + [("POST", page) for page in FORMS])
def test_pages_answer_anything(own_app: Flask, known: list[str], method: str, page: str) -> None:
    ids = st.sampled_from(known) | VALUES.map(lambda value: value.encode("utf-8", "replace").decode())

    @bounded(6)
    @given(first=ids, second=ids, pairs=QUERIES)
    def answers(first: str, second: str, pairs: list[tuple[str, str]]) -> None:
        path = page.replace("{id}", "\0", 1).replace("{id}", second).replace("\0", first)
        asked_of(own_app.test_client(), method, path.replace("?", "").replace("#", ""), pairs)

    answers()
