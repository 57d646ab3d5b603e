"""What the things are: authority, document, page, agenda item, passage.

Offsets are half-open [start, end) counts of characters (Unicode code points) into a document's stored
text. Page numbers are physical and start at 1. ``None`` always means "not known", never "empty".
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Kind = Literal["minutes", "decision", "report", "agenda"]
KINDS: tuple[Kind, ...] = ("minutes", "decision", "report", "agenda")
SEARCH_KINDS = (*KINDS, "motion", "amendment", "interest", "action", "attendee")  # and passages that hold such a record


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority of the register.

    ``code`` is the three-letter code of the mySociety list of UK local authorities; ``predecessors``
    and ``successors`` hold such codes. ``base_url`` is where its committee system stands, if known.
    """

    code: str
    name: str
    short_name: str
    aliases: tuple[str, ...]
    gss_code: str | None
    nation: str
    region: str | None
    type: str
    system: str | None
    base_url: str | None
    current: bool
    started: date | None
    ended: date | None
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A value derived from a source, and how: ``how`` says where it stood, for people to read.

    ``considered`` holds other values that were met and not taken, each with where it stood.
    """

    value: str | None
    how: str
    considered: tuple[str, ...] = ()


UNKNOWN = Found(None, "not given by the source")


Route = Literal["pypdf", "pdfium", "ocr"]


@dataclass(frozen=True, slots=True)
class Page:
    """A physical page of a document: its 1-based number, its offsets, and which way its text was read."""

    number: int
    start: int
    end: int
    route: Route = "pypdf"


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One item of a meeting as the document records it.

    ``number`` is the number printed beside the item (a minute number such as "286" where the minutes have
    one, else the agenda number), ``agenda_number`` that of the agenda where both stand; ``anchor`` the page
    anchor that cites it, such as "AI51902". ``partial`` is true where the source cuts the item's record off.
    """

    title: str
    start: int
    end: int
    number: str | None = None
    anchor: str | None = None
    partial: bool = False
    restricted: bool = False
    agenda_number: str | None = None


Outcome = Literal["carried", "lost", "withdrawn", "not seconded"]


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote as the minutes give it: counts, and the names of those who voted where they are recorded."""

    for_count: int | None
    against_count: int | None
    abstain_count: int | None
    for_names: tuple[str, ...]
    against_names: tuple[str, ...]
    abstain_names: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Motion:
    """A motion or amendment: offsets are of its proposal; the outcome is as the text says, never worked out."""

    type: Literal["motion", "amendment"]
    mover: str | None
    seconder: str | None
    start: int
    end: int
    how: str
    outcome: Outcome | None = None
    outcome_start: int | None = None
    outcome_end: int | None = None
    vote: Vote | None = None


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person the minutes list, with the role and the initials they give; offsets are of the entry."""

    status: Literal["present", "apologies", "in attendance"]
    name: str
    role: str | None
    initials: str | None
    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as the minutes word it: document text[start:end]."""

    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True)
class Interest:
    """A declaration of interest: who, in what matter, and of what nature, as far as the text says.

    ``meeting_date`` is set where a register of interests gives a date of its own to each entry.
    """

    member: str
    matter: str | None
    nature: str | None
    meeting_date: str | None
    start: int
    end: int
    how: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something somebody was asked to do; the owner is as the minutes give it, initials or name."""

    owner: str | None
    start: int
    end: int
    how: str


Record = Attendee | Motion | Decision | Interest | Action
RecordType = Literal["attendee", "motion", "amendment", "decision", "interest", "action"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record and the position in ``Document.items`` of the item it belongs to, if it belongs to one."""

    item: int | None
    record: Record


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is searched and cited: document text[start:end], verbatim.

    ``item`` is the position of its agenda item in ``Document.items``; ``context`` is the heading that is
    embedded and indexed with the text (never part of what is quoted). ``records`` names the types of record
    of which the passage holds a part.
    """

    passage_id: str
    start: int
    end: int
    text: str
    kind: Kind
    item: int | None = None
    page: int | None = None
    partial: bool = False
    context: str = ""
    records: tuple[RecordType, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One published document as it is stored: its text and all that was derived from it."""

    document_id: str
    text: str
    title: str
    kind: Kind
    authority: Found = UNKNOWN
    committee: Found = UNKNOWN
    meeting_date: Found = UNKNOWN
    url: Found = UNKNOWN
    time: Found = UNKNOWN
    venue: Found = UNKNOWN
    status: Found = UNKNOWN
    language: Found = UNKNOWN
    partial: bool = False
    pages: tuple[Page, ...] = ()
    items: tuple[AgendaItem, ...] = ()
    records: tuple[Recorded, ...] = ()
    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Source:
    """One file that was ingested.

    ``location`` is its absolute path and the key; ``path`` the path below the folder given at ingest;
    ``fingerprint`` covers its bytes and everything else its reading depended on.
    """

    location: str
    path: str
    fingerprint: str
    document_id: str | None
    problem: str | None = None
