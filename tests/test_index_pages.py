"""Pages of hits and their order, all hits of a search, and hits by meeting: nothing twice and nothing lost."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters
from index.build import update
from index.encoder import Encoder
from index.every import every_hit
from index.meetings import by_meeting, other_authorities
from index.search import MAX_DEPTH, Hit, Order, Searcher
from ingest.pipeline import ingest

CARE = "How did councils handle contact with care leavers?"
EASTMARSH = "London Borough of Eastmarsh"
ORDERS: tuple[Order, ...] = ("relevance", "date")


def ids_of(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage_id for hit in hits]


def all_ids(hits: Sequence[Hit]) -> list[str]:
    """Return the ids of hits and of all that stands behind them."""
    return [name for hit in hits for name in (hit.passage_id, *(other.passage_id for other in hit.also))]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("query", [CARE, "selective licensing", "motion", "xylophones in orbit"])
def test_pages_go_on_where_the_one_before_ended(searcher: Searcher, query: str, order: Order) -> None:
    first = searcher.search(query, k=7, order=order)
    paged: list[Hit] = []
    more = True
    while more:
        page = searcher.search(query, k=7, offset=len(paged), order=order)
        assert [hit.rank for hit in page.hits] == list(range(len(paged) + 1, len(paged) + len(page.hits) + 1))
        assert page.total == first.total
        assert len(page.hits) == 7 or not page.more
        paged += page.hits
        more = page.more
    assert tuple(paged[:7]) == first.hits
    assert len(set(all_ids(paged))) == len(all_ids(paged))
    if order == "date" and first.total:
        assert len(all_ids(paged)) == first.total


def test_last_page_says_that_there_is_no_more(searcher: Searcher) -> None:
    seen: list[Hit] = []
    while (page := searcher.search("licensing", k=10, offset=len(seen), order="date")).more:
        seen += page.hits
        assert len(page.hits) == 10
    seen += page.hits
    assert searcher.search("licensing", k=10, offset=len(seen), order="date").hits == ()
    assert len(all_ids(seen)) == len(set(all_ids(seen))) == page.total > 0


def test_spread_pages_hold_what_pages_hold(searcher: Searcher) -> None:
    for offset in (0, 10, 20):
        plain = searcher.search(CARE, k=10, offset=offset)
        spread = searcher.search(CARE, k=10, offset=offset, spread=True)
        assert sorted(ids_of(plain.hits)) == sorted(ids_of(spread.hits))
        assert [hit.rank for hit in spread.hits] == list(range(offset + 1, offset + len(spread.hits) + 1))


@pytest.mark.parametrize(("offset", "k"), [(-1, 10), (MAX_DEPTH, 1), (MAX_DEPTH - 9, 10)])
def test_page_out_of_range_is_refused(searcher: Searcher, offset: int, k: int) -> None:
    with pytest.raises(QueryError, match="choose from the first 1,000"):
        searcher.search(CARE, k=k, offset=offset)


def test_order_of_dates_gives_what_holds_the_words_latest_first(searcher: Searcher) -> None:
    result = searcher.search("care leavers", k=100, order="date")
    dates = [hit.meeting_date or "" for hit in result.hits]
    assert dates == sorted(dates, reverse=True)
    assert len(set(dates)) > 2
    assert len(all_ids(result.hits)) == result.total
    narrowed = searcher.search("care leavers", Filters(authorities=(EASTMARSH,)), k=100, order="date")
    assert {hit.authority for hit in narrowed.hits} == {EASTMARSH}
    assert set(all_ids(narrowed.hits)) <= set(all_ids(result.hits))


def test_order_of_dates_without_the_words_gives_what_is_relevant(searcher: Searcher) -> None:
    nothing = searcher.search("xqzzt wvvkj ploorf", order="date")
    assert (nothing.hits, nothing.more, nothing.total) == ((), False, 0)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Searcher:
    """Search over meetings of one committee: two alike of different days, and one whose day nobody knows."""
    folder = tmp_path_factory.mktemp("pool")
    said = "Members heard that the heating of the swimming pool had failed again and asked for a survey of the boiler."
    for name, day in (("a", "3 April 2023"), ("b", "8 May 2024"), ("c", None)):
        held = f" held on {day}" if day else ""
        (folder / f"{name}.txt").write_text(
            f"Ferrydown Town Council\n\nMinutes of the Leisure Committee{held}\n\n1. Pool\n\n{said}\n\n"
            f"2. Hedges\n\nThe hedges of plot {name} beside the pool are to be cut before the autumn fair.\n",
            encoding="utf-8",
        )
    catalogue = Catalogue(folder / "data", create=True)
    ingest([folder / f"{name}.txt" for name in "abc"], catalogue, encoder)
    update(catalogue, encoder)
    return Searcher(catalogue, encoder)


def test_unknown_days_come_last(pool: Searcher) -> None:
    dates = [hit.meeting_date for hit in pool.search("pool", k=20, order="date").hits]
    assert dates[0] == "2024-05-08"
    assert dates[-1] is None
    known = [day for day in dates if day]
    assert all(before >= after for before, after in pairwise(known))
    assert dates == [*known, *[None] * (len(dates) - len(known))]


def test_every_hit_gives_each_passage_that_is_counted_once(searcher: Searcher, pool: Searcher) -> None:
    for over, query in ((searcher, "care leavers"), (searcher, "council"), (pool, "swimming pool heating")):
        found = list(every_hit(over, query))
        assert [hit.rank for hit in found] == list(range(1, len(found) + 1))
        assert len(set(ids_of(found))) == len(found) == over.search(query).total
        assert not any(hit.also for hit in found)
        assert all(before.score >= after.score for before, after in pairwise(found))


def test_every_hit_obeys_filters_and_phrases(searcher: Searcher) -> None:
    filters = Filters(authorities=(EASTMARSH,), kinds=("minutes",))
    found = list(every_hit(searcher, "care leavers", filters))
    assert len(found) == searcher.search("care leavers", filters).total > 0
    assert {(hit.authority, hit.kind) for hit in found} == {(EASTMARSH, "minutes")}
    for hit in every_hit(searcher, '"care leavers"', filters):
        assert "care leavers" in f"{hit.item_title} {hit.text}".lower()


def test_every_hit_without_the_words_gives_what_search_gives(searcher: Searcher) -> None:
    query = "xylophones harpsichords"
    result = searcher.search(query, k=100)
    assert result.total == 0
    assert set(all_ids(result.hits)) <= set(ids_of(list(every_hit(searcher, query))))
    assert list(every_hit(searcher, "xqzzt wvvkj ploorf")) == []


def test_every_hit_refuses_a_bad_query_at_once(searcher: Searcher) -> None:
    with pytest.raises(QueryError, match="query is empty"):
        every_hit(searcher, " ")


def test_hits_by_meeting_keep_all_hits_and_their_order(searcher: Searcher) -> None:
    hits = searcher.search(CARE, k=50).hits
    meetings = by_meeting(hits)
    assert [one.best.rank for one in meetings] == sorted(one.best.rank for one in meetings)
    grouped = [hit for one in meetings for hit in (one.best, *one.further)]
    assert sorted(ids_of(grouped)) == sorted(ids_of(hits))
    assert len(meetings) < len(hits)
    for one in meetings:
        ranks = [one.best.rank, *(hit.rank for hit in one.further)]
        assert ranks == sorted(ranks)
        assert {(h.authority, h.committee, h.meeting_date) for h in one.further} <= {
            (one.authority, one.committee, one.meeting_date)
        }


def test_a_document_without_a_day_is_a_meeting_of_its_own(pool: Searcher) -> None:
    hits = pool.search("pool", k=20).hits
    unknown = [one for one in by_meeting(hits) if one.meeting_date is None]
    assert len(unknown) == len({one.best.document_id for one in unknown}) > 0


def test_other_authorities_are_those_without_a_hit(searcher: Searcher) -> None:
    result = searcher.search("council", k=3, count=True)
    others = other_authorities(result.facets, result.hits)
    shown = {hit.authority for hit in result.hits}
    assert shown.isdisjoint(others)
    assert shown | set(others) >= set(result.facets["authority"])
    name, number = next(iter(others.items()))
    assert searcher.search("council", Filters(authorities=(name,))).total == number


def test_other_authorities_of_a_filtered_search_are_counted_too(searcher: Searcher) -> None:
    result = searcher.search("care leavers", Filters(authorities=(EASTMARSH,)), count=True)
    others = other_authorities(result.facets, result.hits)
    assert others
    assert EASTMARSH not in others
