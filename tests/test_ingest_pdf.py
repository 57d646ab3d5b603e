"""PDF pages: which reading of a page is taken, what is repaired, and what is said about it."""

import io
from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase

import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from corpus.catalogue import Catalogue
from corpus.errors import EmptyDocumentError, ReadError
from ingest import garble, ocr, pdf, pdfium
from ingest.pipeline import ingest
from ingest.plain import tidy
from tests.made_pdfs import column_by_column, many_pages, one_page, scanned, word_by_word
from tests.printed_minutes import render

GEESE = "The geese on the village pond were counted by the Clerk, and the Council noted that there were forty of them."
SWANS = "Councillor Ferncastle asked whether the swans had been seen, and was told that they had been gone since May."
DUCKS = "Members heard that ducks are fed with oats, and asked that bread be kept from them in the summer."
WORDS = " ".join([GEESE, SWANS] * 2)

needs_tesseract = pytest.mark.skipif(not ocr.available(), reason="tesseract is not installed")


class Words:
    """A measure of passages that needs no model."""

    token_limit = 256

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def joined(*parts: bytes) -> bytes:
    writer = pypdf.PdfWriter()
    for part in parts:
        writer.append(io.BytesIO(part))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def blank() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def without_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


# -- OCR ---------------------------------------------------------------------------------------------


@needs_tesseract
def test_scanned_page_is_read_by_ocr_and_marked() -> None:
    reading = pdf.read(joined(render(WORDS), scanned(render(DUCKS)), render(WORDS)))
    assert reading.routes == ("pypdf", "ocr", "pypdf")
    second = reading.pages[1]
    assert flat(reading.text[second.start : second.end]) == DUCKS
    assert any(note.startswith("page 2 read by OCR, ") for note in reading.notes)
    assert not reading.wants_ocr


@needs_tesseract
def test_stamp_on_a_scan_does_not_pass_for_its_text() -> None:
    reading = pdf.read(scanned(render(SWANS), stamp="Agenda Item 5"))
    assert reading.routes == ("ocr",)
    assert SWANS in flat(reading.text)


@needs_tesseract
def test_garbled_text_layer_gives_way_to_what_is_seen() -> None:
    shifted = "".join(chr(ord(letter) - 29) if letter.isalpha() else letter for letter in WORDS)
    lines = [shifted[start : start + 80] for start in range(0, len(shifted), 80)]
    reading = pdf.read(scanned(render(WORDS), hidden=lines))
    assert reading.routes == ("ocr",)
    assert GEESE in flat(reading.text)


@needs_tesseract
def test_good_hidden_text_of_a_scan_is_taken_as_it_is() -> None:
    reading = pdf.read(scanned(render(WORDS), hidden=[GEESE, SWANS, GEESE, SWANS]))
    assert reading.routes == ("pypdf",)


def test_blank_and_short_pages_are_not_read_by_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pgm: bytes, dpi: int) -> ocr.Seen:
        raise AssertionError("OCR was used")

    monkeypatch.setattr(ocr, "read", refuse)
    reading = pdf.read(joined(render(WORDS), blank(), render("Signed: ........ Dated: ........")))
    assert reading.routes == ("pypdf", "pypdf", "pypdf")
    assert "no text on page 2: scanned or blank" in reading.notes


def test_ocr_that_takes_too_long_is_said_and_costs_only_its_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(pgm: bytes, dpi: int) -> ocr.Seen:
        raise ocr.OcrError("took longer than 60 s")

    monkeypatch.setattr(ocr, "read", slow)
    monkeypatch.setattr(ocr, "available", lambda: True)
    data = joined(render(WORDS), scanned(render(SWANS)))
    assert "page 2: OCR failed (took longer than 60 s)" in pdf.read(data).notes
    monkeypatch.setattr(pdf, "OCR_SECONDS", -1.0)
    assert any("page 2: not read, OCR took longer than" in note for note in pdf.read(data).notes)


@pytest.mark.usefixtures("without_tesseract")
def test_missing_tesseract_is_one_clear_note() -> None:
    with pytest.raises(EmptyDocumentError, match=r"2 pages hold only .*: install tesseract-ocr and ingest again$"):
        pdf.read(scanned(render(f"{WORDS}\n\n---\n\n{WORDS}")))
    reading = pdf.read(joined(render(WORDS), scanned(render(SWANS)), scanned(render(GEESE))))
    assert "pages 2, 3 have no good text layer: install tesseract-ocr and ingest again" in reading.notes
    assert reading.wants_ocr


