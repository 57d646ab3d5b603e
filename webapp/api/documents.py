"""Documents and passages as JSON: what their pages show."""

from flask import Blueprint, Response, request, url_for

from corpus.errors import QueryError
from index import hits
from webapp.api.json_answer import json_answer
from webapp.assistant.reading import passage_part, text_part
from webapp.holdings import holdings
from webapp.query_string import refuse_others, whole_number
from webapp.shown.formatters import hit_json

blueprint = Blueprint("api_documents", __name__)


@blueprint.get("/api/v1/document/<document_id>")
def document(document_id: str) -> Response:
    """Answer with a part of a document: around ``passage``, or from ``start`` to ``end``; its first without them."""
    refuse_others(request.args, ("passage", "start", "end"))
    catalogue = holdings().catalogue()
    passage_id = request.args.get("passage", "").strip()
    start, end = whole_number(request.args, "start"), whole_number(request.args, "end")
    if passage_id:
        if (start, end) != (None, None):
            raise QueryError("Give 'passage', or 'start' and 'end', not both.")
        return json_answer(passage_part(catalogue, document_id, passage_id))
    return json_answer(text_part(catalogue, document_id, start or 0, end))


@blueprint.get("/api/v1/passage/<passage_id>")
def passage(passage_id: str) -> Response:
    """Answer with one passage as a hit, its permanent address, and the version that is searched in its place if any."""
    refuse_others(request.args, ())
    catalogue = holdings().catalogue()
    found = hits.passage(catalogue, passage_id)
    more = {
        "permalink": url_for("document.passage", passage_id=passage_id, _external=True),
        "replaced_by": catalogue.replacement(found.document_id),
    }
    return json_answer(hit_json(found) | more)
