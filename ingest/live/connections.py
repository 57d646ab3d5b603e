"""Connections that go to public addresses only and never outlast their time. The only importer of httpcore2.

A name is looked up when a connection is made, every address of it is checked, and the connection goes to
one of the checked addresses: no second look-up stands between the check and the use. TLS and the Host
header keep the name.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore2

PORTS = frozenset({80, 443, 8080, 8443, 9071})
TIMEOUTS = (httpcore2.TimeoutException,)
FAILURES = (httpcore2.NetworkError, httpcore2.ProtocolError)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NotAsked(Exception):
    """The address is one that no request goes to; the message says why."""


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        nat64 = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
        inner = ip.ipv4_mapped or ip.sixtofour or nat64
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was sent, and the beginning of its answer."""

    answer: httpcore2.Response

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self.answer.status

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        """Return the headers as they came."""
        return self.answer.headers

    def parts(self) -> Iterator[bytes]:
        """Yield the body as it comes."""
        return self.answer.iter_stream()

    def close(self) -> None:
        """Drop what has not been read."""
        self.answer.close()


class Connections:
    """A pool of checked connections. ``deadline`` (monotonic seconds) ends whatever the pool is doing."""

    def __init__(self, context: ssl.SSLContext, permitted: frozenset[str]) -> None:
        """Make an empty pool; ``permitted`` are addresses that need not be public."""
        self.permitted = permitted
        self.deadline = 0.0
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context, max_connections=8, keepalive_expiry=30.0, network_backend=_Network(self)
        )

    def send(
        self, method: str, url: tuple[bytes, bytes, int | None, bytes], headers: Sequence[tuple[bytes, bytes]]
    ) -> Sent:
        """Send a request to (scheme, host, port, target)."""
        scheme, host, port, target = url
        address = httpcore2.URL(scheme=scheme, host=host, port=port, target=target)
        return Sent(self._pool.handle_request(httpcore2.Request(method, address, headers=headers)))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def left(self, timeout: float | None = None) -> float:
        """Return the seconds left of the request, at most ``timeout``."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time for the request is over")
        return left if timeout is None else min(left, timeout)

    def addresses(self, host: str, port: int) -> list[str]:
        """Look a name up, once.

        Raises:
            NotAsked: one of its addresses is not public, or the port is not one of ``PORTS``.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            raise httpcore2.ConnectError(f"{host} is not found") from exc
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if address in self.permitted:
                continue
            if not is_public(address):
                raise NotAsked(f"{host} is at a private address ({address}): not asked")
            if port not in PORTS:
                raise NotAsked(f"port {port} is not one that sites are asked on")
        return addresses


class _Network(httpcore2.NetworkBackend):
    """What the pool connects with."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections
        self.inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        problem: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in self.connections.addresses(host, port):
            try:
                left = self.connections.left(timeout)
                stream = self.inner.connect_tcp(address, port, left, local_address, socket_options)
                return _TimedStream(stream, self.connections)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as exc:
                problem = exc
        raise problem


class _TimedStream(httpcore2.NetworkStream):
    """A connection each of whose steps ends at the deadline."""

    def __init__(self, inner: httpcore2.NetworkStream, connections: Connections) -> None:
        self.inner = inner
        self.connections = connections

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, self.connections.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self.connections.left(timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self.connections.left(timeout)
        return _TimedStream(self.inner.start_tls(ssl_context, server_hostname, left), self.connections)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)
