"""Generations: who searches keeps a whole index whatever is updated, and damage is found, named and mended."""

import hashlib
import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from corpus.catalogue import Catalogue
from corpus.errors import IndexMismatchError
from corpus.filters import Filters, matching_rows
from index import checksums
from index.build import index_directory, lag, update
from index.check import check
from index.dense_recent import LEAST
from index.generations import current
from index.search import Searcher
from ingest.pipeline import ingest
from tests.faults import Hashed

ENCODER = Hashed()


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    opened = Catalogue(tmp_path / "data", create=True)
    for name, words in (
        ("ducks", "The ducks on the pond are fed."),
        ("lamps", "The lamps in the lane burn all night."),
    ):
        add(opened, name, words)
    update(opened, ENCODER)
    return opened


def add(catalogue: Catalogue, name: str, words: str) -> None:
    """Read a document of one sentence, and leave the index as it is."""
    folder = catalogue.directory.parent / "minutes"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(words, encoding="utf-8")
    ingest([folder], catalogue, ENCODER)


def directory_of(catalogue: Catalogue) -> Path:
    generation = current(index_directory(catalogue))
    assert generation is not None
    return generation.directory


def found(searcher: Searcher, word: str) -> list[str]:
    return [hit.path for hit in searcher.search(word).hits if word in hit.text]


def names_in(catalogue: Catalogue) -> list[str]:
    return sorted(entry.name for entry in index_directory(catalogue).iterdir())


def test_searcher_keeps_its_generation_until_it_looks_again(catalogue: Catalogue) -> None:
    searcher = Searcher(catalogue, ENCODER)
    for number in range(4):  # the generation that it holds has long been deleted after these
        add(catalogue, f"geese{number}", f"The geese were counted by warden {'abcd'[number] * 6}.")
        update(catalogue, ENCODER)
        assert found(searcher, "ducks") == ["ducks.txt"]
        assert found(searcher, "geese") == []
    searcher.refresh()
    assert len(found(searcher, "geese")) == 4
    assert found(searcher, "ducks") == ["ducks.txt"]


def test_only_the_current_generation_and_the_one_before_are_kept(catalogue: Catalogue) -> None:
    for number in range(3):
        add(catalogue, f"more{number}", f"The gate was mended by {'xyz'[number] * 5}.")
        update(catalogue, ENCODER)
    assert names_in(catalogue) == ["current", "g-3", "g-4"]
    update(catalogue, ENCODER)  # nothing new, so no generation
    assert directory_of(catalogue).name == "g-4"


def test_files_that_do_not_change_are_shared(catalogue: Catalogue) -> None:
    before = directory_of(catalogue)
    add(catalogue, "geese", "The geese were counted.")
    update(catalogue, ENCODER)
    after = directory_of(catalogue)
    shared = [file.name for file in (before / "lexical").glob("*.store") if (after / "lexical" / file.name).exists()]
    assert shared
    assert all(os.path.samefile(before / "lexical" / name, after / "lexical" / name) for name in shared)


def test_index_is_opened_whole_while_it_is_updated(catalogue: Catalogue) -> None:
    """Whoever opens or refreshes meanwhile finds what was there all along."""
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        own = Catalogue(catalogue.directory)
        try:
            while not done.is_set():
                if found(Searcher(own, ENCODER), "ducks") != ["ducks.txt"]:
                    wrong.append("not found")
        except Exception as exc:
            wrong.append(repr(exc))
        own.close()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(12):
        add(catalogue, "lamps", f"The lamps in the lane burn until {number + 1} o'clock.")
        update(catalogue, ENCODER)
    done.set()
    reader.join()
    assert wrong == []
    assert found(Searcher(catalogue, ENCODER), "12") == ["lamps.txt"]


def test_new_generation_is_seen_whatever_the_clock_says(catalogue: Catalogue) -> None:
    pointer = index_directory(catalogue) / "current"
    times = (pointer.stat().st_atime_ns, pointer.stat().st_mtime_ns)
    searcher = Searcher(catalogue, ENCODER)
    add(catalogue, "geese", "The geese were counted.")
    update(catalogue, ENCODER)
    os.utime(pointer, ns=times)
    searcher.refresh()
    assert found(searcher, "geese") == ["geese.txt"]


@pytest.mark.parametrize("name", ["dense.faiss", "columns.npz", "words.tsv", "lexical/meta.json", "meta.json"])
def test_flipped_byte_is_named_and_the_next_update_mends_it(catalogue: Catalogue, name: str) -> None:
    file = directory_of(catalogue) / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    problems = check(catalogue.directory).problems
    assert any(str(file) in problem.what and "minutebook rebuild" in problem.remedy for problem in problems)
    add(catalogue, "geese", "The geese were counted.")
    report = update(catalogue, ENCODER)
    assert report.repaired is not None
    assert str(file) in report.repaired
    assert (report.embedded, report.added) == (1, 3)
    assert check(catalogue.directory).problems == ()
    assert found(Searcher(catalogue, ENCODER), "geese") == ["geese.txt"]


