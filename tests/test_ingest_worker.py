"""Reading in bounded processes: a document costs at most its limits, and one line."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.errors import ReadError
from ingest import pool as pools
from ingest.identity import Given
from ingest.pipeline import ingest
from ingest.pool import Pool
from ingest.readers import read
from ingest.sources import Candidate
from ingest.understanding import Understood, understand
from ingest.worker import Limits
from tests.made_pdfs import bomb, forms_in_forms, looping_tree, many_pages, one_page
from tests.printed_minutes import render

ROOT = Path(__file__).resolve().parent.parent
GEESE = "The geese were counted."


class Words:
    """A measure of passages that needs no model."""

    token_limit = 256

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "minutes"
    place.mkdir()
    return place


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "data", create=True)
    yield opened
    opened.close()


def put(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def begin(pool: Pool, file: Path) -> Future[Understood]:
    return pool.read(candidate(file))


def candidate(file: Path) -> Candidate:
    return Candidate(file, file.name, Given(name=file.stem))


def processes(pool: Pool) -> list[int]:
    """The numbers of the pool's processes that are alive."""
    return [process._process.pid for process in pool._all if not process.ended]


def wait_for_process(pool: Pool, other_than: Sequence[int] = ()) -> int:
    """Wait until the pool has a process that is at work, and return its number."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if new := [pid for pid in processes(pool) if pid not in other_than]:
            time.sleep(0.4)  # past its start, into the document
            return new[0]
        time.sleep(0.01)
    raise AssertionError("no process was started")


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and that nobody has asked about does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


# -- what is read ----------------------------------------------------------------------------------------


def test_processes_read_what_the_readers_read(folder: Path) -> None:
    files = [put(folder, f"{n}.pdf", render(f"{n}. {GEESE}")) for n in range(6)]
    files += [put(folder, "a.html", b"<html><p>The geese.</p></html>"), put(folder, "b.txt", b"The geese.\n")]
    with Pool(2) as pool:
        assert [future.result() for future in [begin(pool, file) for file in files]] == [
            understand(read(file), candidate(file)) for file in files
        ]
        assert 1 <= len(processes(pool)) <= 2


def test_errors_come_through_with_their_words(folder: Path) -> None:
    with Pool(1) as pool:
        with pytest.raises(ReadError, match="is damaged or cut off"):
            begin(pool, put(folder, "a.pdf", b"%PDF-1.4\n")).result()
        with pytest.raises(ReadError, match="cannot be opened"):
            begin(pool, folder / "gone.txt").result()
        with pytest.raises(ReadError, match="cannot be opened"):
            begin(pool, folder / "gone.pdf").result()
        assert len(processes(pool)) == 1


def test_process_imports_the_readers_only() -> None:
    heavy = {"torch", "sentence_transformers", "faiss", "tantivy", "flask", "sqlite3", "numpy"}
    code = "import ingest.worker, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not heavy & set(done.stdout.split())


# -- limits ----------------------------------------------------------------------------------------------


def test_document_that_takes_too_long_costs_its_limit_and_one_line(folder: Path) -> None:
    slow, good = put(folder, "slow.pdf", many_pages(2_900)), put(folder, "good.pdf", render(GEESE))
    with Pool(1, Limits(seconds=1)) as pool:
        began = time.monotonic()
        with pytest.raises(ReadError, match="took longer than 1 s: split it") as caught:
            begin(pool, slow).result()
        assert time.monotonic() - began < 4
        assert "\n" not in str(caught.value)
        assert GEESE in begin(pool, good).result().document.text


def test_ocr_extends_the_time_page_by_page(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A tesseract that takes its time gets more of it, to a limit, and is ended with the process."""
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho $$ > "$0.pid"\ncat > /dev/null\nexec sleep 0.7\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    page = b"0 0 300 300 re f"
    scan = put(folder, "scan.pdf", one_page(page))
    with (
        Pool(1, Limits(seconds=1, seconds_a_page_of_ocr=5)) as pool,
        pytest.raises(ReadError, match="OCR finds no words"),
    ):
        begin(pool, scan).result()
    program.write_text(program.read_text().replace("0.7", "30"))
    with (
        Pool(1, Limits(seconds=0.5, seconds_a_page_of_ocr=5, most_seconds=1.5)) as pool,
        pytest.raises(ReadError, match=r"took longer than [0-2] s: split it"),
    ):
        begin(pool, scan).result()
    time.sleep(0.1)
    assert not alive(int(program.with_name("tesseract.pid").read_text()))


