"""A meeting as the ModernGov web service gives it (the answer of GetMeeting, kept as a file).

The text is built as that of a ModernGov page is: "12. Title" heads an item, then come the agenda's text,
the lines "Decision:" and "Minutes:" with what follows them, and the documents. What the service marks as
restricted is not taken over, only that it is.
"""

import html as entities
import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from corpus.errors import ReadError
from ingest import html
from ingest.dates import dates_in
from ingest.plain import tidy
from ingest.reading import Mark, Reading

RESTRICTED = "Restricted item: not published"
_CANCELLED = re.compile(r"cancel|postpone|abandon|withdrawn", re.IGNORECASE)
_FORBIDDEN = re.compile(r"&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.IGNORECASE)
_LEFT_OVER = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});", re.IGNORECASE)
_DEBRIS = re.compile(r"(?:\s*(?:\(?ref: \d+\)?|\(?(?:PDF )?\d+ [KM]B\)?))+\s*$", re.IGNORECASE)


def parse(text: str) -> Element:
    """Parse XML, its namespaces left out and its names in lower case.

    Raises:
        ReadError: it is not XML, or has a document type (which no committee system sends, and attacks do).
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(encoding="utf-8")

    def refuse(*_: object) -> None:
        raise ReadError("is XML with a document type: it was not read")

    def name(tag: str) -> str:
        return tag.rpartition(":")[2].lower()

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, attributes: builder.start(name(tag), attributes)
    parser.EndElementHandler = lambda tag: builder.end(name(tag))
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(_FORBIDDEN.sub("", tidy(text).strip()).encode("utf-8", "replace"), True)
    except expat.ExpatError as exc:
        raise ReadError(f"is not whole XML ({exc}): fetch it again") from exc
    return builder.close()


def words(element: Element | None, name: str) -> str:
    """Return the words of a child on one line; entities that were encoded twice are decoded twice."""
    found = (element.findtext(name) if element is not None else None) or ""
    return " ".join(_unescaped(found).replace("\u00a0", " ").split())


def flag(element: Element, name: str) -> bool | None:
    """Return a "True"/"False" child, None where there is none."""
    return {"true": True, "1": True, "false": False, "0": False}.get(words(element, name).lower())


def is_cancelled(status: str) -> bool:
    """Tell the status of a meeting that was not held."""
    return _CANCELLED.search(status) is not None


def has_minutes(meeting: Element) -> bool:
    """Tell whether the service gives the minutes' text of any item."""
    return any(_body(item, "minutesnonemptyhtmlbody") for item in meeting.iter("agendaitem") if not _restricted(item))


def is_draft(meeting: Element) -> bool:
    """Tell minutes that the service holds but does not call published."""
    return flag(meeting, "minutepublished") is False or "draft" in words(meeting, "meetingstatus").lower()


def meeting_date(meeting: Element) -> str | None:
    """Return the date of a meeting (ISO); the service writes it day first."""
    found = next(dates_in(words(meeting, "meetingdate")), None)
    return found.value.isoformat() if found else None


def read(text: str) -> Reading:
    """Read a meeting.

    Raises:
        ReadError: it is not XML of a ModernGov meeting.
    """
    root = parse(text)
    meeting = root if root.tag == "meeting" else root.find(".//meeting")
    if meeting is None or meeting.find("meetingid") is None:
        raise ReadError("is XML, but not a meeting of a ModernGov web service")
    committee = words(meeting, "committeetitle") or words(meeting, "committeename")
    date = meeting_date(meeting)
    writer = _Writer()
    for block in _head(meeting, committee):
        writer.add(block)
    if flag(meeting, "isdisplayallowed") is False:
        writer.add("The details of this meeting are not published.")
    else:
        for item in meeting.iter("agendaitem"):
            _write_item(item, writer)
    title = f"{committee or 'Meeting'} – {date}" if date else committee or None
    notes = ("the minutes are a draft",) if has_minutes(meeting) and is_draft(meeting) else ()
    return Reading("\n\n".join(writer.blocks) + "\n", marks=tuple(writer.marks), title=title, date=date, notes=notes)


@dataclass
class _Writer:
    """Blocks of text with an empty line between, and the marks of the items among them."""

    blocks: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    length: int = 0

    def add(self, block: str) -> None:
        block = tidy(block).strip()
        if block:
            self.blocks.append(block)
            self.length += len(block) + 2


def _head(meeting: Element, committee: str) -> list[str]:
    when = " ".join(filter(None, (words(meeting, "meetingdate"), words(meeting, "meetingtime"))))
    status, place = words(meeting, "meetingstatus"), words(meeting, "meetinglocation")
    lines = [f"{committee} - {when}" if committee else f"Meeting of {when}"]
    if is_cancelled(status):
        lines.append(f"This meeting was not held. Status: {status}")
    lines += [f"Venue: {place}"] if place else []
    people = [_person(element) for element in meeting.iter("attendee")]
    if people:
        lines.append("Attendance:")
        present = [name for name, absent in people if name and not absent]
        absent = [name for name, absent in people if name and absent]
        lines += [f"Present: {', '.join(present)}"] if present else []
        lines += [f"Apologies: {', '.join(absent)}"] if absent else []
    return lines


def _person(attendee: Element) -> tuple[str, bool]:
    """Return the name of somebody with their role, and whether they were not there."""
    values = {key.lower(): " ".join(_unescaped(value).split()) for key, value in attendee.attrib.items()}
    name, role = values.get("name", ""), values.get("roledescription", "")
    absent = re.search(r"apolog|absent|not present", values.get("attendance", ""), re.IGNORECASE)
    return (f"{name} ({role})" if name and role and role.lower() != "member" else name), absent is not None


def _write_item(item: Element, writer: _Writer) -> None:
    number = (
        words(item, "minutesitemnumber") or words(item, "fulldisplaynumberformat") or words(item, "agendaitemnumber")
    )
    number = number.rstrip(".")
    title = _DEBRIS.sub("", words(item, "agendaitemtitle")) or "Item"
    anchor = words(item, "agendaitemid")
    writer.marks.append(Mark(writer.length, title, number or None, f"AI{anchor}" if anchor else None))
    writer.add(f"{number}. {title}" if number else title)
    if _restricted(item):
        writer.add(RESTRICTED)
        return
    writer.add(_body(item, "agendatext"))
    for label, name in (("Decision:", "decisionnonemptyhtmlbody"), ("Minutes:", "minutesnonemptyhtmlbody")):
        if body := _body(item, name):
            writer.add(label)
            writer.add(body)
    documents = [
        f"• {_DEBRIS.sub('', title)}"
        for linked in item.iter("linkeddoc")
        if (title := words(linked, "title")) and not flag(linked, "isrestricted")
    ]
    if documents:
        writer.add("Additional documents:")
        for line in documents:
            writer.add(line)


def _restricted(item: Element) -> bool:
    return bool(flag(item, "isrestricted")) or flag(item, "isdisplayallowed") is False


def _body(item: Element, name: str) -> str:
    """Return an escaped fragment of (Word) HTML as text."""
    fragment = item.findtext(name) or ""
    if "<" not in fragment and "&lt;" in fragment:
        fragment = entities.unescape(fragment)
    return _unescaped(html.read(fragment).text).strip()


def _unescaped(text: str) -> str:
    for _ in range(2):
        text = _LEFT_OVER.sub(lambda match: entities.unescape(match.group()), text)
    return text
