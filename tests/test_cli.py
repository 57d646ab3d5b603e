"""The command line, called as a user calls it: in a process of its own, or in-process where that is enough."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import SAMPLES
from webapp.cli import main

QUESTION = "How did councils handle contact with care leavers?"


def run(*arguments: str | Path) -> Result:
    """Call a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def outside(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the installed console script from an empty directory."""
    script = Path(sys.executable).with_name("minutebook")
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "MINUTEBOOK_DATA": str(directory / "data")}
    return subprocess.run(
        [script, *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


def test_search_json_gives_the_documented_fields_in_order(sample_data: Path) -> None:
    """Hits carry every documented field, and text is as long as its offsets say."""
    result = run("--data", sample_data, "search", QUESTION, "--json", "-k", "3")
    found = json.loads(result.stdout)
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    assert (
        list(found["hits"][0])
        == (
            "rank score relevance passage_id document_id authority committee meeting_date item_number item_title kind "
            "title page start end text highlights partial ocr url path citation also"
        ).split()
    )
    for hit in found["hits"]:
        assert len(hit["text"]) == hit["end"] - hit["start"]
        assert (SAMPLES / hit["path"]).is_file()


def test_search_prints_citations_and_what_was_searched(sample_data: Path) -> None:
    """The plain output names authority, date and path, and ends with what was searched."""
    result = run("search", QUESTION, "--authority", "Eastmarsh", "-k", "1", "--data", sample_data)
    assert "London Borough of Eastmarsh" in result.stdout
    assert "9 December 2019" in result.stdout
    assert result.stdout.rstrip().endswith("Searched 4 documents of 1 authority.")


def test_search_without_an_answer_says_so_and_succeeds(sample_data: Path) -> None:
    """Nothing found is an answer."""
    result = run("--data", sample_data, "search", "zzqx blorf wibbleplock")
    assert result.exit_code == 0
    assert "No passages found in 26 documents of 8 authorities" in result.stdout


def test_search_says_what_was_made_of_the_question(sample_data: Path) -> None:
    """Filters found in it, other words searched for, and facets when asked for are printed."""
    found = run("--data", sample_data, "search", "care leavers in Eastmarsh since 2020", "-k", "1", "--facets")
    assert "From your question: authority London Borough of Eastmarsh" in found.stdout
    assert "From your question: from 2020-01-01 (“since 2020”)" in found.stdout
    assert "Also searched for “care leavers”: " in found.stdout
    by_authority = next(line for line in found.stdout.splitlines() if line.startswith("By authority: "))
    assert re.search(r"London Borough of Eastmarsh [1-9]", by_authority)
    plain = run("--data", sample_data, "search", "care leavers", "-k", "1", "--no-expand")
    assert "Also searched" not in plain.stdout
    assert "By authority" not in plain.stdout


def test_search_options_reach_the_search(sample_data: Path) -> None:
    """A document is searched alone, authorities take turns, and a region that nobody is in has nothing."""
    hits = json.loads(run("--data", sample_data, "search", QUESTION, "--json").stdout)["hits"]
    only = run("--data", sample_data, "search", QUESTION, "--json", "--document", hits[0]["document_id"]).stdout
    assert {hit["document_id"] for hit in json.loads(only)["hits"]} == {hits[0]["document_id"]}
    turns = json.loads(run("--data", sample_data, "search", QUESTION, "--json", "--spread").stdout)["hits"]
    assert len({hit["authority"] for hit in turns[:5]}) >= len({hit["authority"] for hit in hits[:5]})
    nothing = run("--data", sample_data, "search", QUESTION, "--region", "South East", "--type", "county")
    assert "No passages found in 0 documents." in nothing.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["search"], 2, "Missing argument"),
        (["search", "x", "--from", "31/12/2024"], 2, "--from"),
        (["search", "x", "--kind", "gossip"], 2, "--kind"),
        (["search", "x", "--authority", "Eastmarch"], 2, "Did you mean London Borough of Eastmarsh?"),
        (["search", "x", "--committee", "Committee of Wizards"], 2, "no committee"),
        (["search", "x", "-k", "0"], 2, "from 1 to 100"),
        (["search", "x", "--region", "Narnia"], 2, "no region 'Narnia'"),
        (["search", "x", "--document", "nope"], 2, "no document 'nope'"),
        (["search", "authority:Eastmarch x"], 2, "no authority 'Eastmarch'"),
        (["search", "x" * 10_000], 2, "10,000 characters"),
        (["search", "x", "--from", "2024-02-01", "--to", "2024-01-01"], 2, "wrong way round"),
        (["ingest", "/no/such/folder"], 1, "no file or folder /no/such/folder"),
        (["remove", "--yes", "Narnia"], 1, "Nothing is held by 'Narnia'"),
        (["evaluate", "/no/such/file"], 2, "does not exist"),
    ],
)
def test_error_is_one_line_with_an_exit_code(sample_data: Path, arguments: list[str], code: int, says: str) -> None:
    """What is wrong is said in one line on standard error, and nothing on standard output."""
    result = run("--data", sample_data, *arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert says in result.stderr


def test_status_json_counts_what_the_samples_hold(sample_data: Path) -> None:
    """Counts agree with the samples' own manifest."""
    rows = (SAMPLES / "manifest.csv").read_text(encoding="utf-8").splitlines()[1:]
    held = json.loads(run("--data", sample_data, "status", "--json").stdout)
    assert held["documents"] == len(rows)
    assert len(held["authorities"]) == 8
    assert held["passages"] == sum(entry["passages"] for entry in held["authorities"])
    assert held["model"] == "minutebook-minilm-1"
    assert held["index_bytes"] > 0
    assert held["vectors"]["name"] == "exact"
    assert (held["vectors"]["vectors"], held["vectors"]["recall"]) == (held["passages"], 1)


def test_status_says_how_vectors_are_held(sample_data: Path) -> None:
    held = json.loads(run("--data", sample_data, "status", "--json").stdout)
    shown = run("--data", sample_data, "status").stdout
    assert f"Vectors: {held['passages']:,}, every one compared in a search (exact), 1,5" in shown


def test_first_use_from_an_empty_directory(tmp_path: Path) -> None:
    """Ingest, ingest again, search, remove: each as the installed command, with the data directory by setting."""
    minutes = tmp_path / "minutes"
    minutes.mkdir()
    (minutes / "note.txt").write_text(
        "WICKENBY PARISH COUNCIL\n\nMinutes of the meeting held on 4 March 2024.\n\n"
        "7. Bus shelter\n\nThe Clerk reported that the roof of the shelter leaked.\n\n8. Bins\n\nNo report.\n",
        encoding="utf-8",
    )
    before = outside(tmp_path, "search", "shelter")
    assert (before.returncode, before.stdout) == (1, "")
    assert "minutebook ingest PATH" in before.stderr

    first = outside(tmp_path, "ingest", "minutes")
    assert first.returncode == 0, first.stderr
    assert "1 new" in first.stdout

    second = outside(tmp_path, "ingest", "minutes")
    assert "1 unchanged" in second.stdout
    assert "nothing to embed" in second.stdout

    hit = json.loads(outside(tmp_path, "search", "leaking bus shelter roof", "--json").stdout)["hits"][0]
    assert (hit["authority"], hit["meeting_date"]) == ("Wickenby Parish Council", "2024-03-04")
    assert (hit["item_number"], hit["item_title"], hit["path"]) == ("7", "Bus shelter", "note.txt")

    removed = outside(tmp_path, "remove", "--yes", "minutes")
    assert removed.returncode == 0, removed.stderr
    assert "No passages found in 0 documents" in outside(tmp_path, "search", "shelter").stdout


def test_model_set_differently_from_the_index_is_refused(sample_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of another model is never searched with this one."""
    monkeypatch.setenv("MINUTEBOOK_MODEL", "someone/another-model")
    result = run("--data", sample_data, "search", "leisure centre")
    assert result.exit_code == 1
    assert "minutebook-minilm-1" in result.stderr
    assert "minutebook rebuild" in result.stderr
