"""Precedents: invented minutes of seven councils amid the samples, with the real encoder and indexes."""

from collections.abc import Sequence

import pytest

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters
from corpus.model import AgendaItem, Motion
from index.build import update
from index.encoder import Encoder
from index.precedents.decided import Place, decided_in
from index.precedents.find import MAX_TEXT, Precedent, PrecedentsResult, precedents
from index.precedents.following import named
from index.precedents.motion_words import words_of
from index.search import Searcher
from ingest.motions import motions_of
from ingest.pipeline import ingest
from tests.care_motions import MOTION, write
from tests.conftest import SAMPLES


@pytest.fixture(scope="module")
def councils(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Searcher:
    """The seven councils' minutes and the samples, ingested."""
    folder = tmp_path_factory.mktemp("councils")
    write(folder)
    catalogue = Catalogue(tmp_path_factory.mktemp("data"), create=True)
    ingest([folder, SAMPLES], catalogue, encoder)
    update(catalogue, encoder)
    return Searcher(catalogue, encoder)


@pytest.fixture(scope="module")
def found(councils: Searcher) -> PrecedentsResult:
    """The precedents for the motion."""
    return precedents(councils, MOTION)


def of(result: PrecedentsResult, authority: str) -> list[Precedent]:
    """The precedents of one authority."""
    return [one for one in result.precedents if one.hit.authority == authority]


def test_precedents_come_earliest_first_and_those_without_a_date_last(found: PrecedentsResult) -> None:
    days = [one.hit.meeting_date for one in found.precedents]
    dated = [day for day in days if day]
    assert dated == sorted(dated)
    assert len(set(dated)) == 4
    assert days[len(dated) :] == [None]
    assert found.precedents[-1].hit.authority == "Fenwold Town Council"
    assert "date unknown" in found.precedents[-1].hit.citation


def test_each_says_what_it_is_what_became_of_it_and_how_the_vote_went(found: PrecedentsResult) -> None:
    told = {
        (one.hit.authority, one.kind, one.outcome, one.vote and (one.vote.for_count, one.vote.against_count))
        for one in found.precedents
    }
    assert told == {
        ("Ashdale Borough Council", "motion", "carried", (24, 3)),
        ("Ashdale Borough Council", "amendment", "lost", (8, 19)),
        ("Brackwater District Council", "motion", "carried", None),
        ("Dunreach County Council", "motion", "lost", (9, 31)),
        ("Coldmere City Council", "decision", "decided", None),
        ("Fenwold Town Council", "motion", "carried", None),
    }
    carried = of(found, "Ashdale Borough Council")[0]
    assert (carried.mover, carried.seconder) == ("Councillor Larkfield", "Councillor Quint")
    assert carried.said is not None
    assert carried.said.text == "Motion carried"


def test_what_is_lost_is_never_called_decided(found: PrecedentsResult, councils: Searcher) -> None:
    for result in (found, precedents(councils, "asks officers for a report on care experience before any change")):
        lost = [one for one in result.precedents if "Delete the words" in one.wording.text]
        assert len(lost) == 1
        assert (lost[0].kind, lost[0].outcome) == ("amendment", "lost")


def test_a_recommendation_is_no_precedent_and_stands_apart(found: PrecedentsResult) -> None:
    assert not of(found, "Elmstow Borough Council")
    assert "Elmstow Borough Council" in [hit.authority for hit in found.related]
    held = {one.hit.document_id for one in found.precedents}
    assert not held & {hit.document_id for hit in found.related}


def test_what_is_shown_is_the_stored_text_at_its_offsets(found: PrecedentsResult, councils: Searcher) -> None:
    care = precedents(councils, "That care leavers be contacted every six weeks")
    for one in (*found.precedents, *care.precedents):
        text = councils.catalogue.document(one.hit.document_id).text
        for words in (one.wording, one.said, one.vote and one.vote.said, *one.names):
            assert words is None or words.text == text[words.start : words.end]
            assert words is None or words.text
        assert one.hit.text == text[one.hit.start : one.hit.end]
        assert one.hit.start <= one.wording.start < one.hit.end


def test_differences_lead_from_the_text_to_the_wording(found: PrecedentsResult) -> None:
    same = of(found, "Ashdale Borough Council")[0]
    assert same.shared == 1.0
    assert [change.op for change in same.differences] == ["same"]
    drifted = of(found, "Brackwater District Council")[0]
    assert 0.8 < drifted.shared < 1.0
    changed = [(change.op, change.words) for change in drifted.differences if change.op != "same"]
    assert changed[:2] == [("removed", "all"), ("added", "throughout")]
    for one in found.precedents:
        shown = [change.words for change in one.differences if change.op != "removed"]
        assert " ".join(shown).split() == one.wording.text.split()


def test_an_authority_that_the_record_names_is_given_with_the_sentence(found: PrecedentsResult) -> None:
    """Ashdale's motion is named as adopted; Coldmere's officers are named as guests, and that is no precedent."""
    (named_there,) = of(found, "Brackwater District Council")[0].names
    assert named_there.authority == "Ashdale Borough Council"
    assert "had been adopted by\nAshdale" in named_there.text or "adopted by Ashdale" in named_there.text
    assert not any(one.names for one in found.precedents if one.hit.authority != "Brackwater District Council")


def test_the_closest_earlier_record_is_anothers_and_earlier(found: PrecedentsResult) -> None:
    for one in found.precedents:
        if one.closest_earlier:
            other = found.precedents[one.closest_earlier.position].hit
            assert other.authority != one.hit.authority
            assert (other.meeting_date or "9") < (one.hit.meeting_date or "0")
    drifted = of(found, "Brackwater District Council")[0].closest_earlier
    assert drifted is not None
    assert found.precedents[drifted.position].hit.authority == "Ashdale Borough Council"
    assert drifted.share > 0.8
    assert of(found, "Ashdale Borough Council")[0].closest_earlier is None
    assert of(found, "Fenwold Town Council")[0].closest_earlier is None, "without a date nothing is earlier"


def test_the_same_decision_in_another_file_stands_behind(found: PrecedentsResult) -> None:
    (decided,) = of(found, "Coldmere City Council")
    assert {decided.hit.path, *(other.path for other in decided.hit.also)} == {"coldmere.txt", "resolution.txt"}


@pytest.mark.parametrize(
    "text",
    [
        "This Council declares a nuclear free zone.",
        "That a statue of a unicorn be put up on the roundabout.",
        "zzqx blorf",
    ],
)
def test_nothing_found_is_an_answer_that_says_what_was_searched(councils: Searcher, text: str) -> None:
    result = precedents(councils, text)
    assert result.precedents == ()
    assert (result.searched_documents, result.searched_authorities) == (34, 15)


def test_filters_and_the_limit_hold(councils: Searcher, found: PrecedentsResult) -> None:
    later = precedents(councils, MOTION, Filters(date_from="2023-06-01", date_to="2023-12-31"))
    assert {one.hit.authority for one in later.precedents} == {"Brackwater District Council", "Dunreach County Council"}
    one = precedents(councils, MOTION, k=1)
    assert len(one.precedents) == 1
    assert one.precedents[0].shared >= 0.8
    assert one.more == len(found.precedents) - 1 + found.more
    own = precedents(councils, MOTION, Filters(authorities=("Ashdale Borough Council",)))
    assert {one.hit.authority for one in own.precedents} == {"Ashdale Borough Council"}
    assert own.searched_authorities == 1


@pytest.mark.parametrize(
    ("text", "k", "says"),
    [
        ("  ", 5, "The text is empty"),
        ("…!", 5, "The text is empty"),
        ("word " * MAX_TEXT, 5, "the limit is 5,000: shorten it"),
        ("bins", 0, "from 1 to 100"),
        ("bins", 101, "from 1 to 100"),
    ],
)
def test_what_cannot_be_asked_is_refused(councils: Searcher, text: str, k: int, says: str) -> None:
    with pytest.raises(QueryError, match=says):
        precedents(councils, text, k=k)


def test_samples_lost_motion_and_its_amendment_are_found_as_lost(councils: Searcher) -> None:
    """The motion on the pool was lost by one vote; its words come close to the text."""
    result = precedents(
        councils, "This Council believes that the pool should stay open and asks Cabinet not to close it"
    )
    closest = max(result.precedents, key=lambda one: one.shared)
    assert (closest.kind, closest.outcome) == ("motion", "lost")
    assert closest.vote is not None
    assert (closest.vote.for_count, closest.vote.against_count) == (10, 11)


def test_a_meeting_gives_three_at_the_most_and_what_it_decided_first(councils: Searcher) -> None:
    result = precedents(councils, "That a 20 mph limit be introduced in every village street with a school")
    meetings = [(one.hit.authority, one.hit.committee, one.hit.meeting_date) for one in result.precedents]
    assert max(meetings.count(meeting) for meeting in meetings) == 3
    assert result.more
    wexcombe = [one.kind for one in of(result, "Wexcombe District Council")]
    assert "decision" in wexcombe


# -- where the words of a motion stand ---------------------------------------------------------------------


def worded(text: str) -> Sequence[str]:
    """The words of each motion of a text that is one item, white space aside."""
    found, low = [], 0
    motions: Sequence[Motion] = motions_of(text, AgendaItem("Item", 0, len(text)))
    for position, motion in enumerate(motions):
        later = [other.start for other in motions[position + 1 :]]
        stops = [*later, *(stop for stop in (motion.outcome_start,) if stop and stop > motion.end), len(text)]
        start, end = words_of(text, motion, low, min(stops))
        found.append(" ".join(text[start:end].split()))
        low = end
    return found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "(4) Mr Alder proposed and Ms Birch seconded the following motion:\n“That the pond be\ndredged in May.”\n"
            "(5) Mr Oak said that it was deep.\nMotion lost.\n",
            "That the pond be dredged in May.",
        ),
        (
            "Mr Alder proposed, and Ms Birch seconded, that the pond be dredged. Mr Oak said that it was deep.\n",
            "that the pond be dredged.",
        ),
        (
            "Mr Alder moved that the pond be dredged in May. Ms Birch seconded. Carried.\n",
            "that the pond be dredged in May.",
        ),
        (
            "Mr Alder proposed and Ms Birch seconded the motion:\n\nThis Council notes that it is full.\n\n"
            "This Council resolves:\n\n(1) to dredge the pond;\n\n(2) to plant reeds.\n\nMr Oak thought it deep.\n",
            "This Council notes that it is full. This Council resolves: (1) to dredge the pond; (2) to plant reeds.",
        ),
        (
            "I will move at the next meeting that the pond be dredged and reeds planted.\n\nThe Motion was proposed by "
            "Councillor Alder and seconded by Councillor Birch.\n\nREPLY: The pond is in private hands.\n",
            "that the pond be dredged and reeds planted.",
        ),
        (
            "Mr Alder proposed, and Ms Birch seconded, the following amendment:\n\nProposed Purpose:\n“Dredge "
            "the pond.”\n\nProposed Amount:\n\n“£5k”\n\n(8) The amendment was lost.\n",
            "Proposed Purpose: “Dredge the pond.” Proposed Amount: “£5k",
        ),
    ],
)
def test_the_words_of_a_motion_are_found_where_they_stand(text: str, words: str) -> None:
    assert worded(text) == [words]