@pytest.mark.parametrize("content", ["", "g-1\n", "g-1 0123456789abcdef0123456789abcdef\n", "../../etc 00\n"])
def test_damaged_pointer_is_refused_and_mended(catalogue: Catalogue, content: str) -> None:
    (index_directory(catalogue) / "current").write_text(content, encoding="utf-8")
    with pytest.raises(IndexMismatchError, match="run 'minutebook rebuild'"):
        Searcher(catalogue, ENCODER)
    assert check(catalogue.directory).problems
    assert update(catalogue, ENCODER).repaired
    assert found(Searcher(catalogue, ENCODER), "ducks") == ["ducks.txt"]


def test_shortened_file_is_refused_at_once(catalogue: Catalogue) -> None:
    file = directory_of(catalogue) / "words.tsv"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(IndexMismatchError, match=r"words\.tsv is damaged"):
        Searcher(catalogue, ENCODER)


def test_generation_that_was_not_finished_is_passed_by_and_cleared_away(catalogue: Catalogue) -> None:
    unfinished = index_directory(catalogue) / "g-2"
    unfinished.mkdir()
    (unfinished / "dense.faiss").write_bytes(b"half")
    assert found(Searcher(catalogue, ENCODER), "ducks") == ["ducks.txt"]
    add(catalogue, "geese", "The geese were counted.")
    update(catalogue, ENCODER)
    assert not unfinished.exists()
    assert found(Searcher(catalogue, ENCODER), "geese") == ["geese.txt"]


def as_before_generations(catalogue: Catalogue) -> None:
    """Lay the index out as version 2 of its format did: one set of files, no pointer and no checksums."""
    index, directory = index_directory(catalogue), directory_of(catalogue)
    values = json.loads((directory / "meta.json").read_text(encoding="utf-8"))
    for entry in directory.iterdir():
        shutil.move(entry, index / entry.name)
    old = {"format": 2, "model": values["model"], "dimension": values["dimension"], "passages": values["passages"]}
    (index / "meta.json").write_text(json.dumps(old), encoding="utf-8")
    (index / "current").unlink()
    directory.rmdir()


def test_index_of_the_old_layout_is_searched_and_moved_by_the_next_update(catalogue: Catalogue) -> None:
    as_before_generations(catalogue)
    assert found(Searcher(catalogue, ENCODER), "ducks") == ["ducks.txt"]
    report = check(catalogue.directory)
    assert (report.problems, any("before checksums" in note for note in report.notes)) == ((), True)
    add(catalogue, "geese", "The geese were counted.")
    built = update(catalogue, ENCODER)
    assert (built.added, built.removed, built.embedded, built.repaired) == (1, 0, 1, None)
    assert found(Searcher(catalogue, ENCODER), "geese") == ["geese.txt"]
    add(catalogue, "swans", "The swans have left.")
    update(catalogue, ENCODER)
    assert names_in(catalogue) == ["current", "g-1", "g-2"]


def as_in_format_3(catalogue: Catalogue) -> None:
    """Write the index as version 3 of its format did: columns do not say what was seen."""
    directory = directory_of(catalogue)
    with np.load(directory / "columns.npz") as stored:
        held = {name: stored[name] for name in stored.files if name != "seen"}
    (directory / "columns.npz").unlink()
    np.savez(directory / "columns.npz", **held)
    values = json.loads((directory / "meta.json").read_text(encoding="utf-8"))
    for name in values["files"]:
        content = (directory / name).read_bytes()
        values["files"][name] = [len(content), hashlib.blake2b(content, digest_size=16).hexdigest()]
    content = json.dumps(values | {"format": 3}).encode()
    (directory / "meta.json").write_bytes(content)
    digest = hashlib.blake2b(content, digest_size=16).hexdigest()
    (index_directory(catalogue) / "current").write_text(f"{directory.name} {digest}\n", encoding="utf-8")


def test_index_of_format_3_is_searched_and_followed_on_from(catalogue: Catalogue) -> None:
    as_in_format_3(catalogue)
    assert found(Searcher(catalogue, ENCODER), "ducks") == ["ducks.txt"]
    assert check(catalogue.directory).problems == ()
    add(catalogue, "geese", "The geese were counted.")
    built = update(catalogue, ENCODER)
    assert (built.added, built.removed, built.embedded, built.repaired) == (1, 0, 1, None)
    assert found(Searcher(catalogue, ENCODER), "geese") == ["geese.txt"]
    assert check(catalogue.directory).problems == ()


