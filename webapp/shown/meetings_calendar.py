"""Meetings as a calendar (iCalendar, RFC 5545). The only importer of icalendar.

Only the day of a meeting is known for certain, so that every event lasts the whole of it.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event

from corpus.calendar import KnownMeeting

MOST = 5000  # events


def calendar_of(
    name: str, description: str, meetings: Iterable[KnownMeeting], words: Callable[[KnownMeeting], tuple[str, str, str]]
) -> bytes:
    """Return meetings with a date as a calendar.

    Args:
        words: gives the summary, the description and the address of a meeting.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Minutebook//Meetings of local authorities//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("description", description)
    calendar.add("x-wr-caldesc", description)
    same: dict[str, int] = {}
    for meeting in meetings:
        if meeting.meeting_date:
            key = _key(meeting)
            same[key] = same.get(key, 0) + 1
            calendar.add_component(_event(meeting, f"{key}-{same[key]}", *words(meeting)))
    written: bytes = calendar.to_ical()
    return written


def _key(meeting: KnownMeeting) -> str:
    """Return what stays the same of a meeting while what is held of it changes."""
    parts = (meeting.authority, meeting.committee, meeting.meeting_date)
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()[:20]


def _event(meeting: KnownMeeting, key: str, summary: str, description: str, address: str) -> Event:
    day = date.fromisoformat(meeting.meeting_date or "")
    event = Event()
    event.add("uid", f"{key}@minutebook")
    event.add("dtstamp", _stamp(meeting, day))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", summary)
    event.add("description", description)
    event.add("url", address)
    event.add("status", "CANCELLED" if meeting.status == "cancelled" else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _stamp(meeting: KnownMeeting, day: date) -> datetime:
    """Return when this was known: when the site was asked, else the day of the meeting itself."""
    try:
        checked = datetime.fromisoformat(meeting.checked or "")
    except ValueError:
        return datetime.combine(day, time(), UTC)
    return checked.astimezone(UTC) if checked.tzinfo else checked.replace(tzinfo=UTC)
