"""What tells whether a file is still the one that was read: its bytes, and what else its reading depended on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import ReadError
from ingest.identity import Given

READER_VERSION = 4  # raised when reading changes, so that every file is read again


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The SHA-256 of a file's bytes, and of the reader's version and what was given beside the file, in hex."""

    content: str
    circumstances: str

    def __str__(self) -> str:
        return f"{self.content}-{self.circumstances}"


def of_content(data: bytes) -> str:
    """Return what stands for the bytes of a file in its fingerprint."""
    return hashlib.sha256(data).hexdigest()


def of_file(file: Path, given: Given) -> Fingerprint:
    """Take the fingerprint of a file.

    Raises:
        ReadError: it cannot be opened.
    """
    try:
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as exc:
        raise ReadError(f"cannot be opened ({exc.strerror}): check its permissions") from exc
    circumstances = f"{READER_VERSION}\x1f{given}".encode("utf-8", "surrogatepass")
    return Fingerprint(content, hashlib.sha256(circumstances).hexdigest())


def content_of(fingerprint: str) -> str | None:
    """Return the part of a stored fingerprint that stands for the bytes; None where an older version wrote it."""
    content, dash, _ = fingerprint.partition("-")
    return content if dash else None
