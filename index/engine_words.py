"""How an engine that has BM25 of its own is told the words of passages, and asked for them.

Such an engine gets one text for each passage, a token for each of our terms that also tells the field it is of: what
counts as a word, and as the same word, is ours, whatever the engine's own analysis does. A field counts for more than
another by its tokens being asked for more often.
"""

import hashlib
import math
from collections.abc import Sequence
from functools import lru_cache

from index.analysis import terms
from index.lexical import FIELDS, Entry, LexicalQuery
from index.milvus import LONGEST

_UNITS = 40  # in which all weights of fields and words are whole numbers


def told(entry: Entry) -> str:
    """Return the text that an engine is told of a passage."""
    found = (
        _token(field, term)
        for field, text in zip(FIELDS, (entry.body, entry.heading, entry.names), strict=True)
        for term in terms(text)
    )
    text = " ".join(found)
    return text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0]


def asked(query: LexicalQuery, boosts: Sequence[float]) -> tuple[str, float] | None:
    """Return the text that an engine is asked for, and what its scores are to be multiplied by.

    None where the query cannot be put in its terms: phrases, exclusions, words that others may stand for, long ones.
    """
    if query.phrases or query.excluded or any(len(group) > 1 or " " in group[0][0] for group in query.groups):
        return None
    weighed = [
        (_token(field, term), weight * boost * _UNITS)
        for ((term, weight),) in query.groups
        for field, boost in zip(FIELDS, boosts, strict=True)
    ]
    times = [round(weight) for _, weight in weighed]
    shared = math.gcd(*times)
    if not shared or any(abs(weight - whole) > 1e-6 for (_, weight), whole in zip(weighed, times, strict=True)):
        return None
    text = " ".join(token for (token, _), whole in zip(weighed, times, strict=True) for _ in range(whole // shared))
    return (text, shared / _UNITS) if len(text) <= LONGEST else None


@lru_cache(maxsize=262_144)
def _token(field: str, term: str) -> str:
    """Return letters and digits for a term of a field, which no analysis takes apart."""
    return hashlib.blake2b(f"{field} {term}".encode(), digest_size=5).hexdigest()
