"""check, backup and restore as their users call them, and what is refused."""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus import reading_lists
from corpus.catalogue import Catalogue
from corpus.errors import CatalogueError
from corpus.fetched import Record, Shelf
from corpus.locking import alone
from tests.conftest import ROOT
from tests.test_serve import started, stop
from webapp.cli import main


def run(*arguments: str | Path) -> Result:
    """Call a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def outside(data: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Call a command in a process of its own, which leaves no connection open."""
    return subprocess.run(
        [sys.executable, "-m", "webapp.cli", "--data", data, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def data(sample_data: Path, tmp_path: Path) -> Path:
    """A copy of the samples' data directory, to be damaged."""
    shutil.copytree(sample_data, tmp_path / "data")
    with closing(sqlite3.connect(tmp_path / "data" / "catalogue.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # other tests have the original open
    return tmp_path / "data"


def flip(file: Path, words: bytes) -> None:
    """Flip a bit of the first letter of some words wherever they stand in a file."""
    content = file.read_bytes()
    assert words in content
    file.write_bytes(content.replace(words, bytes([words[0] ^ 2]) + words[1:]))


def test_check_of_what_is_whole_says_so(data: Path) -> None:
    result = run("--data", data, "check")
    assert (result.exit_code, result.stdout) == (0, "Checked 26 documents, 300 passages: nothing wrong.\n")


def test_check_changes_nothing(data: Path) -> None:
    before = {file: file.read_bytes() for file in data.rglob("*") if file.is_file()}
    run("--data", data, "check")
    assert {file: file.read_bytes() for file in before} == before


@pytest.mark.parametrize("table", ["titles", "words", "vectors"])
def test_check_names_the_document_that_is_not_what_was_stored(data: Path, table: str) -> None:
    """A title is in no id and in no passage, so nothing but its seal can speak for it."""
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection:
        if table == "vectors":
            (name, vector) = connection.execute("SELECT key, vector FROM vectors LIMIT 1").fetchone()
            words = vector[:40]
        else:
            column = "title" if table == "titles" else "substr(text, 1, 60)"
            (name, text) = connection.execute(f"SELECT document_id, {column} FROM documents LIMIT 1").fetchone()
            words = text.encode()
    flip(data / "catalogue.sqlite", words)
    result = run("--data", data, "check", "--json")
    assert result.exit_code == 1
    assert any(name in problem["what"] for problem in json.loads(result.stdout)["problems"])


def test_damaged_vector_is_embedded_anew_by_rebuild(data: Path) -> None:
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection:
        (vector,) = connection.execute("SELECT vector FROM vectors LIMIT 1").fetchone()
    flip(data / "catalogue.sqlite", vector[:40])
    assert "300 passages indexed" in run("--data", data, "rebuild").stdout
    assert run("--data", data, "check").exit_code == 0


def test_torn_page_of_the_catalogue_points_to_restore(data: Path) -> None:
    file = data / "catalogue.sqlite"
    content = bytearray(file.read_bytes())
    for page in range(4, len(content) // 4096, 2):
        content[page * 4096 : page * 4096 + 2048] = bytes(2048)
    file.write_bytes(content)
    checked = run("--data", data, "check")
    assert checked.exit_code == 1
    assert "minutebook restore" in checked.stdout
    searched = run("--data", data, "search", "care leavers")
    assert searched.exit_code == 1
    assert searched.stderr.startswith("minutebook: ")
    backed_up = run("--data", data, "backup", data.parent / "b.zip")
    assert backed_up.exit_code == 1
    assert "damaged" in backed_up.stderr
    assert not (data.parent / "b.zip").exists()


def test_catalogue_without_seals_is_checked_as_far_as_it_goes_and_gets_them(data: Path) -> None:
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.executescript("DROP TABLE seals; DROP TABLE unsealed; ALTER TABLE vectors DROP COLUMN crc;")
    before = run("--data", data, "check")
    assert before.exit_code == 0
    assert "begun before checksums were kept" in before.stdout
    (data.parent / "new.txt").write_text("The geese on the green were counted.", encoding="utf-8")
    assert run("--data", data, "ingest", data.parent / "new.txt").exit_code == 0
    assert run("--data", data, "check").stdout == "Checked 27 documents, 301 passages: nothing wrong.\n"


def test_flipped_letter_of_a_note_is_found(data: Path) -> None:
    keys = reading_lists.create(data, "Weirs and kilns")
    assert run("--data", data, "check").exit_code == 0
    flip(data / "collections.db", b"Weirs and kilns")
    result = run("--data", data, "check")
    assert result.exit_code == 1
    assert "collections: collection 1: is not what was stored" in result.stdout
    assert keys.edit not in result.stdout


def test_flipped_letter_of_what_is_said_of_a_fetched_file_is_found_and_stays_so(data: Path) -> None:
    shelf = Shelf(data, "meadow.example")
    shelf.put(Record("meadow.txt", "Meadow Council", "Commons", "2026-01-08", fetched="2026-01-09"), b"Mown.")
    assert run("--data", data, "check").exit_code == 0
    flip(shelf.manifest, b"Meadow Council")
    Shelf(data, "meadow.example").put(Record("barn.txt", "Barn Council"), b"Swept.")
    result = run("--data", data, "check")
    assert result.exit_code == 1
    assert "what it says of meadow.txt is not what was stored" in result.stdout
    assert "barn.txt" not in result.stdout


def test_manifest_that_is_no_text_any_more_is_named(data: Path) -> None:
    shelf = Shelf(data, "meadow.example")
    shelf.put(Record("meadow.txt", "Meadow Council"), b"Mown.")
    shelf.manifest.write_bytes(shelf.manifest.read_bytes().replace(b"Meadow", b"\xffeadow"))
    result = run("--data", data, "check")
    assert (result.exit_code, "fetched: " in result.stdout) == (1, True)


# -- backup and restore --------------------------------------------------------------------------------


def test_what_was_backed_up_is_found_again_after_restore(data: Path, tmp_path: Path) -> None:
    keys = reading_lists.create(data, "Weirs and kilns")
    (data / "fetched" / "meadow.example").mkdir(parents=True)
    (data / "fetched" / "meadow.example" / "minutes.txt").write_text("Mown.", encoding="utf-8")
    made = run("--data", data, "backup", tmp_path / "b.zip")
    assert made.exit_code == 0, made.stderr
    restored = run("--data", tmp_path / "other", "restore", tmp_path / "b.zip")
    assert "300 passages indexed, 0 texts embedded" in restored.stdout
    question = ("search", "selective licensing", "--json")
    assert run("--data", tmp_path / "other", *question).stdout == run("--data", data, *question).stdout
    assert reading_lists.read(tmp_path / "other", keys.edit).title == "Weirs and kilns"
    assert (tmp_path / "other" / "fetched" / "meadow.example" / "minutes.txt").read_text(encoding="utf-8") == "Mown."
    assert run("--data", tmp_path / "other", "check").exit_code == 0


def test_backup_in_a_folder_has_a_name_of_its_own_and_none_is_overwritten(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    assert run("--data", data, "backup", folder).exit_code == 0
    (made,) = folder.iterdir()
    assert made.name.startswith("minutebook-")
    again = run("--data", data, "backup", made)
    assert (again.exit_code, "exists already" in again.stderr) == (1, True)


def test_backup_while_something_is_written_is_of_the_moment_before(data: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(data)
    with catalogue.writing() as connection:
        connection.execute("UPDATE documents SET title = 'half done'")
        assert run("--data", data, "backup", tmp_path / "b.zip").exit_code == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extract("catalogue.sqlite", tmp_path)
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM documents WHERE title = 'half done'").fetchone() == (0,)


def test_restore_leaves_what_is_there_alone_unless_forced(data: Path, tmp_path: Path) -> None:
    outside(data, "backup", tmp_path / "b.zip")
    outside(data, "remove", "London Borough of Eastmarsh", "--yes")
    refused = outside(data, "restore", tmp_path / "b.zip")
    assert (refused.returncode, "--force" in refused.stderr) == (1, True)
    assert "Checked 22 documents" in outside(data, "check").stdout
    assert outside(data, "restore", "--force", tmp_path / "b.zip").returncode == 0
    assert "Checked 26 documents" in outside(data, "check").stdout


def test_damaged_backup_is_refused_before_anything_is_replaced(data: Path, tmp_path: Path) -> None:
    run("--data", data, "backup", tmp_path / "b.zip")
    content = bytearray((tmp_path / "b.zip").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "b.zip").write_bytes(content)
    before = {file: file.read_bytes() for file in data.rglob("*") if file.is_file() and file.name != "writer.lock"}
    refused = run("--data", data, "restore", "--force", tmp_path / "b.zip")
    assert (refused.exit_code, "damaged" in refused.stderr) == (1, True)
    assert {
        file: file.read_bytes() for file in data.rglob("*") if file.is_file() and file.name != "writer.lock"
    } == before


@pytest.mark.parametrize("path", ["../outside.txt", "/tmp/outside.txt", "index/current", "a/../../outside.txt"])
def test_backup_cannot_write_outside_the_data_directory(tmp_path: Path, path: str) -> None:
    manifest = {"format": 1, "parts": [{"path": path, "size": 1, "checksum": "00"}]}
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr(path, "x")
        archive.writestr("manifest.json", json.dumps(manifest))
    refused = run("--data", tmp_path / "data", "restore", tmp_path / "b.zip")
    assert (refused.exit_code, "nothing was changed" in refused.stderr) == (1, True)
    assert not list(tmp_path.rglob("outside.txt"))


def test_restore_under_a_running_server_is_seen_by_it_without_a_restart(data: Path, tmp_path: Path) -> None:
    """Of two backups one is of another collection altogether, whose passages have the same rows."""
    (tmp_path / "geese.txt").write_text("The geese on the green were counted.", encoding="utf-8")
    for number in range(12):
        (tmp_path / "kilns").mkdir(exist_ok=True)
        text = f"The kiln of yard {number} was lit, and the lamps beside it."
        (tmp_path / "kilns" / f"{number}.txt").write_text(text, encoding="utf-8")
    run("--data", data, "backup", tmp_path / "before.zip")
    run("--data", tmp_path / "other", "ingest", tmp_path / "kilns")
    run("--data", tmp_path / "other", "backup", tmp_path / "other.zip")
    assert outside(data, "ingest", tmp_path / "geese.txt").returncode == 0
    server = started(data)
    seen, ended = list[tuple[int, list[str]]](), threading.Event()

    def found(query: str) -> list[str]:
        status, _, body = server.get(f"/api/v1/search?q={query}")
        texts = [hit["text"] for hit in json.loads(body)["hits"]] if status == 200 else []
        seen.append((status, texts))
        return texts

    def ask() -> None:
        while not ended.is_set():
            found("lamps")

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert "The geese on the green were counted." in found("geese+counted")
        restored = outside(data, "restore", "--force", tmp_path / "before.zip")
        assert restored.returncode == 0, restored.stderr
        assert "The geese on the green were counted." not in found("geese+counted")
        assert json.loads(server.get("/readyz")[2])["documents"] == 26
        restored = outside(data, "restore", "--force", tmp_path / "other.zip")
        assert restored.returncode == 0, restored.stderr
        assert all("kiln" in text for text in found("lamps"))
        assert json.loads(server.get("/readyz")[2])["documents"] == 12
    finally:
        ended.set()
        asking.join()
        stop(server)
    assert {status for status, _ in seen} == {200}
    assert not [text for _, texts in seen for text in texts if "lamp" not in text.lower() and "kiln" in text.lower()]
    assert run("--data", data, "check").exit_code == 0
    assert not [line for line in server.lines if '"failure"' in line]


def test_restore_replaces_no_file_that_is_open_and_laid_out_otherwise(data: Path, tmp_path: Path) -> None:
    run("--data", data, "backup", tmp_path / "b.zip")
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection:
        connection.executescript(
            "PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192; VACUUM; PRAGMA journal_mode = WAL"
        )
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as reader:
        reader.execute("SELECT 1 FROM documents").fetchone()
        refused = outside(data, "restore", "--force", tmp_path / "b.zip")
    assert (refused.returncode, "stop 'minutebook serve'" in refused.stderr) == (1, True)
    assert outside(data, "check").returncode == 0
    assert outside(data, "restore", "--force", tmp_path / "b.zip").returncode == 0
    assert run("--data", data, "check").exit_code == 0


def test_restore_over_a_damaged_catalogue(data: Path, tmp_path: Path) -> None:
    run("--data", data, "backup", tmp_path / "b.zip")
    file = data / "catalogue.sqlite"
    content = file.read_bytes()
    for damaged in (bytes(len(content)), content[: len(content) // 2], content[:8192] + bytes(len(content) - 8192)):
        file.write_bytes(damaged)
        restored = outside(data, "restore", "--force", tmp_path / "b.zip")
        assert restored.returncode == 0, restored.stderr
        assert outside(data, "check").returncode == 0


def test_interrupted_restore_is_not_used(data: Path) -> None:
    (data / "restoring").write_text("x", encoding="utf-8")
    refused = run("--data", data, "search", "care leavers")
    assert (refused.exit_code, "restore of" in refused.stderr) == (1, True)


def test_catalogue_of_a_newer_version_is_left_alone(data: Path) -> None:
    with closing(sqlite3.connect(data / "catalogue.sqlite", isolation_level=None)) as connection:  # as it would be
        connection.execute("UPDATE meta SET value = '2' WHERE name = 'format'")
    for command in (("search", "care leavers"), ("rebuild",), ("ingest", ROOT / "corpus" / "samples")):
        result = run("--data", data, *command)
        assert (result.exit_code, "newer version of Minutebook" in result.stderr) == (1, True)


# -- one writer at a time ------------------------------------------------------------------------------


def test_second_ingest_says_who_is_at_work(data: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("The geese on the green were counted.", encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from corpus.locking import alone\n"
        "with alone(Path(sys.argv[1]), 'ingest'):\n    print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, data], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "ready\n"
        refused = run("--data", data, "ingest", tmp_path / "new.txt")
        assert refused.exit_code == 1
        assert f"Another process ({first.pid}, ingest) is writing to" in refused.stderr
        assert run("--data", data, "search", "care leavers").exit_code == 0
        first.kill()  # the system takes the lock back
    assert run("--data", data, "ingest", tmp_path / "new.txt").exit_code == 0


def test_thread_that_is_alone_may_be_so_again(tmp_path: Path) -> None:
    with alone(tmp_path, "ingest"), alone(tmp_path, "update"):
        pass
    with alone(tmp_path, "ingest"):
        pass


def test_place_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CatalogueError, match="cannot be written"), alone(tmp_path / "file", "ingest"):
        pass


def test_status_says_what_is_not_indexed_yet(data: Path, tmp_path: Path) -> None:
    from ingest.pipeline import ingest
    from tests.faults import Hashed

    (tmp_path / "new.txt").write_text("The geese on the green were counted.", encoding="utf-8")
    ingest([tmp_path / "new.txt"], Catalogue(data), Hashed())
    assert "Note: 1 passages are not indexed yet: run 'minutebook ingest'" in run("--data", data, "status").stdout
