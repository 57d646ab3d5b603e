"""The query language: what is taken for a filter, what is not, and what is left to search."""

import random
from datetime import date

import pytest

from corpus.errors import QueryError
from corpus.filters import Filters
from index.understanding.periods import typed_period
from index.understanding.query import Understood, filters_of, parse, plain_words, without, without_also

TODAY = date(2026, 11, 25)
KENT, MEDWAY, TOWER = "Kent County Council", "Medway Council", "London Borough of Tower Hamlets"
HELD = [
    KENT,
    MEDWAY,
    TOWER,
    "Limerick City and County Council",
    "Souldern Parish Council",
    "Thornby Magna Parish Council",
    "Cyngor Sir Llanafan / Llanafan County Council",
    "Reading Borough Council",
    "Bath and North East Somerset Council",
    "Rugby Borough Council",
    "Sandwell Metropolitan Borough Council",
    "Bury Metropolitan Borough Council",
    "Eden District Council",
    "City of London Corporation",
    "Bristol City Council",
    "York City Council",
    "North Yorkshire Council",
    "March Town Council",
    "Battle Town Council",
    "Newport City Council",
    "Dorset Council",
]

NO_FILTERS = """
What was agreed about the 2025-26 budget?
What does the Local Plan 2030 say about housing?
Progress against Plan 2030 and Vision 2050
How much was set aside in the 2019-2024 strategy?
What are reserves worth in 2023 prices?
What became of Project 2020?
Equality Act 2010 duties
Which homes were allocated under the Housing Act 2004?
What was said about delaying until the 2024 local elections?
How will carbon be cut by 2030?
What must be done before 2050 to reach net zero?
Housing need between 2026 and 2041
Did last year's budget overspend?
What does the last two years of the contract cost?
How many homes were built in 2024-25?
precept for the financial year 2024/25
A grant of £2021 was made
25 houses in 2000 homes estate
bus route 2021 timetable
over the next two years
every two years
potholes near Kent
Kent Road resurfacing
Kent road safety
Kent Police attendance at meetings
the Kent Messenger
University of Kent research on loneliness
West Kent housing association
the Duke of Kent's visit
Councillor Kent declared an interest
Cllr York's motion
Mr Bury spoke against
people arriving from Kent
traffic to Medway
outside Tower Hamlets
Kent and Medway NHS Trust
Kent and Essex Fisheries
Reading programmes for children
reading, writing and arithmetic
targets in Reading and Maths
bath time at care homes
Bath Street closure
a new rugby pitch
Rugby clubs and their leases
Sandwell Valley park
bury the cables
Garden of Eden
the new York stone paving
New York delegation
Newport Pagnell bypass
elections in March
Battle memorial in the churchyard
battle of the sexes
London living wage
growth in London
Leeds potholes
How does Surrey handle care leavers?
kent potholes policy
Kent-based companies
contact clerk@kent.gov.uk
https://democracy.kent.gov.uk/minutes
Re: the clerk's letter
From: the clerk To: all members
Committee: what did it decide?
the meeting started at 10:30 and ended at 12:45
co-opted members' long-term sick-leave
a dash - between words – and another
6" pipe and 8" pipe
it's an "unclosed question
o'clock and 'single' quotes
councillors' allowances
Dorset Street parking
Thornby Magnates Club
in case of flooding since storms
May I ask in May about the fair?
""".strip().splitlines()

