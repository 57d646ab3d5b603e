"""Ways on from a search result: filters in use, facet values and other words, each with the link that changes it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from urllib.parse import parse_qsl

from corpus.catalogue import Catalogue
from corpus.filters import Filters, resolve
from index.facets import FIELDS as FACETS
from index.search import Searcher, SearchResult
from index.understanding.expansion import OWN
from index.understanding.query import FoundFilter, Understood, parse, without, without_also
from webapp.language import day, gettext, ngettext, to_translate
from webapp.query_string import DEFAULT_K, FIELDS, SearchRequest, query_string
from webapp.shown.formatters import KIND_LABELS

SHOWN = 8  # values of a facet that are shown at once
MOST = 30  # values of a facet that are listed at all
DATE = to_translate("Date")
LABELS = {
    "authority": to_translate("Authority"),
    "type": to_translate("Type of authority"),
    "region": to_translate("Region or nation"),
    "committee": to_translate("Committee"),
    "year": to_translate("Year of the meeting"),
    "kind": to_translate("Kind of text"),
    "document": to_translate("Document"),
}
_TRANSLATED = ("type", "region", "kind")  # facets whose values are words of ours and not names


@dataclass(frozen=True, slots=True)
class InUse:
    """A filter in use: what it lets through, the words of the question that it came from, the link without it."""

    label: str
    value: str
    note: str
    words: str
    query_string: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet with its count; the link adds it as a filter, or takes it away where it is one."""

    label: str
    count: int
    chosen: bool
    query_string: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet: the values shown at once, those behind them, how many more there are that are not listed.

    ``more`` says how many are behind; ``unknown`` counts the passages of which the value is not known.
    """

    field: str
    label: str
    more: str
    first: tuple[Value, ...]
    rest: tuple[Value, ...]
    unlisted: int
    unknown: int


@dataclass(frozen=True, slots=True)
class OtherWords:
    """Words that were searched for besides those of the query (``found``), and the link to a search without them.

    ``own``: whoever asks gave them.
    """

    found: str
    added: tuple[str, ...]
    own: bool
    query_string: str


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways to change a search. A link is a query string; None where there is no such way.

    ``state``: the parameters of the search, for a form that adds to them.
    """

    in_use: tuple[InUse, ...]
    facets: tuple[Facet, ...]
    other_words: tuple[OtherWords, ...]
    all_words: str | None
    suggestion: str | None
    without_filters: str | None
    state: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Now:
    """A search as it is: what was asked, what came of it, and what each typed filter stands for."""

    asked: SearchRequest
    result: SearchResult
    catalogue: Catalogue
    held: tuple[str, ...]
    meanings: Mapping[tuple[str, str], tuple[str, ...]]


def ways(asked: SearchRequest, result: SearchResult, searcher: Searcher) -> Ways:
    """Return the ways on from the result of a search."""
    first = replace(asked, k=DEFAULT_K, page=1)
    typed = {(name, value) for name, field in FIELDS.items() for value in getattr(asked.filters, field)}
    typed |= {(f.field, f.value) for f in result.understood.found if f.field in FIELDS}
    held = searcher.columns.authorities
    meanings = {one: (one[1],) if one[1] in held else _stands_for(searcher.catalogue, *one) for one in typed}
    now = _Now(first, result, searcher.catalogue, held, meanings)
    bare = replace(first, filters=Filters(), query=_without(now, lambda _: True))
    anew = replace(first, query=result.suggestion or "", concepts=None)
    return Ways(
        in_use=(*_from_question(now), *_given(now)),
        facets=tuple(_facet(now, field) for field in FACETS if result.facets.get(field)),
        other_words=tuple(_other_words(now)),
        all_words=query_string(replace(first, concepts=None)) if _left_out(asked, result, searcher) else None,
        suggestion=query_string(anew) if result.suggestion else None,
        without_filters=query_string(bare) if result.filters else None,
        state=tuple(parse_qsl(query_string(first))),
    )


