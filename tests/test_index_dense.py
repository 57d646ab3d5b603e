"""The vector index in every form: all vectors compared, and lists about centroids, on real FAISS files."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.errors import IndexMismatchError
from index.dense import EXACT_MOST, DenseIndex
from index.dense_file import described, in_words

DIMENSION = 32
LARGE = EXACT_MOST + 10_000
Vectors = NDArray[np.float32]


def vectors_of(number: int, seed: int) -> Vectors:
    """Unit vectors that overlap as text does: each between two of 500 matters, with something of its own."""
    chance, matters = np.random.default_rng(seed), np.random.default_rng(1).normal(size=(500, DIMENSION))
    share = chance.uniform(0, 0.8, size=(number, 1))
    mixed = matters[chance.integers(500, size=number)] + share * matters[chance.integers(500, size=number)]
    return unit(mixed + chance.normal(scale=0.35, size=mixed.shape))


def unit(vectors: NDArray[np.floating]) -> Vectors:
    scaled: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def nearest(query: Vectors, rows: NDArray[np.int64], vectors: Vectors, depth: int) -> list[int]:
    found: list[int] = rows[np.argsort(-(vectors @ query), kind="stable")[:depth]].tolist()
    return found


def recall(
    index: DenseIndex, rows: NDArray[np.int64], vectors: Vectors, only: NDArray[np.int64] | None = None
) -> float:
    """Share of the 50 nearest that are found, for questions, which lie further off than passages do."""
    questions = unit(vectors_of(40, 7) + np.random.default_rng(8).normal(scale=0.15, size=(40, DIMENSION)))
    kept = np.ones(len(rows), np.bool_) if only is None else np.isin(rows, only)
    shares = []
    for question in questions:
        wanted = nearest(question, rows[kept], vectors[kept], 50)
        shares.append(len({*index.search(question, 50, only)[0].tolist()} & {*wanted}) / len(wanted))
    return float(np.mean(shares))


@pytest.fixture(scope="module", params=[None, "rabitq"])
def large(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, NDArray[np.int64], Vectors]:
    """An index too large to compare everything: its file, rows (every third number) and vectors."""
    file = tmp_path_factory.mktemp("dense") / "dense.faiss"
    rows, vectors = np.arange(1, LARGE + 1) * 3, vectors_of(LARGE, 2)
    index = DenseIndex.empty(DIMENSION)
    for start in range(0, LARGE, 25_000):
        index.add(rows[start : start + 25_000].tolist(), vectors[start : start + 25_000])
    index.write(file, form=request.param)
    assert index.form.name == (request.param or "sq8")
    return file, rows, vectors


def test_small_index_finds_just_the_nearest(tmp_path: Path) -> None:
    rows, vectors = np.arange(2_000) * 2 + 5, vectors_of(2_000, 3)
    made = DenseIndex.empty(DIMENSION)
    made.add(rows.tolist(), vectors)
    made.write(tmp_path / "dense.faiss")
    index = DenseIndex.read(tmp_path / "dense.faiss")
    question = vectors_of(1, 4)[0]
    found, cosines = index.search(question, 50)
    assert index.exact
    assert found.tolist() == nearest(question, rows, vectors, 50)
    assert cosines == pytest.approx(index.score(question, found), abs=1e-6)
    only = rows[3:40]
    assert index.search(question, 10, only)[0].tolist() == nearest(question, only, vectors[3:40], 10)
    assert len(index.search(question, 50, only)[0]) == 37
    assert index.search(question, 10, np.empty(0, np.int64))[0].tolist() == []


def test_vectors_come_back_in_the_order_asked(large: tuple[Path, NDArray[np.int64], Vectors]) -> None:
    file, rows, vectors = large
    index = DenseIndex.read(file)
    asked = np.array([50_000, 3, 41_111, 17])
    assert np.abs(index.vectors(rows[asked]) - vectors[asked]).max() < 1e-3
    assert index.score(vectors[9], rows[asked]) == pytest.approx(vectors[asked] @ vectors[9], abs=1e-3)
    assert index.vectors(np.empty(0, np.int64)).shape == (0, DIMENSION)


def test_vector_that_is_missing_is_not_passed_over(large: tuple[Path, NDArray[np.int64], Vectors]) -> None:
    with pytest.raises(IndexMismatchError, match="minutebook rebuild"):
        DenseIndex.read(large[0]).score(large[2][0], np.array([3, 4, 6]))


def test_large_index_is_smaller_a_passage_and_finds_nearly_all(large: tuple[Path, NDArray[np.int64], Vectors]) -> None:
    file, rows, vectors = large
    index = DenseIndex.read(file)
    assert not index.exact
    assert len(index) == LARGE
    assert sorted(index.rows().tolist()) == rows.tolist()
    assert recall(index, rows, vectors) >= 0.99


@pytest.mark.parametrize("kept", [40, 60, 600, 6_000, 30_000])
def test_filters_of_any_breadth_lose_nothing_in_a_large_index(
    large: tuple[Path, NDArray[np.int64], Vectors], kept: int
) -> None:
    file, rows, vectors = large
    index = DenseIndex.read(file)
    far = np.argsort(vectors @ vectors_of(1, 5)[0])[:kept]  # one corner of the collection, as a committee is
    only = np.sort(rows[far])
    found, _ = index.search(vectors_of(1, 6)[0], 1_000, only)
    assert {*found.tolist()} <= {*only.tolist()}
    assert len(found) == min(kept, 1_000)
    assert recall(index, rows, vectors, only) >= 0.99
    anywhere = np.sort(np.random.default_rng(kept).choice(rows, kept, replace=False))
    assert recall(index, rows, vectors, anywhere) >= 0.99


def test_rows_that_are_not_held_are_not_found(large: tuple[Path, NDArray[np.int64], Vectors]) -> None:
    index = DenseIndex.read(large[0])
    found, _ = index.search(vectors_of(1, 6)[0], 10, np.array([2, 3, 4, 6, 10**9]))
    assert sorted(found.tolist()) == [3, 6]


def test_large_index_takes_in_and_forgets_passages(
    large: tuple[Path, NDArray[np.int64], Vectors], tmp_path: Path
) -> None:
    file, rows, vectors = large
    index = DenseIndex.read(file)
    new = unit(-vectors[:3])  # where nothing was before
    index.add([1, 2, 4], new)
    index.remove([2, int(rows[8])])
    index.write(tmp_path / "dense.faiss")
    again = DenseIndex.read(tmp_path / "dense.faiss")
    assert len(again) == LARGE + 1
    assert again.search(new[0], 1)[0].tolist() == [1]
    assert again.search(new[2], 1)[0].tolist() == [4]
    assert 2 not in again.search(new[1], 1_000)[0]
    assert rows[8] not in again.search(vectors[8], 1_000)[0]
    assert {2, int(rows[8])}.isdisjoint(again.rows().tolist())


def test_passage_that_is_superseded_is_found_by_its_new_vector_only(
    large: tuple[Path, NDArray[np.int64], Vectors], tmp_path: Path
) -> None:
    file, rows, vectors = large
    index, row, new = DenseIndex.read(file), int(rows[70]), unit(-vectors[70:71])
    index.remove([row])
    index.add([row], unit(-vectors[80:81]))
    index.remove([row])
    index.add([row], new)
    index.write(tmp_path / "dense.faiss")
    again = DenseIndex.read(tmp_path / "dense.faiss")
    assert len(again) == LARGE
    assert again.rows().tolist() == rows.tolist()
    assert again.search(new[0], 1)[0].tolist() == [row]
    assert row not in again.search(vectors[70], 1_000)[0]
    assert again.score(new[0], np.array([row])) == pytest.approx([1], abs=1e-3)


def test_index_says_what_it_measured_and_it_is_true(large: tuple[Path, NDArray[np.int64], Vectors]) -> None:
    file, rows, vectors = large
    form = described(file)
    assert form == DenseIndex.read(file).form
    assert (form.vectors, form.measured, form.dimension) == (LARGE, LARGE, DIMENSION)
    assert form.recall == pytest.approx(recall(DenseIndex.read(file), rows, vectors), abs=0.01)
    assert form.recall >= 0.99
    assert form.searched < LARGE * DIMENSION * 2  # less than in half precision
    assert file.stat().st_size == pytest.approx(form.searched + form.kept, abs=1_000)
    assert f"{form.recall:.1%} of the 50 nearest" in in_words(form)


def test_small_index_grows_into_a_large_one_and_what_is_left_of_it_is_found(tmp_path: Path) -> None:
    file, vectors = tmp_path / "dense.faiss", vectors_of(3_000, 14)
    index = DenseIndex.empty(DIMENSION)
    index.add(range(2_000), vectors[:2_000])
    index.write(file)
    index.remove([5])
    index.write(file, form="rabitq")
    assert not index.exact
    index.add(range(2_000, 3_000), vectors[2_000:])
    index.write(file)
    assert recall(index, np.delete(np.arange(3_000), 5), np.delete(vectors, 5, axis=0)) >= 0.99
    index.remove(range(10, 3_000))
    index.write(file)
    assert sorted(index.search(vectors[0], 50)[0].tolist()) == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    index.remove(range(10))
    index.write(file)
    assert DenseIndex.read(file).search(vectors[0], 50)[0].tolist() == []


HOLD = """
import sys
from pathlib import Path
import numpy as np
from index.dense import DenseIndex
index = DenseIndex.read(Path(sys.argv[1]))
for query in np.random.default_rng(0).normal(size=(100, index.dimension)).astype(np.float32):
    index.search(query, 1000)
