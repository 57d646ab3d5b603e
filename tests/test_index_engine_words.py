"""What an engine with BM25 of its own is told of a passage, and asked for a query."""

import re
from collections import Counter

import pytest

from index import engine_words
from index.lexical import Entry, LexicalQuery, plain_query
from index.milvus import LONGEST

BOOSTS = (1.0, 0.25, 0.25)


def entry(body: str, heading: str = "", names: str = "") -> Entry:
    return Entry(1, body, heading, names, None, None, ("minutes",), None, "d1")


def test_a_passage_is_told_by_its_terms_field_by_field() -> None:
    told = engine_words.told(entry("The ponds. A pond!", "Pond", "Wexcombe")).split()
    assert all(re.fullmatch("[0-9a-f]{10}", token) for token in told)  # no analysis takes it apart
    assert sorted(Counter(told).values()) == [1, 1, 2]


def test_what_is_told_does_not_depend_on_capitals_unless_the_terms_do() -> None:
    assert engine_words.told(entry("POND")) == engine_words.told(entry("pond"))
    assert engine_words.told(entry("SEND")) != engine_words.told(entry("send"))


def test_a_passage_of_very_many_words_is_told_by_the_first_of_them() -> None:
    told = engine_words.told(entry(" ".join(f"pond{number}" for number in range(9_000))))
    assert LONGEST - 11 < len(told) <= LONGEST
    assert len(told.split()[-1]) == 10


@pytest.mark.parametrize(
    ("query", "weights"),
    [
        (plain_query(["pond"]), [1.0, 0.25, 0.25]),
        (plain_query(["pond", "duck"]), [1.0, 1.0, 0.25, 0.25, 0.25, 0.25]),
        (LexicalQuery(groups=((("pond", 1.0),), (("say", 0.3),))), [1.0, 0.3, 0.25, 0.25, 0.075, 0.075]),
    ],
)
def test_a_term_is_asked_for_as_often_as_it_counts(query: LexicalQuery, weights: list[float]) -> None:
    asked = engine_words.asked(query, BOOSTS)
    assert asked is not None
    text, unit = asked
    assert sorted(Counter(text.split()).values(), reverse=True) == pytest.approx([weight / unit for weight in weights])


def test_an_engine_is_asked_for_what_it_was_told() -> None:
    asked = engine_words.asked(plain_query(["pond"]), BOOSTS)
    assert asked is not None
    assert set(engine_words.told(entry("ponds", "ponds", "ponds")).split()) == set(asked[0].split())


@pytest.mark.parametrize(
    "query",
    [
        LexicalQuery(),
        LexicalQuery(groups=((("pond", 1.0),),), phrases=(("villag", "pond"),)),
        LexicalQuery(groups=((("pond", 1.0),),), excluded=(("duck",),)),
        LexicalQuery(groups=((("pond", 1.0), ("lake", 0.35)),)),
        LexicalQuery(groups=((("villag pond", 1.0),),)),
        LexicalQuery(groups=((("pond", 0.123),),)),
        LexicalQuery(groups=((("pond", 0.3),), *(((f"duck{number}", 1.0),) for number in range(200)))),
    ],
)
def test_what_an_engine_cannot_be_asked_is_left_to_the_lexical_index(query: LexicalQuery) -> None:
    assert engine_words.asked(query, BOOSTS) is None
