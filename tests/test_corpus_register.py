"""The register: who is in it, and by which names and addresses one is recognised."""

import pytest

from corpus import register


def name_of(written: str) -> str | None:
    found = register.by_name(written)
    return found.name if found else None


def test_register_holds_every_authority_once() -> None:
    found = register.authorities()
    assert len(found) == 470
    assert len({authority.code for authority in found}) == 470
    assert len({register.fold(authority.name) for authority in found}) == 470


def test_official_name_finds_its_authority() -> None:
    assert [entry.name for entry in register.authorities() if register.by_name(entry.name) is not entry] == []


def test_alias_finds_its_authority() -> None:
    lost = [
        (entry.name, alias)
        for entry in register.authorities()
        for alias in entry.aliases
        if register.by_name(alias) is not entry
    ]
    assert lost == []


def test_short_name_finds_the_authority_that_exists_now() -> None:
    """Somerset was a county council until 2023 and is a unitary authority since."""
    for entry in register.authorities():
        found = register.by_name(entry.short_name)
        assert found is not None
        assert found is entry or (found.current and not entry.current)
    assert name_of("Somerset") == "Somerset Council"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("KENT COUNTY COUNCIL", "Kent County Council"),
        ("  Kent   County\nCouncil ", "Kent County Council"),
        ("Kent", "Kent County Council"),
        ("Brighton & Hove City Council", "Brighton and Hove City Council"),
        ("Camden Council", "London Borough of Camden"),
        ("Camden London Borough Council", "London Borough of Camden"),
        ("Cyngor Sir Ynys Mon", "Isle of Anglesey County Council"),
        ("B&NES", "Bath and North East Somerset Council"),
        ("St. Helens", "St Helens Council"),
        ("Kingston upon Thames", "Royal Borough of Kingston upon Thames"),
    ],
)
def test_name_as_people_write_it_finds_the_authority(written: str, name: str) -> None:
    assert name_of(written) == name


@pytest.mark.parametrize(
    ("written", "name"), [("Bristol", "Bristol City Council"), ("Durham", "Durham County Council")]
)
def test_place_name_alone_finds_the_authority_that_bears_it(written: str, name: str) -> None:
    assert name_of(written) == name


@pytest.mark.parametrize("written", ["", "Council", "Thornby Magna Parish Council", "Kentish Town", "Atlantis"])
def test_name_that_is_not_in_the_register_finds_nothing(written: str) -> None:
    assert register.by_name(written) is None


def test_successors_and_predecessors_name_each_other() -> None:
    codes = {entry.code: entry for entry in register.authorities()}
    for entry in register.authorities():
        for code in entry.successors:
            assert entry.code in codes[code].predecessors, f"{entry.name} → {codes[code].name}"
        for code in entry.predecessors:
            assert entry.code in codes[code].successors, f"{codes[code].name} → {entry.name}"
        if entry.current:
            assert entry.ended is None
    assert set(codes["DST"].predecessors) >= {"DOR", "PUR"}


def test_code_finds_its_authority() -> None:
    kent = register.by_code("KEN")
    assert kent is not None
    assert kent.name == "Kent County Council"
    assert register.by_code("???") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://democracy.kent.gov.uk/ieListDocuments.aspx?CId=1&MId=2",
        "http://www.democracy.kent.gov.uk/",
        "https://DEMOCRACY.KENT.GOV.UK/mgAi.aspx?ID=3#AI4",
    ],
)
def test_address_of_the_committee_system_finds_the_authority(url: str) -> None:
    found = register.by_url(url)
    assert found is not None
    assert found.name == "Kent County Council"


@pytest.mark.parametrize(
    "url",
    [
        "https://democracy.adur-worthing.gov.uk/mgAi.aspx?ID=1",  # shared by two councils
        "https://democracy.kent.gov.uk.example/mgAi.aspx",
        "https://example/?from=democracy.kent.gov.uk",
        "not an address",
        "",
    ],
)
def test_address_that_does_not_tell_one_authority_finds_none(url: str) -> None:
    assert register.by_url(url) is None


def test_names_in_a_text_come_with_their_offsets() -> None:
    text = "Minutes of Kent County Council, with guests from BRIGHTON & HOVE CITY COUNCIL and Reading."
    found = [(entry.name, text[start:end]) for entry, start, end in register.named_in(text)]
    assert found == [
        ("Kent County Council", "Kent County Council"),
        ("Brighton and Hove City Council", "BRIGHTON & HOVE CITY COUNCIL"),
    ]


@pytest.mark.parametrize("text", ["", "Kent Police met in Reading.", "the kent county council tax", "Mr J Leeds"])
def test_place_or_person_in_a_text_is_not_an_authority(text: str) -> None:
    assert list(register.named_in(text)) == []
