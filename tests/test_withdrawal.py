"""Withdrawn passages: their words are gone from every file, page and answer, and do not come back."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus import reading_lists
from corpus.catalogue import Catalogue
from corpus.collected import shown
from corpus.withdrawals import places
from index.encoder import Encoder
from ingest.page_picture import page_picture
from tests.printed_minutes import render
from webapp import create_app
from webapp.cli import main

PERSON = "Mrs Quillfeather of Tansy Row told the meeting that her eviction had left her sleeping in the bus shelter."
REASON = "asked for by the person named"
HEAD = "Oxwold District Council\n\nHousing Committee\n\nMinutes of the meeting held on 4 March 2024\n\n"
ITEMS = """1. Public questions

{person} The Chair thanked her and asked officers to write within ten days.

2. Damp in council homes

Members resolved to inspect every home on the Willow estate before winter and to report the findings in October.

3. Short

Noted by Quillon.
"""
DRAFT = f"{HEAD}DRAFT\n\n{ITEMS.format(person=PERSON)}"
FINAL = f"{HEAD}Printed for the public.\n\n{ITEMS.format(person=PERSON.replace(' ', chr(10), 1).replace('.', ' .'))}"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


class Held:
    """A folder of minutes and the data directory that they are ingested into."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder / "minutes", folder / "data"
        self.folder.mkdir()

    def ingest(self, name: str = "", text: str = "") -> None:
        if name:
            (self.folder / name).write_text(text, encoding="utf-8")
        result = run("--data", self.data, "ingest", self.folder)
        assert result.exit_code == 0, result.output

    def found(self, query: str) -> str:
        return run("--data", self.data, "search", query, "--json").stdout

    def passage(self, words: str) -> str:
        """Return the id of the current passage that holds some words."""
        for row in Catalogue(self.data).connection.execute("SELECT document_id FROM documents WHERE current"):
            for passage in Catalogue(self.data).document(row[0]).passages:
                if words in " ".join(passage.text.split()):
                    return passage.passage_id
        raise AssertionError(f"no passage holds {words!r}")

    def withdraw(self, *targets: str) -> Result:
        return run("--data", self.data, "withdraw", *targets, "--reason", REASON, "--yes")

    def texts(self) -> str:
        return "\n".join(row[0] for row in Catalogue(self.data).connection.execute("SELECT text FROM documents"))

    def bytes(self) -> bytes:
        """Return everything that lies in the data directory."""
        return b"".join(file.read_bytes() for file in sorted(self.data.rglob("*")) if file.is_file())


@pytest.fixture
def held(tmp_path: Path) -> Held:
    found = Held(tmp_path)
    found.ingest("minutes.txt", DRAFT)
    return found


def test_withdrawn_words_are_gone_from_search_pages_and_files(held: Held, encoder: Encoder) -> None:
    passage = held.passage("Quillfeather")
    document = Catalogue(held.data).connection.execute("SELECT document_id FROM documents").fetchone()[0]
    assert "Quillfeather" in held.found("eviction bus shelter")
    assert b"Quillfeather" in held.bytes()
    result = held.withdraw(passage)
    assert result.exit_code == 0, result.output
    assert "1 places of 1 documents are blank" in result.output
    assert "Quillfeather" not in held.found("eviction bus shelter")
    assert "inspect every home" in held.found("inspecting homes for damp")
    assert run("--data", held.data, "rebuild").exit_code == 0
    assert b"uillfeather" not in held.bytes()
    assert b"sleeping in the bus" not in held.bytes()
    client = create_app(data=held.data, encoder=encoder).test_client()
    page = client.get(f"/document/{document}").get_data(as_text=True)
    assert "Quillfeather" not in page
    assert page.count(f"A passage was withdrawn on {_day(held)}: {REASON}") == 2  # at the place, and among the notes
    gone = client.get(f"/passage/{passage}")
    assert (gone.status_code, REASON in gone.get_data(as_text=True)) == (410, True)


def _day(held: Held) -> str:
    (withdrawn,) = json.loads(run("--data", held.data, "status", "--json").stdout)["withdrawals"]
    return str(withdrawn["day"])


