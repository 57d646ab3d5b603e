"""The JSON interface over the samples."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from index.search import Searcher

FIELDS = [
    "rank", "score", "relevance", "passage_id", "document_id", "authority", "committee", "meeting_date", "item_number",
    "item_title", "kind", "title", "page", "start", "end", "text", "highlights", "partial", "ocr", "url", "path",
    "citation", "also",
]  # fmt: skip


def test_answer_has_the_documented_shape(client: FlaskClient) -> None:
    response = client.get("/api/v1/search", query_string={"q": "care leavers", "k": 3})
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    answer = json.loads(response.get_data())
    assert list(answer) == [
        "query", "understood", "filters", "expansions", "suggestion", "searched", "total", "more", "facets", "hits",
    ]  # fmt: skip
    assert answer["query"] == "care leavers"
    assert answer["understood"] == {"text": "care leavers", "phrases": [], "excluded": [], "found": []}
    assert answer["filters"] == {
        "authority": [], "region": [], "type": [], "committee": [], "document": [], "from": None, "to": None,
        "kind": [], "unknown_too": [],
    }  # fmt: skip
    assert [list(one) for one in answer["expansions"]] == [["found", "start", "end", "added", "concept"]]
    assert answer["suggestion"] is None
    assert answer["facets"] == {}
    assert answer["searched"] == {"documents": 26, "authorities": 8}
    assert [hit["rank"] for hit in answer["hits"]] == [1, 2, 3]
    assert all(list(hit) == FIELDS for hit in answer["hits"])


@pytest.mark.parametrize("query", ["care leavers", "20 mph zone", "selective licensing", "Cludiant ysgol"])
def test_quoted_text_stands_in_the_stored_text(client: FlaskClient, searcher: Searcher, query: str) -> None:
    hits = client.get("/api/v1/search", query_string={"q": query, "k": 50}).get_json()["hits"]
    assert hits
    for hit in hits:
        stored = searcher.catalogue.document(hit["document_id"]).text
        assert hit["text"] == stored[hit["start"] : hit["end"]]
        ends = [0, *(place for span in hit["highlights"] for place in span), len(hit["text"])]
        assert ends == sorted(ends), "highlights are ordered and inside the text"


def test_text_is_written_as_utf_8_without_escapes(client: FlaskClient) -> None:
    body = client.get("/api/v1/search", query_string={"q": "Cludiant rhwng y cartref a’r ysgol"}).get_data()
    assert "a’r ysgol".encode() in body
    assert b"\\u2019" not in body


def test_filters_repeat_and_come_back_as_they_were_understood(client: FlaskClient) -> None:
    query = {
        "q": "costs", "k": 100, "authority": ["harrowmere county council", "Wexcombe District Council"],
        "committee": "cabinet", "kind": ["minutes", "decision"], "from": "2020-01-01", "to": "2025-12-31",
    }  # fmt: skip
    answer = client.get("/api/v1/search", query_string=query).get_json()
    assert answer["filters"] == {
        "authority": ["Harrowmere County Council", "Wexcombe District Council"], "region": [], "type": [],
        "committee": ["Cabinet"], "document": [], "from": "2020-01-01", "to": "2025-12-31",
        "kind": ["minutes", "decision"], "unknown_too": [],
    }  # fmt: skip
    assert {hit["authority"] for hit in answer["hits"]} == {"Harrowmere County Council", "Wexcombe District Council"}
    assert {hit["committee"] for hit in answer["hits"]} == {"Cabinet"}
    assert {hit["kind"] for hit in answer["hits"]} <= {"minutes", "decision"}
    assert answer["searched"] == {"documents": 2, "authorities": 2}


def test_filters_found_in_the_question_say_where_they_came_from(client: FlaskClient) -> None:
    query = "How did Eastmarsh contact care leavers since 2020?"
    answer = client.get("/api/v1/search", query_string={"q": query}).get_json()
    found = {one["field"]: one for one in answer["understood"]["found"]}
    assert list(found) == ["authority", "from"]
    assert found["authority"]["value"] == "London Borough of Eastmarsh"
    assert found["from"] | {"start": 0, "end": 0} == {
        "field": "from", "value": "2020-01-01", "words": "since 2020", "explicit": False, "start": 0, "end": 0,
    }  # fmt: skip
    assert all(query[one["start"] : one["end"]] == one["words"] for one in found.values())
    assert answer["filters"]["authority"] == ["London Borough of Eastmarsh"]
    assert answer["filters"]["from"] == "2020-01-01"
    assert "Eastmarsh" not in answer["understood"]["text"]


def test_facets_are_counted_when_asked_for(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search", query_string={"q": "buses", "facets": "1"}).get_json()
    assert list(answer["facets"]) == ["authority", "type", "region", "committee", "year", "kind"]
    assert sum(one["count"] for one in answer["facets"]["authority"]) == answer["total"]
    assert all(list(one) == ["value", "count"] for values in answer["facets"].values() for one in values)


def test_page_and_api_give_the_same_passages(client: FlaskClient) -> None:
    query = {"q": "selective licensing", "kind": "minutes"}
    hits = client.get("/api/v1/search", query_string=query).get_json()["hits"]
    page = client.get("/", query_string=query).get_data(as_text=True)
    assert all(f'id="hit-{hit["rank"]}"' in page for hit in hits)
    meetings = {(hit["authority"], hit["committee"], hit["meeting_date"]): hit["passage_id"] for hit in reversed(hits)}
    best = [hit["passage_id"] for hit in hits if hit["passage_id"] in meetings.values()]
    places = [page.index(f"#{passage_id}") for passage_id in best]  # the others stand behind the best of their meeting
    assert len(places) > 1
    assert places == sorted(places)


def test_pages_follow_one_another_to_the_end(client: FlaskClient) -> None:
    whole = client.get("/api/v1/search", query_string={"q": "council", "k": 100}).get_json()["hits"]
    address: str | None = "/api/v1/search?q=council&k=7&facets=1"
    found = []
    while address:
        response = client.get(address)
        found += response.get_json()["hits"]
        links = {
            parts[1]: parts[0] for parts in re.findall(r'<([^>]+)>; rel="(\w+)"', response.headers.get("Link", ""))
        }
        assert ("prev" in links) == (len(found) > 7)
        assert ("next" in links) == response.get_json()["more"]
        assert response.get_json()["facets"]
        address = links.get("next") if len(found) < 100 else None
    shown = [hit["passage_id"] for hit in found][:100]
    assert shown == [hit["passage_id"] for hit in whole]
    assert [hit["rank"] for hit in found] == list(range(1, len(found) + 1))


def test_order_by_date_begins_with_the_latest(client: FlaskClient) -> None:
    hits = client.get("/api/v1/search", query_string={"q": "buses", "order": "date", "k": 50}).get_json()["hits"]
    days = [hit["meeting_date"] or "" for hit in hits]
    assert len(set(days)) > 1
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "The query is empty"),
        ({"q": "   "}, "The query is empty"),
        ({"q": "buses", "k": "0"}, "choose a number from 1 to 100"),
        ({"q": "buses", "k": "101"}, "choose a number from 1 to 100"),
        ({"q": "buses", "k": "-1"}, "'k' is '-1'"),
        ({"q": "buses", "k": "٣"}, "'k' is '٣'"),
        ({"q": "buses", "from": "20240531"}, "'from' is '20240531': give a date as yyyy-mm-dd"),
        ({"q": "buses", "to": "2024-W01-1"}, "'to' is '2024-W01-1'"),
        ({"q": "buses", "kind": "rumour"}, "no kind 'rumour'"),
        ({"q": "buses", "council": "Leeds", "limit": "3"}, "There is no parameter 'council', 'limit'"),
        ({"q": "buses", "from": ["2024-01-01", "2024-01-02"]}, "'from' is given 2 times"),
        ({"q": "buses", "region": "Narnia"}, "no region 'Narnia'"),
        ({"q": "buses", "type": "castle"}, "no type of authority 'castle'"),
        ({"q": "buses", "document": "nope"}, "no document 'nope'"),
        ({"q": "buses", "facets": "yes"}, "'facets' is 'yes': give 1"),
        ({"q": "buses", "spread": ["1", "1"]}, "'spread' is given 2 times"),
        ({"q": "buses from:someday"}, "not a date"),
        ({"q": "buses", "page": "0"}, "'page' is '0': choose a number from 1"),
        ({"q": "buses", "k": "100", "page": "11"}, "choose from the first 1,000"),
        ({"q": "buses", "order": "size"}, "'order' is 'size': choose relevance or date."),
    ],
)
def test_bad_parameters_are_refused_and_named(client: FlaskClient, query: dict[str, object], message: str) -> None:
    response = client.get("/api/v1/search", query_string=query)
    assert response.status_code == 400
    _explains(response.get_json(), 400, message)


def test_blank_parameters_count_as_not_given(client: FlaskClient) -> None:
    query = {"q": "buses", "k": "", "authority": "", "committee": " ", "from": "", "to": "", "kind": ""}
    answer = client.get("/api/v1/search", query_string=query).get_json()
    assert len(answer["hits"]) == 10
    assert answer["searched"]["documents"] == 26


def test_unknown_address_and_method_are_json(client: FlaskClient) -> None:
    _explains(client.get("/api/v2/search").get_json(), 404, "nothing at this address")
    response = client.post("/api/v1/search")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    _explains(response.get_json(), 405, "GET")


def test_an_unexpected_failure_is_json_without_details(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Searcher, "search", broken)
    response = app.test_client().get("/api/v1/search?q=buses")
    assert response.status_code == 500
    _explains(response.get_json(), 500, "Something went wrong")


def test_answers_cannot_be_sniffed_or_framed(client: FlaskClient) -> None:
    for address in ("/api/v1/search?q=buses", "/api/v1/search", "/healthz"):
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_health(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.get_data()) == (200, b"ok")


def _explains(body: dict[str, dict[str, object]], status: int, message: str) -> None:
    assert list(body) == ["error"]
    assert list(body["error"]) == ["status", "message"]
    assert body["error"]["status"] == status
    assert message in str(body["error"]["message"])