ONE_FILTER_OR_MORE = [
    ("Kent, last two years: potholes", {("authority", KENT), ("from", "2024-11-25")}, "potholes"),
    ("potholes in Kent, last two years", {("authority", KENT), ("from", "2024-11-25")}, "potholes"),
    ("kent, potholes", {("authority", KENT)}, "potholes"),
    ("potholes in kent county council", {("authority", KENT)}, "potholes"),
    ("Kent council tax", {("authority", KENT)}, "council tax"),
    ("Are there any mermaids in Kent?", {("authority", KENT)}, "Are there any mermaids?"),
    ("What did Kent decide about buses?", {("authority", KENT)}, "What did the council decide about buses?"),
    ("What is Kent's approach to fostering?", {("authority", KENT)}, "What is the council's approach to fostering?"),
    ("TOWER HAMLETS: care leavers", {("authority", TOWER)}, "care leavers"),
    ("Tower Hamlets’ care leavers", {("authority", TOWER)}, "the council's care leavers"),
    ("LBTH or London Borough of Tower Hamlets parks", {("authority", TOWER)}, None),
    ("How did Souldern pay?", {("authority", "Souldern Parish Council")}, "How did the council pay?"),
    ("Reading Borough Council libraries", {("authority", "Reading Borough Council")}, "libraries"),
    ("Why does Bristol charge?", {("authority", "Bristol City Council")}, "Why does the council charge?"),
    (
        "What has Llanafan County Council said of buses?",
        {("authority", "Cyngor Sir Llanafan / Llanafan County Council")},
        "What has the council said of buses?",
    ),
    (
        "How do Kent and Limerick handle care leavers?",
        {("authority", KENT), ("authority", "Limerick City and County Council")},
        "How do the councils handle care leavers?",
    ),
    (
        "compare Kent, Medway and Tower Hamlets on fostering",
        {("authority", KENT), ("authority", MEDWAY), ("authority", TOWER)},
        "compare on fostering",
    ),
    (
        "How does York compare with North Yorkshire?",
        {("authority", "York City Council"), ("authority", "North Yorkshire Council")},
        None,
    ),
    ("potholes since 2021", {("from", "2021-01-01")}, "potholes"),
    ("what happened in 2023?", {("from", "2023-01-01"), ("to", "2023-12-31")}, "what happened?"),
    ("buses in May 2024", {("from", "2024-05-01"), ("to", "2024-05-31")}, "buses"),
    ("buses between 2019 and 2021", {("from", "2019-01-01"), ("to", "2021-12-31")}, "buses"),
    ("lockdown in 2020 and 2021", {("from", "2020-01-01"), ("to", "2021-12-31")}, "lockdown"),
    ("buses before March 2020", {("to", "2020-02-29")}, "buses"),
    ("buses until March 2020", {("to", "2020-03-31")}, "buses"),
    ("buses after 2020", {("from", "2021-01-01")}, "buses"),
    ("in the past six months, what of buses?", {("from", "2026-05-25")}, "what of buses?"),
    ("what was refused this year", {("from", "2026-01-01"), ("to", "2026-12-31")}, "what was refused"),
    ("what was refused last year", {("from", "2025-01-01"), ("to", "2025-12-31")}, "what was refused"),
    ("what was refused in the last year", {("from", "2025-11-25")}, "what was refused"),
    ("refusals in the 2024/25 municipal year", {("from", "2024-04-01"), ("to", "2025-03-31")}, "refusals"),
    ("refusals during financial year 2024-25", {("from", "2024-04-01"), ("to", "2025-03-31")}, "refusals"),
    (
        "the meeting of 5 May 2024 on parking",
        {("from", "2024-05-05"), ("to", "2024-05-05")},
        "the meeting on parking",
    ),
    ("Kent, 2023, buses", {("authority", KENT), ("from", "2023-01-01"), ("to", "2023-12-31")}, "buses"),
    ("buses since 2019 and before 2022", {("from", "2019-01-01"), ("to", "2021-12-31")}, None),
]

OPERATORS = [
    ('authority:Kent "care leaver" housing', [("authority", "Kent")], "care leaver housing"),
    ('authority:"London Borough of Tower Hamlets" parks', [("authority", "London Borough of Tower Hamlets")], "parks"),
    ("authority:Tower Hamlets parks", [("authority", "Tower Hamlets")], "parks"),
    ("Authority:Kent authority:Medway parks", [("authority", "Kent"), ("authority", "Medway")], "parks"),
    ("committee:“Planning Committee” HMO", [("committee", "Planning Committee")], "HMO"),
    ("HMO kind:decisions", [("kind", "decision")], "HMO"),
    ("parks from:2024 to:2024", [("from", "2024-01-01"), ("to", "2024-12-31")], "parks"),
    ("parks from:2024-05 to:2024-05", [("from", "2024-05-01"), ("to", "2024-05-31")], "parks"),
    ("parks from:31/05/2024", [("from", "2024-05-31")], "parks"),
    ("parks to:feb-2024", [("to", "2024-02-29")], "parks"),
    ('parks to:"May 2024"', [("to", "2024-05-31")], "parks"),
    ("from:31 May 2024 parks", [("from", "2024-05-31")], "parks"),
    ("from: 2021 parks", [("from", "2021-01-01")], "parks"),
    ("authority:Medway What does Kent do since 2021?", [("authority", "Medway"), ("from", "2021-01-01")], None),
    ("from:2020 what was agreed last year?", [("from", "2020-01-01")], "what was agreed last year?"),
]


