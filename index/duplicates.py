"""Near-duplicates: of passages that say the same of the same meeting, one is shown and the others stand behind it.

A passage goes behind another where the other holds its words: the same text in a pack and in a file of its own,
read once from print and once by OCR, cut at another place, in a draft with a word smoothed. It never does where
it holds a figure, a name, a date, a negation or an outcome that the other lacks, or lacks one within what they
share: a lost amendment and a carried motion, or one template with two sums, are different evidence.

The words are those of one matter only as far as the meeting is the same. What different authorities wrote is
never put together, and what different meetings of one authority wrote only word for word: then the words say
nothing that differs, and each meeting stands behind the first with its own citation. A short text with a figure
("a grant of £500 was agreed") is a decision of its own at every meeting, and stays apart.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import chain
from typing import Literal

SHARED = 0.6  # of the shorter one's runs of three words: fewer are not looked at
LOST = 0.1  # of a passage's words that may be missing within the other
CUT = 0.2  # the same where it begins before or ends after the other
SHORT = 25  # words: a shorter text says too little without its heading
LONG = 40  # words: a text this long is not written twice by chance
ADDED = 12  # words of a running head, or of a draft's change, inside what two passages share
AHEAD = 50  # candidates looked at after the last shown one, for what belongs behind those shown

_WORD = re.compile(r"[^\W_]+")
_CONFUSED = (("l", "i"), ("1", "i"), ("0", "o"), ("rn", "m"))
_NUMBERING = re.compile(  # "286.", "(a)", "3.1 The"; not the figure of "500 homes"
    r"^\s*\(?(?:(?:\d{1,4}|[a-z]|[ivx]{1,4})[.)]|\d{1,3}(?:\.\d{1,2})+[.)]?(?=\s+(?-i:[A-Z“‘(])))\s+", re.IGNORECASE
)
_FREE = frozenset(
    "a an the of to in on at by that it its is was were be been has had have and which who as with".split()
)
_TELLING = frozenset(
    """no not nor none never without against lost carried defeated fell failed approved refused rejected withdrawn
    deferred granted agreed resolved declined dismissed opposed objected unanimous unanimously abstained abstentions
    amendment motion increase decrease zero one two three four five six seven eight nine ten eleven twelve twenty thirty
    forty fifty sixty seventy eighty ninety hundred thousand million half third quarter first second monday tuesday
    wednesday thursday friday saturday sunday january february march april may june july august september october
    november december""".split()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is compared of a passage.

    ``heading`` is its item's title, ``day`` the date of its meeting; None is not known. ``preference`` is larger
    for a passage that should rather be shown: compared part by part.
    """

    text: str
    heading: str
    kind: str
    document: str
    authority: str | None
    committee: str | None
    day: str | None
    preference: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Behind:
    """A passage that stands behind another; ``identical``: with the same words, whatever their print."""

    row: int
    identical: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A passage to show, with the score of the best of its group, and the others behind it, best first."""

    row: int
    score: float
    also: tuple[Behind, ...]


@dataclass(slots=True)
class _Kept:
    row: int
    score: float
    text: "_Text"
    behind: list[tuple[int, "_Text"]] = field(default_factory=list)


class _Text:
    """A candidate's words, as they are compared."""

    __slots__ = ("candidate", "joined", "runs", "step", "words")

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.words = _words(candidate.text)
        self.joined = f" {' '.join(self.words)} "
        self.runs = _runs(self.words)
        self.step = 1 if len(self.runs) < SHORT else 2  # of a longer text, every other run is enough to find it by


def collapse(
    ranked: Sequence[tuple[int, float]],
    read: Callable[[Sequence[int]], Mapping[int, Candidate]],
    wanted: int,
) -> list[Group]:
    """Return the ``wanted`` best passages that differ, each with its near-duplicates behind it.

    Args:
        ranked: (row, score) pairs, best first.
        read: gives the candidates of some rows; rows that it leaves out are passed over. It is asked for as
            many at once as are wanted, until the groups are full and ``AHEAD`` more rows were looked at.
    """
    return grouped(ranked, read, wanted)[0]


