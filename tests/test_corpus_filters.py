"""Filters on regions, types of authority and documents, and what is not known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import ids
from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters, authority_names, matching_rows, regions, resolve, types
from corpus.model import Document, Found, Passage, Source
from index.filling import build

HELD = [
    ("Kent minutes.", "Kent County Council", "2024-05-01"),
    ("Surrey minutes.", "Surrey County Council", None),
    ("Camden minutes.", "London Borough of Camden", "2023-01-10"),
    ("Cardiff minutes.", "City of Cardiff Council", "2024-06-02"),
    ("Oxwold minutes.", "Oxwold Parish Council", "2024-05-20"),
    ("Nobody's minutes.", None, "2022-02-02"),
    ("Undated and nobody's.", None, None),
]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "data", create=True)
    for text, authority, day in HELD:
        save(opened, text, authority, day, f"/m/{text}")
    yield opened
    opened.close()


def save(catalogue: Catalogue, text: str, authority: str | None, day: str | None, location: str) -> str:
    name = ids.document_id(text)
    (passage_id,) = ids.passage_ids(name, [text])
    document = Document(
        document_id=name,
        text=text,
        title="Minutes",
        kind="minutes",
        authority=Found(authority, "the manifest"),
        committee=Found("Cabinet", "the manifest"),
        meeting_date=Found(day, "the manifest"),
        url=Found(None, "the manifest"),
        passages=(Passage(passage_id, 0, len(text), text, "minutes", None, None, False, ""),),
    )
    catalogue.save(document, Source(location, location[3:], text, name))
    return name


def found(catalogue: Catalogue, filters: Filters) -> list[str]:
    """Return the first words of the texts that filters let through, resolved as a search resolves them."""
    rows = matching_rows(catalogue, resolve(catalogue, filters))
    texts = dict(catalogue.connection.execute("SELECT row, text FROM passages JOIN documents USING (document_id)"))
    return [texts[row].split()[0] for row in rows]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(regions=("South East",)), ["Kent", "Surrey"]),
        (Filters(regions=("south-east", "Wales")), ["Kent", "Surrey", "Cardiff"]),
        (Filters(types=("London borough",)), ["Camden"]),
        (Filters(types=("county", "welsh")), ["Kent", "Surrey", "Cardiff"]),
        (Filters(regions=("South East",), types=("County",), authorities=("Surrey",)), ["Surrey"]),
        (Filters(regions=("London",), authorities=("Kent",)), []),
        (Filters(regions=("North East",)), []),
        (Filters(regions=("South East",), date_from="2024-01-01"), ["Kent"]),
        (Filters(authorities=("Kent",), unknown_too=("authority",)), ["Kent", "Nobody's", "Undated"]),
        (Filters(regions=("South East",), unknown_too=("authority",)), ["Kent", "Surrey"]),
        (Filters(date_from="2024-05-10", unknown_too=("date",)), ["Surrey", "Cardiff", "Oxwold", "Undated"]),
        (
            Filters(authorities=("Kent", "Surrey"), date_to="2023-01-01", unknown_too=("authority", "date")),
            ["Surrey", "Nobody's", "Undated"],
        ),
        (Filters(unknown_too=("authority", "date")), [text.split()[0] for text, _, _ in HELD]),
    ],
)
def test_filters_let_through_what_they_say(catalogue: Catalogue, filters: Filters, expected: list[str]) -> None:
    assert found(catalogue, filters) == expected


def test_document_filter_searches_inside_documents(catalogue: Catalogue) -> None:
    kent, oxwold = ids.document_id("Kent minutes."), ids.document_id("Oxwold minutes.")
    assert found(catalogue, Filters(documents=(kent,))) == ["Kent"]
    assert found(catalogue, Filters(documents=(kent, oxwold, kent))) == ["Kent", "Oxwold"]
    assert found(catalogue, Filters(documents=(kent,), regions=("Wales",))) == []


def test_replaced_document_stands_for_the_one_that_took_its_place(catalogue: Catalogue) -> None:
    old = ids.document_id("Kent minutes.")
    new = save(catalogue, "Corrected minutes of Kent.", "Kent County Council", "2024-05-01", "/m/Kent minutes.")
    assert resolve(catalogue, Filters(documents=(old, new))).documents == (new,)
    assert found(catalogue, Filters(documents=(old,))) == ["Corrected"]


def test_searched_counts_documents_and_authorities_let_through(catalogue: Catalogue) -> None:
    columns = build(catalogue, None)
    assert columns.searched(resolve(catalogue, Filters(regions=("South East",)))) == (2, 2)
    assert columns.searched(resolve(catalogue, Filters(types=("Combined authority",)))) == (0, 0)
    assert columns.searched(Filters(documents=(ids.document_id("Oxwold minutes."),))) == (1, 1)


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(regions=("Narnia",)), "no region 'Narnia': choose from East Midlands; East of England; London"),
        (Filters(regions=("",)), "no region ''"),
        (Filters(regions=("East",)), "no region 'East': choose from"),
        (Filters(types=("parish",)), "no type of authority 'parish': choose from City corporation; Combined authority"),
        (Filters(types=("district",)), "no type of authority 'district'"),
        (Filters(documents=("0" * 20,)), f"holds no document '{'0' * 20}'"),
        (Filters(documents=("x" * 500,)), "holds no document 'xxx"),
    ],
)
def test_filter_that_names_nothing_is_explained(catalogue: Catalogue, filters: Filters, message: str) -> None:
    with pytest.raises(QueryError, match=message) as caught:
        resolve(catalogue, filters)
    assert len(str(caught.value)) < 400


def test_every_region_and_type_can_be_chosen_by_its_name(catalogue: Catalogue) -> None:
    for region in regions():
        assert resolve(catalogue, Filters(regions=(region.lower(),))).regions == (region,)
    for kind in types():
        assert resolve(catalogue, Filters(types=(kind.upper(),))).types == (kind,)


def test_no_filter_on_authorities_and_one_that_lets_none_through_are_told_apart() -> None:
    assert authority_names(Filters(kinds=("decision",))) is None
    assert authority_names(Filters(authorities=("Kent County Council",), regions=("Wales",))) == ()


def test_filters_are_true_where_they_leave_something_out() -> None:
    assert not Filters()
    assert not Filters(unknown_too=("date",))
    for one in (Filters(regions=("Wales",)), Filters(types=("County",)), Filters(documents=("x",))):
        assert one
