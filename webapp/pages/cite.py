"""Cite this: a passage or a document in the forms that reference managers take, shown and to be downloaded."""

from datetime import date

from flask import Blueprint, Response, url_for

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError
from corpus.model import Document, Passage
from index import hits
from webapp.citing import bibtex, csl, ris
from webapp.citing.reference import Reference, of_document, of_hit, plain_of
from webapp.holdings import holdings

blueprint = Blueprint("cite", __name__)

_MIMETYPES = {"bib": bibtex.MIMETYPE, "json": csl.MIMETYPE, "ris": ris.MIMETYPE, "txt": "text/plain"}


@blueprint.get("/cite/<identifier>.<form>")
def page(identifier: str, form: str) -> Response:
    """Give the citation of a passage, or of a document, as a file."""
    if form not in _MIMETYPES:
        raise NotFoundError(f"There is no such form of citation: choose from {', '.join(_MIMETYPES)}.")
    catalogue = holdings().catalogue()
    try:
        reference = _of_passage(catalogue, identifier)
    except NotFoundError:
        reference = _of_document(catalogue.document(identifier))
    answer = Response(forms_of(reference)[form], content_type=f"{_MIMETYPES[form]}; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"minutebook-{reference.key}.{form}")
    return answer


def cited(catalogue: Catalogue, document: Document, passage: Passage | None) -> Reference:
    """Return the reference of a passage of a document, or of the document."""
    return _of_passage(catalogue, passage.passage_id) if passage else _of_document(document)


def forms_of(reference: Reference) -> dict[str, str]:
    """Return a reference as BibTeX, CSL-JSON, RIS and plain text, by the ending of the file's name."""
    return {
        "txt": plain_of(reference) + "\n",
        "bib": bibtex.bibtex_of([reference]),
        "ris": ris.ris_of([reference]),
        "json": csl.csl_of([reference]),
    }


def _of_passage(catalogue: Catalogue, passage_id: str) -> Reference:
    address = url_for("document.passage", passage_id=passage_id, lang=None, _external=True)
    return of_hit(hits.passage(catalogue, passage_id), address, date.today())


def _of_document(document: Document) -> Reference:
    address = url_for("document.page", document_id=document.document_id, lang=None, _external=True)
    return of_document(document, address, date.today())
