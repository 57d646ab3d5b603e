"""Plain text: decoding bytes, and the few repairs that every format needs."""

import re

from corpus.errors import ReadError
from ingest.reading import Reading

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\u200b\u200c\u2060\ufffe\uffff\ud800-\udfff]")
_REPAIRS = str.maketrans(
    {"\uf0b7": "•", "\uf0a7": "▪", "\uf02d": "-", "\u00ad": "", "\u2028": "\n", "\u2029": "\n", "\x0c": "\n"}
    | {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"}
)


def decode(data: bytes) -> str:
    """Decode the bytes of a text file: UTF-8, UTF-16 with its mark, else Windows-1252.

    Raises:
        ReadError: the bytes are not text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.count(0) > len(data) // 1000:
        raise ReadError("is not text: it holds binary data")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def tidy(text: str) -> str:
    """Return a text with newlines unified, and control characters and broken glyphs mended.

    Words, spacing and line breaks stay as they are: this is what is stored and quoted.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_REPAIRS)
    return _CONTROL.sub("", text)


def read(text: str) -> Reading:
    """Read plain text."""
    return Reading(tidy(text).strip("\n") + "\n" if text.strip() else "")
