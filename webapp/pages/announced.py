"""What a feed announces: the passages that answer a search, or the documents of an authority, the last added first."""

from dataclasses import dataclass

from flask import url_for

from corpus.errors import QueryError
from corpus.filters import Filters, resolve
from corpus.model import KINDS
from corpus.new_documents import NewDocument, new_documents
from index.citation import citation_line
from index.news import News, as_of, held_by, new_since
from index.search import Searcher
from webapp.addresses import of_passage
from webapp.citing.reference import OCR, web_address
from webapp.language import day, gettext, ngettext, to_translate
from webapp.query_string import SearchRequest, query_string
from webapp.shown.atom import Entry, Feed
from webapp.shown.formatters import KIND_LABELS

MOST = 50  # entries
_LABELS = {
    "authorities": to_translate("authority"),
    "regions": to_translate("region or nation"),
    "types": to_translate("type of authority"),
    "committees": to_translate("committee"),
    "documents": to_translate("document"),
    "kinds": to_translate("kind of text"),
    "date_from": to_translate("from"),
    "date_to": to_translate("to"),
}
_NO_AUTHOR = to_translate("Authority not given by the source")
_PARTIAL = to_translate("Partial record: its source cuts it off.")
_AGENDA = to_translate("Agenda text: what was proposed, not what was decided.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a feed is asked for: a search without its page and order, and the least relevance of a passage."""

    asked: SearchRequest
    floor: float


def wanted(asked: SearchRequest, floor: float) -> Wanted:
    """Return what a feed is asked for, with nothing that it does not depend on."""
    bare = SearchRequest(query=" ".join(asked.query.split()), filters=asked.filters, concepts=asked.concepts)
    return Wanted(bare, floor)


def parameters(want: Wanted, usual: float) -> str:
    """Return the query string of a feed; a relevance that is the usual one is left out."""
    if not want.asked.query:
        return query_string(want.asked).removeprefix("q=").removeprefix("&")
    relevance = f"&relevance={want.floor:g}" if want.floor != usual else ""
    return query_string(want.asked) + relevance


def announced(searcher: Searcher, want: Wanted, address: str, page: str) -> Feed:
    """Return the feed of a search, or of new documents where no words are searched for.

    Raises:
        QueryError: the query is too long, or a filter makes no sense.
    """
    return (_passages if want.asked.query else _documents)(searcher, want, address, page)


# -- passages ----------------------------------------------------------------------------------------


def _passages(searcher: Searcher, want: Wanted, address: str, page: str) -> Feed:
    asked = searcher.understand(want.asked.query, want.asked.filters, want.asked.concepts)
    news = new_since(searcher, asked, want.floor, MOST)
    bound = held_by(searcher)
    least = f"{want.floor:g}"
    if news:
        what = gettext(
            "Passages on this search of a relevance of %(least)s or more, the last added first.", least=least
        )
    else:
        what = gettext("Nothing on this search has a relevance of %(least)s or more.", least=least)
    entries = tuple(_of_passage(one, bound) for one in news)
    title = gettext("Minutebook: %(query)s", query=asked.understood.typed)
    return _feed(searcher, (title, f"{what} {_searched(searcher, asked.filters)}"), entries, address, page)


def _of_passage(news: News, bound: str) -> Entry:
    hit = news.hit
    remarks = [_AGENDA] if hit.kind == "agenda" else []
    remarks += [_PARTIAL] if hit.partial else []
    remarks += [f"{OCR}."] if hit.ocr else []
    copies = ngettext(
        "%(number)s near-duplicate of it is held too.", "%(number)s near-duplicates of it are held too.", len(hit.also)
    )
    return Entry(
        id=f"urn:minutebook:passage:{hit.passage_id}",
        title=_title(hit.authority, hit.item_title or hit.title, hit.meeting_date),
        updated=news.added or bound,
        published=news.added,
        author=hit.authority or gettext(_NO_AUTHOR),
        quote=hit.text,
        citation=hit.citation,
        remarks=(*map(gettext, remarks), *([copies] if hit.also else []), *_unknown(news.added, bound)),
        address=of_passage(hit.passage_id, whole=True),
        original=web_address(hit.url),
    )


# -- documents ---------------------------------------------------------------------------------------


def _documents(searcher: Searcher, want: Wanted, address: str, page: str) -> Feed:
    filters = resolve(searcher.catalogue, want.asked.filters)
    if not set(filters.kinds) <= set(KINDS):
        raise QueryError(
            f"A feed of documents can be of these kinds: {', '.join(KINDS)}. Give words to search for too."
        )
    bound = held_by(searcher)
    entries = tuple(_of_document(one, bound) for one in new_documents(searcher.catalogue, filters, MOST))
    title = gettext("Minutebook: new documents")
    if filters.authorities:
        title = gettext("Minutebook: new documents of %(names)s", names=", ".join(filters.authorities))
    what = gettext("Documents, the last added first.") if entries else gettext("No document is held.")
    return _feed(searcher, (title, f"{what} {_searched(searcher, filters)}"), entries, address, page)


def _of_document(document: NewDocument, bound: str) -> Entry:
    original = web_address(document.url)
    remarks = [gettext(KIND_LABELS[document.kind]) + "."]
    return Entry(
        id=f"urn:minutebook:document:{document.document_id}",
        title=_title(document.authority, document.title, document.meeting_date),
        updated=document.added or bound,
        published=document.added,
        author=document.authority or gettext(_NO_AUTHOR),
        quote=None,
        citation=citation_line(
            authority=document.authority,
            committee=document.committee,
            meeting_date=document.meeting_date,
            item_number=None,
            item_title=None,
            page=None,
            title=document.title,
            url=original,
            partial=document.partial,
        ),
        remarks=(*remarks, *_unknown(document.added, bound)),
        address=url_for("document.page", document_id=document.document_id, _external=True),
        original=original,
    )


# -- both --------------------------------------------------------------------------------------------


def _feed(searcher: Searcher, texts: tuple[str, str], entries: tuple[Entry, ...], address: str, page: str) -> Feed:
    updated = max((entry.updated for entry in entries), default=as_of(searcher))
    return Feed(*texts, updated, address, page, entries)


def _title(authority: str | None, heading: str, meeting_date: str | None) -> str:
    when = day(meeting_date) if meeting_date else gettext("date not given by the source")
    return f"{authority or gettext(_NO_AUTHOR)} – {heading} – {when}"


def _unknown(added: str | None, bound: str) -> tuple[str, ...]:
    """Return what is to be said where it is not known when a document was added."""
    if added:
        return ()
    return (gettext("When it was added is not known; by %(day)s it was held.", day=day(bound[:10])),)


def _searched(searcher: Searcher, filters: Filters) -> str:
    """Return in sentences what was searched, and by which filters it was narrowed."""
    documents, authorities = searcher.columns.searched(filters)
    said = gettext(
        "Searched: %(documents)s, %(authorities)s.",
        documents=ngettext("%(number)s document", "%(number)s documents", documents),
        authorities=ngettext("%(number)s authority", "%(number)s authorities", authorities),
    )
    found = [(gettext(label), getattr(filters, field)) for field, label in _LABELS.items()]
    shown = [f"{label}: {value if isinstance(value, str) else ', '.join(value)}" for label, value in found if value]
    return f"{said} {gettext('Filters: %(filters)s.', filters='; '.join(shown))}" if shown else said
