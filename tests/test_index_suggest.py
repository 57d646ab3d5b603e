"""Suggestions for misspellings: from the collection's own words, and never for a word that may be right."""

from pathlib import Path

import pytest

from corpus.errors import IndexMismatchError
from index.understanding import suggest
from index.understanding.suggest import Speller, build_vocabulary

TEXTS = [
    "The committee noted safeguarding of children and the accommodation for care leavers. Councillor Smythe spoke.",
    "Planning Committee: the planning application was refused; the budget for transport and licensing was received.",
    "Licensing of private rented accommodation. The council agreed the committee's report on children's transport.",
    "The Council and the Committee thanked councillors; Planning and Budget matters. Defibrillators were discussed.",
] * 10


@pytest.fixture(scope="module")
def speller() -> Speller:
    return build_vocabulary(TEXTS)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("safegaurding chidlren", "safeguarding children"),
        ("Safegaurding chidlren in Kent", "Safeguarding children in Kent"),
        ("SAFEGAURDING CHIDLREN", "SAFEGUARDING CHILDREN"),
        ("SEND tansport", "SEND transport"),
        ("the planing comittee?", "the planing committee?"),
        ("acommodation for chldren's homes", "accommodation for children's homes"),
        ('"safegaurding chidlren" -fostring authority:Knet', '"safeguarding children" -fostring authority:Knet'),
        ("committee:planing lycensing", "committee:planing licensing"),
        ("  recieved ,  lycensing ", "  received ,  licensing "),
    ],
)
def test_misspelling_is_put_right_and_the_rest_kept(speller: Speller, typed: str, expected: str) -> None:
    assert speller.suggest(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "safeguarding children",
        "Kent, last two years",
        "What did Councillor Smithe say?",
        "the Plannning Aplication",
        "chidlre9 12345 2024-25",
        "EHCP SENDIASS HMOs",
        "gwasanaethau plant yn Llanafan",
        "sut mae comitte yn gweithio",
        "felling trees, heating, wording, kerbs, hedgehogs",
        "behaviour behavior organisation organization",
        "bugdet@example.org comittee.org.uk",
        "don't won't doesn't",
        "teh bsu rpt",
        "xqzzt wvvkj ploorf",
        "-safegaurding tree",
        "authority:comittee tree",
        "",
    ],
)
def test_what_may_be_right_is_left_alone(speller: Speller, typed: str) -> None:
    assert speller.suggest(typed) is None


def test_every_word_of_the_collection_is_left_alone(speller: Speller) -> None:
    for form in speller.forms:
        assert speller.suggest(form) is None


def test_rare_word_gets_a_suggestion_only_where_a_near_one_is_much_commoner() -> None:
    once = ["the comittee met"]
    often = ["the committee met"]
    assert build_vocabulary(once + often * 500).suggest("comittee") == "committee"
    assert build_vocabulary(once + often * 20).suggest("comittee") is None
    assert build_vocabulary(once * 30 + often * 500).suggest("comittee") is None


def test_vocabulary_counts_words_and_their_small_letters() -> None:
    made = build_vocabulary(["Kent kent KENT council Council's", "kent 2024"])
    held = dict(zip(made.forms, zip(made.counts.tolist(), made.lower.tolist(), strict=True), strict=True))
    assert held["kent"] == (4, 2)
    assert held["council"] == (2, 1)
    assert made.forms[0] == "kent"


def test_vocabulary_keeps_the_commonest_words_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggest, "MAX_FORMS", 50)
    rare = (f"word{i} word{i + 1}" for i in range(5000))
    common = [f"common{i % 20}" for i in range(2000)]
    made = build_vocabulary(text for pair in zip(rare, common, strict=False) for text in pair)
    assert len(made.forms) == 50
    assert {f"common{i}" for i in range(20)} <= set(made.forms)


def test_vocabulary_comes_back_as_it_was_written(speller: Speller, tmp_path: Path) -> None:
    file = tmp_path / "words.tsv"
    suggest.write(speller, file)
    read = suggest.read(file)
    assert read.forms == speller.forms
    assert (read.counts == speller.counts).all()
    assert (read.lower == speller.lower).all()
    assert read.suggest("safegaurding") == "safeguarding"
    assert [path.name for path in tmp_path.iterdir()] == ["words.tsv"]


def test_empty_vocabulary_suggests_nothing(tmp_path: Path) -> None:
    suggest.write(build_vocabulary([]), tmp_path / "words.tsv")
    assert suggest.read(tmp_path / "words.tsv").suggest("safegaurding chidlren") is None


@pytest.mark.parametrize("damage", ["word 1", "word one two\n", "word 1 1 word\n", b"\xff\xfe\xff"])
def test_damaged_vocabulary_is_explained(tmp_path: Path, damage: str | bytes) -> None:
    file = tmp_path / "words.tsv"
    file.write_bytes(damage if isinstance(damage, bytes) else damage.encode())
    with pytest.raises(IndexMismatchError, match="run 'minutebook rebuild'"):
        suggest.read(file)
    with pytest.raises(IndexMismatchError, match="missing or damaged"):
        suggest.read(tmp_path / "absent.tsv")