def test_the_rest_of_the_document_stays_as_it_was(held: Held) -> None:
    catalogue = Catalogue(held.data)
    (name,) = [row[0] for row in catalogue.connection.execute("SELECT document_id FROM documents")]
    before = catalogue.document(name)
    passage = held.passage("Quillfeather")
    held.withdraw(passage)
    after = catalogue.document(name)
    (place,) = places(catalogue.connection, name)
    assert len(after.text) == len(before.text)
    assert after.text[: place.start] + after.text[place.end :] == before.text[: place.start] + before.text[place.end :]
    assert not any(character.isalnum() for character in after.text[place.start : place.end])
    kept = [one for one in before.passages if one.passage_id != passage]
    assert [(one.passage_id, one.start, one.end, one.text) for one in after.passages] == [
        (one.passage_id, one.start, one.end, one.text) for one in kept
    ]
    assert all(after.text[one.start : one.end] == one.text for one in after.passages)


def test_words_do_not_come_back_when_the_file_is_read_again(held: Held) -> None:
    held.withdraw(held.passage("Quillfeather"))
    for prepare in (_change_fingerprint, _remove):
        prepare(held)
        held.ingest()
        assert "Quillfeather" not in held.texts()
        assert "inspect every home" in held.texts()
        assert "Quillfeather" not in held.found("eviction bus shelter")


def _change_fingerprint(held: Held) -> None:
    """Have every file read again, as a new version of the readers does."""
    with sqlite3.connect(held.data / "catalogue.sqlite") as connection:
        connection.execute("UPDATE sources SET fingerprint = replace(fingerprint, '-', '-0')")


def _remove(held: Held) -> None:
    assert run("--data", held.data, "remove", held.folder, "--yes").exit_code == 0


def test_final_version_of_a_draft_is_blank_in_the_same_place(held: Held) -> None:
    held.withdraw(held.passage("Quillfeather"))
    held.ingest("final.txt", FINAL)
    assert "Quillfeather" not in held.texts()
    assert "Printed for the public" in held.texts()


def test_every_document_that_is_held_already_is_blank(held: Held) -> None:
    held.ingest("elsewhere.txt", f"Letter\n\n{ITEMS.format(person=PERSON)}\n\nAnother letter followed about the buses.")
    result = held.withdraw(held.passage("Quillfeather"))
    assert "2 places of 2 documents" in result.output
    assert "Quillfeather" not in held.texts()


def test_few_words_are_blank_in_documents_of_the_same_meeting_only(held: Held) -> None:
    held.ingest("other.txt", f"{HEAD.replace('4 March', '1 April')}{ITEMS.format(person='Nobody spoke.')}")
    target = next(
        passage.passage_id
        for row in Catalogue(held.data).connection.execute("SELECT document_id FROM documents")
        for passage in Catalogue(held.data).document(row[0]).passages
        if "Noted by Quillon" in passage.text and "4 March" in Catalogue(held.data).document(row[0]).text
    )
    held.withdraw(target)
    assert held.texts().count("Noted by Quillon") == 1
    held.ingest("final.txt", FINAL)
    assert held.texts().count("Noted by Quillon") == 1


def test_file_that_is_read_otherwise_is_blank_as_a_whole(held: Held) -> None:
    held.withdraw(held.passage("Quillfeather"))
    _remove(held)
    with sqlite3.connect(held.data / "catalogue.sqlite") as connection:  # as if the words had been read with an error
        connection.execute("UPDATE withdrawn SET words = 'x', lead = 'x'")
    held.ingest()
    assert not any(character.isalnum() for character in held.texts())


def test_whole_document_is_withdrawn_and_its_place_stays(held: Held, encoder: Encoder) -> None:
    name = Catalogue(held.data).connection.execute("SELECT document_id FROM documents").fetchone()[0]
    assert held.withdraw(name).exit_code == 0
    _change_fingerprint(held)
    held.ingest()
    document = Catalogue(held.data).document(name)
    assert not any(character.isalnum() for character in document.text)
    assert (document.passages, document.title) == ((), "Title withdrawn")
    assert all(item.title == "Title withdrawn" for item in document.items)
    page = create_app(data=held.data, encoder=encoder).test_client().get(f"/document/{name}")
    assert page.status_code == 200
    assert f"This document was withdrawn on {_day(held)}: {REASON}" in page.get_data(as_text=True)


