"""How responses leave: secure headers, lasting addresses of static files, and no change asked for by another site."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SAFE = ("GET", "HEAD", "OPTIONS")
_YEAR = 31_536_000  # seconds


def deliver(app: Flask) -> None:
    """Set up how an app's responses leave."""
    app.before_request(_refuse_other_sites)
    app.after_request(_secured)
    app.url_defaults(_versioned)


def _refuse_other_sites() -> None:
    """Refuse a form that another site sends: a browser says where it comes from, other programs have no cookies."""
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != request.host
    else:
        foreign = site not in ("same-origin", "none")
    if foreign:
        raise Forbidden("This change was asked for by a page of another site. Do it on the pages of this one.")


def _secured(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if request.endpoint == "static" and "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


def _versioned(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static":
        values.setdefault("v", _version(values["filename"]))


@cache
def _version(filename: str) -> str:
    return hashlib.sha256((Path(__file__).parent / "static" / filename).read_bytes()).hexdigest()[:12]
