"""What minutes record besides words: people, motions and votes, decisions, interests, actions, meeting facts."""

from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.model import AgendaItem, Decision, Document, Motion, Record
from index.answers.answer import ask
from index.build import update
from index.encoder import Encoder
from index.search import Searcher
from ingest.attendance import attendance_of
from ingest.meeting import language_of, status_of, time_of, venue_of
from ingest.motions import motions_of
from ingest.outcomes import actions_of, decisions_of, interests_of
from ingest.pipeline import ingest
from ingest.reading import Reading
from ingest.structure import Part
from tests.conftest import ROOT

SAMPLES = ROOT / "corpus" / "samples"


def motions(text: str) -> list[Motion]:
    """The motions of a text that is one item."""
    return motions_of(text, AgendaItem("Item", 0, len(text)))


def of_type(document: Document, kind: type[Record]) -> list[Record]:
    """The records of one type of a document."""
    return [kept.record for kept in document.records if isinstance(kept.record, kind)]


PRINTED = """(7) Mr Alder proposed, and Ms Birch seconded the following amendment:
“That £10,000 be added to the verge budget.”
(8) The Chairman put the amendment to the vote and the voting was as follows:
For (3)
Mr Alder, Ms Birch, Mr Larch, OBE
Against (4)
Mr Oak, Mrs Pine, Dr Rowan,
Miss Yew
Abstain (1)
Mr Thorn
Amendment lost.
"""


def test_named_vote_gives_mover_seconder_counts_names_and_outcome() -> None:
    """An honour after a comma is not a voter, and a list may go on over a line."""
    (motion,) = motions(PRINTED)
    assert (motion.type, motion.mover, motion.seconder, motion.outcome) == ("amendment", "Mr Alder", "Ms Birch", "lost")
    assert motion.vote is not None
    assert (motion.vote.for_count, motion.vote.against_count, motion.vote.abstain_count) == (3, 4, 1)
    assert motion.vote.for_names == ("Mr Alder", "Ms Birch", "Mr Larch")
    assert motion.vote.against_names == ("Mr Oak", "Mrs Pine", "Dr Rowan", "Miss Yew")


def test_proposal_set_out_on_lines_of_its_own_goes_on_over_the_empty_ones() -> None:
    """A line that ends in ";" leaves its sentence open: the seconder and "And Resolved" belong to it."""
    text = "Proposed by Councillor Alder;\n\nSeconded by Councillor Birch;\n\nAnd Resolved:\n\n“That a stall be let.”\n"
    (motion,) = motions(text)
    assert (motion.mover, motion.seconder, motion.outcome) == ("Councillor Alder", "Councillor Birch", "carried")
    assert text[motion.outcome_start : motion.outcome_end] == "And Resolved"


def test_seconder_on_the_next_line_is_no_part_of_the_movers_name() -> None:
    (motion,) = motions("Proposed: Councillor Alder\n\nSeconded: Councillor Birch\n\nReply: the stall is let.\n")
    assert (motion.mover, motion.seconder, motion.outcome) == ("Councillor Alder", "Councillor Birch", None)


def test_what_became_of_a_similar_motion_is_not_what_became_of_this_one() -> None:
    text = "Mr Alder proposed and Ms Birch seconded the motion. On the motion Mr Oak said a similar one was passed."
    (motion,) = motions(text)
    assert motion.outcome is None


def test_words_that_are_proposed_do_not_tell_what_became_of_them() -> None:
    """ "Carried out" and "was agreed" inside what was proposed are no outcome."""
    for words in ("That a survey be\ncarried out in May.", "That the plan which was agreed be printed."):
        (motion,) = motions(f"Proposed by Councillor Alder, seconded by Councillor Birch:\n“{words}”\n")
        assert motion.outcome is None


