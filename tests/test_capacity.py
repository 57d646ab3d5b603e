"""More requests than a process can answer: some wait, the others are told at once, and nothing collapses."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from index.encoder import Encoder
from index.search import Searcher
from tests.conftest import ROOT
from tests.page_checks import checked, text_of
from tests.test_serve import started, stop
from webapp import capacity, create_app
from webapp.limits import EXPORTS

SEARCH = "/api/v1/search?q=buses"
EXPORT = "/api/v1/export?q=buses&format=csv"
FREE = ("/healthz", "/readyz", "/metrics", "/robots.txt", "/static/style.css")


@pytest.fixture
def own_app(sample_data: Path, encoder: Encoder) -> Flask:
    """An app with places of its own."""
    return create_app(data=sample_data, encoder=encoder)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Searches that take until the event is set."""
    go_on = threading.Event()
    search = Searcher.search

    def slowly(*args: object, **kwargs: object) -> object:
        go_on.wait(30)
        return search(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Searcher, "search", slowly)
    yield go_on
    go_on.set()


def asked(pool: ThreadPoolExecutor, app: Flask, number: int, call: Callable[..., TestResponse]) -> list[Future[int]]:
    """Ask a number of times at once; the statuses are to come."""

    def ask() -> int:
        with call(app.test_client()) as response:
            return response.status_code

    asking = [pool.submit(ask) for _ in range(number)]
    time.sleep(0.5)
    return asking


def search(client: object) -> TestResponse:
    return client.get(SEARCH)  # type: ignore[attr-defined,no-any-return]


def question(client: object) -> TestResponse:
    return client.post("/api/v1/ask", json={"question": "What of buses?"})  # type: ignore[attr-defined,no-any-return]


def test_beyond_the_places_and_the_room_requests_are_refused_at_once(
    own_app: Flask, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacity, "LONGEST_WAIT", 30.0)  # a busy machine is slow to come to what is asked below
    checked(own_app.test_client().get("/help"))  # so that the templates are there
    with ThreadPoolExecutor(40) as pool:
        asking = asked(pool, own_app, capacity.AT_ONCE + capacity.WAITING, search)
        began = time.monotonic()
        refused = own_app.test_client().get(SEARCH)
        page = own_app.test_client().get("/?q=buses")
        assert time.monotonic() - began < 1
        assert refused.status_code == refused.get_json()["error"]["status"] == page.status_code == 503
        assert refused.headers["Retry-After"] == page.headers["Retry-After"] == str(capacity.RETRY_AFTER)
        assert "busy" in refused.get_json()["error"]["message"]
        assert "cannot answer" in text_of(checked(page), "h1")
        for address in FREE:
            with own_app.test_client().get(address) as response:
                assert response.status_code == 200
        held.set()
        assert {one.result() for one in asking} == {200}
    assert own_app.test_client().get(SEARCH).status_code == 200


def test_who_waits_too_long_is_refused(own_app: Flask, held: threading.Event) -> None:
    with ThreadPoolExecutor(10) as pool:
        asking = asked(pool, own_app, capacity.AT_ONCE, search)
        began = time.monotonic()
        assert own_app.test_client().get(SEARCH).status_code == 503
        assert time.monotonic() - began == pytest.approx(capacity.LONGEST_WAIT, abs=0.7)
        held.set()
        assert {one.result() for one in asking} == {200}


def test_search_stays_usable_while_many_questions_are_asked(own_app: Flask, held: threading.Event) -> None:
    with ThreadPoolExecutor(40) as pool:
        asking = asked(pool, own_app, 30, question)
        found = asked(pool, own_app, 1, search)
        assert own_app.test_client().get("/coverage").status_code == 200
        held.set()
        assert found[0].result() == 200
        assert {one.result() for one in asking} == {200, 503}


def test_an_export_keeps_its_place_until_it_is_read_or_given_up(own_app: Flask) -> None:
    client = own_app.test_client()
    for finish in (lambda response: response.get_data(), lambda response: response.close()):
        open_still = client.get(EXPORT)
        assert open_still.status_code == 200
        assert client.get(EXPORT).status_code == 503
        assert client.get(SEARCH).status_code == 200
        finish(open_still)
    with client.head(EXPORT) as head, client.get(EXPORT) as last:
        assert head.status_code == last.status_code == 200


def test_failures_give_their_place_back(own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(Searcher, "search", broken)
        statuses = [own_app.test_client().get(SEARCH).status_code for _ in range(2 * capacity.AT_ONCE)]
    assert set(statuses) == {500}
    assert own_app.test_client().get(SEARCH).status_code == 200


@pytest.mark.parametrize("address", ["http://example.org", "http://192.0.2.1:8000", "http://127.0.0.1.example.org/"])
def test_the_load_generator_asks_this_machine_only(address: str) -> None:
    ran = subprocess.run([sys.executable, "tests/load.py", address], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "not on this machine" in ran.stderr


def test_a_short_load_has_no_errors(site: str) -> None:
    command = [sys.executable, "tests/load.py", site, "--users", "2", "--seconds", "2"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"by status: 200: [1-9]", ran.stdout)


def test_exports_are_routes(own_app: Flask) -> None:
    assert own_app.view_functions.keys() >= EXPORTS


def test_a_client_that_stops_sending_does_not_keep_others_out(sample_data: Path) -> None:
    """Questions of which only the head is sent: as many as would take every place."""
    running = started(sample_data, 1, MINUTEBOOK_RATE_LIMIT_DEAR="off")
    head = (
        f"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nContent-Type: application/json\r\n"
        "Content-Length: 100\r\n\r\n{"
    ).encode()
    still = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(8)]
    try:
        for one in still:
            one.sendall(head)
        time.sleep(1)
        assert running.get(SEARCH)[0] == 200
    finally:
        for one in still:
            one.close()
        stop(running)
