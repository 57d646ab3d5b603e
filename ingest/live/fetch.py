"""Fetching minutes from committee systems: who is asked for what, and what came of it.

Every meeting is kept and recorded as soon as it has been fetched, so a run that is stopped keeps what it
did, and the next one asks only for what is not there or may have changed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from corpus import coverage, register
from corpus.catalogue import Catalogue
from corpus.coverage import Meeting
from corpus.errors import FetchError, NotFoundError, ReadError
from corpus.fetched import Record, Shelf, same_bytes
from ingest.live.cmis import Cmis, is_cmis, root_of
from ingest.live.listed import ListedDocuments
from ingest.live.moderngov import SERVICE, ModernGov
from ingest.live.page import pieces_of
from ingest.live.sites import Desk, Gathered, Progress, Site, now, same_words, silently
from ingest.live.web import Blocked, Web
from ingest.moderngov_xml import parse

RECENT = timedelta(days=90)
LATE = timedelta(days=365)
RESUMED = timedelta(hours=1)
DEFAULT_PAST = timedelta(days=365)
DEFAULT_FUTURE = timedelta(days=90)
_MODERNGOV_PAGE = re.compile(r"\b(?:mg[A-Z]\w+|ie[A-Z]\w+)\.as[pm]x", re.IGNORECASE)
_MODERNGOV_URL = re.compile(rf"moderngov|{_MODERNGOV_PAGE.pattern}", re.IGNORECASE)
Result = Literal["fetched", "no meetings", "could not ask"]


@dataclass
class HostReport:
    """What came of asking one site. ``failed`` holds (address, reason); ``skipped`` were not asked again.

    ``result`` is "no meetings" only where the site answered and lists none; where it could not be asked,
    ``reason`` says why.
    """

    target: str
    host: str
    authority: str | None = None
    how: str | None = None
    committees: int = 0
    meetings: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    with_minutes: int = 0
    without_minutes: int = 0
    cancelled: int = 0
    future: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    result: Result = "could not ask"
    reason: str | None = None


@dataclass
class FetchReport:
    """What one run did, host by host, and the folders that now hold something to ingest."""

    hosts: list[HostReport] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Target:
    """A site to ask: its address, the system it runs if that is known, and whose it is."""

    name: str
    url: str
    system: str | None
    authority: str | None


def fetch(
    targets: Sequence[str],
    catalogue: Catalogue,
    web: Web,
    *,
    since: date | None = None,
    until: date | None = None,
    committees: Sequence[str] = (),
    progress: Progress = silently,
    at: datetime | None = None,
) -> FetchReport:
    """Fetch the minutes of authorities into the folder ``fetched`` of the data directory.

    Args:
        targets: names of authorities of the register, or addresses of sites.
        since: first day [one year ago].
        until: last day [90 days ahead: what is announced is known, and not fetched before its day].
        committees: parts of the names of the committees wanted [all].
        progress: wraps the things to ask for, with what they are, to show how far the run is.
        at: the time it is, for tests.

    Raises:
        NotFoundError: a target is no address and no authority whose site is known; nothing was asked.
    """
    began = at or now()
    found = [target_of(name) for name in targets]
    coverage.prepare(catalogue)
    window = (since or began.date() - DEFAULT_PAST, until or began.date() + DEFAULT_FUTURE)
    report = FetchReport()
    for target in found:
        host = HostReport(target.name, urlsplit(target.url).netloc.lower(), target.authority)
        report.hosts.append(host)
        run = _Run(catalogue, web, host, window, tuple(committees), progress, began)
        try:
            run.ask(target)
        except (FetchError, ReadError) as exc:
            host.reason = f"{exc.url}: {exc.reason}" if isinstance(exc, FetchError) else str(exc)
        when = began.isoformat(timespec="seconds")
        coverage.save_host(catalogue, host.host, host.authority, result=host.result, reason=host.reason, asked=when)
        folder = Shelf(catalogue.directory, host.host).folder
        if any(not path.name.startswith((".", "manifest.")) for path in folder.iterdir()):
            report.folders = list(dict.fromkeys([*report.folders, folder]))
    return report


# -- which site --------------------------------------------------------------------------------------


def target_of(name: str) -> Target:
    """Return the site that a name or address means.

    Raises:
        NotFoundError: the register does not know the name, or no site of that authority.
    """
    if name.startswith(("http://", "https://")):
        known = register.by_url(name)
        return Target(name, name, known.system if known else None, known.name if known else None)
    authority = register.by_name(name)
    if authority is None:
        raise NotFoundError(f"The register knows no authority called {name!r}: give the address of its site.")
    if not authority.base_url:
        raise NotFoundError(f"The register knows no site of {authority.name}: give its address.")
    return Target(name, authority.base_url, authority.system, authority.name)


def _recognised(target: Target, desk: Desk) -> Target:
    """Find out which system an address belongs to, where neither the register nor the address says it."""
    url = target.url
    if target.system in {"ModernGov", "CMIS"}:
        return target
    if _MODERNGOV_URL.search(url):
        return replace(target, system="ModernGov")
    if re.search(r"/tabid/|\bcmis", url, re.IGNORECASE):
        return replace(target, system="CMIS")
    page = desk.listing("start.html", url)
    if is_cmis(page):
        return replace(target, system="CMIS")
    for piece in pieces_of(page):
        if _MODERNGOV_PAGE.search(piece.href or ""):
            return replace(target, system="ModernGov", url=urljoin(url, piece.href or ""))
    try:
        root = parse(desk.listing("service.xml", f"{_moderngov_root(url)}/{SERVICE}/GetCommittees"))
    except Blocked:
        raise
    except (FetchError, ReadError):
        return replace(target, system=None)
    return replace(target, system="ModernGov" if root.find(".//committeeid") is not None else None)


def _moderngov_root(url: str) -> str:
    return re.sub(r"/[^/?#]*\.(?:aspx|asmx).*$|[?#].*$", "", url, flags=re.IGNORECASE).rstrip("/")


def _site(target: Target, desk: Desk) -> Site:
    if target.system == "ModernGov":
        desk.base = _moderngov_root(target.url)
        return ModernGov(desk)
    if target.system == "CMIS":
        desk.base = root_of(target.url)
        return Cmis(desk, target.url if target.url.lower().endswith(".aspx") else "")
    return ListedDocuments(desk)


def _authority_of(target: Target) -> Callable[[str | None], str | None]:
    """Return what tells the authority from a committee's name: it matters where authorities share a site."""
    host = urlsplit(target.url).hostname
    sharing = [entry for entry in register.authorities() if urlsplit(entry.base_url or "").hostname == host]

    def authority(committee: str | None) -> str | None:
        if len(sharing) < 2:
            return target.authority
        named = [entry.name for entry in sharing if register.fold(entry.short_name) in register.fold(committee or "")]
        return named[0] if len(named) == 1 else None

    return authority


