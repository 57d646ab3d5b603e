"""The run: nothing is done twice, nothing finished is lost, nothing stale is found."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

import ingest.pipeline
from corpus.catalogue import Catalogue
from corpus.errors import SourceError
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest as run
from ingest.sources import Candidate

TEXTS = {
    "ducks.txt": "The ducks on the village pond are fed with oats.\n",
    "swings.txt": "The swings in Long Meadow are painted green.\n",
    "lamps.md": "# Street lamps\n\nThe lamps in Church Lane burn all night.\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "minutes"
    place.mkdir()
    for name, text in TEXTS.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "data", create=True)
    yield opened
    opened.close()


def paths_found(catalogue: Catalogue, encoder: Encoder, query: str) -> list[str]:
    return [hit.path for hit in Searcher(catalogue, encoder).search(query).hits]


def counts(report: ingest.pipeline.Report) -> tuple[int, int, int, int, int]:
    return report.new, report.updated, report.unchanged, report.duplicates, len(report.unreadable)


def test_second_run_reads_nothing_and_embeds_nothing(
    folder: Path, catalogue: Catalogue, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run([folder], catalogue, encoder)
    assert counts(first) == (3, 0, 0, 0, 0)
    assert update(catalogue, encoder).embedded == 3
    index = {file: file.stat().st_mtime_ns for file in (catalogue.directory / "index").rglob("*") if file.is_file()}

    def refuse(self: object, path: Path) -> None:
        raise AssertionError(f"{path} was read again")

    monkeypatch.setattr(ingest.pipeline.Pool, "read", refuse)
    second = run([folder], catalogue, encoder)
    built = update(catalogue, encoder)
    assert counts(second) == (0, 0, 3, 0, 0)
    assert (second.passages_added, built.embedded, built.added, built.removed) == (0, 0, 0, 0)
    assert {file: file.stat().st_mtime_ns for file in index} == index


def test_touched_file_is_unchanged(folder: Path, catalogue: Catalogue, encoder: Encoder) -> None:
    run([folder], catalogue, encoder)
    os.utime(folder / "ducks.txt", (1, 1))
    assert counts(run([folder], catalogue, encoder)) == (0, 0, 3, 0, 0)


def test_updated_file_replaces_its_text(folder: Path, catalogue: Catalogue, encoder: Encoder) -> None:
    run([folder], catalogue, encoder)
    update(catalogue, encoder)
    searcher = Searcher(catalogue, encoder)
    old = searcher.search("ducks oats", k=1).hits[0]
    (folder / "ducks.txt").write_text("The ducks have flown to Sweden for good.\n", encoding="utf-8")
    report = run([folder], catalogue, encoder)
    built = update(catalogue, encoder)
    assert counts(report) == (0, 1, 2, 0, 0)
    assert (built.embedded, built.added, built.removed) == (1, 1, 1)
    searcher.refresh()
    hits = searcher.search("ducks oats Sweden").hits
    assert not [hit for hit in hits if "oats" in hit.text]
    assert "Sweden" in hits[0].text
    assert catalogue.document(old.document_id).text == TEXTS["ducks.txt"]
    assert catalogue.replacement(old.document_id) == hits[0].document_id
    assert searcher.passage(old.passage_id).text == old.text


def test_file_put_back_as_it_was_is_found_again(folder: Path, catalogue: Catalogue, encoder: Encoder) -> None:
    for text in (TEXTS["ducks.txt"], "The ducks have flown to Sweden.\n", TEXTS["ducks.txt"]):
        (folder / "ducks.txt").write_text(text, encoding="utf-8")
        run([folder], catalogue, encoder)
        update(catalogue, encoder)
    texts = [hit.text for hit in Searcher(catalogue, encoder).search("ducks Sweden").hits]
    assert [text for text in texts if "ducks" in text] == [TEXTS["ducks.txt"].strip()]


def test_same_text_under_two_paths_is_one_document(folder: Path, catalogue: Catalogue, encoder: Encoder) -> None:
    shutil.copy(folder / "ducks.txt", folder / "ducks (2).txt")
    report = run([folder], catalogue, encoder)
    update(catalogue, encoder)
    assert counts(report) == (3, 0, 0, 1, 0)
    hits = Searcher(catalogue, encoder).search("ducks on the pond").hits
    (hit,) = [hit for hit in hits if "ducks" in hit.text]
    assert set(catalogue.paths(hit.document_id)) == {"ducks.txt", "ducks (2).txt"}


def test_interrupted_run_keeps_what_it_finished_and_the_next_completes(
    folder: Path, catalogue: Catalogue, encoder: Encoder
) -> None:
    def interrupted(candidates: Sequence[Candidate]) -> Iterable[Candidate]:
        yield candidates[0]
        yield candidates[1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([folder], catalogue, encoder, progress=interrupted)
    assert catalogue.connection.execute("SELECT COUNT(*) FROM documents").fetchone()[0] == 2
    assert counts(run([folder], catalogue, encoder)) == (1, 0, 2, 0, 0)
    update(catalogue, encoder)
    assert {*paths_found(catalogue, encoder, "ducks swings lamps")} == set(TEXTS)


def test_interrupted_embedding_is_completed_by_the_next_update(
    folder: Path, catalogue: Catalogue, encoder: Encoder
) -> None:
    run([folder], catalogue, encoder)

    def interrupted(texts: Iterable[tuple[str, str]], _: int) -> Iterable[tuple[str, str]]:
        yield next(iter(texts))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update(catalogue, encoder, progress=interrupted)
    built = update(catalogue, encoder)
    assert built.added == 3
    assert {*paths_found(catalogue, encoder, "ducks swings lamps")} == set(TEXTS)


def test_folder_and_file_given_together_are_read_once(folder: Path, catalogue: Catalogue, encoder: Encoder) -> None:
    assert counts(run([folder, folder / "ducks.txt", folder], catalogue, encoder)) == (3, 0, 0, 0, 0)


def test_hidden_and_other_files_are_left_alone(folder: Path, catalogue: Catalogue, encoder: Encoder) -> None:
    (folder / ".hidden.txt").write_text("Secret.", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "notes.txt").write_text("Secret.", encoding="utf-8")
    (folder / "picture.jpeg").write_bytes(b"\xff\xd8")
    (folder / "LICENSE").write_text("CC0", encoding="utf-8")
    report = run([folder], catalogue, encoder)
    assert counts(report) == (3, 0, 0, 0, 0)
    assert report.other_types == {".jpeg": 1, "no ending": 1}


def test_manifest_of_a_subfolder_counts_and_missing_files_are_named(
    folder: Path, catalogue: Catalogue, encoder: Encoder
) -> None:
    below = folder / "kent"
    below.mkdir()
    (below / "geese.txt").write_text("The geese were counted.\n", encoding="utf-8")
    rows = "path,committee\ngeese.txt,Goose Panel\ngone.txt,Cabinet\n../ducks.txt,Duck Panel\n"
    (below / "manifest.csv").write_text(rows, encoding="utf-8-sig")
    report = run([folder], catalogue, encoder)
    assert report.missing == (str(below / "gone.txt"),)
    found = dict(
        catalogue.connection.execute(
            "SELECT path, committee FROM documents JOIN sources USING (document_id)"
        ).fetchall()
    )
    assert (found["kent/geese.txt"], found["ducks.txt"], found["swings.txt"]) == ("Goose Panel", "Duck Panel", None)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (b"file,date\nducks.txt,2024-01-01\n", "has no column 'path'"),
        (b"", "has no column 'path'"),
        (b"path,date\nducks.txt,4 March 2024\n", "line 2: the date '4 March 2024' is not of the form 2024-05-31"),
        (b"path,date\nswings.txt,\nducks.txt,2024-02-30\n", "line 3: the date '2024-02-30'"),
        (b"path\n\xff\xfe\x00\n", "save it as a UTF-8 CSV file"),
        (b"path\n" + b'"' + b"x" * 200_000, "save it as a UTF-8 CSV file"),
    ],
)
def test_manifest_that_cannot_be_used_stops_the_run_before_it_begins(
    folder: Path, catalogue: Catalogue, encoder: Encoder, manifest: bytes, message: str
) -> None:
    (folder / "manifest.csv").write_bytes(manifest)
    with pytest.raises(SourceError, match=message):
        run([folder], catalogue, encoder)
    assert catalogue.connection.execute("SELECT COUNT(*) FROM sources").fetchone()[0] == 0


def test_report_counts_every_file_once(folder: Path, catalogue: Catalogue, encoder: Encoder) -> None:
    (folder / "empty.txt").write_bytes(b"")
    shutil.copy(folder / "ducks.txt", folder / "copy.txt")
    report = run([folder], catalogue, encoder)
    assert sum(counts(report)) == 5
    assert report.passages_added == catalogue.connection.execute("SELECT COUNT(*) FROM passages").fetchone()[0]
