"""Structure: which items a document has, and what in them was announced, said or decided.

A case under data/cases is a text, a line "# output", and the items expected as "number | title".
"""

from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.model import AgendaItem, Document
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest
from ingest.readers import read
from ingest.structure import items_of, parts_of
from tests.printed_minutes import render

CASES = sorted((Path(__file__).parent / "data" / "cases").glob("*.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_items_of_case(case: Path, tmp_path: Path) -> None:
    source, expected = case.read_text(encoding="utf-8").split("# output\n")
    file = tmp_path / "minutes.txt"
    file.write_text(source, encoding="utf-8")
    found = [f"{item.number} | {item.title}" for item in items_of(read(file))]
    assert found == expected.splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_items_are_in_order_and_do_not_overlap(case: Path) -> None:
    reading = read(case)
    items = items_of(reading)
    bounds = [offset for item in items for offset in (item.start, item.end)]
    assert bounds == sorted(bounds)
    assert all(0 <= item.start < item.end <= len(reading.text) for item in items)


def kinds(text: str, kind: str = "minutes") -> list[tuple[str, str]]:
    """Return (kind, words) of each part of a text."""
    return [(part.kind, " ".join(text[part.start : part.end].split())) for part in parts_of(text, 0, len(text), kind)]  # type: ignore[arg-type]


def words_of(text: str, wanted: str, kind: str = "minutes") -> str:
    return " ".join(words for found, words in kinds(text, kind) if found == wanted)


ITEM_PAGE = """Cabinet is recommended to close the pool.

Decision:

That the pool stay open.

Minutes:

Councillor Fern spoke for closing it.

RESOLVED that:

1. the pool stay open; and

2. the Leader write to the Minister.

Councillor Gorse thanked the officers.

Supporting documents:

• Report PDF 12 KB
"""


def test_decision_is_apart_from_recommendation_and_discussion() -> None:
    assert kinds(ITEM_PAGE) == [
        ("agenda", "Cabinet is recommended to close the pool."),
        ("decision", "That the pool stay open."),
        ("minutes", "Councillor Fern spoke for closing it."),
        ("decision", "RESOLVED that: 1. the pool stay open; and 2. the Leader write to the Minister."),
        ("minutes", "Councillor Gorse thanked the officers."),
        ("agenda", "• Report PDF 12 KB"),
    ]


def test_text_without_minutes_keeps_the_kind_of_its_document() -> None:
    assert kinds("The Committee is asked to resolve on the report.", "agenda") == [
        ("agenda", "The Committee is asked to resolve on the report.")
    ]
    assert kinds("RESOLVED that it be noted.", "report") == [("report", "RESOLVED that it be noted.")]


@pytest.mark.parametrize(
    "decision",
    [
        "RESOLVED that the pool stay open.",
        "(7) RESOLVED, by six votes to one, that the pool stay open.",
        "Resolved: that the pool stay open.",
        "Resolved that the pool stay open.",
        "It was resolved to keep the pool open.",
        "IT WAS RESOLVED that the pool stay open.",
        "AGREED to keep the pool open.",
        "The Committee RESOLVED to keep the pool open.",
        "The Planning Sub-Committee unanimously agreed: that the pool stay open.",
        "PENDERFYNWYD:\n\n1. Cadw’r pwll ar agor.",
        "DECISION\n\n1. To keep the pool open.",
    ],
)
def test_decision_is_known_by_its_words(decision: str) -> None:
    text = f"Members spoke at length.\n\n{decision}\n\nCouncillor Gorse returned to the room.\n"
    assert kinds(text) == [
        ("minutes", "Members spoke at length."),
        ("decision", " ".join(decision.split())),
        ("minutes", "Councillor Gorse returned to the room."),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Councillor Fern asked what had been resolved in May.",
        "The resolution of 4 May was read out.",
        "Residents had agreed that the pool was cold.",
        "The Council would have to decide on it next year.",
    ],
)
def test_talk_about_a_decision_is_no_decision(sentence: str) -> None:
    assert kinds(sentence) == [("minutes", sentence)]


LOST = """(1) RESOLVED that the budget be approved.
(2) Councillor Fern proposed that the pool be closed, and the vote was taken.
Amendment lost.
(3) Councillor Gorse spoke of ducks.
(4) RESOLVED that the ducks be fed:
(a) daily; and
(b) well.
(5) The Chair thanked all."""


def test_decision_in_a_text_without_empty_lines_ends_where_the_next_paragraph_begins() -> None:
    """A PDF gives no empty lines: what follows "(1) RESOLVED …" is not part of that decision."""
    assert kinds(LOST) == [
        ("decision", "(1) RESOLVED that the budget be approved."),
        (
            "minutes",
            "(2) Councillor Fern proposed that the pool be closed, and the vote was taken. Amendment lost."
            " (3) Councillor Gorse spoke of ducks.",
        ),
        ("decision", "(4) RESOLVED that the ducks be fed: (a) daily; and (b) well."),
        ("minutes", "(5) The Chair thanked all."),
    ]


# -- printed minutes, as PDF -------------------------------------------------------------------------

PRINTED = """head: Oxwold District Council – Council – 4 March 2024

MINUTES of a meeting of the Council held in the Town Hall, Oxwold on Monday, 4 March 2024.

= UNRESTRICTED ITEMS

50. Minutes of the meeting held on 5 February 2024
(Item 1)

RESOLVED that the minutes be signed as a correct record.

51. Motion: Duck Pond and the Reeds around it in the Lower and the Upper Meadow of the Parish
(Item 2)

(1) Councillor Fern proposed that the pond be drained.

! Amendment 1

(2) Councillor Gorse proposed that the pond be sold to the highest bidder.

> Amendment lost.

(3) RESOLVED that the pond be drained:

   (a) by May; and

   (b) by hand.

(4) Councillor Heath asked that her dissent be recorded.

! Amendment 2

(5) Councillor Gorse proposed that the ducks be sold as well. Upon being put to the vote this was lost.

> Amendment lost.
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Document:
    folder = tmp_path_factory.mktemp("printed")
    (folder / "minutes.pdf").write_bytes(render(PRINTED))
    catalogue = Catalogue(folder / "data", create=True)
    ingest([folder / "minutes.pdf"], catalogue, encoder)
    (row,) = catalogue.connection.execute("SELECT document_id FROM documents").fetchall()
    return catalogue.document(row[0])


def test_printed_item_carries_minute_number_and_title_over_two_lines(printed: Document) -> None:
    assert [(item.number, item.title) for item in printed.items] == [
        ("50", "Minutes of the meeting held on 5 February 2024"),
        ("51", "Motion: Duck Pond and the Reeds around it in the Lower and the Upper Meadow of the Parish"),
    ]


def test_printed_decision_does_not_swallow_the_amendment_after_it(printed: Document) -> None:
    decided = " ".join(" ".join(p.text.split()) for p in printed.passages if p.kind == "decision")
    assert "the pond be drained: (a) by May; and (b) by hand." in decided
    assert "signed as a correct record" in decided
    assert not [word for word in ("highest bidder", "lost", "dissent", "ducks be sold") if word in decided]


def test_lost_amendment_is_no_decision_in_any_sample(searcher: Searcher) -> None:
    rows = searcher.catalogue.connection.execute("SELECT document_id, path FROM sources").fetchall()
    documents = [(path, searcher.catalogue.document(name)) for name, path in rows]
    lost = [(path, doc) for path, doc in documents if "amendment lost" in doc.text.lower()]
    assert len(lost) >= 2
    wrong = [
        (path, passage.text)
        for path, document in lost
        for passage in document.passages
        if passage.kind == "decision" and ("lost" in passage.text.lower() or "amendment:" in passage.text)
    ]
    assert wrong == []


def test_every_minute_of_a_printed_sample_is_an_item(searcher: Searcher) -> None:
    expected = {"Printed minutes 20th-Feb-2025 10.00 County Council.pdf": (211, 218), "g2204.pdf": (51, 60)}
    for name, (first, last) in expected.items():
        (row,) = searcher.catalogue.connection.execute(
            "SELECT document_id FROM sources WHERE path LIKE ?", (f"%{name}",)
        ).fetchall()
        items = searcher.catalogue.document(row[0]).items
        assert [item.number for item in items] == [str(number) for number in range(first, last + 1)]


def test_item_whose_title_begins_with_a_figure_is_an_item(searcher: Searcher) -> None:
    """ "3. 20 MPH LIMITS" and "26/91  20 mph zone": their text must not be cited under the item before."""
    for words, number in (("report No 26/114 by the Head of Roads", "3"), ("in the week beginning 9th", "26/91")):
        hits = searcher.search(words, k=5).hits
        assert [hit.item_number for hit in hits if words in " ".join(hit.text.split())] == [number]


def test_restricted_item_is_known(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("1. Apologies\n\nNone.\n\n2. Contract (EXEMPT)\n\nAwarded.\n", encoding="utf-8")
    flags: list[AgendaItem] = list(items_of(read(file)))
    assert [item.restricted for item in flags] == [False, True]
