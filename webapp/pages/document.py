"""The page of a document: its stored text, opened at a passage, and how each thing about it was found."""

from flask import Blueprint, Response, render_template, request

from corpus.model import AgendaItem, Document, Passage
from corpus.register import successors
from index.citation import address
from webapp.holdings import holdings
from webapp.shown.formatters import blocks, is_sample, record_lines

blueprint = Blueprint("document", __name__)


@blueprint.get("/document/<document_id>")
def page(document_id: str) -> Response:
    """Show a document's stored text, with the passage that ``?passage=`` names highlighted."""
    catalogue = holdings().catalogue()
    found = catalogue.document(document_id)
    wanted = request.args.get("passage", "")
    passage = next((passage for passage in found.passages if passage.passage_id == wanted), None)
    lost = bool(wanted) and passage is None
    item = found.items[passage.item] if passage and passage.item is not None else None
    shown = render_template(
        "document.html",
        document=found,
        passage=passage,
        item=item,
        lost=lost,
        original=_original(found, passage, item),
        successors=successors(found.authority.value or ""),
        paths=catalogue.paths(document_id),
        replacement=catalogue.replacement(document_id),
        versions=catalogue.versions(document_id),
        completions=catalogue.completions(document_id),
        records=record_lines(found),
        sample=is_sample(found.url.value),
        blocks=blocks(found, passage),
    )
    return Response(shown, 404 if lost else 200)


def _original(document: Document, passage: Passage | None, item: AgendaItem | None) -> str | None:
    """Return the source's address, at the cited place if it can be given."""
    page = passage.page if passage else None
    return address(document.url.value, item.anchor if item else None, page, page is not None)
