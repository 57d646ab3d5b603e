"""The forms of the API's JSON, for its description. The only importer of pydantic.

What the library returns as dataclasses is described by them; here stand the forms that are made of them for JSON. They
are never instantiated: a test holds every real answer against them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from corpus.filters import Meetings
from corpus.model import Outcome
from index.answers.evidence import EvidenceKind, Mark
from index.comparisons.compare import By
from index.comparisons.settled import SettledKind, State
from index.hits import Hit
from index.precedents.find import DEFAULT_K, MAX_TEXT, Precedent
from index.search import MAX_K
from index.understanding.expansion import Expansion
from index.understanding.query import FoundFilter

REFERENCE = "#/components/schemas/{model}"
Names = Annotated[str | list[str] | None, Field(description="One name, or several.")]
Day = Annotated[str | None, Field(json_schema_extra={"format": "date"})]


# -- what is sent ------------------------------------------------------------------------------------


class _Body(BaseModel):
    """The filters of a search, in a JSON object."""

    authority: Names = None
    region: Names = None
    type: Names = None
    committee: Names = None
    document: Names = None
    kind: Names = None
    first: Annotated[Day, Field(alias="from", description="Only meetings from this day on.")] = None
    last: Annotated[Day, Field(alias="to", description="Only meetings up to this day.")] = None


class AskBody(_Body):
    """A question."""

    question: str
    stream: Annotated[bool | None, Field(description="A line of JSON for each sentence when it is checked.")] = False


class CompareBody(_Body):
    """A question to several authorities, or to one over time."""

    question: str
    like: Annotated[str | None, Field(description="Compare the authorities that are like this one.")] = None
    over_time: Annotated[bool | None, Field(description="The meetings of one authority in order.")] = False
    format: Literal["json", "csv", "xlsx"] | None = "json"


class PrecedentsBody(_Body):
    """The text of a motion or decision."""

    text: Annotated[str, Field(max_length=MAX_TEXT)]
    k: Annotated[int | None, Field(ge=1, le=MAX_K, description="How many.")] = DEFAULT_K


# -- what is answered --------------------------------------------------------------------------------


class Searched(BaseModel):
    """How much the filters let through."""

    documents: int
    authorities: int


class FiltersUsed(BaseModel):
    """The filters that were used, given or found in the question, as the collection spells their names."""

    authority: list[str]
    region: list[str]
    type: list[str]
    committee: list[str]
    document: list[str]
    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]
    kind: list[str]
    unknown_too: Annotated[
        list[str], Field(description="What lets records through of which it is not known: authority, date.")
    ]


class Understood(BaseModel):
    """What was made of a query: the text searched, words that must and must not occur, filters found."""

    text: str
    phrases: list[str]
    excluded: list[str]
    found: list[FoundFilter]


class FacetCount(BaseModel):
    """How many passages hold the words and have a value."""

    value: str
    count: int


class SearchAnswer(BaseModel):
    """One page of the hits of a search, and what was searched."""

    query: str
    understood: Understood
    filters: FiltersUsed
    expansions: list[Expansion]
    suggestion: Annotated[str | None, Field(description="The query with a likely misspelling put right.")]
    searched: Searched
    total: Annotated[int, Field(description="How many passages hold the words of the query.")]
    more: Annotated[bool, Field(description="Whether there are hits after these.")]
    facets: dict[str, list[FacetCount]]
    hits: list[Hit]


@dataclass(frozen=True, slots=True)
class Citation(Hit):
    """A hit, and the words of it that are quoted: the stored text from ``quote_start`` to ``quote_end``."""

    quote: str
    quote_start: int
    quote_end: int


@dataclass(frozen=True, slots=True)
class ExportedHit(Hit):
    """A hit, and its lasting address on this site."""

    link: str


class SimilarTo(BaseModel):
    """The passage or agenda item whose like is looked for."""

    document_id: str
    passage_id: str | None
    item_number: str | None
    item_title: str | None
    authority: str | None
    committee: str | None
    meeting_date: Day


class SimilarAnswer(BaseModel):
    """The same matter elsewhere."""

    target: SimilarTo
    terms: list[str]
    searched: Searched
    hits: list[Hit]


class AnswerSentence(BaseModel):
    """A sentence of an answer, what it is by the record, and the quotes that prove it."""

    text: str
    kind: EvidenceKind
    outcome: Outcome | None
    marks: list[Mark]
    citations: list[Citation]


class AskAnswer(BaseModel):
    """An answer with its evidence; or, where it abstained, what was searched and what came closest."""

    question: str
    abstained: bool
    reason: str
    answer: str
    sentences: list[AnswerSentence]
    by_authority: dict[str, list[int]]
    notes: list[str]
    near: Annotated[
        list[AnswerSentence], Field(description="On the matter, but not what was asked for; it does not answer.")
    ]
    nearest: list[Hit]
    advice: list[str]
    confidence: Annotated[float, Field(description="Estimated probability that the collection answers.")]
    searched: Searched


class AskLine(BaseModel):
    """A line of a streamed answer: a sentence; the last line is the whole answer."""

    sentence: AnswerSentence | None = None
    answer: AskAnswer | None = None


class PrecedentsAnswer(BaseModel):
    """Motions, amendments and decisions on a matter, the earliest first."""

    text: str
    terms: list[str]
    filters: FiltersUsed
    searched: Searched
    precedents: list[Precedent]
    more: int
    related: list[Hit]


class VoteCounts(BaseModel):
    """The counts of a vote, null where the minutes give none."""

    in_favour: Annotated[int | None, Field(alias="for")]
    against: int | None
    abstain: int | None


@dataclass(frozen=True, slots=True)
class Said(Citation):
    """A quote that speaks to the question."""

    evidence: EvidenceKind
    outcome: Outcome | None
    marks: list[Mark]
    probability: float


@dataclass(frozen=True, slots=True)
class WasSettled(Citation):
    """What was decided, recommended or moved, what became of it, and the quotes that prove that."""

    evidence: SettledKind
    outcome: State
    marks: list[Mark]
    vote: VoteCounts | None
    cut: bool
    proof: list[Citation]


class OneMeeting(BaseModel):
    """What one meeting said and settled."""

    authority: str | None
    committee: str | None
    meeting_date: Day
    state: str
    said: Said
    settled: list[WasSettled]


class CompareRow(BaseModel):
    """What one authority, committee or meeting has to say, or why there is nothing."""

    name: str
    authority: str | None
    committee: str | None
    meeting_date: Day
    said: Said | None
    decided: list[WasSettled]
    recommended: list[WasSettled]
    moved: list[OneMeeting]
    more: int
    change: str | None
    searched: Meetings
    confidence: float
    reason: str


class CompareAnswer(BaseModel):
    """Authorities side by side on a question."""

    question: str
    by: By
    filters: FiltersUsed
    rows: list[CompareRow]
    not_held: list[str]
    left_out: list[str]
    notes: list[str]
    searched: Searched


class WhatWentWrong(BaseModel):
    """The status, and a message for people."""

    status: int
    message: str


class Error(BaseModel):
    """The one form of every error."""

    error: WhatWentWrong


class Ready(BaseModel):
    """Whether there is an index to search, and if not, why."""

    ready: bool
    reason: str | None
    documents: int
    passages: int


def schemas(forms: Sequence[type]) -> dict[str, Any]:
    """Return the JSON schemas of some forms, and of all that they are made of, by name.

    What is answered has all of its fields, always.
    """
    wanted: list[Any] = [(form.__name__, "serialization", TypeAdapter(form)) for form in forms]
    found: dict[str, Any] = TypeAdapter.json_schemas(wanted, ref_template=REFERENCE)[1]["$defs"]
    for name, schema in found.items():
        if "properties" not in schema:
            continue
        if name.endswith("Body"):
            schema["additionalProperties"] = False
        elif name != AskLine.__name__:
            schema["required"] = list(schema["properties"])
    return found
