"""A meeting of the ModernGov web service becomes text with items that can be cited."""

import html

import pytest

from corpus.errors import ReadError
from ingest.moderngov_xml import parse, read
from ingest.reading import Reading
from ingest.structure import items_of, parts_of


def item(number: str = "20414", title: str = "Mill Lane Footbridge", **fields: str) -> str:
    """An agenda item; the values of ``fields`` are escaped as the service escapes HTML."""
    inner = "".join(f"<{name}>{html.escape(value)}</{name}>" for name, value in fields.items())
    names = f"<agendaitemid>{number}</agendaitemid><agendaitemtitle>{title}</agendaitemtitle>"
    return f"<agendaitem>{names}{inner}</agendaitem>"


def meeting(*items: str, more: str = "", status: str = "Confirmed") -> str:
    """A whole answer."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<meeting xmlns="http://moderngov.co.uk/namespaces">'
        f"<meetingid>4417</meetingid><meetingdate>05/10/2026</meetingdate><meetingstatus>{status}</meetingstatus>"
        f"<meetingtime>7.00 pm</meetingtime>{more}<agendaitems>{''.join(items)}</agendaitems></meeting>"
    )


def lines(reading: Reading) -> list[str]:
    """The written lines of a reading."""
    return [line for line in reading.text.splitlines() if line]


def test_meeting_has_title_date_and_items() -> None:
    """The minute number goes before the agenda number; the anchor is the one of the page."""
    numbered = item(agendaitemnumber="3", fulldisplaynumberformat="3.", minutesitemnumber="286")
    reading = read(meeting(numbered, item("20415", "Trees", fulldisplaynumberformat="4a."), item("20416", "Urgent")))
    assert reading.date == "2026-10-05"
    assert [(mark.number, mark.title, mark.anchor) for mark in reading.marks] == [
        ("286", "Mill Lane Footbridge", "AI20414"),
        ("4a", "Trees", "AI20415"),
        (None, "Urgent", "AI20416"),
    ]
    for mark, heading in zip(reading.marks, ("286. Mill Lane Footbridge", "4a. Trees", "Urgent"), strict=True):
        assert reading.text[mark.start :].startswith(heading + "\n")


def test_committee_is_named_where_the_service_names_it() -> None:
    """Title and first line."""
    reading = read(meeting(more="<committeetitle>Planning Committee</committeetitle>"))
    assert reading.title == "Planning Committee – 2026-10-05"
    assert lines(reading)[0] == "Planning Committee - 05/10/2026 7.00 pm"


def test_agenda_decision_and_minutes_are_told_apart() -> None:
    """What was recommended, what was decided and what was said are parts of different kinds."""
    reading = read(
        meeting(
            item(
                minutesitemnumber="7",
                agendatext="<p>That the bridge be closed.</p>",
                decisionnonemptyhtmlbody="<p>The bridge stays open.</p>",
                minutesnonemptyhtmlbody="<p>Members spoke.</p><p>RESOLVED that it stay open.</p>",
            )
        )
    )
    (found,) = items_of(reading)
    parts = parts_of(reading.text, found.start, found.end, "minutes")
    kinds = {part.kind for part in parts if "be closed" in reading.text[part.start : part.end]}
    assert kinds == {"agenda"}
    kinds = {part.kind for part in parts if "stay" in reading.text[part.start : part.end]}
    assert kinds == {"decision"}


def test_word_html_becomes_paragraphs() -> None:
    """Lines broken in the middle of a sentence are joined, empty paragraphs and hidden spans are gone."""
    body = (
        '<div class="WordSection1"><p class="MsoNormal">The Committee\nconsidered&nbsp;the\n<span class=\n"SpellE">'
        'footbridge</span>.<span class="mgHide">hidden</span></p><p class="MsoNormal">&nbsp;</p><p>Noted.</p></div>'
    )
    reading = read(meeting(item(minutesnonemptyhtmlbody=body)))
    assert lines(reading)[-3:] == ["Minutes:", "The Committee considered the footbridge.", "Noted."]


def test_entities_are_decoded_as_often_as_they_were_encoded() -> None:
    """In titles and in bodies."""
    reading = read(
        meeting(item(title="Children&amp;#39;s &amp;amp; Young People", agendatext="<p>The council&amp;#39;s</p>"))
    )
    assert reading.marks[0].title == "Children's & Young People"
    assert lines(reading)[-1] == "The council's"


def test_body_escaped_twice_is_html_all_the_same() -> None:
    """No tags in the text."""
    reading = read(meeting(item(minutesnonemptyhtmlbody=html.escape("<p>Noted.</p>"))))
    assert lines(reading)[-1] == "Noted."


def test_debris_of_titles_is_left_out() -> None:
    """References and sizes are the system's, not the council's."""
    linked = "<linkeddocuments><linkeddoc><title>Plan PDF 368 KB</title></linkeddoc></linkeddocuments>"
    given = item(title="Mill Lane (ref: 13567)").replace("</agendaitem>", f"{linked}</agendaitem>")
    reading = read(meeting(given))
    assert reading.marks[0].title == "Mill Lane"
    assert lines(reading)[-2:] == ["Additional documents:", "• Plan"]


def test_restricted_item_is_named_and_not_given() -> None:
    """Neither its text nor its minutes are taken over, and the item is marked."""
    reading = read(
        meeting(
            item(
                isrestricted="True",
                agendatext="<p>Secret</p>",
                minutesnonemptyhtmlbody="<p>Sold.</p>",
                agendaitemnumber="4",
            )
        )
    )
    assert lines(reading)[-2:] == ["4. Mill Lane Footbridge", "Restricted item: not published"]
    (found,) = items_of(reading)
    assert found.restricted


def test_restricted_document_is_not_listed() -> None:
    """Only what is published."""
    inner = "<title>Exempt annex</title><isrestricted>True</isrestricted>"
    linked = f"<linkeddocuments><linkeddoc>{inner}</linkeddoc></linkeddocuments>"
    assert "Exempt annex" not in read(meeting(item().replace("</agendaitem>", f"{linked}</agendaitem>"))).text


def test_attendance_is_told_with_roles() -> None:
    """Who was there, who was not."""
    people = (
        '<attendees><attendee name="Councillor Ida Fenn" roledescription="Chair" attendance="Present"/>'
        '<attendee name="Councillor Oz Brandreth" roledescription="Member" attendance="Apologies"/>'
        '<attendee name="Rhoda Quill" roledescription="Clerk" attendance="In attendance"/></attendees>'
    )
    assert lines(read(meeting(more=people)))[1:] == [
        "Attendance:",
        "Present: Councillor Ida Fenn (Chair), Rhoda Quill (Clerk)",
        "Apologies: Councillor Oz Brandreth",
    ]


def test_cancelled_meeting_says_so() -> None:
    """It has no minutes and never will."""
    assert "This meeting was not held. Status: Cancelled" in lines(read(meeting(status="Cancelled")))


def test_draft_is_noted() -> None:
    """Minutes that the service has and does not call published."""
    more = "<minutepublished>False</minutepublished>"
    given = item(minutesnonemptyhtmlbody="<p>Noted.</p>")
    assert read(meeting(given, more=more)).notes == ("the minutes are a draft",)
    assert read(meeting(given)).notes == ()


def test_meeting_that_is_not_displayed_gives_nothing_away() -> None:
    """isdisplayallowed False."""
    reading = read(meeting(item(), more="<isdisplayallowed>False</isdisplayallowed>"))
    assert reading.marks == ()
    assert "Footbridge" not in reading.text


def test_forbidden_characters_are_passed_over() -> None:
    """Control characters, as such or by number, that XML does not allow."""
    assert "A bridge" in read(meeting(item(title="A&#x1F; br\x0bidge"))).text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<meeting><meetingid>1</meetingid>", "not whole XML"),
        ("<rss><channel/></rss>", "not a meeting"),
        ("Server Error", "not whole XML"),
        ('<!DOCTYPE meeting [<!ENTITY a "b">]><meeting><meetingid>1</meetingid></meeting>', "document type"),
        ('<!-- <a> --><!DOCTYPE meeting SYSTEM "file:///etc/passwd"><meeting/>', "document type"),
    ],
)
def test_other_files_are_refused(text: str, why: str) -> None:
    """Broken XML, other XML, and document types, which could be bombs."""
    with pytest.raises(ReadError, match=why):
        read(text)


def test_word_document_type_inside_a_cdata_section_is_text() -> None:
    """Only a document type of the XML itself is refused."""
    assert parse("<a><![CDATA[<!DOCTYPE html><p>x</p>]]></a>").text == "<!DOCTYPE html><p>x</p>"
