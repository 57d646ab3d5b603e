"""The description of the API against what the API does, over the samples: neither can drift from the other."""

import copy
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from index.encoder import Encoder
from index.hits import Hit
from tests.page_checks import checked
from webapp import create_app
from webapp.api.description import HIT
from webapp.api.routes import OPERATIONS, Operation

DESCRIPTION = "/api/v1/openapi.json"
BY_NAME = {operation.name: operation for operation in OPERATIONS}
VERSIONED = [operation for operation in OPERATIONS if operation.path.startswith("/api/v1/")]
CARE = "What did councils decide about support for care leavers?"
POOL = "This Council believes that the pool should stay open, and asks Cabinet not to close it."


@pytest.fixture(scope="module")
def described(app: Flask) -> Any:
    """The description as it is served."""
    return app.test_client().get(DESCRIPTION).get_json()


@pytest.fixture
def own_client(sample_data: Path, tmp_path: Path, encoder: Encoder) -> FlaskClient:
    """A client of an app over a copy of the samples, in which collections can be kept."""
    return create_app(data=Path(shutil.copytree(sample_data, tmp_path / "data")), encoder=encoder).test_client()


def closed(described: Any) -> Any:
    """The description with no room for fields that it does not name."""
    strict = copy.deepcopy(described)
    for schema in strict["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return strict


def problems(described: Any, schema: dict[str, Any], value: object) -> list[str]:
    """What is wrong with a value by a schema of the description."""
    whole = {"components": closed(described)["components"], **schema}
    found = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value)
    return [f"{list(one.absolute_path)}: {one.message[:200]}" for one in found]


def named(form: str) -> dict[str, Any]:
    """A reference to a form of the description."""
    return {"$ref": f"#/components/schemas/{form}"}


def test_description_is_openapi(described: Any) -> None:
    validate(described)
    assert described["openapi"].startswith("3.1")


def test_every_route_of_the_api_is_described_and_nothing_else(app: Flask, described: Any) -> None:
    def offered() -> Iterator[tuple[str, str]]:
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith("/api/") or rule.rule in ("/healthz", "/readyz"):
                path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
                yield from ((path, method.lower()) for method in rule.methods - {"HEAD", "OPTIONS"})

    said = {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert said == set(offered())


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.path.startswith("/api/v1/")], ids=lambda one: one.name
)
def test_parameters_are_those_that_the_route_takes(client: FlaskClient, described: Any, operation: Operation) -> None:
    if operation.name in ("openapi", "collection"):
        return
    if operation.body:
        sent = client.post(operation.path.replace("{key}", "x"), json={"wombat": 1})
        names = set(described["components"]["schemas"][operation.body.__name__]["properties"])
    else:
        query = {"wombat": "1", **({"format": "csv"} if operation.name == "export" else {})}
        sent = client.get(re.sub(r"\{\w+\}", "x", operation.path), query_string=query)
        names = {parameter.name for parameter in operation.parameters if parameter.place == "query"}
    assert sent.status_code == 400
    message = sent.get_json()["error"]["message"]
    if only := re.match(r"The only parameter is '(\w+)'", message):
        taken = [only[1]]
    else:
        taken = message.rpartition("choose from ")[2].rstrip(".").split(", ") if "choose from" in message else []
    assert set(taken) == names - {"format"} if operation.name == "export" else set(taken) == names


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("search", {"q": CARE, "facets": "1", "k": "20"}),
        ("search", {"q": "How did Eastmarsh contact care leavers since 2020?", "order": "date", "spread": "1"}),
        ("search", {"q": 'buses -"car park" also:coaches from:2019', "authority": "Harrowmere", "page": "2"}),
        ("search", {"q": "zyxw"}),
        ("ask", {"question": "How often must care leavers be contacted?"}),
        ("ask", {"question": "Are there any mermaids in the harbour?", "authority": ["Harrowmere"]}),
        ("ask", {"question": "What did councils decide about the pool?", "kind": None, "stream": False}),
        ("compare", {"question": CARE}),
        ("compare", {"question": "Should Quayside Pool stay open?", "authority": "Port Ansel", "over_time": True}),
        ("precedents", {"text": POOL}),
        ("precedents", {"text": "This Council declares a nuclear free zone.", "from": "2020-01-01"}),
        ("coverage", {}),
        ("coverage", {"held": "yes", "order": "latest"}),
        ("mentions", {"q": "care leavers", "authority": "Harrowmere", "from": "2019-01-01"}),
        ("mentions", {"q": "zyxw"}),
        ("ask", {"question": "Which motions about the pool were withdrawn?"}),
        ("ready", {}),
        ("openapi", {}),
    ],
)  # fmt: skip
def test_real_answers_have_the_described_form(
    client: FlaskClient, described: Any, name: str, asked: dict[str, Any]
) -> None:
    operation = BY_NAME[name]
    body = described["paths"][operation.path][operation.method]
    if operation.body:
        assert not problems(described, body["requestBody"]["content"]["application/json"]["schema"], asked)
        response = client.post(operation.path, json=asked)
    else:
        response = client.get(operation.path, query_string=asked)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    schema = body["responses"]["200"]["content"]["application/json"]["schema"]
    assert not problems(described, schema, response.get_json())


