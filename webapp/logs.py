"""The log of the server: a line of JSON a request on standard error. The only importer of structlog.

It holds what an operator needs and nothing about people: no queries, no addresses of clients, no address of a page but
the pattern of its route.
"""

import re
import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, got_request_exception, request

from corpus.errors import SettingError
from corpus.settings import setting
from webapp.limits import FREE
from webapp.metrics import route

HEADER = "X-Request-ID"
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_LEVEL_OF = {500: "error", 502: "error", 503: "warning"}
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def log_requests(app: Flask) -> None:
    """Let an app log each request, and give it an id that the response names.

    Raises:
        SettingError: MINUTEBOOK_LOG_LEVEL makes no sense.
    """
    logger = _logger()

    def begin() -> None:
        sent = request.headers.get(HEADER, "")
        g.request_id = sent if _SANE_ID.fullmatch(sent) else secrets.token_hex(8)
        g.asked_at = time.perf_counter()

    def end(response: Response) -> Response:
        if "request_id" not in g:
            return response
        response.headers[HEADER] = g.request_id
        said = {
            "method": request.method,
            "route": route(),
            "status": response.status_code,
            "bytes": None if response.is_streamed else response.content_length,
            "request_id": g.request_id,
        }
        began, quiet = g.asked_at, request.endpoint in FREE and response.status_code < 400

        def closed() -> None:
            told = "debug" if quiet else _LEVEL_OF.get(response.status_code, "info")
            getattr(logger, told)("request", **said, ms=round((time.perf_counter() - began) * 1000, 1))

        response.call_on_close(closed)
        return response

    def failed(_: Flask, exception: BaseException, **__: Any) -> None:
        logger.error("failure", route=route(), request_id=g.get("request_id"), exc_info=exception)

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request_funcs.setdefault(None, []).insert(0, end)  # the last to run
    got_request_exception.connect(failed, app, weak=False)
    app.logger.disabled = True  # it would name the address


def _logger() -> Any:
    level = setting("MINUTEBOOK_LOG_LEVEL").lower()
    if level not in LEVELS:
        raise SettingError(f"MINUTEBOOK_LOG_LEVEL is {level[:40]!r}: choose from {', '.join(LEVELS)}.")
    return structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="time"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
    )
