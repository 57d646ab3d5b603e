"""Readers: each format gives the words of the source, with pages, items and addresses where it shows them."""

import re
from pathlib import Path

import docx
import pytest

from ingest.readers import read
from ingest.reading import Reading
from ingest.structure import items_of
from tests.printed_minutes import render


def reading_of(tmp_path: Path, name: str, content: str | bytes) -> Reading:
    file = tmp_path / name
    file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return read(file)


# -- PDF ---------------------------------------------------------------------------------------------

PRINTED = """head: Oxwold District Council – Cabinet – 4 March 2024

# OXWOLD DISTRICT COUNCIL

12. Apologies
(Item 1)

Councillor Ferncastle.

13. Accommo\\-dation for young people
(Item 2)

Members thanked the hostel for its accommodation.

---

14. Cost-effective heating
(Item 3)

The Head of Property said that heat pumps were cost-effective and that
a sentence which is begun upon one page

---

is sometimes ended upon the next. That is all.

15. Closing remarks
(Item 4)

The Chair closed the meeting at 9 pm.
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return reading_of(tmp_path_factory.mktemp("printed"), "minutes.pdf", render(PRINTED))


def page_texts(reading: Reading) -> list[str]:
    return [reading.text[page.start : page.end] for page in reading.pages]


def test_pdf_pages_are_numbered_and_hold_their_own_words(printed: Reading) -> None:
    first, second, third = page_texts(printed)
    assert [page.number for page in printed.pages] == [1, 2, 3]
    assert first.startswith("OXWOLD DISTRICT COUNCIL")
    assert first.endswith("for its accommodation.")
    assert second.startswith("14. Cost-effective heating")
    assert third.startswith("is sometimes ended upon the next.")
    assert third.endswith("closed the meeting at 9 pm.")


def test_pdf_running_heads_and_page_numbers_are_gone_and_noted(printed: Reading) -> None:
    assert "4 March 2024" not in printed.text
    assert not {"1", "2", "3"} & {line.strip() for line in printed.text.splitlines()}
    assert any("Oxwold District Council – Cabinet – 4 March 2024" in note for note in printed.notes)


def test_pdf_item_lines_at_a_page_edge_are_not_running_heads(printed: Reading) -> None:
    """ "(Item 3)" near the top of one page and "(Item 4)" of the next are alike but for the number."""
    assert [(item.number, item.title) for item in items_of(printed)] == [
        ("12", "Apologies"),
        ("13", "Accommodation for young people"),
        ("14", "Cost-effective heating"),
        ("15", "Closing remarks"),
    ]
    assert [line for line in printed.text.splitlines() if line.startswith("(Item")] == [
        "(Item 1)",
        "(Item 2)",
        "(Item 3)",
        "(Item 4)",
    ]


def test_pdf_head_with_a_page_number_in_it_is_gone(tmp_path: Path) -> None:
    """ "Page 3 of 4" and the like: only the number tells one page's head from the next."""
    import io

    from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

    out = io.BytesIO()
    canvas = Canvas(out)
    for number, words in enumerate(("Ducks were discussed.", "Geese were not.", "Swans came up.", "All left."), 1):
        canvas.drawString(72, 800, f"Oxwold Council, 4 March 2024, sheet {number} of 4")
        canvas.drawString(72, 700, words)
        canvas.showPage()
    canvas.save()
    reading = reading_of(tmp_path, "a.pdf", out.getvalue())
    assert page_texts(reading) == ["Ducks were discussed.", "Geese were not.", "Swans came up.", "All left."]


def test_pdf_whose_pages_are_all_alike_keeps_its_words(tmp_path: Path) -> None:
    page = "The Council noted the position."
    reading = reading_of(tmp_path, "a.pdf", render(f"{page}\n\n---\n\n{page}\n\n---\n\n{page}"))
    assert page in reading.text


def test_pdf_word_broken_at_a_line_end_is_mended(tmp_path: Path) -> None:
    filler = "The report on housing was long and members read all of it with care before they spoke about accommo"
    source = f"Officers had found accommodation.\n\n{filler}\\-dation once more."
    assert "accommodation once more" in reading_of(tmp_path, "a.pdf", render(source)).text.replace("\n", " ")


@pytest.mark.parametrize(
    ("lines", "mended"),
    [
        (["The accommo-", "dation was full."], "accommodation was full"),
        (["It is cost-effective.", "A cost-", "effective scheme."], "A cost-effective scheme"),
        (["A lease and a hold.", "The lease-", "hold flats. All leasehold."], "The leasehold flats"),
        (["Mrs Smith-", "Jones spoke."], "Mrs Smith-Jones spoke"),
        (["A well and a being.", "Of well-", "being."], "Of well-being"),
    ],
)
def test_pdf_hyphen_at_a_line_end_follows_the_document(tmp_path: Path, lines: list[str], mended: str) -> None:
    import io

    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    for position, line in enumerate(lines):
        canvas.drawString(72, 700 - 14 * position, line)
    canvas.save()
    assert mended in reading_of(tmp_path, "a.pdf", out.getvalue()).text.replace("\n", " ")


