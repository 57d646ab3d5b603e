"""What a request asks for, and the collection it asks: query string to search and back, and the searcher."""

import re
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from flask import current_app
from werkzeug.datastructures import MultiDict

from corpus.catalogue import Catalogue
from corpus.errors import QueryError
from corpus.filters import Filters
from index.encoder import Encoder
from index.search import MAX_K, Searcher

EXTENSION = "minutebook"
DEFAULT_K = 10
_ONCE = ("q", "k", "from", "to")
_REPEATABLE = ("authority", "committee", "kind")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHOWN = 60


class Collection:
    """What is searched: a data directory, opened by the first request that needs it."""

    def __init__(self, data: Path, encoder: Encoder) -> None:
        self._data = data
        self._encoder = encoder
        self._lock = threading.Lock()
        self._catalogue: Catalogue | None = None
        self._searcher: Searcher | None = None

    def catalogue(self) -> Catalogue:
        """Return the catalogue; raise CatalogueError while there is none."""
        with self._lock:
            return self._opened()

    def searcher(self) -> Searcher:
        """Return the searcher as of the last ingest; raise IndexMismatchError while there is no fit index."""
        with self._lock:
            if self._searcher is None:
                self._searcher = Searcher(self._opened(), self._encoder)
            else:
                self._searcher.refresh()
            return self._searcher

    def _opened(self) -> Catalogue:
        if self._catalogue is None:
            self._catalogue = Catalogue(self._data)
        return self._catalogue


def collection() -> Collection:
    """Return the collection of the app that answers this request."""
    found: Collection = current_app.extensions[EXTENSION]
    return found


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as it was asked for, before names are looked up in the collection."""

    query: str
    filters: Filters
    k: int


def parse(args: MultiDict[str, str]) -> SearchRequest:
    """Return the search that a query string asks for; blank values count as not given.

    Raises:
        QueryError: a parameter is given twice that can be given once, or is not a date or number.
    """
    for name in _ONCE:
        if len(args.getlist(name)) > 1:
            raise QueryError(f"'{name}' is given {len(args.getlist(name))} times: give it once.")
    return SearchRequest(
        query=args.get("q", ""),
        filters=Filters(
            authorities=_given(args, "authority"),
            committees=_given(args, "committee"),
            kinds=_given(args, "kind"),
            date_from=_day(args, "from"),
            date_to=_day(args, "to"),
        ),
        k=_number(args),
    )


def refuse_unknown(args: MultiDict[str, str]) -> None:
    """Raise QueryError where a query string holds a parameter that search does not have."""
    unknown = [_shown(name) for name in args if name not in (*_ONCE, *_REPEATABLE)]
    if unknown:
        known = ", ".join(("q", "k", *_REPEATABLE, "from", "to"))
        raise QueryError(f"There is no parameter {', '.join(unknown)}: choose from {known}.")


def query_string(asked: SearchRequest, k: int | None = None) -> str:
    """Return the query string of a search, with another ``k`` if one is given."""
    filters = asked.filters
    pairs = [("q", asked.query)]
    pairs += [("authority", name) for name in filters.authorities]
    pairs += [("committee", name) for name in filters.committees]
    pairs += [("kind", kind) for kind in filters.kinds]
    pairs += [(name, day) for name, day in (("from", filters.date_from), ("to", filters.date_to)) if day]
    if (k or asked.k) != DEFAULT_K:
        pairs.append(("k", str(k or asked.k)))
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


def _given(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in args.getlist(name) if value.strip()))


def _day(args: MultiDict[str, str], name: str) -> str | None:
    value = args.get(name, "").strip()
    if value and not is_iso_date(value):
        raise QueryError(f"'{name}' is {_shown(value)}: give a date as yyyy-mm-dd, such as 2024-05-31.")
    return value or None


def _number(args: MultiDict[str, str]) -> int:
    value = args.get("k", "").strip()
    if value and not re.fullmatch("[0-9]{1,9}", value):
        raise QueryError(f"'k' is {_shown(value)}: choose a number from 1 to {MAX_K}.")
    return int(value) if value else DEFAULT_K


def _shown(value: str) -> str:
    return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 3] + "...")
