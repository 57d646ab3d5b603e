"""What a question demands of its evidence: an outcome, a kind of thing, a mover, a name; and what comes near."""

import pytest

from corpus.catalogue import Catalogue
from index.answers.answer import Answer, ask
from index.answers.wanted import read_wanted
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest

COUNCIL = """HOLLIN TOWN COUNCIL

Minutes of the meeting of the Full Council held on 12 March 2024.

3. Petitions

Mrs Rudge presented a petition of 212 names that asked for lower parking charges in Mill Yard.

4. Dog fouling on the common

Councillor Ashdown proposed and Councillor Berrick seconded the following motion:

“That bins for dog waste be set up at each gate of the common, so that there is less dog fouling.”

The motion was put to the vote: for 11, against 3, abstain 1. Motion carried.

5. Dog fouling: a ban from the sports field

Councillor Corrie proposed and Councillor Dunmore seconded the following motion:

“That dogs be banned from the sports field.”

Motion lost.

6. Fireworks

Councillor Ashdown proposed and Councillor Dunmore seconded the following motion:

“That the council ask shops to sell quieter fireworks.”

Motion carried.
"""
NOTICES = """HOLLIN TOWN COUNCIL

Minutes of the meeting of the Full Council held on 11 June 2024.

4. Notices of motion

I will move at the next meeting that the council buy six flats in Bell Lane as social housing.

It was agreed to refer this motion to the Homes and Estates Committee.

I will move at the next meeting that the council stream its meetings on the internet.

It was agreed to refer this motion to the Procedures Committee.
"""
PLANNING = """HOLLIN TOWN COUNCIL

Minutes of the meeting of the Planning Committee held on 9 April 2024.

2. Skate park at Tanner's Field

The plan for a skate park at Tanner's Field was discussed. It was agreed to defer the skate park to the meeting in June,
because the noise survey had not come.

3. Hay barn at Upper Hollin

The application for a second storey on the hay barn was refused, because it would overlook the school.

4. Bus shelter in Sheep Street

RESOLVED that the new bus shelter in Sheep Street be approved at a cost of £4,150.

5. Hedge wardens

At a gathering on 9 February a new group, the Hollin Hedge Wardens, was formed to look after the hedges of the parish.
"""


