"""The pages: search, document and errors, rendered on the server."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, render_template, request

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import held
from corpus.model import SEARCH_KINDS, AgendaItem, Document, Passage
from corpus.register import by_name, successors
from corpus.status import current_urls, status
from index.citation import address
from index.confidence import WEAK
from index.similar import similar as find_similar
from webapp import refine
from webapp.formatters import blocks, is_sample, record_lines
from webapp.query_string import FIELDS, collection, is_iso_date, parse, query_string

blueprint = Blueprint("pages", __name__)

EXAMPLES = (
    "How often must care leavers be contacted?",
    "Where will the speed limit become 20 mph?",
    "What does a selective licensing licence cost?",
)
SIMILAR = 20  # meetings at most on the page of the same matter elsewhere
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
    asked = result = ways = error = None
    ticked: Mapping[str, Sequence[str]] = {name: request.args.getlist(name) for name in FIELDS}
    try:
        asked = parse(request.args)
        if "q" in request.args:
            searcher = collection().searcher()
            result = searcher.search(
                asked.query, asked.filters, asked.k, concepts=asked.concepts, spread=asked.spread, count=True
            )
            ways, ticked = refine.ways(asked, result, searcher), refine.ticked(asked, catalogue)
    except QueryError as exc:
        error = str(exc)
    names = held(catalogue, "authority")
    page = render_template(
        "search.html",
        typed=request.args,
        error=error,
        result=result,
        ways=ways,
        asked=asked,
        weak=result is not None and all(hit.relevance < WEAK for hit in result.hits),
        query_string=query_string(asked) if asked else "",
        choices=_choices(names, ticked),
        ticked=ticked,
        authorities=len(names),
        kinds=SEARCH_KINDS,
        is_iso_date=is_iso_date,
        is_sample=is_sample,
        only_samples=_only_samples(catalogue),
        status=None if result else status(catalogue),
        examples=EXAMPLES,
    )
    return Response(page, 400 if error else 200)


def _choices(names: Sequence[str], ticked: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return what the form offers of each filter: the values of the authorities held, and those chosen already."""
    known = [authority for authority in map(by_name, names) if authority]
    return {
        "authority": list(names),
        "region": sorted({authority.region for authority in known if authority.region}.union(ticked["region"])),
        "type": sorted({authority.type for authority in known}.union(ticked["type"])),
        "document": list(ticked["document"]),
    }


@blueprint.get("/similar/<passage_id>")
def similar(passage_id: str) -> Response:
    """Show what other authorities said and decided on the matter of one passage."""
    searcher = collection().searcher()
    result = find_similar(searcher, passage_id, k=SIMILAR)
    page = render_template(
        "similar.html",
        result=result,
        passage=searcher.passage(passage_id),
        is_sample=is_sample,
        only_samples=_only_samples(searcher.catalogue),
    )
    return Response(page)


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
