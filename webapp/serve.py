"""The production server: gunicorn with threads, its only importer."""

from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

THREADS = 4
SECONDS_FOR_A_REQUEST = 120


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

        return create_app(data=self._data)


def run(data: Path, host: str, port: int, workers: int) -> None:
    """Serve until stopped."""
    _Server(
        data,
        {
            "bind": f"{host}:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": SECONDS_FOR_A_REQUEST,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
        },
    ).run()
