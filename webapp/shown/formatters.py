"""How things are shown: pure functions from stored data to text, escaped HTML, and JSON."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from corpus.filters import Filters
from corpus.model import Action, AgendaItem, Decision, Document, Interest, Motion, Page, Passage, Record
from index.citation import spoken_date
from index.confidence import WEAK
from index.hits import Hit
from index.search import SearchResult

KIND_LABELS = {
    "minutes": "Minutes",
    "decision": "Decision",
    "report": "Report",
    "agenda": "Agenda text",
    "motion": "Motion",
    "amendment": "Amendment",
    "interest": "Declaration of interest",
    "action": "Action",
    "attendee": "Attendance",
}
LANGUAGES = {"cy": "Welsh", "en": "English", "cy en": "Welsh and English"}
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")


BANDS = ((0.6, "Good match"), (WEAK, "Fair match"), (0.0, "Weak match"))  # least relevance, in words


def result_json(result: SearchResult) -> dict[str, object]:
    """Return a search result as the JSON that the API and the command line give."""
    understood = result.understood
    return {
        "query": result.query,
        "understood": {
            "text": understood.text,
            "phrases": list(understood.phrases),
            "excluded": list(understood.excluded),
            "found": [asdict(found) for found in understood.found],
        },
        "filters": filters_json(result.filters),
        "expansions": [asdict(expansion) for expansion in result.expansions],
        "suggestion": result.suggestion,
        "searched": {"documents": result.searched_documents, "authorities": result.searched_authorities},
        "total": result.total,
        "facets": {
            field: [{"value": value, "count": count} for value, count in values.items()]
            for field, values in result.facets.items()
        },
        "hits": [hit_json(hit) for hit in result.hits],
    }


def filters_json(filters: Filters) -> dict[str, object]:
    """Return filters under the names that the API's parameters have."""
    return {
        "authority": list(filters.authorities),
        "region": list(filters.regions),
        "type": list(filters.types),
        "committee": list(filters.committees),
        "document": list(filters.documents),
        "from": filters.date_from,
        "to": filters.date_to,
        "kind": list(filters.kinds),
        "unknown_too": list(filters.unknown_too),
    }


def hit_json(hit: Hit) -> dict[str, object]:
    """Return a hit as JSON, its fields in their order."""
    return asdict(hit) | {"highlights": [list(span) for span in hit.highlights]}


def band(relevance: float) -> str:
    """Return in words how well a hit of some relevance (0 to 1) matches."""
    return next(words for least, words in BANDS if relevance >= least)


