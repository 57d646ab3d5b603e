"""Where fetched things are kept: one folder a host, the files exactly as received, and a ``manifest.csv``.

The manifest says of every file where it came from and when, and is one that ``ingest`` understands, so the
folder can be read again at any time. Lists that were only asked to find meetings stand in ``.listings``, and
what a changed file held before in ``.versions``: ``ingest`` passes folders by that begin with a dot. Each row ends
with a checksum of itself, which is kept with it until the row is written anew; rows of earlier versions have none.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Literal

from corpus import durable
from corpus.errors import CatalogueError

FOLDER = "fetched"
LISTINGS = ".listings"
VERSIONS = ".versions"
_SEAL = "seal"  # the last column of the manifest
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
    """The folder of one host. ``put`` writes at once; the manifest is written with every file.

    ``spoilt`` are the paths of the rows that were not, when it was opened, what was stored.
    """

    def __init__(self, data: Path, host: str) -> None:
        """Open or begin the folder of a host below a data directory.

        Raises:
            CatalogueError: it cannot be read or made.
        """
        self.folder = data / FOLDER / re.sub(r"[^\w.-]", "_", host)
        self.manifest = self.folder / "manifest.csv"
        try:
            durable.make_directory(self.folder)
            rows = _read(self.manifest)
        except (OSError, ValueError, csv.Error) as exc:
            raise CatalogueError(f"{self.folder} cannot be used ({exc}).") from exc
        self.records = {record.path: record for record, _ in rows}
        self._seals = {record.path: seal for record, seal in rows}
        self.spoilt = tuple(record.path for record, seal in rows if seal and seal != _seal(record))

    def put(self, record: Record, body: bytes, same: Callable[[bytes, bytes], bool] = same_bytes) -> Change:
        """Keep what was received; what stood there before and is not the ``same`` goes to the versions."""
        target = self.folder / record.path
        known = self.records.get(record.path)
        old = target.read_bytes() if known and target.exists() else None
        held = _digest(old) if old is not None else ""
        if known and old is not None and known.sha256 in ("", held) and same(old, body):
            kept = replace(record, fetched=known.fetched, sha256=held, checked=record.fetched)
            self._save({record.path: kept})
            return "unchanged"
        digest = _digest(body)
        if known and old is not None and held != digest:  # else it came before, and the run ended before it was noted
            name = self._version_name(record.path)
            _write(self.folder / name, old)
            self._save({name: replace(known, path=name, sha256=held, status="replaced")})
        _write(target, body)
        self._save({record.path: replace(record, sha256=digest, checked=record.fetched)})
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
        self._save({path: Record(path, "", "", "", asked, "listing", asked, fetched, fetched, _digest(body))})

    def drop(self, path: str) -> None:
        """Move a file that another one has replaced to the versions."""
        known = self.records.pop(path, None)
        file = self.folder / path
        if known and file.exists():
            name = self._version_name(path)
            _write(self.folder / name, file.read_bytes())
            self._save({name: replace(known, path=name, status="replaced")})
            file.unlink()
            durable.sync(file.parent)

    def _version_name(self, path: str) -> str:
        stem, dot, ending = path.rpartition(".")
        number = 1
        while (name := f"{VERSIONS}/{stem}.v{number}{dot}{ending}") in self.records or (self.folder / name).exists():
            number += 1
        return name

    def _save(self, rows: dict[str, Record]) -> None:
        self.records.update(rows)
        self._seals.update(dict.fromkeys(rows, ""))
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, [*(field.name for field in fields(Record)), _SEAL], lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            asdict(record) | {_SEAL: self._seals[path] or _seal(record)} for path, record in self.records.items()
        )
        _write(self.manifest, out.getvalue().encode("utf-8"))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _seal(record: Record) -> str:
    return hashlib.blake2b(json.dumps(asdict(record)).encode(), digest_size=8).hexdigest()


def _read(manifest: Path) -> list[tuple[Record, str]]:
    """Return the rows, each with its checksum as it stands there; "" where it has none."""
    if not manifest.exists():
        return []
    names = [field.name for field in fields(Record)]
    with manifest.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        sealed = _SEAL in (reader.fieldnames or ())
        rows = [(Record(**{name: row.get(name) or "" for name in names}), row.get(_SEAL) or "lost") for row in reader]
    return rows if sealed else [(record, "") for record, _ in rows]


def _write(target: Path, body: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        CatalogueError: it cannot be written.
    """
    try:
        durable.write(target, body)
    except OSError as exc:
        raise CatalogueError(f"{target} cannot be written: {exc.strerror}.") from exc