def test_what_is_made_from_a_hit_has_the_described_form(client: FlaskClient, described: Any) -> None:
    hits = client.get("/api/v1/search", query_string={"q": CARE, "k": 5}).get_json()["hits"]
    for hit in hits:
        similar = client.get("/api/v1/similar", query_string={"passage": hit["passage_id"]}).get_json()
        assert not problems(described, named("SimilarAnswer"), similar)
        address = f"/api/v1/document/{hit['document_id']}"
        around = client.get(address, query_string={"passage": hit["passage_id"]}).get_json()
        assert not problems(described, named("DocumentPart"), around)
        assert around["text"][hit["start"] - around["start"] :].startswith(hit["text"][:500])
        part = client.get(address, query_string={"start": "10", "end": "60"}).get_json()
        assert (part["start"], part["end"], len(part["text"])) == (10, 60, 50)
        assert not problems(described, named("DocumentPart"), part)


def test_lines_of_streams_and_exports_have_the_described_form(client: FlaskClient, described: Any) -> None:
    asked = {"question": "How often must care leavers be contacted?", "stream": True}
    lines = client.post("/api/v1/ask", json=asked).text.splitlines()
    assert len(lines) > 1
    for line in lines:
        assert not problems(described, named("AskLine"), json.loads(line))
    for line in client.get("/api/v1/export?format=jsonl&q=licensing").text.splitlines():
        assert not problems(described, named("ExportedHit"), json.loads(line))


@pytest.mark.parametrize("name", ["export", "compare", "ask"])
def test_media_types_are_the_described_ones(client: FlaskClient, described: Any, name: str) -> None:
    operation = BY_NAME[name]
    if name == "export":
        asked = [{"query_string": {"q": "licensing", "format": one}} for one in ("csv", "jsonl", "xlsx")]
    elif name == "compare":
        asked = [{"json": {"question": CARE, "format": one}} for one in ("json", "csv", "xlsx")]
    else:
        asked = [{"json": {"question": CARE, "stream": one}} for one in (True, False)]
    sent = []
    for one in asked:
        with client.open(operation.path, method=operation.method.upper(), **one) as response:
            assert response.get_data()
            sent.append(response)
    answered = described["paths"][operation.path][operation.method]["responses"]["200"]
    assert {response.mimetype for response in sent} == set(answered["content"])
    for header in answered.get("headers", {}):
        assert all(header in response.headers for response in sent)


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.path.startswith("/api/v1/")], ids=lambda one: one.name
)
def test_errors_have_the_one_form_and_are_described(client: FlaskClient, described: Any, operation: Operation) -> None:
    address = re.sub(r"\{\w+\}", "0" * 20, operation.path)
    wrong = [client.put(address), client.delete(address)]
    if operation.body:
        wrong += [
            client.post(address, data="x"),
            client.post(address, json={"x": "y" * 70_000}),
            client.post(address, json=[]),
        ]
    else:
        wrong += [client.get(f"{address}?passage=nothing&q=x&order=wrong")] if operation.name != "openapi" else []
    said = described["paths"][operation.path][operation.method]["responses"]
    for response in wrong:
        assert response.status_code >= 400
        assert not problems(described, named("Error"), response.get_json())
        assert response.get_json()["error"]["status"] == response.status_code
        if response.status_code != 405:
            assert str(response.status_code) in said


