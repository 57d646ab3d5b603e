"""Suggestions for misspellings, from the collection's own words ("safegaurding" -> "safeguarding").

A vocabulary is the commonest words of the collection as they stand in it, with how often each occurs. A suggestion
is made only for a word that neither the collection nor an English dictionary knows, where one much like it is
common: names, numbers, abbreviations and Welsh words are left alone. symspellpy, imported here only, measures the
likeness, and its list of 82,765 English words, British and American spellings both, is the dictionary.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from symspellpy.editdistance import DistanceAlgorithm, EditDistance

from corpus.errors import IndexDamagedError
from index.analysis import STOP_WORDS
from index.understanding.query import plain_words

MAX_FORMS = 200_000
MIN_LENGTH = 5  # of a word that may be misspelt; shorter ones are near too many others
TWO_ERRORS = 8  # letters from which two errors are thought possible
MIN_COUNT = 8  # of a word that may be suggested
MIN_COUNT_ENGLISH = 2  # the same for one that is in the dictionary
RARE = 100  # times commoner must a suggestion be than a word that does occur
_LOWER = 0.5  # share without a capital from which a word is none of a name
_LOWER_IN_TITLES = 0.03  # the same for an English word, which may stand in many titles ("Planning Committee")
_SECOND_ERROR = 0.01  # what a count is worth at two errors, against one
_LONGEST = 24
_DISTANCE = EditDistance(DistanceAlgorithm.DAMERAU_OSA)
_DICTIONARY = "frequency_dictionary_en_82_765.txt"
_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[a-z]{4,24}")
_WELSH = re.compile(
    r"^(?:ll|rh[ydeo]|ngh|mh|nh|dd|ff|gw[^aeio]|cw|cym|cyf|cyn|cyng|dy|gwy|hw|pw|wy|yng|ys)|wy[^e]|[^e]dd|"
    r"(?:iau|aeth|oedd|yn|ydd|wyr|wch|iad|edd|fa|fydd)$"
)
_WELSH_WORDS = frozenset("y yr yn ac ar gan gyda sut pwy beth pryd cyngor cymuned gymuned ysgol oes wedi".split())


@dataclass(frozen=True)
class Speller:
    """The vocabulary of a collection: its words in lower case, the commonest first.

    ``counts`` (int64) says how often each occurs, ``lower`` (int64) how often of that without a capital.
    """

    forms: list[str]
    counts: NDArray[np.int64]
    lower: NDArray[np.int64]

    @cached_property
    def rows(self) -> dict[str, int]:
        """The place of each word."""
        return {form: row for row, form in enumerate(self.forms)}

    @cached_property
    def candidates(self) -> tuple[list[str], NDArray[np.int64], NDArray[np.uint32]]:
        """The words that may be suggested: with their counts, and the set of each one's letters as bits."""
        share = self.lower / np.maximum(self.counts, 1)
        likely = np.flatnonzero((self.counts >= MIN_COUNT_ENGLISH) & (share >= _LOWER_IN_TITLES)).tolist()
        plain = (self.counts >= MIN_COUNT) & (share >= _LOWER)
        kept = [row for row in likely if _LETTERS.fullmatch(self.forms[row])]
        kept = [row for row in kept if plain[row] or self.forms[row] in _english()]
        words = [self.forms[row] for row in kept]
        return words, self.counts[kept], _letter_sets(words)

    def suggest(self, typed: str) -> str | None:
        """Return a typed query with its misspellings put right, or None where there is nothing to suggest.

        Operators and exclusions, and the case of the words, stay as they are.
        """
        text = plain_words(typed)
        words = list(_WORD.finditer(text))
        if any(match.group().lower() in _WELSH_WORDS for match in words):
            return None
        parts, position = list[str](), 0
        for i, match in enumerate(words):
            better = self._nearest(match.group().lower()) if _may_be_misspelt(text, words, i) else None
            if better:
                parts += [typed[position : match.start()], _cased(better, match.group())]
                position = match.end()
        return "".join([*parts, typed[position:]]) if parts else None

    def _nearest(self, word: str) -> str | None:
        """Return the word that was probably meant, or None where this one may be right."""
        row = self.rows.get(word)
        count = int(self.counts[row]) if row is not None else 0
        if count * RARE > int(self.counts.max(initial=0)) or (row is not None and self.lower[row] < _LOWER * count):
            return None
        if word in _english():
            return None
        candidates, counts, letters = self.candidates
        errors = 2 if len(word) >= TWO_ERRORS else 1
        differing = np.bitwise_count(letters ^ _letter_sets([word]))
        weighed = list[tuple[float, str]]()
        for place in np.flatnonzero(differing <= 2 * errors).tolist():
            near = candidates[place]
            distance = _DISTANCE.compare(word, near, errors) if _begin_alike(word, near) else -1
            if distance > 0:
                weighed.append((counts[place] * _SECOND_ERROR ** (distance - 1), near))
        weight, best = max(weighed, default=(0.0, ""))
        return best if best and weight >= count * RARE else None