def test_amended_motion_keeps_each_vote_with_its_own_proposal() -> None:
    """The vote on the amendment is not that on the motion."""
    text = (
        "Mr Oak proposed and Mrs Pine seconded the motion that the pool close.\n\n"
        + PRINTED
        + "\nFor (6)\nMr Oak, Mrs Pine, Dr Rowan, Miss Yew, Mr Thorn, Mr Elm\nAgainst (2)\nMr Alder, Ms Birch\n"
        "Abstain (0)\nSubstantive Motion carried.\n"
    )
    motion, amendment = motions(text)
    assert (motion.type, motion.outcome) == ("motion", "carried")
    assert motion.vote is not None
    assert (motion.vote.for_count, motion.vote.against_count, motion.vote.abstain_names) == (6, 2, ())
    assert (amendment.type, amendment.outcome) == ("amendment", "lost")


def test_division_between_motion_and_amendment_is_counted_for_each_as_its_supporters_stand() -> None:
    """Those who vote for the amendment are for it where it is shown, and against the motion."""
    text = (
        "Councillor Alder, seconded by Councillor Birch, moved that the library close.\n\n"
        "Councillor Oak, seconded by Councillor Pine, moved as an amendment that the library stay open.\n\n"
        "For the motion (2): Alder, Birch\n\nFor the amendment (3): Oak, Pine, Rowan\n\n"
        "The amendment was carried.\n"
    )
    _, amendment = motions(text)
    assert amendment.outcome == "carried"
    assert amendment.vote is not None
    assert (amendment.vote.for_count, amendment.vote.against_count) == (3, 2)
    assert len(amendment.vote.for_names) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prop: CR; 2nd: BM. All in favour.", ("CR", "BM", "carried")),
        ("It was proposed by Cllr. O. Willow, seconded by Cllr. P. Hazel and unanimously agreed to pay £78.",
         ("Cllr. O. Willow", "Cllr. P. Hazel", "carried")),
        ("Councillor Ash moved that no action be taken. Seconded by Councillor Beech. For 2, against 6. LOST.",
         ("Councillor Ash", "Councillor Beech", "lost")),
        ("Councillor Ash, seconded by Councillor Beech, moved approval. The motion was carried by 7 votes to 3.",
         ("Councillor Ash", "Councillor Beech", "carried")),
        ("Mr D Elder moved that the matter be deferred. Mrs P Sloe seconded. The motion was withdrawn.",
         ("Mr D Elder", "Mrs P Sloe", "withdrawn")),
        ("Councillor Ash proposed a survey, seconded by Councillor Beech. Discussion went on until nine.",
         ("Councillor Ash", "Councillor Beech", None)),
    ],
)  # fmt: skip
def test_proposal_in_the_words_of_parish_and_principal_councils(text: str, expected: tuple[str | None, ...]) -> None:
    """Mover, seconder and outcome are found in each wording; an outcome that is not stated stays unknown."""
    (motion,) = motions(text)
    assert (motion.mover, motion.seconder, motion.outcome) == expected


@pytest.mark.parametrize(
    "tail",
    [
        "and agreed.", "\n\nand agreed.", "\n\n(J) and\n\nagreed.", " was\n\napproved.",
        ".\n\nThe motion was\n\ncarried.",
        "\n\nAnd Resolved:\n\n“That a stall be let.”", " All in favour", "; 6 for, 2 against; Carried.",
    ],
)  # fmt: skip
def test_outcome_is_read_over_the_line_where_a_page_broke_its_sentence(tail: str) -> None:
    """An empty line that the margin or a page put inside a sentence does not end it; the seconder stays a name."""
    (motion,) = motions(f"The motion was proposed by Councillor Alder, seconded by Councillor Birch {tail}\n\nBins\n")
    assert motion.outcome == "carried"
    assert motion.seconder in ("Councillor Birch", "Councillor Birch (J)")


def test_paragraph_that_is_over_does_not_lend_its_proposal_what_the_next_one_tells() -> None:
    """A full stop, a heading or a new matter ends it: what is agreed after it is something else."""
    for after in ("\n\nThe fence was agreed to be painted.", "\n\nBenches\n\nPainting was agreed."):
        (motion,) = motions(f"Mr Alder proposed that the pool close, seconded by Ms Birch.{after}\n")
        assert motion.outcome is None