def test_vectors_are_handed_on_and_what_changes_lies_beside_them(catalogue: Catalogue) -> None:
    written = (directory_of(catalogue) / "dense.faiss").stat()
    for number in range(3):
        add(catalogue, "geese", f"The geese were counted by warden {'abc'[number] * 6}.")
        update(catalogue, ENCODER)
    after = directory_of(catalogue)
    assert (after / "dense.faiss").stat().st_ino == written.st_ino
    assert list(after.glob("*.recent"))
    assert found(Searcher(catalogue, ENCODER), "cccccc") == ["geese.txt"]
    assert found(Searcher(catalogue, ENCODER), "aaaaaa") == []
    update(catalogue, ENCODER, from_scratch=True)
    assert not list(directory_of(catalogue).glob("*.recent"))
    assert found(Searcher(catalogue, ENCODER), "cccccc") == ["geese.txt"]


def many_blocks(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the index anew as if its files were large: of many blocks, of which an update verifies one or two."""
    monkeypatch.setattr(checksums, "BLOCK", 200)
    monkeypatch.setattr(checksums, "TURN", 2)
    update(catalogue, ENCODER, from_scratch=True)


def flip(file: Path, position: int) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("position", [0, 450, -1])
def test_damage_in_what_is_handed_on_is_found_by_turns(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, position: int
) -> None:
    many_blocks(catalogue, monkeypatch)
    flip(directory_of(catalogue) / "dense.faiss", position)
    assert any("dense.faiss" in problem.what for problem in check(catalogue.directory).problems)
    for number in range(60):
        add(catalogue, "geese", f"The geese were counted by {'warden ' * (number + 1)}.")
        repaired = update(catalogue, ENCODER).repaired
        if repaired:
            assert "dense.faiss" in repaired
            break
        assert any("dense.faiss" in problem.what for problem in check(catalogue.directory).problems)
    else:
        pytest.fail("The damage was never found.")
    assert check(catalogue.directory).problems == ()
    assert found(Searcher(catalogue, ENCODER), "geese") == ["geese.txt"]


def test_damage_is_found_before_it_gets_a_checksum(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors that are written anew, because too many have come beside them, are verified first."""
    many_blocks(catalogue, monkeypatch)
    monkeypatch.setattr(checksums, "TURN", 0)
    flip(directory_of(catalogue) / "dense.faiss", 200)
    folder = catalogue.directory.parent / "minutes"
    for number in range(LEAST + 5):
        (folder / f"swan{number}.txt").write_text(f"Swan {number} was rung by warden {number}.", encoding="utf-8")
    ingest([folder], catalogue, ENCODER)
    report = update(catalogue, ENCODER)
    assert report.repaired is not None
    assert "dense.faiss" in report.repaired
    assert check(catalogue.directory).problems == ()


def test_files_are_copied_where_they_cannot_be_shared(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", no_links)
    add(catalogue, "geese", "The geese were counted.")
    assert update(catalogue, ENCODER).repaired is None
    assert check(catalogue.directory).problems == ()
    assert found(Searcher(catalogue, ENCODER), "geese") == ["geese.txt"]


def test_catalogue_put_back_from_a_copy_is_followed(catalogue: Catalogue, tmp_path: Path) -> None:
    """A row that stands for another passage than when it was indexed is indexed anew."""
    catalogue.close()
    shutil.copy(catalogue.file, tmp_path / "copy")
    add(catalogue, "geese", "The geese were counted.")
    update(catalogue, ENCODER)
    catalogue.close()
    shutil.copy(tmp_path / "copy", catalogue.file)
    (tmp_path / "minutes" / "geese.txt").unlink()
    add(catalogue, "swans", "The swans have left.")
    assert matching_rows(catalogue, Filters()) == [1, 2, 3]  # as the index has them
    assert any("others than" in problem.what for problem in check(catalogue.directory).problems)
    built = update(catalogue, ENCODER)
    assert (built.added, built.removed) == (1, 1)
    assert found(Searcher(catalogue, ENCODER), "swans") == ["swans.txt"]
    assert check(catalogue.directory).problems == ()


def test_lag_counts_what_is_not_indexed_yet_and_what_has_gone(catalogue: Catalogue) -> None:
    add(catalogue, "geese", "The geese were counted.")
    catalogue.remove([str(catalogue.directory.parent / "minutes" / "ducks.txt")])
    behind = lag(catalogue)
    assert (behind.missing, behind.gone) == (1, 1)
    assert any("1 passages are not indexed yet" in note for note in check(catalogue.directory).notes)
