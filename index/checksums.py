"""Checksums of the files of an index, one for each ``BLOCK`` of a file, so that a large one can be verified by turns.

A checksum stands as the hexadecimal digests of the blocks, one after the other. Versions before wrote one digest of the
whole file, however large; it is verified as it is.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

Files = Mapping[str, tuple[int, str]]  # size and checksum by the path inside a directory

BLOCK = 64_000_000
TURN = 2  # blocks that an update verifies of what it hands on, or as many bytes
_AT_ONCE = 1_000_000
_LENGTH = 32


def digest(content: bytes) -> str:
    """Return the checksum of bytes that are no more than a block."""
    return hashlib.blake2b(content, digest_size=_LENGTH // 2).hexdigest()


def of(file: Path) -> str:
    """Return the checksum of a file."""
    return "".join(_digest(file, block, BLOCK) for block in range(blocks(file.stat().st_size)))


def blocks(size: int) -> int:
    """Return of how many blocks a file of so many bytes is made; an empty one is made of one."""
    return max(1, -(-size // BLOCK))


def matches(file: Path, size: int, checksum: str, some: Iterable[int] | None = None) -> bool:
    """Tell whether a file is there and what was written, byte for byte.

    Args:
        some: the blocks to read; all of them without it. A checksum of the whole file is of the first.
    """
    try:
        if file.stat().st_size != size:
            return False
        number = len(checksum) // _LENGTH
        length = BLOCK if number == blocks(size) else size
        parts = range(number) if some is None else [block for block in some if block < number]
        return all(_digest(file, b, length) == checksum[b * _LENGTH : (b + 1) * _LENGTH] for b in parts)
    except OSError:
        return False


def damaged(directory: Path, files: Files, turn: int | None = None) -> list[str]:
    """Return the files that are missing or not what was written.

    Args:
        turn: of what is handed on from one generation to the next, to read just the part that has its turn.
    """
    chosen = {} if turn is None else _having_turn(files, turn)
    return [
        str(directory / name)
        for name, (size, checksum) in files.items()
        if not matches(directory / name, size, checksum, chosen.get(name))
    ]


def damaged_of_replaced(directory: Path, files: Files, new: Path) -> list[str]:
    """Return the damaged files of those handed on that are others in ``new``: what was damaged may have been read."""
    replaced = {
        name: kept
        for name, kept in files.items()
        if _handed_on(name) and not ((new / name).exists() and os.path.samefile(directory / name, new / name))
    }
    return damaged(directory, replaced)


def _having_turn(files: Files, turn: int) -> dict[str, list[int]]:
    """Return the blocks to read of each file that is handed on: ``TURN`` of them, more where they are small."""
    rest = [(name, block) for name, (size, _) in files.items() if _handed_on(name) for block in range(blocks(size))]
    chosen: dict[str, list[int]] = {name: [] for name, _ in rest}
    read = 0
    for place in range(len(rest)):
        name, block = rest[(turn * TURN + place) % len(rest)]
        if place >= TURN and read >= TURN * BLOCK:
            break
        chosen[name].append(block)
        read += min(BLOCK, files[name][0])
    return chosen


def _handed_on(name: str) -> bool:
    """Tell whether an update leaves most of a file's bytes as they are; others it reads whole, to make new ones."""
    return name == "dense.faiss" or name.startswith("lexical/")


def _digest(file: Path, block: int, length: int) -> str:
    total, left = hashlib.blake2b(digest_size=_LENGTH // 2), length
    with file.open("rb") as opened:
        opened.seek(block * length)
        while left and (part := opened.read(min(left, _AT_ONCE))):
            total.update(part)
            left -= len(part)
    return total.hexdigest()
