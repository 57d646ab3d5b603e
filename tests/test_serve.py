"""The command ``serve``: gunicorn with two workers, as people run it. Its log, its counts, and how it stops."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from corpus.errors import SettingError
from index.encoder import Encoder
from index.search import Searcher
from tests.conftest import ROOT
from tests.scripted_model import _Handler, chunk, scripted_model
from webapp import create_app
from webapp.logs import log_requests

QUESTION = "How often must care leavers be contacted?"


@dataclass
class Server:
    """A running server: its process and port, and the lines of its log so far."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread = field(default_factory=threading.Thread)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an address."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def logged(self, request_id: str) -> dict[str, object]:
        """The line of the log of one request."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in list(self.lines):
                if line.startswith("{") and json.loads(line).get("request_id") == request_id:
                    found: dict[str, object] = json.loads(line)
                    return found
            time.sleep(0.05)
        raise AssertionError(f"no line for {request_id}: {self.lines}")


def started(data: Path, workers: int = 2, **settings: str) -> Server:
    """Start a server and wait until it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "--data", data, "serve", "--port", str(port), "--workers", str(workers)],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=ROOT, start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "MINUTEBOOK_RATE_LIMIT": "off", **settings},
    )  # fmt: skip
    server = Server(process, port)
    assert process.stderr is not None
    server.reader = threading.Thread(target=server.lines.extend, args=(process.stderr,), daemon=True)
    server.reader.start()
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if server.get("/readyz")[0] == 200:
                return server
        except OSError:
            time.sleep(0.2)
    stop(server)
    raise AssertionError(f"not ready: {server.lines}")


def stop(server: Server) -> None:
    """End a server that a test may have left running."""
    if server.process.poll() is None:
        os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.reader.join(10)
    if server.process.stderr:
        server.process.stderr.close()


@pytest.fixture(scope="module")
def server(sample_data: Path) -> Iterator[Server]:
    """A server over the samples."""
    running = started(sample_data)
    yield running
    stop(running)


def test_log_has_a_line_of_json_a_request_and_nothing_about_people(server: Server) -> None:
    status, headers, body = server.get("/api/v1/search?q=wombats+in+the+harbour", **{"X-Request-ID": "my-own-id-1"})
    assert (status, headers["X-Request-ID"]) == (200, "my-own-id-1")
    line = server.logged("my-own-id-1")
    assert line["event"] == "request"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/search", 200)
    assert line["bytes"] == len(body)
    assert isinstance(line["ms"], float)
    assert re.match(r"\d{4}-\d\d-\d\dT", str(line["time"]))
    assert not any("wombats" in one or "127.0.0.1" in one for one in server.lines if one.startswith("{"))


def test_an_id_that_could_harm_a_log_is_replaced(server: Server) -> None:
    headers = server.get("/api/v1/search?q=x", **{"X-Request-ID": 'x"} {"y'})[1]
    assert re.fullmatch("[0-9a-f]{16}", headers["X-Request-ID"])


def test_workers_count_together(server: Server) -> None:
    def counted() -> float:
        shown = server.get("/metrics")[2].decode()
        found = re.search(r'requests_total\{method="GET",route="/api/v1/coverage",status="200"\} (\S+)', shown)
        assert "minutebook_documents 26.0" in shown
        return float(found[1]) if found else 0.0

    before = counted()
    for _ in range(20):
        assert server.get("/api/v1/coverage")[0] == 200
    assert counted() == before + 20


def test_too_long_an_address_and_too_large_a_body_are_refused(server: Server) -> None:
    assert server.get("/api/v1/search?q=" + "x" * 9_000)[0] in (400, 414)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/api/v1/ask", body=b"x" * 100_000, headers={"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.status == 413
    assert json.loads(response.read())["error"]["status"] == 413
    connection.close()


def test_sentences_come_one_by_one_and_a_stop_waits_for_the_last(sample_data: Path, client: FlaskClient) -> None:
    """A model writes a sentence and waits; the sentence is here, though compression was offered. Then comes SIGTERM."""
    plain = client.post("/api/v1/ask", json={"question": QUESTION}).get_json()
    quotes = [" ".join(one["citations"][0]["quote"].split()) for one in plain["sentences"][:2]]
    more = threading.Event()

    def slowly(handler: _Handler) -> None:
        handler.head()
        handler.pieces(f"{quotes[0]} [1]\n")
        more.wait(60)
        handler.pieces(f"{quotes[1]} [2]\n")
        handler.event(chunk({}, "stop"))
        handler.event("[DONE]")

    with scripted_model(slowly) as model:
        running = started(sample_data, 1, MINUTEBOOK_LLM_URL=model.url, MINUTEBOOK_LLM_MODEL="scripted")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
            asked = json.dumps({"question": QUESTION, "stream": True})
            headers = {"Content-Type": "application/json", "Accept-Encoding": "br, gzip, zstd"}
            connection.request("POST", "/api/v1/ask", body=asked, headers=headers)
            response = connection.getresponse()
            first = json.loads(response.readline())
            assert first["sentence"]["text"] == quotes[0]
            os.kill(running.process.pid, signal.SIGTERM)
            time.sleep(1)
            more.set()
            rest = [json.loads(line) for line in response.read().splitlines()]
            assert rest[-1]["answer"]["sentences"][0]["text"] == quotes[0]
            assert len(rest[-1]["answer"]["sentences"]) >= 2
            connection.close()
            assert running.process.wait(timeout=40) == 0
        finally:
            more.set()
            stop(running)


def test_a_server_that_has_searched_ends_in_order(sample_data: Path) -> None:
    running = started(sample_data, 1)
    try:
        assert running.get("/api/v1/search?q=buses")[0] == 200
        os.kill(running.process.pid, signal.SIGTERM)
        assert running.process.wait(timeout=40) == 0
    finally:
        stop(running)
    assert not [line for line in running.lines if "SIG" in line or "terminate" in line]


def test_a_failure_is_logged_with_its_place_and_not_shown(
    sample_data: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Searcher, "search", broken)
    app = create_app(data=sample_data, encoder=encoder)
    log_requests(app)
    response = app.test_client().get("/api/v1/search?q=wombats")
    assert response.status_code == 500
    assert "fault" not in response.get_data(as_text=True)
    response.close()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["failure", "request"]
    assert {line["request_id"] for line in lines} == {response.headers["X-Request-ID"]}
    assert "RuntimeError: a fault of ours" in lines[0]["exception"]
    assert lines[1]["status"] == 500
    assert "wombats" not in json.dumps(lines)


@pytest.mark.parametrize(("level", "events"), [("debug", 2), ("info", 1), ("warning", 0)])
def test_what_is_logged_is_set(
    sample_data: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    level: str, events: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("MINUTEBOOK_LOG_LEVEL", level)
    app = create_app(data=sample_data, encoder=encoder)
    log_requests(app)
    for address in ("/healthz", "/help"):
        app.test_client().get(address).close()
    assert len(capsys.readouterr().err.splitlines()) == events


def test_a_level_that_makes_no_sense_is_named(
    sample_data: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINUTEBOOK_LOG_LEVEL", "loud")
    with pytest.raises(SettingError, match="MINUTEBOOK_LOG_LEVEL is 'loud': choose from debug"):
        log_requests(create_app(data=sample_data, encoder=encoder))
