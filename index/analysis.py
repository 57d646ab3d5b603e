"""How text becomes the terms of lexical search and highlighting: one analysis for both.

Lower case, accents folded, English stop words dropped, Snowball's English stemmer (PyStemmer, imported
here only); a few endings that it leaves apart are joined by hand (licence and licensing, bus and buses).
"""

import re
import unicodedata
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[^\W_]+")
_SAME = {
    "licenc": "licens", "buse": "bus", "resolut": "resolv", "decis": "decid", "children": "child", "men": "man",
    "women": "woman", "travell": "travel",
}  # fmt: skip
STOP_WORDS = frozenset(
    """a an and are as at be been being but by can could did do does for from had has have having he her hers him his
    how i if in into is it its me my no nor not of on or our ours she should so some such than that the their
    theirs them then there these they this those to too us was we were what when where which while who whom
    whose why will with would you your yours about any all also anyone anything council councils""".split()
)


_STEMMER = Stemmer.Stemmer("english")


@lru_cache(maxsize=262_144)
def term(word: str) -> str | None:
    """Return the term of one word, or None for a stop word."""
    lower = word.lower()
    if lower in STOP_WORDS:
        return None
    if not lower.isascii():
        lower = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    stemmed: str = _STEMMER.stemWord(lower)
    return _SAME.get(stemmed, stemmed)


def terms(text: str) -> list[str]:
    """Return the terms of a text in order, stop words left out."""
    return [found for match in _WORD.finditer(text) if (found := term(match.group()))]


def highlights(text: str, query: str) -> list[tuple[int, int]]:
    """Return the half-open offsets in ``text`` of the words that share a term with the query."""
    wanted = set(terms(query))
    return [(match.start(), match.end()) for match in _WORD.finditer(text) if term(match.group()) in wanted]