lines = Path("/proc/self/smaps").read_text().split(sys.argv[1])[1:]
print(sum(int(line.split("Private_Dirty:")[1].split()[0]) for line in lines), len(lines), flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="memory is told apart by Linux only")
def test_process_that_searches_holds_no_copy_of_the_index(large: tuple[Path, NDArray[np.int64], Vectors]) -> None:
    done = subprocess.run([sys.executable, "-c", HOLD, str(large[0])], check=True, capture_output=True, text=True)
    dirty, areas = map(int, done.stdout.split())
    assert areas >= 2  # what FAISS searches, and the vectors
    assert dirty == 0


def test_recall_holds_when_an_index_has_grown_several_times_about_other_matters(tmp_path: Path) -> None:
    file, size = tmp_path / "dense.faiss", EXACT_MOST + 1_000
    rows, vectors = np.arange(4 * size), np.concatenate([vectors_of(size, seed) for seed in (10, 11, 12, 13)])
    vectors[size:] = vectors[size:, ::-1]
    for start in range(0, 4 * size, size):
        index = DenseIndex.read(file) if file.exists() else DenseIndex.empty(DIMENSION)
        index.add(rows[start : start + size].tolist(), vectors[start : start + size])
        index.write(file)
    assert recall(DenseIndex.read(file), rows, vectors) >= 0.99


