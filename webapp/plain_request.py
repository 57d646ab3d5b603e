"""Requests whose parameters hold no characters that neither a page nor a table can show."""

import re
from collections.abc import Iterable
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


class _Plain(ImmutableMultiDict[str, Any]):
    """Parameters as they were sent, with a space for each control character and each that is none in Unicode."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__([(_plain(name), _plain(value)) for name, value in pairs])


class PlainRequest(Request):
    """A request of which query string and form are plain."""

    parameter_storage_class = _Plain


def _plain(value: Any) -> Any:
    return _CONTROLS.sub(" ", value) if isinstance(value, str) else value
