"""The JSON twins of the pages of what is held."""

from datetime import date

from flask import Blueprint, Response, request

from corpus.calendar import committees, meetings_of
from corpus.errors import QueryError
from corpus.overview import entry_of, overview
from corpus.status import status
from webapp.api.json_answer import json_answer
from webapp.coverage_query import chosen, parse_strictly
from webapp.holdings import holdings
from webapp.shown.coverage import committees_json, entry_json, meeting_json, totals_json

blueprint = Blueprint("api_coverage", __name__)

MEETINGS_AT_ONCE = 500


@blueprint.get("/api/v1/coverage")
def coverage() -> Response:
    """Answer with every authority of the register and all others held, and what is held of each; all at once."""
    asked = parse_strictly(request.args)
    catalogue = holdings().catalogue()
    entries = chosen(overview(catalogue, date.today()), asked)
    problems = [{"path": source.path, "problem": source.problem} for source in catalogue.problems()]
    return json_answer(
        {
            "totals": totals_json(status(catalogue)),
            "authorities": [entry_json(entry) for entry in entries],
            "unreadable_files": problems,
        }
    )


@blueprint.get("/api/v1/authorities/<code>")
def authority(code: str) -> Response:
    """Answer with one authority: its committees with gaps, and its meetings from ``start`` on, the latest first."""
    unknown = [name[:60] for name in request.args if name != "start"]
    start = request.args.get("start", "0")
    if unknown or not (start.isascii() and start.isdigit() and len(start) <= 9):
        raise QueryError("The only parameter is 'start': which meeting to begin with, a number from 0.")
    catalogue = holdings().catalogue()
    entry = entry_of(catalogue, code, date.today())
    meetings = meetings_of(catalogue, entry.names, date.today())
    first, end = int(start), int(start) + MEETINGS_AT_ONCE
    return json_answer(
        entry_json(entry)
        | {
            "committees": committees_json(entry, committees(meetings)),
            "total_meetings": len(meetings),
            "meetings": [meeting_json(meeting) for meeting in meetings[first:end]],
            "next_start": end if end < len(meetings) else None,
        }
    )
