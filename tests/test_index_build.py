"""Building: the indexes follow the catalogue, and what does not fit together is refused."""

import json
import shutil
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.errors import IndexMismatchError
from corpus.filters import Filters, matching_rows
from index.build import index_directory, read_meta, update
from index.dense import DenseIndex
from index.encoder import Encoder
from index.generations import current
from index.lexical import LexicalIndex
from index.search import Searcher
from ingest.pipeline import ingest

TEXTS = {
    "ducks.txt": "The ducks on the village pond are fed with oats.\n",
    "swings.txt": "The swings in Long Meadow are painted green.\n",
    "lamps.txt": "The lamps in Church Lane burn all night.\n",
}


class NamedEncoder(Encoder):
    """The packaged encoder under another name, as a model of that name would be."""

    @property
    def model_id(self) -> str:
        return "another/model"


@pytest.fixture
def catalogue(tmp_path: Path, encoder: Encoder) -> Catalogue:
    folder = tmp_path / "minutes"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    opened = Catalogue(tmp_path / "data", create=True)
    ingest([folder], opened, encoder)
    update(opened, encoder)
    return opened


def current_directory(catalogue: Catalogue) -> Path:
    """Return where the files of the current generation stand."""
    generation = current(index_directory(catalogue))
    assert generation is not None
    return generation.directory


def rows_of(catalogue: Catalogue) -> tuple[list[int], list[int], list[int]]:
    """Return the passage rows of the catalogue, the dense and the lexical index."""
    directory = current_directory(catalogue)
    dense = DenseIndex.read(directory / "dense.faiss").rows().tolist()
    lexical = LexicalIndex(directory / "lexical").rows()
    return matching_rows(catalogue, Filters()), sorted(dense), sorted(lexical)


def location(catalogue: Catalogue, name: str) -> str:
    return str(catalogue.directory.parent / "minutes" / name)


def test_both_indexes_hold_what_the_catalogue_holds(catalogue: Catalogue) -> None:
    current, dense, lexical = rows_of(catalogue)
    assert current == dense == lexical
    assert len(current) == 3


def test_removed_document_is_found_no_more(catalogue: Catalogue, encoder: Encoder) -> None:
    searcher = Searcher(catalogue, encoder)
    assert catalogue.remove([location(catalogue, "ducks.txt")]) == 1
    built = update(catalogue, encoder)
    assert (built.added, built.removed, built.embedded) == (0, 1, 0)
    current, dense, lexical = rows_of(catalogue)
    assert current == dense == lexical
    searcher.refresh()
    assert "ducks.txt" not in [hit.path for hit in searcher.search("ducks fed with oats").hits]


def test_removing_everything_leaves_an_index_that_finds_nothing(catalogue: Catalogue, encoder: Encoder) -> None:
    catalogue.remove([location(catalogue, name) for name in TEXTS])
    assert update(catalogue, encoder).removed == 3
    assert Searcher(catalogue, encoder).search("ducks").hits == ()


def test_hit_removed_between_two_updates_is_left_out(catalogue: Catalogue, encoder: Encoder) -> None:
    searcher = Searcher(catalogue, encoder)
    catalogue.remove([location(catalogue, "ducks.txt")])
    hits = searcher.search("ducks swings lamps").hits
    assert {hit.path for hit in hits} == {"swings.txt", "lamps.txt"}
    assert [hit.rank for hit in hits] == [1, 2]


def test_update_without_news_does_nothing(catalogue: Catalogue, encoder: Encoder) -> None:
    built = update(catalogue, encoder)
    assert (built.embedded, built.added, built.removed) == (0, 0, 0)


def test_rebuilding_embeds_nothing_anew_and_finds_the_same(catalogue: Catalogue, encoder: Encoder) -> None:
    before = Searcher(catalogue, encoder).search("ducks").hits
    built = update(catalogue, encoder, from_scratch=True)
    assert (built.embedded, built.added) == (0, 3)
    assert Searcher(catalogue, encoder).search("ducks").hits == before


