"""Generations: the indexes of one state of the catalogue, made whole beside those in use and then put in their place.

``index/g-<number>/`` holds a generation; its ``meta.json`` names every file with size and checksum, and
``index/current`` names the generation that counts and the checksum of that description. That file is replaced in one
step, after everything that it stands for is on the disk: whatever the moment of a kill, the one before or the one after
is found whole. Files that have not changed are shared by hard links. Numbers only grow; no clock is asked.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from corpus.durable import make_directory, sync
from corpus.errors import IndexDamagedError, IndexMismatchError
from index import checksums

FORMAT = 4
READ = (2, 3, FORMAT)
OLD_FORMAT = 2  # one set of files directly in index/, without checksums: searched as it is, moved by the next update
_POINTER, _META = "current", "meta.json"
_POINTS = re.compile(r"(?P<name>g-[1-9]\d{0,17}) (?P<digest>[0-9a-f]{32})\n")
_NAME = re.compile(r"g-([1-9]\d{0,17})")
_OWN = ("dense.faiss", "columns.npz", "words.tsv", "lexical")  # what an index of the old format consists of
_REBUILD = "run 'minutebook rebuild'"


@dataclass(frozen=True, slots=True)
class IndexMeta:
    """What a generation says of itself. ``files``: size and checksum of each file, by its path inside.

    See ``checksums`` for what a checksum is.
    """

    format: int
    model: str
    dimension: int
    passages: int
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation on disk. ``stamp`` is another one for every generation that ever was current."""

    directory: Path
    stamp: str
    meta: IndexMeta


def stamp(index: Path) -> str:
    """Return what tells one current generation from another; "" where there is no index."""
    try:
        return (index / _POINTER).read_text(encoding="utf-8") or "empty"
    except FileNotFoundError:
        return _old_meta(index)
    except (OSError, ValueError) as exc:
        raise IndexDamagedError(f"The index {index} cannot be read ({exc}): {_REBUILD}.") from exc


def changed(index: Path) -> float | None:
    """Return when the current generation was put in place, in seconds since 1970; None where there is no index."""
    for name in (_POINTER, _META):
        try:
            return (index / name).stat().st_mtime
        except OSError:
            continue
    return None


def exists(index: Path) -> bool:
    """Tell whether there is an index, be it damaged."""
    return (index / _POINTER).exists() or (index / _META).exists()


def _old_meta(index: Path) -> str:
    try:
        return (index / _META).read_text(encoding="utf-8", errors="replace") or "empty"
    except FileNotFoundError:
        return ""
    except OSError as exc:
        raise IndexDamagedError(f"The index {index} cannot be read ({exc}): {_REBUILD}.") from exc


def current(index: Path) -> Generation | None:
    """Return the generation that counts, or None where there is no index yet.

    Raises:
        IndexDamagedError: the pointer, or the description that it stands for, is damaged.
        IndexMismatchError: the index has a format that this version does not read.
    """
    points = stamp(index)
    if not points:
        return None
    if not (index / _POINTER).exists():
        return Generation(index, points, _parsed(index, points.encode()))
    match = _POINTS.fullmatch(points)
    if match is None:
        raise IndexDamagedError(f"The index {index / _POINTER} is damaged: {_REBUILD}.")
    directory = index / match["name"]
    try:
        content = (directory / _META).read_bytes()
    except OSError as exc:
        raise IndexDamagedError(f"The index {directory / _META} is missing or damaged: {_REBUILD}.") from exc
    if checksums.digest(content) != match["digest"]:
        _parsed(directory, content)  # that it is of another format is said first
        raise IndexDamagedError(f"The index {directory / _META} is damaged: {_REBUILD}.")
    return Generation(directory, points, _parsed(directory, content))


def _parsed(directory: Path, content: bytes) -> IndexMeta:
    try:
        values = json.loads(content)
        number = int(values["format"])
        if number not in READ:
            raise IndexMismatchError(
                f"The index has format {number}, this version of Minutebook reads format {FORMAT}: {_REBUILD}."
            )
        meta = IndexMeta(**values)
        return replace(meta, files={name: (int(size), str(digest)) for name, (size, digest) in meta.files.items()})
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise IndexDamagedError(f"The index {directory / _META} is damaged: {_REBUILD}.") from exc


# -- checking ------------------------------------------------------------------------------------------


def check_sizes(generation: Generation) -> None:
    """See that every file is there and as long as it was: what costs next to nothing at every opening.

    Raises:
        IndexDamagedError: one is not.
    """
    for name, (size, _) in generation.meta.files.items():
        file = generation.directory / name
        try:
            found = file.stat().st_size
        except OSError as exc:
            raise IndexDamagedError(f"The index {file} is missing or damaged: {_REBUILD}.") from exc
        if found != size:
            raise IndexDamagedError(
                f"The index {file} is damaged: {_REBUILD}. It has {found:,} bytes, {size:,} were written."
            )