def grouped(
    ranked: Sequence[tuple[int, float]],
    read: Callable[[Sequence[int]], Mapping[int, Candidate]],
    wanted: int,
    *,
    page: int | None = None,
    by_day: bool = False,
) -> tuple[list[Group], bool]:
    """Return what ``collapse`` does, and whether there is a further passage, which would be of a further group.

    Args:
        page: the groups are shown in pages of so many, of which the last is wanted; all on one page without it. What
            would stand behind a group of an earlier page, but comes more than ``AHEAD`` after that page was full, was
            not shown there and is a group of its own: so each passage is on one page.
        by_day: the passages come in the order of their meetings' days, and the first of a group keeps its place
            before those of other days.
    """
    kept: list[_Kept] = []
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    closing: deque[tuple[int, int]] = deque()  # after how many passages the groups of a page, and before it, are closed
    first_open, further = 0, False
    for count, (row, score, candidate) in enumerate(_read(ranked, read, max(wanted, 10))):
        if closing and closing[0][0] < count:
            first_open = closing.popleft()[1]
        if first_open == wanted:
            further = True
            break
        text = _Text(candidate)
        alike = [number for number in _alike(text, kept, holders) if number >= first_open]
        place = _placed(row, text, kept, alike, by_day=by_day)
        if place is not None:
            if kept[place].text is text:
                _register(text, place, holders)
        elif len(kept) == wanted:
            further = True
        else:
            _register(text, len(kept), holders)
            kept.append(_Kept(row, score, text))
            if (wanted - len(kept)) % (page or wanted) == 0:
                closing.append((count + AHEAD, len(kept)))
    return [_group(one) for one in kept], further


def _read(
    ranked: Sequence[tuple[int, float]], read: Callable[[Sequence[int]], Mapping[int, Candidate]], size: int
) -> Iterator[tuple[int, float, Candidate]]:
    for start in range(0, len(ranked), size):
        part = ranked[start : start + size]
        found = read([row for row, _ in part])
        yield from ((row, score, found[row]) for row, score in part if row in found)


def _group(one: _Kept) -> Group:
    also = tuple(Behind(row, text.joined == one.text.joined) for row, text in one.behind)
    return Group(one.row, one.score, also)


def _placed(row: int, text: _Text, kept: Sequence[_Kept], alike: Sequence[int], *, by_day: bool) -> int | None:
    """Put a passage behind one of the kept ones that are alike, or before it in its place; return which, if any."""
    for number in alike:
        one = kept[number]
        order = _order(one.text, text, by_day=by_day)
        if order == "before":
            one.behind.insert(0, (one.row, one.text))
            one.row, one.text = row, text
        elif order == "behind":
            one.behind.append((row, text))
        if order:
            return number
    return None


def _order(kept: _Text, text: _Text, *, by_day: bool) -> Literal["before", "behind"] | None:
    """Return whether a passage goes before or behind a kept one; None where they differ."""
    fits, held = covers(kept, text), covers(text, kept)
    if by_day and kept.candidate.day != text.candidate.day:
        held = False
    if held and (not fits or text.candidate.preference > kept.candidate.preference):
        return "before"
    return "behind" if fits else None


def _register(text: _Text, number: int, holders: dict[tuple[str, ...], list[int]]) -> None:
    for run in list(text.runs)[:: text.step]:
        holders[run].append(number)


def _alike(text: _Text, kept: Sequence[_Kept], holders: Mapping[tuple[str, ...], list[int]]) -> list[int]:
    """Return the kept passages that share most runs of words with this one, best ranked first."""
    counts = Counter(chain.from_iterable(holders[run] for run in text.runs if run in holders))
    return sorted(
        number
        for number, shared in counts.items()
        if shared * kept[number].text.step >= SHARED * min(len(text.runs), len(kept[number].text.runs))
    )


def near_duplicates(one: Candidate, other: Candidate) -> bool:
    """Tell whether one of two passages would stand behind the other."""
    first, second = _Text(one), _Text(other)
    shared = len(first.runs.keys() & second.runs.keys())
    if shared < SHARED * min(len(first.runs), len(second.runs)):
        return False
    return covers(first, second) or covers(second, first)