def asked(typed: str) -> Understood:
    return parse(typed, HELD, TODAY)


def values(understood: Understood) -> set[tuple[str, str]]:
    return {(f.field, f.value) for f in understood.found}


@pytest.mark.parametrize("question", NO_FILTERS)
def test_question_without_filters_is_searched_as_it_stands(question: str) -> None:
    understood = asked(question)
    assert understood.found == ()
    assert understood.text == question
    assert (understood.phrases, understood.excluded) == ((), ())


@pytest.mark.parametrize(("question", "found", "text"), ONE_FILTER_OR_MORE)
def test_filters_are_found_in_a_question(question: str, found: set[tuple[str, str]], text: str | None) -> None:
    understood = asked(question)
    assert values(understood) == found
    assert text is None or understood.text == text
    for one in understood.found:
        assert not one.explicit
        assert one.words == question[one.start : one.end]


@pytest.mark.parametrize(("typed", "found", "text"), OPERATORS)
def test_operators_are_filters(typed: str, found: list[tuple[str, str]], text: str | None) -> None:
    understood = asked(typed)
    assert [(f.field, f.value) for f in understood.found] == found
    assert text is None or understood.text == text


@pytest.mark.parametrize("question", [case[0] for case in (*ONE_FILTER_OR_MORE, *OPERATORS)])
def test_each_filter_can_be_taken_away_and_the_others_stay(question: str) -> None:
    understood = asked(question)
    natural_hidden = any(f.field == "authority" and f.explicit for f in understood.found) and "Kent do" in question
    for one in understood.found:
        left = values(asked(without(understood, one)))
        if not natural_hidden and question != "from:2020 what was agreed last year?":
            assert left == values(understood) - {(one.field, one.value)}, without(understood, one)
        assert (one.field, one.value) not in left


@pytest.mark.parametrize(
    ("typed", "field", "expected"),
    [
        ("How do Kent and Limerick handle it?", "authority", "How do Limerick handle it?"),
        ("What did Kent decide?", "authority", "What did the council decide?"),
        ("potholes in Kent since 2021", "authority", "potholes since 2021"),
        ("potholes in Kent since 2021", "from", "potholes in Kent"),
        ("Kent: parks, Kent: pools", "authority", "parks, pools"),
        ("buses between 2019 and 2021", "from", "buses to:2021-12-31"),
        ('kind:decision "care leaver" -fostering', "kind", '"care leaver" -fostering'),
        ("Kent", "authority", '"Kent"'),
        ('"care leaver" Kent', "authority", '"care leaver"'),
        ("Kent -buses", "authority", '"Kent" -buses'),
    ],
)
def test_query_without_one_of_its_filters_reads_on(typed: str, field: str, expected: str) -> None:
    understood = asked(typed)
    one = next(f for f in understood.found if f.field == field)
    assert without(understood, one) == expected


def test_words_in_quotes_are_phrases_and_never_filters() -> None:
    understood = asked('"Kent" “last two years” potholes "care leaver"')
    assert understood.found == ()
    assert understood.phrases == ("Kent", "last two years", "care leaver")
    assert understood.text == "Kent last two years potholes care leaver"


def test_exclusions_are_words_or_phrases_and_not_searched() -> None:
    understood = asked('housing -fostering, -"foster carer" -co-opted -Kent')
    assert understood.excluded == ("fostering", "foster carer", "co-opted", "Kent")
    assert understood.text == "housing"
    assert understood.found == ()


