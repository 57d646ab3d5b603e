"""A council's web site on 127.0.0.1: a small ModernGov and a small CMIS, of an invented authority.

The pages and answers have the shapes that the systems are documented to have; all words are made up. What
can go wrong with a site can be switched on, by a part of the address it concerns.
"""

import html
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

AUTHORITY = "Wychmere Borough Council"
COMMITTEES = {11: "Planning Committee", 12: "Children&amp;#39;s Services Panel"}
QUERY = "opaque="
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF\n"

WORD_MINUTES = (
    '<div class="WordSection1"><p class="MsoNormal">The Committee considered the\nfootbridge at Mill&nbsp;Lane and the '
    "council&amp;#39;s\nreply to residents.</p><p class=\"MsoNormal\">&nbsp;</p>"
    '<p class="MsoNormal"><b>RESOLVED</b> that the footbridge\nbe repaired by June.</p></div>'
)  # fmt: skip


@dataclass
class Item:
    """An item of an agenda; ``cut_off`` shows only its beginning on the meeting's page."""

    number: int
    title: str
    agenda: str = ""
    minutes: str = ""
    restricted: bool = False
    cut_off: bool = False


@dataclass
class Meeting:
    """A meeting of the ModernGov site. ``printed`` is the name of a PDF of its minutes."""

    number: int
    committee: int
    day: date
    status: str = "Confirmed"
    published: bool = False
    items: list[Item] = field(default_factory=list)
    printed: str = ""


def meetings() -> dict[int, Meeting]:
    """The meetings that the site begins with, as of 20 November 2026."""
    listed = [
        Meeting(4401, 11, date(2026, 2, 2), published=True, items=[
            Item(20401, "Apologies", minutes="<p>Apologies came from Councillor Ashdown.</p>"),
            Item(20402, "Heron Quay Car Park", minutes="<p>Members spoke at length of charges.</p>", cut_off=True),
        ]),
        Meeting(4417, 11, date(2026, 10, 5), published=True, items=[
            Item(20414, "Mill Lane Footbridge (ref: 13567)", "<p>Report of the\nHead of Highways.</p>", WORD_MINUTES),
            Item(20415, "Land at Coldharbour", "<p>Exempt papers.</p>", "<p>Sale agreed.</p>", restricted=True),
        ]),
        Meeting(4418, 11, date(2026, 11, 9), items=[Item(20418, "Tree Works", "<p>To consider the programme.</p>")]),
        Meeting(4419, 11, date(2026, 8, 3), "Cancelled"),
        Meeting(4420, 11, date(2026, 12, 7), "Proposed"),
        Meeting(4501, 12, date(2026, 9, 14), published=True, items=[Item(20501, "Fostering")],
                printed="Printed minutes Monday 14-Sep-2026 18.00 Childrens Services Panel.pdf"),
    ]  # fmt: skip
    return {meeting.number: meeting for meeting in listed}


@dataclass
class CmisMeeting:
    """A meeting of the CMIS site; documents are (title, bytes)."""

    number: int
    committee: int
    name: str
    day: date
    status: str = "Complete"
    documents: list[tuple[str, bytes]] = field(default_factory=list)


def cmis_meetings() -> dict[int, CmisMeeting]:
    """The meetings that the CMIS site begins with."""
    listed = [
        CmisMeeting(15042, 4, "Licensing Committee", date(2026, 10, 8), documents=[
            ("Agenda 08102026", PDF),
            ("Minutes of the previous meeting", PDF),
            ("Draft Licensing Minutes 08102026", PDF),
        ]),
        CmisMeeting(15043, 6, "Standards Committee", date(2026, 10, 22), "Cancelled"),
        CmisMeeting(15044, 4, "Licensing Committee", date(2026, 11, 12), "Scheduled", [("Agenda", PDF)]),
    ]  # fmt: skip
    return {meeting.number: meeting for meeting in listed}


Fault = Callable[["_Handler"], bool]