@needs_tesseract
def test_installing_tesseract_makes_the_next_run_read_what_wanted_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "minutes"
    folder.mkdir()
    (folder / "part.pdf").write_bytes(joined(render(WORDS), scanned(render(SWANS))))
    (folder / "scan.pdf").write_bytes(scanned(render(GEESE)))
    (folder / "text.pdf").write_bytes(render(f"{WORDS} {DUCKS}"))
    catalogue = Catalogue(tmp_path / "data", create=True)

    def outcome() -> tuple[int, int, int, int]:
        report = ingest([folder], catalogue, Words())
        return report.new, report.updated, report.unchanged, len(report.unreadable)

    with monkeypatch.context() as absent:
        absent.setenv("PATH", str(tmp_path))
        assert outcome() == (2, 0, 0, 1)
        assert outcome() == (0, 0, 2, 1)
    assert outcome() == (1, 1, 1, 0)
    assert outcome() == (0, 0, 3, 0)
    with monkeypatch.context() as absent:  # what was read stays read
        absent.setenv("PATH", str(tmp_path))
        assert outcome() == (0, 0, 3, 0)
    catalogue.close()


# -- the measure of a text -----------------------------------------------------------------------------

WELSH = "Cofnodion cyfarfod y Cyngor a gynhaliwyd ar nos Fercher yn y Neuadd. Roedd y Cadeirydd yn bresennol ac fe " * 3
FIGURES = "Payments\nZurich 1,204.50 240.90 1,445.40\nHMRC 88.00\n22/03172/F 14 High St\nBACS DD 0031 £12.40\n" * 9
NAMES = "Mr T Bond, Mrs P T Cole, Mr R C Love OBE, Ms S Hamilton, Dr L Sullivan, Mr H Rayner, Cllr Wright\n" * 5


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (WORDS, None),
        (WELSH, None),
        (FIGURES, None),
        (NAMES, None),
        ("Noted.", None),
        ("• \uf0b7 one of the points\n\uf0b7 another of them\n" * 30, None),
        (WORDS.replace(" ", ""), "spaces dropped"),
        (" ".join(WORDS), "letters apart"),
        ("\ufffd\ue012 " * 40 + WORDS, "unknown signs"),
        ("PRESE/glyph’’97T " + WORDS, "glyph names"),
        ("(cid:12)(cid:44) " + WORDS, "glyph names"),
        ("".join(chr(ord(letter) - 29) if letter.isalpha() else letter for letter in WORDS), "no likely words"),
        (WORDS.lower().translate(str.maketrans(ascii_lowercase, ascii_lowercase[::-1])), "no likely words"),
    ],
)
def test_poor_text_is_told_by_measure(text: str, fault: str | None) -> None:
    assert garble.poor(text) == fault
    if fault:
        assert garble.worth(text) < garble.worth(WORDS)


def test_pages_of_the_shared_minutes_are_not_taken_for_garbage(shared: Path) -> None:
    """A false alarm costs a second of OCR a page; real minutes, names and tables must raise none."""
    files = [file for file in sorted((shared / "minutes").rglob("*.pdf")) if file.stem != "2008-07-08"][::6]
    texts = [text for file in files for text in page_texts(file)]
    assert len(texts) > 50
    assert [garble.poor(text) for text in texts if garble.poor(text)] == []


def page_texts(file: Path) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(file).pages]


# -- repairs -------------------------------------------------------------------------------------------


def test_n_that_became_a_slash_is_put_back_where_two_words_show_it() -> None:
    text = "PRESE/T Dick /oble D/\nA. /orman /R and/or 22/6 AND/OR IL/RB\n12 /ext Meeting. /B: no meeting in August."
    (mended,), note = garble.mend_slashes([text])
    assert mended == (
        "PRESENT Dick Noble DN\nA. Norman NR and/or 22/6 AND/OR IL/RB\n12 Next Meeting. /B: no meeting in August."
    )
    assert note is not None
    assert "read as N in 6 places, as in '/ext'" in note


def test_one_slash_in_a_word_is_only_named() -> None:
    texts, note = garble.mend_slashes(["12 /ext Meeting, and/or A/C 12/3, TBC/CF"])
    assert texts == ["12 /ext Meeting, and/or A/C 12/3, TBC/CF"]
    assert note == "a letter may be lost from the text layer: '/ext'"
    assert garble.mend_slashes(["and /or the AND/OR of N/A, w/c 3/4, Yes/No"])[1] is None


def test_lost_letters_of_a_real_file_are_put_back(shared: Path) -> None:
    file = shared / "minutes" / "ayton_cc" / "2008-07-08.pdf"
    if not file.is_file():
        pytest.skip("that file is not here")
    reading = pdf.read(file.read_bytes())
    for words in ("PRESENT Rob Boyd", "Norman Robertson NR", "Dick Noble DN", "Next Meeting", "NB – No meeting"):
        assert words in flat(reading.text)
    assert "glyph" not in reading.text
    assert any("'/' read as N in 5 places" in note for note in reading.notes)


def test_private_use_bullets_are_mended() -> None:
    assert tidy("\uf0b7 Ducks") == "• Ducks"


# -- pdfium ----------------------------------------------------------------------------------------------


