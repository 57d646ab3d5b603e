"""Passages: verbatim, in order, without loss, never longer than the encoder reads, never cut in a sentence."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from corpus import ids
from corpus.catalogue import Catalogue, embedded_text
from corpus.model import AgendaItem, Document, Page, Passage
from index.encoder import Encoder
from index.search import Searcher
from ingest.passages import passages_of, sections_of
from ingest.pipeline import ingest
from ingest.sentences import units
from tests.printed_minutes import render

LABELS = re.compile(
    r"^(?:Minutes|Cofnodion|Decisions?|Penderfyniad(?:au)?|(?:Additional|Supporting) documents):[ \t]*$"
    r"|^Recorded Vote[ \t]*$",
    re.MULTILINE,
)


def document_of(
    text: str, items: tuple[AgendaItem, ...] = (), pages: tuple[Page, ...] = (), title: str = "Minutes"
) -> Document:
    return Document(ids.document_id(text), text, title, "minutes", items=items, pages=pages)


def cut(document: Document, encoder: Encoder) -> tuple[Passage, ...]:
    return passages_of(document, sections_of(document), encoder)


def sample_documents(searcher: Searcher) -> Iterator[Document]:
    for row in searcher.catalogue.connection.execute("SELECT document_id FROM documents ORDER BY document_id"):
        yield searcher.catalogue.document(row[0])


def joined(passages: tuple[Passage, ...]) -> str:
    return "".join("".join(passage.text.split()) for passage in passages)


def test_passage_is_verbatim_at_its_offsets(searcher: Searcher) -> None:
    for document in sample_documents(searcher):
        for passage in document.passages:
            assert passage.text == document.text[passage.start : passage.end]
            assert passage.text == passage.text.strip() != ""


def test_passages_are_in_order_and_do_not_overlap(searcher: Searcher) -> None:
    for document in sample_documents(searcher):
        assert all(before.end <= after.start for before, after in pairwise(document.passages))


def test_passages_hold_every_word_but_the_labels_of_parts(searcher: Searcher) -> None:
    for document in sample_documents(searcher):
        assert joined(document.passages) == "".join(LABELS.sub("", document.text).split())


def test_passage_fits_the_encoder_with_its_heading(searcher: Searcher, encoder: Encoder) -> None:
    for document in sample_documents(searcher):
        texts = [embedded_text(passage.context, passage.text) for passage in document.passages]
        assert max(encoder.count_tokens(texts)) <= encoder.token_limit


def test_passage_keeps_to_one_item(searcher: Searcher) -> None:
    for document in sample_documents(searcher):
        for passage in document.passages:
            if passage.item is None:
                assert not any(item.start < passage.end and passage.start < item.end for item in document.items)
            else:
                item = document.items[passage.item]
                assert item.start <= passage.start < passage.end <= item.end
                assert item.title.startswith(passage.context)
                assert passage.partial == item.partial


def test_passage_leaves_its_page_only_by_a_sentence_that_runs_over(searcher: Searcher) -> None:
    for document in sample_documents(searcher):
        pages = {page.number: page for page in document.pages}
        for passage in document.passages:
            if passage.page is None:
                assert not pages
                continue
            page = pages[passage.page]
            assert page.start <= passage.start < page.end
            if passage.end > page.end:
                over = [unit.end for unit in units(document.text, passage.start, passage.end) if unit.start < page.end]
                assert max(over) == passage.end


def test_no_passage_begins_inside_a_sentence(searcher: Searcher, encoder: Encoder) -> None:
    """But for one that is longer than the encoder reads, such as a list of all who were present."""
    for document in sample_documents(searcher):
        for before, after in pairwise(document.passages):
            if before.item == after.item and before.kind == after.kind:
                for unit in units(document.text, before.start, after.end):
                    if unit.start < before.end < unit.end:
                        text = document.text[unit.start : unit.end]
                        assert encoder.count_tokens([before.context + text])[0] > encoder.token_limit


def test_sentence_over_a_page_break_is_whole_and_cited_on_its_first_page(tmp_path: Path, encoder: Encoder) -> None:
    source = "All was quiet. The sentence that begins on the first page\n\n---\n\ngoes on to its end here. Then tea."
    (tmp_path / "a.pdf").write_bytes(render(source))
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([tmp_path / "a.pdf"], catalogue, encoder)
    (row,) = catalogue.connection.execute("SELECT document_id FROM documents").fetchall()
    document = catalogue.document(row[0])
    whole = "The sentence that begins on the first page goes on to its end here."
    (passage,) = [passage for passage in document.passages if whole in " ".join(passage.text.split())]
    assert passage.page == 1
    (tea,) = [passage for passage in document.passages if "Then tea." in passage.text]
    assert tea.page == 2


@pytest.mark.parametrize(
    "text",
    [
        "The committee heard " + "and considered again " * 700 + "and closed.",
        "x" * 5_000,
        "Start " + "ÿ€" * 2_500 + " end.",
        ", ".join(f"Councillor Number{n}" for n in range(900)) + ".",
        "\n".join(f"Row {n} | £{n}.00 | paid to a firm" for n in range(400)),
    ],
    ids=["sentence of 2,100 words", "word of 5,000 letters", "odd letters", "list of names", "long table"],
)
def test_what_is_longer_than_the_encoder_reads_is_cut_and_wholly_kept(text: str, encoder: Encoder) -> None:
    passages = cut(document_of(text), encoder)
    assert len(passages) > 1
    assert joined(passages) == "".join(text.split())
    texts = [embedded_text(passage.context, passage.text) for passage in passages]
    assert max(encoder.count_tokens(texts)) <= encoder.token_limit
    assert all(before.end <= after.start for before, after in pairwise(passages))


def test_long_sentence_is_cut_between_words(encoder: Encoder) -> None:
    text = "The committee heard " + "and considered again " * 700 + "and closed."
    words = [word for passage in cut(document_of(text), encoder) for word in passage.text.split()]
    assert words == text.split()


def test_sentence_that_the_encoder_can_read_is_never_cut(encoder: Encoder) -> None:
    sentences = [
        f"Councillor Fern said for the {n}th time that {'the ducks were hungry and ' * 6}cold." for n in range(40)
    ]
    text = " ".join(sentences)
    passages = cut(document_of(text), encoder)
    assert len(passages) > 3
    assert [s for s in sentences if not any(s in passage.text for passage in passages)] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Cllr. D. Jones and Mr. P. Smith of Mill Rd. asked about it at 7 p.m. on Tuesday.",
        "The fee of £7.50 was raised to £8.25 under section 4.2 (see para. 3).",
        "It was agreed “that it be done. At once.” and so minuted.",
    ],
)
def test_full_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    text = f"Before it came this. {sentence} After it came that."
    found = [text[unit.start : unit.end] for unit in units(text, 0, len(text))]
    assert found[0] == "Before it came this."
    assert found[-1] == "After it came that."
    assert " ".join(found[1:-1]).startswith(sentence[:20])
    assert found[1].split()[-1] not in {"Cllr.", "D.", "Mr.", "P.", "Rd.", "para."}


def test_small_items_make_small_passages_and_do_not_flow_together(encoder: Encoder) -> None:
    text = "1. Apologies\n\nNone.\n\n2. Ducks\n\nFed.\n"
    middle = text.index("2. Ducks")
    items = (AgendaItem("Apologies", 0, middle, "1"), AgendaItem("Ducks", middle, len(text), "2"))
    first, second = cut(document_of(text, items), encoder)
    assert (first.item, first.context, first.text) == (0, "Apologies", "1. Apologies\n\nNone.")
    assert (second.item, second.context, second.text) == (1, "Ducks", "2. Ducks\n\nFed.")


def test_text_before_and_between_items_is_kept(encoder: Encoder) -> None:
    text = "Head of the minutes.\n1. Ducks were fed.\nAn aside.\n2. Geese were not.\nThe end."
    items = tuple(
        AgendaItem(title, text.index(title), text.index(title) + len(title))
        for title in ("1. Ducks were fed.", "2. Geese were not.")
    )
    passages = cut(document_of(text, items), encoder)
    assert joined(passages) == "".join(text.split())
    assert [passage.item for passage in passages] == [None, 0, None, 1, None]


def test_heading_of_any_length_leaves_room_for_the_text(encoder: Encoder) -> None:
    text = "The ducks were fed. " * 200
    for title in ("Duck pond " * 500, "x" * 5_000):
        passages = cut(document_of(text, title=title), encoder)
        texts = [embedded_text(passage.context, passage.text) for passage in passages]
        assert max(encoder.count_tokens(texts)) <= encoder.token_limit
        assert max(len(passage.text) for passage in passages) > 500
