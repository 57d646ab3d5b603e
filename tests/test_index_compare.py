"""Comparisons: invented minutes of councils that decided, only recommended, changed their mind, or are silent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import register
from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters
from corpus.model import Authority
from index.answers.evidence import Quote
from index.build import update
from index.comparisons import compare as comparing
from index.comparisons.compare import Comparison, compare
from index.comparisons.compared import MOMENTS, Row
from index.comparisons.peers import alike, of_register
from index.encoder import Encoder
from index.search import Searcher
from ingest.pipeline import ingest
from tests.swimming_minutes import QUESTION, write


@pytest.fixture(scope="module")
def councils(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Searcher:
    """The councils' minutes, ingested."""
    folder = tmp_path_factory.mktemp("councils")
    write(folder)
    catalogue = Catalogue(tmp_path_factory.mktemp("data"), create=True)
    ingest([folder], catalogue, encoder)
    update(catalogue, encoder)
    return Searcher(catalogue, encoder)


@pytest.fixture(scope="module")
def everyone(councils: Searcher) -> Comparison:
    """The comparison of all."""
    return compare(councils, QUESTION)


def named(comparison: Comparison, name: str) -> Row:
    """The only row of this name."""
    (row,) = [row for row in comparison.rows if row.name == name]
    return row


def quotes_of(row: Row) -> Iterator[Quote]:
    """Yield every quote of a row."""
    yield from (row.said.quote,) if row.said else ()
    yield from (moment.said.quote for moment in row.moved)
    for one in (*row.decided, *row.recommended, *(one for moment in row.moved for one in moment.settled)):
        yield from (one.quote, *one.proof)


def test_every_quote_is_the_stored_text_at_its_offsets(councils: Searcher, everyone: Comparison) -> None:
    timeline = compare(councils, QUESTION, Filters(authorities=("Tarnbeck Town Council",)), over_time=True)
    quotes = [quote for comparison in (everyone, timeline) for row in comparison.rows for quote in quotes_of(row)]
    assert len(quotes) > 20
    for quote in quotes:
        text = councils.catalogue.connection.execute(
            "SELECT text FROM documents WHERE document_id = ?", (quote.hit.document_id,)
        ).fetchone()[0]
        assert text[quote.start : quote.end] == quote.text
        assert quote.hit.start <= quote.start < quote.end <= quote.hit.end


def test_what_was_decided_is_quoted_with_its_date(everyone: Comparison) -> None:
    row = named(everyone, "Oxmere District Council")
    (decided,) = row.decided
    assert (decided.kind, decided.state, decided.quote.hit.meeting_date) == ("decision", "decided", "2023-06-12")
    assert decided.quote.text.startswith("RESOLVED that foster carers have free swimming")
    assert [moment.meeting_date for moment in row.moved] == ["2023-06-12", "2024-05-09"]
    assert (row.searched.meetings, row.searched.first, row.searched.last) == (2, "2023-06-12", "2024-05-09")


def test_a_recommendation_is_not_among_what_was_decided(everyone: Comparison) -> None:
    row = named(everyone, "Pelham Borough Council")
    assert row.said is not None
    assert row.said.kind == "recommendation"
    assert row.decided == ()
    assert [one.state for one in row.recommended] == ["recommended"]
    assert [moment.state for moment in row.moved] == ["recommended"]


def test_a_motion_lost_and_carried_a_year_later_is_told_as_both(everyone: Comparison) -> None:
    row = named(everyone, "Tarnbeck Town Council")
    told = [(one.kind, one.state, one.quote.hit.meeting_date) for one in row.decided]
    assert [day for _, _, day in told] == sorted((day or "" for _, _, day in told), reverse=True)
    assert ("motion", "lost", "2024-03-13") in told
    assert ("motion", "carried", "2025-01-09") in told
    assert row.change == "lost 13 March 2024, carried 9 January 2025"
    lost = next(one for one in row.decided if one.kind == "motion" and one.state == "lost")
    assert lost.vote is not None
    assert (lost.vote.for_count, lost.vote.against_count) == (5, 9)
    assert any("lost" in proof.text for proof in lost.proof)


def test_a_lost_amendment_is_listed_as_lost_and_is_not_what_the_meeting_came_to(everyone: Comparison) -> None:
    row = named(everyone, "Tarnbeck Town Council")
    amendments = [one for one in row.decided if one.kind == "amendment"]
    assert [one.state for one in amendments] == ["lost"]
    assert "all residents" in amendments[0].quote.text
    assert [moment.state for moment in row.moved] == ["lost", "carried"]


def test_an_authority_that_is_silent_has_its_row_that_says_what_was_searched(councils: Searcher) -> None:
    for comparison in (compare(councils, QUESTION), compare(councils, QUESTION, Filters(authorities=("Willowby",)))):
        row = named(comparison, "Willowby Parish Council")
        assert row.said is None
        assert list(quotes_of(row)) == []
        assert row.reason == "Searched 2 meetings from 2022 to 2024: no evidence."
        assert comparison.rows[-1] is row


def test_a_document_of_an_unknown_authority_is_a_row_of_its_own(councils: Searcher, everyone: Comparison) -> None:
    row = named(everyone, "Authority unknown: Leisure Committee, 2 February 2024")
    assert row.authority is None
    documents = {quote.hit.document_id for quote in quotes_of(row)}
    assert len(documents) == 1
    for other in everyone.rows:
        if other is not row:
            assert documents.isdisjoint(quote.hit.document_id for quote in quotes_of(other))
    asked = compare(councils, "Should foster carers of Oxmere District Council have free swimming?")
    assert [row.name for row in asked.rows] == ["Oxmere District Council"]
    assert documents.isdisjoint(quote.hit.document_id for row in asked.rows for quote in quotes_of(row))


