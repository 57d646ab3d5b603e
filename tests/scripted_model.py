"""A language model's server on 127.0.0.1 that plays a script: good answers, and everything that goes wrong.

It speaks the OpenAI form of streamed chat completions over real HTTP. It does not think.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[["_Handler"], None]


class ScriptedModel(ThreadingHTTPServer):
    """The server: ``play`` is what it does when asked, ``asked`` the requests so far with path, key and body."""

    daemon_threads = True

    def __init__(self, *scripts: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripts = list(scripts)
        self.asked: list[dict[str, Any]] = []
        self.stopping = threading.Event()
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        """The address to give as MINUTEBOOK_LLM_URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def prompt(self) -> str:
        """The last message of the last request: question and evidence."""
        return str(self.asked[-1]["body"]["messages"][-1]["content"])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ScriptedModel

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append({"path": self.path, "key": self.headers["Authorization"], "body": body})
        self.close_connection = True
        scripts = self.server.scripts
        try:
            (scripts.pop(0) if len(scripts) > 1 else scripts[0])(self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.hung_up.set()

    def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        """Begin an answer that ends with the connection."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def event(self, data: object) -> None:
        """Send one event of a stream."""
        self.wfile.write(f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def pieces(self, text: str, size: int = 7) -> None:
        """Send a text as a model does: in small pieces that end anywhere."""
        self.event(chunk({"role": "assistant", "content": ""}))
        for start in range(0, len(text), size):
            self.event(chunk({"content": text[start : start + size]}))


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """One event's data."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [choice]}


@contextmanager
def scripted_model(*scripts: Script) -> Iterator[ScriptedModel]:
    """Run the server; of several scripts each is played once, and the last for ever."""
    server = ScriptedModel(*scripts)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


# -- scripts -----------------------------------------------------------------------------------------


def says(text: str, finish: str | None = "stop") -> Script:
    """The text, and the end that is named: "stop", "length", "content_filter", or none at all."""

    def script(handler: _Handler) -> None:
        handler.head()
        handler.pieces(text)
        if finish:
            handler.event(chunk({}, finish))
            handler.event("[DONE]")

    return script


def refuses(words: str) -> Script:
    """A refusal in the field that the form has for it."""

    def script(handler: _Handler) -> None:
        handler.head()
        handler.event(chunk({"role": "assistant", "refusal": words}))
        handler.event(chunk({}, "stop"))

    return script


def answers(status: int, body: str, kind: str = "application/json") -> Script:
    """Any status and body."""

    def script(handler: _Handler) -> None:
        handler.head(status, kind)
        handler.wfile.write(body.encode())

    return script


def whole(text: str) -> Script:
    """The answer in one JSON object: the server does not stream."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return answers(200, json.dumps({"id": "c1", "object": "chat.completion", "created": 1, "choices": [choice]}))


def stalls(text: str = "") -> Script:
    """The text, and then silence; without a text not even a status."""

    def script(handler: _Handler) -> None:
        if text:
            handler.head()
            handler.pieces(text)
        handler.server.stopping.wait(30)

    return script


def pings(text: str = "") -> Script:
    """The text, and then only signs of life, for ever."""

    def script(handler: _Handler) -> None:
        handler.head()
        handler.pieces(text)
        while not handler.server.stopping.wait(0.01):
            handler.wfile.write(b": still here\n\n")
            handler.wfile.flush()

    return script


def breaks(text: str) -> Script:
    """The text, and the connection ends in the middle of what was announced."""

    def script(handler: _Handler) -> None:
        handler.head(**{"Content-Length": "1000000"})
        handler.pieces(text)

    return script


def sends(*events: str, after: str = "") -> Script:
    """The text, and then events of any content."""

    def script(handler: _Handler) -> None:
        handler.head()
        handler.pieces(after)
        for event in events:
            handler.event(event)

    return script


def endless(text: str) -> Script:
    """The text over and over."""

    def script(handler: _Handler) -> None:
        handler.head()
        while not handler.server.stopping.is_set():
            handler.event(chunk({"content": text}))

    return script