def covers(shown: _Text, hidden: _Text) -> bool:
    """Tell whether all that one passage says, another says, and of the same."""
    one, other = shown.candidate, hidden.candidate
    same = _same_meeting(one, other)
    if _record(one) != _record(other) or not hidden.words or same == "other authority":
        return False
    if same == "same":
        if one.document == other.document and _record(other):
            return False  # the same words said of two matters, or twice
        return (len(hidden.words) >= SHORT or _same_item(one, other)) and _holds(shown, hidden)
    if len(hidden.words) >= LONG:
        return _holds(shown, hidden) if same == "unknown" else hidden.joined in shown.joined
    if shown.joined != hidden.joined or not _same_item(one, other):
        return False
    decides = _record(other) or same == "other meeting"
    return not (decides and any(character.isdigit() for character in _NUMBERING.sub("", other.text)))


def _same_item(one: Candidate, other: Candidate) -> bool:
    return one.heading == other.heading or _words(one.heading) == _words(other.heading)


def _record(candidate: Candidate) -> bool:
    """Tell the record of what was said and decided from what was recommended or reported."""
    return candidate.kind in ("minutes", "decision")


def _same_meeting(one: Candidate, other: Candidate) -> str:
    if one.document == other.document:
        return "same"
    if one.authority and other.authority and one.authority != other.authority:
        return "other authority"
    pairs = ((one.day, other.day), (one.committee, other.committee))
    if any(here and there and here != there for here, there in pairs):
        return "other meeting"
    known = one.authority and other.authority and one.day and other.day and one.committee == other.committee
    return "same" if known else "unknown"


def _holds(shown: _Text, hidden: _Text) -> bool:
    """Tell whether a passage holds the words of another, but for its cut ends and for printing."""
    if hidden.joined in shown.joined:
        return True
    here, there = hidden.words, shown.words
    missing = sum((Counter(here) - Counter(there)).values())
    if missing > (CUT + LOST) * len(here):
        return False
    paper = not _record(hidden.candidate) and hidden.candidate.document != shown.candidate.document
    telling_here, telling_there = _telling(hidden.candidate.text), _telling(shown.candidate.text)
    lost = cut = 0
    for tag, start, end, low, high in SequenceMatcher(None, here, there, autojunk=False).get_opcodes():
        if tag == "equal" or _same_print(here[start:end], there[low:high]):
            continue
        at_end = start == 0 or end == len(here)
        outside = low == high and at_end
        if any(telling_here[start:end]) and not (outside and paper):
            return False
        if outside:
            cut += end - start
        elif any(word not in _FREE for word in here[start:end]):
            return False
        lost += 0 if outside else end - start
        inside = 0 < start and end < len(here)
        if (inside or end > start) and (high - low > ADDED or any(telling_there[low:high])):
            return False
    return lost <= LOST * len(here) and cut <= CUT * len(here)


def _same_print(here: Sequence[str], there: Sequence[str]) -> bool:
    """Tell whether words differ in their printing only: broken, joined, or a letter of a long word misread."""
    one, other = "".join(here), "".join(there)
    if one == other:
        return True
    if len(here) != 1 or len(there) != 1 or one[0] != other[0] or min(len(one), len(other)) < 6:
        return False
    if not (one.isalpha() and other.isalpha()) or abs(len(one) - len(other)) > 1:
        return False
    head = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[head + 1 :] == other[head + 1 :] or one[head:] == other[head + 1 :] or one[head + 1 :] == other[head:]


def _plain(text: str) -> str:
    return _NUMBERING.sub("", text.replace("&nbsp;", " "), count=1)


def _words(text: str) -> list[str]:
    """Return the words of a text without its first number; letters and figures that OCR takes for each other agree."""
    plain = _plain(text).lower()
    for sign, other in _CONFUSED:
        plain = plain.replace(sign, other)
    return _WORD.findall(plain)


def _telling(text: str) -> list[bool]:
    """Return for each word of ``_words`` whether a difference in it is one of substance."""
    plain = _plain(text)
    found, previous = [], 0
    for match in _WORD.finditer(plain):
        word = match.group()
        before = plain[previous : match.start()]
        begins = previous == 0 or "\n\n" in before or any(sign in before for sign in ".?!•")
        name = word[0].isupper() and not begins and word.lower() not in _FREE
        found.append(name or any(character.isdigit() for character in word) or word.lower() in _TELLING)
        previous = match.end()
    return found


def _runs(words: Sequence[str]) -> dict[tuple[str, ...], None]:
    """Return the runs of three words in their order, each once."""
    if len(words) < 3:
        return {tuple(words): None}
    return dict.fromkeys(zip(words, words[1:], words[2:], strict=False))
