"""ModernGov: through its web service where that answers, through its pages where it does not.

The service takes dates as dd/mm/yyyy. It is asked year by year; where it ignores the dates and gives all it
has, what lies outside them is left out. Each question that the service fails is put to the pages instead.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, quote, urljoin, urlsplit
from xml.etree.ElementTree import Element

from corpus.coverage import Meeting, Minutes
from corpus.errors import FetchError, ReadError
from ingest import html
from ingest.dates import dates_in
from ingest.live.page import Piece, pieces_of
from ingest.live.sites import Desk, File, Gathered, Progress, document_ending, is_wanted, page_text
from ingest.live.web import Blocked
from ingest.moderngov_xml import flag, has_minutes, is_cancelled, is_draft, meeting_date, parse, words

SERVICE = "mgWebService.asmx"
_MARKS = re.compile(r"\bmg(?:MainTitleTxt|Content|SubTitle|WordPara|ItemTable)|id=[\"']?modgov|ModernGov", re.I)
_MINUTES_LINE = re.compile(r"^(?:Minutes|Cofnodion):[ \t]*$", re.MULTILINE)
_PRINTED = re.compile(r"\b(?:printed\s+)?(?:draft\s+)?(?:minutes|cofnodion)\b", re.IGNORECASE)
_DRAFT = re.compile(r"\bdraft\b", re.IGNORECASE)
_NOT_HELD = re.compile(r"\b(?:CANCELLED|Cancelled|POSTPONED|Postponed)\b")
_CUT_OFF = re.compile(r"\bfull\b.*\btext\b|testun llawn", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,12}")


class ModernGov:
    """One ModernGov site."""

    def __init__(self, desk: Desk) -> None:
        """Begin with the web service."""
        self.desk = desk
        self.how = "service"

    def meetings(self, since: date, until: date, wanted: Sequence[str], progress: Progress) -> list[Meeting]:
        """List the meetings of each wanted committee from ``since`` to ``until``."""
        committees = self.committees()
        self.desk.committees = len(committees)
        chosen = [(number, name) for number, name in committees if is_wanted(name, wanted)]
        if not chosen:
            names = "; ".join(name for _, name in committees[:8])
            raise FetchError(self.desk.base, f"has no committee called {', '.join(wanted)}; it has {names} …")
        found: dict[str, Meeting] = {}
        for number, name in progress(chosen, "committees"):
            try:
                for meeting in self._of_committee(number, name, since, until):
                    if since.isoformat() <= (meeting.meeting_date or "") <= until.isoformat():
                        found.setdefault(meeting.meeting_id, meeting)
            except Blocked:
                raise
            except FetchError as exc:
                self.desk.failed.append((exc.url, exc.reason))
        if not found and len(self.desk.failed) >= len(chosen):
            raise FetchError(*self.desk.failed[-1])
        return list(found.values())

    def committees(self) -> list[tuple[str, str]]:
        """Return (number, name) of every committee.

        Raises:
            FetchError: neither the service nor the pages list any.
        """
        try:
            root = parse(self.desk.listing("committees.xml", self._service("GetCommittees")))
            found = [
                (words(entry, "committeeid"), words(entry, "committeetitle"))
                for entry in root.iter("committee")
                if not flag(entry, "committeedeleted")
            ]
            if any(_NUMBER.fullmatch(number) for number, _ in found):
                return [(number, name) for number, name in found if _NUMBER.fullmatch(number)]
            why = "lists no committees"
        except Blocked:
            raise
        except (FetchError, ReadError) as exc:
            why = exc.reason if isinstance(exc, FetchError) else str(exc)
        self.how = "pages"
        self.desk.notes.append(f"the web service does not answer ({why}): the pages were read")
        return self._committees_of_pages()

    def _committees_of_pages(self) -> list[tuple[str, str]]:
        url = f"{self.desk.base}/mgListCommittees.aspx"
        found: dict[str, str] = {}
        for piece in _pieces(url, self.desk.listing("committees.html", url)):
            if re.search(r"mgCommitteeDetails\.aspx", piece.href or "", re.IGNORECASE) and piece.words:
                found.setdefault(_query(piece.href, "ID"), piece.words)
        found.pop("", None)
        if not found:
            raise FetchError(url, "lists no committees")
        return list(found.items())

    # -- meetings of a committee ---------------------------------------------------------------------

    def _of_committee(self, number: str, name: str, since: date, until: date) -> Iterator[Meeting]:
        for year in range(since.year, until.year + 1):
            found = self._asked_of_service(number, name, year) if self.how == "service" else None
            of_service = found is not None
            found = found if found is not None else self._year_of_pages(number, name, year)
            yield from found
            others = [meeting for meeting in found if not (meeting.meeting_date or "").startswith(str(year))]
            if others and of_service:
                self._note("the web service ignored the dates asked for: meetings outside them were left out")
                return
            if others and len(others) == len(found) and year < self.desk.now.year:
                self._note("the lists of meetings ignored the year asked for: older meetings may be missing")

    def _asked_of_service(self, number: str, name: str, year: int) -> list[Meeting] | None:
        try:
            return self._year_of_service(number, name, year)
        except Blocked:
            raise
        except (FetchError, ReadError):
            self._note("the web service failed some questions: those were put to the pages")
            return None

    def _year_of_service(self, number: str, name: str, year: int) -> list[Meeting]:
        asked = f"lCommitteeId={number}&sFromDate=01/01/{year}&sToDate=31/12/{year}"
        url = self._service("GetMeetings", asked)
        root = parse(self.desk.listing(f"meetings-{number}-{year}.xml", url, closed=date(year, 12, 31)))
        if "meeting" not in root.tag:
            raise ReadError("is not a list of meetings")
        found = []
        for entry in root.iter("meeting"):
            day = meeting_date(entry)
            meeting = words(entry, "meetingid")
            if day and _NUMBER.fullmatch(meeting):
                cancelled = is_cancelled(words(entry, "meetingstatus"))
                found.append(self._meeting(number, name, meeting, date.fromisoformat(day), cancelled))
        return found

    def _year_of_pages(self, number: str, name: str, year: int) -> list[Meeting]:
        url = f"{self.desk.base}/ieListMeetings.aspx?CId={number}&Year={year}"
        text = self.desk.listing(f"meetings-{number}-{year}.html", url, closed=date(year, 12, 31))
        pieces = _pieces(url, text)
        found = []
        for piece, after in zip(pieces, [*pieces[1:], Piece("")], strict=True):
            meeting = _query(piece.href, "MId")
            day = next(dates_in(piece.words), None)
            if day and meeting and re.search(r"ieListDocuments\.aspx", piece.href or "", re.IGNORECASE):
                cancelled = after.href is None and is_cancelled(after.words)
                found.append(self._meeting(number, name, meeting, day.value, cancelled))
        return found

    def _meeting(self, committee: str, name: str, number: str, day: date, cancelled: bool) -> Meeting:
        url = f"{self.desk.base}/ieListDocuments.aspx?CId={committee}&MId={number}&Ver=4"
        return self.desk.meeting(number, name, day, url, cancelled)

    # -- one meeting ---------------------------------------------------------------------------------

    def gather(self, meeting: Meeting) -> Gathered:
        """Fetch a meeting and, where its minutes stand elsewhere, those too."""
        if self.how == "service":
            try:
                return self._gather_from_service(meeting)
            except Blocked:
                raise
            except (FetchError, ReadError):
                self._note("the web service failed some questions: those were put to the pages")
        return self._gather_from_page(meeting)

    def _gather_from_service(self, meeting: Meeting) -> Gathered:
        answer = self.desk.web.get(self._service("GetMeeting", f"lMeetingId={meeting.meeting_id}"))
        root = parse(page_text(answer))
        element = root if root.tag == "meeting" else root.find(".//meeting")
        if element is None or words(element, "meetingid") != meeting.meeting_id:
            raise ReadError("is not the meeting asked for")
        if is_cancelled(words(element, "meetingstatus")):
            meeting = replace(meeting, status="cancelled")
        there = has_minutes(element)
        minutes: Minutes = "none" if not there else "draft" if is_draft(element) else "final"
        kind = "minutes" if there else "agenda"
        status = minutes if there else ""
        files = [File(f"meeting-{meeting.meeting_id}.xml", answer, kind, meeting.url, status)]
        meeting = replace(meeting, minutes=minutes)
        if there or meeting.status == "cancelled":
            return Gathered(meeting, tuple(files))
        linked = _linked_minutes(element)
        if linked or flag(element, "minutepublished"):
            return self._with_printed(meeting, files, linked)
        return Gathered(meeting, tuple(files))

    def _with_printed(self, meeting: Meeting, files: list[File], linked: tuple[str, str] | None) -> Gathered:
        """Add the minutes that are only a document: linked from the service's answer, or from the page."""
        try:
            if linked is None:
                page = self.desk.web.get(meeting.url)
                linked = _printed_minutes(_pieces(meeting.url, page_text(page)))
            return self._with_document(meeting, files, linked) if linked else Gathered(meeting, tuple(files))
        except FetchError as exc:
            return Gathered(replace(meeting, minutes="failed", problem=f"{exc.url}: {exc.reason}"), tuple(files))

    def _with_document(self, meeting: Meeting, files: list[File], linked: tuple[str, str]) -> Gathered:
        href, title = linked
        try:
            url = urljoin(f"{self.desk.base}/", quote(href, safe="/:?=&%#+,;@!$'()*~[]"))
        except ValueError as exc:
            raise FetchError(meeting.url, "links to minutes at an address that is none") from exc
        answer = self.desk.web.get(url)
        minutes: Minutes = "draft" if _DRAFT.search(title) else "final"
        name = f"g{meeting.meeting_id}-minutes{document_ending(answer)}"
        files = [*files, File(name, answer, "minutes", url, minutes)]
        return Gathered(replace(meeting, minutes=minutes), tuple(files))

    def _gather_from_page(self, meeting: Meeting) -> Gathered:
        answer = self.desk.web.get(meeting.url)
        page = page_text(answer)
        pieces = _pieces(meeting.url, page)
        reading = html.read(page)
        if _NOT_HELD.search(f"{reading.title}\n{reading.text[:600]}"):
            meeting = replace(meeting, status="cancelled")
        there = _MINUTES_LINE.search(reading.text) is not None
        printed = _printed_minutes(pieces)
        draft = printed is not None and _DRAFT.search(printed[1])
        minutes: Minutes = "none" if not there else "draft" if draft else "final"
        kind = "minutes" if there else "agenda"
        files = [File(f"meeting-{meeting.meeting_id}.html", answer, kind, meeting.url, minutes if there else "")]
        meeting = replace(meeting, minutes=minutes)
        if there:
            return self._with_full_items(meeting, files, pieces)
        return self._with_printed(meeting, files, printed) if printed else Gathered(meeting, tuple(files))

    def _with_full_items(self, meeting: Meeting, files: list[File], pieces: Sequence[Piece]) -> Gathered:
        """Add the pages of the items that the meeting's page cuts off."""
        numbers = dict.fromkeys(
            _query(piece.href, "ID")
            for piece in pieces
            if re.search(r"mgAi\.aspx", piece.href or "", re.I)
            and re.search(r"full .*text|testun llawn", piece.words, re.I)
        )
        problem = None
        for number in filter(None, numbers):
            url = f"{self.desk.base}/mgAi.aspx?ID={number}"
            try:
                files.append(File(f"item-{number}.html", self.desk.web.get(url), "minutes", url, meeting.minutes))
            except FetchError as exc:
                problem = f"{exc.url}: {exc.reason}"
        if problem:
            meeting = replace(meeting, minutes="partial", problem=problem)
        return Gathered(meeting, tuple(files))

    def _service(self, operation: str, query: str = "") -> str:
        return f"{self.desk.base}/{SERVICE}/{operation}" + (f"?{query}" if query else "")

    def _note(self, text: str) -> None:
        if text not in self.desk.notes:
            self.desk.notes.append(text)


