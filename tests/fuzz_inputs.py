"""What inputs of the fuzz targets are made of: words of minutes, and what breaks programs."""

ODD = (
    "\u202e \u2066 \u200f \ufeff \u200b \u0000 \u0007 \u001b[2J \u0085 \u2028 \u00a0 \u00ad ſ \u212a İ ı ß ﬁ ² ٣ ५ ½ Ⅷ "
    "\ud800 \udfff \U0001f469\u200d\U0001f467 e\u0301\u0301\u0301 \uffff \ufdd0 \U0010ffff ￼ ␀ 𝟙𝟚"
).split(" ")
FRAGMENTS = (
    "\n", "\n\n", "\r\n", "\t", " ", "  ", "\x0c", ".", ":", ";", " – ", "“", "”", '"', "'", "(", ")", "£4.5m", "|",
    "Minutes:", "Decision:", "Additional documents:", "Recorded Vote", "RESOLVED that ", "AGREED", "(Item 3)\n",
    "1. Apologies\n", "12 ", "3.1 ", "05.18.07 ", "07/18 ", "(7) ", "(8) That ", "a) ", "• ", "(iv) ", "Page 3 of 9",
    "Moved by Cllr Fern, seconded by Cllr Vole", "The amendment was LOST", "carried", "withdrawn", "put to the vote",
    "For: 9, Against: 41, Abstain: 8", "9 votes to 4", "unanimously", "Present: Cllr A. Fern (Chair), Mr. B. Vole",
    "Apologies were received from ", "declared an interest in item 4", "ACTION: AF to write", "Agenda item\n",
    "Meeting: 3 May 2024 - Cabinet (Item 7)\n", "view the full minutes text for item 7", "Oxwold District Council",
    "3 May 2024", "03/05/2024", "2024-05-03", "31.2.2023", "29 February 2024", "21ST OCTOBER 2019", "Auguſt 2020",
    "between 2019 and 2021", "last two years", "last ſix months", "since May 2020", "in 2023", "until 31/12/2019",
    "authority:Kent ", 'committee:"Planning" ', "kind:decision ", "kınd:motion ", "from:2024-05 ", "to:",
    "-planning ", '-"car park" ', "How did Kent and Tower Hamlets ", "q=", "&k=", "&from=", "&authority=Kent", "%00",
    "%ff", "+", "<p>", "</p>", "<table><tr><td>", "</td></tr></table>", "<li>", "<br>", "<div>", "</div>",
    "<a href='", "'>x</a>", "<td class='mgItemNumberCell'><a name='AI1'></a>3.</td>",
    "<p class='mgAiTitleTxt'>Bins</p>", "id='modgov' mgContent", "<!--", "-->", "<![CDATA[", "]]>",
    "<?xml version='1.0'?>", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;", "&#xD800;", "&#0;",
    "<meeting><meetingid>7</meetingid>", "</meeting>", "<agendaitem>", "</agendaitem>", "<title>", "</title>",
    "<style>", "<agendaitemtitle>Bins</agendaitemtitle>", "<minutesnonemptyhtmlbody>&lt;p&gt;x",
    "</minutesnonemptyhtmlbody>", "# Heading\n", "---\ntitle: x\n---\n", "| a | b |\n|---|---|\n", "```\n", "* x\n",
    "[x](http://[", "http://[", "<w:p><w:r><w:t>", "</w:t></w:r></w:p>",
    "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>", "<w:pPr><w:pStyle w:val='Heading1'/></w:pPr>",
    '<a href="minutes.pdf">Minutes 3 May 2024</a>', "ieListDocuments.aspx?CId=1&MId=7",
    "mgCommitteeDetails.aspx?ID=1", "/Meeting/7/Committee/2/", "dnn$ctr1$MeetingCalendarPublic",
    "/tabid/1/ctl/x/mid/1/", "Document.ashx", "%PDF-", '{"question": "', '"}', '{"k": 1e400}', "[", "{", "null",
    "NaN", '"authority": [', "\\ud800", "=cmd|' /C calc'!A0",
    "<a href='http://[/minutes.pdf'>Minutes 3 May 2026</a>", "<a href='http://[/mgCommitteeDetails.aspx?ID=1'>x</a>",
    "<a href='http://[/Meeting/7/Committee/2/'>x</a>", "<a href='http://[/documents/g7/'>Printed minutes</a>",
    *ODD,
)  # fmt: skip

