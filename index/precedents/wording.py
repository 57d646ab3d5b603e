"""Wording: how the words of two texts differ, and how much of it they have in common.

Words are compared as they are read: case, accents, typographic quotes and dashes, the punctuation around a word and
white space make no difference. What stands between the words (a dash, a bullet) goes with the word before it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Op = Literal["same", "added", "removed"]

MAX_WORDS = 2_000  # of either text that are compared one by one; what comes after is added or removed as a whole
LITTLE = 3  # letters of a word that stands in both texts by chance, where its neighbours differ
RUN = 6  # words side by side that two texts hardly share by chance

_TYPOGRAPHIC = str.maketrans(
    {"‘": "'", "’": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\xad": ""}
)
_ORDER: tuple[Op, ...] = ("same", "removed", "added")
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, slots=True)
class Change:
    """Words that two texts share, or that only one of them has.

    ``op`` is seen from the given text: "added" words stand only in the other one, "removed" words only in the given
    one; "same" words are as the other one prints them. White space is one space between words.
    """

    op: Op
    words: str


def diff(given: str, other: str) -> tuple[Change, ...]:
    """Return how to come from the given text to the other, in order: its "same" and "added" words are the other."""
    one, two = _words(given), _words(other)
    found: list[Change] = []
    for tag, low, high, start, end in _opcodes(one, two):
        if tag == "equal":
            _add(found, "same", two[start:end])
            continue
        _add(found, "removed", one[low:high])
        _add(found, "added", two[start:end])
    return tuple(found)


def share(given: str, other: str) -> float:
    """Return the share, 0 to 1, of the words of both texts that they have in common in the same order."""
    one, two = _words(given), _words(other)
    same = sum(high - low for tag, low, high, _, _ in _opcodes(one, two) if tag == "equal")
    return 2 * same / (len(one) + len(two)) if one or two else 0.0


def runs(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of ``RUN`` words of a text, to tell quickly whether two texts share any."""
    keys = [key for key, _ in _words(text)]
    return frozenset(tuple(keys[at : at + RUN]) for at in range(len(keys) - RUN + 1))


def _words(text: str) -> list[tuple[str, str]]:
    """Return the words of a text, each as it is compared and as it is printed."""
    found: list[tuple[str, str]] = []
    for printed in text.split():
        if key := _key(printed):
            found.append((key, printed))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {printed}")
        else:
            found.append(("", printed))
    return found


def _key(printed: str) -> str:
    plain = unicodedata.normalize("NFKD", printed.translate(_TYPOGRAPHIC))
    return _AROUND.sub("", "".join(sign for sign in plain if not unicodedata.combining(sign))).casefold()


def _opcodes(one: Sequence[tuple[str, str]], two: Sequence[tuple[str, str]]) -> list[tuple[str, int, int, int, int]]:
    """Return difflib's opcodes of the words; what is alike at both ends is left out of its search."""
    a, b = [key for key, _ in one], [key for key, _ in two]
    shorter = min(len(a), len(b))
    head = next((at for at in range(shorter) if a[at] != b[at]), shorter)
    tail = next((at for at in range(shorter - head) if a[-1 - at] != b[-1 - at]), shorter - head)
    low, start = len(a) - tail, len(b) - tail
    within = (a[head : min(low, head + MAX_WORDS)], b[head : min(start, head + MAX_WORDS)])
    codes = [("equal", 0, head, 0, head)] if head else []
    for tag, i, j, m, n in SequenceMatcher(None, *within).get_opcodes():
        codes.append((tag, head + i, head + j, head + m, head + n))
    codes = [("replace", *code[1:]) if _by_chance(a, code) else code for code in codes]
    codes.append(("replace", head + len(within[0]), low, head + len(within[1]), start))
    codes.append(("equal", low, len(a), start, len(b)))
    return [code for code in codes if code[1] < code[2] or code[3] < code[4]]


def _by_chance(words: Sequence[str], code: tuple[str, int, int, int, int]) -> bool:
    """Tell whether what is alike is one little word ("the") amid others that are not."""
    tag, low, high, _, _ = code
    return tag == "equal" and low > 0 and high - low == 1 and len(words[low]) <= LITTLE


def _add(found: list[Change], op: Op, words: Sequence[tuple[str, str]]) -> None:
    """Add words; between two stretches that are the same, all that is removed comes before all that is added."""
    if not words:
        return
    printed = " ".join(word for _, word in words)
    at = len(found)
    while at and (found[at - 1].op == "same") == (op == "same"):
        at -= 1
    run = [*found[at:], Change(op, printed)]
    found[at:] = [
        Change(kind, " ".join(change.words for change in run if change.op == kind))
        for kind in _ORDER
        if any(change.op == kind for change in run)
    ]
