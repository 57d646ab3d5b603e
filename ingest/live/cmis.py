"""CMIS: a calendar for every month through the address that needs no JavaScript, and a page a meeting.

The address holds two numbers of the install (tabid and mid), which are taken from a meeting's link. A page
of a meeting is a list of labels and documents; the minutes are among the documents, by their title.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import urljoin

from corpus.coverage import Meeting, Minutes
from corpus.errors import FetchError
from ingest.dates import dates_in
from ingest.live.page import Piece, pieces_of
from ingest.live.sites import Desk, File, Gathered, Progress, document_ending, is_wanted, slug
from ingest.live.web import Blocked
from ingest.moderngov_xml import is_cancelled

_PAGES = ("", "/Meetings.aspx", "/MeetingsCalendar.aspx", "/CalendarofMeetings.aspx", "/MeetingCalendar.aspx")
_MODULE = re.compile(r"dnn\$ctr(\d+)\$MeetingCalendarPublic")
_PREFIX = re.compile(r"(?P<prefix>\S*/tabid/\d+)/ctl/\w+/(?P<mid>mid/\d+)/", re.IGNORECASE)
_MEETING = re.compile(r"/Meeting/(?P<number>\d{1,12})/Committee/\d+/", re.IGNORECASE)
_DAY = re.compile(r"\w+day,?\s+(?P<day>\d{1,2})\s+(?P<month>[A-Z]\w+)(?:\s+(?P<year>\d{4}))?", re.IGNORECASE)
_ENTRY = re.compile(r"(?:\d{1,2}:\d{2}\s+)?(?P<name>.+)")
_LISTED = re.compile(r"(?P<when>\d{1,2} \w+ \d{4})(?: \d{1,2}:\d{2})? - (?P<name>.+)")
_MINUTES = re.compile(r"\bminutes\b", re.IGNORECASE)
_DRAFT = re.compile(r"\bdraft\b", re.IGNORECASE)
_OTHER_MINUTES = re.compile(r"\b(?:previous|last|agenda)\b", re.IGNORECASE)


def is_cmis(page: str) -> bool:
    """Tell a page that holds the calendar of CMIS, or links to its meetings."""
    return bool(_MODULE.search(page) or _MEETING.search(page))


def root_of(url: str) -> str:
    """Return the address of an install from one of its pages."""
    url = re.sub(r"(?:/[^/?#]+)?/tabid/.*$", "", url, flags=re.IGNORECASE)
    return re.sub(r"/[^/?#]+\.aspx.*$", "", url, flags=re.IGNORECASE).rstrip("/")


class Cmis:
    """One CMIS install."""

    def __init__(self, desk: Desk, start: str = "") -> None:
        """Begin at the install's address, or at one of its pages."""
        self.desk = desk
        self.how = "CMIS"
        self.start = start

    def meetings(self, since: date, until: date, wanted: Sequence[str], progress: Progress) -> list[Meeting]:
        """List the meetings of each month; those of the months that failed are missing, which the desk knows."""
        found: dict[str, Meeting] = {}
        pieces, prefix = self._calendar()
        if prefix is None:
            self.desk.notes.append("no meeting is linked from the calendar: only the current month could be read")
            found = {meeting.meeting_id: meeting for meeting in self._listed(pieces)}
        months = list(_months(since, until)) if prefix else []
        for month in progress(months, "months"):
            url = f"{prefix}/Date/{month.isoformat()}/Default.aspx"
            closed = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            try:
                text = self.desk.listing(f"month-{month:%Y-%m}.html", url, closed=closed, slow=True)
            except Blocked:
                raise
            except FetchError as exc:
                self.desk.failed.append((exc.url, exc.reason))
                continue
            for meeting in self._month(url, text, month):
                found.setdefault(meeting.meeting_id, meeting)
        if months and len(self.desk.failed) >= len(months):
            raise FetchError(*self.desk.failed[-1])
        self.desk.committees = len({meeting.committee for meeting in found.values()})
        return [
            meeting
            for meeting in found.values()
            if since.isoformat() <= (meeting.meeting_date or "") <= until.isoformat()
            and is_wanted(meeting.committee or "", wanted)
        ]

    def _calendar(self) -> tuple[list[Piece], str | None]:
        """Find the calendar; return the pieces of its list and the address that months hang on, if it shows."""
        reasons: list[tuple[str, str]] = []
        for page in dict.fromkeys([self.start, *(self.desk.base + ending for ending in _PAGES)]):
            if not page:
                continue
            try:
                text = self.desk.listing(f"calendar-{slug(page)}.html", page, slow=True)
            except Blocked:
                raise
            except FetchError as exc:
                reasons.append((page, exc.reason))
                continue
            module = _MODULE.search(text)
            pieces = _with_addresses(page, text)
            if module:
                pieces += self._list_view(page, module.group(1))
            prefix = next((match for piece in pieces if (match := _PREFIX.match(piece.href or ""))), None)
            if prefix:
                return pieces, f"{prefix['prefix']}/ctl/MeetingCalendarPublicNoJava/{prefix['mid']}"
            if module:
                return pieces, None
        raise FetchError(*(reasons[0] if reasons else (self.desk.base, "has no calendar of meetings")))

    def _list_view(self, page: str, module: str) -> list[Piece]:
        url = f"{page}{'&' if '?' in page else '?'}ctl=MeetingCalendarListView&mid={module}"
        try:
            text = self.desk.listing("calendar-list.html", url, slow=True)
        except Blocked:
            raise
        except FetchError as exc:
            self.desk.failed.append((url, exc.reason))
            return []
        return _with_addresses(url, text)

    def _listed(self, pieces: Sequence[Piece]) -> list[Meeting]:
        found = []
        for piece in pieces:
            link, entry = _MEETING.search(piece.href or ""), _LISTED.fullmatch(piece.words)
            day = next(dates_in(entry["when"]), None) if entry else None
            if link and entry and day:
                found.append(self.desk.meeting(link["number"], entry["name"], day.value, piece.href or "", False))
        return found

    def _month(self, url: str, text: str, month: date) -> list[Meeting]:
        """Read a month: headings such as "Monday, 8 June", each followed by links to the meetings of the day."""
        found = []
        day: date | None = None
        for piece in pieces_of(text):
            link = _MEETING.search(piece.href or "")
            if link and day and (entry := _ENTRY.fullmatch(piece.words)):
                address = urljoin(url, piece.href or "")
                cancelled = is_cancelled(piece.words)
                found.append(self.desk.meeting(link["number"], entry["name"], day, address, cancelled))
            elif heading := _DAY.fullmatch(piece.words):
                day = _day(heading, month)
        return found

    def gather(self, meeting: Meeting) -> Gathered:
        """Fetch the page of a meeting and the documents that are its minutes."""
        name = f"meeting-{meeting.meeting_id}.html"
        pieces = pieces_of(self.desk.listing(name, meeting.url, slow=True))
        links = [(piece.href or "", piece.words) for piece in pieces]
        documents = [(href, title) for href, title in links if "document.ashx" in href.lower()]
        status = _labelled(pieces, "Status")
        if status is None and not documents:
            raise FetchError(meeting.url, "is not the page of a meeting as we know it")
        if is_cancelled(status or ""):
            meeting = replace(meeting, status="cancelled")
        own = [(href, title) for href, title in documents if _is_minutes(title, meeting.meeting_date)]
        draft = bool(own) and all(_DRAFT.search(title) for _, title in own)
        chosen = [href for href, title in own if draft or not _DRAFT.search(title)]
        files: list[File] = []
        for number, href in enumerate(chosen, 1):
            try:
                files.append(self._document(meeting, urljoin(meeting.url, href), number, "draft" if draft else "final"))
            except FetchError as exc:
                meeting = replace(meeting, problem=f"{exc.url}: {exc.reason}")
        minutes: Minutes = "none" if not own else "draft" if draft else "final"
        if meeting.problem:
            minutes = "partial" if files else "failed"
        return Gathered(replace(meeting, minutes=minutes), tuple(files))

    def _document(self, meeting: Meeting, url: str, number: int, status: str) -> File:
        """Fetch minutes under a name that stays, so that the final ones take the place of the draft."""
        answer = self.desk.web.get(url, slow=True)
        name = f"meeting-{meeting.meeting_id}-minutes{f'-{number}' if number > 1 else ''}{document_ending(answer)}"
        return File(name, answer, "minutes", meeting.url, status)