def test_document_of_too_many_pages_is_refused(folder: Path) -> None:
    with Pool(1) as pool, pytest.raises(ReadError, match=r"has 3,001 pages, more than 3,000: split it"):
        begin(pool, put(folder, "long.pdf", many_pages(3_001))).result()


def test_document_that_needs_too_much_memory_is_refused(folder: Path) -> None:
    large = put(folder, "large.txt", b"The geese were counted.\n" * 4_000_000)
    with Pool(1, Limits(memory=300_000_000)) as pool:
        with pytest.raises(ReadError, match="needs more than 0 GB of memory: split it"):
            begin(pool, large).result()
        assert GEESE in begin(pool, put(folder, "good.pdf", render(GEESE))).result().document.text


@pytest.mark.parametrize("made", [bomb, looping_tree, forms_in_forms])
def test_hostile_pdf_costs_one_line_and_bounded_time(made: object, folder: Path, catalogue: Catalogue) -> None:
    assert callable(made)
    put(folder, "hostile.pdf", made())
    put(folder, "z good.pdf", render("The ducks are fed with oats."))
    began = time.monotonic()
    report = ingest([folder], catalogue, Words())
    assert time.monotonic() - began < 15
    assert report.new + len(report.unreadable) == 2
    assert report.new >= 1
    if made is bomb:
        ((path, reason),) = report.unreadable
        assert (path, reason) == (
            "hostile.pdf",
            "is damaged or far larger than it seems (pdfium crashed on it): save it again and ingest that",
        )


