"""The production server: gunicorn with threads, its only importer."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from webapp.capacity import THREADS
from webapp.metrics import SHARED, process_ended

SECONDS_FOR_A_REQUEST = 120
SECONDS_TO_END = 30  # that a request under way has when the server is stopped
SECONDS_STILL = 20  # that a client may take to send a piece of its request, or to take a piece of the response
SECONDS_KEPT = 5  # that a connection waits for its next request
LONGEST_LINE = 8_190  # bytes of a request's first line, the most that gunicorn takes
RENEWED_AFTER = 50_000  # requests, give or take a tenth; of one worker never, as nothing would serve meanwhile
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


def _hurried(app: Flask) -> Any:
    """Return the app for clients who go on sending and receiving: another would keep its thread and places for good."""

    def hurried(environ: dict[str, Any], start_response: Any) -> Any:
        environ["gunicorn.socket"].settimeout(SECONDS_STILL)
        return app(environ, start_response)

    return hurried


def run(data: Path, host: str, port: int, workers: int) -> None:
    """Serve until stopped."""
    counts = tempfile.mkdtemp(prefix="minutebook-metrics-") if workers > 1 else None
    if counts:
        os.environ[SHARED] = counts
    try:
        _Server(data, {"bind": f"{host}:{port}", **_options(workers)}).run()
    finally:
        if counts:
            shutil.rmtree(counts, ignore_errors=True)


def _options(workers: int) -> dict[str, Any]:
    shared = workers > 1
    return {
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": SECONDS_FOR_A_REQUEST,
        "graceful_timeout": SECONDS_TO_END,
        "keepalive": SECONDS_KEPT,
        "max_requests": RENEWED_AFTER if shared else 0,
        "max_requests_jitter": RENEWED_AFTER // 10 if shared else 0,
        "worker_tmp_dir": str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None,
        "limit_request_line": LONGEST_LINE,
        "child_exit": _child_exit,
        "accesslog": None,
        "loglevel": "warning",
        "control_socket_disable": True,
    }


def _child_exit(_: Any, worker: Any) -> None:
    if os.environ.get(SHARED):
        process_ended(worker.pid)
