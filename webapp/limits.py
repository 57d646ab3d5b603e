"""How much may be asked for: requests a minute by client, and the size of a request. The only importer of
flask-limiter.

The counts are kept in memory; several worker processes share theirs. Clients are told apart by address, those of IPv6
by the network of one customer (/64).
"""

import ipaddress
import os
from pathlib import Path

from flask import Flask, Response, request
from flask_limiter import ApplicationLimit, Limiter
from limits import parse_many
from werkzeug.exceptions import RequestURITooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from corpus.errors import QueryError, SettingError
from corpus.settings import setting
from webapp import shared_counts

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # folder in which worker processes share counts; prometheus-client gave the name
OFF = "off"
FREE = frozenset({"static", "operations.health", "operations.ready", "operations.metrics", "operations.robots"})
EXPORTS = frozenset({"api_export.export"})
DEAR = EXPORTS | {"api.ask", "api.precedents", "api_compare.compare"}
DEAR_PAGES = frozenset({"compare", "precedents"})  # blueprints: what they do on a question costs as much
MAX_BODY = 2_000_000  # bytes
MAX_ADDRESS = 8_000  # characters after the question mark
MAX_PARAMETERS = 300
MAX_REPEATED = 100  # of one parameter
MOST_PROXIES = 10


def set_limits(app: Flask) -> None:
    """Limit what an app may be asked for, as the settings say.

    Raises:
        SettingError: one makes no sense.
    """
    proxies = setting("MINUTEBOOK_PROXIES")
    if not (proxies.isascii() and proxies.isdecimal() and int(proxies) <= MOST_PROXIES):
        raise SettingError(f"MINUTEBOOK_PROXIES is {proxies[:40]!r}: give the number of proxies, 0 to {MOST_PROXIES}.")
    if number := int(proxies):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=number)  # type: ignore[method-assign]
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY)
    limits = [
        ApplicationLimit(limit_provider=limit, exempt_when=exempt)
        for name, exempt in (("MINUTEBOOK_RATE_LIMIT", None), ("MINUTEBOOK_RATE_LIMIT_DEAR", cheap))
        if (limit := _limit(name)) != OFF
    ]
    app.after_request(_without_needless_wait)  # the last to run
    folder = os.environ.get(SHARED)
    limiter = Limiter(
        _client,
        application_limits=[*limits],
        headers_enabled=True,
        storage_uri=shared_counts.address(Path(folder) / "limits.counts" if folder else None),
        in_memory_fallback_enabled=True,
    )
    limiter.request_filter(free)
    limiter.init_app(app)
    app.before_request(_check_size)


def _without_needless_wait(response: Response) -> Response:
    """Take away the wait that flask-limiter names on every response, where there is nothing to wait for."""
    if response.status_code not in (429, 503):
        response.headers.pop("Retry-After", None)
    return response


def _limit(name: str) -> str:
    value = setting(name)
    try:
        if value != OFF:
            parse_many(value)
    except ValueError as exc:
        raise SettingError(f'{name} is {value[:40]!r}: give one such as "120 per minute", or {OFF}.') from exc
    return value


def free() -> bool:
    """Tell whether this request is for what is always answered."""
    return request.endpoint in FREE


def cheap() -> bool:
    """Tell whether this request costs no more than a search."""
    asked = bool(request.args) or request.method == "POST"
    if request.endpoint in DEAR or (request.blueprint in DEAR_PAGES and asked):
        return False
    return not (request.endpoint == "search.page" and "q" in request.args and setting("MINUTEBOOK_LLM_URL"))


def _client() -> str:
    return network(request.remote_addr or "")


def network(host: str) -> str:
    """Return what a client is told apart by: its address, or the network of one customer that it is in."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _check_size() -> None:
    """Refuse an address that no form and no link of ours would make."""
    if len(request.query_string) > MAX_ADDRESS:
        raise RequestURITooLarge(f"The address has more than {MAX_ADDRESS:,} characters: shorten it.")
    values = [len(request.args.getlist(name)) for name in request.args]
    if sum(values) > MAX_PARAMETERS or max(values, default=0) > MAX_REPEATED:
        raise QueryError(
            f"The address has too many parameters: at most {MAX_PARAMETERS}, and {MAX_REPEATED} of one name."
        )
