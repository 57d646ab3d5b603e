"""What the API offers: its operations, each with parameters, an example and the form of what it answers."""

from dataclasses import dataclass, field
from typing import Any

from corpus.model import SEARCH_KINDS
from index.search import MAX_DEPTH, MAX_K, MAX_QUERY
from webapp.api import shapes
from webapp.api import shapes_held as held
from webapp.coverage_query import HELD, LONGEST_NAME, NOT_IN_REGISTER
from webapp.coverage_query import ORDERS as AUTHORITY_ORDERS
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
    success: int = 200


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
_KEY = Parameter("key", "The key of the collection.", required=True, place="path")
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
        "order, spread and facets change nothing. A file holds at most 50,000 hits: a search that has more is refused.",
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
        {JSON: held.DocumentPart}, "start=0", statuses=(400, 404),
    ),
    Operation(
        "get", "/api/v1/passage/{passage_id}", "passage", "Passage",
        "Give one passage as a hit, with its lasting address.",
        (Parameter("passage_id", "As in a hit.", required=True, place="path"),),
        {JSON: held.PassageAnswer}, statuses=(400, 404),
    ),
    Operation(
        "get", "/api/v1/coverage", "coverage", "Coverage",
        "Say what is held of each authority of the register and of all others held, all at once.",
        (Parameter("name", "Only authorities so named, in full or in part.",
                   {"type": "string", "maxLength": LONGEST_NAME}),
         Parameter("held", "Only those of which something is held, nothing, or what is known to be incomplete.",
                   {"type": "string", "enum": [one for one in HELD if one]}),
         Parameter("region", f"Only those of a region; {NOT_IN_REGISTER} for those that the register does not have."),
         Parameter("type", f"Only those of a type; {NOT_IN_REGISTER} for those that the register does not have."),
         Parameter("order", "In which order; those held first, by name, without it.",
                   {"type": "string", "enum": [one for one in AUTHORITY_ORDERS if one]}),
         Parameter("page", "Taken and without effect: the answer is not in pages.", {"type": "integer", "minimum": 1})),
        {JSON: held.CoverageAnswer}, "held=yes",
    ),
    Operation(
        "get", "/api/v1/authorities/{code}", "authority", "Authority",
        "Give one authority: its committees with the gaps, and its meetings, whether or not minutes are held.",
        (Parameter("code", "The code of an authority, as in the answer of coverage.", required=True, place="path"),
         Parameter("start", "Which meeting to begin with, counted from 0.", _PLACE)),
        {JSON: held.AuthorityAnswer}, "start=0", statuses=(400, 404),
    ),
    Operation(
        "get", "/api/v1/authorities/{code}/themes", "themes", "Themes of an authority",
        "Give the words of the titles of an authority's agenda items that others have less, by year.",
        (Parameter("code", "The code of an authority, as in the answer of coverage.", required=True, place="path"),),
        {JSON: held.ThemesAnswer}, statuses=(400, 404),
    ),
    Operation(
        "get", "/api/v1/mentions", "mentions", "Mentions by year",
        "Count the passages that hold all or most of a query's words, by authority and year, beside all that were "
        "searched.",
        (_SEARCH[0], *_FILTERS), {JSON: held.MentionsAnswer}, "q=food+bank&from=2020-01-01",
    ),
    Operation(
        "post", "/api/v1/collections", "start_collection", "Start a collection",
        "Start a collection of passages. Whoever has the edit key can change it, whoever has the share key read it.",
        (), {JSON: held.CollectionKeys}, {"title": "Contact with care leavers"}, held.CollectionBody, (400, 413, 415),
        success=201,
    ),
    Operation(
        "get", "/api/v1/collections/{key}", "collection", "Read a collection",
        "Give a collection, each quote verified against the stored source.",
        (_KEY,), {JSON: held.CollectionAnswer}, statuses=(404,),
    ),
    Operation(
        "post", "/api/v1/collections/{key}/entries", "add_to_collection", "Add to a collection",
        "Add a passage with a note to the collection of an edit key. Where it was there already the status is 200.",
        (_KEY,), {JSON: held.Added}, {"passage_id": "0123456789abcdef0123", "note": "Compare with ours."},
        held.EntryBody, (400, 404, 413, 415), success=201,
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
