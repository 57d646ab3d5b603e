"""The polite client: the only importer of httpx2, stamina and protego.

One request at a time. A host is asked after its robots.txt, with a pause between requests, again with
growing pauses where it says it is busy, and not at all any more once it says 403. Every connection, that of
a redirect included, goes to an address that was checked to be public: the name is looked up once and the
checked address is the one connected to. Time and size of an answer are bounded whatever the server does.
"""

import http
import importlib.metadata
import logging
import re
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx2
import stamina
from protego import Protego

from corpus.errors import FetchError
from ingest.live.connections import FAILURES, TIMEOUTS, Connections, NotAsked, Sent

BUSY = frozenset({429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
ROBOTS_BYTES = 512_000
LONGEST_CRAWL_DELAY = 60.0
FAILURES_BEFORE_STOP = 5
NAME = "Minutebook"


class Refused(FetchError):
    """We do not ask for this: robots.txt, a private address, another scheme or port."""


class Blocked(FetchError):
    """The host is left alone for the rest of the run."""


class _Again(FetchError):
    """Worth another attempt, after ``wait`` seconds where the server named them."""

    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How a host is treated. Times are in seconds.

    ``seconds`` bounds one request, ``slow_seconds`` one to a host that did not answer within it;
    ``first_wait`` is the pause before a second attempt, ``longest_wait`` the longest that is waited for.
    """

    delay: float = 1.0
    max_bytes: int = 60_000_000
    seconds: float = 30.0
    slow_seconds: float = 90.0
    attempts: int = 4
    first_wait: float = 2.0
    longest_wait: float = 120.0
    verify: bool = True
    contact: str = ""
    permitted_addresses: frozenset[str] = frozenset()

    @property
    def user_agent(self) -> str:
        """Return the name we ask under."""
        about = f" ({self.contact})" if self.contact else ""
        return f"{NAME}/{importlib.metadata.version('minutebook')}{about}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: ``url`` is the address asked for, ``final_url`` the one that answered."""

    url: str
    final_url: str
    body: bytes
    content_type: str
    fetched: str


@dataclass
class _Host:
    """What is known of one scheme, name and port."""

    robots: Protego | None = None
    delay: float = 0.0
    last: float = -1e9
    slow: bool = False
    failures: int = 0
    stopped: str | None = None


@dataclass(frozen=True, slots=True)
class _Raw:
    """One answer of one server, redirects not followed."""

    status: int
    headers: httpx2.Headers
    body: bytes


class Web:
    """The client. Not for use by several threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        """Make a client; close it after use (it is a context manager)."""
        self.limits = limits or Limits()
        self._hosts: dict[str, _Host] = {}
        self._moved_to_https: set[str] = set()
        context = httpx2.create_ssl_context(verify=self.limits.verify, trust_env=False)
        self._connections = Connections(context, self.limits.permitted_addresses)
        self._client = httpx2.Client(
            transport=_Transport(self._connections),
            headers={"User-Agent": self.limits.user_agent, "Accept-Encoding": "gzip, deflate"},
            trust_env=False,
            follow_redirects=False,
        )
        logging.getLogger("stamina").addHandler(logging.NullHandler())  # retries are ours to tell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def get(self, url: str, *, slow: bool = False) -> Answer:
        """Return the answer of an address, redirects followed; ``slow`` allows it ``slow_seconds`` at once.

        Raises:
            Refused: it is not asked for, and why.
            Blocked: the host has said 403, does not answer, or asks for a longer wait than we wait.
            FetchError: any other answer than 200, or none in time, or one too large.
        """
        began = url
        for _ in range(MOST_REDIRECTS + 1):
            self._host(url)
            if urlsplit(url).netloc in self._moved_to_https:
                url = re.sub("^http:", "https:", url)
            self._check_allowed(url)
            raw = self._ask(url, slow, self.limits.max_bytes)
            if raw.status not in REDIRECTS:
                break
            target = _redirected(url, raw.headers.get("location", ""))
            if target == re.sub("^http:", "https:", url) != url:
                self._moved_to_https.add(urlsplit(url).netloc)
            url = target
        else:
            raise FetchError(began, f"redirects more than {MOST_REDIRECTS} times")
        if raw.status != 200:
            raise FetchError(url, _status_words(raw.status), raw.status)
        kind = raw.headers.get("content-type", "").split(";")[0].strip().lower()
        return Answer(began, url, raw.body, kind, datetime.now(UTC).isoformat(timespec="seconds"))

    # -- one host ------------------------------------------------------------------------------------

    def _host(self, url: str) -> _Host:
        parts = urlsplit(url)
        try:
            usable = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
            key = f"{parts.scheme}://{parts.hostname}:{parts.port or parts.scheme}"
        except ValueError:
            usable = False
        if not usable:
            raise Refused(url, "is not a plain http or https address")
        return self._hosts.setdefault(key, _Host(delay=self.limits.delay))

    def _check_allowed(self, url: str) -> None:
        """Read robots.txt of a host once, and refuse what it disallows (RFC 9309)."""
        host = self._host(url)
        if host.robots is None:
            try:
                host.robots = self._read_robots(urljoin(url, "/robots.txt"))
            except (Refused, Blocked):
                raise
            except FetchError as exc:
                raise FetchError(url, f"robots.txt cannot be read: {exc.reason}", exc.status) from exc
            asked = host.robots.crawl_delay(NAME) or 0.0
            host.delay = max(self.limits.delay, min(asked, LONGEST_CRAWL_DELAY))
        if not host.robots.can_fetch(url, NAME):
            raise Refused(url, "robots.txt asks us not to")

    def _read_robots(self, url: str) -> Protego:
        for _ in range(MOST_REDIRECTS + 1):
            raw = self._ask(url, False, ROBOTS_BYTES, cut=True)
            if raw.status not in REDIRECTS:
                break
            url = _redirected(url, raw.headers.get("location", ""))
        return Protego.parse(raw.body.decode("utf-8", "replace") if raw.status == 200 else "")

    def _ask(self, url: str, slow: bool, max_bytes: int, cut: bool = False) -> _Raw:
        """Ask one server, again where it is busy; count and remember how the host behaves."""
        host = self._host(url)
        if host.stopped:
            raise Blocked(url, host.stopped)
        limits = self.limits
        try:
            for attempt in stamina.retry_context(
                on=_worth_another,
                attempts=limits.attempts,
                timeout=None,
                wait_initial=limits.first_wait,
                wait_max=limits.longest_wait,
                wait_jitter=limits.first_wait / 4,
            ):
                with attempt:
                    raw = self._once(url, host, slow or host.slow, max_bytes, cut)
        except Blocked as exc:
            host.stopped = exc.reason
            raise
        except _Again as exc:
            host.failures += 1
            if host.failures >= FAILURES_BEFORE_STOP:
                host.stopped = f"does not answer ({exc.reason}); left alone after {host.failures} failures in a row"
            raise FetchError(url, exc.reason, exc.status) from exc
        host.failures = 0
        return raw

    def _once(self, url: str, host: _Host, slow: bool, max_bytes: int, cut: bool) -> _Raw:
        pause = host.last + host.delay - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        seconds = self.limits.slow_seconds if slow else self.limits.seconds
        self._connections.deadline = time.monotonic() + seconds
        try:
            with self._client.stream("GET", url, timeout=seconds) as response:
                raw = _Raw(response.status_code, response.headers, _body(url, response, max_bytes, cut))
        except TIMEOUTS as exc:
            kind = FetchError if slow else _Again
            host.slow = True
            raise kind(url, f"gave no whole answer within {seconds:g} s") from exc
        except NotAsked as exc:
            raise Refused(url, str(exc)) from exc
        except (*FAILURES, httpx2.HTTPError) as exc:
            raise _connection_error(url, exc) from exc
        except (httpx2.InvalidURL, UnicodeError) as exc:
            raise Refused(url, "is not a plain http or https address") from exc
        finally:
            host.last = time.monotonic()
        self._check_status(url, raw)
        return raw

    def _check_status(self, url: str, raw: _Raw) -> None:
        if raw.status == 403:
            raise Blocked(url, "the site answers 403 (forbidden): it was not asked again", 403)
        if raw.status in BUSY:
            again = _Again(url, _status_words(raw.status), raw.status)
            again.wait = _retry_after(raw.headers.get("retry-after", ""))
            if again.wait is not None and again.wait > self.limits.longest_wait:
                raise Blocked(url, f"the site asks us to come back in {again.wait:.0f} s", raw.status)
            raise again


def _body(url: str, response: httpx2.Response, max_bytes: int, cut: bool) -> bytes:
    """Read a body, never more than ``max_bytes`` of it; ``cut`` keeps what was read."""
    if response.status_code != 200:
        return b""
    too_large = FetchError(url, f"is larger than {max_bytes / 1e6:g} MB: not fetched")
    if not cut and int(response.headers.get("content-length") or 0) > max_bytes:
        raise too_large
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes(65536):
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            if cut:
                break
            raise too_large
    return b"".join(parts)[:max_bytes]


def _redirected(url: str, location: str) -> str:
    if not location:
        raise FetchError(url, "redirects to nowhere")
    try:
        target = urljoin(url, location)
    except ValueError as exc:
        raise FetchError(url, "redirects to an address that is none") from exc
    if url.startswith("https:") and not target.startswith("https:"):
        raise Refused(url, f"redirects from https to {target}")
    return target


def _worth_another(exc: Exception) -> bool | float:
    if not isinstance(exc, _Again):
        return False
    return exc.wait if exc.wait is not None else True


def _status_words(status: int) -> str:
    try:
        return f"the site answers {status} ({http.HTTPStatus(status).phrase.lower()})"
    except ValueError:
        return f"the site answers {status}"


def _retry_after(value: str) -> float | None:
    """Return the seconds of a Retry-After header (a number or a date), never negative."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _connection_error(url: str, exc: Exception) -> FetchError:
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = f"its certificate cannot be verified ({cause.verify_message}); --insecure accepts it"
            return FetchError(url, why)
        cause = cause.__cause__ or cause.__context__
    return _Again(url, f"the connection failed ({exc or type(exc).__name__})")


class _Transport(httpx2.BaseTransport):
    """Sends requests over our own connections."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        sent = self.connections.send(
            request.method, (url.raw_scheme, url.raw_host, url.port, url.raw_path), request.headers.raw
        )
        return httpx2.Response(sent.status, headers=sent.headers, stream=_Stream(sent))

    def close(self) -> None:
        self.connections.close()


@dataclass
class _Stream(httpx2.SyncByteStream):
    sent: Sent

    def __iter__(self) -> Iterator[bytes]:
        return self.sent.parts()

    def close(self) -> None:
        self.sent.close()
