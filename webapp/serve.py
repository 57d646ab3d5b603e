"""The production server: gunicorn with threads, its only importer."""

import ctypes
import logging
import os
import selectors
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from threading import Timer
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from corpus.settings import setting
from webapp.capacity import THREADS
from webapp.limits import MAX_BODY, SHARED, network
from webapp.metrics import process_ended

SECONDS_FOR_A_REQUEST = 120
SECONDS_TO_END = 30  # that a request under way has when the server is stopped
SECONDS_TO_ASK = 10  # that a client may take to send the head of a request, and again for the rest
SECONDS_STILL = 20  # that a client may take to take a piece of the response
SECONDS_TO_LEAVE = 2  # that a client may take to close a connection after the last response
SECONDS_KEPT = 5  # that a connection waits for its next request
LONGEST_LINE = 8_190  # bytes of a request's first line, the most that gunicorn takes
RENEWED_AFTER = 50_000  # requests, give or take a tenth; of one worker never, as nothing would serve meanwhile
LONGEST_HEAD = 32_768  # bytes
OF_ONE_CLIENT = THREADS * 2 // 3  # threads, at the most
_AGAIN = 0.1  # seconds until it is looked again whether the rest of a head has come
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_ARENA_MAX, _ARENAS = -8, 2  # of glibc's mallopt, and how many
_MEMORY = Path("/dev/shm")


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn set up from here instead of from its command line."""

    def __init__(self, data: Path, options: dict[str, Any]) -> None:
        self._data = data
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from webapp import create_app  # in the worker: threads of torch do not survive a fork
        from webapp.logs import log_requests

        app = create_app(data=self._data)
        log_requests(app)
        return _hurried(app)


class _Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker, where a request gets a thread once its head has come, and one client not all of them.

    gunicorn has a thread read the head, without a limit on time: as many clients as there are threads, each with half
    a head, would stop the site.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: dict[Any, float] = {}  # connections with half a head or without a thread: until when
        self._leaving: dict[Any, float] = {}  # connections that their clients are to close: until when
        self._threads = Counter[str]()  # by client
        self._told_apart = setting("MINUTEBOOK_PROXIES") == "0"

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection a thread if it can use it; let it wait if not."""
        head = _head(conn)
        if head is None:
            conn.sock.setblocking(False)
            conn.timeout = time.monotonic() + SECONDS_TO_ASK
            self.pending_conns.append(conn)
            self.poller.register(
                conn.sock, selectors.EVENT_READ, lambda sock: self.on_pending_socket_readable(conn, sock)
            )
        elif not self._let_in(conn, head):
            self._waiting[conn] = time.monotonic() + SECONDS_TO_ASK

    def _let_in(self, conn: Any, head: bytes) -> bool:
        client = network(conn.client[0]) if self._told_apart and conn.client else ""
        if not _whole(head) or (client and self._threads[client] >= OF_ONE_CLIENT):
            return False
        self._threads[client] += 1
        conn.told_apart_as = client
        super().enqueue_req(conn)
        return True

    def finish_request(self, conn: Any, fs: Any) -> None:
        self._threads[conn.told_apart_as] -= 1
        self._threads += Counter()  # forgets who has none
        conn.close = partial(self._close, conn)
        super().finish_request(conn, fs)

    def _close(self, conn: Any, graceful: bool = False) -> None:
        """Close a connection; after a response once its client has, for which gunicorn would have its loop wait."""
        with suppress(OSError):
            if graceful:
                conn.sock.shutdown(socket.SHUT_WR)
                conn.sock.setblocking(False)
                self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._drain(conn))
                self._leaving[conn] = time.monotonic() + SECONDS_TO_LEAVE
                self.nr_conns += 1
                return
        with suppress(OSError):
            conn.sock.close()

    def _drain(self, conn: Any) -> None:
        try:
            more = bool(conn.sock.recv(LONGEST_HEAD))
        except BlockingIOError:
            return
        except OSError:
            more = False
        if not more:
            self._left(conn)

    def _left(self, conn: Any) -> None:
        del self._leaving[conn]
        self.nr_conns -= 1
        self.poller.unregister(conn.sock)
        conn.sock.close()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(min(timeout, _AGAIN) if self._waiting else timeout)

    def murder_pending(self) -> None:
        """Look again for the heads that wait, and end connections that have waited too long: called all the time."""
        super().murder_pending()
        for conn in [conn for conn, until in self._leaving.items() if time.monotonic() > until]:
            self._left(conn)
        for conn, until in list(self._waiting.items()):
            head = _head(conn) or b""
            if self._let_in(conn, head):
                del self._waiting[conn]
            elif time.monotonic() > until or len(head) >= LONGEST_HEAD:
                del self._waiting[conn]
                self.nr_conns -= 1
                with suppress(OSError):
                    conn.sock.send(_TOO_LARGE if len(head) >= LONGEST_HEAD else b"")
                conn.close()