# -- web pages ---------------------------------------------------------------------------------------

MEETING_PAGE = """<!DOCTYPE html><html><head><title>Agenda for Cabinet on Monday, 4th March, 2024</title>
<meta name="DC.title" content="Agenda for Cabinet on Monday, 4th March, 2024, 2.00 pm"/>
<meta name="DC.date" content="2024-03-04"/>
<link rel="canonical" href="https://democracy.oxwold.example/ieListDocuments.aspx?MId=1"/></head><body>
<nav>Home > Committees</nav><script>var secret = 1;</script>
<div id="modgov"><h2>Cabinet - Monday, 4th March, 2024 2.00 pm</h2>
<table class="mgItemTable">
<tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt"><a name="AI501"></a>7.</p></td>
<td><p class="mgAiTitleTxt">Duck pond &amp; reeds</p><p>That the pond be drained.</p>
<p class="mgSubItemTitleTxt">Decision:</p><p>That the pond be kept.</p>
<p class="mgSubItemTitleTxt">Minutes:</p><p>Members spoke of ducks.<br/>And of geese.</p></td></tr>
<tr><td class="mgItemNumberCell"><p class="mgAiTitleTxt"><a name="AI502"></a>8.</p></td>
<td><p class="mgAiTitleTxt">Swings</p><p class="mgSubItemTitleTxt">Minutes:</p>
<p>The swings were mentioned and ...</p><p><a href="x">View the full minutes text for item 8.</a></p></td></tr>
</table></div><footer>Cookies</footer></body></html>"""


def test_html_meeting_page_gives_items_with_number_title_and_anchor(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, "page.html", MEETING_PAGE)
    items = items_of(reading)
    assert [(item.number, item.title, item.anchor) for item in items] == [
        ("7", "Duck pond & reeds", "AI501"),
        ("8", "Swings", "AI502"),
    ]
    first = reading.text[items[0].start : items[0].end]
    assert first.startswith("7. Duck pond & reeds\n")
    assert "The swings" not in first


def test_html_item_that_is_cut_off_is_partial(tmp_path: Path) -> None:
    whole, cut = items_of(reading_of(tmp_path, "page.html", MEETING_PAGE))
    assert (whole.partial, cut.partial) == (False, True)


def test_html_page_says_its_title_date_and_address(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, "page.html", MEETING_PAGE)
    assert reading.title == "Agenda for Cabinet on Monday, 4th March, 2024, 2.00 pm"
    assert reading.date == "2024-03-04"
    assert reading.url == "https://democracy.oxwold.example/ieListDocuments.aspx?MId=1"


def test_html_scripts_navigation_and_chrome_are_left_out(tmp_path: Path) -> None:
    text = reading_of(tmp_path, "page.html", MEETING_PAGE).text
    assert not [word for word in ("secret", "Home >", "Cookies", "<p>") if word in text]
    assert "Members spoke of ducks.\nAnd of geese." in text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/relative.aspx", "ftp://x.example/a"])
def test_html_address_that_is_not_of_the_web_is_not_taken(tmp_path: Path, url: str) -> None:
    page = f'<html><head><link rel="canonical" href="{url}"></head><body><p>Noted.</p></body></html>'
    assert reading_of(tmp_path, "page.html", page).url is None


def test_html_table_rows_are_lines_and_lists_have_bullets(tmp_path: Path) -> None:
    page = """<html><body><table><tr><th>Street</th><th>Speed</th></tr><tr><td>Abbots Lane</td><td>27.4</td></tr>
    </table><ul><li>First</li><li>Second</li></ul><p>Fish &lt;b&gt; chips</p></body></html>"""
    text = reading_of(tmp_path, "page.html", page).text
    assert "Street | Speed\n" in text
    assert "Abbots Lane | 27.4\n" in text
    assert "• First\n" in text
    assert "Fish <b> chips" in text


# -- Markdown, Word, text ----------------------------------------------------------------------------


def test_markdown_front_matter_gives_title_and_address(tmp_path: Path) -> None:
    source = (
        '---\ntitle: "Corporate Parenting Board"\nurl: https://x.example/1\n---\n\n# Item **one**\n\nText *here*.\n'
    )
    reading = reading_of(tmp_path, "a.md", source)
    assert reading.title == "Corporate Parenting Board"
    assert reading.url == "https://x.example/1"
    assert reading.text == "Corporate Parenting Board\n\nItem one\n\nText here.\n"


