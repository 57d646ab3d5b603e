"""The judge of answers must notice every broken promise, or a measurement without faults says nothing."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.search import Searcher
from tests import answer_judging as judging
from webapp.shown.formatters import hit_json

Answer = dict[str, Any]


@pytest.fixture
def store(sample_data: Path) -> judging.Store:
    return judging.Store(sample_data, None)


@pytest.fixture
def answer(searcher: Searcher) -> Answer:
    """An answer of two sentences, each the whole of a passage."""
    hits = searcher.search("library opening hours", k=3).hits
    cited = [{**hit_json(hit), "quote": hit.text, "quote_start": hit.start, "quote_end": hit.end} for hit in hits[:2]]
    sentences = [{"text": one["quote"], "citations": [one]} for one in cited]
    made = {
        "abstained": False,
        "reason": "",
        "sentences": sentences,
        "by_authority": {"any": [0, 1]},
        "nearest": [hit_json(hits[2])],
    }
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def test_an_answer_of_verbatim_quotes_has_no_fault(store: judging.Store, answer: Answer) -> None:
    assert judging.faults(store, answer, extractive=True) == []


def _cited(answer: Answer) -> dict[str, Any]:
    return answer["sentences"][0]["citations"][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda it: it["sentences"][0].update(text=it["sentences"][0]["text"] + " indeed"), "is not its quote"),
        (lambda it: _cited(it).update(quote="Other words"), "not the stored text at its offsets"),
        (lambda it: _cited(it).update(quote_start=_cited(it)["quote_start"] + 1), "not the stored text"),
        (lambda it: _cited(it).update(quote_end=_cited(it)["end"] + 1), "not within its passage"),
        (lambda it: _cited(it).update(passage_id="0" * 20), "is not stored so"),
        (lambda it: _cited(it).update(document_id="0" * 20), "is not stored so"),
        (lambda it: it["sentences"][1].update(citations=[]), "cites nothing"),
        (lambda it: it["nearest"][0].update(text="Other words"), "the passage is not the stored text"),
        (lambda it: it.update(abstained=True), "abstained with sentences"),
        (lambda it: it.update(sentences=[], by_authority={}), "neither sentences nor abstained"),
        (lambda it: it.update(by_authority={"any": [0]}), "by_authority lists"),
    ],
)
def test_what_is_not_verbatim_or_does_not_resolve_is_a_fault(
    store: judging.Store, answer: Answer, spoil: Callable[[Answer], None], fault: str
) -> None:
    spoiled = copy.deepcopy(answer)
    spoil(spoiled)
    assert any(fault in found for found in judging.faults(store, spoiled, extractive=True))


def test_a_duplicate_counts_as_the_same_place_and_another_page_does_not(store: judging.Store, answer: Answer) -> None:
    cited = _cited(answer)
    place = {"path": cited["path"], "page": cited["page"], "facts": [cited["text"].split()[0]]}
    copied = {**place, "path": "elsewhere/copy.txt", "duplicate_of": cited["path"]}
    [target] = judging.targets(store, {"relevant": [place, copied]})
    assert judging.holds_fact(store, cited, target)
    [unsaid] = judging.targets(store, {"relevant": [{**place, "facts": ["zeppelin moorings"]}]})
    assert not judging.holds_fact(store, cited, unsaid)
    elsewhere = {**cited, "page": 998}
    [other] = judging.targets(store, {"relevant": [{**place, "page": 999}]})
    assert not judging.on_page(judging.places(elsewhere), other)


def test_facts_are_found_across_line_ends_but_not_in_other_case() -> None:
    assert judging.facts_found(["ten pounds"], "It cost ten\n  pounds.") == ["ten pounds"]
    assert judging.facts_found(["Ten pounds"], "It cost ten pounds.") == []
    assert judging.facts_found(["clerk's cost–benefit"], "The Clerk’s cost-benefit", judging.plain) == [
        "clerk's cost–benefit"
    ]


def test_a_sentence_of_several_quotes_may_say_no_number_or_name_that_they_lack(
    store: judging.Store, answer: Answer
) -> None:
    both = [sentence["citations"][0] for sentence in answer["sentences"]]
    answer["sentences"][0].update(text="It was agreed by those present.", citations=both)
    assert judging.faults(store, answer, extractive=True) == []
    answer["sentences"][0]["text"] = "It was moved by Zebedee and lost by 98765 votes."
    assert judging.faults(store, answer, extractive=True) == [
        "sentence 0 says '98765', which none of its quotes does",
        "sentence 0 says 'Zebedee', which none of its quotes does",
    ]
