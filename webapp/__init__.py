"""The web layer: HTTP only. It reads requests, asks ``corpus`` and ``index``, and renders pages or JSON."""

from pathlib import Path

from flask import Flask, Response, current_app, got_request_exception, request, url_for
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.exceptions import BadHost, HTTPException

from corpus.connecting import Fault, unreadable
from corpus.errors import IndexDamagedError, MinutebookError
from corpus.settings import data_directory, setting
from index.encoder import Encoder
from webapp.api import collections as api_collections
from webapp.api import compare as api_compare
from webapp.api import coverage as api_coverage
from webapp.api import description, operations, over_time
from webapp.api import documents as api_documents
from webapp.api import export as api_export
from webapp.api import search as api_search
from webapp.api.json_answer import error as api_error
from webapp.capacity import admit
from webapp.delivery import deliver
from webapp.holdings import EXTENSION, Holdings
from webapp.language import LANGUAGES, PARAMETER, day, gettext, language, ngettext
from webapp.limits import set_limits
from webapp.metrics import measure
from webapp.pages import (
    about,
    api_docs,
    authorities,
    cite,
    collections,
    compare,
    coverage,
    document,
    errors,
    feeds,
    page_pictures,
    precedents,
    search,
    similar,
)
from webapp.plain_request import PlainRequest
from webapp.shown.formatters import FILTERS

PAGES = (
    search, document, page_pictures, cite, similar, compare, precedents, authorities, coverage, collections, feeds,
    about, api_docs,
)  # fmt: skip
APIS = (
    api_search, api_compare, api_collections, api_coverage, api_documents, api_export, description, operations,
    over_time,
)  # fmt: skip


def create_app(*, data: Path | None = None, encoder: Encoder | None = None) -> Flask:
    """Return the web app over a data directory; what is not given comes from the settings.

    Raises:
        SettingError: a setting makes no sense.
    """
    app = Flask(__name__)
    app.request_class = PlainRequest
    app.extensions[EXTENSION] = Holdings(data or data_directory(), encoder or Encoder(setting("MINUTEBOOK_MODEL")))
    app.config["CONTACT"] = setting("MINUTEBOOK_CONTACT")
    _set_up_templates(app)
    for module in (*PAGES, *APIS):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(MinutebookError, _explained)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Fault, _unreadable)
    measure(app)
    set_limits(app)
    deliver(app)
    admit(app)
    app.url_defaults(_in_this_language)
    return app


def _set_up_templates(app: Flask) -> None:
    own = app.jinja_loader
    design_system = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "loader": ChoiceLoader([own, design_system])}  # type: ignore[list-item]
    app.jinja_options["extensions"] = ["jinja2.ext.i18n"]
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(language=language, languages=LANGUAGES, in_language=_in_language, day=day)


def _in_this_language(endpoint: str, values: dict[str, object]) -> None:
    """Keep the language in the addresses that a page links to."""
    if language() != "en" and endpoint.split(".")[0] in _pages():
        values.setdefault(PARAMETER, language())


def _pages() -> frozenset[str]:
    return frozenset(module.blueprint.name for module in PAGES)


def _in_language(code: str) -> str:
    """Return the address of this page in a language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]
    values: dict[str, list[str]] = {}
    for name, value in kept:
        values.setdefault(name, []).append(value)
    if request.endpoint is None or request.method != "GET":
        return url_for("search.page", lang=code)
    return url_for(request.endpoint, **{**(request.view_args or {}), **values, PARAMETER: code})


def _explained(error: MinutebookError) -> Response:
    if isinstance(error, IndexDamagedError):
        _log(error)
    return _answer(error.http_status, str(error))


def _unreadable(error: Fault) -> Response:
    """Say that the stored data cannot be read, and let the log say where that was found."""
    if not unreadable(error):
        raise error
    _log(error)
    return _answer(503, errors.UNREADABLE)


def _log(error: Exception) -> None:
    got_request_exception.send(current_app._get_current_object(), exception=error)  # type: ignore[attr-defined]


def _refused(error: HTTPException) -> Response:
    if isinstance(error, BadHost):  # there is no address then that a page could lead to
        return Response("The header Host names no host.\n", 400, mimetype="text/plain")
    headers = error.get_response().headers
    allowed = headers.get("Allow")
    message = errors.MESSAGES.get(error.code or 500) or error.description or error.name
    if allowed and "GET" not in allowed:
        message = "This address takes a JSON object (POST)."
    answer = _answer(error.code or 500, message)
    for name in ("Allow", "Retry-After"):
        if name in headers:
            answer.headers[name] = headers[name]
    return answer


def _answer(status: int, message: str) -> Response:
    return api_error(status, message) if request.path.startswith("/api/") else errors.error(status, message)