def damaged(generation: Generation, *, by_turns: bool = False) -> list[str]:
    """Return the files that are missing or not, byte for byte, what was written; those without checksum pass.

    Args:
        by_turns: as an update looks: of the large files that are handed on as they are, each generation verifies a
            part, so that all is verified once every few updates; those that are replaced, ``commit`` verifies.
    """
    turn = int(generation.directory.name[2:]) if by_turns and generation.meta.files else None
    return checksums.damaged(generation.directory, generation.meta.files, turn)


def size(generation: Generation) -> int:
    """Return the bytes of a generation's files."""
    return sum(file.stat().st_size for file in _files(generation.directory).values())


# -- writing: under the lock of ``corpus.locking`` --------------------------------------------------------


def begin(index: Path, before: Generation | None) -> Path:
    """Return the directory of a new generation, with the files of the one before in it.

    A file there is shared with the generation before: it may be replaced, and must not be written into. What earlier
    runs left behind is deleted first.
    """
    make_directory(index)
    numbers = [int(match[1]) for entry in index.iterdir() if (match := _NAME.fullmatch(entry.name))]
    pointed = _POINTS.fullmatch(stamp(index)) if (index / _POINTER).exists() else None
    kept = pointed["name"] if pointed else ""
    for number in numbers:
        if f"g-{number}" != kept:
            with suppress(OSError):  # a reader that opens it just now makes a file in it: the next update deletes it
                shutil.rmtree(index / f"g-{number}")
    if pointed:
        _forget_old_form(index)
    new = index / f"g-{max(numbers, default=0) + 1}"
    new.mkdir()
    if before:
        for name, file in _files(before.directory).items():
            _share(file, new / name)
            if not os.path.samefile(file, new / name) and (known := before.meta.files.get(name)):
                if not checksums.matches(new / name, *known):  # a copy of damaged bytes must not get a checksum
                    raise IndexDamagedError(f"The index was damaged ({file}).")
    return new


def _forget_old_form(index: Path) -> None:
    for name in (_META, *_OWN):
        place = index / name
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def _share(file: Path, new: Path) -> None:
    """Link a file, or copy it where that cannot be done. Descriptions are written again, so they are copied."""
    new.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix != ".json":
        try:
            os.link(file, new)
            return
        except OSError:
            pass  # the file system has no links, or too many of this file
    shutil.copyfile(file, new)


def commit(index: Path, new: Path, meta: IndexMeta, before: Generation | None) -> Generation:
    """Make a generation that is whole the current one. The one before stays for those who are about to open it.

    Raises:
        IndexDamagedError: a file of the one before, that others were made of, is damaged; nothing was changed.
    """
    files = {name: _summed(name, file, before) for name, file in _files(new).items()}
    if before and (wrong := checksums.damaged_of_replaced(before.directory, before.meta.files, new)):
        raise IndexDamagedError(f"The index was damaged ({', '.join(wrong)}).")
    meta = replace(meta, format=FORMAT, files=files)
    content = json.dumps(asdict(meta)).encode()
    _write(new / _META, content)
    for directory in (new, *(entry for entry in new.rglob("*") if entry.is_dir())):
        sync(directory)
    pointer = f"{new.name} {checksums.digest(content)}\n"
    _write(index / f"{_POINTER}.new", pointer.encode())
    sync(index)  # the new directory's name is on the disk before anything points at it
    (index / f"{_POINTER}.new").replace(index / _POINTER)
    sync(index)
    return Generation(new, pointer, meta)


def _files(directory: Path) -> dict[str, Path]:
    """Return the files of a generation by their paths inside it; of an index of the old format only its own."""
    return {str(file.relative_to(directory)): file for file in sorted(_below(directory))}


def _below(directory: Path) -> Iterator[Path]:
    places = [directory] if _NAME.fullmatch(directory.name) else [directory / name for name in _OWN]
    for place in places:
        for file in [place] if place.is_file() else place.rglob("*"):
            temporary = file.suffix == ".new" or file.name.startswith(".tantivy-")
            if file.is_file() and not temporary and file != directory / _META:
                yield file


def _summed(name: str, file: Path, before: Generation | None) -> tuple[int, str]:
    """Return size and checksum, and see to it that the file is on the disk; one that is shared was summed before."""
    status = file.stat()
    known = before.meta.files.get(name) if before else None
    if before and known and known[0] == status.st_size and os.path.samefile(file, before.directory / name):
        return known
    sync(file)
    return status.st_size, checksums.of(file)


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
