"""Files and directories that outlast a power cut: what they hold is brought to the disk, and so are their names.

A file that was written and renamed into its place may be there and empty afterwards, or not be there at all, unless
both it and the directory with its name were synchronised.
"""

import os
from pathlib import Path


def sync(place: Path) -> None:
    """See to it that a file, or the names in a directory, are on the disk."""
    number = os.open(place, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def make_directory(place: Path) -> None:
    """Make a directory, with those above it, where there is none."""
    place = place.absolute()
    missing = [directory for directory in (place, *place.parents) if not directory.exists()]
    place.mkdir(parents=True, exist_ok=True)
    for directory in missing:
        sync(directory.parent)


def write(target: Path, body: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = target.with_name(f".{target.name}.new")
    make_directory(target.parent)
    with fresh.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)
    sync(target.parent)
