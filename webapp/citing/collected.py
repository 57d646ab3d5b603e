"""The entries of a collection as references: what its list in any form is written from."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from corpus.catalogue import Catalogue
from corpus.collected import Shown
from index.hits import Stored, hit, read
from webapp.citing.lists import Noted
from webapp.citing.reference import Reference, of_document, of_hit


def noted(
    catalogue: Catalogue, entries: Iterable[Shown], url_of: Callable[[str, str | None], str], accessed: date
) -> tuple[Noted, ...]:
    """Return the entries as they can be cited, with their notes; those that cannot be verified say why.

    Args:
        url_of: gives the permanent address of a document id and a passage id; without a passage id, of the document.
        accessed: the day of today.
    """
    entries = tuple(entries)
    stored = _stored(catalogue, [one.entry.passage.passage_id for one in entries if one.held])
    found = []
    for one in entries:
        note, kept = one.entry.note, one.entry.passage.citation
        if one.quote is None:
            found.append(Noted(None, note, kept, one.problem or ""))
            continue
        passage = stored.get(one.entry.passage.passage_id)
        if passage is not None and passage.text == one.quote:
            address = url_of(passage.document_id, passage.passage_id)
            found.append(Noted(of_hit(hit(passage), address, accessed), note))
        else:
            found.append(Noted(_from_document(catalogue, one, url_of, accessed), note))
    return tuple(found)


def _stored(catalogue: Catalogue, passage_ids: list[str]) -> dict[str, Stored]:
    places = ",".join("?" * len(passage_ids))
    rows = catalogue.connection.execute(f"SELECT row FROM passages WHERE passage_id IN ({places})", passage_ids)
    return {passage.passage_id: passage for passage in read(catalogue, [row[0] for row in rows]).values()}


def _from_document(
    catalogue: Catalogue, one: Shown, url_of: Callable[[str, str | None], str], accessed: date
) -> Reference:
    """Return the reference of words that stand in their document, which is cut into other passages now."""
    document = catalogue.document(one.entry.passage.document_id)
    start = one.start or 0
    page = next((page.number for page in document.pages if page.start <= start < page.end), None)
    whole = of_document(document, url_of(document.document_id, None), accessed)
    return replace(whole, key=one.entry.passage.passage_id, quote=one.quote, page=page)
