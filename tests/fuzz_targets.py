"""What is fuzzed, and what must hold of every input: used by test_fuzz.py (hypothesis) and fuzz.py (atheris).

A target takes bytes. It fails by raising anything but the domain's own errors, by a violated invariant, or by taking
longer than ``SECONDS``.
"""

import csv
import io
import json
import re
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from corpus import backup, restoring
from corpus.coverage import Meeting
from corpus.errors import CatalogueError, FetchError, MinutebookError, QueryError, ReadError
from corpus.fetched import Shelf
from corpus.model import Document, Motion, Record
from corpus.withdrawals import Place, blanked
from index.analysis import highlights, terms
from index.generation.written import written
from index.understanding import query
from index.understanding.periods import periods_in, typed_period
from index.understanding.suggest import build_vocabulary
from ingest import docx, garble, html, markdown, moderngov_xml, page_worker, plain, readers, sources
from ingest.clean import clean_pages
from ingest.dates import dates_in
from ingest.identity import Given
from ingest.live.cmis import Cmis
from ingest.live.listed import ListedDocuments
from ingest.live.moderngov import ModernGov
from ingest.live.sites import Desk, silently
from ingest.live.web import Answer, Web
from ingest.page_words import fold
from ingest.pdf import _join
from ingest.pipeline import build
from ingest.reading import Reading
from ingest.sources import Candidate
from ingest.understanding import by_words
from webapp.api import json_body
from webapp.query_string import parse as parse_query_string
from webapp.query_string import query_string
from webapp.shown.collected import filename
from webapp.shown.documents import blocks, part_at, valid
from webapp.shown.tables import csv_of

SECONDS = 10.0  # for one input of at most some kilobytes; most take a hundredth
TODAY = date(2026, 6, 1)
HELD = ("Kent County Council", "London Borough of Tower Hamlets", "Oxwold District Council")
CANDIDATE = Candidate(Path("/nowhere/Minutes 3 May 2024.txt"), "minutes.txt", Given(name="Minutes 3 May 2024"))


