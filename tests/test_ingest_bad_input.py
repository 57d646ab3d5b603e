"""Bad input: one line that says what is wrong and what to do, and no cost to anything else in the run."""

import csv
import io
import os
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from corpus.catalogue import Catalogue
from corpus.errors import SourceError
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import Report, ingest
from tests.printed_minutes import render

GOOD = "The ducks on the village pond are fed with oats."


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(render("The accounts were seen.")))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def drawn_pdf(pages: int = 2) -> bytes:
    """A PDF as a scanner makes it: marks on the page, and no text."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for _ in range(pages):
        canvas.line(72, 72, 300, 700)
        canvas.rect(100, 100, 200, 300, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pdf_without_pages() -> bytes:
    writer = pypdf.PdfWriter()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "Minutes.")
    return out.getvalue()


PRINTED = render("head: Oxwold\n\n" + "\n\n".join(f"({n}) Members spoke of ducks, geese and swans." for n in range(60)))

UNREADABLE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty file": ("a.txt", lambda: b"", "is an empty file: download it again"),
    "blank file": ("a.txt", lambda: b" \r\n\t\n" * 50, "is an empty file: download it again"),
    "empty PDF": ("a.pdf", lambda: b"", "is an empty file: download it again"),
    "encrypted PDF": ("a.pdf", encrypted_pdf, "is encrypted: remove its password and ingest it again"),
    "PDF of images": (
        "a.pdf",
        drawn_pdf,
        r"has no text layer .2 pages hold only images or outlines."
        r"(, and OCR finds no words in them: check|: install tesseract-ocr and ingest again)",
    ),
    "half a PDF": ("a.pdf", lambda: PRINTED[: len(PRINTED) // 2], "is damaged.*: download it again"),
    "head of a PDF": ("a.pdf", lambda: PRINTED[:9], "is damaged.*: download it again"),
    "PDF without pages": ("a.pdf", pdf_without_pages, "has no pages|is damaged.*: download it again"),
    "text named PDF": ("a.pdf", lambda: b"Minutes of the Council", "does not begin like a PDF: download it again"),
    "text named Word": ("a.docx", lambda: b"Minutes of the Council", "is not a Word document: download it again"),
    "plain ZIP": ("a.docx", lambda: zipped("minutes.txt"), "is a ZIP archive.*: unpack it and ingest the folder"),
    "damaged Word": (
        "a.docx",
        lambda: zipped("word/document.xml"),
        "is a damaged Word document: open and save it again",
    ),
    "old Word": ("a.doc.txt", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900, "save it as .docx or PDF"),
    "binary text": ("a.txt", lambda: bytes(range(256)) * 40, "is not text: it holds binary data"),
    "page without words": (
        "a.html",
        lambda: b"<html><body><script>x()</script><p> </p></body></html>",
        "holds no text",
    ),
    "signs without words": ("a.txt", lambda: "\u200b\ufeff\x01".encode(), "holds no text|empty file"),
}


class Run:
    """Ingests one file beside a good document and makes sure that the good one is found."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self.folder = folder / "minutes"
        self.folder.mkdir()
        self.encoder = encoder
        self.catalogue = Catalogue(folder / "data", create=True)

    def __call__(self, name: str, content: bytes) -> Report:
        (self.folder / name).write_bytes(content)
        (self.folder / "z good.txt").write_text(GOOD, encoding="utf-8")
        report = ingest([self.folder], self.catalogue, self.encoder)
        update(self.catalogue, self.encoder)
        assert self.finds("ducks fed with oats", "z good.txt")
        return report

    def finds(self, query: str, path: str) -> bool:
        return path in [hit.path for hit in Searcher(self.catalogue, self.encoder).search(query).hits]


@pytest.fixture
def run(tmp_path: Path, encoder: Encoder) -> Run:
    return Run(tmp_path, encoder)


@pytest.mark.parametrize("case", UNREADABLE)
def test_unreadable_file_is_explained_and_costs_nothing_else(run: Run, case: str) -> None:
    name, content, expected = UNREADABLE[case]
    report = run(name, content())
    ((path, reason),) = report.unreadable
    assert (path, report.new) == (name, 1)
    assert re.search(expected, reason)
    assert "\n" not in reason
    assert ": " in reason  # what to do stands after what is wrong
    assert [source.path for source in run.catalogue.problems()] == [name]


def test_reason_is_given_again_by_the_next_run(run: Run) -> None:
    first = run("a.pdf", encrypted_pdf())
    second = run("a.pdf", encrypted_pdf())
    assert second.unreadable == first.unreadable
    assert second.unchanged == 1


