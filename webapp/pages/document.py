"""The page of a document: its stored text, opened at a passage, and how each thing about it was found."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from corpus import withdrawals
from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, QueryError
from corpus.model import Document, Passage
from corpus.register import successors
from webapp.citing import meta
from webapp.holdings import holdings
from webapp.language import gettext
from webapp.pages.cite import cited, forms_of
from webapp.pages.errors import error
from webapp.query_string import whole_number
from webapp.shown.documents import Part, blocks, original, original_at_words, part_at, place, valid
from webapp.shown.formatters import is_sample
from webapp.shown.records import OUTCOMES, SORTS, STATUSES, by_status, items_listed, motions_in, records_of

blueprint = Blueprint("document", __name__)


@blueprint.get("/document/<document_id>")
def page(document_id: str) -> Response:
    """Show a document's stored text, with the passage that ``?passage=`` names highlighted.

    A long text is shown in parts: the one that holds the passage, or the one that ``?start=`` or ``?item=`` names.
    """
    catalogue = holdings().catalogue()
    found = catalogue.document(document_id)
    wanted = request.args.get("passage", "")
    passage = next((passage for passage in found.passages if passage.passage_id == wanted), None)
    lost = bool(wanted) and passage is None
    part = part_at(found, _offset(request.args, found, passage))
    reference = cited(catalogue, found, passage)
    shown = render_template(
        "document.html",
        document=found,
        passage=passage,
        lost=lost,
        part=part,
        blocks=blocks(found, passage, part, withdrawals.places(catalogue.connection, document_id)),
        items=items_listed(found, part),
        records=records_of(found, part),
        motions=motions_in(found, passage) if passage else [],
        place=place,
        by_status=by_status,
        labels={"sorts": SORTS, "outcomes": OUTCOMES, "statuses": STATUSES},
        parts_to_choose=_parts_to_choose(part),
        reference=reference,
        forms=forms_of(reference),
        meta=meta,
        collect=_collect(passage),
        sample=is_sample(found.url.value),
        **_sources(catalogue, found, passage),
    )
    return Response(valid(shown), 404 if lost else 200)


@blueprint.get("/passage/<passage_id>")
def passage(passage_id: str) -> Response:
    """Lead to a passage in its document, wherever that stands by now: the address to keep."""
    connection = holdings().catalogue().connection
    row = connection.execute("SELECT document_id FROM passages WHERE passage_id = ?", (passage_id,)).fetchone()
    withdrawn = withdrawals.tombstones(connection, [passage_id]) if row is None else []
    if withdrawn:
        return error(410, f"{withdrawn[0].notice.rstrip('.')}.")
    if row is None:
        return error(
            404,
            gettext(
                "No passage with this address is held. Its document was removed, or its words have changed since. "
                "Search for the words that you look for."
            ),
        )
    return redirect(url_for("document.page", document_id=row[0], passage=passage_id, _anchor=passage_id))  # type: ignore[return-value]


def _offset(args: MultiDict[str, str], document: Document, passage: Passage | None) -> int:
    """Return the offset to open a document at.

    Raises:
        QueryError: ``start`` or ``item`` is no number, or there is no such item.
    """
    start, item = whole_number(args, "start"), whole_number(args, "item")
    if start is not None:
        return start
    if item is not None:
        if not 1 <= item <= len(document.items):
            raise QueryError(f"'item' is {item}: the document has {len(document.items):,} items, counted from 1.")
        return document.items[item - 1].start
    return passage.start if passage else 0


def _parts_to_choose(part: Part) -> list[int | None]:
    """Return the numbers of the parts to offer beside the next and the one before; None stands for those left out."""
    last = len(part.starts)
    near = sorted({1, last, *range(max(1, part.number - 1), min(last, part.number + 1) + 1)})
    found: list[int | None] = []
    for number in near:
        if found and number != near[near.index(number) - 1] + 1:
            found.append(None)
        found.append(number)
    return found


def _collect(passage: Passage | None) -> str | None:
    """Return the address that adds the passage to a collection."""
    return url_for("collections.add", passage=passage.passage_id) if passage else None


def _sources(catalogue: Catalogue, document: Document, passage: Passage | None) -> dict[str, object]:
    """Return where the document is from and what stands in its place."""
    document_id = document.document_id
    paths = catalogue.paths(document_id)
    replacement = catalogue.replacement(document_id)
    return {
        "paths": paths,
        "original": original(document, passage),
        "original_there": original_at_words(document, passage, paths) if passage else None,
        "successors": successors(document.authority.value or ""),
        "replacement": replacement,
        "same_words": _same_words(catalogue, replacement, passage),
        "versions": catalogue.versions(document_id),
        "completions": catalogue.completions(document_id),
    }


def _same_words(catalogue: Catalogue, replacement: str | None, passage: Passage | None) -> str | None:
    """Return the id of the passage with the same words in the version that is searched, if it has one."""
    if replacement is None or passage is None:
        return None
    words = passage.text.split()
    try:
        other = catalogue.document(replacement)
    except NotFoundError:
        return None
    return next((one.passage_id for one in other.passages if one.text.split() == words), None)
