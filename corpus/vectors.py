"""Whether a stored vector is what was stored: little-endian float32 of length 1."""

import math
import struct
import zlib

_NEAR = 1e-3  # that the length may be away from 1


def checksum(model: str, key: str, vector: bytes) -> int:
    """Return the CRC-32 of a vector and what it is stored under."""
    return zlib.crc32(vector, zlib.crc32(f"{model} {key} ".encode("utf-8", "surrogatepass")))


def fault(name: tuple[str, str], vector: bytes, crc: int | None, size: int) -> str | None:
    """Return what is wrong with a vector, or None.

    Args:
        name: the model and the key that it is stored under.
        crc: its checksum when it was stored, of the vector alone in earlier versions; None where that was not kept.
        size: the bytes that it should have.
    """
    if len(vector) != size or size % 4:
        return f"has {len(vector):,} bytes, not {size:,}"
    if crc is not None:
        return None if crc in (checksum(*name, vector), zlib.crc32(vector)) else "is not what was stored"
    values = struct.unpack(f"<{size // 4}f", vector)
    total = sum(value * value for value in values)
    if not math.isfinite(total) or abs(math.sqrt(total) - 1) > _NEAR:
        return "is not a unit vector"
    return None