def test_file_that_is_mended_is_read(run: Run) -> None:
    run("a.pdf", PRINTED[: len(PRINTED) // 2])
    report = run("a.pdf", PRINTED)
    assert (report.unreadable, run.catalogue.problems()) == ([], [])
    assert run.finds("geese and swans", "a.pdf")


def test_file_that_breaks_keeps_its_readable_version(run: Run) -> None:
    run("a.pdf", PRINTED)
    report = run("a.pdf", PRINTED[: len(PRINTED) // 2])
    assert len(report.unreadable) == 1
    assert run.finds("geese and swans", "a.pdf")


def test_pdf_with_an_empty_password_is_read(run: Run) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(render("The geese were counted.")))
    writer.encrypt("", owner_password="secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert run("a.pdf", out.getvalue()).unreadable == []
    assert run.finds("geese counted", "a.pdf")


def test_pdf_with_some_scanned_pages_is_read_and_says_which(run: Run) -> None:
    writer = pypdf.PdfWriter()
    for part in (render("The geese were counted."), drawn_pdf(1)):
        writer.append(io.BytesIO(part))
    out = io.BytesIO()
    writer.write(out)
    assert run("a.pdf", out.getvalue()).unreadable == []
    row = run.catalogue.connection.execute("SELECT document_id FROM sources WHERE path = 'a.pdf'").fetchone()
    assert "no text on page 2: scanned or blank" in run.catalogue.document(row[0]).notes


def test_text_in_another_encoding_is_read(run: Run) -> None:
    assert run("a.txt", "The café’s geese – £40 – were counted.".encode("cp1252")).unreadable == []
    assert run.finds("café geese £40", "a.txt")


def test_text_of_700_kilobytes_is_read_in_bounded_time(run: Run, encoder: Encoder) -> None:
    words = "Councillor Fern spoke of geese and the meeting went on. "
    text = "".join(f"{n}. {words}\n" for n in range(700_000 // 60))
    assert len(text) > 690_000
    (run.folder / "a.txt").write_text(text, encoding="utf-8")
    began = time.perf_counter()
    report = ingest([run.folder], run.catalogue, encoder)  # not embedded: that takes its time by the word
    assert time.perf_counter() - began < 20
    assert (report.new, report.unreadable) == (1, [])


@pytest.mark.parametrize(
    "text",
    ["a" * 700_000, "1 " * 80_000, "(Item 1)\n" * 20_000, "\n" * 350_000 + "x", "- " * 80_000, "RESOLVED " * 20_000],
    ids=["one word", "numbers", "item lines", "empty lines", "bullets", "decisions"],
)
def test_large_text_of_an_odd_shape_is_read_in_bounded_time(run: Run, encoder: Encoder, text: str) -> None:
    (run.folder / "a.txt").write_text(text, encoding="utf-8")
    began = time.perf_counter()
    report = ingest([run.folder], run.catalogue, encoder)
    assert time.perf_counter() - began < 20
    assert report.new + len(report.unreadable) == 1


def test_deeply_nested_page_is_read(run: Run) -> None:
    page = f"<html><body>{'<div>' * 20_000}<p>The geese were counted.</p>{'</div>' * 20_000}</body></html>"
    assert run("a.html", page.encode()).unreadable == []
    assert run.finds("geese counted", "a.html")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_file_without_read_permission_is_explained(run: Run) -> None:
    run("a.txt", b"Secret.")
    (run.folder / "b.txt").write_bytes(b"Secret.")
    (run.folder / "b.txt").chmod(0)
    ((path, reason),) = run("a.txt", b"Secret.").unreadable
    assert path == "b.txt"
    assert "check its permissions" in reason


def test_link_that_leads_nowhere_is_explained(run: Run) -> None:
    (run.folder / "link.txt").symlink_to(run.folder / "gone.txt")
    ((path, reason),) = run("a.txt", b"The geese were counted.").unreadable
    assert path == "link.txt"
    assert "cannot be opened" in reason


def test_folder_named_like_a_document_does_no_harm(run: Run) -> None:
    (run.folder / "minutes.pdf").mkdir()
    assert run("a.txt", b"The geese were counted.").unreadable == []


def test_folder_without_readable_files_is_an_error(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "photo.jpeg").write_bytes(b"\xff\xd8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    with pytest.raises(SourceError, match=r"There is no \.docx \.htm \.html \.md \.pdf \.txt \.xml file in"):
        ingest([tmp_path / "empty"], catalogue, encoder)


def test_path_that_does_not_exist_is_an_error_before_anything_is_read(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "good.txt").write_text(GOOD, encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    with pytest.raises(SourceError, match=r"There is no file or folder .*gone"):
        ingest([tmp_path / "good.txt", tmp_path / "gone"], catalogue, encoder)
    assert catalogue.connection.execute("SELECT COUNT(*) FROM documents").fetchone()[0] == 0


def test_manifest_cannot_have_files_outside_its_folder_read(run: Run) -> None:
    (run.folder.parent / "secret.txt").write_text("The treasure lies under the oak.", encoding="utf-8")
    (run.folder / "manifest.csv").write_text("path,date\n../secret.txt,2024-05-03\n/etc/hosts,\n", encoding="utf-8")
    report = run("a.txt", b"The geese were counted.")
    assert report.new == 2
    assert not run.finds("treasure under the oak", "secret.txt")
    assert run.catalogue.connection.execute("SELECT COUNT(*) FROM sources").fetchone()[0] == 2


def test_awkward_pdfs_are_read_or_explained(shared: Path, tmp_path: Path, encoder: Encoder) -> None:
    folder = shared / "nasty_pdfs"
    if not (folder / "expected.csv").is_file():
        pytest.skip("../shared/nasty_pdfs is not here")
    catalogue = Catalogue(tmp_path / "data", create=True)
    report = ingest([folder], catalogue, encoder)
    unreadable = dict(report.unreadable)
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = dict(
        catalogue.connection.execute(
            "SELECT s.path, d.text FROM sources s JOIN documents d USING (document_id)"
        ).fetchall()
    )
    assert {row["path"] for row in rows} <= texts.keys() | unreadable.keys()
    for row in rows:
        path, found, expected = row["path"], texts.get(row["path"], ""), int(row["poppler_chars"] or 0)
        if row["expectation"] == "text":
            assert path not in unreadable, f"{path}: {unreadable[path]}"
            assert len("".join(found.split())) >= expected * 0.5
        elif row["expectation"] == "encrypted":
            assert "is encrypted" in unreadable[path]
        elif row["expectation"] == "no text":
            assert len(found.strip()) <= max(expected, 80)  # a word or two of an image's title at the most
        elif path not in unreadable:  # a web page is read as one whatever its name; half a file may be rescued
            assert path in {"made_truncated_half.pdf", "made_html_named_pdf.pdf"}
    assert all(": " in reason and "\n" not in reason for reason in unreadable.values())
