"""The command ``precedents`` and POST /api/v1/precedents, over the samples."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from index.search import Searcher
from webapp.api.json_body import MAX_BODY
from webapp.cli import main

POOL = "This Council believes that the pool should stay open, and asks Cabinet not to close it."
NOTHING = "This Council declares a nuclear free zone."
ADDRESS = "/api/v1/precedents"


def run(data: Path, *arguments: str, text: str | None = None) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(main, ["--data", str(data), "precedents", *arguments], input=text)


def test_command_shows_outcome_vote_and_marked_differences(sample_data: Path) -> None:
    printed = run(sample_data, POOL, "-k", "5").stdout
    assert "Port Ansel City Council, Full Council, 17 November 2022, item 56 (Motion: Quayside Pool and Gym)" in printed
    assert "MOTION LOST (10 for, 11 against, 1 abstained) · moved by Councillor Hollowdene, seconded by" in printed
    assert "This Council believes that [-the-] {+Quayside+} Pool {+and Gym+} should stay open," in printed
    assert "% of the words are those of your text" in printed
    assert "26 documents of 8 authorities" in printed.splitlines()[-1]


def test_command_reads_standard_input(sample_data: Path) -> None:
    assert run(sample_data, "-", text=f"{POOL}\n").stdout == run(sample_data, POOL).stdout


def test_nothing_found_says_what_was_searched(sample_data: Path) -> None:
    result = run(sample_data, NOTHING)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "None found in 26 documents of 8 authorities."


def test_json_and_table_hold_the_same_precedents(sample_data: Path) -> None:
    answer = json.loads(run(sample_data, POOL, "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(run(sample_data, POOL, "--csv").stdout)))
    assert len(rows) == len(answer["precedents"]) > 1
    for row, one in zip(rows, answer["precedents"], strict=True):
        assert (row["date"], row["authority"], row["kind"], row["outcome"]) == (
            one["hit"]["meeting_date"], one["hit"]["authority"], one["kind"], one["outcome"]
        )  # fmt: skip
        assert row["wording"] == one["wording"]["text"]
        assert int(row["end"]) - int(row["start"]) == len(one["wording"]["text"])
        assert row["for"] == ("" if one["vote"] is None else str(one["vote"]["for_count"]))


def test_command_takes_the_filters_and_refuses_what_makes_no_sense(sample_data: Path) -> None:
    answer = json.loads(run(sample_data, POOL, "-a", "Port Ansel", "--to", "2022-12-31", "--json").stdout)
    assert answer["filters"]["authority"] == ["Port Ansel City Council"]
    assert {one["hit"]["authority"] for one in answer["precedents"]} == {"Port Ansel City Council"}
    assert all(one["hit"]["meeting_date"] <= "2022-12-31" for one in answer["precedents"])
    assert run(sample_data, POOL, "--json", "--csv").exit_code == 2
    assert run(sample_data, " ").exit_code == 2
    assert run(sample_data, POOL, "-k", "0").exit_code == 2
    assert run(sample_data, POOL, "-a", "Nowhere Council").exit_code == 2


def test_api_gives_the_json_of_the_command(client: FlaskClient, sample_data: Path) -> None:
    response = client.post(ADDRESS, json={"text": POOL, "k": 3, "authority": ["Port Ansel"], "from": "2022-01-01"})
    assert response.status_code == 200
    arguments = (POOL, "-k", "3", "-a", "Port Ansel", "--from", "2022-01-01", "--json")
    assert response.get_json() == json.loads(run(sample_data, *arguments).stdout)
    answer = response.get_json()
    assert list(answer) == ["text", "terms", "filters", "searched", "precedents", "more", "related"]
    assert list(answer["precedents"][0]) == [
        "kind", "outcome", "vote", "mover", "seconder", "score", "wording", "cut", "said", "marks", "shared",
        "differences", "names", "closest_earlier", "hit",
    ]  # fmt: skip


def test_api_shows_nothing_but_stored_words(client: FlaskClient, searcher: Searcher) -> None:
    for one in client.post(ADDRESS, json={"text": POOL}).get_json()["precedents"]:
        text = searcher.catalogue.document(one["hit"]["document_id"]).text
        quotes = [one["wording"], one["said"], one["vote"] and one["vote"]["said"], one["hit"], *one["names"]]
        for quote in filter(None, quotes):
            assert quote["text"] == text[quote["start"] : quote["end"]]


def test_api_takes_one_name_or_several_and_null_for_none(client: FlaskClient) -> None:
    one = client.post(ADDRESS, json={"text": POOL, "authority": "Port Ansel", "committee": None}).get_json()
    several = client.post(ADDRESS, json={"text": POOL, "authority": ["Port Ansel City Council"]}).get_json()
    assert one == several


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "'text' is missing"),
        ({"text": 3}, "'text' is not a text"),
        ({"text": " "}, "The text is empty"),
        ({"text": "bins " * 2_000}, "the limit is 5,000"),
        ({"text": "bins", "k": "3"}, "'k' is '3': give a whole number"),
        ({"text": "bins", "k": True}, "'k' is 'true': give a whole number"),
        ({"text": "bins", "k": 0}, "from 1 to 100"),
        ({"text": "bins", "q": "x"}, "There is no field 'q': choose from text, k, authority"),
        ({"text": "bins", "authority": [1]}, "'authority' is '[1]': give a JSON string, or a list of them"),
        ({"text": "bins", "authority": {"a": 1}}, "give a JSON string, or a list of them"),
        ({"text": "bins", "authority": "Nowhere"}, "The collection holds no authority 'Nowhere'"),
        ({"text": "bins", "from": "May"}, "'from' is 'May': give a date as yyyy-mm-dd"),
        ({"text": "bins", "from": 2024}, "'from' is '2024': give a date"),
        ({"text": "bins", "from": "2025-01-01", "to": "2024-01-01"}, "The dates are the wrong way round"),
        (["bins"], "not a JSON object"),
        ("bins", "not a JSON object"),
    ],
)
def test_api_refuses_in_words_what_it_cannot_understand(client: FlaskClient, body: object, says: str) -> None:
    response = client.post(ADDRESS, json=body)
    assert response.status_code == 400
    error = response.get_json()["error"]
    assert error["status"] == 400
    assert says in error["message"]


def test_api_refuses_other_bodies_and_methods(client: FlaskClient) -> None:
    for response, status, says in (
        (client.post(ADDRESS, data="{", content_type="application/json"), 400, "is not JSON"),
        (client.post(ADDRESS, data=b"\xff", content_type="application/json"), 400, "is not JSON"),
        (client.post(ADDRESS, data="[" * 50_000, content_type="application/json"), 400, "is not JSON"),
        (client.post(ADDRESS, data={"text": "bins"}), 415, "Content-Type: application/json"),
        (client.post(ADDRESS, json={"text": "x" * MAX_BODY}), 413, "64,000 bytes: shorten it"),
        (client.get(ADDRESS), 405, "takes a JSON object (POST)"),
    ):
        assert response.status_code == status
        error = response.get_json()["error"]
        assert error["status"] == status
        assert says in error["message"]