class WordCount:
    """A measure of passages that needs no model: a token is a word or a sign."""

    token_limit = 60

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words and signs; long words have several."""
        return [sum(1 + len(token) // 8 for token in re.findall(r"\w+|[^\w\s]", text)) for text in texts]


MEASURE = WordCount()


# -- invariants ------------------------------------------------------------------------------------------


def check_reading(reading: Reading) -> None:
    """Build the document of a reading, and check everything that is promised of its offsets and ids."""
    text = reading.text
    text.encode("utf-8")
    assert "\0" not in text
    assert all(0 <= mark.start <= len(text) for mark in reading.marks)
    document = build(reading, CANDIDATE, MEASURE)
    check_document(document)
    assert build(reading, CANDIDATE, MEASURE) == document, "the same reading gives another document"
    shown = blocks(document, None, part_at(document, 0))
    assert "".join("".join(run.text for run in block.runs) + block.after for block in shown) == text[: len(text)]
    some = document.passages[len(document.passages) // 2 :][:1]
    if some:
        place = Place(some[0].start, some[0].end, 1, "withdrawn")
        withdrawn = blanked(document, [place])
        assert len(withdrawn.text) == len(text)
        check_document(withdrawn)


def check_document(document: Document) -> None:
    """Check that offsets are in order and in bounds, passages are parts of the text, and ids are told apart."""
    text, length = document.text, len(document.text)
    ends = [(page.start, page.end) for page in document.pages]
    ends += [(0, 0)] if not ends else []
    assert all(0 <= start <= end <= length for start, end in ends)
    assert all(one[1] <= other[0] for one, other in pairwise(ends))
    assert all(0 <= item.start < item.end <= length for item in document.items)
    assert all(one.end <= other.start for one, other in pairwise(document.items))
    assert all(one.end <= other.start for one, other in pairwise(document.passages))
    for passage in document.passages:
        assert 0 <= passage.start < passage.end <= length
        assert passage.text == text[passage.start : passage.end]
        assert passage.text.strip()
        assert passage.item is None or 0 <= passage.item < len(document.items)
        json.dumps(passage.context).encode()
    assert len({passage.passage_id for passage in document.passages}) == len(document.passages)
    for kept in document.records:
        assert all(0 <= start <= end <= length for start, end in _spans(kept.record))
    for found in (document.authority, document.committee, document.meeting_date, document.venue, document.time):
        assert found.value is None or found.value.strip()
    if document.meeting_date.value:
        date.fromisoformat(document.meeting_date.value)
    valid(document.title).encode()


def _spans(record: Record) -> list[tuple[int, int]]:
    spans = [(record.start, record.end)]
    if isinstance(record, Motion):
        spans += [(record.outcome_start or 0, record.outcome_end or 0)]
        spans += [(record.vote.start, record.vote.end)] if record.vote else []
    return spans


# -- readers ---------------------------------------------------------------------------------------------


def text(data: bytes) -> None:
    """Plain text of whatever bytes."""
    check_reading(plain.read(plain.decode(data)))


def page(data: bytes) -> None:
    """A web page."""
    check_reading(html.read(plain.decode(data)))


def notes(data: bytes) -> None:
    """Markdown."""
    check_reading(markdown.read(plain.decode(data)))


def meeting(data: bytes) -> None:
    """XML of a committee system."""
    check_reading(moderngov_xml.read(plain.decode(data)))


def printed(data: bytes) -> None:
    """The text of the pages of a PDF, a form feed between two."""
    texts, _ = garble.mend_slashes([plain.tidy(part) for part in plain.decode(data).split("\f")[:50]])
    for part in texts:
        garble.poor(part)
        garble.worth(part)
    cleaned, _ = clean_pages(texts)
    joined, pages = _join(cleaned, ["pypdf"] * len(cleaned))
    check_reading(Reading(joined, pages=pages))


def word(data: bytes) -> None:
    """The inside of a Word document."""
    body = (
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        + data
        + b"</w:body></w:document>"
    )
    check_reading(docx.read(_word_with(body)))


def _word_with(document: bytes) -> bytes:
    """Return a Word document whose main part is given."""
    whole, out = docx.write("Minutes", [("Normal", "x")]), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, document if entry.filename == "word/document.xml" else old.read(entry))
    return out.getvalue()


def file(data: bytes) -> None:
    """A file of whatever kind its first bytes say, but PDF, which is read in a process of its own."""
    ending = (".txt", ".docx", ".html", ".xml", ".md")[data[0] % 5 if data else 0]
    if b"%pdf-" in data[:1100].lower():
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{ending}")
        path.write_bytes(data[1:])
        check_reading(readers.read(path))


# -- what sites say --------------------------------------------------------------------------------------


class _OneAnswer:
    """A site that answers every question with the same bytes."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def get(self, url: str, *, slow: bool = False) -> Answer:
        url.encode("utf-8")
        return Answer(url, url, self.body, "text/html", "2026-06-01T00:00:00+00:00")


def site(data: bytes) -> None:
    """A committee site that answers whatever it likes."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in (ModernGov, Cmis, ListedDocuments):
            shelf = Shelf(Path(folder), f"{kind.__name__.lower()}.example")
            base = "https://council.example"
            web = cast(Web, _OneAnswer(data))
            desk = Desk(web, shelf, "council.example", base, lambda _: None, datetime(2026, 6, 1, tzinfo=UTC))
            system = kind(desk)
            try:
                found = system.meetings(date(2026, 1, 1), TODAY, (), silently)[:3]
            except FetchError:
                found = []
            for one in [*found, Meeting("council.example", "7", None, None, "2026-05-01", f"{base}/x", "held")]:
                assert re.fullmatch(r"[\w-]+", one.meeting_id)
                _gathered(system, one)
        assert {path.parent.parent for path in Path(folder).rglob("*.example")} <= {Path(folder)}


def _gathered(system: Any, one: Meeting) -> None:
    try:
        files = system.gather(one).files
    except (FetchError, ReadError):
        return
    assert all(re.fullmatch(r"[\w.-]+", file.name) and not file.name.startswith(".") for file in files)


# -- what stands beside documents, and comes from elsewhere --------------------------------------------------


def listed(data: bytes) -> None:
    """A manifest.csv beside two files, and what is made of what it says."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.txt").write_text("Minutes of 3 May 2024\n\n1. Bins\n", encoding="utf-8")
        Path(folder, "manifest.csv").write_bytes(data)
        for candidate in sources.find([Path(folder)], "Kent").candidates:
            reading = Reading("Minutes of 3 May 2024\n", title=candidate.given.name, url=candidate.given.url)
            check_document(build(reading, candidate, MEASURE))
            check_document(build(Reading("1. Bins\n"), candidate, MEASURE))
            check_document(by_words(reading, candidate, "failed").document)