class CouncilSite(ThreadingHTTPServer):
    """The server. ``faults`` maps a part of an address to what happens there: True from it ends the answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.meetings = meetings()
        self.cmis = cmis_meetings()
        self.service = "on"
        self.ignores_dates = False
        self.robots = "User-agent: *\nDisallow: /private/\n"
        self.faults: dict[str, Fault] = {}
        self.asked: list[tuple[str, float]] = []
        self.agents: set[str] = set()
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        """The address of the site."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def paths(self, part: str = "") -> list[str]:
        """What was asked for so far, robots.txt left out."""
        return [path for path, _ in self.asked if part in path and path != "/robots.txt"]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # an answer in one piece: two would wait for each other
    disable_nagle_algorithm = True
    server: CouncilSite

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path = unquote(self.path)
        self.server.asked.append((path, time.monotonic()))
        self.server.agents.add(self.headers["User-Agent"])
        for part, fault in list(self.server.faults.items()):
            if part in path and fault(self):
                return
        parts = urlsplit(path)
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/robots.txt":
            self.reply(200, self.server.robots, "text/plain")
        elif parts.path.startswith("/cmis5/"):
            self.cmis(path)
        elif parts.path.startswith("/mgWebService.asmx/"):
            self.service(parts.path.rpartition("/")[2], query)
        else:
            self.page(parts.path, query)

    def reply(self, status: int, body: str | bytes = "", kind: str = "text/html", **headers: str) -> bool:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)
        return True

    # -- ModernGov -----------------------------------------------------------------------------------

    def service(self, operation: str, query: dict[str, str]) -> None:
        site = self.server
        if site.service == "error":
            self.reply(500, "<html><title>Request format is unrecognized</title></html>")
        elif site.service == "page":
            self.reply(200, "<html><body>This service has been disabled.</body></html>")
        elif site.service != "on":
            self.reply(404, "<html>Not found</html>")
        elif operation == "GetCommittees":
            self.reply(200, _committees_xml(), "text/xml")
        elif operation == "GetMeetings":
            found = [m for m in site.meetings.values() if m.committee == int(query["lcommitteeid"])]
            if not site.ignores_dates:
                first, last = (date(*map(int, query[name].split("/")[::-1])) for name in ("sfromdate", "stodate"))
                found = [meeting for meeting in found if first <= meeting.day <= last]
            self.reply(200, _meetings_xml(found), "text/xml")
        else:
            self.reply(200, _meeting_xml(site.meetings[int(query["lmeetingid"])]), "text/xml")

    def page(self, path: str, query: dict[str, str]) -> None:
        site = self.server
        if path == "/mgListCommittees.aspx":
            links = "".join(
                f'<li><a href="mgCommitteeDetails.aspx?ID={number}">{name.replace("&amp;", "&")}</a></li>'
                for number, name in COMMITTEES.items()
            )
            self.reply(200, _shell("Committee structure", f'<ul class="mgBulletList">{links}</ul>'))
        elif path == "/ieListMeetings.aspx":
            found = [m for m in site.meetings.values() if m.committee == int(query["cid"])]
            found = [m for m in found if m.day.year == int(query["year"])]
            self.reply(200, _shell("Browse meetings", f"<ul>{''.join(map(_row, found))}</ul>"))
        elif path == "/ieListDocuments.aspx":
            self.reply(200, _meeting_page(site.meetings[int(query["mid"])]))
        elif path == "/mgAi.aspx":
            items = [item for meeting in site.meetings.values() for item in meeting.items]
            item = next(item for item in items if item.number == int(query["id"]))
            content = f"<h2>{item.title}</h2><p>Minutes:</p>{item.minutes}<p>All of it.</p>"
            self.reply(200, _shell("Agenda item", content))
        elif path.endswith(".pdf"):
            self.reply(200, PDF, "application/pdf")
        elif path == "/council/minutes":
            self.reply(200, '<p>Minutes</p><a href="/files/Minutes%204%20May%202026.pdf">4 May 2026</a>'
                            '<a href="/files/Agenda.pdf">Agenda</a>')  # fmt: skip
        else:
            self.reply(404, "<html>Not found</html>")

    # -- CMIS ----------------------------------------------------------------------------------------

    def cmis(self, path: str) -> None:
        site = self.server
        view = "/cmis5/Meetings/tabid/70/ctl"
        if path == "/cmis5/Meetings.aspx":
            self.reply(200, '<form><input type="hidden" name="dnn$ctr397$MeetingCalendarPublic$state"></form>')
        elif "MeetingCalendarListView" in path:
            rows = "".join(
                f'<tr class="rgRow"><td><a href="{site.url}{_cmis_path(m)}">{m.day:%d %b %Y} 18:00 - {m.name}</a></td>'
                "<td>Council House</td></tr>"
                for m in site.cmis.values()
            )
            self.reply(200, f"<table>{rows}</table>")
        elif path.startswith(f"{view}/MeetingCalendarPublicNoJava/mid/397/Date/"):
            year, month = map(int, path.split("/Date/")[1].split("-")[:2])
            days = "".join(
                f"<tr><td>{m.day:%A}, {m.day.day} {m.day:%B}</td>"
                f"<td><a href='{_cmis_path(m)}'>18:00 {m.name}</a></td></tr>"
                for m in site.cmis.values()
                if (m.day.year, m.day.month) == (year, month)
            )
            self.reply(200, f"<table><tr><td>Sunday, 1 {date(year, month, 1):%B}</td><td></td></tr>{days}</table>")
        elif "/ViewMeetingPublic/" in path:
            self.reply(200, _cmis_page(site.cmis[int(path.split("/Meeting/")[1].split("/")[0])]))
        elif "Document.ashx" in path:
            number, position = path.split(QUERY)[1].split(".")
            self.reply(200, site.cmis[int(number)].documents[int(position)][1], "application/octet-stream")
        else:
            self.reply(404)


