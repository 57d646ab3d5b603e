"""The text of a document as it is shown: in parts where it is long, each cut into blocks; and where its original is."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from urllib.parse import quote

from corpus.errors import QueryError
from corpus.model import AgendaItem, Attendee, Document, Motion, Page, Passage
from corpus.withdrawals import Place
from index.citation import address

PART = 100_000  # characters of a part; the last may have half as many again
_HTML = (".html", ".htm")
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")
_NOT_OF_HTML = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_FEW_WORDS = 6  # name where a passage begins and ends on a web page


def valid(html: str) -> str:
    """Return a page with a replacement character for each control character, which HTML cannot hold."""
    return _NOT_OF_HTML.sub("\ufffd", html)


# -- parts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a text that is shown: text[start:end], its number from 1, and where every part begins."""

    number: int
    start: int
    end: int
    starts: tuple[int, ...]

    def holds(self, offset: int) -> bool:
        """Tell whether what begins at an offset is shown; what begins at the text's end is, in the last part."""
        return self.start <= offset < self.end or (offset == self.end and self.number == len(self.starts))


def part_at(document: Document, offset: int) -> Part:
    """Return the part that holds an offset; parts begin at the same places whatever is asked for.

    Raises:
        QueryError: the text has no such offset.
    """
    length = len(document.text)
    if not 0 <= offset < max(length, 1):
        raise QueryError(f"'start' is {offset}: the document has {length:,} characters, counted from 0.")
    starts = _starts(document)
    number = bisect_right(starts, offset)
    return Part(number, starts[number - 1], starts[number] if number < len(starts) else length, starts)


