"""Every hit of a search as a file: comma-separated values, lines of JSON, or an Excel workbook.

The first two are sent as they are found, a batch of passages in memory at a time. What was asked and searched stands in
the headers (and on a sheet of the workbook), so that the rows are nothing but hits.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import quote

from flask import Blueprint, Response, request, stream_with_context, url_for

from corpus.errors import QueryError
from corpus.filters import Filters
from index.every import every_hit
from index.hits import Hit
from index.search import MAX_DEPTH, Searcher
from webapp.holdings import holdings
from webapp.query_string import SEARCH, parse, refuse_unknown
from webapp.shown.formatters import filters_json, hit_json
from webapp.shown.tables import Cell, csv_lines, xlsx_to

blueprint = Blueprint("api_export", __name__)

FORMATS = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_HITS = 50_000  # of a file: about a minute's work of one processor
AT_ONCE = 50  # lines
PIECE = 65_536  # bytes
PARAMETERS = ("format", *SEARCH)
COLUMNS = (
    "rank", "score", "relevance", "authority", "committee", "meeting_date", "item_number", "item_title", "kind",
    "title", "page", "text", "partial", "ocr", "citation", "link", "url", "path", "document_id", "passage_id", "start",
    "end",
)  # fmt: skip


@blueprint.get("/api/v1/export")
def export() -> Response:
    """Give every passage that holds a query's words, near-duplicates and all."""
    args = request.args.copy()
    wanted = args.poplist("format")
    if len(wanted) != 1 or wanted[0] not in FORMATS:
        raise QueryError(f"Give one 'format': choose from {', '.join(FORMATS)}.")
    refuse_unknown(args)
    asked = parse(args)
    searcher = holdings().searcher()
    about = _about(searcher, asked.query, asked.filters, asked.concepts)
    if (hits := int(dict(about)["hits"])) > MOST_HITS:
        raise QueryError(
            f"{hits:,} passages hold these words, and a file holds at most {MOST_HITS:,}: narrow the search by"
            " authority, committee or dates, and export in parts."
        )
    return _as(wanted[0], every_hit(searcher, asked.query, asked.filters, asked.concepts), about)


def _about(
    searcher: Searcher, query: str, filters: Filters, concepts: tuple[str, ...] | None
) -> list[tuple[str, str | int]]:
    """Return what the rows do not say: what was asked and searched, and how many hits there are."""
    understood = searcher.understand(query, filters, concepts)
    total = len(searcher.matching(understood)) or min(len(searcher.ranked(understood)), MAX_DEPTH)
    documents, authorities = searcher.columns.searched(understood.filters)
    chosen = [(name, value) for name, value in filters_json(understood.filters).items() if value]
    return [
        ("query", understood.understood.typed),
        *((f"filter {name}", "; ".join(value) if isinstance(value, list) else str(value)) for name, value in chosen),
        ("hits", total),
        ("documents searched", documents),
        ("authorities searched", authorities),
        ("made", datetime.now(UTC).isoformat(timespec="seconds")),
    ]


def _as(wanted: str, found: Iterator[Hit], about: list[tuple[str, str | int]]) -> Response:
    body: Iterator[str] | Iterator[bytes]
    if wanted == "xlsx":
        body = stream_with_context(_workbook(found, about))
    elif wanted == "csv":
        body = stream_with_context(_together(csv_lines(COLUMNS, map(_cells, found))))
    else:
        body = stream_with_context(_together(map(_line, found)))
    response = Response(body, mimetype=FORMATS[wanted])
    said = dict(about)
    response.headers["Content-Disposition"] = f'attachment; filename="minutebook-{str(said["made"])[:10]}.{wanted}"'
    response.headers["Minutebook-Query"] = quote(str(said["query"]))
    for name in ("hits", "documents searched", "authorities searched"):
        response.headers[f"Minutebook-{name.title().replace(' ', '-')}"] = str(said[name])
    return response


def _together(lines: Iterator[str]) -> Iterator[str]:
    """Yield lines some at a time: each piece costs the server a system call."""
    while piece := "".join(islice(lines, AT_ONCE)):
        yield piece


def _workbook(found: Iterator[Hit], about: list[tuple[str, str | int]]) -> Iterator[bytes]:
    """Yield the bytes of a workbook, which is written to a file that goes with the last of them."""
    with xlsx_to([("Hits", COLUMNS, map(_cells, found)), ("About", ("what", "value"), about)]) as file:
        while piece := file.read(PIECE):
            yield piece


def _cells(hit: Hit) -> list[Cell]:
    values = hit_json(hit) | {"link": _link(hit), "partial": _word(hit.partial), "ocr": _word(hit.ocr)}
    return [values[name] for name in COLUMNS]  # type: ignore[misc]


def _line(hit: Hit) -> str:
    return json.dumps(hit_json(hit) | {"link": _link(hit)}, ensure_ascii=False) + "\n"


def _word(value: bool) -> str:
    return "yes" if value else "no"


def _link(hit: Hit) -> str:
    """Return the lasting address of a hit on this site."""
    address = {"document_id": hit.document_id, "passage": hit.passage_id, "_anchor": hit.passage_id}
    return url_for("document.page", **address, _external=True)
