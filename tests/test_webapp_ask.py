"""The command ``ask`` and POST /api/v1/ask, over the samples, without and with a language model."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from index.hits import Hit
from index.search import Searcher
from tests.scripted_model import answers, says, scripted_model
from webapp.cli import main

QUESTION = "How often must care leavers be contacted?"
NOTHING = "Are there any mermaids in the harbour?"
ADDRESS = "/api/v1/ask"


def run(data: Path, *arguments: str) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(main, ["--data", str(data), "ask", *arguments])


def test_command_prints_quotes_with_labels_and_citations(sample_data: Path) -> None:
    printed = run(sample_data, QUESTION).stdout
    assert re.search(r"^1\. “.+”\n   \S.*\n   .+https://", printed, re.MULTILINE)
    assert "Recommendation, not a decision" in printed
    assert printed.splitlines()[-1] == "Searched 26 documents of 8 authorities."


def test_command_says_that_nothing_was_found_and_succeeds(sample_data: Path) -> None:
    result = run(sample_data, NOTHING)
    assert result.exit_code == 0
    assert result.stdout.startswith("No evidence found in 26 documents of 8 authorities.")


def test_json_has_the_documented_fields_and_resolving_citations(sample_data: Path, searcher: Searcher) -> None:
    answer = json.loads(run(sample_data, QUESTION, "--json").stdout)
    assert list(answer) == (
        "question abstained reason answer sentences by_authority notes near nearest advice confidence searched".split()
    )
    assert answer["searched"] == {"documents": 26, "authorities": 8}
    for number, sentence in enumerate(answer["sentences"], 1):
        assert list(sentence) == ["text", "kind", "outcome", "marks", "citations"]
        assert f"[{number}]" in answer["answer"]
        for one in sentence["citations"]:
            assert set(Hit.__dataclass_fields__) | {"quote", "quote_start", "quote_end"} == set(one)
            text = searcher.catalogue.document(one["document_id"]).text
            assert text[one["quote_start"] : one["quote_end"]] == one["quote"]


def test_api_gives_what_the_command_gives(client: FlaskClient, sample_data: Path) -> None:
    answer = client.post(ADDRESS, json={"question": QUESTION, "authority": "Harrowmere"}).get_json()
    assert answer == json.loads(run(sample_data, QUESTION, "-a", "Harrowmere", "--json").stdout)
    assert set(answer["by_authority"]) == {"Harrowmere County Council"}


def test_api_streams_each_sentence_and_then_the_answer(client: FlaskClient) -> None:
    response = client.post(ADDRESS, json={"question": QUESTION, "stream": True})
    assert response.mimetype == "application/x-ndjson"
    lines = [json.loads(line) for line in response.get_data(as_text=True).splitlines()]
    assert [line["sentence"] for line in lines[:-1]] == lines[-1]["answer"]["sentences"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "'question' is missing"),
        ({"question": 7}, "'question' is not a text"),
        ({"question": " "}, "type a question"),
        ({"question": QUESTION, "stream": "yes"}, "'stream' is not true or false"),
        ({"question": QUESTION, "authority": "Atlantis"}, "Atlantis"),
        ({"question": QUESTION, "limit": 3}, "There is no field 'limit'"),
    ],
)
def test_api_explains_what_is_wrong(client: FlaskClient, body: dict[str, object], words: str) -> None:
    response = client.post(ADDRESS, json=body)
    assert response.status_code == 400
    assert words in response.get_json()["error"]["message"]


# -- with a language model ---------------------------------------------------------------------------


def test_a_model_writes_and_only_what_its_citations_bear_out_is_shown(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = client.post(ADDRESS, json={"question": QUESTION}).get_json()
    first = " ".join(plain["sentences"][0]["citations"][0]["quote"].split())
    wrong = "Care leavers must be contacted every 3 days. [1]"
    with scripted_model(says(f"{first} [1]\n{wrong}\nThis is known everywhere.\n")) as server:
        monkeypatch.setenv("MINUTEBOOK_LLM_URL", server.url)
        monkeypatch.setenv("MINUTEBOOK_LLM_MODEL", "scripted")
        answer = client.post(ADDRESS, json={"question": QUESTION}).get_json()
    texts = [sentence["text"] for sentence in answer["sentences"]]
    assert texts[0] == first
    assert not any("3 days" in text or "everywhere" in text for text in texts)
    assert any("left out" in note for note in answer["notes"])


def test_a_dead_model_leaves_the_extractive_answer_with_a_note(
    client: FlaskClient, sample_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = client.post(ADDRESS, json={"question": QUESTION}).get_json()
    with scripted_model(answers(500, "{}")) as server:
        monkeypatch.setenv("MINUTEBOOK_LLM_URL", server.url)
        monkeypatch.setenv("MINUTEBOOK_LLM_MODEL", "scripted")
        answer = client.post(ADDRESS, json={"question": QUESTION}).get_json()
        printed = run(sample_data, QUESTION).stdout
    assert answer["sentences"] == plain["sentences"]
    assert any("language model" in note.lower() for note in answer["notes"])
    assert "Note: " in printed


def test_what_is_declined_is_never_put_to_a_model(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_model(says("There are mermaids. [1]")) as server:
        monkeypatch.setenv("MINUTEBOOK_LLM_URL", server.url)
        monkeypatch.setenv("MINUTEBOOK_LLM_MODEL", "scripted")
        answer = client.post(ADDRESS, json={"question": NOTHING}).get_json()
        assert answer["abstained"]
        assert server.asked == []
