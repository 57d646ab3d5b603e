"""Restoring: a backup put in place as a data directory, also under those who search it.

SQLite itself puts what was backed up into the files that are there, each in one transaction, as an open file must not
be replaced by another: those who have it open go on, and see the one state or the other. Only a file that is damaged,
or laid out otherwise, is replaced, when nobody has it open.
"""

import hashlib
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from corpus.backup import (
    AT_ONCE,
    BESIDE,
    CATALOGUE,
    FORMAT,
    LEFT_OUT,
    MADE_AGAIN,
    MANIFEST,
    SQLITE,
    STAGED,
    Manifest,
    Part,
)
from corpus.catalogue import RESTORING, Catalogue
from corpus.connecting import WAIT
from corpus.durable import make_directory, sync
from corpus.errors import CatalogueError, MinutebookError
from corpus.locking import FILE as LOCK
from corpus.locking import alone

_INDEX = MADE_AGAIN[0]  # stays in use until another is made


def restore(file: Path, directory: Path, *, force: bool = False) -> Manifest:
    """Put a backup in place as a data directory; the indexes are then to be made anew.

    Everything is unpacked and checked before anything that is there is touched. Should the steps after that be
    interrupted, the data directory says so and is not opened until this was run again. Those who have it open go on:
    they see the catalogue change in one step, and what the index knows of passages that it does not hold is not shown.

    Args:
        force: replace what an existing data directory holds of the same.

    Raises:
        CatalogueError: the backup is damaged or of a newer version, or the directory is not empty or in use.
    """
    if file.absolute().is_relative_to(directory.absolute()):
        raise CatalogueError(f"{file} stands in the data directory itself: move it elsewhere first.")
    try:
        make_directory(directory)
        begun = (directory / RESTORING).exists()
        if not (force or begun) and any(entry.name not in (LOCK, STAGED) for entry in directory.iterdir()):
            raise CatalogueError(f"{directory} is not empty: choose another data directory, or --force replaces it.")
        with alone(directory, "restore"):
            staged = directory / STAGED
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
        sync(entry)
    sync(staged)
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
        if path.is_absolute() or ".." in path.parts or not path.parts or path.parts[0] in LEFT_OUT:
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
    while left and (block := source.read(min(AT_ONCE, left))):
        total.update(block)
        made.write(block)
        left -= len(block)
    return total.hexdigest()


def _replace(directory: Path, staged: Path) -> None:
    """Put what was unpacked in place of what is there, the catalogue last."""
    names = sorted((entry.name for entry in staged.iterdir()), key=lambda name: name == CATALOGUE)
    replaced = [name for name in names if _is_sqlite(staged / name) and not _takes(directory / name, staged / name)]
    for name in replaced:
        _release(directory / name)
    (directory / RESTORING).write_text("Run 'minutebook restore' again.\n", encoding="utf-8")
    sync(directory)
    for name in MADE_AGAIN:
        if name != _INDEX:
            shutil.rmtree(directory / name, ignore_errors=True)
    for name in names:
        if _is_sqlite(staged / name) and name not in replaced:
            _put_in(directory / name, staged / name)
        else:
            _rename(staged / name, directory / name)
    shutil.rmtree(staged)
    sync(directory)
    (directory / RESTORING).unlink()
    sync(directory)


def _is_sqlite(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(len(SQLITE)) == SQLITE


def _takes(place: Path, fresh: Path) -> bool:
    """Tell whether what a file holds can be put into the one that is there: a sound one of the same layout."""
    if not place.exists():
        return False
    try:
        with closing(sqlite3.connect(place, timeout=WAIT)) as live, closing(sqlite3.connect(fresh)) as source:
            live.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            layouts = [
                [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "encoding")]
                for connection in (live, source)
            ]
    except sqlite3.DatabaseError:
        return False
    return layouts[0] == layouts[1]


def _put_in(place: Path, fresh: Path) -> None:
    """Make a file hold what another does, in one transaction, while others have it open."""
    try:
        with (
            closing(sqlite3.connect(place, timeout=WAIT, isolation_level=None)) as live,
            closing(sqlite3.connect(fresh)) as source,
        ):
            live.execute("PRAGMA synchronous = EXTRA")
            source.backup(live)
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as exc:
        raise CatalogueError(
            f"{place} cannot be written ({exc}): make room and run the same command again; if it is damaged, stop"
            " 'minutebook serve' first."
        ) from exc


def _rename(fresh: Path, place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    for ending in BESIDE:
        place.with_name(place.name + ending).unlink(missing_ok=True)
    fresh.replace(place)


def _release(file: Path) -> None:
    """See that nobody has a file open that is about to be replaced; a damaged one cannot be asked."""
    if not file.exists():
        return
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(file, timeout=1)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as exc:
            if "locked" in str(exc):
                raise CatalogueError(
                    f"{file} is in use, and is laid out otherwise than the backup: stop 'minutebook serve', run this "
                    "again, and start it."
                ) from exc
