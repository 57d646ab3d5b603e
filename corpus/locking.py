"""One writer at a time: a lock on a data directory that the system takes back when its holder dies.

Readers never wait for it. The file stays where it is; that it is there says nothing, only the lock on it does.
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus.errors import CatalogueError

FILE = "writer.lock"
_LOOK_AGAIN = 0.1  # seconds
_mine = threading.local()


@contextmanager
def alone(directory: Path, what: str, wait: float = 0.0) -> Iterator[None]:
    """Keep other writers out of a data directory; a thread that has the lock already goes straight on.

    Args:
        what: what is being done, for those who find the lock taken.
        wait: seconds to wait for another writer to end.

    Raises:
        CatalogueError: another writer is at work, or the directory cannot be written.
    """
    held: set[Path] = _mine.__dict__.setdefault("held", set())
    place = directory.absolute()
    if place in held:
        yield
        return
    try:
        number = os.open(place / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as exc:
        raise CatalogueError(f"The data directory {directory} cannot be written: {exc.strerror}.") from exc
    try:
        _take(number, directory, wait)
        with suppress(OSError):  # a full disk: what it would say is only for others to read
            os.ftruncate(number, 0)
            os.pwrite(number, json.dumps({"process": os.getpid(), "what": what}).encode(), 0)
        held.add(place)
        yield
    finally:
        held.discard(place)
        os.close(number)


def _take(number: int, directory: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() < until:
                time.sleep(_LOOK_AGAIN)
                continue
            raise CatalogueError(
                f"{_holder(number)} is writing to {directory}: run this again when it has ended."
            ) from exc
        return


def _holder(number: int) -> str:
    try:
        holder = json.loads(os.pread(number, 4_096, 0))
        return f"Another process ({int(holder['process'])}, {str(holder['what'])[:40]})"
    except (ValueError, KeyError, TypeError):
        return "Another process"
