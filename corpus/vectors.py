"""Whether a stored vector is what was stored: little-endian float32 of length 1."""

import math
import struct
import zlib

_NEAR = 1e-3  # that the length may be away from 1


def fault(vector: bytes, crc: int | None, size: int) -> str | None:
    """Return what is wrong with a vector, or None.

    Args:
        crc: its CRC-32 when it was stored; None where that was not kept.
        size: the bytes that it should have.
    """
    if len(vector) != size or size % 4:
        return f"has {len(vector):,} bytes, not {size:,}"
    if crc is not None:
        return None if zlib.crc32(vector) == crc else "is not what was stored"
    values = struct.unpack(f"<{size // 4}f", vector)
    total = sum(value * value for value in values)
    if not math.isfinite(total) or abs(math.sqrt(total) - 1) > _NEAR:
        return "is not a unit vector"
    return None