def _head(conn: Any) -> bytes | None:
    """Return what has come of a request and is not yet read, None where nothing has; a thread reads it again."""
    conn.sock.setblocking(False)
    read = bytes(conn.parser.unreader.buf.getvalue()) if conn.parser else b""
    try:
        come = conn.sock.recv(LONGEST_HEAD, socket.MSG_PEEK)
    except BlockingIOError:
        return read or None
    except OSError:
        come = b""
    return read + bytes(come)


def _whole(head: bytes) -> bool:
    """Tell whether the head of a request is whole, or nothing comes any more."""
    return not head or b"\r\n\r\n" in head.lstrip(b"\r\n")


def _hurried(app: Flask) -> Any:
    """Return the app for clients who go on sending and receiving: another would keep its thread and places for good."""

    def hurried(environ: dict[str, Any], start_response: Any) -> Any:
        environ["gunicorn.socket"].settimeout(SECONDS_STILL)
        length = environ.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in environ or (length.isdecimal() and 0 < int(length) <= MAX_BODY):
            environ["wsgi.input"] = BytesIO(_body(environ))
        return app(environ, start_response)

    return hurried


def _body(environ: dict[str, Any]) -> bytes:
    """Return the body of a request, as much of it as comes in time and a byte more than is taken."""

    def end() -> None:
        with suppress(OSError):
            environ["gunicorn.socket"].shutdown(socket.SHUT_RD)

    ended = Timer(SECONDS_TO_ASK, end)
    ended.daemon = True
    ended.start()
    try:
        body: bytes = environ["wsgi.input"].read(MAX_BODY + 1)
        return body
    finally:
        ended.cancel()


def run(data: Path, host: str, port: int, workers: int) -> None:
    """Serve until stopped."""
    _keep_memory_together()
    logging.getLogger("gunicorn.error").addFilter(_nameless)
    counts = tempfile.mkdtemp(prefix="minutebook-counts-") if workers > 1 else None
    if counts:
        os.environ[SHARED] = counts
    try:
        _Server(data, {"bind": f"{host}:{port}", **_options(workers)}).run()
    finally:
        if counts:
            shutil.rmtree(counts, ignore_errors=True)


def _keep_memory_together() -> None:
    """Have glibc's malloc keep few pools: with one for each thread, what one frees the others do not use again."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(_ARENA_MAX, _ARENAS)


def _nameless(record: logging.LogRecord) -> bool:
    """Take out of gunicorn's log what it says of clients and what they ask for."""
    if str(record.msg).startswith("Invalid request"):
        record.msg, record.args = "A request that is no HTTP was refused.", ()
    elif str(record.msg).startswith("Error handling request"):
        record.msg, record.args = "Error handling a request.", ()
    return True


def _options(workers: int) -> dict[str, Any]:
    shared = workers > 1
    return {
        "workers": workers,
        "worker_class": _Worker,
        "threads": THREADS,
        "timeout": SECONDS_FOR_A_REQUEST,
        "graceful_timeout": SECONDS_TO_END,
        "keepalive": SECONDS_KEPT,
        "max_requests": RENEWED_AFTER if shared else 0,
        "max_requests_jitter": RENEWED_AFTER // 10 if shared else 0,
        "worker_tmp_dir": str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None,
        "limit_request_line": LONGEST_LINE,
        "forwarder_headers": "",  # no header of a request says where the app is
        "child_exit": _child_exit,
        "accesslog": None,
        "loglevel": "warning",
        "control_socket_disable": True,
    }


def _child_exit(_: Any, worker: Any) -> None:
    if os.environ.get(SHARED):
        process_ended(worker.pid)
