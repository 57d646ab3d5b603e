"""Backup and restore: all of a data directory that cannot be made again, in one file with a checksum of each part.

A backup is a zip file, not compressed: the catalogue with its vectors, the collections, what was fetched, and a
manifest. The indexes and the pictures of pages are left out, as they are made from these. SQLite itself makes the
copies, each as of one moment, so that neither those who search nor an ingest need to stop.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from corpus.catalogue import RESTORING, Catalogue
from corpus.connecting import to_read
from corpus.errors import CatalogueError, MinutebookError
from corpus.locking import FILE as LOCK
from corpus.locking import alone

FORMAT = 1
MANIFEST = "manifest.json"
CATALOGUE = "catalogue.sqlite"
_MADE_AGAIN = ("index", "page_pictures")
_STAGED = "restored.new"  # below the data directory, so that what it holds can be put in place by renaming
_LEFT_OUT = (*_MADE_AGAIN, LOCK, RESTORING, _STAGED)
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file, and is in the copy that it makes
_SQLITE = b"SQLite format 3\0"
_AT_ONCE = 1 << 20


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
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.absolute().parent)
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
        if entry.name in (*_LEFT_OUT, CATALOGUE) or entry.name.endswith(_BESIDE) or entry.is_symlink():
            continue
        for file in [entry] if entry.is_file() else sorted(entry.rglob("*")):
            own = file.name.startswith(target.name) and file.parent.absolute() == target.absolute().parent
            if file.is_file() and not file.is_symlink() and not own:
                yield file.relative_to(directory).as_posix(), file


def _put(archive: zipfile.ZipFile, name: str, file: Path, copy: Path) -> Part:
    with file.open("rb") as begun:
        is_sqlite = begun.read(len(_SQLITE)) == _SQLITE
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
    info = zipfile.ZipInfo(name)  # without a time, which may be out of what zip can say
    with file.open("rb") as source, archive.open(info, "w", force_zip64=True) as kept:
        while block := source.read(_AT_ONCE):
            total.update(block)
            size += len(block)
            kept.write(block)
    return Part(name, size, total.hexdigest())


# -- restore -------------------------------------------------------------------------------------------


def restore(file: Path, directory: Path, *, force: bool = False) -> Manifest:
    """Put a backup in place as a data directory; the indexes are then to be made anew.

    Everything is unpacked and checked before anything that is there is touched. Should the steps after that be
    interrupted, the data directory says so and is not used until this was run again.

    Args:
        force: replace what an existing data directory holds of the same.

    Raises:
        CatalogueError: the backup is damaged or of a newer version, or the directory is not empty or in use.
    """
    if file.absolute().is_relative_to(directory.absolute()):
        raise CatalogueError(f"{file} stands in the data directory itself: move it elsewhere first.")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        begun = (directory / RESTORING).exists()
        if not (force or begun) and any(entry.name not in (LOCK, _STAGED) for entry in directory.iterdir()):
            raise CatalogueError(f"{directory} is not empty: choose another data directory, or --force replaces it.")
        with alone(directory, "restore"):
            staged = directory / _STAGED
            shutil.rmtree(staged, ignore_errors=True)
            try:
                manifest = _unpack(file, staged)
                _replace(directory, staged)
            finally:
                if not (directory / RESTORING).exists():
                    shutil.rmtree(staged, ignore_errors=True)
    except OSError as exc:
        raise CatalogueError(f"{directory} cannot be restored: {exc.strerror or exc}.") from exc
    return manifest


def _unpack(file: Path, staged: Path) -> Manifest:
    """Unpack a backup and check every byte and the catalogue in it."""
    staged.mkdir()
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo(MANIFEST).compress_type != zipfile.ZIP_STORED:
                raise ValueError("its manifest is compressed")
            manifest = _manifest(json.loads(archive.read(MANIFEST)))
            for part in manifest.parts:
                _take_out(archive, part, staged)
    except FileNotFoundError as exc:
        raise CatalogueError(f"There is no backup {file}.") from exc
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, RuntimeError) as exc:
        raise CatalogueError(f"{file} is not a backup, or damaged ({exc}): nothing was changed.") from exc
    try:
        catalogue = Catalogue(staged)
        (line,) = catalogue.connection.execute("PRAGMA integrity_check(1)").fetchone()
        if line != "ok":
            raise CatalogueError(f"its catalogue is damaged ({' '.join(line.split())}).")
        catalogue.close()
    except (sqlite3.Error, MinutebookError) as exc:
        raise CatalogueError(f"The backup {file} cannot be used: {exc}") from exc
    for entry in sorted(staged.rglob("*"), reverse=True):
        _sync(entry)
    _sync(staged)
    return manifest


def _manifest(values: dict[str, object]) -> Manifest:
    if values["format"] != FORMAT:
        raise CatalogueError(
            f"The backup has format {values['format']}, this version of Minutebook reads format {FORMAT}: install the "
            "version that made it."
        )
    listed = values["parts"]
    if not isinstance(listed, list):
        raise ValueError("its manifest lists no parts")
    parts = tuple(Part(**part) for part in listed)
    for part in parts:
        path = PurePosixPath(part.path)
        if path.is_absolute() or ".." in path.parts or not path.parts or path.parts[0] in _LEFT_OUT:
            raise ValueError(f"it holds {part.path!r}")
    if CATALOGUE not in {part.path for part in parts}:
        raise ValueError("it holds no catalogue")
    return Manifest(FORMAT, parts)


def _take_out(archive: zipfile.ZipFile, part: Part, staged: Path) -> None:
    place = staged / part.path
    place.parent.mkdir(parents=True, exist_ok=True)
    if archive.getinfo(part.path).compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{part.path} is compressed")
    with archive.open(part.path) as source, place.open("xb") as made:
        checksum = _copied(source, made, part.size)
    if checksum != part.checksum:
        raise ValueError(f"{part.path} is not what was backed up")


def _copied(source: IO[bytes], made: IO[bytes], size: int) -> str:
    """Copy at most one byte more than was promised, and return the checksum."""
    total, left = hashlib.blake2b(digest_size=16), size + 1
    while left and (block := source.read(min(_AT_ONCE, left))):
        total.update(block)
        made.write(block)
        left -= len(block)
    return total.hexdigest()


def _replace(directory: Path, staged: Path) -> None:
    """Put what was unpacked in place of what is there, the catalogue last."""
    _release(directory / CATALOGUE)
    (directory / RESTORING).write_text("Run 'minutebook restore' again.\n", encoding="utf-8")
    _sync(directory)
    for name in _MADE_AGAIN:
        shutil.rmtree(directory / name, ignore_errors=True)
    names = sorted((entry.name for entry in staged.iterdir()), key=lambda name: name == CATALOGUE)
    for name in names:
        place = directory / name
        if place.is_dir():
            shutil.rmtree(place)
        for ending in _BESIDE:
            place.with_name(name + ending).unlink(missing_ok=True)
        (staged / name).replace(place)
    staged.rmdir()
    _sync(directory)
    (directory / RESTORING).unlink()
    _sync(directory)


def _release(catalogue: Path) -> None:
    """See that nobody has the catalogue open that is about to be replaced; a damaged one cannot be asked."""
    if not catalogue.exists():
        return
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(catalogue, timeout=1)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as exc:
            if "locked" in str(exc):
                raise CatalogueError(f"{catalogue} is in use: stop 'minutebook serve' first.") from exc


def _sync(place: Path) -> None:
    number = os.open(place, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