def test_pdfium_reads_what_pypdf_cannot_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no such object")

    monkeypatch.setattr(pdf, "PdfReader", broken)
    reading = pdf.read(render(f"{WORDS}\n\n---\n\n{WORDS} {WORDS}"))
    assert reading.routes == ("pdfium", "pdfium")
    assert GEESE in flat(reading.text)
    assert "damaged (no such object): some of it may be missing" in reading.notes


def test_page_that_pypdf_fails_on_is_read_by_pdfium(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> str:
        raise RecursionError

    monkeypatch.setattr(pypdf.PageObject, "extract_text", broken)
    reading = pdf.read(render(WORDS))
    assert reading.routes == ("pdfium",)
    assert "page 1 read by pdfium (pypdf: failed)" in reading.notes
    monkeypatch.setattr(pdfium, "usable", False)
    with pytest.raises(
        ReadError, match=r"is damaged or far larger than it seems .pdfium crashed on it.|is damaged: none of its pages"
    ):
        pdf.read(render(WORDS))


def test_word_that_pdfium_joins_over_a_line_end_is_left_to_the_document() -> None:
    lines = b"(Members read the report on accommo-) Tj T* (dation for young people.) Tj"
    with pdfium.opened(one_page(b"BT /F 10 Tf 12 TL 50 800 Td %s ET" % lines)) as opened:
        text = opened.text(1)
    assert "\ufffe" not in text
    assert "\x02" not in text
    assert "accommo-\ndation" in text


def test_large_page_is_drawn_within_bounds() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(14_400, 14_400))
    canvas.rect(100, 100, 9_000, 9_000, fill=1)
    canvas.showPage()
    canvas.save()
    with pdfium.opened(out.getvalue()) as opened:
        picture = opened.picture(1)
    assert len(picture.pgm) < pdfium.MAX_PIXELS * 1.01
    assert picture.dark > 1_000_000


def test_document_of_too_many_pages_or_characters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 20)
    with pytest.raises(ReadError, match="has 21 pages, more than 20: split it"):
        pdf.read(many_pages(21))
    assert len(pdf.read(many_pages(20)).pages) == 20
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 10_000)
    with pytest.raises(ReadError, match=r"holds more than .* characters: split it"):
        pdf.read(many_pages(20))


# -- words that stand apart ------------------------------------------------------------------------------


def test_words_that_were_set_one_by_one_are_read_as_the_lines_they_make() -> None:
    lines = [f"The geese of pond {n} were counted by the warden and fed with oats." for n in range(1, 9)]
    reading = pdf.read(word_by_word(lines))
    assert reading.text.split("\n")[:-1] == lines
    assert reading.routes == ("pdfium",)
    assert reading.notes == ("page 1 read by pdfium (pypdf: words apart)",)


def test_table_that_was_written_column_by_column_is_read_row_by_row() -> None:
    names = "Ducks Geese Swans Terns Larks Rooks Coots Wrens".split()
    rows = [["Bird", "Spring", "Autumn", "Change"]]
    rows += [[name, f"{n}00.5", f"{n}10.5", "-" if n % 2 else "(2.0)"] for n, name in enumerate(names, 1)]
    reading = pdf.read(column_by_column(rows))
    assert reading.text.split("\n")[:-1] == [" | ".join(row) for row in rows]
    assert reading.notes == ("page 1 read by pdfium (pypdf: words apart)",)


def test_cell_of_a_wrapped_table_is_not_lost() -> None:
    rows = [[f"{name}", "12.0", "(3.1)"] for name in "Ash Beech Birch Elm Hazel Holly Lime Oak Pine Yew".split()]
    rows.insert(4, ["", "", "un-"])
    rows.insert(5, ["Rowan", "", "known"])
    text = pdf.read(column_by_column(rows)).text
    assert sorted("".join(text.split()).replace("|", "")) == sorted("".join(cell for row in rows for cell in row))
    assert "Hazel | 12.0 | (3.1)" in text


def test_list_with_a_word_to_a_line_stays_as_it_is() -> None:
    names = [f"Fern{chr(97 + n)}" for n in range(26)]
    reading = pdf.read(column_by_column([[name] for name in names]))
    assert reading.text.split() == names
    assert reading.routes == ("pypdf",)


def test_quotes_of_rows_are_parts_of_the_stored_text(tmp_path: Path) -> None:
    rows = [[f"Ward{n}", f"{n}.5", f"{n}.7", f"{n}.9"] for n in range(1, 30)]
    (tmp_path / "a.pdf").write_bytes(column_by_column(rows))
    catalogue = Catalogue(tmp_path / "data", create=True)
    assert ingest([tmp_path / "a.pdf"], catalogue, Words()).new == 1
    (key,) = catalogue.connection.execute("SELECT document_id FROM documents").fetchone()
    document = catalogue.document(key)
    assert all(document.text[one.start : one.end] == one.text for one in document.passages)
    assert any("Ward7 | 7.5 | 7.7 | 7.9" in one.text for one in document.passages)