def _starts(document: Document) -> tuple[int, ...]:
    better = sorted({*(item.start for item in document.items), *(page.start for page in document.pages)})
    good = [passage.start for passage in document.passages]
    starts = [0]
    while len(document.text) - starts[-1] > PART * 3 // 2:
        starts.append(_cut(document.text, starts[-1] + PART // 2, starts[-1] + PART, (better, good)))
    return tuple(starts)


def _cut(text: str, low: int, high: int, places: Sequence[Sequence[int]]) -> int:
    """Return where to end a part: before an item or page, else a passage, else a line or a word, else anywhere."""
    for group in places:
        position = bisect_right(group, high) - 1
        if position >= 0 and group[position] > low:
            return group[position]
    for end in ("\n\n", "\n", " "):
        found = text.rfind(end, low, high)
        if found >= 0:
            return found + len(end)
    return high


# -- blocks ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive text of a block, cited or not.

    ``anchor`` is the passage's id where the cited text begins; ``place`` an id where a record begins.
    """

    text: str
    cited: bool = False
    anchor: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or item heading: its text in runs, the white space after it, and what begins with it.

    ``item`` counts the document's items from 1; ``motions`` are those moved in it whose outcome is known;
    ``withdrawn`` says of what is blank in it when it was withdrawn, and why.
    """

    runs: tuple[Run, ...]
    after: str = ""
    pages: tuple[Page, ...] = ()
    item: int | None = None
    heading: bool = False
    motions: tuple[Motion, ...] = ()
    withdrawn: tuple[str, ...] = ()


def blocks(
    document: Document, passage: Passage | None, part: Part | None = None, blank: Sequence[Place] = ()
) -> list[Block]:
    """Cut the stored text, or a part of it, into blocks, which joined are that text to the character."""
    text, shown = document.text, part or Part(1, 0, len(document.text), (0,))
    pages: dict[int, tuple[Page, ...]] = {}
    for page in document.pages:
        if shown.holds(page.start):
            pages[page.start] = (*pages.get(page.start, ()), page)
    items = {item.start: number for number, item in enumerate(document.items, 1) if shown.holds(item.start)}
    begun = [document.items[number - 1] for number in items.values()]
    headings = {item.start: end for item in begun if (end := heading_end(text, item)) > item.start}
    ends = (match.end() for match in _PARAGRAPH_END.finditer(text, shown.start, shown.end))
    starts = {shown.start, *pages, *items, *(end for end in headings.values() if end <= shown.end), *ends}
    marks = _Marks(passage, _places(document, shown), _motions(document, shown))
    found = []
    for start, end in pairwise([*sorted(starts), shown.end]):
        words_end = start + len(text[start:end].rstrip())
        runs = _runs(text, start, (words_end, end), marks)
        heading, moved = start in headings, _moved(marks.motions, start, end)
        notices = tuple(dict.fromkeys(place.notice for place in blank if start <= max(place.start, shown.start) < end))
        found.append(Block(runs, text[words_end:end], pages.get(start, ()), items.get(start), heading, moved, notices))
    return found


def heading_end(text: str, item: AgendaItem) -> int:
    """Return where the item's printed heading ends, or its start if its first paragraph does not hold the title."""
    first = _PARAGRAPH_END.search(text, item.start, item.end)
    end = first.end() if first else item.end
    title = re.compile(r"\s+".join(re.escape(word) for word in item.title.split())).search(text, item.start, end)
    if title is None:
        return item.start
    line_end = text.find("\n", title.end(), end)
    return end if line_end < 0 or not text[line_end:end].strip() else line_end + 1


def place(offset: int) -> str:
    """Return the id of the place in the text at which a record begins."""
    return f"at-{offset}"


@dataclass(frozen=True, slots=True)
class _Marks:
    passage: Passage | None
    places: tuple[int, ...]
    motions: tuple[Motion, ...]


def _places(document: Document, part: Part) -> tuple[int, ...]:
    """Return where the records begin that are linked to: of attendance the first of each status."""
    seen: set[str] = set()
    found = set()
    for kept in document.records:
        record = kept.record
        if isinstance(record, Attendee):
            if record.status in seen:
                continue
            seen.add(record.status)
        if part.holds(record.start):
            found.add(record.start)
    return tuple(sorted(found))


def _motions(document: Document, part: Part) -> tuple[Motion, ...]:
    records = [kept.record for kept in document.records]
    found = [one for one in records if isinstance(one, Motion) and one.outcome and part.holds(one.start)]
    return tuple(sorted(found, key=_start_of))


def _moved(motions: Sequence[Motion], start: int, end: int) -> tuple[Motion, ...]:
    return tuple(motions[bisect_left(motions, start, key=_start_of) : bisect_left(motions, end, key=_start_of)])


def _start_of(motion: Motion) -> int:
    return motion.start


def _runs(text: str, start: int, ends: tuple[int, int], marks: _Marks) -> tuple[Run, ...]:
    """Cut the words of a block, text[start:ends[0]], where what is marked begins and ends."""
    end, passage = ends[0], marks.passage
    first, last = (max(start, passage.start), min(end, passage.end)) if passage else (end, end)
    first = min(first, end)
    anchored = passage.passage_id if passage and first < last and passage.start >= start else None
    begin, stop = bisect_left(marks.places, start), bisect_left(marks.places, ends[1])
    places = {min(at, end): at for at in reversed(marks.places[begin:stop])}
    cuts = sorted({start, end, *places, *((first, last) if first < last else ())})
    found = [
        Run(
            text[one:other],
            first <= one < last,
            anchored if one == first else None,
            place(places[one]) if one in places else None,
        )
        for one, other in [*pairwise(cuts), (end, end)]
    ]
    return tuple(run for run in found if run.text or run.place)


# -- the original ----------------------------------------------------------------------------------------


def original(document: Document, passage: Passage | None, page: int | None = None) -> str | None:
    """Return the source's address, at the cited page or anchor if it can be given, or at a page."""
    page = passage.page if passage else page
    item = document.items[passage.item] if passage and passage.item is not None else None
    return address(document.url.value, item.anchor if item else None, page, page is not None)


def original_at_words(document: Document, passage: Passage, paths: Sequence[str]) -> str | None:
    """Return the source's address at the cited place; on a web page without an anchor there, at the passage's words.

    The words are a text fragment (https://wicg.github.io/scroll-to-text-fragment/): a browser that knows it scrolls
    to them and marks them, another opens the page.
    """
    found = original(document, passage)
    a_page = not document.pages and any(PurePath(path).suffix.lower() in _HTML for path in paths)
    if not found or "#" in found or not a_page:
        return found
    lines = [line.split() for line in passage.text.splitlines() if line.split()]
    if not lines:
        return found
    if len(lines) == 1 and len(lines[0]) <= 2 * _FEW_WORDS:
        return f"{found}#:~:text={_in_fragment(lines[0])}"
    return f"{found}#:~:text={_in_fragment(lines[0][:_FEW_WORDS])},{_in_fragment(lines[-1][-_FEW_WORDS:])}"


def _in_fragment(words: Sequence[str]) -> str:
    return quote(" ".join(words), safe="", errors="replace").replace("-", "%2D")