# -- one site ----------------------------------------------------------------------------------------


@dataclass
class _Run:
    """Asking one site."""

    catalogue: Catalogue
    web: Web
    host: HostReport
    window: tuple[date, date]
    committees: tuple[str, ...]
    progress: Progress
    began: datetime

    def ask(self, target: Target) -> None:
        """List the meetings, record them, and fetch those that are due."""
        desk = self._desk(target)
        found = _recognised(target, desk)
        if urlsplit(found.url).netloc.lower() != self.host.host:
            self.host.host = urlsplit(found.url).netloc.lower()
            desk = self._desk(found)
        site = _site(found, desk)
        self.host.notes, self.host.failed = desk.notes, desk.failed
        try:
            listed = site.meetings(*self.window, self.committees, self.progress)
        finally:
            self.host.how, self.host.committees = site.how, desk.committees
        self.host.meetings = len(listed)
        if not listed:
            self.host.result = "could not ask" if desk.failed else "no meetings"
            self.host.reason = f"{len(desk.failed)} lists of meetings failed" if desk.failed else None
            return
        known = coverage.known_meetings(self.catalogue, self.host.host)
        merged = [_merged(known.get(meeting.meeting_id), meeting) for meeting in listed]
        coverage.save_meetings(self.catalogue, merged)
        due = [meeting for meeting in merged if is_due(meeting, self.began)]
        self.host.skipped = sum(meeting.status == "held" for meeting in merged) - len(due)
        self.host.result = "could not ask" if due else "fetched"
        try:
            for meeting in self.progress(due, "meetings"):
                self._fetch_one(site, desk, meeting)
        finally:
            self._count({meeting.meeting_id for meeting in merged})
        if self.host.result == "could not ask":
            self.host.reason = ": ".join(self.host.failed[-1])

    def _desk(self, target: Target) -> Desk:
        shelf = Shelf(self.catalogue.directory, self.host.host)
        return Desk(self.web, shelf, self.host.host, target.url.rstrip("/"), _authority_of(target), self.began)

    def _fetch_one(self, site: Site, desk: Desk, meeting: Meeting) -> None:
        had = meeting.minutes if meeting.minutes in coverage.WITH_MINUTES else "failed"
        try:
            gathered = site.gather(replace(meeting, problem=None))
        except Blocked:
            raise
        except (FetchError, ReadError) as exc:
            url, reason = (exc.url, exc.reason) if isinstance(exc, FetchError) else (meeting.url, str(exc))
            self.host.failed.append((url, reason))
            coverage.save_meetings(self.catalogue, [replace(meeting, minutes=had, problem=f"{url}: {reason}")])
            return
        self._keep(desk.shelf, gathered)
        after = replace(gathered.meeting, checked=self.began.isoformat(timespec="seconds"))
        if after.problem:
            self.host.failed.append((meeting.url, after.problem))
        if after.minutes == "failed":
            after = replace(after, minutes=had)
        coverage.save_meetings(self.catalogue, [after])
        self.host.result = "fetched"

    def _keep(self, shelf: Shelf, gathered: Gathered) -> None:
        meeting = gathered.meeting
        for file in gathered.files:
            record = Record(
                path=file.name,
                authority=meeting.authority or "",
                committee=meeting.committee or "",
                date=meeting.meeting_date or "",
                url=file.url,
                kind=file.kind,
                asked=file.answer.url,
                fetched=file.answer.fetched,
                status=file.status,
            )
            same = same_words if file.name.endswith(".html") else same_bytes
            change = shelf.put(record, file.answer.body, same)
            self.host.new += change == "new"
            self.host.changed += change == "changed"
            self.host.unchanged += change == "unchanged"
        names = {file.name for file in gathered.files}
        own = re.compile(rf"(?:meeting-|g){re.escape(meeting.meeting_id)}[.-][^/]*")
        stale = [name for name in shelf.records if own.fullmatch(name) and name not in names]
        for name in stale if names and not meeting.problem else ():
            shelf.drop(name)  # the same meeting, in another form now
            self.catalogue.remove([str(shelf.folder / name)])

    def _count(self, numbers: set[str]) -> None:
        known = coverage.known_meetings(self.catalogue, self.host.host)
        listed = [meeting for number, meeting in known.items() if number in numbers]
        held = [meeting for meeting in listed if meeting.status == "held"]
        self.host.with_minutes = sum(meeting.minutes in coverage.WITH_MINUTES for meeting in held)
        self.host.without_minutes = sum(meeting.minutes == "none" for meeting in held)
        self.host.cancelled = sum(meeting.status == "cancelled" for meeting in listed)
        self.host.future = sum(meeting.status == "future" for meeting in listed)


def _merged(before: Meeting | None, listed: Meeting) -> Meeting:
    """Return a meeting as it is listed now with what is known of its minutes."""
    if before is None:
        return listed
    cancelled = before.status == "cancelled" and listed.status == "held"
    return replace(
        listed,
        status="cancelled" if cancelled else listed.status,
        minutes=before.minutes,
        checked=before.checked,
        problem=before.problem,
    )


def is_due(meeting: Meeting, at: datetime) -> bool:
    """Tell whether a meeting is to be asked for: not had yet, failed, a draft, or recent enough to change."""
    if meeting.status == "future" or (meeting.status == "cancelled" and not meeting.checked):
        return False
    if not meeting.checked or meeting.problem:
        return True
    if timedelta(0) <= at - datetime.fromisoformat(meeting.checked) < RESUMED:  # not where the clock was ahead
        return False
    if meeting.minutes in {"draft", "partial", "failed"}:
        return True
    if meeting.meeting_date is None:
        return meeting.minutes != "final"
    age = at.date() - date.fromisoformat(meeting.meeting_date)
    return age <= RECENT or (meeting.minutes == "none" and meeting.status == "held" and age <= LATE)
