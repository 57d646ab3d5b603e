"""Ways on from a result that leave the query as it is: other pages and orders, other authorities, other forms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import url_for

from index.meetings import other_authorities
from index.search import MAX_DEPTH, SearchResult
from webapp.language import gettext
from webapp.pages.refine import Ways
from webapp.query_string import DEFAULT_K, SearchRequest, query_string

BESIDE = 2  # pages that are linked to on either side of this one
MOST_OTHERS = 12  # authorities that are named beside those shown
FORMATS = (("csv", "CSV"), ("jsonl", "JSON lines"), ("xlsx", "Excel"))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An authority that holds the query's words and has none of the passages shown: name, count, link to it alone."""

    name: str
    count: int
    query_string: str


@dataclass(frozen=True, slots=True)
class Onward:
    """Links from a result. Those to searches are query strings, the others addresses; None where there is none.

    ``pagination`` is what the component of the design system takes. ``deepest``: there are more hits than can be
    paged through. ``answer`` is the same search with its answer, or without it where there is one.
    """

    pagination: Mapping[str, object] | None
    deepest: bool
    by_relevance: str
    by_date: str
    spread: str
    answer: str
    others: tuple[Elsewhere, ...]
    compare: str | None
    json: str
    exports: tuple[tuple[str, str], ...]
    feed: str
    alerts: str


def onward(asked: SearchRequest, result: SearchResult, ways: Ways, *, answers: bool) -> Onward:
    """Return the ways on from a result; ``answers``: an answer is shown with it."""
    first = replace(asked, page=1)
    whole = query_string(replace(first, k=DEFAULT_K, spread=False, order="relevance", answer=None))
    shown = tuple(dict.fromkeys(hit.authority for hit in result.hits if hit.authority))
    deepest = result.more and (asked.page + 1) * asked.k > MAX_DEPTH
    return Onward(
        pagination=_pagination(asked, more=result.more and not deepest),
        deepest=deepest,
        by_relevance=query_string(replace(first, order="relevance")),
        by_date=query_string(replace(first, order="date", spread=False)),
        spread=query_string(replace(first, spread=not asked.spread)),
        answer=query_string(replace(first, order="relevance", answer=not answers)),
        others=_others(result, ways),
        compare=_compare(asked, shown) if len(shown) > 1 else None,
        json=f"{url_for('api.search')}?{query_string(replace(asked, answer=None))}",
        exports=tuple((words, f"{url_for('api_export.export')}?format={name}&{whole}") for name, words in FORMATS),
        feed=_address("feeds.atom", whole),
        alerts=_address("feeds.page", whole),
    )


def search_address(query: str) -> str:
    """Return the address on this site of a search, in the language of the page."""
    return _address("search.page", query)


def _address(endpoint: str, query: str) -> str:
    kept = url_for(endpoint).partition("?")[2]
    return f"{url_for(endpoint, lang=None)}?{query}{'&' if kept else ''}{kept}"


def _pagination(asked: SearchRequest, *, more: bool) -> dict[str, object] | None:
    """Return the pages before and after this one; how many there are in all is not known before they are made."""
    last = asked.page + 1 if more else asked.page
    if last == 1:
        return None
    numbers = sorted({1, *range(max(1, asked.page - BESIDE), last + 1)})
    items: list[dict[str, object]] = []
    for before, number in zip([0, *numbers], numbers, strict=False):
        items += [{"ellipsis": True}] if number - before > 1 else []
        items.append(
            {
                "number": number,
                "href": _page(asked, number),
                "current": number == asked.page,
                "visuallyHiddenText": gettext("Page %(number)s", number=number),
            }
        )
    found: dict[str, object] = {"items": items, "landmarkLabel": gettext("Pages of results")}
    if asked.page > 1:
        found["previous"] = {"href": _page(asked, asked.page - 1), "text": gettext("Previous page")}
    if more:
        found["next"] = {"href": _page(asked, asked.page + 1), "text": gettext("Next page")}
    return found


def _page(asked: SearchRequest, number: int) -> str:
    return f"{search_address(query_string(replace(asked, page=number)))}#results"


def _others(result: SearchResult, ways: Ways) -> tuple[Elsewhere, ...]:
    """Return the authorities with matches of which none is shown, those with most first."""
    facet = next((facet for facet in ways.facets if facet.field == "authority"), None)
    if facet is None:
        return ()
    missing = other_authorities(result.facets, result.hits)
    values = [value for value in (*facet.first, *facet.rest) if value.label in missing and not value.chosen]
    return tuple(Elsewhere(value.label, value.count, value.query_string) for value in values[:MOST_OTHERS])


def _compare(asked: SearchRequest, shown: tuple[str, ...]) -> str:
    """Return the address of the comparison of the authorities shown."""
    filters = asked.filters
    given = {"committee": filters.committees, "kind": filters.kinds, "from": filters.date_from, "to": filters.date_to}
    kept: dict[str, object] = {name: value for name, value in given.items() if value}
    return url_for("compare.page", q=asked.query, authority=list(shown), **kept)  # type: ignore[arg-type]
