"""What the site is: help, about, accessibility, privacy."""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template

from corpus.model import SEARCH_KINDS
from corpus.settings import setting
from index.answers.answerable import THRESHOLD
from index.confidence import WEAK
from index.search import MAX_K, MAX_QUERY
from webapp.shown.formatters import BANDS

blueprint = Blueprint("about", __name__)

PREPARED = "2026-11-26"  # when the accessibility statement was written, from tests of that day
_EMAIL = re.compile(r"[^\s@<>\"?&]+@[^\s@<>\"?&]+")


@blueprint.get("/help")
def page() -> Response:
    """Show how to use the site."""
    return Response(render_template("help.html", kinds=SEARCH_KINDS, most_hits=MAX_K, longest=MAX_QUERY))


@blueprint.get("/about")
def about() -> Response:
    """Show what the site is, how it works and what it cannot do."""
    return Response(
        render_template("about.html", good=BANDS[0][0], weak=WEAK, threshold=THRESHOLD, model_host=_model_host())
    )


@blueprint.get("/accessibility")
def accessibility() -> Response:
    """Show the accessibility statement."""
    return Response(render_template("accessibility.html", prepared=PREPARED))


@blueprint.get("/privacy")
def privacy() -> Response:
    """Show what becomes of what people type."""
    return Response(render_template("privacy.html", model_host=_model_host()))


@blueprint.app_template_filter("is_email")
def is_email(contact: str) -> bool:
    """Tell whether a contact is an e-mail address, which can be a link."""
    return bool(_EMAIL.fullmatch(contact))


def _model_host() -> str | None:
    """Return the host of the language model of the settings, without what else stands in its address."""
    address = setting("MINUTEBOOK_LLM_URL")
    if not address:
        return None
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
