"""Comparisons over HTTP: JSON, comma-separated values, or an Excel workbook."""

from flask import Blueprint, Response

from corpus.errors import QueryError
from index.comparisons.compare import Comparison
from index.comparisons.compare import compare as find
from webapp.api.json_answer import json_answer
from webapp.api.json_body import FILTERS, filters_from, json_body, switch_from, text_from
from webapp.holdings import holdings
from webapp.shown.comparisons import comparison_json, comparison_table, workbook
from webapp.shown.tables import csv_of

blueprint = Blueprint("api_compare", __name__)

FORMATS = ("json", "csv", "xlsx")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.post("/api/v1/compare")
def compare() -> Response:
    """Answer with what authorities said and decided on a question, side by side."""
    body = json_body(("question", "like", "over_time", "format", *FILTERS))
    wanted = text_from(body, "format") if "format" in body else "json"
    if wanted not in FORMATS:
        raise QueryError(f"There is no format {wanted[:20]!r}: choose from {', '.join(FORMATS)}.")
    comparison = find(
        holdings().searcher(),
        text_from(body, "question"),
        filters_from(body),
        like=text_from(body, "like") if "like" in body else None,
        over_time=switch_from(body, "over_time"),
    )
    return _as(wanted, comparison)


def _as(wanted: str, comparison: Comparison) -> Response:
    if wanted == "json":
        return json_answer(comparison_json(comparison))
    headers = {"Content-Disposition": f'attachment; filename="comparison.{wanted}"'}
    if wanted == "csv":
        return Response(csv_of(*comparison_table(comparison)), mimetype="text/csv", headers=headers)
    return Response(workbook(comparison), mimetype=_XLSX, headers=headers)