def test_collections_lose_the_words_and_keep_the_note(held: Held) -> None:
    catalogue = Catalogue(held.data)
    passage = held.passage("Quillfeather")
    row = catalogue.connection.execute("SELECT document_id FROM documents").fetchone()
    found = next(one for one in catalogue.document(row[0]).passages if one.passage_id == passage)
    key = reading_lists.create(held.data, "Evictions").edit
    quoted = reading_lists.Quoted(passage, row[0], found.text, found.start, found.end, "Oxwold, Mrs Quillfeather")
    reading_lists.add(held.data, key, quoted, "Ask about this.")
    held.withdraw(passage)
    kept = reading_lists.read(held.data, key)
    assert b"Quillfeather" not in (held.data / "collections.db").read_bytes()
    (entry,) = shown(catalogue, kept.entries)
    assert (entry.quote, entry.entry.note) == (None, "Ask about this.")
    assert entry.problem is not None
    assert REASON in entry.problem


def test_picture_of_the_page_is_not_shown(tmp_path: Path) -> None:
    held = Held(tmp_path)
    (held.folder / "a.pdf").write_bytes(render(f"head: Oxwold\n\n{PERSON}"))
    held.ingest()
    catalogue = Catalogue(held.data)
    name = catalogue.connection.execute("SELECT document_id FROM documents").fetchone()[0]
    assert page_picture(catalogue, name, 1).png
    held.withdraw(held.passage("Quillfeather"))
    assert not list((held.data / "page_pictures").glob("*"))
    with pytest.raises(Exception, match="A passage of this page was withdrawn"):
        page_picture(catalogue, name, 1)


def test_undo_brings_the_words_back_with_the_next_ingest(held: Held) -> None:
    passage = held.passage("Quillfeather")
    text = held.texts()
    held.withdraw(passage)
    result = run("--data", held.data, "withdraw", passage, "--undo")
    assert str(held.folder / "minutes.txt") in result.output
    assert "Quillfeather" not in held.texts()
    held.ingest()
    assert held.texts() == text
    assert held.passage("Quillfeather") == passage
    assert json.loads(run("--data", held.data, "status", "--json").stdout)["withdrawn"] == 0


def test_status_counts_what_was_withdrawn(held: Held) -> None:
    assert "Withdrawn" not in run("--data", held.data, "status").stdout
    held.withdraw(held.passage("Quillfeather"))
    assert "Withdrawn: 1 passages or documents; 1 texts are blank" in run("--data", held.data, "status").stdout


def test_a_blank_text_is_no_damage(held: Held) -> None:
    """This test ensures that 'check' does not take what was withdrawn for a fault."""
    held.withdraw(held.passage("Quillfeather"))
    result = run("--data", held.data, "check")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (lambda passage: [passage], "Give --reason TEXT"),
        (lambda passage: [passage, "--reason", "x", "--undo"], "Give --reason TEXT"),
        (lambda passage: [passage, "--reason", "x" * 501, "--yes"], "at most 500 characters"),
        (lambda passage: ["0123456789abcdef0123", "--reason", "x", "--yes"], "Nothing is held under"),
        (lambda passage: [passage, "--undo"], "Nothing was withdrawn under"),
        (lambda passage: [passage, "--reason", "x"], "Stopped"),
    ],
    ids=["no reason", "both", "long reason", "unknown id", "nothing to undo", "not confirmed"],
)
def test_what_cannot_be_done_changes_nothing(held: Held, arguments: Callable[[str], list[str]], expected: str) -> None:
    before = held.texts()
    result = run("--data", held.data, "withdraw", *arguments(held.passage("Quillfeather")))
    assert result.exit_code != 0
    assert expected in result.output
    assert held.texts() == before


def test_second_withdrawal_from_one_document_keeps_the_first(held: Held) -> None:
    held.withdraw(held.passage("Quillfeather"))
    held.withdraw(held.passage("inspect every home"))
    _change_fingerprint(held)
    held.ingest()
    assert "Quillfeather" not in held.texts()
    assert "inspect every home" not in held.texts()
    assert "Noted by Quillon" in held.texts()
