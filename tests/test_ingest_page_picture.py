"""The picture of a page: of the file that was read and no other, with the quote's lines where they are printed."""

import io
import time
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, PictureError
from corpus.model import Document, Page, Source
from index.encoder import Encoder
from ingest import page_picture as pictures
from ingest.fingerprint import of_file
from ingest.identity import Given
from ingest.page_picture import FOLDER, PagePicture, forget_pictures, page_picture
from ingest.pipeline import ingest
from tests import made_pdfs
from tests.printed_minutes import render

WIDTH, HEIGHT = made_pdfs.A4
MINUTES = """head: Little Wendle Town Council - Minutes

# LITTLE WENDLE TOWN COUNCIL

# Minutes of the meeting held on 4 March 2024

12. Otters at the mill

(1) The Clerk reported that a family of otters had moved in below the mill and that the accommo\\-dation of
the anglers' boats would have to be thought about again before the summer.

(2) RESOLVED that the sluice be left open.

13. Herons at the weir

(1) Councillor Sedge said that the herons took more fish than the anglers did, and asked for a count.

(2) RESOLVED that the sluice be left open.

---

14. Bats in the vestry

(1) It was noted that the bats had returned to the vestry, and that nothing could be done until October.
"""


def drawn(lines: list[tuple[float, float, str]], turned: int = 0) -> bytes:
    """Return a PDF of one page with lines of 11 points at places counted from the bottom left."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=made_pdfs.A4, invariant=1)
    canvas.setPageRotation(turned)
    canvas.setFont("Helvetica", 11)
    for x, y, text in lines:
        canvas.drawString(x, y, text)
    canvas.save()
    return out.getvalue()


def held(tmp_path: Path, pdf: bytes, text: str) -> Catalogue:
    """Return a catalogue that holds a file of one page, "d", as if a reader had made this of it."""
    file = tmp_path / "minutes.pdf"
    file.write_bytes(pdf)
    catalogue = Catalogue(tmp_path / "data", create=True)
    document = Document("d", text, "Minutes", "minutes", pages=(Page(1, 0, len(text)),))
    catalogue.save(document, Source(str(file), file.name, str(of_file(file, Given(name="minutes"))), "d"))
    return catalogue


def picture_of(catalogue: Catalogue, quote: str, which: int = 0) -> PagePicture:
    """Return the picture of page 1 of "d" with the ``which``-th place of a quote marked."""
    text, start = catalogue.document("d").text, -1
    for _ in range(which + 1):
        start = text.index(quote, start + 1)
    return page_picture(catalogue, "d", 1, (start, start + len(quote)))


@pytest.fixture
def minutes(tmp_path: Path, encoder: Encoder) -> tuple[Catalogue, Document]:
    """Printed minutes of two pages, ingested."""
    (tmp_path / "minutes.pdf").write_bytes(render(MINUTES))
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([tmp_path / "minutes.pdf"], catalogue, encoder)
    (document_id,) = [row[0] for row in catalogue.connection.execute("SELECT document_id FROM documents")]
    return catalogue, catalogue.document(document_id)


def test_every_passage_of_printed_minutes_is_marked(minutes: tuple[Catalogue, Document]) -> None:
    catalogue, document = minutes
    assert {passage.page for passage in document.passages} == {1, 2}
    for passage in document.passages:
        assert passage.page
        picture = page_picture(catalogue, document.document_id, passage.page, (passage.start, passage.end))
        assert picture.words_found == picture.words > 0
        assert picture.boxes
        for box in picture.boxes:
            assert 0 <= box.left < box.left + box.width <= 1
            assert 0 <= box.top < box.top + box.height <= 1
            assert 8 / HEIGHT < box.height < 18 / HEIGHT  # one line of 11 points


def test_picture_is_a_png_of_the_size_it_says(minutes: tuple[Catalogue, Document]) -> None:
    catalogue, document = minutes
    picture = page_picture(catalogue, document.document_id, 2)
    assert ImageReader(io.BytesIO(picture.png)).getSize() == (picture.width, picture.height)
    assert picture.height / picture.width == pytest.approx(297 / 210, rel=0.01)
    assert picture.boxes == ()


def test_word_broken_at_a_line_end_is_marked_on_both_lines(tmp_path: Path) -> None:
    pdf = drawn([(72, 700, "The otters want accommo-"), (72, 680, "dation below the mill.")])
    picture = picture_of(held(tmp_path, pdf, "The otters want accommodation below the mill."), "accommodation")
    assert (picture.words, picture.words_found, len(picture.boxes)) == (1, 1, 2)
    upper, lower = picture.boxes
    assert upper.left > 130 / WIDTH
    assert lower.left == pytest.approx(72 / WIDTH, abs=0.01)
    assert upper.top < (HEIGHT - 700) / HEIGHT < upper.top + upper.height < lower.top + lower.height


def test_running_head_between_and_columns_out_of_order_do_not_hide_a_quote(tmp_path: Path) -> None:
    lines = [
        (320, 700, "and took the eels as well, every one."),
        (72, 700, "The herons came down to the weir"),
        (72, 400, "Little Wendle Town Council, page 7"),
        (72, 680, "before the anglers were out of bed"),
    ]
    quote = (
        "The herons came down to the weir\nbefore the anglers were out of bed\nand took the eels as well, every one."
    )
    picture = picture_of(held(tmp_path, drawn(lines), quote), quote)
    assert picture.words_found == picture.words == 22
    assert len(picture.boxes) == 3
    assert all(abs(box.top + box.height - (HEIGHT - 400) / HEIGHT) > 0.1 for box in picture.boxes)


def test_the_right_one_of_two_equal_sentences_is_marked(minutes: tuple[Catalogue, Document]) -> None:
    catalogue, document = minutes
    quote = "RESOLVED that the sluice be left open."
    first = document.text.index(quote)
    second = document.text.index(quote, first + 1)
    upper, lower = (
        page_picture(catalogue, document.document_id, 1, (start, start + len(quote))) for start in (first, second)
    )
    assert len(upper.boxes) == len(lower.boxes) == 1
    assert upper.boxes[0].top < lower.boxes[0].top


def test_turned_page_is_marked_where_it_is_seen(tmp_path: Path) -> None:
    pdf = drawn([(72, 300, "The bats were counted twice.")], turned=90)  # so that it runs down the page
    picture = picture_of(held(tmp_path, pdf, "The bats were counted twice."), "The bats were counted twice.")
    (box,) = picture.boxes
    assert box.left + box.width / 2 == pytest.approx(304 / WIDTH, abs=0.01)
    assert box.top == pytest.approx(72 / HEIGHT, abs=0.01)
    assert box.height > 5 * box.width


def test_quote_that_runs_over_the_page_end_is_marked_on_each_page(minutes: tuple[Catalogue, Document]) -> None:
    catalogue, document = minutes
    start = document.text.index("asked for a count")
    end = document.text.index("until October")
    for page in (1, 2):
        picture = page_picture(catalogue, document.document_id, page, (start, end))
        assert picture.words_found == picture.words > 3


def test_words_that_are_not_on_the_page_are_not_marked(tmp_path: Path) -> None:
    catalogue = held(tmp_path, drawn([(72, 700, "The bats were counted twice.")]), "Nobody spoke of any voles at all.")
    picture = picture_of(catalogue, "Nobody spoke of any voles at all.")
    assert (picture.words, picture.words_found, picture.boxes) == (7, 0, ())


def test_scan_is_shown_without_marks(tmp_path: Path) -> None:
    scan = made_pdfs.scanned(drawn([(72, 700, "The bats were counted twice.")]))
    picture = picture_of(held(tmp_path, scan, "The bats were counted twice."), "counted")
    assert picture.png
    assert (picture.words, picture.words_found, picture.boxes) == (1, 0, ())


def test_unknown_documents_and_pages_are_not_found(minutes: tuple[Catalogue, Document]) -> None:
    catalogue, document = minutes
    with pytest.raises(NotFoundError, match="No document"):
        page_picture(catalogue, "../minutes", 1)
    for page in (0, 3, -1, 10**30):
        with pytest.raises(NotFoundError, match="its pages are 1 to 2"):
            page_picture(catalogue, document.document_id, page)


def test_text_file_has_no_pages_to_show(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "minutes.txt").write_text("The Council noted the return of the bats to the vestry.\n")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([tmp_path / "minutes.txt"], catalogue, encoder)
    (document_id,) = catalogue.connection.execute("SELECT document_id FROM documents").fetchone()
    with pytest.raises(NotFoundError, match="no PDF"):
        page_picture(catalogue, document_id, 1)


def test_only_the_file_that_was_read_is_shown(minutes: tuple[Catalogue, Document], tmp_path: Path) -> None:
    catalogue, document = minutes
    file = tmp_path / "minutes.pdf"
    file.write_bytes(drawn([(72, 700, "Something else entirely.")]))
    for _ in range(2):
        with pytest.raises(NotFoundError, match="gone or has changed"):
            page_picture(catalogue, document.document_id, 1)
        file.unlink(missing_ok=True)


def test_another_file_of_the_same_document_is_shown(
    minutes: tuple[Catalogue, Document], tmp_path: Path, encoder: Encoder
) -> None:
    catalogue, document = minutes
    copy = tmp_path / "copy.pdf"
    copy.write_bytes((tmp_path / "minutes.pdf").read_bytes())
    ingest([copy], catalogue, encoder)
    (tmp_path / "minutes.pdf").unlink()
    assert page_picture(catalogue, document.document_id, 1).png


def test_a_manifest_beside_the_file_does_not_take_its_pages_away(
    minutes: tuple[Catalogue, Document], tmp_path: Path, encoder: Encoder
) -> None:
    catalogue, document = minutes
    (tmp_path / "manifest.csv").write_text("path,committee\nminutes.pdf,Rivers Committee\n")
    assert page_picture(catalogue, document.document_id, 1).png
    assert ingest([tmp_path / "minutes.pdf"], catalogue, encoder).updated == 1
    forget_pictures(catalogue)
    assert page_picture(catalogue, document.document_id, 1).png


def test_picture_is_kept_until_pictures_are_forgotten(minutes: tuple[Catalogue, Document], tmp_path: Path) -> None:
    catalogue, document = minutes
    before = page_picture(catalogue, document.document_id, 1, (0, 200))
    (tmp_path / "minutes.pdf").unlink()
    assert page_picture(catalogue, document.document_id, 1, (0, 200)) == before
    forget_pictures(catalogue)
    with pytest.raises(NotFoundError):
        page_picture(catalogue, document.document_id, 1)


def test_spoilt_picture_is_drawn_again(minutes: tuple[Catalogue, Document]) -> None:
    catalogue, document = minutes
    before = page_picture(catalogue, document.document_id, 1, (0, 200))
    (kept,) = (catalogue.directory / FOLDER).iterdir()
    for spoilt in (b"", b"[]\n", b"{}\n", b'"problem"\n', b"\xff\n", kept.read_bytes()[:-9], kept.read_bytes()[:40]):
        kept.write_bytes(spoilt)
        assert page_picture(catalogue, document.document_id, 1, (0, 200)) == before


def test_where_nothing_can_be_kept_pages_are_shown_all_the_same(minutes: tuple[Catalogue, Document]) -> None:
    catalogue, document = minutes
    (catalogue.directory / FOLDER).write_text("in the way")
    assert page_picture(catalogue, document.document_id, 1).png


def test_oldest_pictures_make_room(minutes: tuple[Catalogue, Document], monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue, document = minutes
    page_picture(catalogue, document.document_id, 1)
    (first,) = (catalogue.directory / FOLDER).iterdir()
    monkeypatch.setattr(pictures, "CACHE_BYTES", first.stat().st_size + 100)
    time.sleep(0.02)
    page_picture(catalogue, document.document_id, 2)
    (second,) = (catalogue.directory / FOLDER).iterdir()
    assert second != first


def test_endless_page_costs_bounded_time_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SECONDS", 1.0)
    catalogue = held(tmp_path, made_pdfs.forms_in_forms(), "Ducks and geese.")
    began = time.monotonic()
    with pytest.raises(PictureError, match="longer than 1 s"):
        page_picture(catalogue, "d", 1)
    assert time.monotonic() - began < 15
    (tmp_path / "minutes.pdf").unlink()  # it is known already
    with pytest.raises(PictureError, match="read its text instead"):
        page_picture(catalogue, "d", 1)


def test_page_that_unpacks_to_gigabytes_costs_one_line(tmp_path: Path) -> None:
    catalogue = held(tmp_path, made_pdfs.bomb(), "Ducks and geese.")
    with pytest.raises(PictureError, match="Page 1 cannot be drawn"):
        page_picture(catalogue, "d", 1)


def test_awkward_pdfs_give_a_picture_or_one_line(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "nasty_pdfs").glob("*.pdf"))
    if not files:
        pytest.skip("../shared/nasty_pdfs is not here")
    problems = []
    for number, file in enumerate(files):
        (tmp_path / str(number)).mkdir()
        catalogue = held(tmp_path / str(number), file.read_bytes(), "Ducks and geese.")
        picture = None
        try:
            picture = page_picture(catalogue, "d", 1, (0, 15))
        except PictureError as exc:
            problems.append(str(exc))
        if picture:
            assert ImageReader(io.BytesIO(picture.png)).getSize() == (picture.width, picture.height)
    assert 0 < len(problems) < len(files)
    assert all(problem.startswith("Page 1 cannot be drawn") and "\n" not in problem for problem in problems)


def test_passages_of_real_pdfs_are_marked(shared: Path, tmp_path: Path, encoder: Encoder) -> None:
    files = sorted((shared / "minutes").rglob("*.pdf"))[::20]
    if not files:
        pytest.skip("../shared/minutes is not here")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest(files, catalogue, encoder)
    rows = catalogue.connection.execute(
        'SELECT p.document_id, p.page, p.start, p."end" FROM passages p'
        " JOIN pages g ON g.document_id = p.document_id AND g.number = p.page WHERE g.route != 'ocr' ORDER BY p.row"
    ).fetchall()
    sample = rows[:: max(1, len(rows) // 40)]
    found = [page_picture(catalogue, row[0], row[1], (row[2], row[3])) for row in sample]
    assert sum(picture.words_found >= 0.95 * picture.words for picture in found) >= 0.95 * len(found)
