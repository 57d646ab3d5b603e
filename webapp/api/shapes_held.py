"""The forms of the API's JSON about what is held and what was collected; see ``shapes``."""

from dataclasses import dataclass
from typing import Any

from corpus.calendar import CommitteeMeetings, KnownMeeting
from corpus.coverage import Gap
from corpus.model import Found, Page
from index.hits import Hit
from webapp.api.shapes import FiltersUsed

# -- documents ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DocumentItem:
    """An agenda item with its offsets in the stored text."""

    number: str | None
    title: str
    start: int
    end: int
    partial: bool
    restricted: bool
    completed_by: str | None


@dataclass(frozen=True, slots=True)
class DocumentPassage:
    """A passage of this part of the text, and how to cite it."""

    passage_id: str
    start: int
    end: int
    kind: str
    page: int | None
    partial: bool
    citation: str


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """A part of a document: the stored text from ``start`` to ``end``; go on from ``next_start``.

    ``records`` are the motions, decisions and the like that stand in it, each with its type and what it says of itself.
    """

    document_id: str
    title: str
    kind: str
    partial: bool
    found: dict[str, Found]
    notes: list[str]
    paths: list[str]
    replaced_by: str | None
    characters: int
    items: list[DocumentItem]
    items_not_listed: int
    start: int
    end: int
    next_start: int | None
    text: str
    records: list[dict[str, Any]]
    pages: list[Page]
    passages: list[DocumentPassage]


@dataclass(frozen=True, slots=True)
class PassageAnswer(Hit):
    """A passage as a hit, its lasting address, and the document that is searched in its document's place."""

    permalink: str
    replaced_by: str | None


# -- authorities -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """All that is held, counted."""

    documents: int
    replaced_documents: int
    partial_documents: int
    unreadable_files: int
    meetings: int
    passages: int
    first_date: str | None
    last_date: str | None
    authorities: int


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """What the register of authorities says of one."""

    type: str
    nation: str
    region: str | None
    gss_code: str | None
    system: str | None
    base_url: str | None
    current: bool
    started: str | None
    ended: str | None
    predecessors: list[str]
    successors: list[str]


@dataclass(frozen=True, slots=True)
class AuthorityEntry:
    """What is held of an authority. ``register`` is null for one that the register does not have."""

    code: str
    name: str
    names: list[str]
    register: RegisterEntry | None
    documents: int
    undated_documents: int
    partial_documents: int
    draft_documents: int
    passages: int
    known_meetings: int
    with_minutes: int
    without_minutes: int
    failed: int
    gaps: int
    first_date: str | None
    last_date: str | None
    last_fetch: str | None
    result: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file that could not be read, and why."""

    path: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class CoverageAnswer:
    """Every authority of the register and all others held."""

    totals: Totals
    authorities: list[AuthorityEntry]
    unreadable_files: list[UnreadableFile]


@dataclass(frozen=True, slots=True)
class CommitteeEntry(CommitteeMeetings):
    """The meetings of a committee, counted, and the gaps."""

    gaps: list[Gap]


@dataclass(frozen=True, slots=True)
class AuthorityAnswer(AuthorityEntry):
    """An authority, its committees, and its meetings, the latest first; go on from ``next_start``."""

    committees: list[CommitteeEntry]
    total_meetings: int
    meetings: list[KnownMeeting]
    next_start: int | None


# -- over the years ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MentionsCounted:
    """The passages of a year (null: of meetings whose day is not known): with the words, and all that were searched."""

    year: int | None
    passages: int
    searched_passages: int


@dataclass(frozen=True, slots=True)
class AuthorityMentioning:
    """The mentions of one authority, null where it is not known, by year; years without minutes are left out."""

    authority: str | None
    passages: int
    searched_passages: int
    years: list[MentionsCounted]
    undated: MentionsCounted


@dataclass(frozen=True, slots=True)
class MentionsAnswer:
    """How many passages hold a query's words, by authority, most mentions first."""

    query: str
    filters: FiltersUsed
    passages: int
    searched_passages: int
    authorities: list[AuthorityMentioning]


@dataclass(frozen=True, slots=True)
class ThemeYear:
    """In how many agenda items of a year a theme stands."""

    year: int
    items: int


@dataclass(frozen=True, slots=True)
class AgendaTheme:
    """A theme: the share of an authority's agenda items that have it, and that of the items of all others."""

    words: str
    items: int
    share: float
    elsewhere: float | None
    years: list[ThemeYear]
    undated: int


@dataclass(frozen=True, slots=True)
class ThemesAnswer:
    """The themes of an authority, the most telling first; none where nothing is held of it (null) or it has none."""

    authority: str | None
    themes: list[AgendaTheme]


# -- collections -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CollectionEntry:
    """A passage of a collection; ``quote`` is null where it cannot be verified, and ``problem`` says why."""

    passage_id: str
    document_id: str
    quote: str | None
    start: int | None
    end: int | None
    citation: str
    note: str
    added: str
    held: bool
    problem: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class CollectionAnswer:
    """A collection of passages with notes."""

    title: str
    created: str
    changed: str
    editable: bool
    share_key: str
    entries: list[CollectionEntry]


@dataclass(frozen=True, slots=True)
class CollectionKeys:
    """The keys of a new collection, one that changes it and one that shows it, and its pages."""

    edit_key: str
    share_key: str
    edit_url: str
    share_url: str


@dataclass(frozen=True, slots=True)
class Added:
    """Whether a passage was added; false where it was there already."""

    added: bool


@dataclass(frozen=True, slots=True)
class CollectionBody:
    """The title of a collection to start."""

    title: str


@dataclass(frozen=True, slots=True)
class EntryBody:
    """A passage to add to a collection, and a note on it."""

    passage_id: str
    note: str | None = None
