"""How well a page's text layer came out, by measure: which reading of a page is the better one, and lost letters.

The measures are for English and Welsh; words of other scripts count as words, whatever their letters.
"""

import re
from collections.abc import Sequence

ENOUGH = 100  # letters and digits; a page with fewer may be a scan with a stamp, or a short last page
_FEW_WORDS = 20  # under so many words nothing is said about the words
_MANY_ALONE = 20  # words alone on their lines: fewer may be a list of names
_LONGEST = 24  # letters: longer words are several whose spaces were dropped
_GLYPH_NAME = re.compile(r"/(?:glyph|gid|cid|uni|index)[^\sA-Za-z]{0,4}\d{1,5}|\(cid:\d+\)")
_BAD = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_MENDED_LATER = str.maketrans("", "", "\uf0b7\uf0a7\uf02d\x02\ufffe")
_WORD = re.compile(r"[^\W\d_]+")
_NOT_A_WORD = re.compile(r"[a-z][A-Z]|[bcdfghjklmnpqrstvxz]{6}|(?i:(.)\1\1\1)")
_COMMON = frozenset(
    "the and of to in a is was that for on be by with at as it are were this from not have has had an or will been"
    " which y yr yn ar am ei eu bod wedi gan gyda oedd mae cyngor na ni".split()
)
_LATIN_VOWEL = re.compile("[aeiouyw\u00c0-\u024f]", re.IGNORECASE)


def amount(text: str) -> int:
    """Return how many letters and digits a text holds."""
    return sum(character.isalnum() for character in text)


def worth(text: str) -> int:
    """Return the letters that stand in likely words, common ones twice, less those in others.

    Of two readings of the same page, the better one has more.
    """
    text = text.translate(_MENDED_LATER)
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    good = sum(len(word) * (1 + (word.lower() in _COMMON)) for word in words if _likely(word))
    bad = sum(len(word) for word in words if not _likely(word))
    return good - bad - 20 * _oddities(text)


def poor(text: str) -> str | None:
    """Return what is wrong with the text of a page that holds enough of it, or None where it reads well."""
    text = text.translate(_MENDED_LATER)
    if _GLYPH_NAME.search(text):
        return "glyph names"
    if _oddities(text) > max(3, len(text) // 100):
        return "unknown signs"
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    if letters < ENOUGH:
        return None
    if sum(len(word) for word in words if len(word) > _LONGEST and word.isascii()) > letters / 5:
        return "spaces dropped"
    if sum(len(word) == 1 for word in words) > 0.3 * letters:
        return "letters apart"
    return "no likely words" if _unlikely(words) else None


def apart(text: str) -> str | None:
    """Return what is wrong with a page most of whose lines hold a single word: each was set by itself, or is a cell."""
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    alone = sum(" " not in line for line in lines)
    return "words apart" if alone >= _MANY_ALONE and alone > len(lines) / 2 else None


def _unlikely(words: Sequence[str]) -> bool:
    """Say whether most of the words cannot be, or there are many and next to none is among the commonest."""
    long = [word for word in words if len(word) > 2]
    if len(long) < _FEW_WORDS:
        return False
    common = sum(word.lower() in _COMMON for word in words)
    return sum(map(_likely, long)) < len(long) / 2 or (len(long) > 3 * _FEW_WORDS and common < len(words) / 100)


def _likely(word: str) -> bool:
    """Say whether a run of letters has the build of a word: a vowel, no wild capitals, no endless consonants."""
    if not word[0].isascii() and not _LATIN_VOWEL.match(word):
        return True  # another script
    return len(word) <= _LONGEST and bool(_LATIN_VOWEL.search(word)) and not _NOT_A_WORD.search(word[1:])


def _oddities(text: str) -> int:
    return len(_BAD.findall(text)) + len(_GLYPH_NAME.findall(text))


# -- letters lost from a font ----------------------------------------------------------------------------

_IN_CAPITALS = re.compile(r"(?<![\w/])(?=[A-Z/]*[A-Z]{2})[A-Z]+/[A-Z]+(?![\w/])")  # PRESE/T, and AND/OR
_AT_START = re.compile(r"(?<![^\s(“\"'])/[a-z]{2,}(?![\w/])")  # /ext, /orman
_INITIALS = re.compile(r"(?<!\S)(?:/[A-Z]|[A-Z]/)(?!\S)")  # /R and D/
_N_WORDS = frozenset(
    "present council november january june minutes meeting attendance finance planning mention union declarations"
    " apologies convener motion action income north norman norma neil nick nigel nora noted note notes notice noticed"
    " nominated nomination nominations neighbour neighbours neighbourhood news newsletter next need needs needed never"
    " national nature near nearby night name names named number numbers nothing".split()
)


def mend_slashes(texts: Sequence[str]) -> tuple[list[str], str | None]:
    """Put back N where a font's text layer gives "/" for it ("PRESE/T", "/ext"), and say so.

    It is done where at least two different words of the document show it; one alone is only named.
    """
    whole = "\n".join(texts)
    known = _N_WORDS | {word.lower() for word in _WORD.findall(whole) if len(word) > 3}
    found = {match for pattern in (_IN_CAPITALS, _AT_START) for match in pattern.findall(whole)}
    shown = sorted(word for word in found if word.replace("/", "N").lower() in known)
    if not shown:
        return list(texts), None
    if len(shown) == 1:
        return list(texts), f"a letter may be lost from the text layer: {shown[0]!r}"
    count = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal count
        word = match[0].replace("/", "N")
        if match.re is _IN_CAPITALS and word.lower() not in known:
            return match[0]
        count += 1
        return word

    mended = [_INITIALS.sub(mend, _AT_START.sub(mend, _IN_CAPITALS.sub(mend, text))) for text in texts]
    return mended, f"'/' read as N in {count} places, as in {shown[0]!r}: the file's text layer has lost that letter"
