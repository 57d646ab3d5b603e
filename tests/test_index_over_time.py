"""What is new, what is mentioned when, and what an authority's themes are: over documents with known days."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters
from index.build import update
from index.encoder import Encoder
from index.mentions import mentions
from index.news import new_since
from index.search import Searcher
from index.themes import themes
from ingest.pipeline import ingest

FLOOR = 0.3


def write(folder: Path, name: str, authority: str, day: str, items: list[tuple[str, str]]) -> Path:
    """Write the minutes of a meeting into a file and its line into the manifest."""
    folder.mkdir(exist_ok=True)
    body = "".join(f"\n\n{number}. {title}\n\n{text}" for number, (title, text) in enumerate(items, 1))
    (folder / f"{name}.txt").write_text(f"{authority}\n\nMinutes of the Council{body}\n", encoding="utf-8")
    manifest = folder / "manifest.csv"
    if not manifest.exists():
        manifest.write_text("path,authority,committee,date\n", encoding="utf-8")
    with manifest.open("a", encoding="utf-8") as opened:
        opened.write(f"{name}.txt,{authority},Council,{day}\n")
    return folder


@pytest.fixture
def harbour(tmp_path: Path, encoder: Encoder) -> Iterator[Searcher]:
    """Search over three documents: the latest meeting was stored first, sixty days before the others."""
    catalogue = Catalogue(tmp_path / "data", create=True)
    for folder, name, day, text in (
        ("a", "late", "2026-03-02", "The harbour wall was breached by the storm and is to be repaired with new stone."),
        ("b", "early", "2019-04-01", "A diver will look at the cracks in the harbour wall before the repairs begin."),
        ("c", "unlike", "2026-05-04", "The brass band asked for a new bandstand in the gardens by the bowling green."),
    ):
        ingest([write(tmp_path / folder, name, "Saltwick Town Council", day, [("Works", text)])], catalogue, encoder)
        if folder == "a":
            with catalogue.writing() as connection:
                connection.execute("UPDATE documents SET added = '2026-01-01T08:00:00+00:00'")
    update(catalogue, encoder)
    yield Searcher(catalogue, encoder)
    catalogue.close()


def test_what_was_stored_last_comes_first(harbour: Searcher) -> None:
    news = new_since(harbour, harbour.understand("repairs to the harbour wall", Filters()), FLOOR, 10)
    assert [one.hit.meeting_date for one in news] == ["2019-04-01", "2026-03-02"]
    assert [one.hit.rank for one in news] == [1, 2]
    assert news[1].added == "2026-01-01T08:00:00+00:00"
    assert (news[0].added or "") > (news[1].added or "")
    assert all(one.hit.relevance >= FLOOR for one in news)
    assert len(new_since(harbour, harbour.understand("repairs to the harbour wall", Filters()), FLOOR, 1)) == 1
    assert new_since(harbour, harbour.understand("repairs to the harbour wall", Filters()), 1.0, 10) == ()


def test_filters_apply_to_what_is_new(harbour: Searcher) -> None:
    late = Filters(date_from="2025-01-01")
    news = new_since(harbour, harbour.understand("repairs to the harbour wall", late), FLOOR, 10)
    assert [one.hit.meeting_date for one in news] == ["2026-03-02"]
    one_document = Filters(documents=(news[0].hit.document_id,))
    of_it = new_since(harbour, harbour.understand("repairs to the harbour wall", one_document), FLOOR, 10)
    assert {one.hit.document_id for one in of_it} == {news[0].hit.document_id}


def test_where_it_is_not_known_when_anything_was_stored_the_latest_meeting_comes_first(harbour: Searcher) -> None:
    with harbour.catalogue.writing() as connection:
        connection.execute("UPDATE documents SET added = NULL")
    news = new_since(harbour, harbour.understand("repairs to the harbour wall", Filters()), FLOOR, 10)
    assert [(one.hit.meeting_date, one.added) for one in news] == [("2026-03-02", None), ("2019-04-01", None)]


def test_mentions_are_those_that_search_counts(searcher: Searcher) -> None:
    counted = mentions(searcher, "care leavers")
    result = searcher.search("care leavers", count=True)
    assert counted.passages == result.total > 0
    assert counted.searched == len(searcher.columns)
    assert {one.authority: one.passages for one in counted.authorities if one.passages} == result.facets["authority"]
    by_year: dict[str, int] = {}
    for one in counted.authorities:
        assert one.passages == sum(year.passages for year in one.years) + one.undated.passages
        assert one.searched == sum(year.searched for year in one.years) + one.undated.searched
        assert all(year.passages <= year.searched for year in one.years)
        for year in one.years:
            by_year[str(year.year)] = by_year.get(str(year.year), 0) + year.passages
    assert {year: number for year, number in by_year.items() if number} == result.facets["year"]
    numbers = [one.passages for one in counted.authorities]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 0, "an authority that was searched and says nothing is named too"


def test_mentions_obey_filters(searcher: Searcher) -> None:
    filters = Filters(authorities=("London Borough of Eastmarsh",), date_from="2020-01-01")
    (one,) = mentions(searcher, "care leavers", filters).authorities
    assert one.authority == "London Borough of Eastmarsh"
    assert one.passages == searcher.search("care leavers", filters).total
    assert all((year.year or 0) >= 2020 for year in one.years)
    assert one.undated.searched == 0


def test_nonsense_is_mentioned_nowhere(searcher: Searcher) -> None:
    counted = mentions(searcher, "xqzzt wvvkj")
    assert counted.passages == 0
    assert {one.passages for one in counted.authorities} == {0}
    with pytest.raises(QueryError, match="query is empty"):
        mentions(searcher, "")


def test_unknown_days_and_authorities_are_counted_apart(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "a.txt").write_text("The swans on the lake were counted.", encoding="utf-8")
    catalogue = Catalogue(tmp_path / "data", create=True)
    ingest([tmp_path / "a.txt"], catalogue, encoder)
    update(catalogue, encoder)
    (one,) = mentions(Searcher(catalogue, encoder), "swans").authorities
    assert (one.authority, one.passages, one.years) == (None, 1, ())
    assert (one.undated.year, one.undated.passages, one.undated.searched) == (None, 1, 1)


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Searcher:
    """Search over two towns, of six meetings each: one has ferries on its agenda, the other allotments."""
    folder = tmp_path_factory.mktemp("towns")
    for year in (2021, 2022, 2022, 2023, 2024, 2024):
        for authority, title, more in (
            ("Saltwick Town Council", "Ferry timetable", "Proposal by Councillor J. Quillfeather on dredging"),
            ("Plotham Parish Council", "Allotment waiting list", "Water for the allotments"),
        ):
            number = len(list(folder.glob("*.txt")))
            write(
                folder, f"m{number}", authority, f"{year}-0{number % 9 + 1}-11",
                [
                    ("Apologies for absence", "Apologies were received from two members."),
                    (title, f"Members spoke of it at length, paper {number}, and will return to it in spring."),
                    ("Minutes of the last meeting", "They were signed."),
                    (more, f"The surveyor's letter of that week, reference {number * 7 + 100}, was read out."),
                    ("Street lighting", f"Lamp {number + 3} is out again and has been reported to the county."),
                ],
            )  # fmt: skip
    catalogue = Catalogue(folder / "data", create=True)
    ingest([folder], catalogue, encoder)
    update(catalogue, encoder)
    return Searcher(catalogue, encoder)


def test_themes_are_what_others_have_less_of(towns: Searcher) -> None:
    found = themes(towns, "Saltwick Town Council")
    (ferry,) = [one for one in found if "ferry" in one.words.lower()]
    assert ferry.words == "Ferry timetable"
    assert (ferry.items, ferry.elsewhere, ferry.undated) == (6, 0.0, 0)
    assert ferry.years == ((2021, 1), (2022, 2), (2023, 1), (2024, 2))
    said = " ".join(one.words.lower() for one in found)
    for nothing in ("apologies", "minutes", "lighting", "allotment", "quillfeather", "saltwick"):
        assert nothing not in said
    others = " ".join(one.words.lower() for one in themes(towns, "Plotham Parish Council"))
    assert "allotment" in others
    assert "ferry" not in others


def test_themes_are_bounded_and_of_a_known_authority(towns: Searcher) -> None:
    assert len(themes(towns, "Saltwick Town Council", 1)) == 1
    with pytest.raises(QueryError, match="holds nothing of 'Nowhere Council'"):
        themes(towns, "Nowhere Council")


def test_themes_of_the_only_authority_are_what_it_has_most(harbour: Searcher, tmp_path: Path, encoder: Encoder) -> None:
    for number in range(3):
        items = [
            ("Apologies for absence", "Apologies were received from one member."),
            ("Ferry timetable", f"Sailing {number} is to leave at noon on weekdays from now on."),
            ("Next meeting", f"The next meeting is on the {number + 20}th."),
        ]
        write(tmp_path / "more", f"f{number}", "Saltwick Town Council", f"2024-0{number + 1}-05", items)
    ingest([tmp_path / "more"], harbour.catalogue, encoder)
    update(harbour.catalogue, encoder)
    harbour.refresh()
    (only,) = themes(harbour, "Saltwick Town Council")
    assert (only.words, only.items, only.elsewhere) == ("Ferry timetable", 3, None)
