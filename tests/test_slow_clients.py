"""Clients that keep the server waiting, on sockets of their own: they cost others nothing and are dropped in time."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from index.encoder import Encoder
from tests.test_serve import Server, started, stop
from webapp import capacity, create_app
from webapp.capacity import THREADS
from webapp.serve import LONGEST_HEAD, SECONDS_TO_ASK

SEARCH = "/api/v1/search?q=buses"
MANY = THREADS + 12
HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
POSTED = (
    b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
)


@pytest.fixture(scope="module")
def server(sample_data: Path) -> Iterator[Server]:
    """A server of one worker."""
    running = started(sample_data, 1, MINUTEBOOK_RATE_LIMIT_DEAR="off")
    yield running
    stop(running)


@contextmanager
def connections(server: Server, number: int) -> Iterator[list[socket.socket]]:
    """Open sockets to the server."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60)) for _ in range(number)
        ]


def another(server: Server, path: str = SEARCH) -> int:
    """The status that a client at another address gets."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60, source_address=("127.0.0.2", 0))
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def received(opened: socket.socket) -> bytes:
    """All that comes until the connection ends, were it by a reset."""
    found = b""
    try:
        while piece := opened.recv(65_536):
            found += piece
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        HALF,
        b"\r\n\r\n",
        POSTED,
        HEALTH + HALF,
        POSTED.replace(b"Content-Length: 500", b"Transfer-Encoding: chunked").removesuffix(b"{") + b"9\r\n{",
        HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        b"NONSENSE\r\n\r\n",
    ],
    ids=[
        "nothing",
        "half a head",
        "empty lines",
        "half a body",
        "half a second head",
        "half a chunk",
        "no end",
        "nonsense",
    ],
)
def test_those_who_send_half_keep_nobody_out(server: Server, sent: bytes) -> None:
    began = time.monotonic()
    with connections(server, MANY) as still:
        for one in still:
            one.sendall(sent)
        time.sleep(0.5)
        assert another(server, "/healthz") == another(server) == 200
        assert time.monotonic() - began < SECONDS_TO_ASK
    assert another(server) == 200


def test_dripping_does_not_lengthen_the_time(server: Server) -> None:
    with connections(server, 2) as (head, body):
        began = time.monotonic()
        head.sendall(HALF)
        body.sendall(POSTED)
        stopped = threading.Event()

        def drip() -> None:
            while not stopped.wait(0.5):
                for one, piece in ((head, b"X: y\r\n"), (body, b" ")):
                    try:
                        one.sendall(piece)
                    except OSError:
                        pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert received(head) == b""
            assert b" 400 " in body.recv(65_536).splitlines()[0]
        finally:
            stopped.set()
            dripping.join()
        assert time.monotonic() - began < 2.5 * SECONDS_TO_ASK


def test_what_comes_in_pieces_is_answered(server: Server) -> None:
    question = b'{"question": "How often must care leavers be contacted?"}'
    head = POSTED.replace(b"500", str(len(question)).encode()).removesuffix(b"{")
    with connections(server, 1) as (opened,):
        for _ in range(2):
            for piece in (head[:30], head[30:-1], head[-1:], question[:9], question[9:]):
                opened.sendall(piece)
                time.sleep(0.2)
            response = http.client.HTTPResponse(opened)
            response.begin()
            assert response.status == 200
            assert b"sentences" in response.read()


def test_a_head_without_end_is_refused(server: Server) -> None:
    with connections(server, 1) as (opened,):
        opened.sendall(HALF + b"X-Long: " + b"x" * LONGEST_HEAD)
        began = time.monotonic()
        assert received(opened).startswith((b"HTTP/1.1 431", b""))
        assert time.monotonic() - began < SECONDS_TO_ASK
    assert another(server) == 200


def test_what_is_no_http_is_refused_and_the_log_does_not_repeat_it(server: Server) -> None:
    hostile = (
        b"GET /?q=wombat-one HTTP/9.9\r\n\r\n",
        b"GET /?q=<script>wombat-two\r\n\r\n",
        b"GET /?q=wombat HTTP/1.1\r\nHost: x\r\nX wombat: three\r\n\r\n",
        b"GET /?q=wombat HTTP/1.1\r\nHost: x\r\nX: a\r\n wombat\r\n\r\n",
        b"POST /?q=wombat HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /?q=wombat HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /?q=wombat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nwombat\r\n",
        b"POST /?q=wombat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: wombat\r\n\r\n",
        b"GET /?q=wombat\xff\xfe%00 HTTP/1.1\r\nHost: x\r\nX: \x00\r\n\r\n",
    )
    for sent in hostile:
        with connections(server, 1) as (opened,):
            opened.sendall(sent)
            opened.shutdown(socket.SHUT_WR)
            answer = received(opened)
            assert answer.startswith(b"HTTP/1.1 4") or answer.startswith(b"HTTP/1.1 501"), (sent, answer)
            assert b"<script>" not in answer
    assert another(server) == 200
    time.sleep(0.5)
    said = [line for line in server.lines if not line.startswith("Minutebook on")]
    assert any("no HTTP" in line for line in said)
    assert not any("wombat" in line or "127.0.0" in line for line in said), said


def test_a_stream_that_is_read_too_slowly_is_cut_and_gives_its_place_back(
    sample_data: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: Flask = create_app(data=sample_data, encoder=encoder)
    export = "/api/v1/export?q=council&format=jsonl"
    with monkeypatch.context() as patched:
        patched.setattr(capacity, "LONGEST_SENT", -1.0)
        for _ in range(2 * capacity.EXPORTS_AT_ONCE):
            with pytest.raises(BrokenPipeError):
                app.test_client().get(export)
    again = app.test_client().get(export)
    assert again.status_code == 200
    assert again.get_data()
    again.close()