def saved(data: bytes) -> None:
    """A backup: a whole file, or one that says of itself what the bytes say. Nothing is restored but what is whole."""
    with tempfile.TemporaryDirectory() as folder:
        file, place = Path(folder, "backup.zip"), Path(folder, "data")
        file.write_bytes(data)
        if not data.startswith(b"PK"):
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr(backup.MANIFEST, data)
                archive.writestr("catalogue.sqlite", data)
        try:
            restoring.restore(file, place)
        except CatalogueError:
            left = {path.name for path in place.iterdir()} if place.is_dir() else set()
            assert left <= {backup.LOCK}, left
        else:
            raise AssertionError("what is no catalogue was restored")
        assert {path.name for path in Path(folder).iterdir()} <= {"backup.zip", "data"}


def picture(data: bytes) -> None:
    """A page as it is kept: a damaged one is told apart from a whole one."""
    with suppress(ValueError):
        sheet = page_worker.unpack(data)
        assert isinstance(sheet, str) or len(sheet.letters.edges) == len(sheet.letters.text)


def model(data: bytes) -> None:
    """What a language model writes, in pieces: sentences that cite only what they may."""
    words = data.decode("utf-8", "replace")
    pieces = [words[start : start + 7] for start in range(0, len(words), 7)]
    for sentence in written(pieces, 4):
        assert sentence.fault or all(1 <= number <= 4 for number in sentence.numbers)


# -- questions -------------------------------------------------------------------------------------------


def dates(data: bytes) -> None:
    """Dates and periods."""
    words = data.decode("utf-8", "replace")
    for found in dates_in(words):
        assert words[found.start : found.end].strip()
    for period in periods_in(words, TODAY):
        assert 0 <= period.start < period.end <= len(words)
    typed_period(words)


def question(data: bytes) -> None:
    """A typed query, what is made of it, and what is highlighted for it."""
    typed = data.decode("utf-8", "surrogatepass" if _has_surrogate(data) else "replace")[:1000]
    try:
        understood = query.parse(typed, HELD, TODAY)
    except QueryError:
        return
    assert all(0 <= one.start < one.end <= len(typed) for one in understood.found)
    for one in understood.found:
        again = query.without(understood, one)
        assert isinstance(again, str)
    words = f"{typed} The council met in May."
    terms(words)
    fold(words)
    spans = highlights(words, understood.text, ())
    assert all(0 <= start < end <= len(words) for start, end in spans)
    build_vocabulary([words] * 8).suggest(typed)


def _has_surrogate(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def address(data: bytes) -> None:
    """The query string of a search: what it asks for is what its own address asks for."""
    args = MultiDict(parse_qsl(data.decode("latin-1"), keep_blank_values=True, errors="replace"))
    try:
        asked = parse_query_string(args)
    except QueryError:
        return
    again = parse_query_string(MultiDict(parse_qsl(query_string(asked), keep_blank_values=True)))
    assert replace(again, query=asked.query, facets=asked.facets) == asked


def body(data: bytes) -> None:
    """A JSON body."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    for read in (
        lambda: json_body.given(found, ("question", "k", "stream", *json_body.FILTERS)),
        lambda: json_body.text_from(found, "question"),
        lambda: json_body.number_from(found, "k", 10),
        lambda: json_body.switch_from(found, "stream"),
        lambda: json_body.filters_from(found),
    ):
        try:
            read()
        except QueryError as exc:
            str(exc).encode("utf-8", "replace")


def export(data: bytes) -> None:
    """The name of a file that is sent, and the cells of a table: no header, path or formula comes out of a title."""
    words = data.decode("utf-8", "replace")
    assert re.fullmatch(r"[a-z0-9-]+\.csv", filename(words, "csv"))
    _, (cell,) = csv.reader(io.StringIO(csv_of(("a",), [[words]]), newline=""))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.lstrip("'") == words.lstrip("'")


TARGETS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one
    for one in (
        text, page, notes, meeting, printed, word, file, site, listed, saved, picture, model, dates, question, address,
        body, export,
    )
}  # fmt: skip


def run(target: Callable[[bytes], None], data: bytes) -> None:
    """Run a target on one input; the domain's own errors are answers.

    Raises:
        AssertionError: an invariant is violated, or it took too long.
    """
    began = time.process_time()
    try:
        target(data)
    except MinutebookError:
        pass
    took = time.process_time() - began
    assert took < SECONDS, f"{len(data)} bytes took {took:.1f} s"
