"""Alerts: any search, or the new documents of an authority, as an Atom feed; and the page that makes its address."""

import re

from flask import Blueprint, Response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from corpus.errors import QueryError
from corpus.filters import held
from corpus.model import SEARCH_KINDS
from index.confidence import WEAK
from webapp.holdings import holdings
from webapp.language import PARAMETER, language, spoken, to_translate
from webapp.pages.announced import MOST, announced, parameters, wanted
from webapp.query_string import is_iso_date, parse
from webapp.shown.atom import MIMETYPE, Feed, atom_of
from webapp.shown.formatters import BANDS

blueprint = Blueprint("feeds", __name__)

USUAL = BANDS[0][0]  # least relevance of what is announced
SCORES = {
    f"{USUAL:g}": to_translate("Good matches only"),
    f"{WEAK:g}": to_translate("Good and fair matches"),
    "0": to_translate("All that is found"),
}
PREVIEWED = 5
FRESH_FOR = 600  # seconds
_ASKED_FOR = ("q", "authority", "committee", "kind", "from", "to", "relevance")  # fields of the form
_KEPT = ("region", "type", "document", "expand", "also")  # further parameters of a search, kept as they are


@blueprint.get("/feed.atom")
def atom() -> Response:
    """Give the feed of the search that the query string asks for."""
    response = Response(atom_of(_feed(request.args)), mimetype=MIMETYPE)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_FOR}"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/alerts")
def page() -> Response:
    """Explain feeds, and make the address of one, with what it would hold now."""
    feed, error = None, ""
    try:
        feed = (
            _feed(request.args) if any(request.args.get(name, "").strip() for name in (*_ASKED_FOR, *_KEPT)) else None
        )
    except QueryError as exc:
        error = spoken(str(exc))
    shown = render_template(
        "alerts.html",
        typed=request.args,
        error=error,
        feed=feed,
        names=held(holdings().catalogue(), "authority"),
        kinds=SEARCH_KINDS,
        scores=SCORES,
        usual=f"{USUAL:g}",
        previewed=PREVIEWED,
        most=MOST,
        kept=[(name, value) for name in _KEPT for value in request.args.getlist(name) if value.strip()],
        is_iso_date=is_iso_date,
    )
    return Response(shown, 400 if error else 200)


def _feed(args: MultiDict[str, str]) -> Feed:
    """Return the feed that a query string asks for.

    Raises:
        QueryError: something in it cannot be understood.
    """
    want = wanted(parse(args), _relevance(args))
    query_string = parameters(want, USUAL)
    in_language = [f"{PARAMETER}={language()}"] if language() != "en" else []
    feed = _address("feeds.atom", [query_string, *in_language])
    page_of = _address("search.page", [query_string if want.asked.query else "", *in_language])
    return announced(holdings().searcher(), want, feed, page_of)


def _address(endpoint: str, query_strings: list[str]) -> str:
    joined = "&".join(filter(None, query_strings))
    return url_for(endpoint, _external=True, lang=None) + (f"?{joined}" if joined else "")


def _relevance(args: MultiDict[str, str]) -> float:
    value = args.get("relevance", "").strip()
    if value and not re.fullmatch(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?|\.[0-9]{1,6}", value):
        raise QueryError("'relevance' is the least relevance of what is announced: give a number from 0 to 1.")
    return float(value) if value else USUAL