@pytest.mark.parametrize("lost", ["dense.faiss", "lexical"])
def test_lost_index_is_refused_and_rebuilt(catalogue: Catalogue, encoder: Encoder, lost: str) -> None:
    place = current_directory(catalogue) / lost
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    with pytest.raises(IndexMismatchError, match="run 'minutebook rebuild'"):
        Searcher(catalogue, encoder)
    update(catalogue, encoder, from_scratch=True)
    current, dense, lexical = rows_of(catalogue)
    assert current == dense == lexical
    assert Searcher(catalogue, encoder).search("ducks").hits[0].path == "ducks.txt"


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_damaged_dense_index_is_refused(catalogue: Catalogue, encoder: Encoder, content: bytes | None) -> None:
    file = current_directory(catalogue) / "dense.faiss"
    file.write_bytes(file.read_bytes()[:-600] if content is None else content)
    with pytest.raises(IndexMismatchError, match="damaged: run 'minutebook rebuild'"):
        Searcher(catalogue, encoder)


def test_damaged_lexical_index_is_refused(catalogue: Catalogue, encoder: Encoder) -> None:
    (current_directory(catalogue) / "lexical" / "meta.json").write_text("garbage", encoding="utf-8")
    with pytest.raises(IndexMismatchError, match="run 'minutebook rebuild'"):
        Searcher(catalogue, encoder)


@pytest.mark.parametrize("content", ["garbage", "[]", '{"format": 3}', ""])
def test_damaged_description_is_refused(catalogue: Catalogue, encoder: Encoder, content: str) -> None:
    (current_directory(catalogue) / "meta.json").write_text(content, encoding="utf-8")
    with pytest.raises(IndexMismatchError, match="damaged: run 'minutebook rebuild'"):
        Searcher(catalogue, encoder)
    update(catalogue, encoder, from_scratch=True)
    assert Searcher(catalogue, encoder).search("ducks").hits


def test_index_of_another_format_is_refused(catalogue: Catalogue, encoder: Encoder) -> None:
    file = current_directory(catalogue) / "meta.json"
    file.write_text(json.dumps({**json.loads(file.read_text(encoding="utf-8")), "format": 999}), encoding="utf-8")
    with pytest.raises(IndexMismatchError, match=r"format 999.*run 'minutebook rebuild'"):
        Searcher(catalogue, encoder)


def test_index_of_another_model_is_refused_before_anything_is_embedded(catalogue: Catalogue) -> None:
    other = NamedEncoder()
    for open_it in (Searcher, update):
        with pytest.raises(
            IndexMismatchError, match="set MINUTEBOOK_MODEL=minutebook-minilm-1, or run 'minutebook rebuild'"
        ):
            open_it(catalogue, other)
    assert "_model" not in vars(other)


def test_rebuilding_for_another_model_embeds_everything(catalogue: Catalogue) -> None:
    other = NamedEncoder()
    assert update(catalogue, other, from_scratch=True).embedded == 3
    meta = read_meta(index_directory(catalogue))
    assert meta is not None
    assert (meta.model, meta.passages, meta.dimension) == ("another/model", 3, 384)
    assert Searcher(catalogue, other).search("ducks").hits[0].path == "ducks.txt"


def test_searching_before_the_first_index_says_what_to_run(tmp_path: Path, encoder: Encoder) -> None:
    catalogue = Catalogue(tmp_path / "data", create=True)
    assert read_meta(index_directory(catalogue)) is None
    with pytest.raises(IndexMismatchError, match="There is no index yet: run 'minutebook ingest PATH'"):
        Searcher(catalogue, encoder)


def test_opened_searcher_sees_a_later_ingest(catalogue: Catalogue, encoder: Encoder) -> None:
    searcher = Searcher(catalogue, encoder)
    folder = catalogue.directory.parent / "minutes"
    (folder / "geese.txt").write_text("The geese have come back from Sweden.\n", encoding="utf-8")
    ingest([folder], catalogue, encoder)
    update(catalogue, encoder)
    searcher.refresh()
    assert searcher.search("geese Sweden").hits[0].path == "geese.txt"


def test_words_are_embedded_once_whatever_holds_them(catalogue: Catalogue, encoder: Encoder) -> None:
    """The same passage under the same heading in a second document needs no second vector."""
    folder = catalogue.directory.parent / "more"
    folder.mkdir()
    text = "# Ducks\n\nThe ducks are fed.\n\n# {}\n\nThe {} are counted.\n"
    for name in ("Geese", "Swans"):
        (folder / f"{name}.md").write_text(text.format(name, name.lower()), encoding="utf-8")
    ingest([folder], catalogue, encoder)
    built = update(catalogue, encoder)
    assert (built.added, built.embedded) == (4, 3)
