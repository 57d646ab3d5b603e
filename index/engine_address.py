"""Where an engine is: the setting MINUTEBOOK_ENGINE in parts."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from corpus.errors import QueryError

_PORT = 19530


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is: ``uri`` and ``token`` as pymilvus takes them, ``shown`` without the password.

    ``lite`` tells whether it is a file of milvus-lite, which indexes what it is given before it answers. ``copies``:
    how many query nodes of a cluster are to hold each vector.
    """

    uri: str
    token: str
    shown: str
    lite: bool = False
    copies: int = 1


def address(engine: str) -> Address:
    """Return the address that a setting names.

    Raises:
        QueryError: it names no engine.
    """
    try:
        parts = urlsplit(engine)
        port = parts.port or _PORT
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme == "milvus+lite" and not parts.netloc and parts.path.endswith(".db"):
        return Address(unquote(parts.path), "", engine, lite=True)
    copies = re.fullmatch(r"(?:copies=([1-9]))?", parts.query)
    if parts.scheme in ("milvus", "milvus+tls") and parts.hostname and not parts.path.strip("/") and copies:
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        token = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else ""
        scheme = "https" if parts.scheme == "milvus+tls" else "http"
        shown = f"{parts.scheme}://{host}:{port}"
        return Address(f"{scheme}://{host}:{port}", token, shown, copies=int(copies[1] or 1))
    raise QueryError(
        "MINUTEBOOK_ENGINE is not an engine: write milvus://host:port, milvus+tls://user:password@host:port (either"
        " with ?copies=2 behind it where a cluster is to hold two) or milvus+lite:///path/file.db, or leave it empty."
    )
