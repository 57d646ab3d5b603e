"""Backups: all of a data directory that cannot be made again, in one file with a checksum of each part.

A backup is a zip file, not compressed: the catalogue with its vectors, the collections, what was fetched, and a
manifest. The indexes and the pictures of pages are left out, as they are made from these. SQLite itself makes the
copies, each as of one moment, so that neither those who search nor an ingest need to stop.
"""

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.catalogue import RESTORING, Catalogue
from corpus.connecting import to_read
from corpus.durable import sync
from corpus.errors import CatalogueError
from corpus.locking import FILE as LOCK

FORMAT = 1
MANIFEST = "manifest.json"
CATALOGUE = "catalogue.sqlite"
MADE_AGAIN = ("index", "page_pictures")
STAGED = "restored.new"  # below the data directory, so that what it holds can be put in place by renaming
LEFT_OUT = (*MADE_AGAIN, LOCK, RESTORING, STAGED)
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file, and is in the copy that it makes
SQLITE = b"SQLite format 3\0"
AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup: its path below the data directory, its bytes, and their BLAKE2b of 16 bytes."""

    path: str
    size: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; ``parts`` are all its files but this one."""

    format: int
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all parts."""
        return sum(part.size for part in self.parts)


# -- backup --------------------------------------------------------------------------------------------


def backup(directory: Path, target: Path) -> Manifest:
    """Write a backup of a data directory to a file that does not exist yet.

    Raises:
        CatalogueError: there is no catalogue, it is damaged, or the file exists or cannot be written.
    """
    Catalogue(directory).close()
    if target.exists():
        raise CatalogueError(f"{target} exists already: choose another name, or delete it first.")
    unfinished, copy = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.copy.part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            parts = tuple(_put(archive, name, file, copy) for name, file in _kept(directory, target))
            manifest = Manifest(FORMAT, parts)
            # A ZipInfo without a time: the clock of a machine may stand before what zip can say.
            archive.writestr(zipfile.ZipInfo(MANIFEST), json.dumps(asdict(manifest), indent=1))
        sync(unfinished)
        unfinished.replace(target)
        sync(target.absolute().parent)
    except OSError as exc:
        raise CatalogueError(f"The backup {target} cannot be written: {exc.strerror or exc}.") from exc
    finally:
        for file in (unfinished, copy):
            file.unlink(missing_ok=True)
    return manifest


def _kept(directory: Path, target: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files to keep by their paths below the data directory, the catalogue first."""
    yield CATALOGUE, directory / CATALOGUE
    for entry in sorted(directory.iterdir()):
        if entry.name in (*LEFT_OUT, CATALOGUE) or entry.name.endswith(BESIDE) or entry.is_symlink():
            continue
        for file in [entry] if entry.is_file() else sorted(entry.rglob("*")):
            own = file.name.startswith(target.name) and file.parent.absolute() == target.absolute().parent
            if file.is_file() and not file.is_symlink() and not own:
                yield file.relative_to(directory).as_posix(), file


def _put(archive: zipfile.ZipFile, name: str, file: Path, copy: Path) -> Part:
    with file.open("rb") as begun:
        is_sqlite = begun.read(len(SQLITE)) == SQLITE
    if not is_sqlite:
        return _stream(archive, name, file)
    copy.unlink(missing_ok=True)
    _copy_sqlite(file, copy)
    part = _stream(archive, name, copy)
    copy.unlink()
    return part


def _copy_sqlite(file: Path, copy: Path) -> None:
    """Copy a file of SQLite as of one moment, while others read and write it, and see that it is whole."""
    try:
        with closing(to_read(file)[0]) as source, closing(sqlite3.connect(copy)) as made:
            source.backup(made)
            made.execute("PRAGMA journal_mode = DELETE")
            # Not quick_check: SQLite 3.40 finds fault with tables WITHOUT ROWID where there is none.
            (line,) = made.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.OperationalError as exc:
        raise CatalogueError(f"{file} cannot be copied ({exc}): is there room for a copy beside the backup?") from exc
    except sqlite3.DatabaseError as exc:
        line = str(exc)
    if line != "ok":
        raise CatalogueError(f"{file} is damaged ({' '.join(line.split())}), so no backup was made: keep the last one.")


def _stream(archive: zipfile.ZipFile, name: str, file: Path) -> Part:
    total, size = hashlib.blake2b(digest_size=16), 0
    with file.open("rb") as source, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as kept:
        while block := source.read(AT_ONCE):
            total.update(block)
            size += len(block)
            kept.write(block)
    return Part(name, size, total.hexdigest())
