"""What a request asks for: from a query string to a search, and back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from corpus.errors import QueryError
from corpus.filters import Filters
from index.search import MAX_DEPTH, MAX_K, Order, Searcher, SearchResult

DEFAULT_K = 10
FIELDS = {
    "authority": "authorities",
    "region": "regions",
    "type": "types",
    "committee": "committees",
    "document": "documents",
    "kind": "kinds",
}  # the repeatable filters: parameter, field of Filters
NO_CONCEPTS = "none"
_ONCE = ("q", "k", "page", "order", "from", "to", "spread", "facets", "answer")
ORDERS: tuple[Order, ...] = ("relevance", "date")
_REPEATABLE = (*FIELDS, "expand")
SEARCH = ("q", "k", "page", "order", *FIELDS, "from", "to", "expand", "spread", "facets")  # parameters of the API
SIMILAR = ("passage", "k", "from", "to", *FIELDS)
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as it was asked for, before names are looked up in the collection.

    ``concepts`` are those to widen the query by; None stands for all that it names. ``facets``: count them.
    ``page`` counts pages of ``k`` hits from 1. ``answer``: whether an answer is wanted, None where nothing is said.
    """

    query: str
    filters: Filters
    k: int = DEFAULT_K
    concepts: tuple[str, ...] | None = None
    spread: bool = False
    facets: bool = False
    page: int = 1
    order: Order = "relevance"
    answer: bool | None = None


def parse(args: MultiDict[str, str]) -> SearchRequest:
    """Return the search that a query string asks for; blank values count as not given.

    Raises:
        QueryError: a parameter is given twice that can be given once, or is not a date, number or switch.
    """
    for name in _ONCE:
        if len(args.getlist(name)) > 1:
            raise QueryError(f"'{name}' is given {len(args.getlist(name))} times: give it once.")
    kept = _given(args, "expand")
    return SearchRequest(
        query=" ".join([args.get("q", ""), *(f'also:"{words}"' for words in _own_words(args))]),
        filters=Filters(
            authorities=_given(args, "authority"),
            committees=_given(args, "committee"),
            kinds=_given(args, "kind"),
            date_from=_day(args, "from"),
            date_to=_day(args, "to"),
            regions=_given(args, "region"),
            types=_given(args, "type"),
            documents=_given(args, "document"),
        ),
        k=_number(args, "k", DEFAULT_K, MAX_K),
        concepts=tuple(concept for concept in kept if concept != NO_CONCEPTS) if kept else None,
        spread=_switch(args, "spread"),
        facets=_switch(args, "facets"),
        page=_number(args, "page", 1, MAX_DEPTH),
        order=_order(args),
        answer=_switch(args, "answer") if args.get("answer", "").strip() else None,
    )


def run(searcher: Searcher, asked: SearchRequest, *, count: bool) -> SearchResult:
    """Return the page of the result that is asked for; ``count``: the facets too.

    Raises:
        QueryError: as ``Searcher.search``; the page lies beyond what can be paged through.
    """
    return searcher.search(
        asked.query,
        asked.filters,
        asked.k,
        concepts=asked.concepts,
        spread=asked.spread,
        count=count,
        offset=(asked.page - 1) * asked.k,
        order=asked.order,
    )


def refuse_unknown(args: MultiDict[str, str]) -> None:
    """Raise QueryError where a query string holds a parameter that search does not have."""
    refuse_others(args, SEARCH)


def parse_similar(args: MultiDict[str, str]) -> tuple[str, Filters, int]:
    """Return the passage id, filters and number of passages that a query string asks for.

    Raises:
        QueryError: there is no passage, or what ``parse`` raises it for.
    """
    refuse_others(args, SIMILAR)
    passages = _given(args, "passage")
    if len(passages) != 1:
        raise QueryError("Give one passage id as 'passage', such as the passage_id of a hit.")
    asked = parse(args)
    return passages[0], asked.filters, asked.k


def refuse_others(args: MultiDict[str, str], known: Sequence[str]) -> None:
    """Raise QueryError where a query string holds a parameter that is not known."""
    unknown = [_shown(name) for name in args if name not in known]
    if unknown:
        choice = f"choose from {', '.join(known)}" if known else "leave it out"
        raise QueryError(f"There is no parameter {', '.join(unknown)}: {choice}.")


def query_string(asked: SearchRequest) -> str:
    """Return the query string of a search; what is as it would be without saying so is left out."""
    filters = asked.filters
    pairs = [("q", asked.query)]
    pairs += [(name, value) for name, field in FIELDS.items() for value in getattr(filters, field)]
    pairs += [(name, day) for name, day in (("from", filters.date_from), ("to", filters.date_to)) if day]
    if asked.concepts is not None:
        pairs += [("expand", concept) for concept in asked.concepts or (NO_CONCEPTS,)]
    if asked.spread:
        pairs.append(("spread", "1"))
    if asked.order != "relevance":
        pairs.append(("order", asked.order))
    if asked.answer is not None:
        pairs.append(("answer", str(int(asked.answer))))
    if asked.facets:
        pairs.append(("facets", "1"))
    if asked.k != DEFAULT_K:
        pairs.append(("k", str(asked.k)))
    if asked.page != 1:
        pairs.append(("page", str(asked.page)))
    return urlencode(pairs)


def is_iso_date(value: str) -> bool:
    """Tell whether a value is a day of the calendar written yyyy-mm-dd."""
    if not _ISO_DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def whole_number(args: MultiDict[str, str], name: str) -> int | None:
    """Return a parameter that counts something; None where it is not given or blank.

    Raises:
        QueryError: it is no whole number.
    """
    value = args.get(name, "").strip()
    if value and not re.fullmatch("[0-9]{1,9}", value):
        raise QueryError(f"'{name}' is {_shown(value)}: give a whole number.")
    return int(value) if value else None


def _given(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in args.getlist(name) if value.strip()))


def _day(args: MultiDict[str, str], name: str) -> str | None:
    value = args.get(name, "").strip()
    if value and not is_iso_date(value):
        raise QueryError(f"'{name}' is {_shown(value)}: give a date as yyyy-mm-dd, such as 2024-05-31.")
    return value or None


def _number(args: MultiDict[str, str], name: str, default: int, most: int) -> int:
    value = args.get(name, "").strip()
    if value and not (re.fullmatch("[0-9]{1,9}", value) and 1 <= int(value) <= most):
        raise QueryError(f"'{name}' is {_shown(value)}: choose a number from 1 to {most:,}.")
    return int(value) if value else default


def _order(args: MultiDict[str, str]) -> Order:
    value = args.get("order", "").strip()
    found = next((order for order in ORDERS if order == (value or "relevance")), None)
    if found is None:
        raise QueryError(f"'order' is {_shown(value)}: choose {' or '.join(ORDERS)}.")
    return found


def _own_words(args: MultiDict[str, str]) -> list[str]:
    """Return the other words given beside the query, as they can stand in quotation marks."""
    return list(filter(None, (" ".join(re.sub('["“”]', " ", words).split()) for words in args.getlist("also"))))


def _switch(args: MultiDict[str, str], name: str) -> bool:
    value = args.get(name, "").strip()
    if value not in ("", "0", "1"):
        raise QueryError(f"'{name}' is {_shown(value)}: give 1, or leave it out.")
    return value == "1"


def _shown(value: str) -> str:
    return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 3] + "...")