def test_seconder_whose_name_a_line_break_cuts_is_whole() -> None:
    """A title does not end a paragraph, nor does a margin in a text that has an empty line after every line."""
    text = (
        "Councillor Alder proposed that the keeper of the clock be asked to come to the next meeting of\n\n"
        "the council and tell members how the\n\nwinding is paid for. This was seconded by Councillor\n\nBirch and\n\n"
        "agreed.\n"
    )
    (motion,) = motions(text)
    assert (motion.seconder, motion.outcome) == ("Councillor Birch", "carried")


@pytest.mark.parametrize(
    "text",
    [
        "The minutes of 4 May were approved and signed\nProp: KD   2nd CR\n",
        "The accounts for June were read and approved. Proposed by Mr Alder seconded by\nMs Birch.\n",
        "It was resolved that the gate be painted.\nProposed: KD, seconded: CR\n\nb. Benches\n",
        "RESOLVED to buy a bench (Proposed by KD, seconded by CR)\n",
    ],
)
def test_outcome_before_the_names_of_mover_and_seconder_is_theirs(text: str) -> None:
    """Parish minutes tell first what was decided, and who proposed it after."""
    (motion,) = motions(text)
    assert motion.outcome == "carried"
    assert motion.outcome_start is not None
    assert motion.outcome_start < motion.start


@pytest.mark.parametrize(
    "text",
    [
        "The accounts were not approved. Proposed by KD, seconded by CR.\n",
        "The plan would be read before it was agreed. Prop: KD 2nd: CR\n",
        "The extension was approved by the district. Prop: KD 2nd: CR\n",
        "The bench was painted. Prop: KD 2nd: CR\nc. The precept was approved.\n",
        "The accounts were approved. Proposed by KD, seconded by CR, that the gate be painted.\n",
        "The accounts were approved. Rain fell. Proposed by KD, seconded by CR.\n",
    ],
)
def test_what_is_told_before_the_names_is_no_outcome_if_it_is_of_something_else(text: str) -> None:
    (motion,) = motions(text)
    assert motion.outcome is None


@pytest.mark.parametrize(
    "words",
    [
        "Members opposed the amendment as such work is being carried out already.",
        "The clerk said that the motion had been carried in May.",
        "The clerk said that a similar motion was carried in Ansel.",
        "The mayor declared the plan without the amendment as defeated.",
        "The amendment was agreed by Councillor Birch.",
        "It was agreed to defer the matter.",
        "Another one was proposed and a different motion was lost.",
    ],
)
def test_words_like_an_outcome_that_are_of_something_else_are_none(words: str) -> None:
    for what in ("motion", "amendment"):
        (motion,) = motions(f"Councillor Alder proposed the following {what}, seconded by Councillor Birch. {words}\n")
        assert motion.outcome is None


def test_what_became_of_an_amendment_is_not_what_became_of_the_motion() -> None:
    """The mover of the amendment is not told, so there is no record of it; the motion's own outcome is kept."""
    text = "Mr Alder proposed, and Ms Birch seconded, that the pool close. An amendment to keep it open was lost."
    assert [motion.outcome for motion in motions(text)] == [None]
    assert [motion.outcome for motion in motions(text + " The motion was carried.")] == ["carried"]


LISTS = """Councillor Alder proposed the motion, seconded by Councillor Birch. A vote was taken on the motion:

For:

Councillors Alder, Birch, Larch (J), Larch

(M), Elm Uí

3

Dubh. (5)

Against:

None

Abstentions:

Councillors Oak and Pine. (2)

The Mayor declared the motion proposed by Councillor Alder and seconded by Councillor Birch as carried.
"""


def test_vote_by_lists_that_end_with_their_counts_has_counts_and_names() -> None:
    """A page number inside a list is no name, "None" is nobody, initials in brackets are no count."""
    (motion,) = motions(LISTS)  # which the sentence that tells its outcome names again
    vote = motion.vote
    assert vote is not None
    assert (vote.for_count, vote.against_count, vote.abstain_count) == (5, 0, 2)
    assert vote.for_names == ("Alder", "Birch", "Larch (J)", "Larch (M)", "Elm Uí Dubh")
    assert (vote.against_names, vote.abstain_names) == ((), ("Oak", "Pine"))
    assert (motion.outcome, motion.seconder) == ("carried", "Councillor Birch")


