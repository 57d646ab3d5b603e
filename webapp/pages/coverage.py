"""What is held of which authority, and what is not; the files that could not be read."""

import re
from datetime import date

from flask import Blueprint, Response, abort, render_template, request

from corpus.errors import QueryError
from corpus.filters import regions, types
from corpus.overview import overview
from corpus.status import status
from webapp.coverage_query import (
    HELD,
    LONGEST_NAME,
    NOT_IN_REGISTER,
    ORDERS,
    Asked,
    chosen,
    incomplete,
    parse,
    query_string,
)
from webapp.holdings import holdings
from webapp.language import gettext, to_translate
from webapp.pages.errors import told
from webapp.pages.samples import only_samples
from webapp.shown.coverage import COLUMNS, row
from webapp.shown.tables import csv_of

blueprint = Blueprint("coverage", __name__)

AT_ONCE = 100  # rows of a page
_LABELS = {"name": "name", "held": "held", "region": "region", "type": "type", "order": "order", "page": "name"}


@blueprint.get("/coverage")
def page() -> Response:
    """Show every authority of the register and all others held, with what is there of each and what is not."""
    catalogue = holdings().catalogue()
    asked, wrong = parse(request.args)
    entries = overview(catalogue, date.today())
    found = chosen(entries, asked)
    pages = max(1, -(-len(found) // AT_ONCE))
    number = min(asked.page, pages)
    first = (number - 1) * AT_ONCE
    shown = render_template(
        "coverage.html",
        asked=asked,
        typed=request.args,
        wrong=wrong,
        fields=_LABELS,
        totals=status(catalogue),
        authorities=sum(entry.name is not None for entry in entries),
        held=sum(entry.held for entry in entries if entry.name),
        incomplete=sum(map(incomplete, entries)),
        found=len(found),
        entries=found[first : first + AT_ONCE],
        first=first,
        number=number,
        pages=_pages(asked, number, pages),
        query_string=query_string(asked, page=1),
        choices=_choices(),
        longest_name=LONGEST_NAME,
        only_samples=only_samples(catalogue),
    )
    return Response(shown, 400 if wrong else 200)


@blueprint.get("/coverage.csv")
def table() -> Response:
    """Give the same as comma-separated values, all pages of it."""
    asked, wrong = parse(request.args)
    if wrong:
        abort(told(400, " ".join(f"'{name}': {message}" for name, message in wrong.items())))
    entries = chosen(overview(holdings().catalogue(), date.today()), asked)
    shown = csv_of(COLUMNS, map(row, entries))
    return Response(
        shown, mimetype="text/csv", headers={"Content-Disposition": "attachment; filename=minutebook-coverage.csv"}
    )


@blueprint.get("/coverage/unread")
def unread() -> Response:
    """Show the files that could not be read, each with the reason."""
    given = request.args.get("page", "").strip() or "1"
    if not re.fullmatch("[0-9]{1,6}", given) or int(given) < 1:
        raise QueryError(to_translate("A page is a number from 1."))
    problems = holdings().catalogue().problems()
    pages = max(1, -(-len(problems) // AT_ONCE))
    number = min(int(given), pages)
    first = (number - 1) * AT_ONCE
    shown = render_template(
        "unread.html",
        problems=problems[first : first + AT_ONCE],
        total=len(problems),
        first=first,
        number=number,
        pages=[(one, f"page={one}") for one in range(1, pages + 1)],
    )
    return Response(shown)


def _pages(asked: Asked, number: int, last: int) -> list[tuple[int, str]]:
    """Return the pages to link to, with their query strings: the first, the last, and those around this one."""
    near = {1, last, number - 1, number, number + 1}
    return [(one, query_string(asked, page=one)) for one in sorted(near) if 1 <= one <= last]


def _choices() -> dict[str, dict[str, str]]:
    """Return the values of each select with their labels."""
    apart = {"": gettext("All"), NOT_IN_REGISTER: gettext("Not given by the register")}
    return {
        "held": {value: gettext(label) for value, label in HELD.items()},
        "region": apart | {value: gettext(value) for value in regions()},
        "type": apart | {value: gettext(value) for value in types()},
        "order": {value: gettext(label) for value, label in ORDERS.items()},
    }
