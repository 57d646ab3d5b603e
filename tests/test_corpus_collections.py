"""Collections: who may change them, what they hold, and what is shown once a source is gone."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from corpus import ids, reading_lists
from corpus.catalogue import Catalogue
from corpus.collected import shown
from corpus.errors import CatalogueError, CollectionError, NotFoundError, ReadOnlyError
from corpus.model import Document, Passage, Source
from corpus.reading_lists import (
    LONGEST_NOTE,
    LONGEST_QUOTE,
    LONGEST_TITLE,
    MOST_ENTRIES,
    Keys,
    Quoted,
    add,
    create,
    delete,
    move,
    read,
    remove,
    rename,
    set_note,
    share_key,
)

FERRY = "The ferry steps would be mended before the regatta."
BAKERY = "The lease of the bakery was renewed for nine years."


def quoted(name: str, quote: str = FERRY, document: str = "d", start: int = 0) -> Quoted:
    return Quoted(name, document, quote, start, start + len(quote), "Saltby Town Council, committee unknown.")


def held(directory: Path, key: str) -> list[str]:
    return [entry.passage.passage_id for entry in read(directory, key).entries]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return create(tmp_path, "Ferries")


def test_share_link_shows_a_collection_and_cannot_change_it(tmp_path: Path, keys: Keys) -> None:
    add(tmp_path, keys.edit, quoted("a"))
    set_note(tmp_path, keys.edit, "a", "Ask the harbour master.")
    mine, theirs = read(tmp_path, keys.edit), read(tmp_path, keys.share)
    assert (mine.editable, theirs.editable) == (True, False)
    assert mine.share_key == theirs.share_key == keys.share == share_key(keys.edit)
    assert mine.entries == theirs.entries
    assert mine.entries[0].note == "Ask the harbour master."
    for change in (
        lambda: add(tmp_path, keys.share, quoted("b")),
        lambda: set_note(tmp_path, keys.share, "a", "x"),
        lambda: remove(tmp_path, keys.share, "a"),
        lambda: move(tmp_path, keys.share, "a", 1),
        lambda: rename(tmp_path, keys.share, "x"),
        lambda: delete(tmp_path, keys.share),
    ):
        with pytest.raises(ReadOnlyError, match="edit link"):
            change()
    assert read(tmp_path, keys.edit) == mine


def test_file_does_not_hold_the_keys(tmp_path: Path, keys: Keys) -> None:
    add(tmp_path, keys.edit, quoted("a"))
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Ferries" in stored
    assert keys.edit.encode() not in stored
    assert keys.share.encode() not in stored


def test_keys_cannot_be_guessed_from_one_another(tmp_path: Path) -> None:
    made = [create(tmp_path, "Same title") for _ in range(20)]
    assert len({key for keys in made for key in (keys.edit, keys.share)}) == 40
    assert all(len(keys.edit) >= 32 and len(keys.share) == 22 for keys in made)


@pytest.mark.parametrize("key", ["", "nonsense", "' OR 1=1 --", "%", "\udcff", "x" * 100_000])
def test_unknown_key_opens_nothing(tmp_path: Path, key: str) -> None:
    with pytest.raises(NotFoundError):  # before there is a file
        read(tmp_path, key)
    assert not list(tmp_path.iterdir())
    create(tmp_path, "Ferries")
    with pytest.raises(NotFoundError):
        read(tmp_path, key)
    with pytest.raises(NotFoundError):
        add(tmp_path, key, quoted("a"))


def test_order_is_the_readers_own(tmp_path: Path, keys: Keys) -> None:
    for name in "abcd":
        assert add(tmp_path, keys.edit, quoted(name))
    move(tmp_path, keys.edit, "c", -1)
    assert held(tmp_path, keys.edit) == ["a", "c", "b", "d"]
    move(tmp_path, keys.edit, "a", 1)
    assert held(tmp_path, keys.edit) == ["c", "a", "b", "d"]
    move(tmp_path, keys.edit, "c", -1)  # at the top already
    move(tmp_path, keys.edit, "b", 99)
    assert held(tmp_path, keys.edit) == ["c", "a", "d", "b"]
    remove(tmp_path, keys.edit, "a")
    add(tmp_path, keys.edit, quoted("e"))
    assert held(tmp_path, keys.edit) == ["c", "d", "b", "e"]
    with pytest.raises(NotFoundError):
        move(tmp_path, keys.edit, "a", 1)


def test_passage_is_added_once_and_its_note_is_kept(tmp_path: Path, keys: Keys) -> None:
    add(tmp_path, keys.edit, quoted("a"))
    set_note(tmp_path, keys.edit, "a", "first\r\nsecond\rthird\0\udcff")
    before = read(tmp_path, keys.edit)
    assert add(tmp_path, keys.edit, quoted("a")) is False
    assert read(tmp_path, keys.edit) == before
    assert before.entries[0].note == "first\nsecond\nthird?"
    with pytest.raises(NotFoundError):
        set_note(tmp_path, keys.edit, "other", "x")
    with pytest.raises(NotFoundError):
        remove(tmp_path, keys.edit, "other")


def test_bounds_are_said(tmp_path: Path, keys: Keys) -> None:
    for number in range(MOST_ENTRIES):
        add(tmp_path, keys.edit, quoted(str(number)))
    with pytest.raises(CollectionError, match=str(MOST_ENTRIES)):
        add(tmp_path, keys.edit, quoted("one more"))
    assert add(tmp_path, keys.edit, quoted("7")) is False  # what is there already is no error
    set_note(tmp_path, keys.edit, "7", "é" * LONGEST_NOTE)
    with pytest.raises(CollectionError, match="5,001"):
        set_note(tmp_path, keys.edit, "7", "é" * (LONGEST_NOTE + 1))
    rename(tmp_path, keys.edit, "t" * LONGEST_TITLE)
    for title in ("t" * (LONGEST_TITLE + 1), "", " \n "):
        with pytest.raises(CollectionError):
            rename(tmp_path, keys.edit, title)
    assert len(read(tmp_path, keys.edit).title) == LONGEST_TITLE
    other = create(tmp_path, "Second")
    with pytest.raises(CollectionError, match="longer"):
        add(tmp_path, other.edit, quoted("long", "w" * (LONGEST_QUOTE + 1)))


def test_full_file_lets_go_of_empty_collections_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_lists, "MOST_COLLECTIONS", 2)
    empty, kept = create(tmp_path, "Empty"), create(tmp_path, "Kept")
    add(tmp_path, kept.edit, quoted("a"))
    with pytest.raises(CollectionError, match="no room"):
        create(tmp_path, "Third")
    with sqlite3.connect(tmp_path / "collections.db") as file:  # two years pass
        file.execute("UPDATE collections SET changed = '2020-01-01T00:00:00+00:00'")
    file.close()
    third = create(tmp_path, "Third")
    with pytest.raises(NotFoundError):
        read(tmp_path, empty.edit)
    assert read(tmp_path, third.edit).title == "Third"
    assert held(tmp_path, kept.edit) == ["a"]


def test_deleted_collection_leaves_nothing_behind(tmp_path: Path, keys: Keys) -> None:
    other = create(tmp_path, "Other")
    add(tmp_path, other.edit, quoted("a"))
    add(tmp_path, keys.edit, quoted("a", "A private remark on zeppelins."))
    set_note(tmp_path, keys.edit, "a", "My note on dirigibles.")
    delete(tmp_path, keys.edit)
    for key in (keys.edit, keys.share):
        with pytest.raises(NotFoundError):
            read(tmp_path, key)
    assert held(tmp_path, other.edit) == ["a"]
    stored = (tmp_path / "collections.db").read_bytes()
    assert b"zeppelins" not in stored
    assert b"dirigibles" not in stored


def test_writers_at_once_lose_nothing(tmp_path: Path, keys: Keys) -> None:
    names = [f"p{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda name: add(tmp_path, keys.edit, quoted(name)), names))
        list(pool.map(lambda name: set_note(tmp_path, keys.edit, name, name), names))
    entries = read(tmp_path, keys.edit).entries
    assert sorted(entry.passage.passage_id for entry in entries) == sorted(names)
    assert all(entry.note == entry.passage.passage_id for entry in entries)


def test_directory_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="must be a file that can be written"):
        create(tmp_path / "missing", "Ferries")
    (tmp_path / "collections.db").write_bytes(b"not a database at all" * 100)
    for use in (lambda: create(tmp_path, "Ferries"), lambda: read(tmp_path, "k"), lambda: delete(tmp_path, "k")):
        with pytest.raises(CatalogueError, match=r"collections\.db"):
            use()


def test_collections_of_another_format_are_refused(tmp_path: Path, keys: Keys) -> None:
    with sqlite3.connect(tmp_path / "collections.db") as file:
        file.execute("PRAGMA user_version = 9")
    file.close()
    for use in (lambda: read(tmp_path, keys.edit), lambda: rename(tmp_path, keys.edit, "x")):
        with pytest.raises(CatalogueError, match="format 9"):
            use()


def test_read_only_file_can_be_read(tmp_path: Path, keys: Keys) -> None:
    add(tmp_path, keys.edit, quoted("a"))
    before = (tmp_path / "collections.db").read_bytes()
    assert held(tmp_path, keys.share) == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["collections.db"]
    assert (tmp_path / "collections.db").read_bytes() == before


# -- what is shown ---------------------------------------------------------------------------------------


def store(catalogue: Catalogue, text: str, spans: list[tuple[int, int]], location: str = "/m/a") -> list[Quoted]:
    """Store a document with passages at some offsets; return them as they are added to a collection."""
    name = ids.document_id(text)
    texts = [text[start:end] for start, end in spans]
    names = ids.passage_ids(name, texts)
    passages = tuple(
        Passage(one, start, end, text[start:end], "minutes") for one, (start, end) in zip(names, spans, strict=True)
    )
    document = Document(name, text, "Minutes", "minutes", passages=passages)
    catalogue.save(document, Source(location, location, text, name))
    return [Quoted(p.passage_id, name, p.text, p.start, p.end, "A citation.") for p in passages]


def test_quote_is_shown_from_the_source_and_not_from_the_collection(tmp_path: Path, keys: Keys) -> None:
    catalogue = Catalogue(tmp_path, create=True)
    text = f"{FERRY}\n\n{BAKERY}\n"
    ferry, bakery = store(catalogue, text, [(0, len(FERRY)), (len(FERRY) + 2, len(text) - 1)])
    forged = replace(ferry, passage_id="0" * 20, quote="The mayor resigned.")
    for passage in (ferry, bakery, forged):
        add(tmp_path, keys.edit, passage)
    first, second, third = shown(catalogue, read(tmp_path, keys.edit).entries)
    assert (first.quote, second.quote, third.quote) == (FERRY, BAKERY, None)
    assert text[second.start : second.end] == BAKERY
    assert (first.problem, second.held) == (None, True)
    assert third.problem is not None
    assert "not shown" in third.problem
    catalogue.close()


def test_removed_source_is_said_and_an_ingest_of_it_brings_the_quote_back(tmp_path: Path, keys: Keys) -> None:
    catalogue = Catalogue(tmp_path, create=True)
    (ferry,) = store(catalogue, FERRY, [(0, len(FERRY))])
    add(tmp_path, keys.edit, ferry)
    catalogue.remove(["/m/a"])
    (gone,) = shown(catalogue, read(tmp_path, keys.edit).entries)
    assert (gone.quote, gone.held) == (None, False)
    assert gone.problem is not None
    assert "not held" in gone.problem
    assert gone.entry.passage == ferry  # what was kept is kept
    spaced = FERRY.replace(" ferry ", "\n  ferry ")  # another extraction of the same words
    store(catalogue, f"\n{spaced}", [(1, 1 + len(spaced))])
    (back,) = shown(catalogue, read(tmp_path, keys.edit).entries)
    assert (back.quote, back.start, back.end) == (spaced, 1, 1 + len(spaced))
    catalogue.close()


def test_quote_outlives_its_passage_where_the_words_still_stand(tmp_path: Path, keys: Keys) -> None:
    catalogue = Catalogue(tmp_path, create=True)
    text = f"{FERRY} {BAKERY}"
    (ferry,) = store(catalogue, text, [(0, len(FERRY))])
    add(tmp_path, keys.edit, ferry)
    store(catalogue, text, [(0, len(text))])  # cut into other passages
    (found,) = shown(catalogue, read(tmp_path, keys.edit).entries)
    assert (found.quote, found.held, found.problem) == (FERRY, False, None)
    catalogue.close()