# -- what cannot be understood ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("time.sleep(60)", "took longer than 2 s"),
        ("re.match('(a|a)+b', 'a' * 60)", "took longer than 2 s"),
        ("bytearray(10**12)", "needs more than 3 GB of memory"),
        ("[][1]", "failed (IndexError: list index out of range: report it)"),
        ("os.kill(os.getpid(), 9)", "ended the process twice (SIGKILL)"),
    ],
)
def test_words_of_a_document_that_cannot_be_understood_are_kept(
    fault: str, reason: str, folder: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = (
        "import os, re, time, ingest.understanding as u; whole = u.venue_of;"
        f"u.venue_of = lambda reading: {fault} if 'geese' in reading.text else whole(reading); from ingest.worker"
    )
    monkeypatch.setattr(pools, "_BOOT", pools._BOOT.replace("from ingest.worker", faulty))
    monkeypatch.setattr(pools, "LIMITS", Limits(understanding=2))
    text = f"Oxwold District Council\nMinutes of 3 May 2024\n\n1. Birds\n{GEESE}\n\n2. Ponds\nRESOLVED to dig one.\n"
    put(folder, "a.txt", text.encode())
    put(folder, "b.txt", text.replace("geese", "ducks").encode())
    began = time.monotonic()
    report = ingest([folder], catalogue, Words(), authority="Kent")
    assert time.monotonic() - began < 20
    said = f"known by its words only, without items, records and date: understanding it {reason}"
    assert (report.new, report.unreadable, report.by_words) == (2, [], [("a.txt", said)])
    keys = [row[0] for row in catalogue.connection.execute("SELECT document_id FROM sources ORDER BY path")]
    plain, whole = map(catalogue.document, keys)
    assert plain.notes == (said,)
    assert (plain.kind, plain.authority.value, plain.meeting_date.value) == ("report", "Kent County Council", None)
    assert plain.text == text
    assert not plain.items + plain.records
    assert "".join("".join(passage.text.split()) for passage in plain.passages) == "".join(text.split())
    assert all(passage.text == text[passage.start : passage.end] for passage in plain.passages)
    assert (len(whole.items), whole.meeting_date.value, whole.notes) == (2, "2024-05-03", ())
    again = ingest([folder], catalogue, Words(), authority="Kent")
    assert (again.unchanged, again.by_words) == (2, [])


# -- processes that end ------------------------------------------------------------------------------------


def test_process_that_is_killed_costs_nothing(folder: Path) -> None:
    slow = put(folder, "slow.pdf", many_pages(300))
    with Pool(1) as pool:
        future = begin(pool, slow)
        os.kill(wait_for_process(pool), signal.SIGKILL)
        assert len(future.result().document.pages) == 300


def test_document_whose_process_is_killed_twice_is_reported(folder: Path) -> None:
    slow, good = put(folder, "slow.pdf", many_pages(2_900)), put(folder, "good.pdf", render(GEESE))
    with Pool(1) as pool:
        future = begin(pool, slow)
        first = wait_for_process(pool)
        os.kill(first, signal.SIGKILL)
        os.kill(wait_for_process(pool, [first]), signal.SIGKILL)
        with pytest.raises(ReadError, match=r"ended the reading process twice \(SIGKILL\): save it again"):
            future.result()
        assert GEESE in begin(pool, good).result().document.text


def test_process_is_replaced_after_many_documents(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "DOCUMENTS_A_PROCESS", 2)
    file = put(folder, "a.pdf", render(GEESE))
    with Pool(1) as pool:
        seen = set()
        for _ in range(4):
            begin(pool, file).result()
            seen |= set(processes(pool))
        assert len(seen) == 2
        assert processes(pool) == []


def test_closing_ends_all_at_once(folder: Path) -> None:
    pool = Pool(2)
    futures = [begin(pool, put(folder, f"{n}.pdf", many_pages(2_900))) for n in range(4)]
    wait_for_process(pool)
    pids = processes(pool)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 2
    assert pids
    assert not [pid for pid in pids if alive(pid)]
    for future in futures:
        with pytest.raises(CancelledError):
            future.result()


def test_interrupted_run_leaves_no_process_and_keeps_what_it_finished(folder: Path, catalogue: Catalogue) -> None:
    put(folder, "a.pdf", render(GEESE))
    put(folder, "b.pdf", many_pages(2_900))
    before = threading.active_count()

    def interrupted(candidates: Sequence[Candidate]) -> Iterable[Candidate]:
        yield candidates[0]
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        ingest([folder], catalogue, Words(), progress=interrupted)
    assert time.monotonic() - began < 4
    assert threading.active_count() == before
    assert multiprocessing.active_children() == []
    assert [row["path"] for row in catalogue.connection.execute("SELECT path FROM sources")] == ["a.pdf"]


RUN = """
import sys
from pathlib import Path
from corpus.catalogue import Catalogue
from ingest.pipeline import ingest

class Words:
    token_limit = 256
    def count_tokens(self, texts):
        return [len(text.split()) for text in texts]

report = ingest([Path(sys.argv[1])], Catalogue(Path(sys.argv[2]), create=True), Words())
print(report.new, report.unchanged, len(report.unreadable))
"""


def test_run_that_is_killed_keeps_what_it_committed(folder: Path, tmp_path: Path) -> None:
    for number in range(40):
        put(folder, f"{number:02}.pdf", render(f"{number}. {GEESE} " * 60))
    command = [sys.executable, "-c", RUN, str(folder), str(tmp_path / "data")]
    run = subprocess.Popen(command, cwd=ROOT)
    catalogue_file = tmp_path / "data"
    until = time.monotonic() + 20
    while time.monotonic() < until and kept(catalogue_file) < 5:
        time.sleep(0.02)
    run.kill()
    run.wait()
    done = kept(catalogue_file)
    assert 5 <= done < 40
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert again.stdout.split() == [str(40 - done), str(done), "0"]


def kept(data: Path) -> int:
    """The number of files that another process has committed."""
    try:
        catalogue = Catalogue(data)
    except Exception:
        return 0
    try:
        return int(catalogue.connection.execute("SELECT COUNT(*) FROM sources").fetchone()[0])
    finally:
        catalogue.close()


def test_result_does_not_depend_on_which_is_read_first(folder: Path, tmp_path: Path) -> None:
    """The slow first file and its quick copy are one document, which has the name of the first."""
    put(folder, "a.pdf", many_pages(60))
    put(folder, "b.pdf", many_pages(60) + b"\n")
    for n in range(12):
        put(folder, f"c{n:02}.pdf", render(f"{n}. {GEESE}"))
    rows = []
    for number in range(2):
        catalogue = Catalogue(tmp_path / f"data{number}", create=True)
        report = ingest([folder], catalogue, Words())
        assert (report.new, report.duplicates) == (13, 1)
        rows.append(
            [tuple(row) for row in catalogue.connection.execute("SELECT rowid, path, document_id FROM sources")]
        )
        catalogue.close()
    assert rows[0] == rows[1]
    assert [path for _, path, _ in rows[0]] == sorted(path for _, path, _ in rows[0])
