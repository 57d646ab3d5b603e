"""A connection to a Ray cluster, on one machine or many; the only importer of Ray."""

import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

from corpus.errors import ClusterError

LOCAL = "local"
_OBJECTS = 300_000_000  # bytes of shared memory for items and results, on a cluster of this machine's own
_KNOCKS_FOR = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that this process is connected to: its address, its processors at that time, and Ray itself."""

    address: str
    processors: int
    ray: Any


@contextmanager
def connected(address: str, processors: int | None = None) -> Iterator[Cluster]:
    """Connect to a cluster, or start one for this process and end it afterwards; meanwhile nothing goes to stdout.

    Args:
        address: HOST:PORT of a cluster's head, or "local" for the processors of this machine.
        processors: how many of this machine are used by "local"; all of them without.

    Raises:
        ClusterError: Ray is not installed, or the cluster cannot be reached or started.
    """
    ray = _ray(address)
    how: dict[str, Any] = {"address": address}
    if address == LOCAL:
        how |= {"num_cpus": processors or os.cpu_count() or 1, "object_store_memory": _OBJECTS}
        how |= {"include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    else:
        _knock(address)
    with redirect_stdout(sys.stderr):  # to which Ray says what becomes of its workers
        try:
            ray.init(**how, log_to_driver=False, logging_level="error")
        except Exception as exc:  # Ray raises plain errors of many kinds
            raise ClusterError(
                f"The cluster {address} cannot be used ({first_line(exc)}): see that its machines have the same "
                "versions of Python and Ray, or leave --cluster out."
            ) from exc
        try:
            yield Cluster(address, max(1, int(ray.cluster_resources().get("CPU", 1))), ray)
        finally:
            ray.shutdown()


def _knock(address: str) -> None:
    """See that somebody listens at an address: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_KNOCKS_FOR).close()
    except OSError as exc:
        raise ClusterError(
            f"The cluster {address} cannot be reached ({exc.strerror or exc}): start it with 'ray start --head', or "
            "leave --cluster out."
        ) from exc


def _ray(address: str) -> Any:
    """Import Ray, which tells its makers nothing and, for "local", listens to this machine alone and with a secret."""
    host, _, port = address.rpartition(":")
    if address != LOCAL and not (host and port.isdigit() and "/" not in host):
        raise ClusterError(f"{address!r} is not the address of a cluster: give HOST:PORT, or {LOCAL}.")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else it announces a change to come
    if address == LOCAL:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # makes it stay with 127.0.0.1
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        os.environ.setdefault("RAY_worker_niceness", "0")  # else they stand behind whatever else is at work
    try:
        import ray
    except ImportError as exc:
        raise ClusterError("Ray is not installed: pip install 'minutebook[cluster]', or leave --cluster out.") from exc
    return ray


def first_line(exc: BaseException) -> str:
    """Return what an error of somebody else's says, on one line."""
    return (str(exc).strip().splitlines() or [type(exc).__name__])[0][:160]
