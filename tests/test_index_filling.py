"""Columns filled from what changed are the same as those filled from everything."""

import random
from pathlib import Path

import numpy as np
import pytest

from corpus.catalogue import Catalogue
from corpus.model import SEARCH_KINDS
from index.columns import ARRAYS, NAMES, Columns, read, write
from index.filling import build, changed
from ingest.pipeline import ingest
from tests.faults import Hashed

COUNCILS = ("Ashmere Borough Council", "Bramdale Parish Council", "Culvert District Council")


def document(chance: random.Random, number: int) -> str:
    """Minutes of some council, or of none that is named."""
    head = f"{chance.choice(COUNCILS)}\n\n{chance.choice(('Planning', 'Finance'))} Committee\n\n"
    day = f"Minutes of the meeting held on {chance.randint(1, 28)} March {chance.randint(2018, 2024)}\n\n"
    noted = f"The {chance.choice(('weir', 'kiln', 'jetty'))} {number}\n\nIt was noted that {number} of them stand."
    matters = (f"{at}. {noted}\n\nRESOLVED: that the {at} be mended.\n\n" for at in range(1, chance.randint(2, 5)))
    return (head + day if chance.random() < 0.8 else "") + "".join(matters)


def same(one: Columns, other: Columns) -> bool:
    arrays = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in (*ARRAYS, "seen"))
    kinds = all(getattr(one, name).dtype == getattr(other, name).dtype for name in ARRAYS)
    return arrays and kinds and all(getattr(one, name) == getattr(other, name) for name in NAMES)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_change_after_change_gives_the_columns_of_all(tmp_path: Path, seed: int) -> None:
    chance, catalogue, folder = random.Random(seed), Catalogue(tmp_path / "data", create=True), tmp_path / "minutes"
    folder.mkdir()
    columns, read_again = build(catalogue, None), []
    for number in range(10):
        (folder / f"{number}.txt").write_text(document(chance, 100 + number), encoding="utf-8")
    for step in range(8):
        for _ in range(chance.randint(0, 4)):
            name = f"{chance.randint(0, 9)}.txt"  # often one that is there already
            (folder / name).write_text(document(chance, step), encoding="utf-8")
        if chance.random() < 0.5 and (there := sorted(folder.iterdir())):
            gone = chance.choice(there)
            gone.unlink()
            catalogue.remove([str(gone)])
        ingest([folder], catalogue, Hashed())
        read_again.append(len(changed(catalogue, columns) or ()))
        columns = build(catalogue, columns)
        write(columns, tmp_path / "columns.npz")
        columns = read(tmp_path / "columns.npz")
        assert same(columns, build(catalogue, None))
        assert changed(catalogue, columns) == []
    assert len(columns) > 0
    assert columns.kinds.max() < 1 << len(SEARCH_KINDS)
    assert max(read_again[1:]) <= 8  # not all documents


def test_document_whose_seal_is_missing_is_read_all_the_same(tmp_path: Path) -> None:
    catalogue, folder = Catalogue(tmp_path / "data", create=True), tmp_path / "minutes"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(document(random.Random(number), number), encoding="utf-8")
    ingest([folder], catalogue, Hashed())
    before = build(catalogue, None)
    catalogue.connection.execute(
        "DELETE FROM seals WHERE key = (SELECT MIN(key) FROM seals WHERE key LIKE 'document %')"
    )
    assert len(changed(catalogue, before) or ()) == 1
    after = build(catalogue, before)
    assert after.row.tolist() == before.row.tolist()
    assert after.documents == before.documents