@contextmanager
def running() -> Iterator[CouncilSite]:
    """Serve until the end of the block."""
    site = CouncilSite()
    thread = threading.Thread(target=site.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        site.stopping.set()
        site.shutdown()
        site.server_close()
        thread.join()


# -- faults ------------------------------------------------------------------------------------------


def answers(status: int, times: int = 1_000_000, **headers: str) -> Fault:
    """So many answers with this status, then the usual ones."""
    left = [times]

    def fault(handler: _Handler) -> bool:
        left[0] -= 1
        return left[0] >= 0 and handler.reply(status, "<html>sorry</html>", **headers)

    return fault


def silence(seconds: float = 60.0, times: int = 1_000_000) -> Fault:
    """Nothing at all for a minute, then the usual answer."""
    left = [times]

    def fault(handler: _Handler) -> bool:
        left[0] -= 1
        return left[0] >= 0 and handler.server.stopping.wait(seconds)

    return fault


def drips(head: bytes) -> Fault:
    """A beginning, and then a byte every few milliseconds, for ever."""

    def fault(handler: _Handler) -> bool:
        handler.wfile.write(head)
        while not handler.server.stopping.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()
        return True

    return fault


def huge(announced: bool, size: int = 2_000_000_000) -> Fault:
    """A body of 2 GB, with or without its length said before."""

    def fault(handler: _Handler) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/pdf")
        handler.send_header("Content-Length" if announced else "Connection", str(size) if announced else "close")
        handler.end_headers()
        for _ in range(size // 1_000_000):
            handler.wfile.write(b"x" * 1_000_000)
        return True

    return fault


# -- what the pages look like ------------------------------------------------------------------------


def _committees_xml() -> str:
    rows = "".join(
        f"<committee><committeeid>{number}</committeeid><committeetitle>{name}</committeetitle>"
        "<committeedeleted>False</committeedeleted><committeeexpired>False</committeeexpired></committee>"
        for number, name in COMMITTEES.items()
    )
    gone = "<committee><committeeid>99</committeeid><committeetitle>Old</committeetitle>"
    gone += "<committeedeleted>True</committeedeleted></committee>"
    return (
        '<?xml version="1.0" encoding="utf-8"?><committees xmlns="http://moderngov.co.uk/namespaces">'
        f"{rows}{gone}</committees>"
    )


def _meetings_xml(found: list[Meeting]) -> str:
    rows = "".join(
        f"<meeting><meetingid>{m.number}</meetingid><meetingdate>{m.day:%d/%m/%Y}</meetingdate>"
        f"<meetingstatus>{m.status}</meetingstatus><meetingtime>7.00 pm</meetingtime></meeting>"
        for m in found
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><getmeetings><committee><committeemeetings>'
        f"{rows}</committeemeetings></committee></getmeetings>"
    )


def _meeting_xml(meeting: Meeting) -> str:
    items = "".join(
        f"<agendaitem><agendaitemid>{item.number}</agendaitemid><agendaitemtitle>{item.title}</agendaitemtitle>"
        f"<agendatext>{html.escape(item.agenda)}</agendatext><agendaitemnumber>{position}</agendaitemnumber>"
        f"<fulldisplaynumberformat>{position}.</fulldisplaynumberformat>"
        f"<minutesitemnumber>{position + 40}</minutesitemnumber>"
        f"<minutesnonemptyhtmlbody>{html.escape(item.minutes)}</minutesnonemptyhtmlbody>"
        f"<isrestricted>{item.restricted}</isrestricted><linkeddocuments><linkeddoc><attachmentid>1</attachmentid>"
        "<title>Location plan PDF 368 KB</title><url>documents/s1/Plan.pdf</url><isrestricted>False</isrestricted>"
        "</linkeddoc></linkeddocuments></agendaitem>"
        for position, item in enumerate(meeting.items, 1)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><meeting xmlns="http://moderngov.co.uk/namespaces">'
        f"<meetingid>{meeting.number}</meetingid><meetingdate>{meeting.day:%d/%m/%Y}</meetingdate>"
        f"<meetingstatus>{meeting.status}</meetingstatus><isdisplayallowed>True</isdisplayallowed>"
        "<meetingtime>7.00 pm</meetingtime><meetinglocation>Town Hall, Wychmere</meetinglocation>"
        f"<minutepublished>{meeting.published}</minutepublished><agendaitems>{items}</agendaitems><attendees>"
        '<attendee membertype="Councillor" name="Councillor Ida Fenn" roledescription="Chair" attendance="Present"/>'
        '<attendee membertype="Councillor" name="Councillor Oz Brandreth" attendance="Apologies"/>'
        "</attendees></meeting>"
    )


def _shell(title: str, content: str) -> str:
    """A page of ModernGov around its content; the stamp differs each time, as on real sites."""
    return (
        f"<!DOCTYPE html><html><head><title>{title} - {AUTHORITY}</title>"
        f"<script>stamp={time.monotonic()}</script></head>"
        f'<body><div role="main"><div id="modgov"><h1 class="mgMainTitleTxt">{title}</h1>'
        f'<div class="mgContent">{content}</div></div></div></body></html>'
    )


def _row(meeting: Meeting) -> str:
    words = " - CANCELLED" if meeting.status == "Cancelled" else " - Agenda, Minutes" if meeting.published else ""
    return (
        f'<li><a class="mgMeetingTableLnk" href="ieListDocuments.aspx?CId={meeting.committee}&amp;MId={meeting.number}'
        f'&amp;Ver=4">{meeting.day.day} {meeting.day:%b %Y}&nbsp;7&#58;00 pm</a>{words}</li>'
    )


def _meeting_page(meeting: Meeting) -> str:
    state = ", CANCELLED" if meeting.status == "Cancelled" else ""
    name = html.unescape(html.unescape(COMMITTEES[meeting.committee]))
    parts = [f'<h2 class="mgSubTitleTxt">{name} - Monday {meeting.day.day} {meeting.day:%B %Y} 7.00 pm{state}</h2>']
    if meeting.printed:
        href = f"documents/g{meeting.number}/{meeting.printed}?T=1"
        words = "Printed minutes" if meeting.published else "Printed draft minutes"
        parts.append(f'<a href="{href}">{words} <span>PDF 111 KB</span></a>')
    for position, item in enumerate(meeting.items, 1):
        minutes = (
            f'<p class="mgSubItemTitleTxt">Minutes:</p>{item.minutes}' if item.minutes and not item.restricted else ""
        )
        if item.cut_off:
            minutes = (
                '<p class="mgSubItemTitleTxt">Minutes:</p><p>Members spoke … '
                f'<a href="mgAi.aspx?ID={item.number}">view the full minutes text for item {position}.</a></p>'
            )
        parts.append(
            '<table class="mgItemTable"><tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt">'
            f'<a name="AI{item.number}"></a>{position}.</p></td>'
            f'<td><p class="mgAiTitleTxt">{item.title}</p>{item.agenda}{minutes}</td></tr></table>'
        )
    return _shell("Meeting", "".join(parts))


def _cmis_path(meeting: CmisMeeting) -> str:
    return (
        f"/cmis5/Meetings/tabid/70/ctl/ViewMeetingPublic/mid/397/Meeting/{meeting.number}/Committee/{meeting.committee}"
        "/SelectedTab/Documents/Default.aspx"
    )


def _cmis_page(meeting: CmisMeeting) -> str:
    listed = "".join(
        '<li class="DocumentListItem"><a class="TitleLink" '
        f'href="/cmis5/Document.ashx?{QUERY}{meeting.number}.{position}">{title}</a></li>'
        for position, (title, _) in enumerate(meeting.documents)
    )
    return (
        f'<div class="holder"><div class="DNNLabel">Status:</div><div class="Value Venue">{meeting.status}</div></div>'
        '<div class="holder"><div class="DNNLabel">Venue:</div><div class="Value Venue">Council House</div></div>'
        f"<ul>{listed}</ul>"
    )