@pytest.mark.parametrize(
    "lists",
    [
        "For: Councillors Alder, Birch and Elm (3)\nAgainst: Councillors Oak and Pine (2)\n",
        "Those voting for: Councillors Alder, Birch and Elm (3)\nThose voting against: Councillors Oak and Pine (2)\n",
        "In favour of the motion: Alder, Birch and Elm. Total: 3\nAgainst the motion: Oak and Pine. Total: 2\n",
        "Voting For: Alder, Birch and Elm – 3\nVoting Against: Oak and Pine – 2\n",
    ],
)
def test_lists_on_a_line_with_their_label_are_read(lists: str) -> None:
    (motion,) = motions(f"Mr Alder moved the motion, seconded by Ms Birch.\n\n{lists}\nThe motion was carried.\n")
    assert motion.vote is not None
    assert (motion.vote.for_count, motion.vote.against_count) == (3, 2)
    assert (motion.vote.for_names, motion.vote.against_names) == (("Alder", "Birch", "Elm"), ("Oak", "Pine"))


def test_answer_on_a_vote_by_lists_is_proven_by_the_lists(tmp_path: Path, encoder: Encoder) -> None:
    """Every count that the sentence says stands in a quote."""
    files = tmp_path / "files"
    files.mkdir()
    heading = "Wickenby Parish Council\n\nMinutes of the meeting held on 4 March 2024.\n\n1. Clock\n\n"
    (files / "minutes.txt").write_text(heading + LISTS.replace("3\n\n", ""), "utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([files], catalogue, encoder)
    update(catalogue, encoder)
    said = ask(Searcher(catalogue, encoder), "What was the vote on the motion of Councillor Alder?").sentences
    (vote,) = [one for one in said if one.kind == "vote" and one.text.startswith("Motion moved by")]
    assert vote.text.endswith("carried (5 for, 0 against, 2 abstaining).")
    quotes = [" ".join(quote.text.split()) for quote in vote.citations]
    assert any(quote.startswith("For:") and quote.endswith("(5)") for quote in quotes)
    assert "Against: None" in quotes
    assert any(quote.endswith("Oak and Pine. (2)") for quote in quotes)


def test_list_with_more_names_than_its_count_keeps_the_count_only() -> None:
    (motion,) = motions(LISTS.replace("(5)", "(9)"))
    assert motion.vote is not None
    assert (motion.vote.for_count, motion.vote.for_names, motion.vote.abstain_count) == (9, (), 2)


def test_vote_for_one_of_two_candidates_is_no_vote_for_and_against() -> None:
    text = (
        "Mr Alder proposed Ms Birch, seconded by Mr Elm.\n\n"
        "For Councillor Birch\n\nAlder, Elm\n\n(2)\n\nFor Councillor Oak\n\nPine\n\n(1)\n"
    )
    assert all(motion.vote is None for motion in motions(text))


def test_vote_is_given_to_the_proposal_it_was_taken_on() -> None:
    """A vote on another member's amendment is not that of the proposal before it; told again after, it is of that."""
    text = (
        "The amendment was proposed by Cllr Alder, seconded by Cllr Birch. Cllr Oak proposed that the pool stay open,\n"
        "which was seconded by Cllr Pine. A vote was then taken on the amendment from Cllr Alder:\n\n"
        "In favour\nCouncillors Alder, Birch and Elm. (3)\n\nAgainst\nCouncillors Oak and Pine. (2)\n\n"
        "The amendment proposed by Cllr Alder, seconded by Cllr Birch was approved.\n"
    )
    found = motions(text)
    assert [(motion.mover, motion.vote is not None) for motion in found] == [
        ("Cllr Alder", False), ("Cllr Oak", False), ("Cllr Alder", True)
    ]  # fmt: skip
    assert (found[-1].type, found[-1].outcome) == ("amendment", "carried")


@pytest.mark.parametrize(
    ("text", "mover", "seconder"),
    [
        ("Proposed by Mr Hillson seconded by Ms Birch.", "Mr Hillson", "Ms Birch"),
        ("Proposed by PP seconded\nby NR.", "PP", "NR"),
        ("The fees were proposed by D. Markwell seconded C. Larch - pass.", "D. Markwell", "C. Larch"),
        ("A.O.B. Councillor Alder proposed a fair. This was seconded by Councillor Birch.", "Councillor Alder",
         "Councillor Birch"),
    ],
)  # fmt: skip
def test_names_of_mover_and_seconder_are_whole(text: str, mover: str, seconder: str) -> None:
    (motion,) = motions(text)
    assert (motion.mover, motion.seconder) == (mover, seconder)


@pytest.mark.parametrize(
    "text",
    [
        "The proposed budget was moved to page 4 of the pack.",
        "The Administration proposed savings of £2m and the Council proposed to consult.",
        "If the amendment is carried it will become part of the motion.",
    ],
)
def test_no_motion_is_made_of_talk_about_proposals(text: str) -> None:
    """A proposal has a person who makes it."""
    assert motions(text) == []


@pytest.mark.parametrize("name", ["harrowmere-county-council", "port-ansel-city-council", "wexcombe-district-council"])
def test_votes_of_printed_samples_have_as_many_names_as_they_count(searcher: Searcher, name: str) -> None:
    """Every named vote of the printed minutes adds up."""
    rows = searcher.catalogue.connection.execute(
        "SELECT document_id FROM sources WHERE path LIKE ? AND path LIKE '%.pdf'", (f"{name}/%",)
    )
    for (document_id,) in rows.fetchall():
        found = of_type(searcher.catalogue.document(document_id), Motion)
        assert found
        for motion in found:
            if isinstance(motion, Motion) and motion.vote and motion.vote.for_names:
                assert len(motion.vote.for_names) == motion.vote.for_count
                assert len(motion.vote.against_names) == motion.vote.against_count


def test_record_offsets_are_inside_the_stored_text_and_survive_storage(searcher: Searcher) -> None:
    """Records come back from the catalogue with the words they stand on."""
    (document_id,) = searcher.catalogue.connection.execute(
        "SELECT document_id FROM sources WHERE path LIKE 'harrowmere%Printed%'"
    ).fetchone()
    document = searcher.catalogue.document(document_id)
    for kept in document.records:
        assert 0 <= kept.record.start < kept.record.end <= len(document.text)
        assert kept.record.how
    decisions = [document.text[record.start : record.end] for record in of_type(document, Decision)]
    assert any("RESOLVED" in words for words in decisions)
    assert not any("Amendment lost" in words for words in decisions)


def test_attendance_tells_members_apologies_and_officers_apart() -> None:
    """Roles stand in brackets, honours are nobody, and lists wrap."""
    text = (
        "PRESENT: Mr B Alder (Chairman), Mrs P Birch, OBE, Mr R\nLarch and Ms L Yew\n\n"
        "APOLOGIES: Dr Rowan\n\nIN ATTENDANCE: Mr J Cork (Head of Law) and Mrs T Reed (Clerk)\n\n1. Minutes\n"
    )
    people = attendance_of(text, text.index("1. Minutes"))
    by_status = {
        status: [(p.name, p.role) for p in people if p.status == status]
        for status in ("present", "apologies", "in attendance")
    }
    assert by_status["present"] == [
        ("Mr B Alder", "Chairman"), ("Mrs P Birch", None), ("Mr R Larch", None), ("Ms L Yew", None)
    ]  # fmt: skip
    assert by_status["apologies"] == [("Dr Rowan", None)]
    assert by_status["in attendance"] == [("Mr J Cork", "Head of Law"), ("Mrs T Reed", "Clerk")]


def test_attendance_in_columns_keeps_initials_and_columns() -> None:
    """Present, public and apologies side by side are three lists."""
    text = (
        "Present:    Members of the Public:  Apologies:\n"
        "Nell Oakley (NO) CHAIR    David Moss   Chris Rudd\n"
        "Kit Drew (KD)    Mary May   Jo Carr\nAl Smee (AS)\n\n1 Start\n"
    )
    people = {p.name: p for p in attendance_of(text, text.index("1 Start"))}
    assert (people["Nell Oakley"].status, people["Nell Oakley"].initials) == ("present", "NO")
    assert people["Mary May"].status == "in attendance"
    assert people["Jo Carr"].status == "apologies"
    assert people["Al Smee"].status == "present"


@pytest.mark.parametrize(
    ("sentence", "decides"),
    [
        ("It was agreed to pay the invoice of £78.", True),
        ("The Committee noted the report.", True),
        ("RESOLVED that the lease be granted.", True),
        ("If a zone were approved the parish would be asked for a quarter of the cost.", False),
        ("The scheme had been approved by the county in 2019.", False),
        ("The request was not agreed.", False),
        ("Approved Housing Bodies: 62 homes.", False),
        ("Members asked whether the grant was approved.", False),
        ("Officers said that the plan would be adopted next year.", False),
    ],
)
def test_only_what_was_decided_is_a_decision(sentence: str, decides: bool) -> None:
    """What is supposed, denied or told of another time is not."""
    text = f"The clock was discussed. {sentence} The next item was taken."
    found = decisions_of(text, [Part(0, len(text), "minutes")])
    assert [text[decision.start : decision.end] for decision in found] == ([sentence] if decides else [])


def test_interests_are_read_from_sentences_and_from_a_register() -> None:
    """Member, matter and nature are told apart; a register's rows carry dates of their own."""
    text = "Cllr. K. Dell declared an interest in Agenda Item 9, Planning Application E/1 (a cousin drew the plans).\n"
    (interest,) = interests_of(text, 0, len(text))
    assert interest.member == "Cllr. K. Dell"
    assert interest.matter == "Agenda Item 9, Planning Application E/1"
    assert interest.nature == "a cousin drew the plans"
    listed = "3. DECLARATIONS OF INTEREST\nThis declaration was made:\nCllr. A. Thorn – Agenda Item 9 – Planning E/3\n"
    (entry,) = interests_of(listed, 0, len(listed))
    assert (entry.member, entry.matter) == ("Cllr. A. Thorn", "Agenda Item 9 – Planning E/3")
    table = (
        "Meeting Date | Agenda Item | Item | Councillor | Nature Of Interest\n\n"
        "11/05/2016 | 8 | Planning Application E/2 | Gwen Ivy | Family connection\n"
    )
    (row,) = interests_of(table, 0, len(table))
    assert (row.member, row.matter, row.nature) == ("Gwen Ivy", "Planning Application E/2", "Family connection")
    assert row.meeting_date == "2016-05-11"


def test_actions_have_an_owner() -> None:
    """An ACTION line and "GD to contact" both say who is to do what."""
    text = "ACTION: NO to contact the bus company\n\nThe gate is broken. GD to contact the owner.\n"
    assert [action.owner for action in actions_of(text, AgendaItem("Gate", 0, len(text)))] == ["NO", "GD"]


@pytest.mark.parametrize(
    ("text", "time", "venue", "status"),
    [
        ("MINUTES of a meeting held in the Guildhall, Ansel on Monday, 3 March 2025 at 7.30 pm.", "19:30",
         "the Guildhall, Ansel", None),
        ("Planning Committee - Thursday 15 January 2026 10:00 am\n\nVenue: Town Hall. View directions\n", "10:00",
         "Town Hall", None),
        ("DRAFT minutes, subject to approval\n\nheld in the Reading Room at 6pm", "18:00", "the Reading Room", "draft"),
        ("Cabinet, 2 April 2020\n\nThis meeting has been cancelled.", None, None, "cancelled"),
    ],
)  # fmt: skip
def test_time_venue_and_status_are_as_the_text_says(
    text: str, time: str | None, venue: str | None, status: str | None
) -> None:
    """What the text does not say is unknown."""
    reading = Reading(text)
    assert (time_of(reading).value, venue_of(reading).value, status_of(reading).value) == (time, venue, status)


def test_welsh_english_and_bilingual_samples_are_told_apart(searcher: Searcher) -> None:
    """Welsh is recognised by its small words."""
    languages = {}
    for path, document_id in searcher.catalogue.connection.execute(
        "SELECT path, document_id FROM sources WHERE path LIKE 'llanafan%'"
    ).fetchall():
        languages[Path(path).name] = searcher.catalogue.document(document_id).language.value
    assert languages == {"Cofnodion-Cabinet-Minutes.txt": "cy en", "Eitem agenda.html": "cy", "Issue.txt": "en"}
    assert language_of("17 | 34 | 51").value is None


@pytest.mark.parametrize("kind", ["motion", "amendment", "interest", "action", "attendee", "decision"])
def test_search_can_be_for_a_sort_of_record(searcher: Searcher, kind: str) -> None:
    """With a record's type as kind, every hit holds a part of such a record (or is a decision itself)."""
    from corpus.filters import Filters

    hits = searcher.search("council budget interest vote", Filters(kinds=(kind,)), k=20).hits
    assert hits
    for hit in hits:
        document = searcher.catalogue.document(hit.document_id)
        passage = next(p for p in document.passages if p.passage_id == hit.passage_id)
        assert kind in (*passage.records, passage.kind)


FINAL = "Wickenby Parish Council\n\nMinutes of the meeting held on 4 March 2024.\n\n" + " ".join(
    f"Item {number}. The Clerk reported on matter {number} and the council agreed to spend £{number * 7} on it."
    for number in range(1, 40)
)


def test_final_minutes_take_the_place_of_the_draft(tmp_path: Path, encoder: Encoder) -> None:
    """One version is searched, the other kept and linked; removing the one brings the other back."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "a-final.txt").write_text(FINAL, encoding="utf-8")
    (files / "b-draft.txt").write_text("DRAFT\n\n" + FINAL.replace("£49", "£50"), encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([files], catalogue, encoder)
    update(catalogue, encoder)
    hits = Searcher(catalogue, encoder).search("matter 7 spend").hits
    assert {hit.path for hit in hits} == {"a-final.txt"}
    final = hits[0].document_id
    ((draft, path),) = catalogue.versions(final)
    assert path == "b-draft.txt"
    assert catalogue.replacement(draft) == final
    catalogue.remove([str(files / "a-final.txt")])
    update(catalogue, encoder)
    assert {hit.path for hit in Searcher(catalogue, encoder).search("matter 7 spend").hits} == {"b-draft.txt"}


def test_minutes_of_two_meetings_are_not_versions_however_alike(tmp_path: Path, encoder: Encoder) -> None:
    """Another date is another meeting."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "march.txt").write_text(FINAL, encoding="utf-8")
    (files / "april.txt").write_text(FINAL.replace("4 March", "8 April"), encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([files], catalogue, encoder)
    assert catalogue.connection.execute("SELECT COUNT(*) FROM documents WHERE current").fetchone()[0] == 2


def test_item_that_a_page_cuts_off_is_searched_where_it_is_whole(tmp_path: Path, encoder: Encoder) -> None:
    """The item's own page completes the meeting page; without it the partial record is searched and marked."""
    files = tmp_path / "files"
    files.mkdir()
    head = "Meeting of Cabinet, Monday, 4 March, 2024 6.00 pm (Item 5)"
    (files / "meeting.txt").write_text(
        f"Agenda item\n\nBus station repairs\n\n{head}\n\nMinutes:\n\nThe roof of the bus station leaked and the"
        " contractor ... view the full minutes text for item 5.\n",
        encoding="utf-8",
    )
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([files], catalogue, encoder)
    update(catalogue, encoder)
    (hit,) = Searcher(catalogue, encoder).search("bus station roof leaked contractor", k=1).hits
    assert (hit.path, hit.partial) == ("meeting.txt", True)
    (files / "item.txt").write_text(
        f"Agenda item\n\nBus station repairs\n\n{head}\n\nMinutes:\n\nThe roof of the bus station leaked and the"
        " contractor was paid £4,000 to mend it by June.\n",
        encoding="utf-8",
    )
    ingest([files], catalogue, encoder)
    update(catalogue, encoder)
    hits = Searcher(catalogue, encoder).search("bus station roof leaked contractor").hits
    assert {(hit.path, hit.partial) for hit in hits} == {("item.txt", False)}
    catalogue.remove([str(files / "item.txt")])
    update(catalogue, encoder)
    hits = Searcher(catalogue, encoder).search("bus station roof leaked contractor").hits
    assert {(hit.path, hit.partial) for hit in hits} == {("meeting.txt", True)}
