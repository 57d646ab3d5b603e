"""Boilerplate: formal matter is marked, substance never, and questions about formal matter are known."""

import pytest

from index.boilerplate import asks_for, boilerplate, share

FORMAL = [
    ("1. Apologies for Absence\n\nApologies were received from Cllr. J. Askew and Mrs Tandy (on holiday).",
     "Apologies for Absence"),
    ("3 Apologies\nMary Thorne (SBC) MT, John Slade JS", "Apologies for Absence"),
    ("MINUTES OF A MEETING HELD IN THE VILLAGE HALL ON 4th MARCH 2019\nPresent:\nAnn Oake (AO) CHAIR\nJohn Wood (JW)\n"
     "Carol Fell (CF) CLERK\nMembers of the public: 3", None),
    ("RESOLVED that the minutes of the meeting held on 3 May 2023 be approved as a correct record and signed.",
     "Minutes"),
    ("It was proposed by Cllr. O. Dell, seconded by Cllr. P. Hart and unanimously agreed, that the minutes of the last "
     "meeting, as typed and circulated, were correct.", "Minutes of the last meeting"),
    ("2. Declarations of Interest\nThere were no declarations of interest.", "Declarations of Interest"),
    ("Members were invited to declare any interests in items on the agenda. None.", "Declarations of Interest"),
    ("Members of the public were advised of the emergency evacuation procedures for the hall.", "Emergency Evacuation"),
    ("The Chair reminded those present that the meeting was being webcast.", None),
    ("That under section 100A of the Act the public be excluded from the meeting for the following item.", None),
    ("9. Date of next meeting\nThe next meeting will be held on Thursday 21 November at 7.30pm in the hall.",
     "Date of next meeting"),
    ("There being no further business the meeting closed at 9.25 pm.", None),
    ("Signed: ______________________ Chairman\nDated: ______________________", "Any other business"),
    ("This page is intentionally left blank", None),
    ("5. Lighting\nNo issues.", "Lighting"),
]  # fmt: skip
SUBSTANCE = [
    ("Cllr Askew apologised to residents for the delay to the flood scheme and said work would begin in June.", None),
    ("Cllr. P. Hart declared an interest in Item 12, the donation to the show, and left the room.",
     "Declarations of Interest"),
    ("The minutes of 3 May were approved with the amendment that the wall, not the fence, be rebuilt.", "Minutes"),
    ("I will ask at the next Meeting that a safety audit be undertaken along the R515 by the school.", "Question"),
    ("Apologies were received from Cllr Dell. The roof of the pavilion is to be mended before the winter by a builder "
     "of the town, who had given the lowest of three quotations, and the hedge beside it is to be laid.", "Apologies"),
    ("The council agreed to webcast all meetings of the cabinet from April at a cost of £4,000 a year.", None),
    ("The clerk will write to the highway authority about the blocked gully in Mill Lane.", "Matters arising"),
    ("The public inquiry into the closure of the bridge will be held in the town hall.", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "heading"), FORMAL)
def test_formal_matter_is_marked(text: str, heading: str | None) -> None:
    assert boilerplate(text, heading)


@pytest.mark.parametrize(("text", "heading"), SUBSTANCE)
def test_substance_is_not_marked(text: str, heading: str | None) -> None:
    assert not boilerplate(text, heading)


def test_share_tells_how_much_of_a_passage_is_formal() -> None:
    formal, business = "No declarations of interest were made.", "The oak on the green is to be felled by the owner."
    assert share(formal) == 1.0
    assert share(business) == 0.0
    assert 0.2 < share(f"{formal} {business}") < 0.6


def test_a_passage_without_words_has_no_share() -> None:
    assert share("— 12. —", "Housing") in (0.0, 1.0)
    assert share("") == 0.0


@pytest.mark.parametrize(
    "query",
    ["who sent apologies", "next meeting date", "Who declared an interest in the pavilion?", "clerk's address",
     "who attended the budget meeting", "were the minutes approved as a correct record", "was the meeting webcast",
     "exclusion of the press and public", "when does the planning committee meet", "Who chaired the meeting?"],
)  # fmt: skip
def test_questions_about_formal_matter_are_known(query: str) -> None:
    assert asks_for(query)


@pytest.mark.parametrize(
    "query",
    ["contact with care leavers", "dog fouling on the green", "school attendance", "declaration of a climate emergency",
     "closing the library on Saturdays", "present state of the bridge", "fire safety in tower blocks"],
)  # fmt: skip
def test_other_questions_do_not_ask_for_it(query: str) -> None:
    assert not asks_for(query)


def test_a_long_text_without_stops_is_judged_in_good_time() -> None:
    """Patterns must not run wild: a page of names, and a page of signs."""
    assert boilerplate("Present: " + "Cllr Ann Oake (Chair), " * 2_000, None)
    assert not boilerplate("minutes next meeting " * 20_000, None)
    assert not boilerplate("(" * 50_000 + "a. " * 5_000, "Apologies for the delay of the scheme in the High Street")
