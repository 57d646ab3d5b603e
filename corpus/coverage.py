"""Which meetings are known, of which the minutes are held, and where they are missing.

A meeting is known because a committee system listed it (the table ``meetings``) or because minutes of it
were ingested from a file. Both count once: by authority, committee and date.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from corpus.catalogue import Catalogue
from corpus.fetched import FOLDER
from corpus.register import fold

Status = Literal["held", "cancelled", "future"]
Minutes = Literal["none", "draft", "final", "partial", "failed"]
WITH_MINUTES = frozenset({"draft", "final", "partial"})
GAP_FACTOR = 3
_TABLES = (
    """CREATE TABLE IF NOT EXISTS meetings (
        host         TEXT NOT NULL,
        meeting_id   TEXT NOT NULL,
        authority    TEXT,
        committee    TEXT,
        meeting_date TEXT,
        url          TEXT NOT NULL,
        status       TEXT NOT NULL,
        minutes      TEXT NOT NULL,
        checked      TEXT NOT NULL,
        problem      TEXT,
        PRIMARY KEY (host, meeting_id)
    )""",
    """CREATE TABLE IF NOT EXISTS hosts (
        host      TEXT PRIMARY KEY,
        authority TEXT,
        result    TEXT NOT NULL,
        reason    TEXT,
        asked     TEXT NOT NULL,
        succeeded TEXT
    )""",
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that a site lists, and what is held of it.

    ``meeting_date`` is ISO, ``checked`` when the site was last asked (ISO, UTC; empty if it was not);
    ``problem`` says what failed then. ``minutes`` is partial where a part of them could not be had.
    """

    host: str
    meeting_id: str
    authority: str | None
    committee: str | None
    meeting_date: str | None
    url: str
    status: Status = "held"
    minutes: Minutes = "none"
    checked: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without minutes: from one meeting with minutes to the next, or to today (``until`` None)."""

    after: str
    until: str | None
    days: int
    usual_days: int


@dataclass(frozen=True, slots=True)
class CommitteeCoverage:
    """The meetings of one committee. ``with_minutes`` counts drafts and partial records too.

    ``without`` are meetings held whose minutes are not there; ``failed`` could not be asked for.
    """

    committee: str | None
    meetings: int
    with_minutes: int
    without: int
    partial: int
    failed: int
    cancelled: int
    future: int
    first_date: str | None
    last_date: str | None
    last_fetch: str | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class AuthorityCoverage:
    """The committees of one authority, and how the last attempt to ask its site went.

    ``authority`` is the host's name where the authority is not known, None for files that name none.
    """

    authority: str | None
    meetings: int
    with_minutes: int
    without: int
    partial: int
    failed: int
    first_date: str | None
    last_date: str | None
    last_fetch: str | None
    result: str | None
    reason: str | None
    committees: tuple[CommitteeCoverage, ...]


# -- keeping -----------------------------------------------------------------------------------------


def prepare(catalogue: Catalogue) -> None:
    """Make the tables in a catalogue that was begun without them."""
    if not prepared(catalogue):
        with catalogue.writing() as connection:
            for statement in _TABLES:
                connection.execute(statement)


def prepared(catalogue: Catalogue) -> bool:
    """Tell whether a catalogue has the tables: one into which nothing was ever fetched may not."""
    names = {row[0] for row in catalogue.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {"meetings", "hosts"} <= names


def save_meetings(catalogue: Catalogue, meetings: Iterable[Meeting]) -> None:
    """Record what is known of meetings, in the place of what was."""
    marks = ", ".join("?" * len(fields(Meeting)))
    with catalogue.writing() as connection:
        connection.executemany(f"INSERT OR REPLACE INTO meetings VALUES ({marks})", map(astuple, meetings))


def known_meetings(catalogue: Catalogue, host: str) -> dict[str, Meeting]:
    """Return the meetings recorded of a host, by id."""
    rows = catalogue.connection.execute("SELECT * FROM meetings WHERE host = ?", (host,))
    return {row["meeting_id"]: Meeting(*row) for row in rows}


def save_host(
    catalogue: Catalogue, host: str, authority: str | None, *, result: str, reason: str | None, asked: str
) -> None:
    """Record how an attempt to ask a host went; "could not ask" leaves the last success as it was."""
    succeeded = None if result == "could not ask" else asked
    with catalogue.writing() as connection:
        connection.execute(
            "INSERT INTO hosts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (host) DO UPDATE SET"
            " authority = excluded.authority, result = excluded.result, reason = excluded.reason,"
            " asked = excluded.asked, succeeded = COALESCE(excluded.succeeded, succeeded)",
            (host, authority, result, reason, asked, succeeded),
        )


# -- counting ----------------------------------------------------------------------------------------


def coverage(catalogue: Catalogue, today: date | None = None) -> tuple[AuthorityCoverage, ...]:
    """Count the meetings of every authority and committee, by name. Nothing is written."""
    by_authority: dict[str | None, dict[str, list[Meeting]]] = {}
    for meeting in _all_meetings(catalogue):
        committees = by_authority.setdefault(meeting.authority or meeting.host or None, {})
        committees.setdefault(fold(meeting.committee or ""), []).append(meeting)
    hosts = catalogue.connection.execute("SELECT * FROM hosts ORDER BY asked") if prepared(catalogue) else ()
    attempts = {row["authority"] or row["host"]: row for row in hosts}
    for name in attempts:
        by_authority.setdefault(name, {})
    found = [
        _authority(name, [_committee(meetings, today or date.today()) for meetings in committees.values()], attempts)
        for name, committees in by_authority.items()
    ]
    return tuple(sorted(found, key=lambda entry: (entry.authority is None, entry.authority or "")))


def _authority(name: str | None, counted: list[CommitteeCoverage], attempts: dict[str, Any]) -> AuthorityCoverage:
    attempt = attempts.get(name or "")
    return AuthorityCoverage(
        authority=name,
        meetings=sum(entry.meetings for entry in counted),
        with_minutes=sum(entry.with_minutes for entry in counted),
        without=sum(entry.without for entry in counted),
        partial=sum(entry.partial for entry in counted),
        failed=sum(entry.failed for entry in counted),
        first_date=min((entry.first_date for entry in counted if entry.first_date), default=None),
        last_date=max((entry.last_date for entry in counted if entry.last_date), default=None),
        last_fetch=attempt["succeeded"] if attempt else None,
        result=attempt["result"] if attempt else None,
        reason=attempt["reason"] if attempt else None,
        committees=tuple(sorted(counted, key=lambda entry: (entry.committee is None, entry.committee or ""))),
    )


def _all_meetings(catalogue: Catalogue) -> list[Meeting]:
    """Return the meetings of the sites, and those that only a document from a file tells of."""
    listed = "SELECT * FROM meetings ORDER BY meeting_date, host, meeting_id"
    meetings = [Meeting(*row) for row in catalogue.connection.execute(listed)] if prepared(catalogue) else []
    places = {_key(meeting): position for position, meeting in enumerate(meetings)}
    fetched = f"{catalogue.directory / FOLDER}/"
    documents = catalogue.connection.execute(
        "SELECT DISTINCT d.authority, d.committee, d.meeting_date, d.partial FROM documents d JOIN sources s"
        " USING (document_id) WHERE d.current AND d.kind IN ('minutes', 'decision')"
        " AND d.meeting_date IS NOT NULL AND substr(s.location, 1, ?) != ? ORDER BY d.partial",
        (len(fetched), fetched),
    )
    for authority, committee, when, partial in documents.fetchall():
        minutes: Minutes = "partial" if partial else "final"
        held = Meeting("", "", authority, committee, when, "", "held", minutes)
        place = places.get(_key(held))
        if place is None:
            places[_key(held)] = len(meetings)
            meetings.append(held)
        elif meetings[place].minutes not in WITH_MINUTES:
            meetings[place] = held
    return meetings


def _key(meeting: Meeting) -> tuple[str, str, str | None]:
    return (fold(meeting.authority or meeting.host), fold(meeting.committee or ""), meeting.meeting_date)


def _committee(meetings: list[Meeting], today: date) -> CommitteeCoverage:
    held = [meeting for meeting in meetings if meeting.status == "held"]
    there = [meeting for meeting in held if meeting.minutes in WITH_MINUTES]
    dates = sorted(meeting.meeting_date for meeting in meetings if meeting.meeting_date)
    checks = [meeting.checked for meeting in meetings if meeting.checked and not meeting.problem]
    return CommitteeCoverage(
        committee=meetings[0].committee,
        meetings=len(meetings),
        with_minutes=len(there),
        without=sum(meeting.minutes == "none" for meeting in held),
        partial=sum(meeting.minutes == "partial" for meeting in held),
        failed=sum(meeting.minutes == "failed" for meeting in held),
        cancelled=sum(meeting.status == "cancelled" for meeting in meetings),
        future=sum(meeting.status == "future" for meeting in meetings),
        first_date=dates[0] if dates else None,
        last_date=dates[-1] if dates else None,
        last_fetch=max(checks, default=None),
        gaps=_gaps([meeting.meeting_date for meeting in there if meeting.meeting_date], today),
    )


def _gaps(dates: Iterable[str], today: date) -> tuple[Gap, ...]:
    """Return the stretches without minutes longer than three times the median interval of three or more."""
    days = sorted({date.fromisoformat(value) for value in dates})
    if len(days) < 3:
        return ()
    usual = max(1, round(median((later - earlier).days for earlier, later in pairwise(days))))
    ends: list[tuple[date, date | None]] = [*pairwise(days), (days[-1], None)]
    gaps = [
        Gap(after.isoformat(), until.isoformat() if until else None, ((until or today) - after).days, usual)
        for after, until in ends
    ]
    return tuple(gap for gap in gaps if gap.days > GAP_FACTOR * usual)
