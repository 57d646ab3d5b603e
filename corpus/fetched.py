"""Where fetched things are kept: one folder a host, the files exactly as received, and a ``manifest.csv``.

The manifest says of every file where it came from and when, and is one that ``ingest`` understands, so the
folder can be read again at any time. Lists that were only asked to find meetings stand in ``.listings``, and
what a changed file held before in ``.versions``: ``ingest`` passes folders by that begin with a dot.
"""

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Literal

from corpus.errors import CatalogueError

FOLDER = "fetched"
LISTINGS = ".listings"
VERSIONS = ".versions"
Change = Literal["new", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the manifest.

    ``url`` is where people read it, ``asked`` the address that gave it; ``fetched`` is when these bytes
    first came, ``checked`` when they were last seen to be current (ISO, UTC). ``kind`` is minutes, agenda,
    decision, report or listing; ``status`` draft, final, replaced or empty.
    """

    path: str
    authority: str = ""
    committee: str = ""
    date: str = ""
    url: str = ""
    kind: str = ""
    asked: str = ""
    fetched: str = ""
    checked: str = ""
    sha256: str = ""
    status: str = ""


def same_bytes(old: bytes, new: bytes) -> bool:
    """Tell whether nothing at all has changed."""
    return old == new


class Shelf:
    """The folder of one host. ``put`` writes at once; the manifest is written with every file."""

    def __init__(self, data: Path, host: str) -> None:
        """Open or begin the folder of a host below a data directory.

        Raises:
            CatalogueError: it cannot be read or made.
        """
        self.folder = data / FOLDER / re.sub(r"[^\w.-]", "_", host)
        self.manifest = self.folder / "manifest.csv"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.records = {record.path: record for record in _read(self.manifest)}
        except (OSError, csv.Error) as exc:
            raise CatalogueError(f"{self.folder} cannot be used ({exc}).") from exc

    def put(self, record: Record, body: bytes, same: Callable[[bytes, bytes], bool] = same_bytes) -> Change:
        """Keep what was received; what stood there before and is not the ``same`` goes to the versions."""
        target = self.folder / record.path
        known = self.records.get(record.path)
        old = target.read_bytes() if known and target.exists() else None
        if known and old is not None and same(old, body):
            kept = replace(record, fetched=known.fetched, sha256=known.sha256, checked=record.fetched)
            self._save({record.path: kept})
            return "unchanged"
        rows = {}
        if known and old is not None:
            name = self._version_name(record.path)
            _write(self.folder / name, old)
            rows[name] = replace(known, path=name, status="replaced")
        _write(target, body)
        digest = hashlib.sha256(body).hexdigest()
        rows[record.path] = replace(record, sha256=digest, checked=record.fetched)
        self._save(rows)
        return "changed" if old is not None else "new"

    def listing(self, name: str) -> tuple[bytes, str] | None:
        """Return a list that was kept and when it was last asked for, if it was."""
        record = self.records.get(f"{LISTINGS}/{name}")
        file = self.folder / LISTINGS / name
        return (file.read_bytes(), record.checked) if record and file.exists() else None

    def keep_listing(self, name: str, body: bytes, asked: str, fetched: str) -> None:
        """Keep a list in the place of the one before it."""
        path = f"{LISTINGS}/{name}"
        _write(self.folder / path, body)
        digest = hashlib.sha256(body).hexdigest()
        self._save({path: Record(path, "", "", "", asked, "listing", asked, fetched, fetched, digest)})

    def drop(self, path: str) -> None:
        """Move a file that another one has replaced to the versions."""
        known = self.records.pop(path, None)
        file = self.folder / path
        if known and file.exists():
            name = self._version_name(path)
            _write(self.folder / name, file.read_bytes())
            self._save({name: replace(known, path=name, status="replaced")})
            file.unlink()

    def _version_name(self, path: str) -> str:
        stem, dot, ending = path.rpartition(".")
        number = 1
        while f"{VERSIONS}/{stem}.v{number}{dot}{ending}" in self.records:
            number += 1
        return f"{VERSIONS}/{stem}.v{number}{dot}{ending}"

    def _save(self, rows: dict[str, Record]) -> None:
        self.records.update(rows)
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, [field.name for field in fields(Record)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(record) for record in self.records.values())
        _write(self.manifest, out.getvalue().encode("utf-8"))


def _read(manifest: Path) -> list[Record]:
    if not manifest.exists():
        return []
    names = [field.name for field in fields(Record)]
    with manifest.open(encoding="utf-8", newline="") as file:
        return [Record(**{name: row.get(name) or "" for name in names}) for row in csv.DictReader(file)]


def _write(target: Path, body: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        CatalogueError: it cannot be written.
    """
    fresh = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    except OSError as exc:
        raise CatalogueError(f"{target} cannot be written: {exc.strerror}.") from exc
