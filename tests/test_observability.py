"""What an operator sees: stages of searches, answers, the engine, the last ingest, and the dashboard over them."""

import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from index import engine, stages
from index.encoder import Encoder
from index.search import Searcher
from tests.conftest import ROOT, SAMPLES
from tests.scripted_model import says, scripted_model
from webapp import create_app
from webapp.cli import main

QUESTION = "How often must care leavers be contacted?"


@pytest.fixture
def own_client(sample_data: Path, encoder: Encoder) -> FlaskClient:
    """A client of an app with counts of its own."""
    return create_app(data=sample_data, encoder=encoder).test_client()


def value(shown: str, sample: str) -> float:
    """The value of a sample that is shown."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", shown, re.MULTILINE)
    assert found, f"{sample} is not shown"
    return float(found[1])


def test_each_stage_of_a_search_is_timed(own_client: FlaskClient) -> None:
    own_client.get("/api/v1/search?q=buses&facets=1")
    shown = own_client.get("/metrics").text
    for stage in stages.STAGES:
        assert value(shown, f'minutebook_stage_seconds_count{{stage="{stage}"}}') >= 1
    took = sum(value(shown, f'minutebook_stage_seconds_sum{{stage="{stage}"}}') for stage in stages.STAGES)
    assert 0 < took <= value(shown, 'minutebook_request_seconds_sum{route="/api/v1/search"}')


def test_a_library_search_tells_nobody(searcher: Searcher) -> None:
    told: list[str] = []
    stages.tell(lambda stage, _: told.append(stage))
    searcher.search("buses")
    stages.tell(None)
    heard = len(told)
    searcher.search("trams")
    assert heard == len(told) > 0


def test_engine_and_index_are_shown(own_client: FlaskClient, searcher: Searcher) -> None:
    shown = own_client.get("/metrics").text
    assert value(shown, 'minutebook_index_vectors{form="exact"}') == len(searcher.columns)
    assert value(shown, "minutebook_index_recall") == 1


@pytest.mark.parametrize(("borne_out", "used"), [(False, "no"), (True, "yes")])
def test_answers_of_a_language_model_are_counted(
    own_client: FlaskClient, monkeypatch: pytest.MonkeyPatch, borne_out: bool, used: str
) -> None:
    plain = own_client.post("/api/v1/ask", json={"question": QUESTION}).get_json()
    quote = " ".join(plain["sentences"][0]["citations"][0]["quote"].split())
    with scripted_model(says(f"{quote} [1]\n" if borne_out else "The moon was adopted. [1]\n")) as model:
        monkeypatch.setenv("MINUTEBOOK_LLM_URL", model.url)
        monkeypatch.setenv("MINUTEBOOK_LLM_MODEL", "scripted")
        own_client.post("/api/v1/ask", json={"question": QUESTION})
    shown = own_client.get("/metrics").text
    assert value(shown, f'minutebook_language_model_answers_total{{used="{used}"}}') == 1


def test_the_last_ingest_is_shown(tmp_path: Path, encoder: Encoder) -> None:
    folder = Path(shutil.copytree(SAMPLES, tmp_path / "samples"))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    data = tmp_path / "data"
    told = json.loads(CliRunner().invoke(main, ["--data", str(data), "ingest", str(folder), "--json"]).stdout)
    client = create_app(data=data, encoder=encoder).test_client()
    shown = client.get("/metrics").text
    assert value(shown, 'minutebook_ingest_documents{outcome="new"}') == told["new"] > 20
    assert value(shown, 'minutebook_ingest_documents{outcome="unreadable"}') == len(told["unreadable"]) == 1
    assert value(shown, "minutebook_ingest_passages_added") == told["passages_added"]
    assert value(shown, 'minutebook_ingest_seconds{stage="embedding"}') == pytest.approx(told["seconds_embedding"])
    (data / "last_ingest.json").write_text("{")
    assert "minutebook_ingest" not in client.get("/metrics").text


def test_every_metric_of_the_dashboard_exists(tmp_path: Path, sample_data: Path, encoder: Encoder) -> None:
    data = Path(shutil.copytree(sample_data, tmp_path / "data"))
    CliRunner().invoke(main, ["--data", str(data), "ingest", str(SAMPLES)])
    client = create_app(data=data, encoder=encoder).test_client()
    shown = client.get("/metrics").text
    offered = set(re.findall(r"^# TYPE (\w+) (?:counter|gauge)$", shown, re.MULTILINE))
    for name in re.findall(r"^# TYPE (\w+) histogram$", shown, re.MULTILINE):
        offered |= {f"{name}_{part}" for part in ("bucket", "sum", "count")}
    dashboard = json.loads((ROOT / "webapp" / "dashboard.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    used = {name for expression in asked for name in re.findall(r"minutebook_\w+", expression)}
    assert used - offered == set()
    whole = {re.sub(r"_(bucket|sum|count)$", "", name) for name in used}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in offered} == whole


@pytest.mark.skipif(not (find_spec("pymilvus") and find_spec("milvus_lite")), reason="milvus-lite is not installed")
def test_calls_of_an_engine_are_counted_answered_or_failed(
    tmp_path: Path, sample_data: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(shutil.copytree(sample_data, tmp_path / "data"))
    where = f"milvus+lite://{tmp_path}/vectors.db"
    monkeypatch.setenv("MINUTEBOOK_ENGINE", where)
    moved = CliRunner().invoke(main, ["--data", str(data), "migrate"])
    assert moved.exit_code == 0, moved.output
    client = create_app(data=data, encoder=encoder).test_client()
    assert client.get("/api/v1/search?q=buses").status_code == 200
    shown = client.get("/metrics").text
    assert value(shown, 'minutebook_engine_seconds_count{outcome="answered"}') >= 1
    assert 'minutebook_engine_seconds_count{outcome="failed"}' not in shown
    for name in engine.server(where).collections(""):
        engine.server(where).drop(name)
    assert client.get("/api/v1/search?q=trams").status_code == 503
    assert value(client.get("/metrics").text, 'minutebook_engine_seconds_count{outcome="failed"}') >= 1
