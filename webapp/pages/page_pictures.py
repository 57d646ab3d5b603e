"""A page of a PDF as it was printed, with the quoted lines marked, beside the text that was read from it."""

import hashlib

from flask import Blueprint, Response, render_template, request

from corpus.errors import NotFoundError, PictureError
from corpus.model import Document, Page
from ingest.page_picture import page_picture
from webapp.holdings import holdings
from webapp.shown.documents import Part, blocks, original, valid
from webapp.shown.formatters import is_sample
from webapp.shown.records import OUTCOMES

blueprint = Blueprint("page_pictures", __name__)

_DAY = 86_400  # seconds


@blueprint.get("/document/<document_id>/page/<int:number>")
def page(document_id: str, number: int) -> Response:
    """Show a page of a PDF beside its text, with the passage that ``?passage=`` names marked in both.

    The picture is drawn for this page only, so that no document waits for one.
    """
    catalogue = holdings().catalogue()
    document = catalogue.document(document_id)
    sheet = _sheet(document, number)
    wanted = request.args.get("passage", "")
    passage = next((one for one in document.passages if one.passage_id == wanted), None)
    picture, problem = None, None
    try:
        quote = (passage.start, passage.end) if passage else None
        picture = page_picture(catalogue, document_id, number, quote)
    except (NotFoundError, PictureError) as exc:
        problem = exc
    part = Part(1, sheet.start, sheet.end, (sheet.start,))
    shown = render_template(
        "page_picture.html",
        document=document,
        sheet=sheet,
        numbers=[one.number for one in document.pages],
        passage=passage,
        picture=picture,
        problem=problem,
        blocks=blocks(document, passage, part),
        original=original(document, None, sheet.number),
        sample=is_sample(document.url.value),
        outcomes=OUTCOMES,
    )
    return Response(valid(shown), problem.http_status if problem else 200)


@blueprint.get("/document/<document_id>/page/<int:number>.png")
def picture(document_id: str, number: int) -> Response:
    """Give the picture of a page of a PDF, without marks."""
    drawn = page_picture(holdings().catalogue(), document_id, number)
    answer = Response(drawn.png, mimetype="image/png")
    answer.set_etag(hashlib.sha256(drawn.png).hexdigest()[:20])
    answer.headers["Cache-Control"] = f"public, max-age={_DAY}"
    answer.make_conditional(request)
    return answer


def _sheet(document: Document, number: int) -> Page:
    found = next((one for one in document.pages if one.number == number), None)
    if found is None:
        raise NotFoundError(f"The document {document.document_id} has no page {number}.")
    return found
