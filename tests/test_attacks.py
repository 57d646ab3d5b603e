"""What was found by attacking a running site, each so that it does not come back."""

import json
import os
import socket
import threading
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from corpus.filters import Filters
from index.search import Searcher
from tests.test_serve import started, stop


def answered(app: Flask, address: str) -> TestResponse:
    """What comes within some seconds; a file that never ends, or waits for a writer, would not."""
    found: list[TestResponse] = []
    asking = threading.Thread(target=lambda: found.append(app.test_client().get(address)), daemon=True)
    asking.start()
    asking.join(20)
    assert found, f"{address} is not answered"
    return found[0]


@pytest.mark.parametrize(
    "name",
    ["../../../../../../../../etc/passwd", "..%2f..%2fserve.py", "%00", "nothing.css", "....//serve.py", "x" * 3_000],
)
def test_no_address_has_a_file_read_that_is_not_served(app: Flask, name: str) -> None:
    assert answered(app, f"/static/{name}").status_code in (400, 404)


def test_a_file_that_never_ends_is_not_begun(app: Flask, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    page = answered(app, f"/static/{'../' * 12}{(tmp_path / 'pipe').relative_to('/')}")
    assert page.status_code == 404


def test_the_links_of_an_error_page_are_those_of_any_page(client: FlaskClient) -> None:
    page = client.get("/static/nothing.css").text
    assert page.count("site.js?v=") == client.get("/").text.count("site.js?v=") == 1


@pytest.mark.parametrize("host", ["x" * 300, "x." + "y" * 70 + ".z", ".", "[::1", 'a"><script>', "a b", ""])
@pytest.mark.parametrize("address", ["/", "/nothing", "/api/v1/search?q=buses", "/feed.atom?q=buses"])
def test_no_name_of_a_host_breaks_a_page_or_comes_back_as_markup(client: FlaskClient, host: str, address: str) -> None:
    answer = client.get(address, headers={"Host": host})
    assert answer.status_code in (200, 400, 404)
    assert "<script>" not in answer.text.replace("<script ", "")


@pytest.mark.parametrize("address", ["ask", "compare", "precedents", "collections"])
@pytest.mark.parametrize("field", ["question", "text", "title", "authority"])
def test_half_a_character_in_json_is_refused_in_words(client: FlaskClient, address: str, field: str) -> None:
    body = json.dumps({field: "buses \ud800"})
    answer = client.post(f"/api/v1/{address}", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"]


def test_half_a_character_typed_on_a_command_line_is_no_failure(searcher: Searcher) -> None:
    assert searcher.search("buses \udcff", Filters()).hits


def test_no_header_says_where_the_site_is(sample_data: Path) -> None:
    running = started(sample_data, 1)
    try:
        with socket.create_connection(("127.0.0.1", running.port), timeout=60) as opened:
            opened.sendall(
                b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSCRIPT_NAME: /wombat\r\n"
                b"PATH_INFO: /metrics\r\n\r\n"
            )
            answer = b"".join(iter(lambda: opened.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"wombat" not in answer
        assert b"minutebook_" not in answer
    finally:
        stop(running)