def test_a_resolution_in_the_words_of_its_motion_is_one_entry_with_mover_and_vote(councils: Searcher) -> None:
    """The budget of the sample county was moved, amended, carried and resolved: the resolution has mover and vote."""
    row = councils.catalogue.connection.execute(
        'SELECT i.document_id, i.position, i.start, i."end" FROM items i JOIN documents d USING (document_id)'
        " WHERE d.authority = 'Harrowmere County Council' AND i.title LIKE 'Revenue Budget%'"
    ).fetchone()
    place = Place(*row)
    entries = decided_in(councils.catalogue, place, councils.catalogue.document(place.document_id).text)
    (resolved,) = [one for one in entries if one.kind == "decision"]
    assert (resolved.outcome, resolved.mover, resolved.vote and resolved.vote.for_count) == (
        "carried",
        "Mrs Quillfeather",
        26,
    )
    assert sorted(one.outcome for one in entries if one.kind == "amendment") == ["carried", "lost", "lost"]
    assert not [one for one in entries if one.kind == "motion"]


# -- who is named ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "authority"),
    [
        ("The wording followed Worcestershire's motion of last May.", "Worcestershire County Council"),
        ("A similar motion, as adopted by Kent County Council, was before Members.", "Kent County Council"),
        ("Leicester City Council had already passed such a resolution.", "Leicester City Council"),
        ("Officers of Kent County Council attended to speak about buses.", None),
        ("The following motion asked Kent County Council to mend the bridge.", None),
        ("Ashby Council's own motion was adopted.", None),
        ("Kent County Council had not adopted any such policy.", None),
        ("The bridge had been approved by Kent County Council.", None),
        ("Kent County Council officers made a presentation on the policy.", None),
    ],
)
def test_a_reference_needs_words_that_say_the_other_did_the_same(sentence: str, authority: str | None) -> None:
    text = f"Mr Alder spoke of the pond. {sentence} Ms Birch thanked him."
    found = named(text, 0, len(text), "Ashby Council", ("Ashby Council",))
    assert [one.authority for one in found] == ([authority] if authority else [])
    assert all(text[one.start : one.end] == one.text == sentence for one in found)