def test_index_that_is_searched_outlives_its_file(tmp_path: Path) -> None:
    file, vectors = tmp_path / "dense.faiss", vectors_of(10, 9)
    made = DenseIndex.empty(DIMENSION)
    made.add(list(range(10)), vectors)
    made.write(file)
    searched = DenseIndex.read(file)
    made.remove([3])
    made.write(file)  # an ingest has ended while another process searches
    assert searched.search(vectors[3], 1)[0].tolist() == [3]
    assert DenseIndex.read(file).search(vectors[3], 1)[0].tolist() != [3]


@pytest.mark.parametrize(("form", "seed"), [(None, 1), (None, 2), ("sq8", 3), ("rabitq", 4)])
def test_update_after_update_finds_what_an_index_made_anew_finds(tmp_path: Path, form: str | None, seed: int) -> None:
    file, chance = tmp_path / "dense.faiss", np.random.default_rng(seed)
    held = dict(enumerate(vectors_of(3_000, seed)))
    index = DenseIndex.empty(DIMENSION)
    index.add(list(held), np.stack(list(held.values())))
    index.write(file, form=form)
    whole, kept = file.stat().st_ino, 0
    for step in range(40):
        index = DenseIndex.read(file)
        gone = chance.choice([*held], int(chance.integers(0, 30)), replace=False).tolist()
        again = gone[: len(gone) // 2]  # superseded: the same row with another vector
        rows = [*again, *range(10_000 + 100 * step, 10_000 + 100 * step + int(chance.integers(0, 40)))]
        vectors = vectors_of(len(rows), 1_000 * seed + step)
        index.remove(gone)
        index.add(rows, vectors)
        held = {row: vector for row, vector in held.items() if row not in gone} | dict(zip(rows, vectors, strict=True))
        assert len(index) == len(held)
        index.write(file)
        kept += file.stat().st_ino == whole
        whole = file.stat().st_ino
        if step % 4 == 3:
            same_as_anew(DenseIndex.read(file), held, form)
    assert 20 <= kept < 40  # most updates leave the large file alone, and in the end it is written again


def same_as_anew(index: DenseIndex, held: dict[int, Vectors], form: str | None) -> None:
    """See that an index holds just these vectors and finds of them what one that is made anew finds."""
    rows, vectors = np.array(sorted(held)), np.stack([held[row] for row in sorted(held)])
    some = np.random.default_rng(0).choice(rows, 200, replace=False)
    assert index.rows().tolist() == rows.tolist()
    assert np.abs(index.vectors(some) - np.stack([held[row] for row in some])).max() < 1e-3
    for question in vectors_of(5, 99):
        for only in (None, rows[:40], np.sort(some), rows[::2]):
            kept = np.ones(len(rows), np.bool_) if only is None else np.isin(rows, only)
            found, scores = index.search(question, 30, only)
            wanted = nearest(question, rows[kept], vectors[kept], 30)
            assert scores.tolist() == sorted(scores.tolist(), reverse=True)
            if form is None:
                assert found.tolist() == wanted
            else:
                assert len({*found.tolist()} & {*wanted}) >= 27
                assert {*found.tolist()} <= {*rows[kept].tolist()}


@pytest.mark.parametrize("form", ["sq8", "rabitq"])
def test_passages_alike_are_not_taken_for_ones_that_were_missed(tmp_path: Path, form: str) -> None:
    """Every council has the same sentences: which of them are found is all the same."""
    index = DenseIndex.empty(DIMENSION)
    index.add(range(6_000), np.tile(vectors_of(100, 31), (60, 1)))
    index.write(tmp_path / "dense.faiss", form=form)
    assert index.form.name == form
    assert index.form.recall >= 0.99
    assert index.form.candidates < 1_000


def test_many_of_the_nearest_are_found_as_well_as_few(large: tuple[Path, NDArray[np.int64], Vectors]) -> None:
    file, rows, vectors = large
    index = DenseIndex.read(file)
    shares = [
        len({*index.search(question, 500)[0].tolist()} & {*nearest(question, rows, vectors, 500)}) / 500
        for question in vectors_of(20, 7)
    ]
    assert np.mean(shares) >= 0.95


def test_update_writes_what_changed_and_shares_the_rest(
    large: tuple[Path, NDArray[np.int64], Vectors], tmp_path: Path
) -> None:
    file, (_, rows, vectors) = tmp_path / "dense.faiss", large
    shutil.copy(large[0], file)
    whole = file.stat()
    for number in range(30):
        index = DenseIndex.read(file)
        index.remove([int(rows[number])])
        index.add([1 + 3 * number], -vectors[number : number + 1])
        index.write(file)
    beside = [entry for entry in tmp_path.iterdir() if entry != file]
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (whole.st_ino, whole.st_mtime_ns)
    assert len(beside) <= 5
    assert sum(entry.stat().st_size for entry in beside) < 30 * (DIMENSION * 4 + 200)
    index = DenseIndex.read(file)
    assert index.search(-vectors[7], 1)[0].tolist() == [22]
    assert rows[7] not in index.search(vectors[7], 1_000)[0]
    assert len(index) == LARGE


def test_damaged_file_of_recent_vectors_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "dense.faiss"
    index = DenseIndex.empty(DIMENSION)
    index.add(range(10), vectors_of(10, 1))
    index.write(file)
    index.add([10], vectors_of(1, 2))
    index.write(file)
    (beside,) = (entry for entry in tmp_path.iterdir() if entry != file)
    content = beside.read_bytes()
    for damaged in (b"", content[:-1], b"x" + content[1:], content[:15] + b"\xff" + content[16:]):
        beside.write_bytes(damaged)
        with pytest.raises(IndexMismatchError, match="minutebook rebuild"):
            DenseIndex.read(file)


def test_empty_index_finds_nothing(tmp_path: Path) -> None:
    DenseIndex.empty(DIMENSION).write(tmp_path / "dense.faiss")
    index = DenseIndex.read(tmp_path / "dense.faiss")
    assert index.dimension == DIMENSION
    assert index.search(vectors_of(1, 1)[0], 10)[0].tolist() == []


def test_missing_or_cut_off_file_says_what_to_do(
    large: tuple[Path, NDArray[np.int64], Vectors], tmp_path: Path
) -> None:
    whole = large[0].read_bytes()
    (tmp_path / "cut.faiss").write_bytes(whole[:100_000])
    (tmp_path / "end.faiss").write_bytes(whole[:-10])
    (tmp_path / "said.faiss").write_bytes(whole.replace(b'"lists"', b'"listz"'))
    for name in ("cut.faiss", "end.faiss", "said.faiss", "absent.faiss"):
        with pytest.raises(IndexMismatchError, match="minutebook rebuild"):
            DenseIndex.read(tmp_path / name)