def also_in(hit: Hit) -> str:
    """Return "2 other documents", or "2 other places" where the hit's own document holds one of them."""
    documents = {other.document_id for other in hit.also} - {hit.document_id}
    whole = len(documents) == len(hit.also)
    return counted(len(hit.also), "other document" if whole else "other place")


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    """Return a text escaped, with the given ascending spans of it in ``<mark>``."""
    parts: list[str] = []
    position = 0
    for start, end in spans:
        parts += [escape(text[position:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        position = end
    return Markup("").join([*parts, escape(text[position:])])


def quoted(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    """Return a text escaped and marked, a ``<p>`` for each of its paragraphs."""
    paragraphs = _PARAGRAPH_END.split(marked(text, spans))
    return Markup("\n\n").join(Markup("<p>{}</p>").format(Markup(paragraph)) for paragraph in paragraphs)


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return "1 document", "1,431 documents"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def searched(documents: int, authorities: int) -> str:
    """Return "26 documents of 8 authorities", in words that hold where there are none."""
    if not documents:
        return "0 documents"
    whose = counted(authorities, "authority", "authorities") if authorities else "unknown authority"
    return f"{counted(documents, 'document')} of {whose}"


def without_bidi_controls(text: str) -> str:
    """Return a text without the characters that reorder what follows them, for places that cannot isolate."""
    return _BIDI_CONTROLS.sub("", text)


def web_address(url: str | None) -> str | None:
    """Return an address if it may be linked to (http or https), else None."""
    return url if url and _host(url) else None


def is_sample(url: str | None) -> bool:
    """Tell whether a document is one of the shipped samples: their hosts end in ``.example``."""
    return url is not None and _host(url).endswith(".example")


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


# -- what a document records -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record in words, and the number of the item (from 1) that it stands in."""

    words: str
    item: int | None


def record_lines(document: Document) -> dict[str, list[RecordLine]]:
    """Return what a document records, in words, under a heading for each sort; sorts without a record left out."""
    found: dict[str, list[RecordLine]] = {
        "Motions and amendments": [], "Decisions": [], "Declarations of interest": [], "Actions": [], "Attendance": []
    }  # fmt: skip
    for kept in document.records:
        heading, words = _in_words(document, kept.record)
        found[heading].append(RecordLine(words, None if kept.item is None else kept.item + 1))
    return {heading: lines for heading, lines in found.items() if lines}


def _in_words(document: Document, record: Record) -> tuple[str, str]:
    quote = " ".join(document.text[record.start : record.end].split())
    match record:
        case Motion():
            return "Motions and amendments", _motion(record)
        case Decision():
            return "Decisions", quote
        case Interest():
            parts = (record.member, record.matter, record.nature, record.meeting_date)
            return "Declarations of interest", " – ".join(part for part in parts if part)
        case Action():
            return "Actions", quote
    role = f" ({record.role})" if record.role else ""
    return "Attendance", f"{record.name}{role}: {record.status}"


def _motion(motion: Motion) -> str:
    who = f"moved by {motion.mover or 'a person not named'}"
    if motion.seconder:
        who += f", seconded by {motion.seconder}"
    outcome = motion.outcome or "outcome not stated beside it"
    if motion.vote is None:
        return f"{motion.type.capitalize()} {who}: {outcome}"
    vote = motion.vote
    counts = ((vote.for_count, "for"), (vote.against_count, "against"), (vote.abstain_count, "abstaining"))
    shown = ", ".join(f"{count} {word}" for count, word in counts if count is not None)
    return f"{motion.type.capitalize()} {who}: {outcome} ({shown})"


# -- the text of a document ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive text of a block, cited or not; ``anchor`` is the passage's id where the cited text begins."""

    text: str
    cited: bool = False
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or item heading: its text in runs, the white space after it, and what begins with it.

    ``item`` counts the document's items from 1.
    """

    runs: tuple[Run, ...]
    after: str = ""
    pages: tuple[Page, ...] = ()
    item: int | None = None
    heading: bool = False


def blocks(document: Document, passage: Passage | None) -> list[Block]:
    """Cut the stored text into blocks, which joined are the stored text to the character."""
    text = document.text
    pages: dict[int, tuple[Page, ...]] = {}
    for page in document.pages:
        pages[page.start] = (*pages.get(page.start, ()), page)
    items = {item.start: number for number, item in enumerate(document.items, 1)}
    headings = {item.start: end for item in document.items if (end := heading_end(text, item)) > item.start}
    starts = {0, *pages, *items, *headings.values(), *(match.end() for match in _PARAGRAPH_END.finditer(text))}
    found = []
    for start, end in pairwise([*sorted(starts), len(text)]):
        words_end = start + len(text[start:end].rstrip())
        runs = _runs(text, start, words_end, passage)
        after = text[words_end:end]
        found.append(Block(runs, after, pages.get(start, ()), items.get(start), start in headings))
    return found


def heading_end(text: str, item: AgendaItem) -> int:
    """Return where the item's printed heading ends, or its start if its first paragraph does not hold the title."""
    first = _PARAGRAPH_END.search(text, item.start, item.end)
    end = first.end() if first else item.end
    title = re.compile(r"\s+".join(re.escape(word) for word in item.title.split())).search(text, item.start, end)
    if title is None:
        return item.start
    line_end = text.find("\n", title.end(), end)
    return end if line_end < 0 or not text[line_end:end].strip() else line_end + 1


def _runs(text: str, start: int, end: int, passage: Passage | None) -> tuple[Run, ...]:
    if passage is None or passage.end <= start or end <= passage.start:
        return (Run(text[start:end]),) if start < end else ()
    first, last = max(start, passage.start), min(end, passage.end)
    anchor = passage.passage_id if passage.start >= start else None
    runs = (Run(text[start:first]), Run(text[first:last], True, anchor), Run(text[last:end]))
    return tuple(run for run in runs if run.text)


FILTERS: dict[str, Callable[..., object]] = {
    "also_in": also_in,
    "band": band,
    "counted": counted,
    "kind_label": KIND_LABELS.__getitem__,
    "language_label": LANGUAGES.__getitem__,
    "quoted": quoted,
    "searched": searched,
    "spoken_date": spoken_date,
    "web_address": web_address,
    "without_bidi_controls": without_bidi_controls,
}
