"""How things are shown: pure functions from stored data to text, escaped HTML, and JSON."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from corpus.filters import Filters
from index.citation import spoken_date
from index.confidence import WEAK
from index.hits import Hit
from index.search import SearchResult
from webapp.language import gettext, to_translate

KIND_LABELS = {
    "minutes": to_translate("Minutes"),
    "decision": to_translate("Decision"),
    "report": to_translate("Report"),
    "agenda": to_translate("Agenda text"),
    "motion": to_translate("Motion"),
    "amendment": to_translate("Amendment"),
    "interest": to_translate("Declaration of interest"),
    "action": to_translate("Action"),
    "attendee": to_translate("Attendance"),
}
LANGUAGES = {"cy": to_translate("Welsh"), "en": to_translate("English"), "cy en": to_translate("Welsh and English")}
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")


BANDS = (  # least relevance, in words
    (0.6, to_translate("Good match")),
    (WEAK, to_translate("Fair match")),
    (0.0, to_translate("Weak match")),
)


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
        "more": result.more,
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
    kept = _BIDI_CONTROLS.sub("", text)
    return Markup(kept) if isinstance(text, Markup) else kept


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


FILTERS: dict[str, Callable[..., object]] = {
    "also_in": also_in,
    "band": band,
    "counted": counted,
    "kind_label": KIND_LABELS.__getitem__,
    "language_label": LANGUAGES.__getitem__,
    "quoted": quoted,
    "searched": searched,
    "spoken_date": spoken_date,
    "translated": gettext,
    "web_address": web_address,
    "without_bidi_controls": without_bidi_controls,
}
