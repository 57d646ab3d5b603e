"""What a request asks for in a JSON body: an object with the names of the query string, its fields checked."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from corpus.errors import QueryError
from corpus.filters import Filters
from webapp.query_string import FIELDS, is_iso_date

MAX_BODY = 64_000  # bytes
FILTERS = (*FIELDS, "from", "to")
_SHOWN = 60


def json_body(known: Sequence[str]) -> dict[str, Any]:
    """Return the JSON object that this request carries; fields that are null count as not given.

    Args:
        known: the fields that it may have.

    Raises:
        UnsupportedMediaType: it is not sent as application/json.
        RequestEntityTooLarge: it has more than ``MAX_BODY`` bytes.
        QueryError: it is no JSON object, or has another field.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send a JSON object, with the header Content-Type: application/json.")
    request.max_content_length = MAX_BODY
    try:
        found = json.loads(request.get_data())
        json.dumps(found, ensure_ascii=False).encode()  # halves of characters can be written in JSON and nowhere else
    except RequestEntityTooLarge as exc:
        raise RequestEntityTooLarge(f"The request has more than {MAX_BODY:,} bytes: shorten it.") from exc
    except (ValueError, RecursionError) as exc:
        raise QueryError('The request is not JSON: send an object such as {"text": "…"}.') from exc
    if not isinstance(found, dict):
        raise QueryError('The request is not a JSON object: send one such as {"text": "…"}.')
    return given(found, known)


def given(found: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """Return the fields of a JSON object; those that are null count as not given.

    Raises:
        QueryError: it has a field that is not among the known ones.
    """
    unknown = [_shown(name) for name in found if name not in known]
    if unknown:
        raise QueryError(f"There is no field {', '.join(unknown[:5])}: choose from {', '.join(known)}.")
    return {name: value for name, value in found.items() if value is not None}


def text_from(body: Mapping[str, Any], name: str) -> str:
    """Return a text.

    Raises:
        QueryError: it is missing, or no text.
    """
    value = body.get(name)
    if not isinstance(value, str):
        raise QueryError(f"'{name}' is {'missing' if value is None else 'not a text'}: give it as a JSON string.")
    return value


def number_from(body: Mapping[str, Any], name: str, default: int) -> int:
    """Return a whole number.

    Raises:
        QueryError: it is none.
    """
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise QueryError(f"'{name}' is {_shown(value)}: give a whole number.")
    return value


def switch_from(body: Mapping[str, Any], name: str) -> bool:
    """Return a switch, off where it is not given.

    Raises:
        QueryError: it is neither true nor false.
    """
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise QueryError(f"'{name}' is not true or false: give one of them, or leave it out.")
    return value


def filters_from(body: Mapping[str, Any]) -> Filters:
    """Return the filters of a body: "authority", "from" and the others, as in the query string of a search.

    Raises:
        QueryError: a name is no text or list of texts, or a date is none.
    """
    named = {field: _names(body, name) for name, field in FIELDS.items()}
    return Filters(**named, date_from=_day(body, "from"), date_to=_day(body, "to"))


def _names(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise QueryError(f"'{name}' is {_shown(value)}: give a JSON string, or a list of them.")
    return tuple(dict.fromkeys(one.strip() for one in values if one.strip()))


def _day(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name, "")
    if not isinstance(value, str) or (value and not is_iso_date(value)):
        raise QueryError(f"'{name}' is {_shown(value)}: give a date as yyyy-mm-dd, such as 2024-05-31.")
    return value or None


def _shown(value: object) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return repr(shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "...")
