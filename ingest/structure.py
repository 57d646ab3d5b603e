"""Agenda items, and inside an item what was recommended, what was said and what was decided.

An item comes from the format where the format shows it (a row of a ModernGov page, a heading), from the
labels of a committee-system page copied as text ("Agenda item", "Issue - meetings"), and else from
headings that carry a number of their own. Where nothing shows items, there are none: none are invented.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpus.model import AgendaItem, Kind
from ingest.reading import Mark, Reading

CUT_OFF = re.compile(r"view\s+the\s+full\s+minutes\s+text\s+for\s+item", re.IGNORECASE)
_RESTRICTED = re.compile(r"\b(?:EXEMPT|RESTRICTED|Exempt item|Restricted item|not for publication)\b")
_DEBRIS = re.compile(r"(?:\s*(?:pdf icon|PDF \d+ [KM]B|\(\d+ [KM]B\)|ref: \d+))+\s*$", re.IGNORECASE)
_ITEM_PAGE = re.compile(r"^(?:Agenda item|Eitem ar yr agenda)[ \t]*\n\s*(?P<title>\S[^\n]*)", re.MULTILINE)
_ISSUE = re.compile(
    r"(?:\A|\n)Meeting: (?P<meeting>[^\n]{0,300}?\(Item (?P<number>[\w.]{1,20})\)[^\n]*+)\n\s*(?P<title>[^\n]+)",
    re.IGNORECASE,
)
_NUMBER = r"(?:\d{1,4}(?:\.\d{1,3}){0,2}|\d{1,4}/\d{2,4}(?!/)|\d{1,4}[A-Za-z])"
_TITLE = r"(?P<title>(?:\d{1,3}[ \t]+)?[^\W\d_].*)$"
_NUMBERED = re.compile(rf"^[ \t]*(?P<number>{_NUMBER})[.)]?[ \t]+{_TITLE}", re.MULTILINE)
_NUMBER_ALONE = re.compile(rf"^[ \t]*(?P<number>{_NUMBER})[.)]?[ \t]*\n\s*{_TITLE}", re.MULTILINE)
_ITEM_LINE = re.compile(r"^[ \t]*\(Items? ([\w.]+)[^)\n]*\)[ \t]*$", re.MULTILINE)
_SMALL = frozenset("a an and as at by for from if in into is of on or the to with via y yr a'r".split())
LONGEST_HEADING = 110
DEBRIS = 300  # characters at the end of a title that may be of the links behind it
MOST_HEADINGS = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an item that is of one kind."""

    start: int
    end: int
    kind: Kind


def items_of(reading: Reading) -> tuple[AgendaItem, ...]:
    """Return the agenda items of a document in order of appearance; they do not overlap."""
    text = reading.text
    marks = [mark for mark in reading.marks if mark.number] or _labelled(text)
    if not marks:
        marks = _printed(text) or _numbered(text) or list(reading.marks)
    if not marks:
        return ()
    starts = [mark.start for mark in marks]
    return tuple(
        _item(text, mark, end) for mark, end in zip(marks, [*starts[1:], len(text)], strict=True) if mark.start < end
    )


def _item(text: str, mark: Mark, end: int) -> AgendaItem:
    body = text[mark.start : end]
    return AgendaItem(
        title=" ".join((mark.title[:-DEBRIS] + _DEBRIS.sub("", mark.title[-DEBRIS:])).split()),
        start=mark.start,
        end=end,
        number=mark.number,
        anchor=mark.anchor,
        partial=CUT_OFF.search(body) is not None,
        restricted=_RESTRICTED.search(body[:300]) is not None,
        agenda_number=mark.agenda_number if mark.agenda_number != mark.number else None,
    )


def _labelled(text: str) -> list[Mark]:
    """Items of a single-item page or an issue page of a committee system."""
    issues = [
        Mark(
            _skip_blank(text, match.start()),
            re.sub(rf"^{re.escape(match['number'])}\.?\s+", "", match["title"]),
            match["number"],
        )
        for match in _ISSUE.finditer(text)
    ]
    if issues:
        return issues
    page = _ITEM_PAGE.search(text)
    if not page or page.start() > 1500:
        return []
    number = re.search(r"\(Item (?P<number>[\w.]+)\)", text[: page.end() + 300])
    title = page["title"].strip().rstrip(":")
    return [Mark(_skip_blank(text, page.start()), title, number["number"] if number else None)]


def _skip_blank(text: str, start: int) -> int:
    while start < len(text) and text[start].isspace():
        start += 1
    return start