def test_markdown_keeps_the_numbers_of_lists_and_the_rows_of_tables(tmp_path: Path) -> None:
    source = "RESOLVED\n\n3. that it be noted\n4. that it be done\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    text = reading_of(tmp_path, "a.md", source).text
    assert "3. that it be noted" in text
    assert "4. that it be done" in text
    assert "a | b" in text
    assert "1 | 2" in text


def test_word_document_gives_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_heading("Finance", level=1)
    word.add_paragraph("Balances were noted.")
    table = word.add_table(rows=2, cols=2)
    for cell, words in zip((c for row in table.rows for c in row.cells), ("Payee", "£", "HMRC", "104.20"), strict=True):
        cell.text = words
    word.add_paragraph("The Clerk left.")
    word.save(str(tmp_path / "minutes.docx"))
    reading = read(tmp_path / "minutes.docx")
    assert reading.text == "Finance\n\nBalances were noted.\n\nPayee | £\nHMRC | 104.20\n\nThe Clerk left.\n"
    (mark,) = reading.marks
    assert (mark.title, reading.text[mark.start :].startswith("Finance")) == ("Finance", True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_encodings_that_councils_use(tmp_path: Path, encoding: str) -> None:
    text = "The Clerk’s fee – £40 – was agreed at the café.\n"
    assert reading_of(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_text_line_ends_are_unified_and_words_stay(tmp_path: Path) -> None:
    assert reading_of(tmp_path, "a.txt", b"One\r\ntwo\rthree  four\n").text == "One\ntwo\nthree  four\n"


def test_symbol_font_bullets_become_bullets(tmp_path: Path) -> None:
    assert reading_of(tmp_path, "a.txt", "\uf0b7 First\n\uf0a7 Second\n").text == "• First\n▪ Second\n"


def test_ligatures_soft_hyphens_and_control_characters_are_mended(tmp_path: Path) -> None:
    text = reading_of(tmp_path, "a.txt", "The oﬃcer ﬁled it re\u00adpeat\u200bedly\x07.\n").text
    assert text == "The officer filed it repeatedly.\n"


# -- content before name -----------------------------------------------------------------------------


def test_web_page_named_pdf_is_read_as_a_web_page(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, "minutes.pdf", MEETING_PAGE)
    assert len(items_of(reading)) == 2
    assert "is named .pdf but holds html" in reading.notes


def test_pdf_named_txt_is_read_as_a_pdf(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, "minutes.txt", render("The ducks were fed."))
    assert reading.text == "The ducks were fed.\n"
    assert "is named .txt but holds pdf" in reading.notes


def test_name_that_fits_is_not_remarked_upon(tmp_path: Path) -> None:
    assert reading_of(tmp_path, "a.HTM", "<html><p>Noted.</p></html>").notes == ()
    assert reading_of(tmp_path, "a.txt", "Noted.").notes == ()


# -- pages that nest too deeply ------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["div", "section", "b", "ul><li", "table><tr><td", "blockquote"])
def test_words_of_a_page_that_nests_too_deeply_are_all_read_in_order(tag: str, tmp_path: Path) -> None:
    deep = "".join(f"<{tag}>Goose {n}. " for n in range(5_000))
    closed = "".join(f"</{part}>" for part in reversed(tag.split("><")))
    page = f"<html><body><p>First.</p>{deep}{closed * 5_000}<p>Between.</p><div><p>Last.</p></div></body></html>"
    reading = reading_of(tmp_path, "deep.html", page)
    words = re.findall(r"First|Goose \d+|Between|Last", reading.text)
    assert words == ["First", *(f"Goose {n}" for n in range(5_000)), "Between", "Last"]
    (note,) = reading.notes
    assert note.startswith("elements inside one another more than 256 deep")
    assert reading.text.endswith("Between.\n\nLast.\n")


def test_page_that_nests_as_pages_do_is_read_as_it_stands(tmp_path: Path) -> None:
    listed = "".join(f"<li>Goose {n}<p>Seen" for n in range(2_000))
    rows = "".join(f"<tr><td>Duck {n}<td>Fed" for n in range(2_000))
    page = f"<html><body>{'<div>' * 60}<ul>{listed}</ul><table>{rows}</table>{'</div>' * 60}</body></html>"
    reading = reading_of(tmp_path, "page.html", page)
    assert reading.notes == ()
    assert reading.text.count("• Goose") == 2_000
    assert "\n\nDuck 1999 | Fed\n" in reading.text