def _pieces(url: str, text: str) -> list[Piece]:
    """Return the pieces of a ModernGov page.

    Raises:
        FetchError: it is another page, say one that says sorry.
    """
    if not _MARKS.search(text):
        raise FetchError(url, "is not a page of ModernGov as we know it")
    return pieces_of(text)


def _query(href: str | None, name: str) -> str:
    """Return a number from the query of a link, whatever the case of its name; empty if there is none."""
    values = {key.lower(): value for key, value in parse_qs(urlsplit(href or "").query).items()}
    value = values.get(name.lower(), [""])[0].strip()
    return value if _NUMBER.fullmatch(value) else ""


def _printed_minutes(pieces: Sequence[Piece]) -> tuple[str, str] | None:
    """Return (address, words) of the printed minutes of the meeting itself among the links of its page."""
    for piece in pieces:
        if re.search(r"documents/g\d+/", piece.href or "", re.IGNORECASE) and _PRINTED.match(piece.words):
            return piece.href or "", piece.words
    return None


def _linked_minutes(meeting: Element) -> tuple[str, str] | None:
    """Return (address, title) of a document of the meeting itself, not of an item, that is its minutes."""
    of_items = {id(linked) for item in meeting.iter("agendaitem") for linked in item.iter("linkeddoc")}
    for linked in meeting.iter("linkeddoc"):
        title, url = words(linked, "title"), words(linked, "url")
        if id(linked) not in of_items and url and _PRINTED.search(title) and not flag(linked, "isrestricted"):
            return url, title
    return None
