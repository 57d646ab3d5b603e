"""Content-addressed ids: the same words always get the same id, whatever is learned about them later.

An id is the first 20 hexadecimal digits (80 bits) of a SHA-256. It depends on the words alone, with
white space folded, so it survives re-ingest, another extraction of the same page, re-embedding and a
corrected date or authority. At 360 million passages the chance of any collision is about 1 in 20 million.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

ID_LENGTH = 20


def _digest(*parts: str) -> str:
    joined = "\x1f".join(" ".join(part.split()) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]


def document_id(text: str) -> str:
    """Return the id of a document from its stored text."""
    return _digest("document", text)


def passage_ids(document: str, texts: Iterable[str]) -> list[str]:
    """Return an id for each passage of one document, in order.

    Equal passages of one document ("Noted.") are told apart by their order of occurrence.
    """
    seen: Counter[str] = Counter()
    ids = []
    for text in texts:
        folded = " ".join(text.split())
        ids.append(_digest("passage", document, folded, str(seen[folded])))
        seen[folded] += 1
    return ids


def vector_key(embedded_text: str) -> str:
    """Return the key under which the vector of exactly this text is kept."""
    return hashlib.sha256(embedded_text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