@pytest.fixture(scope="module")
def hollin(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Searcher:
    """Search over the minutes of one invented council."""
    folder = tmp_path_factory.mktemp("hollin")
    (folder / "files").mkdir()
    for name, text in (("council.txt", COUNCIL), ("notices.txt", NOTICES), ("planning.txt", PLANNING)):
        (folder / "files" / name).write_text(text, encoding="utf-8")
    catalogue = Catalogue(folder / "data", create=True)
    ingest([folder / "files"], catalogue, encoder)
    update(catalogue, encoder)
    return Searcher(catalogue, encoder)


def quoted(answer: Answer) -> str:
    return " ".join(" ".join(sentence.text.split()) for sentence in answer.sentences)


def near(answer: Answer) -> str:
    return " ".join(" ".join(sentence.text.split()) for sentence in answer.near)


def test_lost_motions_are_answered_with_lost_ones_and_the_carried_stand_apart(hollin: Searcher) -> None:
    answer = ask(hollin, "Which motions about dogs and dog fouling were lost?")
    assert not answer.abstained
    assert "dogs be banned from the sports field" in quoted(answer)
    assert "Councillor Corrie and seconded by Councillor Dunmore: lost" in quoted(answer)
    assert "bins for dog waste" not in quoted(answer)
    assert {sentence.outcome for sentence in answer.sentences} == {"lost"}
    assert "bins for dog waste" in near(answer)
    assert "carried (11 for, 3 against, 1 abstaining)" in near(answer)


def test_a_motion_that_was_referred_is_known_by_its_own_words(hollin: Searcher) -> None:
    answer = ask(hollin, "Which motions on housing were referred to a committee?")
    assert "six flats in Bell Lane as social housing" in quoted(answer)
    assert "stream its meetings" not in quoted(answer)


def test_every_quote_that_comes_near_is_verbatim_too(hollin: Searcher) -> None:
    answer = ask(hollin, "Which motions about dogs and dog fouling were lost?")
    for sentence in (*answer.sentences, *answer.near):
        for quote in sentence.citations:
            stored = hollin.catalogue.document(quote.hit.document_id).text
            assert stored[quote.start : quote.end] == quote.text


def test_an_outcome_that_no_motion_had_is_said_to_be_lacking(hollin: Searcher) -> None:
    answer = ask(hollin, "Which motions about fireworks were lost?")
    assert answer.abstained
    assert answer.reason == (
        "No evidence found in 3 documents of 1 authority: nothing found is a motion that was lost."
    )
    assert answer.confidence < 0.16
    assert "quieter fireworks" in near(answer)
    assert any(sentence.outcome == "carried" for sentence in answer.near)


def test_motions_are_listed_by_who_moved_them(hollin: Searcher) -> None:
    answer = ask(hollin, "Which motions did Councillor Ashdown propose?")
    assert "quieter fireworks" in quoted(answer)
    assert "bins for dog waste" in quoted(answer)
    assert "sports field" not in quoted(answer)
    assert ask(hollin, "Which motions did Councillor Dunmore propose?").abstained
    assert "quieter fireworks" in quoted(ask(hollin, "Which motions did Councillor Dunmore second?"))


def test_why_something_was_refused_is_answered_only_where_it_was(hollin: Searcher) -> None:
    refused = ask(hollin, "Why was the second storey on the hay barn refused?")
    assert "overlook the school" in quoted(refused)
    approved = ask(hollin, "Why was the bus shelter in Sheep Street refused?")
    assert approved.abstained
    assert "nothing found is a record that it was refused or lost" in approved.reason
    assert "be approved at a cost of £4,150" in near(approved)
    deferred = ask(hollin, "Why was the skate park at Tanner's Field deferred?")
    assert "noise survey" in quoted(deferred)


def test_why_something_was_not_done_is_no_outcome_taken_for_granted(hollin: Searcher) -> None:
    assert not ask(hollin, "Why did the council not decide on the skate park at Tanner's Field?").abstained


def test_petitions_are_answered_with_petitions(hollin: Searcher) -> None:
    assert "212 names" in quoted(ask(hollin, "Which petitions about parking charges were presented?"))
    assert ask(hollin, "Which petitions about fireworks were presented?").abstained


def test_a_person_or_a_scheme_that_no_document_names_is_not_answered_about(hollin: Searcher) -> None:
    person = ask(hollin, "What did Councillor Quillfeather say about the skate park at Tanner's Field?")
    assert person.abstained
    assert "Quillfeather" in person.reason
    scheme = ask(hollin, "What does the bus shelter in Sheep Street cost under the Marrowgate scheme?")
    assert scheme.abstained
    assert "“Marrowgate” occurs in none" in scheme.reason
    assert not ask(hollin, "What does the bus shelter in Sheep Street cost?").abstained


def test_of_an_authority_that_is_not_held_nothing_is_told_from_the_minutes_of_another(hollin: Searcher) -> None:
    answer = ask(hollin, "What did Devon County Council decide about the bus shelter in Sheep Street?")
    assert answer.abstained
    assert "no documents of Devon County Council are held" in answer.reason


def test_a_period_is_of_the_meeting_or_of_what_a_meeting_soon_after_tells(hollin: Searcher) -> None:
    told = ask(hollin, "Which new group was formed in February 2024 to look after the hedges of the parish?")
    assert "Hollin Hedge Wardens" in quoted(told)
    assert any("around it that speak of February" in note for note in told.notes)
    assert ask(hollin, "Which new group was formed in January 2024 to look after the hedges of the parish?").abstained
    assert ask(hollin, "Which new group was formed in February 2019 to look after the hedges of the parish?").abstained


@pytest.mark.parametrize(
    ("question", "thing", "fate", "supposed"),
    [
        ("Which motions on parking were withdrawn?", "motion", "withdrawn", False),
        ("Which amendments to the budget were voted down?", "amendment", "lost", False),
        ("Why did the council reject the plan?", None, "lost", True),
        ("Why was the motion on parking referred back?", None, None, None),
        ("Was the motion on parking carried?", None, None, None),
        ("What became of the motion on parking, and was it lost?", None, None, None),
        ("What did the committee decide about parking?", None, None, None),
    ],
)
def test_what_a_question_demands(question: str, thing: str | None, fate: str | None, supposed: bool | None) -> None:
    found = read_wanted(question, question)
    if supposed is None:
        assert found is None
    else:
        assert found is not None
        assert (found.thing, found.fate, found.supposed) == (thing, fate, supposed)
