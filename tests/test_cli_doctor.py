"""The command ``doctor``: what it says of machines that are set up well and badly."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.catalogue import Catalogue
from tests.scripted_model import scripted_model
from webapp.cli import main


@pytest.fixture(autouse=True)
def plain_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those of a test."""
    for name in [name for name in os.environ if name.startswith("MINUTEBOOK")]:
        monkeypatch.delenv(name)


@pytest.fixture
def own_data(sample_data: Path, tmp_path: Path) -> Path:
    """A copy of the samples' data directory, to damage."""
    return Path(shutil.copytree(sample_data, tmp_path / "data"))


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def told(data: Path, *arguments: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """The exit code, and the findings by name."""
    result = CliRunner().invoke(main, ["--data", str(data), "doctor", "--json", *arguments])
    found: dict[str, list[dict[str, str]]] = {}
    for one in json.loads(result.stdout):
        found.setdefault(one["name"], []).append(one)
    return result.exit_code, found


def test_a_sound_machine_has_no_problem(sample_data: Path) -> None:
    code, found = told(sample_data)
    problems = [one for ones in found.values() for one in ones if one["level"] == "problem"]
    assert (code, problems) == (0, []), problems
    assert "26 documents" in found["catalogue"][0]["seen"]
    assert found["index"][0]["level"] == found["settings"][0]["level"] == "ok"


def test_each_line_says_how_it_stands_and_what_to_do(sample_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINUTEBOOK_PROXIES", "many")
    result = CliRunner().invoke(main, ["--data", str(sample_data), "doctor"])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("problem"))
    assert "MINUTEBOOK_PROXIES is 'many'" in lines[at]
    assert "put right" in lines[at + 1]


@pytest.mark.parametrize(
    ("name", "value", "level", "says"),
    [
        ("MINUTEBOOK_LLM_ULR", "http://127.0.0.1:1", "warning", "Did you mean MINUTEBOOK_LLM_URL"),
        ("MINUTEBOOK_WOMBATS", "1", "warning", "README"),
        ("MINUTEBOOK_RATE_LIMIT", "often", "problem", "does not start"),
        ("MINUTEBOOK_METRICS", "some", "problem", "does not start"),
        ("MINUTEBOOK_LOG_LEVEL", "loud", "problem", "does not start"),
    ],
)
def test_settings_that_are_not_or_make_no_sense(
    sample_data: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, level: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    code, found = told(sample_data)
    worst = next(one for one in found["settings"] if one["level"] != "ok")
    assert code == int(level == "problem")
    assert worst["level"] == level
    assert name in worst["seen"]
    assert says in worst["advice"]


def test_a_language_model_that_is_not_there(sample_data: Path, monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setenv("MINUTEBOOK_LLM_MODEL", "scripted")
    with scripted_model(lambda handler: None) as model:
        monkeypatch.setenv("MINUTEBOOK_LLM_URL", model.url)
        assert told(sample_data)[1]["language model"][0]["level"] == "ok"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MINUTEBOOK_LLM_URL", f"http://127.0.0.1:{free.getsockname()[1]}/v1")
        code, found = told(sample_data)
    assert code == 1
    assert "not reached" in found["language model"][0]["seen"]
    monkeypatch.setenv("MINUTEBOOK_LLM_URL", "ftp://x")
    assert "MINUTEBOOK_LLM_URL looks like" in told(sample_data)[1]["language model"][0]["seen"]


def test_a_port_that_is_taken(sample_data: Path, taken: int) -> None:
    code, found = told(sample_data, "--port", str(taken))
    assert code == 0
    assert "already" in found[f"port {taken}"][0]["seen"]
    assert told(sample_data, "--host", "192.0.2.1")[1]["port 8000"][0]["level"] == "problem"


def test_nothing_ingested_is_no_problem_and_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = told(tmp_path / "none")
    assert code == 0
    assert "minutebook ingest" in found["data directory"][0]["advice"]
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("MINUTEBOOK_DATA", str(tmp_path / "file"))
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "is no directory" in result.stdout


def test_an_index_of_another_model_or_behind_the_catalogue(own_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalogue(own_data)
    catalogue.remove([catalogue.connection.execute("SELECT location FROM sources LIMIT 1").fetchone()[0]])
    code, found = told(own_data)
    assert (code, found["index"][0]["level"]) == (0, "warning")
    assert "minutebook rebuild" in found["index"][0]["advice"]
    monkeypatch.setenv("MINUTEBOOK_MODEL", "all-MiniLM-L6-v2")
    code, found = told(own_data)
    assert (code, found["index"][0]["level"]) == (1, "problem")
    assert "all-MiniLM-L6-v2" in found["index"][0]["seen"]
    (own_data / "catalogue.sqlite").write_bytes(b"no database" * 1_000)
    assert told(own_data)[1]["catalogue"][0]["level"] == "problem"


def test_without_tesseract_scans_are_not_read(
    sample_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, found = told(sample_data)
    assert code == 0
    assert "tesseract-ocr" in found["tesseract"][0]["advice"]


@pytest.mark.parametrize(
    ("engine", "says"),
    [
        ("http://127.0.0.1:19530", "is not an engine: write milvus://host:port"),
        ("milvus://somebody:wombat@127.0.0.1:1", "milvus://127.0.0.1:1 is not reached"),
    ],
)
def test_an_engine_that_is_none_or_is_not_there(
    sample_data: Path, monkeypatch: pytest.MonkeyPatch, engine: str, says: str
) -> None:
    pytest.importorskip("pymilvus")
    monkeypatch.setenv("MINUTEBOOK_ENGINE", engine)
    code, found = told(sample_data)
    assert (code, found["engine"][0]["level"]) == (1, "problem")
    assert says in found["engine"][0]["seen"]
    assert "wombat" not in json.dumps(found)
    assert ("migrate" in found["index"][0]["seen"]) == engine.startswith("milvus://")


def test_a_model_that_is_missing_or_damaged(sample_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert told(sample_data)[1]["model"][0]["level"] == "ok"
    monkeypatch.setattr("index.encoder.WEIGHTS", tmp_path)
    for content in (None, b"cut off"):
        if content:
            for name in ("minutebook-minilm-1.onnx", "tokenizer.json"):
                (tmp_path / name).write_bytes(content)
        code, found = told(sample_data)
        assert (code, found["model"][0]["level"]) == (1, "problem")
        assert "install Minutebook again" in found["model"][0]["seen"]


def test_more_workers_than_memory_holds(sample_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("3000000000\n")
    monkeypatch.setattr("webapp.doctor.machine._MEMORY_LIMIT", limit)
    assert told(sample_data, "--workers", "4")[1]["memory"][0]["level"] == "ok"
    code, found = told(sample_data, "--workers", "5")
    assert (code, found["memory"][0]["level"]) == (0, "warning")
    assert found["memory"][0]["advice"].startswith("Serve with at most 4 workers")


def test_a_clock_that_is_behind_what_was_written(own_data: Path) -> None:
    later = (own_data / "catalogue.sqlite").stat().st_mtime + 400 * 86_400
    os.utime(own_data / "catalogue.sqlite", (later, later))
    finding = told(own_data)[1]["clock"][0]
    assert finding["level"] == "warning"
    assert "written later" in finding["seen"]


def test_a_cut_index_is_said_to_be_damaged(own_data: Path) -> None:
    vectors = next((own_data / "index").glob("g-*/dense.faiss"))
    vectors.write_bytes(vectors.read_bytes()[:-100])
    code, found = told(own_data)
    assert (code, found["index"][0]["level"]) == (1, "problem")
    assert "damaged" in found["index"][0]["seen"]
    assert "rebuild" in found["index"][0]["seen"]
