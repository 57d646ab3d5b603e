"""Comparing authorities on a question: the form, the table, the charts of mentions, and the table as a file."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.datastructures import MultiDict

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from index.comparisons.compare import MOST, Comparison
from index.comparisons.compare import compare as find
from index.mentions import mentions
from index.search import MAX_QUERY, Searcher
from webapp.holdings import holdings
from webapp.language import gettext, spoken
from webapp.pages.errors import told
from webapp.pages.samples import only_samples
from webapp.pages.whose import NAMES, Whose, read
from webapp.query_string import is_iso_date
from webapp.shown import chart, wordings
from webapp.shown.comparisons import comparison_table, workbook
from webapp.shown.formatters import is_sample
from webapp.shown.tables import csv_of

blueprint = Blueprint("compare", __name__)

EXAMPLE = "Support for care leavers"  # in the language of most minutes, on Welsh pages too
SIDE_BY_SIDE = 3  # authorities of the example
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ONCE = ("q", "like", "over_time")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form holds; ``errors`` say what is wrong with a field, by its name."""

    question: str
    whose: Whose
    like: str | None
    over_time: bool
    errors: dict[str, str]


@blueprint.get("/compare")
def page() -> Response:
    """Show the form, and what authorities said and decided once a question is asked."""
    catalogue, searcher = holdings().catalogue(), holdings().searcher()
    asked = _asked(request.args, catalogue)
    errors, comparison = asked.errors, None
    if "q" in request.args and not errors:
        comparison, errors = _compared(searcher, asked)
    shown = render_template(
        "compare.html",
        typed=request.args,
        asked=asked,
        errors=errors,
        comparison=comparison,
        charts=_charts(searcher, comparison) if comparison else None,
        drawing=chart,
        most=MOST,
        kept=_kept(request.args),
        say=wordings,
        example=None if comparison or errors else _example(searcher),
        is_iso_date=is_iso_date,
        is_sample=is_sample,
        only_samples=only_samples(catalogue),
    )
    return Response(shown, 400 if errors else 200)


@blueprint.get("/compare.csv")
def table() -> Response:
    """Send a comparison as comma-separated values."""
    text = csv_of(*comparison_table(_found()))
    return Response(text, mimetype="text/csv", headers=_attached("csv"))


@blueprint.get("/compare.xlsx")
def book() -> Response:
    """Send a comparison as an Excel workbook."""
    return Response(workbook(_found()), mimetype=_XLSX, headers=_attached("xlsx"))


def _attached(ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="comparison.{ending}"'}


def _found() -> Comparison:
    """Return the comparison that the address asks for; end with the page that says what is wrong with it, if so."""
    asked = _asked(request.args, holdings().catalogue())
    comparison, errors = (None, asked.errors) if asked.errors else _compared(holdings().searcher(), asked)
    if comparison is None:
        abort(told(400, next(iter(errors.values()))))
    return comparison


def _asked(args: MultiDict[str, str], catalogue: Catalogue) -> _Asked:
    whose = read(args, catalogue)
    errors: dict[str, str] = {}
    for name in _ONCE:
        if len(args.getlist(name)) > 1:
            errors[name] = gettext("This is given more than once: give it once.")
    question = args.get("q", "")
    if "q" in args and not question.strip():
        errors["q"] = gettext("Type a question.")
    if len(question) > MAX_QUERY:
        errors["q"] = gettext("The question is longer than %(limit)s characters: shorten it.", limit=f"{MAX_QUERY:,}")
    if args.get("over_time", "").strip() not in ("", "0", "1"):
        errors["over_time"] = gettext("This is neither on nor off: tick the box, or leave it.")
    errors |= {name: message for name, message in whose.errors.items() if name not in errors}
    return _Asked(question, whose, args.get("like", "").strip() or None, args.get("over_time") == "1", errors)


def _compared(searcher: Searcher, asked: _Asked) -> tuple[Comparison | None, dict[str, str]]:
    """Return the comparison, or what is wrong, under the field that it is to be put right in."""
    try:
        return find(searcher, asked.question, asked.whose.filters, like=asked.like, over_time=asked.over_time), {}
    except QueryError as exc:
        return None, {_at_fault(searcher, asked): spoken(str(exc))}


def _at_fault(searcher: Searcher, asked: _Asked) -> str:
    try:
        searcher.understand(asked.question, asked.whose.filters)
    except QueryError:
        return "q"
    return "like" if asked.like else "over_time" if asked.over_time else "q"


def _charts(searcher: Searcher, comparison: Comparison) -> chart.Charts | None:
    """Return the charts of the authorities that are compared, in the order of the rows."""
    names = tuple(dict.fromkeys(row.authority for row in comparison.rows if row.authority))
    if not names:
        return None
    filters = replace(comparison.filters, authorities=names, regions=(), types=())
    return chart.charts(mentions(searcher, comparison.question, filters), names)


def _example(searcher: Searcher) -> dict[str, object] | None:
    """Return a question, and authorities held whose minutes come near it; None where none do."""
    hits = searcher.search(EXAMPLE, k=10 * SIDE_BY_SIDE, spread=True).hits
    names = list(dict.fromkeys(hit.authority for hit in hits if hit.authority))[:SIDE_BY_SIDE]
    return {"question": EXAMPLE, "names": names} if names else None


def _kept(args: MultiDict[str, str]) -> str:
    """Return the query string of this comparison, without the language."""
    return urlencode([(name, value) for name in (*_ONCE, *NAMES) for value in args.getlist(name) if value.strip()])
