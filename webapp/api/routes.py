"""What the API offers: its operations, each with parameters, an example and the form of what it answers."""

from dataclasses import dataclass, field
from typing import Any

from corpus.model import SEARCH_KINDS
from index.search import MAX_DEPTH, MAX_K, MAX_QUERY
from webapp.api import shapes
from webapp.query_string import DEFAULT_K, ORDERS

JSON = "application/json"
LINES = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an address: what it is for, and the JSON schema of its value, or of each where it may repeat."""

    name: str
    words: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    repeated: bool = False
    required: bool = False
    place: str = "query"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``answers`` gives the form for each media type, None for one that is no JSON.

    ``example``: the query string, or the JSON object, that the description shows. ``statuses``: the errors it may
    answer with, besides those that every route may. ``headers``: what its answers say beside the body.
    """

    method: str
    path: str
    name: str
    title: str
    words: str
    parameters: tuple[Parameter, ...]
    answers: dict[str, type | None]
    example: str | dict[str, Any] = ""
    body: type | None = None
    statuses: tuple[int, ...] = (400,)
    headers: dict[str, str] = field(default_factory=dict)


_DAY = {"type": "string", "format": "date"}
_SWITCH = {"type": "string", "enum": ["0", "1"]}
_K = Parameter("k", "How many hits.", {"type": "integer", "minimum": 1, "maximum": MAX_K, "default": DEFAULT_K})
_FILTERS = (
    Parameter("authority", "Only these authorities, by any of their names.", repeated=True),
    Parameter("region", "Only authorities of these regions or nations.", repeated=True),
    Parameter("type", "Only these types of authority.", repeated=True),
    Parameter("committee", "Only committees so named, in full or in part.", repeated=True),
    Parameter("document", "Only these documents, by document_id.", repeated=True),
    Parameter(
        "kind",
        "Only passages of these kinds, or that hold a part of such a record.",
        {"type": "string", "enum": list(SEARCH_KINDS)},
        repeated=True,
    ),
    Parameter("from", "Only meetings from this day on.", _DAY),
    Parameter("to", "Only meetings up to this day.", _DAY),
)
_SEARCH = (
    Parameter(
        "q",
        'A question or some words; a "phrase" must occur, -word must not; authority:, committee:, kind:, from: and to: '
        "say filters.",
        {"type": "string", "maxLength": MAX_QUERY},
        required=True,
    ),
    _K,
    Parameter(
        "page",
        f"Which page of k hits, from 1; the first {MAX_DEPTH:,} hits can be paged through.",
        {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH, "default": 1},
    ),
    Parameter(
        "order",
        "By relevance, or by the day of the meeting, the latest first.",
        {"type": "string", "enum": list(ORDERS), "default": ORDERS[0]},
    ),
    *_FILTERS,
    Parameter("expand", "Concepts of the thesaurus to widen the query by; none for none of them.", repeated=True),
    Parameter("spread", "1: let authorities take turns behind the clearly best.", _SWITCH),
    Parameter("facets", "1: count the passages by authority, type, region, committee, year and kind.", _SWITCH),
)
_PLACE = {"type": "integer", "minimum": 0}
_CSV, _XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

OPERATIONS = (
    Operation(
        "get", "/api/v1/search", "search", "Search",
        "Find the passages that answer a question, a page at a time.",
        _SEARCH, {JSON: shapes.SearchAnswer}, "q=contact+with+care+leavers&kind=decision&k=5",
        headers={"Link": "The addresses of the pages before and after (prev, next)."},
    ),
    Operation(
        "get", "/api/v1/export", "export", "Export",
        "Give every passage that holds the words of a query as a file, near-duplicates and all: those that search "
        "ranks first, then the others, the latest meeting first. It takes the query string of a search; k, page, "
        "order, spread and facets change nothing. A workbook holds at most 1,048,575 hits and says what it leaves out.",
        (Parameter("format", "The sort of file.", {"type": "string", "enum": ["csv", "jsonl", "xlsx"]}, required=True),
         *_SEARCH),
        {_CSV: None, "application/jsonl": shapes.ExportedHit, _XLSX: None},
        "q=selective+licensing&format=csv",
        headers={
            "Minutebook-Query": "The query, percent-encoded.",
            "Minutebook-Hits": "How many hits the file holds.",
            "Minutebook-Documents-Searched": "How many documents the filters let through.",
            "Minutebook-Authorities-Searched": "Of how many authorities.",
        },
    ),
    Operation(
        "get", "/api/v1/similar", "similar", "The same matter elsewhere",
        "Find passages of other authorities on the matter of one passage, one a meeting.",
        (Parameter("passage", "The passage_id of a hit.", required=True), _K, *_FILTERS),
        {JSON: shapes.SimilarAnswer}, "passage=0123456789abcdef0123", statuses=(400, 404),
    ),
    Operation(
        "post", "/api/v1/ask", "ask", "Ask",
        "Answer a question with sentences of the minutes, each with its citation; or say that nothing was found.",
        (), {JSON: shapes.AskAnswer, LINES: shapes.AskLine}, {"question": "How often must care leavers be contacted?"},
        shapes.AskBody, (400, 413, 415),
    ),
    Operation(
        "post", "/api/v1/compare", "compare", "Compare",
        "Put what authorities said, decided and recommended on a question side by side, as JSON or as a table.",
        (), {JSON: shapes.CompareAnswer, _CSV: None, _XLSX: None},
        {"question": "What was decided about selective licensing?", "region": "London"},
        shapes.CompareBody, (400, 413, 415),
    ),
    Operation(
        "post", "/api/v1/precedents", "precedents", "Precedents",
        "Find motions, amendments and decisions on the matter of a text, the earliest first.",
        (), {JSON: shapes.PrecedentsAnswer}, {"text": "This Council asks Cabinet to keep the pool open.", "k": 5},
        shapes.PrecedentsBody, (400, 413, 415),
    ),
    Operation(
        "get", "/api/v1/document/{document_id}", "document", "Document",
        "Read the stored text of a document, at most 8,000 characters at a time, with its agenda items, the passages "
        "to cite, and how each thing known of it was found.",
        (Parameter("document_id", "As in a hit.", required=True, place="path"),
         Parameter("passage", "Read around this passage, from the start of its item."),
         Parameter("start", "The first character, counted from 0.", _PLACE),
         Parameter("end", "Where to end; this character is not read.", _PLACE)),
        {JSON: shapes.DocumentPart}, "start=0", statuses=(400, 404),
    ),
    Operation(
        "get", "/api/v1/coverage", "coverage", "Coverage",
        "Say what is held of each authority and committee, which of the known meetings have minutes, and the gaps.",
        (), {JSON: shapes.CoverageAnswer},
    ),
    Operation(
        "get", "/api/v1/openapi.json", "openapi", "This description",
        "Give the description of the API in the form of OpenAPI 3.1.", (), {JSON: None}, statuses=(),
    ),
    Operation("get", "/healthz", "health", "Alive", "Say ok while the server answers.", (), {"text/plain": None},
              statuses=()),
    Operation("get", "/readyz", "ready", "Ready", "Say whether there is an index to search, and if not (503), why.",
              (), {JSON: shapes.Ready}, statuses=()),
)  # fmt: skip
