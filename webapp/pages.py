"""The pages: search, document and errors, rendered on the server."""

from flask import Blueprint, Response, render_template, request

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import held
from corpus.model import SEARCH_KINDS, AgendaItem, Document, Passage
from corpus.register import successors
from corpus.status import current_urls, status
from index.citation import address
from index.search import MAX_K
from webapp.formatters import blocks, is_sample, record_lines
from webapp.query_string import DEFAULT_K, collection, is_iso_date, parse, query_string

blueprint = Blueprint("pages", __name__)

EXAMPLES = (
    "How often must care leavers be contacted?",
    "Where will the speed limit become 20 mph?",
    "What does a selective licensing licence cost?",
)
MESSAGES = {
    404: "There is nothing at this address.",
    405: "This address can only be read (GET).",
    500: "Something went wrong inside Minutebook. Its log says what.",
}
_HEADINGS = {400: "This request cannot be understood", 404: "Not found", 405: "Not allowed"}


@blueprint.get("/")
def home() -> Response:
    """Show the search box, and the passages found once something is asked."""
    catalogue = collection().catalogue()
    asked = result = error = None
    try:
        asked = parse(request.args)
        if "q" in request.args:
            result = collection().searcher().search(asked.query, asked.filters, asked.k)
    except QueryError as exc:
        error = str(exc)
    more = _more(len(result.hits), asked.k) if asked and result else None
    chosen = result.filters.authorities if result else request.args.getlist("authority")
    page = render_template(
        "search.html",
        typed=request.args,
        error=error,
        result=result,
        query_string=query_string(asked) if asked else "",
        more=more,
        more_query_string=query_string(asked, more) if asked else "",
        authorities=held(catalogue, "authority"),
        chosen=chosen,
        kinds=SEARCH_KINDS,
        is_iso_date=is_iso_date,
        is_sample=is_sample,
        only_samples=_only_samples(catalogue),
        status=None if result else status(catalogue),
        examples=EXAMPLES,
    )
    return Response(page, 400 if error else 200)


def _more(shown: int, k: int) -> int | None:
    """Return how many passages to show next, where there may be more."""
    return min(k + DEFAULT_K, MAX_K) if shown == k < MAX_K else None


def _only_samples(catalogue: Catalogue) -> bool:
    """Tell whether all that can be searched are the shipped samples."""
    urls = current_urls(catalogue)
    first = next(urls, None)
    return is_sample(first) and all(is_sample(url) for url in urls)


@blueprint.get("/document/<document_id>")
def document(document_id: str) -> Response:
    """Show a document's stored text, with the passage that ``?passage=`` names highlighted."""
    catalogue = collection().catalogue()
    found = catalogue.document(document_id)
    wanted = request.args.get("passage", "")
    passage = next((passage for passage in found.passages if passage.passage_id == wanted), None)
    lost = bool(wanted) and passage is None
    item = found.items[passage.item] if passage and passage.item is not None else None
    page = render_template(
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
    return Response(page, 404 if lost else 200)


def _original(document: Document, passage: Passage | None, item: AgendaItem | None) -> str | None:
    """Return the source's address, at the cited place if it can be given."""
    page = passage.page if passage else None
    return address(document.url.value, item.anchor if item else None, page, page is not None)


def error(status: int, message: str) -> Response:
    """Return the page that explains what went wrong."""
    heading = _HEADINGS.get(status, "Minutebook cannot answer")
    return Response(render_template("error.html", heading=heading, message=message, status=status), status)
