"""Whose minutes are compared: those of a region or type by the register, and those that are like one authority."""

import re

from corpus import register
from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters, authority_names, held, resolve
from corpus.model import Authority

_LOCAL = re.compile(r"\b(?:parish|town|community|village|neighbourhood) (?:council|meeting)$", re.IGNORECASE)


def of_register(catalogue: Catalogue, filters: Filters) -> tuple[list[str], list[str]]:
    """Return the authorities that resolved filters on region and type name: those held, and today's that are not."""
    here = set(held(catalogue, "authority"))
    named = authority_names(filters) or ()
    current = {authority.name for authority in register.authorities() if authority.current}
    return sorted(here.intersection(named)), sorted(name for name in named if name in current - here)


def alike(catalogue: Catalogue, name: str) -> tuple[list[str], str]:
    """Return the held authorities that are like one, itself first if it is held, and in words by what rule.

    Like are those of the same type in the register, those of the same region first and then those of the same nation.
    The register has no parish, town and community councils: these are like one another by their names.

    Raises:
        QueryError: neither the register nor the collection knows the name, or what type of authority it is.
    """
    here = held(catalogue, "authority")
    known = register.by_name(name)
    if known is None:
        (name,) = resolve(catalogue, Filters(authorities=(name,))).authorities
        known = register.by_name(name)
    if known is not None:
        types = {one: register.by_name(one) for one in here}
        same = [one for one, other in types.items() if other is not None and other.type == known.type]
        rule = f"Like {known.name} are the authorities held that are of its type ({known.type}), those of its region"
        rule += f" ({known.region}) first, then those of its nation." if known.region else " first."
        return sorted(same, key=lambda one: (_apart(known, types[one]), one)), rule
    if not _LOCAL.search(name):
        raise QueryError(
            f"The register does not say what type of authority {name} is: name the authorities to compare instead."
        )
    rule = f"Like {name} are the parish, town and community councils held, by their names: the register has none."
    return sorted((one for one in here if _LOCAL.search(one)), key=lambda one: (one != name, one)), rule


def _apart(one: Authority, other: Authority | None) -> int:
    """Return how far apart two authorities of a type are: the same, of one region, of one nation, of others."""
    if other is None:
        return 3
    if one.code == other.code:
        return 0
    return 1 if one.region == other.region else 2 if one.nation == other.nation else 3
