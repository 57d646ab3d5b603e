"""Counts of requests in the form that ``limits`` takes: a table in memory, of a file where worker processes share it.

A count stands in one of a few places that follow from its key; one that nobody needs any more gives its place up, and
where all are needed, the one that ends first. Times are those of ``time.monotonic``, the same in every process: setting
the clock neither lengthens nor shortens a window.
"""

import fcntl
import hashlib
import mmap
import struct
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from limits.storage import Storage

SCHEME = "minutebook-shared"
PLACES = 65_536  # clients times limits within a window
_TRIED = 8
_PLACE = struct.Struct("<QdQ")  # what the key hashes to, when the count ends, and the count


@dataclass(frozen=True, slots=True)
class _Count:
    """A count and where it stands; it ends at 0 where nothing is counted."""

    at: int
    number: int
    ends: float
    count: int


class SharedCounts(Storage):
    """The counts, in the file that the address names, which is made where there is none, or else in memory."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 (as the base class has it)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        place, size = unquote(urlsplit(uri or "").path), PLACES * _PLACE.size
        self._file = Path(place).open("a+b") if place else None
        if self._file:
            self._file.truncate(size)
            weakref.finalize(self, self._file.close)
        self._table = mmap.mmap(self._file.fileno() if self._file else -1, size)
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a count, which ends ``expiry`` seconds after it began; return it."""
        with self._alone():
            found = self._found(key)
            count = found.count + amount
            ends = found.ends or time.monotonic() + expiry
            _PLACE.pack_into(self._table, found.at, found.number, ends, count)
        return count

    def get(self, key: str) -> int:
        """Return a count."""
        with self._alone():
            return self._found(key).count

    def get_expiry(self, key: str) -> float:
        """Return when a count ends, in seconds since 1970."""
        with self._alone():
            ends = self._found(key).ends
        return time.time() + max(0.0, ends - time.monotonic())

    def check(self) -> bool:
        """Tell whether counts can be kept."""
        return not self._table.closed

    def reset(self) -> int | None:
        """Forget all counts."""
        with self._alone():
            self._table[:] = bytes(len(self._table))
        return None

    def clear(self, key: str) -> None:
        """Forget a count."""
        with self._alone():
            _PLACE.pack_into(self._table, self._found(key).at, 0, 0.0, 0)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep out other threads, and other processes by a lock that the system takes back when its holder dies."""
        with self._lock:
            if self._file:
                fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                if self._file:
                    fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _found(self, key: str) -> _Count:
        number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little") or 1
        places = [(number + step) % PLACES * _PLACE.size for step in range(_TRIED)]
        held = [_Count(at, *_PLACE.unpack_from(self._table, at)) for at in places]
        now = time.monotonic()
        own = next((one for one in held if one.number == number and one.ends > now), None)
        return own or _Count(min(held, key=lambda one: one.ends).at, number, 0.0, 0)


def address(file: Path | None) -> str:
    """Return what ``limits`` knows the counts in a file by, or those that this process has alone."""
    return f"{SCHEME}://{file.absolute().as_posix() if file else ''}"