def _printed(text: str) -> list[Mark]:
    """Items of printed minutes: a title over one or several lines, then "(Item 3)" on a line of its own.

    The title begins after the empty line or the minute number above it.
    """
    marks = []
    for match in _ITEM_LINE.finditer(text):
        lines: list[str] = []
        start = match.start()
        while start and text[start - 1] == "\n":
            start -= 1
        number = None
        while len(lines) < 6 and start > 0:
            line_start = text.rfind("\n", 0, start) + 1
            line = text[line_start:start].strip()
            if not line:
                break
            numbered = re.match(rf"({_NUMBER})\.?(?:\s+|$)", line)
            lines.insert(0, line[numbered.end() :] if numbered else line)
            start = line_start - 1 if line_start else 0
            first = line_start
            if numbered:
                number = numbered.group(1)
                break
        title = " ".join(line for line in lines if line).strip()
        if title and len(title) <= 4 * LONGEST_HEADING:
            marks.append(Mark(first, title, number or match.group(1), agenda_number=match.group(1)))
    return marks


def _numbered(text: str) -> list[Mark]:
    """Items whose heading is a line with a number of its own and the look of a heading.

    Of the numbering schemes in use ("7", "05.18.07", "07/18") the one with the longest run is taken.
    """
    found: dict[int, Mark] = {}
    for pattern in (_NUMBERED, _NUMBER_ALONE):
        for match in pattern.finditer(text):
            number, title = match["number"], match["title"].strip()
            own_scheme = number.count(".") == 2 or "/" in number
            if _looks_like_heading(title) or (own_scheme and len(title) <= LONGEST_HEADING and title[-1] not in ".,"):
                start = _skip_blank(text, match.start())
                found.setdefault(start, Mark(start, _whole_title(text, title, match.end()), number))
    schemes: dict[str, list[Mark]] = {}
    for start in sorted(found):
        scheme = re.sub(r"\d+", "0", found[start].number or "")
        schemes.setdefault(scheme, []).append(found[start])
    runs = [_longest_run(marks[:MOST_HEADINGS]) for marks in schemes.values()]
    best = max(runs, key=len, default=[])
    return _gaps_filled(text, best) if len(best) > 1 else []


def _whole_title(text: str, title: str, end: int) -> str:
    """Return a heading with what its line leaves open, and without a sentence that follows it on the line."""
    before, colon, after = title.partition(":")
    if colon and after and not after[0].isspace() and _looks_like_heading(before):
        return before.strip()
    following = re.compile(r"\s*(?P<line>[^\n]{1,90})").match(text, end)
    left_open = title.endswith("-") or title.split()[-1].lower() in _SMALL
    if following and left_open and not re.match(r"\d", following["line"]):
        rest = following["line"].strip()
        title = f"{title}{rest}" if title.endswith("-") else f"{title} {rest}"
    return title.rstrip(":.")


def _gaps_filled(text: str, marks: list[Mark]) -> list[Mark]:
    """Add the one heading that is missing between two ("3 20 mph zone" looks like a sentence by itself)."""
    filled = marks[:1]
    for before, after in pairwise(marks):
        lead, last = re.fullmatch(r"(.*?)(\d+)\D*", before.number or "").groups()  # type: ignore[union-attr]
        missing = f"{lead}{int(last) + 1:0{len(last)}}"
        if re.fullmatch(rf"{re.escape(lead)}0*{int(last) + 2}\D*", after.number or ""):
            pattern = rf"\n[ \t]*\n[ \t]*(?P<number>{re.escape(missing)})[.)]?[ \t]+(?P<title>\S.*)"
            line = re.compile(pattern).search(text, before.start, after.start)
            if line and len(line["title"]) <= LONGEST_HEADING and not line["title"].rstrip().endswith((".", ",", ";")):
                filled.append(Mark(_skip_blank(text, line.start()), line["title"].strip().rstrip(":."), missing))
        filled.append(after)
    return filled


def _longest_run(marks: list[Mark]) -> list[Mark]:
    """Return the longest series of marks whose numbers go up, small steps preferred.

    House numbers, sums and counts at the start of a line look like headings, but not in sequence.
    """
    numbers = [[int(part) for part in re.findall(r"\d+", mark.number or "")] for mark in marks]
    best: list[tuple[float, int]] = []
    for position, number in enumerate(numbers):
        choices = [(1.0 - 0.02 * min(number[-1], 40), -1)]
        for before in range(max(0, position - 60), position):
            step = (
                number[-1] - numbers[before][-1]
                if number[:-1] == numbers[before][:-1]
                else number[0] - numbers[before][0]
            )
            if numbers[before] < number and step <= 3:
                choices.append((best[before][0] + 1.0 - 0.1 * (step - 1), before))
        best.append(max(choices))
    at = max(range(len(best)), key=lambda position: best[position][0], default=-1)
    run = []
    while at >= 0:
        run.append(marks[at])
        at = best[at][1]
    return run[::-1]