def build_vocabulary(texts: Iterable[str]) -> Speller:
    """Return the commonest words of some texts.

    Memory is bounded: whenever four times ``MAX_FORMS`` words have come together the rarest half is forgotten, so
    in a very large collection the count of a rare word is at the least what is given.
    """
    counted: dict[str, list[int]] = {}
    for text in texts:
        for match in _WORD.finditer(text):
            word = match.group()
            if len(word) <= _LONGEST:
                both = counted.setdefault(word.lower(), [0, 0])
                both[0] += 1
                both[1] += word[0].islower()
        if len(counted) > 4 * MAX_FORMS:
            counted = dict(sorted(counted.items(), key=lambda pair: -pair[1][0])[: 2 * MAX_FORMS])
    best = sorted(counted.items(), key=lambda pair: (-pair[1][0], pair[0]))[:MAX_FORMS]
    numbers = np.array([both for _, both in best], dtype=np.int64).reshape(len(best), 2)
    return Speller([form for form, _ in best], numbers[:, 0], numbers[:, 1])


def write(speller: Speller, file: Path) -> None:
    """Write a vocabulary in one step: a word a line, with its two counts."""
    temporary = file.with_suffix(".new")
    rows = zip(speller.forms, speller.counts.tolist(), speller.lower.tolist(), strict=True)
    temporary.write_text("".join(f"{form}\t{count}\t{lower}\n" for form, count, lower in rows), encoding="utf-8")
    temporary.replace(file)


def read(file: Path) -> Speller:
    """Read a vocabulary.

    Raises:
        IndexDamagedError: there is none, or it is damaged.
    """
    try:
        fields = file.read_text(encoding="utf-8").split()
        forms = fields[::3]
        numbers = np.array([fields[1::3], fields[2::3]], dtype=np.int64)
        if numbers.shape != (2, len(forms)):
            raise ValueError("a line is not whole")
    except (OSError, ValueError) as exc:
        raise IndexDamagedError(f"The list of words {file} is missing or damaged: run 'minutebook rebuild'.") from exc
    return Speller(forms, numbers[0], numbers[1])


def _may_be_misspelt(text: str, words: list[re.Match[str]], i: int) -> bool:
    """Tell whether a word is one of the language: not a name, a number, an abbreviation or Welsh."""
    word = words[i].group()
    lower = word.lower()
    if len(word) < MIN_LENGTH or not _LETTERS.fullmatch(lower) or lower in STOP_WORDS:
        return False
    if _WELSH.search(lower) or re.match(r"[@/.]\w|['’](?!s\b)\w", text[words[i].end() :]):
        return False
    if word.islower():
        return True
    if word.isupper():
        return len(words) > 1 and all(match.group().isupper() for match in words)
    before = text[: words[i].start()].rstrip('\0 \t"“‘(')
    starts = not before or before.endswith((".", "?", "!"))
    next_is_capital = i + 1 < len(words) and words[i + 1].group()[0].isupper()
    return starts and word[1:].islower() and not next_is_capital


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    text = (files("symspellpy") / _DICTIONARY).read_text(encoding="utf-8-sig")
    return frozenset(line.split(" ", 1)[0] for line in text.splitlines())


def _begin_alike(word: str, candidate: str) -> bool:
    return word[0] == candidate[0] or word[:2] == candidate[1::-1]


def _letter_sets(words: list[str]) -> NDArray[np.uint32]:
    """Return for each word of the letters a to z a number whose bits say which letters it has; shape (words,)."""
    if not words:
        return np.empty(0, dtype=np.uint32)
    letters = np.array(words, dtype=f"S{_LONGEST}").view(np.uint8).reshape(len(words), _LONGEST)
    bits = np.where(letters > 0, np.uint32(1) << (letters.astype(np.uint32) - 97).clip(0, 31), np.uint32(0))
    sets: NDArray[np.uint32] = np.bitwise_or.reduce(bits, axis=1).astype(np.uint32)
    return sets


def _cased(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word
