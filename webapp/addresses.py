"""Addresses of this site that are to last, as citations, feeds and exports hold them."""

from flask import url_for


def of_passage(passage_id: str, *, whole: bool = False) -> str:
    """Return the permanent address of a passage; ``whole``: with the host, as other programs need it."""
    return url_for("document.passage", passage_id=passage_id, _external=whole)


def of_cited(document_id: str, passage_id: str | None) -> str:
    """Return the permanent address, with the host, of a passage, or of a document without one."""
    if passage_id is not None:
        return of_passage(passage_id, whole=True)
    return url_for("document.page", document_id=document_id, _external=True)
