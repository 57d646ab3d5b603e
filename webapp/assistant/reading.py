"""A part of a document for those who read through an interface: its text, what it is, and how to cite it."""

from dataclasses import asdict

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, QueryError
from corpus.model import AgendaItem, Document, Passage, Recorded
from corpus.records import type_of
from index.citation import address, citation_line

LONGEST = 8_000  # characters of text in one part
MOST_ITEMS = 150  # that are listed
_FOUND = ("authority", "committee", "meeting_date", "url", "time", "venue", "status", "language")


def passage_part(catalogue: Catalogue, document_id: str, passage_id: str) -> dict[str, object]:
    """Return the part of a document that holds a passage, as JSON: from the start of its item if that is near.

    Raises:
        NotFoundError: there is no such document, or it has no such passage.
    """
    document = catalogue.document(document_id)
    passage = next((one for one in document.passages if one.passage_id == passage_id), None)
    if passage is None:
        raise NotFoundError(f"The document {document_id} has no passage {_shown(passage_id)}.")
    item = document.items[passage.item] if passage.item is not None else None
    start = item.start if item and passage.end - item.start <= LONGEST else passage.start
    return _part(catalogue, document, start, start + LONGEST)


def text_part(catalogue: Catalogue, document_id: str, start: int = 0, end: int | None = None) -> dict[str, object]:
    """Return the part of a document from ``start`` to ``end``, at most ``LONGEST`` characters of it, as JSON.

    Raises:
        NotFoundError: there is no such document.
        QueryError: it has no text there.
    """
    document = catalogue.document(document_id)
    length = len(document.text)
    if not 0 <= start < max(length, 1):
        raise QueryError(f"'start' is {start}: the document has {length:,} characters, counted from 0.")
    if end is not None and end <= start:
        raise QueryError(f"'end' is {end}: it comes after 'start', which is {start}.")
    return _part(catalogue, document, start, start + LONGEST if end is None else min(end, start + LONGEST))


def _part(catalogue: Catalogue, document: Document, start: int, end: int) -> dict[str, object]:
    end = min(end, len(document.text))
    completed = catalogue.completions(document.document_id)
    items = [_item(item, completed.get(position)) for position, item in enumerate(document.items[:MOST_ITEMS])]
    return {
        "document_id": document.document_id,
        "title": document.title,
        "kind": document.kind,
        "partial": document.partial,
        "found": {name: asdict(getattr(document, name)) for name in _FOUND},
        "notes": list(document.notes),
        "paths": catalogue.paths(document.document_id),
        "replaced_by": catalogue.replacement(document.document_id),
        "characters": len(document.text),
        "items": items,
        "items_not_listed": len(document.items) - len(items),
        "start": start,
        "end": end,
        "next_start": end if end < len(document.text) else None,
        "text": document.text[start:end],
        "records": [_record(one) for one in document.records if one.record.start < end and start < one.record.end],
        "pages": [asdict(page) for page in document.pages if page.start < end and start < page.end],
        "passages": [_passage(document, one) for one in document.passages if one.start < end and start < one.end],
    }


def _item(item: AgendaItem, completed_by: str | None) -> dict[str, object]:
    return {
        "number": item.number,
        "title": item.title,
        "start": item.start,
        "end": item.end,
        "partial": item.partial,
        "restricted": item.restricted,
        "completed_by": completed_by,
    }


def _record(kept: Recorded) -> dict[str, object]:
    """Return a record with the position of its item among all of the document, from 0."""
    return {"type": type_of(kept.record), "item": kept.item, **asdict(kept.record)}


def _passage(document: Document, passage: Passage) -> dict[str, object]:
    """Return a passage without its text, with the citation that a hit of it has."""
    item = document.items[passage.item] if passage.item is not None else None
    where = address(document.url.value, item.anchor if item else None, passage.page, passage.page is not None)
    citation = citation_line(
        authority=document.authority.value,
        committee=document.committee.value,
        meeting_date=document.meeting_date.value,
        item_number=item.number if item else None,
        item_title=item.title if item else None,
        page=passage.page,
        title=document.title,
        url=where,
        partial=passage.partial,
    )
    return {
        "passage_id": passage.passage_id,
        "start": passage.start,
        "end": passage.end,
        "kind": passage.kind,
        "page": passage.page,
        "partial": passage.partial,
        "citation": citation,
    }


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:57] + "...")
