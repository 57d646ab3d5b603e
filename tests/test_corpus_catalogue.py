"""The catalogue: what is stored comes back, what is replaced stays resolvable, what is removed is gone."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus import ids
from corpus.catalogue import Catalogue
from corpus.errors import CatalogueError, NotFoundError, QueryError
from corpus.filters import Filters, held, matching_rows, resolve
from corpus.model import AgendaItem, Document, Found, Page, Passage, Source
from corpus.removal import locations_of
from corpus.status import status


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "data", create=True)
    yield opened
    opened.close()


def document(
    text: str,
    authority: str | None = "Kent County Council",
    date: str | None = "2024-05-01",
    committee: str = "Cabinet",
) -> Document:
    """Return a document of one passage, with a page, an item and everything else that can be stored."""
    name = ids.document_id(text)
    (passage_id,) = ids.passage_ids(name, [text])
    return Document(
        document_id=name,
        text=text,
        title="Minutes – Cyfarfod",
        kind="minutes",
        authority=Found(authority, "the head of the text", ("Medway Council (the manifest)",)),
        committee=Found(committee, "the manifest"),
        meeting_date=Found(date, "the title of the document"),
        url=Found("https://democracy.kent.gov.uk/x?a=1&b=2", "the page's own address"),
        partial=True,
        pages=(Page(1, 0, len(text)),),
        items=(AgendaItem("Pool’s future", 0, len(text), "7", "AI7", partial=True, restricted=True),),
        passages=(Passage(passage_id, 0, len(text), text, "decision", 0, 1, True, "Pool’s future"),),
        notes=("no text on page 2: scanned or blank",),
    )


def save(catalogue: Catalogue, stored: Document, location: str = "/minutes/a.txt") -> int:
    source = Source(location, location.rsplit("/", 1)[1], "f" + stored.document_id, stored.document_id)
    return catalogue.save(stored, source)


def test_document_comes_back_as_it_was_saved(catalogue: Catalogue) -> None:
    stored = document("RESOLVED that the pool – Pwll “Ŵyr” 🏊 – stay open.")
    assert save(catalogue, stored) == 1
    assert catalogue.document(stored.document_id) == stored


def test_document_with_nothing_known_comes_back_unknown(catalogue: Catalogue) -> None:
    unknown = Found(None, "not given by the source")
    stored = replace(document("Noted."), authority=unknown, committee=unknown, meeting_date=unknown, url=unknown)
    save(catalogue, stored)
    assert catalogue.document(stored.document_id) == stored


def test_catalogue_keeps_its_content_when_opened_again(catalogue: Catalogue) -> None:
    stored = document("Noted.")
    save(catalogue, stored)
    assert Catalogue(catalogue.directory).document(stored.document_id) == stored
    assert Catalogue(catalogue.directory, create=True).document(stored.document_id) == stored


def test_unknown_id_is_not_found(catalogue: Catalogue) -> None:
    with pytest.raises(NotFoundError, match="No document has the id 'abc'"):
        catalogue.document("abc")


def test_opening_where_nothing_was_ingested_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="run 'minutebook ingest PATH' first"):
        Catalogue(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("create", [True, False])
def test_file_that_is_no_catalogue_is_refused(tmp_path: Path, create: bool) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(b"This is not a database. " * 200)
    with pytest.raises(CatalogueError, match="is not a usable catalogue"):
        Catalogue(tmp_path, create=create)


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize(
    ("found", "message"),
    [("999", r"newer version of Minutebook \(format 999.*nothing was changed"),
     ("0", "format 0.*ingest into a new data directory"), ("?", r"format \?.*ingest into a new data directory")],
)  # fmt: skip
def test_catalogue_of_another_format_says_what_to_do(
    catalogue: Catalogue, create: bool, found: str, message: str
) -> None:
    with catalogue.writing() as connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'format'", (found,))
    with pytest.raises(CatalogueError, match=message):
        Catalogue(catalogue.directory, create=create)


def test_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    with pytest.raises(CatalogueError, match="cannot be used"):
        Catalogue(tmp_path / "data", create=True)


def test_replaced_text_is_kept_linked_and_not_searched(catalogue: Catalogue) -> None:
    old, new = document("The pool closes."), document("The pool stays open.")
    save(catalogue, old)
    save(catalogue, new)
    assert catalogue.document(old.document_id) == old
    assert catalogue.replacement(old.document_id) == new.document_id
    assert catalogue.replacement(new.document_id) is None
    assert len(matching_rows(catalogue, Filters())) == 1
    assert catalogue.paths(old.document_id) == []


def test_text_that_comes_back_is_searched_again(catalogue: Catalogue) -> None:
    old, new = document("The pool closes."), document("The pool stays open.")
    for version in (old, new, old):
        save(catalogue, version)
    assert catalogue.replacement(old.document_id) is None
    assert catalogue.replacement(new.document_id) == old.document_id
    rows = matching_rows(catalogue, Filters())
    assert len(rows) == 1


def test_text_that_another_file_still_holds_is_not_replaced(catalogue: Catalogue) -> None:
    old, new = document("The pool closes."), document("The pool stays open.")
    save(catalogue, old, "/minutes/a.txt")
    save(catalogue, old, "/minutes/b.txt")
    save(catalogue, new, "/minutes/a.txt")
    assert catalogue.replacement(old.document_id) is None
    assert catalogue.paths(old.document_id) == ["b.txt"]
    assert len(matching_rows(catalogue, Filters())) == 2


def test_unreadable_version_leaves_the_earlier_one_searchable(catalogue: Catalogue) -> None:
    stored = document("The pool closes.")
    save(catalogue, stored)
    catalogue.save_problem(Source("/minutes/a.txt", "a.txt", "other", None, "is an empty file"))
    assert [source.problem for source in catalogue.problems()] == ["is an empty file"]
    assert len(matching_rows(catalogue, Filters())) == 1
    assert catalogue.paths(stored.document_id) == ["a.txt"]


def test_removal_forgets_the_document_and_its_older_versions(catalogue: Catalogue) -> None:
    old, new, other = document("One."), document("Two."), document("Three.")
    save(catalogue, old)
    save(catalogue, new)
    save(catalogue, other, "/minutes/b.txt")
    assert catalogue.remove(["/minutes/a.txt"]) == 2
    for gone in (old, new):
        with pytest.raises(NotFoundError):
            catalogue.document(gone.document_id)
    assert catalogue.document(other.document_id) == other
    assert len(matching_rows(catalogue, Filters())) == 1


def test_removal_of_one_file_keeps_what_another_holds(catalogue: Catalogue) -> None:
    stored = document("One.")
    save(catalogue, stored, "/minutes/a.txt")
    save(catalogue, stored, "/minutes/b.txt")
    assert catalogue.remove(["/minutes/a.txt"]) == 0
    assert catalogue.document(stored.document_id) == stored


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/minutes/kent", {"/minutes/kent/a.txt", "/minutes/kent/b.txt"}),
        ("/minutes/kent/", {"/minutes/kent/a.txt", "/minutes/kent/b.txt"}),
        ("/minutes/kent/a.txt", {"/minutes/kent/a.txt"}),
        ("Kent", {"/minutes/kent/a.txt", "/minutes/kent/b.txt"}),
        (ids.document_id("Three."), {"/minutes/kentish/c.txt"}),
    ],
)
def test_removal_target_names_its_files(catalogue: Catalogue, target: str, expected: set[str]) -> None:
    save(catalogue, document("One."), "/minutes/kent/a.txt")
    save(catalogue, document("Two."), "/minutes/kent/b.txt")
    save(catalogue, document("Three.", "Medway Council"), "/minutes/kentish/c.txt")
    assert set(locations_of(catalogue, [target])) == expected


@pytest.mark.parametrize("target", ["/minutes/ken", "Atlantis", "", "%"])
def test_removal_target_that_names_nothing_is_refused(catalogue: Catalogue, target: str) -> None:
    save(catalogue, document("One."), "/minutes/kent/a.txt")
    with pytest.raises(NotFoundError, match="Nothing is held by"):
        locations_of(catalogue, [target])


def test_transaction_that_fails_leaves_nothing_behind(catalogue: Catalogue) -> None:
    stored = document("One.")
    broken = replace(stored, passages=(*stored.passages, *stored.passages))  # the same passage id twice
    with pytest.raises(Exception, match="UNIQUE"):
        save(catalogue, broken)
    with pytest.raises(NotFoundError):
        catalogue.document(stored.document_id)
    assert catalogue.source("/minutes/a.txt") is None
    assert save(catalogue, stored) == 1


def test_threads_share_one_catalogue(catalogue: Catalogue) -> None:
    stored = document("One.")
    save(catalogue, stored)
    seen: list[Document] = []
    threads = [
        threading.Thread(target=lambda: (seen.append(catalogue.document(stored.document_id)), catalogue.close()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [stored] * 4


def test_status_counts_what_is_held(catalogue: Catalogue) -> None:
    save(catalogue, document("Old.", date="2020-01-01"), "/m/a.txt")
    save(catalogue, document("One.", date="2024-05-01"), "/m/a.txt")  # replaces the first
    save(catalogue, document("Two.", date="2024-05-01"), "/m/b.txt")  # the same meeting
    save(catalogue, document("Three.", date=None), "/m/c.txt")
    save(catalogue, document("Four.", authority=None, date="2019-03-04"), "/m/d.txt")
    catalogue.save_problem(Source("/m/e.pdf", "e.pdf", "x", None, "is an empty file"))
    counted = status(catalogue)
    assert (counted.documents, counted.replaced_documents, counted.unreadable_files) == (4, 1, 1)
    assert (counted.meetings, counted.passages) == (2, 4)
    assert (counted.first_date, counted.last_date) == ("2019-03-04", "2024-05-01")
    kent, unknown = counted.authorities
    assert (kent.authority, kent.documents, kent.meetings, kent.undated) == ("Kent County Council", 3, 1, 1)
    assert (unknown.authority, unknown.documents) == (None, 1)


def test_status_of_an_empty_catalogue_is_all_zero(catalogue: Catalogue) -> None:
    counted = status(catalogue)
    assert (counted.documents, counted.meetings, counted.passages, counted.authorities) == (0, 0, 0, ())
    assert counted.first_date is None


@pytest.fixture
def mixed(catalogue: Catalogue) -> Catalogue:
    save(catalogue, document("One.", "Kent County Council", "2024-05-01", "Cabinet"), "/m/1.txt")
    save(catalogue, document("Two.", "Kent County Council", "2024-05-31", "Planning Committee"), "/m/2.txt")
    save(catalogue, document("Three.", "Medway Council", "2024-06-01", "Planning Sub-Committee"), "/m/3.txt")
    save(catalogue, document("Four.", "Oxwold Parish Council", None, "Parish Council"), "/m/4.txt")
    return catalogue


def texts(catalogue: Catalogue, filters: Filters) -> list[str]:
    rows = matching_rows(catalogue, resolve(catalogue, filters))
    found = catalogue.connection.execute(
        "SELECT text FROM documents JOIN passages USING (document_id)"
        f" WHERE row IN ({','.join('?' * len(rows))}) ORDER BY row",
        rows,
    )
    return [row[0] for row in found]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), ["One.", "Two.", "Three.", "Four."]),
        (Filters(authorities=("Kent",)), ["One.", "Two."]),
        (Filters(authorities=("oxwold",)), ["Four."]),
        (Filters(authorities=("kent county council", "Medway")), ["One.", "Two.", "Three."]),
        (Filters(committees=("planning",)), ["Two.", "Three."]),
        (Filters(committees=("Planning Committee",)), ["Two."]),
        (Filters(date_from="2024-05-31", date_to="2024-06-01"), ["Two.", "Three."]),
        (Filters(date_from="2024-05-01", date_to="2024-05-01"), ["One."]),
        (Filters(date_to="2024-05-30"), ["One."]),
        (Filters(authorities=("Kent",), committees=("cabinet",), date_from="2024-06-01"), []),
        (Filters(kinds=("decision",)), ["One.", "Two.", "Three.", "Four."]),
        (Filters(kinds=("minutes",)), []),
    ],
)
def test_filters_let_through_what_they_say(mixed: Catalogue, filters: Filters, expected: list[str]) -> None:
    assert texts(mixed, filters) == expected


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(authorities=("Kent Conty Council",)), "Did you mean Kent County Council"),
        (Filters(authorities=("Leeds",)), "holds no authority 'Leeds'"),
        (Filters(authorities=("Council",)), "Several authorities are called 'Council'"),
        (Filters(authorities=("",)), "holds no authority"),
        (Filters(committees=("plan",)), "holds no committee 'plan'"),
        (Filters(committees=("",)), "holds no committee"),
        (Filters(kinds=("poem",)), "no kind 'poem': choose from minutes, decision, report, agenda"),
        (Filters(date_from="2024-06-01", date_to="2024-05-01"), "wrong way round"),
    ],
)
def test_filter_that_makes_no_sense_is_explained(mixed: Catalogue, filters: Filters, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        resolve(mixed, filters)


def test_name_of_ten_thousand_letters_is_shortened_in_the_error(mixed: Catalogue) -> None:
    with pytest.raises(QueryError) as caught:
        resolve(mixed, Filters(authorities=("x" * 10_000,)))
    assert len(str(caught.value)) < 300


def test_held_names_only_what_can_be_searched(mixed: Catalogue) -> None:
    save(mixed, document("Five.", "Swale Borough Council"), "/m/4.txt")  # replaces Oxwold's only document
    assert held(mixed, "authority") == ["Kent County Council", "Medway Council", "Swale Borough Council"]
