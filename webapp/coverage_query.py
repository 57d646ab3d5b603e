"""Which authorities the pages and the API of what is held are asked for: from a query string to entries, and back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from corpus.errors import QueryError
from corpus.filters import regions, types
from corpus.overview import Entry
from corpus.register import fold
from webapp.language import gettext, to_translate

HELD = {
    "": to_translate("All"),
    "yes": to_translate("Something is held"),
    "no": to_translate("Nothing is held"),
    "missing": to_translate("Known to be incomplete"),
}
ORDERS = {
    "": to_translate("Held first, by name"),
    "name": to_translate("By name"),
    "documents": to_translate("Most documents first"),
    "latest": to_translate("Latest meeting first"),
}
NOT_IN_REGISTER = "none"  # the type and region of authorities that the register does not have
LONGEST_NAME = 100
NAMES = ("name", "held", "region", "type", "order", "page")
_MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which authorities, in which order, and which page of them (from 1); an empty value leaves a filter out."""

    name: str = ""
    held: str = ""
    region: str = ""
    type: str = ""
    order: str = ""
    page: int = 1


def parse(args: MultiDict[str, str]) -> tuple[Asked, dict[str, str]]:
    """Return what a query string asks for, and for each parameter that makes no sense what is wrong with it."""
    given = {name: args.get(name, "").strip() for name in NAMES}
    wrong: dict[str, str] = {}
    if len(given["name"]) > LONGEST_NAME:
        wrong["name"] = gettext("Give a name of at most %(most)s characters.", most=LONGEST_NAME)
    choices = {
        "held": tuple(HELD),
        "region": ("", NOT_IN_REGISTER, *regions()),
        "type": ("", NOT_IN_REGISTER, *types()),
        "order": tuple(ORDERS),
    }
    for name, allowed in choices.items():
        if given[name] not in allowed:
            wrong[name] = gettext("Choose one of the values of the list.")
    page = given["page"] or "1"
    if not re.fullmatch("[0-9]{1,4}", page) or not 1 <= int(page) <= _MOST_PAGES:
        wrong["page"] = gettext("A page is a number from 1.")
    kept = {name: "" if name in wrong else value for name, value in given.items() if name != "page"}
    return Asked(**kept, page=1 if "page" in wrong else int(page)), wrong


def parse_strictly(args: MultiDict[str, str]) -> Asked:
    """Return what a query string of the API asks for.

    Raises:
        QueryError: it holds a parameter that there is not, or one that makes no sense.
    """
    unknown = [name[:60] for name in args if name not in NAMES]
    if unknown:
        raise QueryError(f"There is no parameter {', '.join(map(repr, unknown))}: choose from {', '.join(NAMES)}.")
    asked, wrong = parse(args)
    if wrong:
        raise QueryError(" ".join(f"'{name}': {message}" for name, message in wrong.items()))
    return asked


def query_string(asked: Asked, **changed: object) -> str:
    """Return the query string of a request with some values changed; what is as it would be anyway is left out."""
    values = {name: changed.get(name, getattr(asked, name)) for name in NAMES}
    return urlencode([(name, value) for name, value in values.items() if value not in ("", 1)])


def chosen(entries: Sequence[Entry], asked: Asked) -> list[Entry]:
    """Return the entries that are asked for, in the order asked for; ``page`` is left to the caller."""
    words = fold(asked.name)
    found = [entry for entry in entries if _is_asked_for(entry, asked, words)]
    if asked.order == "documents":
        return sorted(found, key=lambda entry: -entry.documents)
    if asked.order == "latest":
        return sorted(found, key=lambda entry: entry.last_date or "", reverse=True)
    return found if asked.order == "name" else sorted(found, key=lambda entry: (not entry.held, not entry.names))


def incomplete(entry: Entry) -> bool:
    """Tell whether something is known to be missing of an authority of which something is held or listed."""
    return any((entry.undated, entry.partial, entry.without, entry.failed, entry.gaps))


def _is_asked_for(entry: Entry, asked: Asked, words: str) -> bool:
    known = entry.register
    if asked.held and not {"yes": entry.held, "no": not entry.held, "missing": incomplete(entry)}[asked.held]:
        return False
    if asked.region and asked.region != ((known.region if known else None) or NOT_IN_REGISTER):
        return False
    if asked.type and asked.type != (known.type if known else NOT_IN_REGISTER):
        return False
    names = [*entry.names, entry.name, known.short_name if known else None, *(known.aliases if known else ())]
    return not words or any(words in fold(name) for name in names if name)