def test_those_named_come_in_the_order_in_which_they_are_named(councils: Searcher) -> None:
    names = ("Willowby Parish Council", "Tarnbeck Town Council", "Oxmere District Council")
    comparison = compare(councils, QUESTION, Filters(authorities=names))
    assert tuple(row.name for row in comparison.rows) == names
    assert (comparison.by, comparison.searched_authorities) == ("authority", 3)


def test_dates_bound_every_row_and_what_it_counts(councils: Searcher) -> None:
    comparison = compare(councils, QUESTION, Filters(date_to="2024-01-01"))
    row = named(comparison, "Tarnbeck Town Council")
    assert row.reason == "Searched 1 meeting of 2023: no evidence."
    days = [quote.hit.meeting_date or "" for row in comparison.rows for quote in quotes_of(row)]
    assert days
    assert max(days) <= "2024-01-01"


def test_committees_of_one_authority_are_compared_with_one_another(councils: Searcher) -> None:
    filters = Filters(authorities=("Oxmere",), committees=("Scrutiny Committee", "Cabinet"))
    comparison = compare(councils, QUESTION, filters)
    assert comparison.by == "committee"
    assert [row.committee for row in comparison.rows] == ["Scrutiny Committee", "Cabinet"]
    assert [bool(row.decided) for row in comparison.rows] == [False, True]
    for row in comparison.rows:
        assert {quote.hit.committee for quote in quotes_of(row)} == {row.committee}


def test_timeline_runs_from_the_earliest_and_names_years_that_hold_nothing(councils: Searcher) -> None:
    comparison = compare(councils, QUESTION, Filters(authorities=("Tarnbeck",)), over_time=True)
    assert comparison.by == "meeting"
    assert [(row.name[:4], row.meeting_date) for row in comparison.rows] == [
        ("2023", None),
        ("13 M", "2024-03-13"),
        ("9 Ja", "2025-01-09"),
    ]
    assert comparison.rows[0].reason == "Searched 1 meeting of 2023: no evidence."
    motions = [[one.state for one in row.decided if one.kind == "motion"] for row in comparison.rows]
    assert motions == [[], ["lost"], ["carried"]]


def test_meetings_shown_are_few_and_the_others_are_counted(councils: Searcher, everyone: Comparison) -> None:
    assert all(len(row.moved) <= MOMENTS for row in everyone.rows)
    assert all(row.more == 0 for row in everyone.rows if len(row.moved) < MOMENTS)


def test_who_is_not_looked_into_is_named(councils: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {row.name for row in compare(councils, QUESTION).rows}
    monkeypatch.setattr(comparing, "MOST", 2)
    comparison = compare(councils, QUESTION)
    assert len(comparison.rows) == 2
    assert {row.name for row in comparison.rows} | set(comparison.left_out) == whole
    assert comparison.notes[-1].startswith(f"{len(whole) - 2} more were not looked into")


def test_like_one_that_the_register_lacks_are_those_named_as_it_is(councils: Searcher) -> None:
    comparison = compare(councils, QUESTION, like="Willowby")
    assert [row.name for row in comparison.rows] == ["Willowby Parish Council", "Tarnbeck Town Council"]
    assert comparison.notes == (
        "Like Willowby Parish Council are the parish, town and community councils held, by their names: "
        "the register has none.",
    )


@pytest.mark.parametrize(
    ("filters", "like", "over_time", "says"),
    [
        (Filters(), None, True, "A timeline is of one authority"),
        (Filters(authorities=("Oxmere", "Tarnbeck")), None, True, "A timeline is of one authority"),
        (Filters(authorities=("Oxmere",)), "Tarnbeck", False, "one of these"),
        (Filters(), "Oxmere", False, "does not say what type of authority Oxmere District Council is"),
        (Filters(), "Oxmeer District", False, "Did you mean Oxmere District Council"),
        (Filters(authorities=("Oxmeer District",)), None, False, "Did you mean Oxmere District Council"),
    ],
)
def test_what_goes_ill_together_is_refused(
    councils: Searcher, filters: Filters, like: str | None, over_time: bool, says: str
) -> None:
    with pytest.raises(QueryError, match=says):
        compare(councils, QUESTION, filters, like=like, over_time=over_time)


def test_region_type_and_likeness_come_from_the_register(tmp_path: Path, encoder: Encoder) -> None:
    here, there, county = _of_the_register()
    rows = ["path,authority"]
    for number, one in enumerate((*here, there, county)):
        (tmp_path / f"{number}.txt").write_text(f"1. Pond\n\nThe pond of {number} was dredged.\n", encoding="utf-8")
        rows.append(f'{number}.txt,"{one.name}"')
    (tmp_path / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([tmp_path / f"{number}.txt" for number in range(4)], catalogue, encoder)
    names, rule = alike(catalogue, here[1].name)
    assert names == [here[1].name, here[0].name, there.name]
    assert f"its type ({here[1].type})" in rule
    assert f"({here[1].region})" in rule
    held, missing = of_register(catalogue, Filters(types=(here[0].type,), regions=(here[0].region or "",)))
    assert held == sorted(one.name for one in here)
    current = [one for one in register.authorities() if one.current and one.type == here[0].type]
    assert missing == sorted({one.name for one in current if one.region == here[0].region} - set(held))


def _of_the_register() -> tuple[list[Authority], Authority, Authority]:
    """Two authorities of a type and region, one of the type of another region, and one of another type."""
    current = [one for one in register.authorities() if one.current]
    unitary = [one for one in current if one.type == "Unitary authority"]
    here = [one for one in unitary if one.region == "South West"][:2]
    there = next(one for one in unitary if one.region == "North West")
    return here, there, next(one for one in current if one.type == "County")
