"""The words of a motion: where in the minutes stands what was moved.

The record of a motion is where it was proposed ("Mr Gough proposed and Mr Oakford seconded"). Its words stand inside
that, after it (quoted, after "that", or after a colon), or before it, where the notice of motion was set out first.
What is returned is always one stretch of the stored text; what cannot be told is the sentence that proposes.
"""

import re

from corpus.model import Motion
from ingest.people import HONOUR, NAME
from ingest.sentences import units

Span = tuple[int, int]

LEAST = 4  # words: less is not what was moved
BARE = 14  # words: "This was proposed by Cllr. J. Davies, seconded by Cllr. D. Jones" says no more than that
LONGEST_REST = 400  # characters of a sentence behind where a record of it ends
_LEAD = r"(?:[^.!?“\"]|\b(?:Cllrs?|Mr|Mrs|Ms|Dr|No|St)\.|\.(?=\S)){0,250}?"
_QUOTED = re.compile(rf"(?P<lead>{_LEAD})(?P<words>[“\"])")
_THAT = re.compile(rf"(?P<lead>{_LEAD})\b(?P<words>(?:[Tt]hat|THAT)\b(?![\s:,]*[“\"]))")
_COLON = re.compile(rf"(?P<lead>{_LEAD}):\s+(?P<words>[^\s“\"])")
_CHANGE = re.compile(
    r"[\s,]*(?P<words>(?:the\s+)?(?:addition|insertion|deletion|removal|replacement|substitution|adoption|approval|deferral"
    r"|refusal|appointment|re-?election|election)\b)"
)
_LEADS = re.compile(r"follow|motion|amendment|resol|propos|agreed|\bthat\b", re.IGNORECASE)
_LEADS_AWAY = re.compile(
    r"\b(?:reply|replied|response|action|noted|stated|said|advised|informed|reported|queried|explained|in\s+favour)\b",
    re.I,
)
_SHORTHAND = re.compile(r"Prop(?:oser|osed(?=\s*:))?\b|.*\b2nd\b", re.IGNORECASE | re.DOTALL)  # "Prop. DD, 2nd KN"
_INTRODUCES = re.compile(r"(?::|\bthat|\b(?:motion|amendment|resolution|proposal)|\n)[\s,]*\Z", re.IGNORECASE)
_SECOND = re.compile(r"\b(?:seconded|second|2nd)\b", re.IGNORECASE)
_MOVED_THAT = re.compile(r"\b(?:moved|proposed)\b[^.“]{0,60}?\b(?P<words>that\b)")
_SECONDER = re.compile(rf"[,;]?\s*(?:and\s+|which\s+was\s+|this\s+was\s+)?(?:{NAME}(?:,?\s+{HONOUR}\b)*,?)?\s*\Z")
_NOTICE = re.compile(r"(?:\b(?:I|We)|[!|l])\s+(?:will|shall|hereby)\s+(?:move|propose)\b[^.]{0,80}?\b(?P<words>that)\b")
_SAYS = re.compile(
    r"\W*(?:\(?\w{1,3}[.)]\s+)?(?:That\b|(?:(?:This|The|That\s+this)\s+)?(?:[A-Z]\w+\s+){0,3}(?:Council|Committee|Cabinet|Meeting"
    r"|Authority)\s+(?:(?:also|further|therefore|hereby|fully)\s+)*(?:notes?|believes?|resolves?|calls?|recognises?|agrees?"
    r"|asks?|requests?|supports?|welcomes?|commits?|acknowledges?|instructs?|affirms?|regrets?|urges?)\b)"
)
_ENTRY = re.compile(r"\s*(?:[•▪●○◦‣·*–-]\s|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])")
_OPENS_LIST = re.compile(r"(?:[:;,–-]|\b(?:and|or|to|that))\Z")
_ENDED = re.compile(r"[.!?][\"”’)\]]*\Z")
_LABELLED = re.compile(r"\s*[A-Z][\w '’-]{2,40}:\s*“")
_NUMBER = re.compile(r"(?P<open>\(?)(?P<number>\d{1,3})(?P<close>[.)])[^\n.]{0,120}\Z")


def words_of(text: str, motion: Motion, low: int, high: int) -> Span:
    """Return the offsets of a motion's words.

    Args:
        low: where what may be its own begins: behind the heading and what was moved before.
        high: where it ends: what became of it, or what was moved next.
    """
    stop = max(motion.end, min(high, _next_paragraph(text, motion, low, high)))
    if _SHORTHAND.match(text, motion.start, motion.end) and not _QUOTED.match(text, motion.end, stop):
        return _before(text, low, motion.start) or _sentence(text, motion, low, max(high, motion.end))
    found = _inside(text, motion) or _after(text, motion.end, stop, high) or _before(text, low, motion.start)
    return found or _sentence(text, motion, low, max(high, motion.end))


def _inside(text: str, motion: Motion) -> Span | None:
    """Return the words in "He moved that the matter be deferred. This was seconded by …"."""
    clause = text[motion.start : motion.end]
    seconds = list(_SECOND.finditer(clause))
    clause = clause[: seconds[-1].start()] if seconds else clause
    moved = _MOVED_THAT.search(clause)
    if moved is None:
        return None
    start = motion.start + moved.start("words")
    first = units(text, start, motion.start + len(clause))
    end = first[0].end if first else start
    if end >= motion.start + len(clause.rstrip()):
        named = _SECONDER.search(text[start:end])
        end = start + named.start() if named else end
    return (start, end) if _enough(text, start, end) else None


