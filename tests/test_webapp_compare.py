"""POST /api/v1/compare, over the samples."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.workbooks import sheets_of

ADDRESS = "/api/v1/compare"
QUESTION = "What did councils decide about support for care leavers?"
POOL = "Should the Quayside Pool and Gym stay open?"


def compared(client: FlaskClient, **body: Any) -> Any:
    """The comparison that a body asks for."""
    response = client.post(ADDRESS, json=body)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_rows_are_those_of_the_command_with_what_was_searched(client: FlaskClient) -> None:
    found = compared(client, question=QUESTION)
    assert found["by"] == "authority"
    assert found["searched"] == {"documents": 26, "authorities": 8}
    with_evidence = [row for row in found["rows"] if row["said"]]
    assert len(with_evidence) >= 2
    assert found["rows"][: len(with_evidence)] == with_evidence
    for row in with_evidence:
        assert row["said"]["authority"] == row["authority"]
        assert row["said"]["quote"] in row["said"]["text"]
    for row in found["rows"][len(with_evidence) :]:
        assert row["reason"].startswith("Searched ")


def test_named_authorities_and_a_lost_motion(client: FlaskClient) -> None:
    found = compared(client, question=POOL, authority=["Port Ansel", "Thornby Magna"])
    assert [row["authority"] for row in found["rows"]] == ["Port Ansel City Council", "Thornby Magna Parish Council"]
    told = [(one["evidence"], one["outcome"], one["vote"]) for one in found["rows"][0]["decided"]]
    assert ("motion", "lost", {"for": 10, "against": 11, "abstain": 1}) in told
    assert found["rows"][1]["said"] is None


def test_timeline_of_one_authority(client: FlaskClient) -> None:
    found = compared(client, question=POOL, authority="Port Ansel", over_time=True)
    assert found["by"] == "meeting"
    days = [row["meeting_date"] for row in found["rows"] if row["meeting_date"]]
    assert days == sorted(days)
    assert "2022-11-17" in days


def test_tables_are_sent_as_files(client: FlaskClient) -> None:
    rows = compared(client, question=POOL)["rows"]
    table = client.post(ADDRESS, json={"question": POOL, "format": "csv"})
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.headers["Content-Disposition"] == 'attachment; filename="comparison.csv"'
    assert [row["name"] for row in csv.DictReader(io.StringIO(table.text))] == [row["name"] for row in rows]
    book = client.post(ADDRESS, json={"question": POOL, "format": "xlsx"})
    assert book.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert [row[0] for row in sheets_of(book.data)[0][1:]] == [row["name"] for row in rows]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "'question' is missing"),
        ({"question": " "}, "The query is empty"),
        ({"question": POOL, "authority": "Narnia"}, "no authority 'Narnia'"),
        ({"question": POOL, "authority": 7}, "'authority'"),
        ({"question": POOL, "over_time": "yes"}, "'over_time' is not true or false"),
        ({"question": POOL, "over_time": True}, "A timeline is of one authority"),
        ({"question": POOL, "format": "pdf"}, "choose from json, csv, xlsx"),
        ({"question": POOL, "like": 3}, "'like' is not a text"),
        ({"question": POOL, "wizards": 3}, "no field 'wizards'"),
    ],
)
def test_what_makes_no_sense_is_explained(client: FlaskClient, body: dict[str, Any], says: str) -> None:
    response = client.post(ADDRESS, json=body)
    assert response.status_code == 400
    assert says in response.get_json()["error"]["message"]


def test_only_a_json_object_is_taken(client: FlaskClient) -> None:
    assert client.get(ADDRESS).status_code == 405
    assert client.post(ADDRESS, data={"question": POOL}).status_code == 415
