"""The search page."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, render_template, request

from corpus.errors import QueryError
from corpus.filters import held
from corpus.model import SEARCH_KINDS
from corpus.register import by_name
from corpus.status import status
from index.confidence import WEAK
from webapp.holdings import holdings
from webapp.pages import refine
from webapp.pages.samples import only_samples
from webapp.query_string import FIELDS, is_iso_date, parse, query_string
from webapp.shown.formatters import is_sample

blueprint = Blueprint("search", __name__)

EXAMPLES = (
    "How often must care leavers be contacted?",
    "Where will the speed limit become 20 mph?",
    "What does a selective licensing licence cost?",
)


@blueprint.get("/")
def page() -> Response:
    """Show the search box, and the passages found once something is asked."""
    catalogue = holdings().catalogue()
    asked = result = ways = error = None
    ticked: Mapping[str, Sequence[str]] = {name: request.args.getlist(name) for name in FIELDS}
    try:
        asked = parse(request.args)
        if "q" in request.args:
            searcher = holdings().searcher()
            result = searcher.search(
                asked.query, asked.filters, asked.k, concepts=asked.concepts, spread=asked.spread, count=True
            )
            ways, ticked = refine.ways(asked, result, searcher), refine.ticked(asked, catalogue)
    except QueryError as exc:
        error = str(exc)
    names = held(catalogue, "authority")
    shown = render_template(
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
        only_samples=only_samples(catalogue),
        status=None if result else status(catalogue),
        examples=EXAMPLES,
    )
    return Response(shown, 400 if error else 200)


def _choices(names: Sequence[str], ticked: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return what the form offers of each filter: the values of the authorities held, and those chosen already."""
    known = [authority for authority in map(by_name, names) if authority]
    return {
        "authority": list(names),
        "region": sorted({authority.region for authority in known if authority.region}.union(ticked["region"])),
        "type": sorted({authority.type for authority in known}.union(ticked["type"])),
        "document": list(ticked["document"]),
    }