def _after(text: str, start: int, stop: int, high: int) -> Span | None:
    """Return the words that follow the proposal: quoted, after "that", or after a colon."""
    change = _CHANGE.match(text, start, stop)
    if change:
        return _sentences(text, change.start("words"), stop)
    found = (pattern.match(text, start, stop) for pattern in (_QUOTED, _THAT, _COLON))
    matches = [match for match in found if match and not _LEADS_AWAY.search(match["lead"])]
    matches = [match for match in matches if match.re is not _COLON or _LEADS.search(match["lead"] or "that")]
    if not matches:
        return None
    first = min(matches, key=lambda match: match.start("words"))
    begin = first.start("words")
    label = _LABELLED.match(text, begin, high)
    if label:
        return _trimmed(text, begin, _quote_end(text, label.end() - 1, high))
    if first.re is not _QUOTED:
        return _sentences(text, begin, stop)
    if not _INTRODUCES.search(text[start:begin]):
        return None
    end = _quote_end(text, begin, high)
    return _trimmed(text, begin + 1, end if end < high else stop)


def _before(text: str, low: int, start: int) -> Span | None:
    """Return the words of a notice that was set out before it was proposed."""
    notices = list(_NOTICE.finditer(text, low, start))
    if notices:
        return _paragraph(text, notices[-1].start("words"), start)
    opened = [at for at in range(low, start) if text[at] == "“" and _INTRODUCES.search(text[max(low, at - 60) : at])]
    for at in reversed(opened):
        end = _quote_end(text, at, start)
        if end < start and len(text[at:end].split()) >= 2 * LEAST:
            return _trimmed(text, at + 1, end)
    said = [unit for unit in units(text, low, start) if _SAYS.match(text, unit.start, unit.end)]
    return _sentences(text, said[0].start, start) if said and said[0].end < start else None


def _sentences(text: str, start: int, stop: int) -> Span | None:
    """Return a sentence, and what goes on with it: its list, and further sentences of the "This Council notes" sort."""
    found = units(text, start, stop)
    if not found:
        return None
    end, listed = found[0].end, False
    for unit in found[1:]:
        entry = _ENTRY.match(text, unit.start, unit.end) is not None
        opens = _OPENS_LIST.search(text, max(start, end - 12), end) is not None
        goes_on = (listed or opens) if entry else not _ended(text, end)
        if not goes_on and not _SAYS.match(text, unit.start, unit.end):
            break
        end, listed = unit.end, entry or opens
    return _trimmed(text, start, end)


def _ended(text: str, end: int) -> bool:
    return _ENDED.search(text, max(0, end - 8), end) is not None


def to_its_end(text: str, span: Span, stop: int) -> Span:
    """Return a span that goes on to the end of its sentence, where a PDF's lines stand as paragraphs of their own."""
    start, end = span
    for unit in units(text, end, min(stop, end + LONGEST_REST)):
        heading = text[unit.start : unit.end].istitle() and not _ended(text, unit.end)
        if _ended(text, end) or heading:
            break
        end = unit.end
    return (start, end) if _ended(text, end) else span


def _paragraph(text: str, start: int, stop: int) -> Span | None:
    """Return what goes on from here to the end of its paragraph."""
    found = units(text, start, stop)
    last = next(
        (at for at, unit in enumerate(found) if at and unit.paragraph and _ended(text, found[at - 1].end)), len(found)
    )
    return _trimmed(text, start, found[last - 1].end) if found else None


def _sentence(text: str, motion: Motion, low: int, high: int) -> Span:
    """Return the sentence that proposes; where it says no more than that, with the one before it."""
    found = units(text, low, high)
    at = next((at for at, unit in enumerate(found) if unit.start <= motion.start < unit.end), None)
    if at is None:
        return motion.start, motion.end
    start, end = to_its_end(text, (found[at].start, max(found[at].end, motion.end)), high)
    bare = len(text[start:end].split()) <= BARE
    return (found[at - 1].start if bare and at else start), end


def _quote_end(text: str, at: int, high: int) -> int:
    """Return where the quotation that opens at ``at`` closes, labelled ones behind it taken in; else ``high``."""
    if text[at] != "“":
        closed = text.find('"', at + 1, high)
        return closed if closed >= 0 else high
    depth, position = 0, at
    for position in range(at, high):
        if text[position] == "“" and (depth == 0 or text[:position].rstrip(" \t")[-1:] != "\n"):
            depth += 1
        elif text[position] == "”":
            depth -= 1
            if depth == 0:
                block = _LABELLED.match(text, position + 1, high)
                return _quote_end(text, block.end() - 1, high) if block else position
    return high


def _next_paragraph(text: str, motion: Motion, low: int, high: int) -> int:
    """Return where the paragraph "(8)" begins, if the motion is proposed in "(7)"; else ``high``."""
    line = text.rfind("\n", low, motion.start) + 1
    own = _NUMBER.match(text[max(low, line) : motion.start].lstrip())
    if own is None:
        return high
    label = re.escape(f"{own['open']}{int(own['number']) + 1}{own['close']}")
    following = re.compile(rf"^[ \t]*{label}\s", re.MULTILINE).search(text, motion.end, high)
    return following.start() if following else high


def _enough(text: str, start: int, end: int) -> bool:
    return len(text[start:end].split()) >= LEAST


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return a span without the white space and closing quotation mark around it, if it says enough."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end = start + len(text[start:end].rstrip().rstrip('”"').rstrip())
    return (start, end) if _enough(text, start, end) else None
