"""The web layer: HTTP only. It reads requests, asks ``corpus`` and ``index``, and renders pages or JSON."""

from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from corpus.errors import MinutebookError
from corpus.settings import data_directory, setting
from index.encoder import Encoder
from webapp import api, api_compare, pages
from webapp.formatters import FILTERS
from webapp.query_string import EXTENSION, Collection

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(*, data: Path | None = None, encoder: Encoder | None = None) -> Flask:
    """Return the web app over a data directory; what is not given comes from the settings."""
    app = Flask(__name__)
    app.extensions[EXTENSION] = Collection(data or data_directory(), encoder or Encoder(setting("MINUTEBOOK_MODEL")))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.filters.update(FILTERS)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(api_compare.blueprint)
    app.register_error_handler(MinutebookError, _explained)
    app.register_error_handler(HTTPException, _refused)
    app.after_request(_secured)
    return app


def _explained(error: MinutebookError) -> Response:
    return _answer(error.http_status, str(error))


def _refused(error: HTTPException) -> Response:
    allowed = error.get_response().headers.get("Allow")
    message = pages.MESSAGES.get(error.code or 500) or error.description or error.name
    if allowed and "GET" not in allowed:
        message = "This address takes a JSON object (POST)."
    answer = _answer(error.code or 500, message)
    if allowed:
        answer.headers["Allow"] = allowed
    return answer


def _answer(status: int, message: str) -> Response:
    return api.error(status, message) if request.path.startswith("/api/") else pages.error(status, message)


def _secured(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