def test_phrase_of_stop_words_alone_is_plain_text() -> None:
    assert asked('"to be" or not').phrases == ()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("authority:", "authority: has no value: write authority:Kent"),
        ('potholes authority:""', "authority: has no value"),
        ('potholes authority:"Kent', "quotation mark after authority: is not closed"),
        ("potholes committee:", "committee: has no value"),
        ("potholes kind:poem", "no kind poem: choose from minutes, decision"),
        ("potholes from:tomorrowish", "from:tomorrowish is not a date: write from:2024"),
        ("potholes from:31/02/2024", "is not a date"),
        ("potholes to:05/31/2024", "is not a date"),
        ("potholes from:2021 from:2022", "from: is given 2 times"),
        ("potholes -authority:Kent", "-authority: is not possible"),
        ("-potholes", "only says what to leave out"),
        ('-potholes -"care leaver"', "only says what to leave out"),
        ("potholes -the", "-the leaves nothing out"),
        ("authority:Kent from:2024", "only filters: add a question"),
    ],
)
def test_malformed_query_is_explained(typed: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        asked(typed)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("typed", ["???", '""', '"', "-", "- -", ":", "“”", "\0"])
def test_query_without_a_word_is_searched_as_it_stands(typed: str) -> None:
    assert asked(typed).text == typed.strip()


def test_query_of_names_and_periods_alone_searches_the_names() -> None:
    assert asked("Kent, last two years").text == "Kent"
    assert asked("last year").text == "last year"


def test_only_held_authorities_become_filters() -> None:
    question = "How do Kent and Medway handle it?"
    assert values(parse(question, [MEDWAY], TODAY)) == {("authority", MEDWAY)}
    assert parse(question, [], TODAY).found == ()


def test_name_that_two_held_authorities_share_is_no_filter() -> None:
    held = ["Dorset Council", "Dorset County Council"]
    assert parse("What did Dorset decide?", held, TODAY).found == ()
    assert values(parse("What did Dorset County Council decide?", held, TODAY)) == {
        ("authority", "Dorset County Council")
    }


def test_village_with_the_name_of_another_authority_is_not_meant() -> None:
    assert parse("potholes in Bradford", ["Bradford Parish Council"], TODAY).found == ()


def test_chosen_filters_overrule_plain_words() -> None:
    given = Filters(authorities=(MEDWAY,), date_from="2020-01-01")
    understood = parse("What did Kent decide last year?", HELD, TODAY, given)
    assert understood.found == ()
    assert filters_of(understood, given) == given


def test_filters_of_plain_words_let_the_unknown_through_and_operators_do_not() -> None:
    guessed = filters_of(asked("What did Kent and Medway decide since 2021?"), Filters(kinds=("decision",)))
    assert guessed == Filters(
        authorities=(KENT, MEDWAY),
        kinds=("decision",),
        date_from="2021-01-01",
        unknown_too=("authority", "date"),
    )
    typed = filters_of(asked("authority:Kent from:2021 kind:motion decide"), Filters())
    assert typed == Filters(authorities=("Kent",), kinds=("motion",), date_from="2021-01-01")


def test_plain_words_keep_their_place() -> None:
    typed = 'authority:Kent "care leaver" -fostering homes'
    plain = plain_words(typed)
    assert len(plain) == len(typed)
    assert [plain.index(word) for word in ("care", "homes")] == [typed.index(word) for word in ("care", "homes")]
    assert not {"Kent", "fostering"} & set(plain.split())


@pytest.mark.parametrize("text", ["2024-13", "32/01/2024", "2024-02-30", "juneish 2024", "24", "", "1850", "May"])
def test_what_is_no_period_is_not_read_as_one(text: str) -> None:
    assert typed_period(text) is None


def test_any_input_is_answered_or_explained() -> None:
    """This test ensures that no input of a thousand characters hangs: a backtracking pattern would never end."""
    rng = random.Random(4)
    pieces = """Kent kent and , in 2021 to - " “ ” from: authority: between last two years May 's ( : -word since & \0
        to:2024 authority:Kent "care leaver" 31/05/2024 – é the of Tower Hamlets""".split()
    pieces += ["   ", "\n", "x" * 50, "London Borough of"]
    texts = [(piece * 1000)[:1000] for piece in pieces]
    texts += [(f"{piece} " * 1000)[:1000] for piece in pieces]
    texts += [" ".join(rng.choices(pieces, k=rng.randrange(1, 80)))[:1000] for _ in range(1500)]
    answered = 0
    for typed in texts:
        try:
            understood = asked(typed)
        except QueryError:
            continue
        answered += 1
        assert understood.text or not typed.strip()
        for one in understood.found:
            assert one.words == typed[one.start : one.end]
            assert date.fromisoformat(one.value) if one.field in ("from", "to") else one.value
            assert without(understood, one) != typed
    assert answered > len(texts) // 4


def test_other_words_stand_beside_the_question() -> None:
    understood = parse('landlords also:"letting agents" also:owners, in Kent', HELD, TODAY)
    assert understood.also == ("letting agents", "owners")
    assert "also" not in understood.text
    assert "letting" not in understood.text
    assert [found.value for found in understood.found] == [KENT]
    assert without_also(understood.typed, "owners") == 'landlords also:"letting agents" in Kent'
    assert parse("She said also: the budget", HELD, TODAY).also == ()
    assert parse('landlords also:"the"', HELD, TODAY).also == ()
    with pytest.raises(QueryError, match="only other words"):
        parse("also:owners", HELD, TODAY)
