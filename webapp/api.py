"""The JSON interface, and the answer to health checks."""

import json

from flask import Blueprint, Response, request

from webapp.formatters import result_json
from webapp.query_string import collection, parse, refuse_unknown

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/v1/search")
def search() -> Response:
    """Answer a search with JSON."""
    refuse_unknown(request.args)
    asked = parse(request.args)
    return _answer(result_json(collection().searcher().search(asked.query, asked.filters, asked.k)))


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the app answers."""
    return Response("ok", mimetype="text/plain")


def error(status: int, message: str) -> Response:
    """Return the one form in which the API explains what went wrong."""
    return _answer({"error": {"status": status, "message": message}}, status)


def _answer(body: dict[str, object], status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")
