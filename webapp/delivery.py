"""How responses leave: secure headers, compressed, lasting addresses of static files, and no change asked for by
another site. The only importer of flask-compress."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_compress import Compress
from werkzeug.exceptions import Forbidden

from webapp.unchanged import answer_unchanged

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
_COMPRESSED = {
    "text/html", "text/css", "text/plain", "text/csv", "text/javascript", "application/javascript", "application/json",
    "application/jsonl", "application/xml", "application/atom+xml", "application/rss+xml", "text/calendar",
    "application/x-bibtex", "application/x-research-info-systems", "image/svg+xml",
}  # fmt: skip
_ALGORITHMS = ["br", "zstd", "gzip"]
_SAFE = ("GET", "HEAD", "OPTIONS")
_YEAR = 31_536_000  # seconds


def deliver(app: Flask) -> None:
    """Set up how an app's responses leave."""
    app.before_request(_refuse_other_sites)
    answer_unchanged(app)
    app.after_request(_secured)
    _compress(app)
    app.url_defaults(_versioned)


def _compress(app: Flask) -> None:
    """Compress texts; but not a stream of which each line is wanted as soon as it is there."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=_COMPRESSED,
        COMPRESS_ALGORITHM=_ALGORITHMS,
        COMPRESS_ALGORITHM_STREAMING=_ALGORITHMS,
    )
    compress = Compress(app)

    def compressed(response: Response) -> Response:
        if response.headers.get("X-Accel-Buffering") == "no":
            return response
        body = response.response
        packed = compress.after_request(response)
        if packed.response is not body and hasattr(body, "close"):
            packed.call_on_close(body.close)  # a file; flask-compress leaves it open
        return packed

    app.after_request(compressed)


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
    if request.endpoint == "static" and response.status_code in (200, 304):
        lasting = "v" in request.args
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if lasting else "public, max-age=3600"
    return response


def _versioned(endpoint: str, values: dict[str, Any]) -> None:
    version = _versions().get(values["filename"]) if endpoint == "static" else None
    if version:  # of a page about an address that leads nowhere the name is what somebody typed
        values.setdefault("v", version)


@cache
def _versions() -> dict[str, str]:
    """Return what each static file is told from its earlier forms by."""
    root = Path(__file__).parent / "static"
    files = [file for file in root.rglob("*") if file.is_file()]
    return {file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in files}
