"""The page of the same matter elsewhere."""

from flask import Blueprint, Response, render_template, url_for

from index.search import MAX_QUERY
from index.similar import similar
from webapp.holdings import holdings
from webapp.pages.samples import only_samples
from webapp.shown.formatters import is_sample
from webapp.shown.found import shown

blueprint = Blueprint("similar", __name__)

SIMILAR = 20  # meetings at most


@blueprint.get("/similar/<passage_id>")
def page(passage_id: str) -> Response:
    """Show what other authorities said and decided on the matter of one passage."""
    searcher = holdings().searcher()
    result = similar(searcher, passage_id, k=SIMILAR)
    passage = searcher.passage(passage_id)
    names = list(dict.fromkeys(hit.authority for hit in (passage, *result.hits) if hit.authority))
    matter = (passage.item_title or passage.title)[:MAX_QUERY]
    body = render_template(
        "similar.html",
        result=result,
        passage=shown(searcher.catalogue, [passage])[0],
        hits=shown(searcher.catalogue, result.hits),
        compare=url_for("compare.page", q=matter, authority=names) if len(names) > 1 else None,
        is_sample=is_sample,
        only_samples=only_samples(searcher.catalogue),
    )
    return Response(body)
