"""Whose minutes, and of when: the fields that the forms of comparisons and precedents have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters, held, regions, resolve, types
from webapp.language import spoken
from webapp.query_string import parse

REPEATABLE = ("authority", "region", "type", "committee")
NAMES = (*REPEATABLE, "from", "to")
_NAMED = {"authority": "authorities", "region": "regions", "type": "types"}


@dataclass(frozen=True, slots=True)
class Whose:
    """What a form holds of its fields: filters, and what is wrong with a field, by its name.

    ``ticked`` are the values of a field that are chosen, as the collection and the register spell them; what neither
    knows as it was typed. ``choices`` are what the form offers, and those chosen.
    """

    filters: Filters
    errors: Mapping[str, str]
    ticked: Mapping[str, Sequence[str]]
    choices: Mapping[str, Sequence[str]]

    @property
    def in_use(self) -> bool:
        """Tell whether any field is filled in."""
        return bool(self.filters or self.errors)


def read(values: MultiDict[str, str], catalogue: Catalogue) -> Whose:
    """Return what the values of a form say of its fields; each is judged by itself, so that all errors are told."""
    errors: dict[str, str] = {}
    kept: MultiDict[str, str] = MultiDict()
    ticked: dict[str, Sequence[str]] = {}
    for name in NAMES:
        one = MultiDict([(name, value) for value in values.getlist(name)])
        ticked[name] = list(dict.fromkeys(value.strip() for value in one.getlist(name) if value.strip()))
        try:
            found = resolve(catalogue, parse(one).filters)
        except QueryError as exc:
            errors[name] = spoken(str(exc))
            continue
        kept.update(one)
        ticked[name] = list(getattr(found, _NAMED[name])) if name in _NAMED else ticked[name]
    filters = parse(kept).filters
    if filters.date_from and filters.date_to and filters.date_from > filters.date_to:
        errors["to"] = _reason(catalogue, Filters(date_from=filters.date_from, date_to=filters.date_to))
    known = {"authority": held(catalogue, "authority"), "region": regions(), "type": types()}
    choices = {
        name: [*(one for one in ticked[name] if one not in offered), *offered] for name, offered in known.items()
    }
    return Whose(filters, errors, ticked, choices)


def _reason(catalogue: Catalogue, filters: Filters) -> str:
    try:
        resolve(catalogue, filters)
    except QueryError as exc:
        return spoken(str(exc))
    return ""
