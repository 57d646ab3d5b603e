"""One authority: its committees, meetings, themes and gaps; meetings to come, as a page and as a calendar."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from corpus.calendar import KnownMeeting, committees, meetings_of, of_committee, upcoming
from corpus.coverage import WITH_MINUTES
from corpus.errors import NotFoundError, QueryError
from corpus.overview import Entry, code_of, entry_of
from corpus.register import by_code
from webapp.holdings import holdings
from webapp.language import gettext, to_translate
from webapp.pages.samples import only_samples
from webapp.pages.trends import trends
from webapp.shown.formatters import is_sample
from webapp.shown.meetings_calendar import MOST, calendar_of

blueprint = Blueprint("authorities", __name__)

AT_ONCE = 150  # meetings of a page; of more, a year at a time
MOST_OF_A_YEAR = 300
COMING = 5  # shown on the page of an authority
MOST_COMING = 300  # of all authorities
_LONGEST_COMMITTEE = 500
_UNNAMED = "unnamed"
_UNKNOWN = "unknown"  # year of documents without a date
STATES = {
    "final": to_translate("Minutes"),
    "draft": to_translate("Draft minutes"),
    "partial": to_translate("Part of the minutes"),
    "failed": to_translate("The minutes could not be fetched"),
    "none": to_translate("No minutes"),
    "cancelled": to_translate("Cancelled"),
    "future": to_translate("To come"),
}


@blueprint.get("/authority/<code>")
def page(code: str) -> Answer:
    """Show an authority: what is held of it, its committees, gaps and themes."""
    if code.upper() != code and by_code(code.upper()):
        return redirect(url_for("authorities.page", code=code.upper()), 301)
    catalogue = holdings().catalogue()
    entry = entry_of(catalogue, code, date.today())
    meetings = meetings_of(catalogue, entry.names, date.today())
    coming = [meeting for meeting in meetings if meeting.status == "future"][::-1]
    shown = render_template(
        "authority.html",
        entry=entry,
        known=entry.register,
        predecessors=_named(entry, "predecessors"),
        successors=_named(entry, "successors"),
        meetings=meetings,
        committees=committees(meetings),
        gaps=[(one.committee, gap) for one in entry.committees for gap in reversed(one.gaps)],
        coming=coming[:COMING],
        more_coming=max(0, len(coming) - COMING),
        trends=trends(entry),
        sample=_is_invented(meetings),
        only_samples=only_samples(catalogue),
    )
    return Response(shown)


@blueprint.get("/authority/<code>/meetings")
def meetings_page(code: str) -> Response:
    """Show the meetings of an authority, or of one of its committees, by year, with what is held of each."""
    entry = entry_of(holdings().catalogue(), code, date.today())
    meetings, committee, named = _asked_for(entry)
    years = sorted(
        {_year(one) for one in meetings}, key=lambda one: (one == _UNKNOWN, -int(one) if one.isdigit() else 0)
    )
    year = request.args.get("year", "").strip()
    if year and year not in years:
        raise NotFoundError(to_translate("No meeting of this year is known."))
    if not year and len(meetings) > AT_ONCE:
        year = years[0]
    of_year = [one for one in meetings if year in ("", _year(one))]
    by_year: dict[str, list[KnownMeeting]] = {}
    for one in of_year[:MOST_OF_A_YEAR]:
        by_year.setdefault(_year(one), []).append(one)
    shown = render_template(
        "meetings.html",
        entry=entry,
        committee=committee,
        named=named,
        parameters=_parameters(committee, named),
        total=len(meetings),
        years=years,
        unknown=_UNKNOWN,
        year=year,
        by_year=by_year,
        left_out=max(0, len(of_year) - MOST_OF_A_YEAR),
        at_once=AT_ONCE,
        state=state,
        with_minutes=WITH_MINUTES,
        sample=_is_invented(meetings),
    )
    return Response(shown)


@blueprint.get("/authority/<code>/meetings.ics")
def calendar(code: str) -> Response:
    """Give the meetings of an authority, or of one of its committees, as a calendar to subscribe to."""
    entry = entry_of(holdings().catalogue(), code, date.today())
    meetings, committee, _ = _asked_for(entry)
    dated = [meeting for meeting in meetings if meeting.meeting_date]
    name = " – ".join(part for part in (entry.name or gettext("Authority unknown"), committee) if part)
    about = gettext("Meetings that Minutebook knows of, and what it holds of them.")
    if len(dated) > MOST:
        about += " " + gettext("The %(most)s latest of %(all)s.", most=MOST, all=len(dated))
    body = calendar_of(name, about, dated[:MOST], _in_words)
    return Response(body, mimetype="text/calendar", headers={"Content-Disposition": "inline; filename=meetings.ics"})


@blueprint.get("/meetings")
def coming_page() -> Response:
    """Show the meetings to come of all authorities, as far as their sites listed them."""
    catalogue = holdings().catalogue()
    known = upcoming(catalogue, date.today())
    by_day: dict[str, list[KnownMeeting]] = {}
    for meeting in known[:MOST_COMING]:
        by_day.setdefault(meeting.meeting_date or "", []).append(meeting)
    return Response(
        render_template(
            "upcoming.html", by_day=by_day, total=len(known), shown=min(len(known), MOST_COMING), code_of=code_of
        )
    )


def _asked_for(entry: Entry) -> tuple[Sequence[KnownMeeting], str | None, bool]:
    """Return the meetings that a request is for, the committee, and whether it is for one at all.

    Raises:
        QueryError: the name of the committee is too long.
        NotFoundError: nothing is known of the committee.
    """
    meetings = meetings_of(holdings().catalogue(), entry.names, date.today())
    committee = request.args.get("committee", "").strip() or None
    named = committee is not None or request.args.get(_UNNAMED) == "1"
    if committee and len(committee) > _LONGEST_COMMITTEE:
        raise QueryError(to_translate("The name of the committee is too long."))
    if not named:
        return meetings, None, False
    found = of_committee(meetings, committee)
    if not found:
        raise NotFoundError(to_translate("No meeting of this committee is known."))
    return found, found[0].committee, True


def _year(meeting: KnownMeeting) -> str:
    return meeting.meeting_date[:4] if meeting.meeting_date else _UNKNOWN


def _parameters(committee: str | None, named: bool) -> dict[str, str]:
    """Return what an address needs to be for the same committee."""
    if committee:
        return {"committee": committee}
    return {_UNNAMED: "1"} if named else {}


def _in_words(meeting: KnownMeeting) -> tuple[str, str, str]:
    """Return the summary, description and address of a meeting in a calendar."""
    authority = meeting.authority or gettext("Authority unknown")
    summary = " – ".join(part for part in (meeting.committee or gettext("Committee unknown"), authority) if part)
    addresses = [
        url_for("document.page", document_id=document.document_id, _external=True) for document in meeting.documents[:5]
    ]
    code = code_of(meeting.authority)
    parameters = _parameters(meeting.committee, True) | {"year": _year(meeting)}
    own = url_for("authorities.meetings_page", code=code, _external=True, **parameters)
    return summary, "\n".join([state(meeting), *addresses]), meeting.url or next(iter(addresses), own)


def state(meeting: KnownMeeting) -> str:
    """Return in words what is held of the minutes of a meeting."""
    to_come = meeting.status == "future" and meeting.minutes not in WITH_MINUTES
    return gettext(STATES[meeting.status if to_come or meeting.status == "cancelled" else meeting.minutes])


def _named(entry: Entry, field: str) -> list[tuple[str, str]]:
    """Return the codes and names of the authorities before or after one."""
    codes = getattr(entry.register, field) if entry.register else ()
    return [(code, known.name) for code in codes if (known := by_code(code))]


def _is_invented(meetings: Sequence[KnownMeeting]) -> bool:
    """Tell whether all that is held are the shipped samples."""
    documents = [document for meeting in meetings for document in meeting.documents]
    return bool(documents) and all(is_sample(document.url) for document in documents)
