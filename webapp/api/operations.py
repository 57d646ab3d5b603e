"""What the operator of a site and its visiting programs ask: is it alive, is it ready, what may a crawler read."""

from flask import Blueprint, Response

from corpus.errors import MinutebookError
from webapp.api.json_answer import json_answer
from webapp.holdings import holdings
from webapp.metrics import exposed

blueprint = Blueprint("operations", __name__)

# Documents are what is worth finding elsewhere; searches have more addresses than there are documents.
_ROBOTS = """User-agent: *
Disallow: /?
Disallow: /api/
Disallow: /similar/
Disallow: /compare?
Disallow: /precedents?
Disallow: /collection
Disallow: /metrics
Allow: /document/
"""


@blueprint.get("/healthz")
def health() -> Response:
    """Say that the app answers."""
    return Response("ok", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> Response:
    """Say whether there is an index to search, and if not, why."""
    try:
        searcher = holdings().searcher()
    except MinutebookError as exc:
        return json_answer({"ready": False, "reason": str(exc), "documents": 0, "passages": 0}, 503)
    columns = searcher.columns
    held = {"documents": len(columns.documents), "passages": len(columns)}
    return json_answer({"ready": True, "reason": None, **held})


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give the counts that Prometheus reads."""
    return exposed()


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Tell crawlers what to read."""
    return Response(_ROBOTS, mimetype="text/plain")