def _looks_like_heading(line: str) -> bool:
    """Tell "7 Matters Arising" from "7 residents asked about the bins."""
    if len(line) > LONGEST_HEADING or (line.endswith((".", ",", ";")) and not line.isupper()):
        return False
    if re.match(r"(?:RESOLVED|AGREED|DECIDED|NOTED|Resolved|Agreed|That)\b", line):
        return False
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", line) if word.lower() not in _SMALL]
    if not words or len(words) > 14:
        return False
    capitals = sum(word[0].isupper() for word in words)
    return capitals == len(words) or (len(words) <= 7 and line[0].isupper() and capitals >= 1 and "£" not in line)


_LEAD_NUMBER = re.compile(r"[\w./]++[.)]?\s++")
_SPACE = re.compile(r"\s++")
_BEHIND_TITLE = re.compile(r"[\s:.]*+(?:\(Items? [^)\n]*\)\s*+)?")


def body_start(text: str, item: AgendaItem) -> int:
    """Return where an item's text begins behind its own number and title."""
    lead = _LEAD_NUMBER.match(text, item.start, item.end)
    for start in (lead.end() if lead else item.start, item.start):
        end = _behind(text, item.title.split(), start, item.end)
        if end is not None and (behind := _BEHIND_TITLE.match(text, end, item.end)):
            return behind.end()
    return item.start


def _behind(text: str, words: list[str], start: int, stop: int) -> int | None:
    """Return where words end that stand at ``start`` in whatever case, or None if they do not."""
    for position, word in enumerate(words):
        if position:
            space = _SPACE.match(text, start, stop)
            if space is None:
                return None
            start = space.end()
        if start + len(word) > stop or text[start : start + len(word)].lower() != word.lower():
            return None
        start += len(word)
    return start


# -- parts of an item --------------------------------------------------------------------------------

_LABELS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"^(?:Minutes|Cofnodion):[ \t]*$", re.MULTILINE), "minutes"),
    (re.compile(r"^(?:Decisions?|Penderfyniad(?:au)?):[ \t]*$", re.MULTILINE), "decision"),
    (re.compile(r"^(?:Additional|Supporting) documents:[ \t]*$", re.MULTILINE), "agenda"),
    (re.compile(r"^Recorded Vote[ \t]*$", re.MULTILINE), "minutes"),
)
_LEAD = r"(?:\(?\d{1,3}[.)]\s*|\(\d{1,3}\)\s*|\(?[a-z][.)]\s*|[•–-]\s*)?"
_BODY = r"(?:Committee|Sub-Committee|Panel|Board|Cabinet|Council|Commission|Executive|Members|Forum|Meeting)"
_DECIDES = re.compile(
    rf"""^[ \t]*{_LEAD}(?:
        RESOLVED | AGREED | PENDERFYNWYD | CYTUNWYD | DECIDED
      | (?:Resolved|Agreed|Decision|Decided|Resolution|RESOLUTION|DECISION)\b[ \t]*(?:[:–-]|that\b|\(|$)
      | (?:It[ \t]was|IT[ \t]WAS)[ \t]+(?:therefore[ \t]+|unanimously[ \t]+|then[ \t]+)?(?:resolved|RESOLVED|AGREED)\b
      | (?:The|THE)[ \t]+(?:[\w,&'’-]+[ \t]+){{0,8}}{_BODY}[ \t]+(?:unanimously[ \t]+)?
        (?:RESOLVED | (?:agreed|resolved|decided)[ \t]*:)
    )""",
    re.VERBOSE | re.MULTILINE,
)
_LIST_LINE = re.compile(r"[ \t]*(?:\(?\d{1,3}[.)]\s|\(\d{1,3}\)|\(?[a-z][.)]\s|\(?[ivx]{1,5}[.)]\s|[•▪–-]\s)")
_OPEN_ENDED = re.compile(r"(?::|[–-]|\bthat|;|,|\band|\bor|(?:RESOLVED|AGREED|Resolved|Agreed)\.?)[ \t]*$")


