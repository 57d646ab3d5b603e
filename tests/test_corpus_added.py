"""When documents were first stored, and the meetings of a committee, also in catalogues begun before it was kept."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.added import added, newest
from corpus.catalogue import Catalogue
from corpus.model import Found
from tests.test_corpus_catalogue import document, save

FORD = "Ottersford Town Council"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "data", create=True)
    yield opened
    opened.close()


def put_back(catalogue: Catalogue, days: int) -> str:
    """Let everything stored so far have been stored some days ago; return that time."""
    when = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    with catalogue.writing() as connection:
        connection.execute("UPDATE documents SET added = ?", (when,))
    return when


def as_before(catalogue: Catalogue) -> None:
    """Make the catalogue one that was begun before it was kept when documents were stored."""
    with catalogue.writing() as connection:
        connection.execute("DROP INDEX documents_by_added")
        connection.execute("ALTER TABLE documents DROP COLUMN added")


def test_document_says_when_it_was_stored(catalogue: Catalogue) -> None:
    stored = document("The weir was inspected.")
    before = datetime.now(UTC).replace(microsecond=0)
    save(catalogue, stored)
    (when,) = added(catalogue.connection, [stored.document_id, "unknown"]).values()
    assert before <= datetime.fromisoformat(when) <= datetime.now(UTC)
    assert when.endswith("+00:00")


def test_same_text_read_again_stays_as_old_as_it_is(catalogue: Catalogue) -> None:
    stored = document("The weir was inspected.")
    save(catalogue, stored)
    when = put_back(catalogue, 40)
    save(catalogue, replace(stored, committee=Found("Rivers Panel", "the manifest")))
    save(catalogue, stored, "/minutes/copy.txt")
    assert added(catalogue.connection, [stored.document_id]) == {stored.document_id: when}
    assert catalogue.document(stored.document_id).committee.value == "Rivers Panel"


def test_newest_come_first_and_only_those_that_are_searched(catalogue: Catalogue) -> None:
    first, second, changed = (document(text) for text in ("One weir.", "Two weirs.", "Two weirs and a lock."))
    save(catalogue, first, "/minutes/a.txt")
    put_back(catalogue, 3)
    save(catalogue, second, "/minutes/b.txt")
    assert list(newest(catalogue.connection, 5)) == [second.document_id, first.document_id]
    assert list(newest(catalogue.connection, 1)) == [second.document_id]
    save(catalogue, changed, "/minutes/b.txt")
    assert set(newest(catalogue.connection, 5)) == {changed.document_id, first.document_id}


def test_older_catalogue_keeps_all_and_does_not_guess(catalogue: Catalogue) -> None:
    old, new = document("An old weir."), document("A new weir.")
    save(catalogue, old, "/minutes/old.txt")
    as_before(catalogue)
    catalogue.close()
    reopened = Catalogue(catalogue.directory)
    assert reopened.document(old.document_id) == old
    assert added(reopened.connection, [old.document_id]) == newest(reopened.connection, 5) == {}
    columns = {row[1] for row in reopened.connection.execute("PRAGMA table_info(documents)")}
    assert "added" not in columns, "opening alone must change nothing"
    save(reopened, new, "/minutes/new.txt")
    save(reopened, old, "/minutes/old.txt")
    assert reopened.document(old.document_id) == old
    assert set(added(reopened.connection, [old.document_id, new.document_id])) == {new.document_id}
    assert list(newest(reopened.connection, 5)) == [new.document_id]
    reopened.close()


def test_older_catalogue_can_be_read_where_it_cannot_be_written(catalogue: Catalogue) -> None:
    save(catalogue, document("An old weir."))
    as_before(catalogue)
    read_only = sqlite3.connect(f"file:{catalogue.file}?mode=ro", uri=True)
    assert newest(read_only, 5) == {}
    read_only.close()