def test_authorities_have_the_described_form(client: FlaskClient, described: Any) -> None:
    for entry in client.get("/api/v1/coverage?held=yes").get_json()["authorities"]:
        found = client.get(f"/api/v1/authorities/{entry['code']}").get_json()
        assert found["meetings"]
        assert not problems(described, named("AuthorityAnswer"), found)
        themes = client.get(f"/api/v1/authorities/{entry['code']}/themes").get_json()
        assert themes["authority"]
        assert not problems(described, named("ThemesAnswer"), themes)


def test_mentions_are_those_that_search_counts_and_sum_up(client: FlaskClient) -> None:
    total = client.get("/api/v1/search?q=care+leavers").get_json()["total"]
    found = client.get("/api/v1/mentions?q=care+leavers").get_json()
    assert found["passages"] == total > 0
    assert sum(one["passages"] for one in found["authorities"]) == total
    for one in found["authorities"]:
        counted = [*one["years"], one["undated"]]
        assert sum(year["passages"] for year in counted) == one["passages"]
        assert sum(year["searched_passages"] for year in counted) == one["searched_passages"]


def test_collections_have_the_described_form(own_client: FlaskClient, described: Any) -> None:
    keys = own_client.post("/api/v1/collections", json={"title": "Buses"})
    assert keys.status_code == 201
    assert not problems(described, named("CollectionKeys"), keys.get_json())
    edit = f"/api/v1/collections/{keys.get_json()['edit_key']}"
    for hit in own_client.get("/api/v1/search?q=buses&k=3").get_json()["hits"]:
        for status in (201, 200):
            added = own_client.post(f"{edit}/entries", json={"passage_id": hit["passage_id"], "note": "Ours?"})
            assert added.status_code == status
            assert not problems(described, named("Added"), added.get_json())
    found = own_client.get(edit).get_json()
    assert len(found["entries"]) == 3
    assert not problems(described, named("CollectionAnswer"), found)


def test_example_of_each_operation_works(own_client: FlaskClient) -> None:
    hit = own_client.get("/api/v1/search?q=buses").get_json()["hits"][0]
    code = own_client.get("/api/v1/coverage?held=yes").get_json()["authorities"][0]["code"]
    key = own_client.post("/api/v1/collections", json={"title": "Buses"}).get_json()["edit_key"]
    places = {"document_id": hit["document_id"], "passage_id": hit["passage_id"], "code": code, "key": key}
    for operation in OPERATIONS:
        address = operation.path.format(**places)
        if isinstance(operation.example, dict):
            asked = {name: value for name, value in operation.example.items() if name != "region"}
            asked |= {"passage_id": hit["passage_id"]} if "passage_id" in asked else {}
            with own_client.post(address, json=asked) as response:
                assert response.status_code == operation.success
        else:
            query = operation.example.replace("0123456789abcdef0123", hit["passage_id"])
            with own_client.get(f"{address}?{query}") as response:
                assert response.status_code == 200


def test_every_field_of_a_hit_is_explained() -> None:
    assert list(HIT) == list(Hit.__dataclass_fields__)


@pytest.mark.parametrize("language", ["en", "cy"])
def test_page_describes_every_operation(client: FlaskClient, language: str) -> None:
    page = checked(client.get("/api", query_string={"lang": language}))
    shown = page.body.text()
    for operation in OPERATIONS:
        assert page.css_first(f"h2#{operation.name}") is not None
        assert f"{operation.method.upper()} {operation.path}" in shown
        for parameter in operation.parameters:
            assert parameter.words in shown
    assert page.css_first(f'a[href^="{DESCRIPTION}"]') is not None
