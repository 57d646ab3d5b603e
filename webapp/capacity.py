"""How much a process does at once, and what becomes of the rest: a short wait, then a quick 503 with Retry-After.

Without a bound, requests would queue until nobody waits for their answers any more. What costs much has a smaller
share, and exports, which take as long as their reader does, one smaller still: search stays usable whatever else is
asked for. A response that is streamed keeps its places until its last byte is sent.
"""

import errno
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import ServiceUnavailable

from corpus.settings import setting
from webapp.language import to_translate
from webapp.limits import EXPORTS, cheap, free

AT_ONCE = 4
EXPORTS_AT_ONCE = 1
WAITING, DEAR_WAITING, EXPORTS_WAITING = 8, 4, 2  # requests
LONGEST_WAIT = 2.0  # seconds
LONGEST_SENT = 300.0  # seconds that a streamed response may take, however slowly it is read
RETRY_AFTER = 5  # seconds
SPARE = 6  # threads that refuse, and answer what is always answered
THREADS = AT_ONCE + WAITING + DEAR_WAITING + EXPORTS_WAITING + SPARE
BUSY = to_translate("The site is busy: more is being asked of it than it can answer now. Try again in a few seconds.")
_EXTENSION = "minutebook_capacity"


class Share:
    """Places for requests, and room for some to wait for one."""

    def __init__(self, places: int, room: int) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._room = threading.BoundedSemaphore(room)

    def enter(self, until: float) -> bool:
        """Take a place, if need be after a wait up to a time of ``time.monotonic``; tell whether one was had."""
        if self._places.acquire(blocking=False):
            return True
        if not self._room.acquire(blocking=False):
            return False
        try:
            return self._places.acquire(timeout=max(until - time.monotonic(), 0))
        finally:
            self._room.release()

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()


@dataclass(frozen=True, slots=True)
class _Capacity:
    """The shares of one app; ``whole`` takes in the others."""

    whole: Share
    dear: Share
    exports: Share


def admit(app: Flask) -> None:
    """Bound what an app does at once. While a language model is waited for, little is computed: its share is larger."""
    dear = AT_ONCE - 1 if setting("MINUTEBOOK_LLM_URL") else AT_ONCE // 2
    app.extensions[_EXTENSION] = _Capacity(
        Share(AT_ONCE, WAITING), Share(dear, DEAR_WAITING), Share(EXPORTS_AT_ONCE, EXPORTS_WAITING)
    )
    app.before_request(_enter)
    app.after_request(_hand_over)
    app.teardown_request(_leave)


def _enter() -> None:
    """Take the places that a request needs, the scarcest first.

    Raises:
        ServiceUnavailable: one was not to be had in time.
    """
    g.places = []
    until = time.monotonic() + LONGEST_WAIT
    for share in _needed():
        if not share.enter(until):
            raise ServiceUnavailable(BUSY, retry_after=RETRY_AFTER)
        g.places.append(share)


def _needed() -> list[Share]:
    capacity: _Capacity = current_app.extensions[_EXTENSION]
    if free():
        return []
    if cheap():
        return [capacity.whole]
    return [*([capacity.exports] if request.endpoint in EXPORTS else []), capacity.dear, capacity.whole]


def _hand_over(response: Response) -> Response:
    """Leave the places to a response that is streamed, which gives them back when it ends, however it ends."""
    places = g.get("places")
    if places and response.is_streamed and request.method != "HEAD":
        g.places = []
        left = partial(_give_back, places)
        response.call_on_close(left)
        if not response.direct_passthrough:
            response.response = _until_sent(response.response, left)
    return response


def _until_sent(pieces: Iterable[str] | Iterable[bytes], then: Callable[[], None]) -> "Iterator[str] | Iterator[bytes]":
    until = time.monotonic() + LONGEST_SENT
    try:
        for piece in pieces:
            if time.monotonic() > until:
                raise BrokenPipeError(errno.EPIPE, "the response was read too slowly")  # it must not seem whole
            yield piece
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
        then()


def _leave(_: BaseException | None) -> None:
    _give_back(g.get("places", []))


def _give_back(places: list[Share]) -> None:
    while places:
        places.pop().leave()
