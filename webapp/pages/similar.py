"""The page of the same matter elsewhere."""

from flask import Blueprint, Response, render_template

from index.similar import similar
from webapp.holdings import holdings
from webapp.pages.samples import only_samples
from webapp.shown.formatters import is_sample

blueprint = Blueprint("similar", __name__)

SIMILAR = 20  # meetings at most


@blueprint.get("/similar/<passage_id>")
def page(passage_id: str) -> Response:
    """Show what other authorities said and decided on the matter of one passage."""
    searcher = holdings().searcher()
    result = similar(searcher, passage_id, k=SIMILAR)
    shown = render_template(
        "similar.html",
        result=result,
        passage=searcher.passage(passage_id),
        is_sample=is_sample,
        only_samples=only_samples(searcher.catalogue),
    )
    return Response(shown)