def ticked(asked: SearchRequest, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return what each filter given beside the question stands for, by parameter, to be ticked in the form.

    Raises:
        QueryError: the collection holds nothing by one of the names.
    """
    resolved = resolve(catalogue, asked.filters)
    return {name: getattr(resolved, field) for name, field in FIELDS.items()}


def _stands_for(catalogue: Catalogue, name: str, value: str) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(resolve(catalogue, _only(name, value)), FIELDS[name])
    return found


def _only(name: str, value: str) -> Filters:
    return replace(Filters(), **{FIELDS[name]: (value,)})  # type: ignore[arg-type]


def _with(asked: SearchRequest, name: str, values: Sequence[str], query: str) -> str:
    filters = replace(asked.filters, **{FIELDS[name]: tuple(dict.fromkeys(values))})  # type: ignore[arg-type]
    return query_string(replace(asked, filters=filters, query=query))


def _without(now: _Now, gone: Callable[[FoundFilter], bool]) -> str:
    """Return the query without those of the filters found in it that are to go."""
    understood: Understood = now.result.understood
    for _ in understood.found:
        found = next(filter(gone, understood.found), None)
        if found is None:
            break
        understood = parse(without(understood, found), now.held, date.today(), now.asked.filters)
    return understood.typed


# -- filters in use ----------------------------------------------------------------------------------


def _from_question(now: _Now) -> list[InUse]:
    shown, seen = [], set[tuple[str, str]]()
    for found in now.result.understood.found:
        if (found.field, found.value) in seen or not _in_effect(now, found):
            continue
        alike = [f for f in now.result.understood.found if _one_way(f, found)]
        seen |= {(f.field, f.value) for f in alike}
        label, value, note = _period(alike) if found.field in ("from", "to") else _named(now, found.field, found.value)
        if not found.explicit and now.result.filters.lets_through_unknown(
            "date" if found.field in ("from", "to") else "authority"
        ):
            note = gettext("and documents of which it is not known")
        query = _without(now, partial(_is_one_of, frozenset((f.field, f.value) for f in alike)))
        shown.append(InUse(label, value, note, found.words, query_string(replace(now.asked, query=query))))
    return shown


def _in_effect(now: _Now, found: FoundFilter) -> bool:
    """Tell whether a filter of the question is one of those searched with; others may have overruled it."""
    if found.field in ("from", "to"):
        return found.value in (now.result.filters.date_from, now.result.filters.date_to)
    return set(now.meanings[found.field, found.value]) <= set(getattr(now.result.filters, FIELDS[found.field]))


def _one_way(one: FoundFilter, other: FoundFilter) -> bool:
    """Tell whether two filters are the same, or the two ends of one period in plain words."""
    same = (one.field, one.value, one.explicit) == (other.field, other.value, other.explicit)
    dates = {one.field, other.field} <= {"from", "to"} and not (one.explicit or other.explicit)
    return same or (dates and one.words == other.words)


def _is_one_of(gone: Collection[tuple[str, str]], found: FoundFilter) -> bool:
    return (found.field, found.value) in gone


def _period(found: Sequence[FoundFilter]) -> tuple[str, str, str]:
    first = next((f.value for f in found if f.field == "from"), None)
    last = next((f.value for f in found if f.field == "to"), None)
    return DATE, _days(first, last), ""


def _days(first: str | None, last: str | None) -> str:
    if first and last and first[:4] == last[:4] and (first[5:], last[5:]) == ("01-01", "12-31"):
        return first[:4]
    if first and first == last:
        return day(first)
    if first and last:
        return gettext("from %(first)s to %(last)s", first=day(first), last=day(last))
    return gettext("from %(day)s", day=day(first)) if first else gettext("to %(day)s", day=day(last or ""))


def _named(now: _Now, name: str, value: str) -> tuple[str, str, str]:
    """Return the label, the value and a note for a filter on anything but dates."""
    meaning = now.meanings[name, value]
    if name == "kind":
        return LABELS[name], gettext(KIND_LABELS[value]), ""
    if name == "document":
        return LABELS[name], now.catalogue.document(meaning[0]).title, ""
    if len(meaning) == 1:
        return LABELS[name], gettext(meaning[0]) if name in _TRANSLATED else meaning[0], ""
    number = len(meaning)
    if name == "committee":
        return LABELS[name], value, ngettext("%(number)s committee", "%(number)s committees", number)
    return LABELS[name], value, ngettext("%(number)s authority", "%(number)s authorities", number)


def _given(now: _Now) -> list[InUse]:
    asked, shown = now.asked, list[InUse]()
    for name, field in FIELDS.items():
        values = getattr(asked.filters, field)
        for value in values:
            others = [other for other in values if other != value]
            shown.append(InUse(*_named(now, name, value), "", _with(asked, name, others, asked.query)))
    first, last = asked.filters.date_from, asked.filters.date_to
    ends = [(first, last)] if first and last and _days(first, last) == first[:4] else [(first, None), (None, last)]
    for one, other in ends:
        if one or other:
            kept = replace(asked.filters, date_from=None if one else first, date_to=None if other else last)
            shown.append(InUse(DATE, _days(one, other), "", "", query_string(replace(asked, filters=kept))))
    return shown


# -- facets ------------------------------------------------------------------------------------------


def _facet(now: _Now, field: str) -> Facet:
    counts = now.result.facets[field]
    chosen = _chosen(now, field)
    value_of = _year(now) if field == "year" else _value(now, field)
    listed = sorted(counts, key=lambda value: value not in chosen)[:MOST]  # stable: else as they were counted
    values = tuple(value_of(value, counts[value], value in chosen) for value in listed)
    at_once = SHOWN if len(values) > SHOWN + 1 else SHOWN + 1  # nothing is gained by hiding one
    unlisted = len(counts) - len(listed)
    rest = values[at_once:]
    more = ngettext("%(number)s more", "%(number)s more", len(rest))
    return Facet(field, LABELS[field], more, values[:at_once], rest, unlisted, _unknown(now, field))


def _chosen(now: _Now, field: str) -> Collection[str]:
    """Return the values of a facet that are filters already."""
    filters = now.result.filters
    if field != "year":
        return frozenset(getattr(filters, FIELDS[field]))
    first, last = filters.date_from, filters.date_to
    return (first[:4],) if first and last and _days(first, last) == first[:4] else ()


def _unknown(now: _Now, field: str) -> int:
    """Return how many passages have no value of a facet; they are not let through once it is filtered."""
    filters = now.result.filters
    filtered = filters.date_from or filters.date_to if field == "year" else getattr(filters, FIELDS[field])
    return 0 if filtered or field == "kind" else now.result.total - sum(now.result.facets[field].values())


def _value(now: _Now, name: str) -> Callable[[str, int, bool], Value]:
    """Return what makes a value of a facet on anything but the year."""
    typed = getattr(now.asked.filters, FIELDS[name])
    in_words = [f.value for f in now.result.understood.found if f.field == name]  # to stand beside the question too
    plain = _without(now, lambda f: f.field == name)

    def value_of(value: str, count: int, chosen: bool) -> Value:
        label = gettext(KIND_LABELS.get(value, value)) if name in _TRANSLATED else value
        if not chosen:
            return Value(label, count, False, _with(now.asked, name, (*typed, *in_words, value), plain))
        kept = [one for one in typed if value not in now.meanings[name, one]]
        query = _without(now, lambda f: f.field == name and value in now.meanings.get((name, f.value), ()))
        return Value(label, count, True, _with(now.asked, name, kept, query))

    return value_of


def _year(now: _Now) -> Callable[[str, int, bool], Value]:
    query = _without(now, lambda f: f.field in ("from", "to"))

    def value_of(year: str, count: int, chosen: bool) -> Value:
        first, last = (None, None) if chosen else (f"{year}-01-01", f"{year}-12-31")
        filters = replace(now.asked.filters, date_from=first, date_to=last)
        return Value(year, count, chosen, query_string(replace(now.asked, filters=filters, query=query)))

    return value_of


# -- other words -------------------------------------------------------------------------------------


def _left_out(asked: SearchRequest, result: SearchResult, searcher: Searcher) -> bool:
    """Tell whether other words that the query calls for were not searched for."""
    if asked.concepts is None:
        return False
    return len(searcher.understand(asked.query, asked.filters).expansions) > len(result.expansions)


def _other_words(now: _Now) -> list[OtherWords]:
    concepts = [one.concept for one in now.result.expansions if one.concept != OWN]
    shown = []
    for one in now.result.expansions:
        if one.concept == OWN:
            left = replace(now.asked, query=without_also(now.result.understood.typed, one.added[0]))
        else:
            left = replace(now.asked, concepts=tuple(concept for concept in concepts if concept != one.concept))
        shown.append(OtherWords(one.found, one.added, one.concept == OWN, query_string(left)))
    return shown