_MINUTES = (
    "Oxwold District Council\nPlanning Committee\nMinutes of the meeting held on 3 May 2024\n"
    "Present: Cllr A. Fern (Chair)"
    "\n\n1. Apologies\n\nApologies were received from Cllr Vole.\n\n2. Bins\n\nMinutes:\nMoved by Cllr Fern, "
    "seconded by Cllr Vole, that bins be emptied.\nThe amendment was put to the vote and LOST (9 for, 41 against).\n"
    "\nRESOLVED that:\n"
    "(1) bins be emptied; and\n(2) the report be noted.\n\n3. Geese\n\nACTION: AF to count geese.\n"
)
_PAGE = (
    "<html><title>Minutes</title><body id='modgov' class='mgContent'><table class='mgItemTable'><tr>"
    "<td class='mgItemNumberCell'><a name='AI7'></a>1.</td><td><p class='mgAiTitleTxt'>Bins</p><p>Minutes:</p>"
    "<ul><li>One<br>two</ul></td></tr></table><a href='ieListDocuments.aspx?CId=1&MId=7'>3 May 2026</a>"
    "<a href='mgCommitteeDetails.aspx?ID=1'>Cabinet</a><a href='/minutes.pdf'>Minutes 3 May 2026</a>"
    "<a href='/x/tabid/1/ctl/y/mid/2/Meeting/7/Committee/2/'>Cabinet</a><p>Monday, 4 May</p></body></html>"
)
_XML = (
    "<meeting><meetingid>7</meetingid><committeetitle>Cabinet</committeetitle><meetingdate>03/05/2024</meetingdate>"
    "<agendaitem><agendaitemid>4</agendaitemid><agendaitemnumber>1</agendaitemnumber><agendaitemtitle>Bins"
    "</agendaitemtitle><minutesnonemptyhtmlbody>&lt;p&gt;Emptied.&lt;/p&gt;</minutesnonemptyhtmlbody></agendaitem>"
    "<linkeddoc><title>Printed minutes</title><url>http://council.example/a.pdf</url></linkeddoc></meeting>"
)
FOUND = (  # each of these once broke what is promised
    ("text", "Oxwold District Council\nMinutes of the meeting held on 3 Auguſt 2020\nThe motion was loſt.\n".encode()),
    ("printed", b"Moved by Cllr Fern " + b"R" * 110 + b"ee V\n"),
    ("site", b"<a href='http://[/minutes.pdf'>Minutes 3 May 2026</a> mgContent"),
    ("site", b"mgContent <a href='http://[/mgCommitteeDetails.aspx?ID=1'>Cabinet</a>"),
    ("listed", b"path,url\na.txt,http://[\n"),
    (
        "text",
        b"Oxwold District Council\nMinutes\n\n1. Bins\nMoved by Cllr Fern. For: " + b"9" * 5000 + b" against: 1\n",
    ),
    ("text", b"Minutes\n\n1. Bins\nMoved by Cllr Fern. For (" + b"9" * 5000 + b") A Against (1) B\n"),
    ("dates", "3 Auguſt 2020; bins in the last ſix months".encode()),
    ("question", "kınd:motion bins of £4 mıllion in the last ſix months".encode()),
)
SEEDS: dict[str, tuple[bytes, ...]] = {
    "text": (_MINUTES.encode(), _MINUTES.encode("utf-16")),
    "page": (_PAGE.encode(),),
    "notes": (f"---\ntitle: Minutes\n---\n# Bins\n\n{_MINUTES}".encode(), b"| a | b |\n|---|---|\n| 1 | 2 |\n"),
    "meeting": (_XML.encode(),),
    "printed": (f"{_MINUTES}\fPage 2\n{_MINUTES}".encode(),),
    "word": (b"<w:p><w:r><w:t>RESOLVED that</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>",),
    "file": (b"\0" + _MINUTES.encode(), b"\2" + _PAGE.encode(), b"\3" + _XML.encode(), b"\1PK\3\4word/"),
    "site": (_PAGE.encode(), _XML.encode(), f"<meetings>{_XML}</meetings>".encode()),
    "listed": (
        b"path,authority,committee,date,url,kind\na.txt,Kent,Cabinet,2024-05-03,https://kent.example/a,minutes\n",
    ),
    "saved": (
        b'{"format": 1, "parts": [{"path": "catalogue.sqlite", "size": 9, "checksum": "00"}]}',
        b'{"format": 1, "parts": [{"path": "../catalogue.sqlite", "size": 9, "checksum": "00"}]}',
    ),
    "picture": (
        b'{"width": 1, "height": 1, "letters": "a"}\n\0\0\0\0\xff\xff\xff\xff\x89PNG IEND\xaeB`\x82',
        b'{"problem": "x"}\n',
    ),
    "model": (b"The Council fed the geese [1]. It counted 40 of them [2, 3].\nNO ANSWER",),
    "dates": (b"Thursday, 13th February, 2025; 29/06/2021; since May 2020; last two years",),
    "question": (b'authority:Kent "former relevant child" -planning bins in the last two years from:2024-05',),
    "address": (b"q=bins&k=10&from=2024-05-31&authority=Kent&kind=decision&spread=1&expand=none",),
    "body": (b'{"question": "bins", "authority": ["Kent"], "from": "2024-05-31", "k": 5, "stream": true}',),
    "export": (b"=cmd|' /C calc'!A0", b"Care leavers\r\nSet-Cookie: x"),
}
