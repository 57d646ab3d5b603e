"""Reading what a language model writes, while it arrives: sentences, the numbers they cite, and faults of form."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Fault = Literal["no citation", "unknown citation", "not a plain sentence", "too long"]

LONGEST = 400  # characters of a sentence
_LONGEST_LINE = 600
_END_WITHIN = 120  # characters: the stop, its citations and the beginning of the next

_CITES = r"(?:\[\s{0,2}\d{1,4}(?:\s{0,2}[,;]\s{0,2}\d{1,4}){0,9}\s{0,2}\]\s{0,4}){1,9}"  # bounded: models loop on "[1]"
_NUMBERS = re.compile(r"\[([\d\s,;]+)\]")
_BEGINS = r"""(?=["“‘'(]?[A-Z0-9£])"""
_ENDS = re.compile(rf"""[.!?]["”’')]*\s*{_CITES}{_BEGINS}|{_CITES}[.!?]["”’')]*\s+{_BEGINS}|\n""")
# A whole word in small letters, or a number, then a stop and a capital: "Cllr. Fenn" and "No. 7" are no ends.
_INNER = re.compile(
    r"""\b(?<!\.)(?!(?:incl|excl|approx|dept|para|paras)\.)(?:[a-z]{3,}|\d{2,}%?)[.!?]["”’')]*\s+(?=["“‘(]?[A-Z])"""
)
_LIST_MARK = re.compile(r"^(?:[-–•*]|\d{1,2}[.)])\s+")
_MARKUP = re.compile(r"[\[\]<>`#*|{}\\~_^]|https?:|www\.")
_NO_ANSWER = re.compile(r"^\W*(?:NO ANSWER\b|no answer\W*$)")
_DECLINES = re.compile(
    r"^(?:i['’]?m sorry|i am sorry|sorry\b|i apologi[sz]e|as an ai\b|unfortunately, i\b"
    r"|i (?:can(?:not|['’]t)|won['’]t|will not|am unable|am not able|do not|don['’]t)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence that a model wrote: its text without citations, what it cites, and what is wrong with its form."""

    text: str
    numbers: tuple[int, ...]
    fault: Fault | None

    @property
    def no_answer(self) -> bool:
        """Return whether this says that the evidence holds no answer."""
        return bool(_NO_ANSWER.match(self.text))

    @property
    def declines(self) -> bool:
        """Return whether this is the model excusing itself."""
        return not self.numbers and bool(_DECLINES.match(self.text))


def written(pieces: Iterable[str], most: int) -> Iterator[Written]:
    """Yield the sentences of a text that arrives in pieces, each as soon as it is complete.

    A sentence is complete at the end of its line, or where a stop and citations are followed by the beginning
    of another. What is left when the text breaks off with an error is not a sentence and is not yielded.

    Args:
        most: the highest number that may be cited; the lowest is 1.
    """
    for unit in _units(_without_thought(pieces)):
        yield from (_read(sentence, most) for sentence in _apart(unit) if any(c.isalpha() for c in sentence))


def _units(pieces: Iterable[str]) -> Iterator[str]:
    """Yield lines and sentences; of a line that does not end in time the rest is passed over."""
    waiting, passing_over = "", False
    for piece in pieces:
        start = max(0, len(waiting) - _END_WITHIN)
        waiting += piece
        if passing_over:
            _, found, waiting = waiting.partition("\n")
            passing_over = not found
        while end := _ENDS.search(waiting, start):
            yield waiting[: end.end()]
            waiting, start = waiting[end.end() :], 0
        if len(waiting) > _LONGEST_LINE:
            yield waiting
            waiting, passing_over = "", True
    yield waiting


def _apart(unit: str) -> list[str]:
    """Split at the sentence ends that carry no citation: each sentence answers for itself."""
    line = _LIST_MARK.sub("", " ".join(unit.split()))
    cuts = [0, *(match.end() for match in _INNER.finditer(line)), len(line)]
    return [line[start:end].strip() for start, end in pairwise(cuts)]


def _read(sentence: str, most: int) -> Written:
    cited = (int(number) for run in _NUMBERS.findall(sentence) for number in re.findall(r"\d{1,9}", run))
    numbers = tuple(dict.fromkeys(cited))
    bare = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(re.sub(_CITES, " ", sentence).split()))
    if numbers and bare[-1:] not in (".", "!", "?", "”", '"'):
        bare += "."
    return Written(bare[: LONGEST + 1], numbers, _fault(sentence, bare, numbers, most))


def _fault(sentence: str, bare: str, numbers: tuple[int, ...], most: int) -> Fault | None:
    if len(bare) > LONGEST:
        return "too long"
    if not numbers:
        return "no citation"
    if not all(1 <= number <= most for number in numbers):
        return "unknown citation"
    asks = bare.rstrip("\"”’')").endswith("?")
    if asks or sentence.startswith("[") or _MARKUP.search(bare) or not bare.isprintable():
        return "not a plain sentence"
    return None


def _without_thought(pieces: Iterable[str]) -> Iterator[str]:
    """Leave out what a reasoning model thinks aloud between <think> and </think> before it answers."""
    head, thinking = "", None
    for piece in pieces:
        if thinking is False:
            yield piece
            continue
        head += piece
        if thinking is None and not "<think>".startswith(head.lstrip()[:7]):
            thinking = False
            yield head
        elif len(head.lstrip()) >= 7:
            thinking = True
            _, found, after = head.partition("</think>")
            if found:
                thinking = False
                yield after
    if thinking is None:
        yield head