def parts_of(text: str, start: int, end: int, kind: Kind) -> list[Part]:
    """Cut an item (or a document without items) into stretches of one kind; labels are left out.

    Where an item has a "Minutes:" or "Decision:" label, what stands before it is the agenda's text: what
    was recommended or announced, not what was decided.
    """
    labels = sorted(
        (match.start(), match.end(), label_kind)
        for pattern, label_kind in _LABELS
        for match in pattern.finditer(text, start, end)
    )
    first: Kind = "agenda" if labels and kind == "minutes" else kind
    bounds = [(start, first), *((label_end, label_kind) for _, label_end, label_kind in labels)]
    ends = [*(label_start for label_start, _, _ in labels), end]
    parts: list[Part] = []
    for (part_start, part_kind), part_end in zip(bounds, ends, strict=True):
        if text[part_start:part_end].strip():
            if part_kind == "minutes":
                parts.extend(_with_decisions(text, part_start, part_end))
            else:
                parts.append(Part(part_start, part_end, part_kind))
    return parts


def _with_decisions(text: str, start: int, end: int) -> Iterator[Part]:
    """Set the decisions inside a stretch of minutes apart from the discussion around them."""
    position = start
    while match := _DECIDES.search(text, position, end):
        begin = match.start()
        if text[position:begin].strip():
            yield Part(position, begin, "minutes")
        stop = _end_of_decision(text, begin, end)
        yield Part(begin, stop, "decision")
        position = stop
    if text[position:end].strip():
        yield Part(position, end, "minutes")


def _end_of_decision(text: str, start: int, end: int) -> int:
    """A decision goes on over its list, and over a break that its last line leaves open."""
    stop = _next_paragraph(text, start, _paragraph_end(text, start, end))
    numbered_before = _NUMBERED_BEFORE.match(text, start, stop) is not None
    while stop < end:
        rest = _skip_blank(text, stop)
        if rest >= end:
            break
        line_end = _paragraph_end(text, rest, end)
        is_list = _LIST_LINE.match(text, rest) is not None
        if _DECIDES.match(text, rest) or (numbered_before and _BRACKETED.match(text, rest, end)):
            break
        if not (_left_open(text, start, stop) or is_list or text[rest].islower()):
            break
        stop = line_end
    return stop


def _left_open(text: str, start: int, stop: int) -> bool:
    """Tell whether what ends at ``stop`` goes on: its last sign or word says so."""
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return _OPEN_ENDED.search(text, max(start, stop - LONGEST_OPENING), stop) is not None


_BRACKETED = re.compile(r"\(\d{1,3}\)")
_NUMBERED_BEFORE = re.compile(r"\s*+\(\d{1,3}\)")
_EMPTY_LINE = re.compile(r"\n[ \t\u00a0]*\n")
_NEW_PARAGRAPH = re.compile(r"[.;:!?][”\"']?[ \t]*\n(?=[ \t]*[A-Z0-9(“\"•-])")
_EITHER = re.compile(rf"(?P<empty>{_EMPTY_LINE.pattern})|{_NEW_PARAGRAPH.pattern}")
_OWN_NUMBER = re.compile(r"[ \t]*(?P<lead>\(?(?:\d{1,3}\.){0,5})(?P<number>\d{1,3})(?P<close>[.)]?)[ \t]")
_LABEL = re.compile(r"^[ \t]*+(?P<label>\(?(?:\d{1,3}\.){0,5}\d{1,3}[.)]?)[ \t]++(?![Tt]hat\b|[Tt]o\b)", re.MULTILINE)
LONG_PARAGRAPH = 800
NEAR = 1_500
LONGEST_OPENING = 20  # characters of the word and sign that leave a paragraph open


def _next_paragraph(text: str, start: int, end: int) -> int:
    """Return where "(8)" begins inside text[start:end] if it begins "(7)", else its end.

    PDFs have no empty line between the two. A "(8) That …" goes on with what was decided.
    """
    own = _OWN_NUMBER.match(text, start, end)
    if own is None:
        return end
    label = f"{own['lead']}{int(own['number']) + 1}{own['close']}"
    return next((line.start() for line in _LABEL.finditer(text, own.end(), end) if line["label"] == label), end)


def _paragraph_end(text: str, start: int, end: int) -> int:
    """Return where the paragraph that begins at ``start`` ends: at an empty line, or at the end.

    Some PDFs come without empty lines; there, and in a long paragraph, it ends with the first line that ends a
    sentence. Nothing is looked at far beyond the end that is found, so that many paragraphs cost no more than one.
    """
    if blank := _EMPTY_LINE.search(text, start, min(end, start + LONG_PARAGRAPH)):
        return blank.start()
    none_near = _EMPTY_LINE.search(text, max(0, start - NEAR), min(len(text), start + NEAR)) is None
    if end - start <= LONG_PARAGRAPH and not none_near:
        return end
    first = _EITHER.search(text, start, end)
    if first is None:
        return end
    return first.start() if first["empty"] else first.start() + 1