def _with_addresses(url: str, text: str) -> list[Piece]:
    return [replace(piece, href=urljoin(url, piece.href)) if piece.href else piece for piece in pieces_of(text)]


def _months(since: date, until: date) -> list[date]:
    month, months = since.replace(day=1), []
    while month <= until:
        months.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return months


def _day(heading: re.Match[str], month: date) -> date | None:
    """Return the day of a heading; one without a year is near the month asked for."""
    years = [int(heading["year"])] if heading["year"] else [month.year, month.year - 1, month.year + 1]
    days = [next(dates_in(f"{heading['day']} {heading['month']} {year}"), None) for year in years]
    found = [day.value for day in days if day]
    return min(found, key=lambda day: abs((day - month).days), default=None)


def _labelled(pieces: Sequence[Piece], label: str) -> str | None:
    """Return the words after a label: "Status:" and "Venue:" share a class, so the label decides."""
    for piece, after in pairwise(pieces):
        if piece.words.rstrip(": ").lower() == label.lower():
            return after.words
    return None


def _is_minutes(title: str, meeting_date: str | None) -> bool:
    """Tell the minutes of this meeting from those of an earlier one that lie before it for approval."""
    if not _MINUTES.search(title) or _OTHER_MINUTES.search(title):
        return False
    named = [found.value.isoformat() for found in dates_in(title)]
    return not named or meeting_date in named
