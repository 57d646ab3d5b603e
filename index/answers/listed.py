"""The motions and amendments that a question asks for, by outcome or mover, and those on the matter that do not fit.

They are found by their matter, as precedents are, or where the question names none by its words; what became of each
is read from its record, and from what the minutes say behind it where the record does not tell.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corpus.filters import Filters
from corpus.model import Motion
from index import matter
from index.answers.evidence import Evidence
from index.answers.fitting import on_subject_of
from index.answers.labels import Held, label, records_of, statuses
from index.answers.recorded import passage_at, quotes_over
from index.answers.told import Fate, Told, tells_manner, told
from index.answers.wanted import Wanted, names_thing
from index.precedents.decided import Decided
from index.precedents.decided_near import REFERS, Found, Texts, apart, decided_at, decided_near
from index.search import Searcher
from ingest.sentences import units

BEHIND = 6_000  # characters behind the words of a motion within which the minutes tell what became of it
BEFORE = 900  # characters before "It was agreed to refer this motion" in which the motion stands
SHOWN, NEAR = 8, 5  # motions that fit, and that come near
LEAST = 15  # characters of a quote
SHORT = 40  # characters of a decision that says nothing of its matter
LONGEST = 500  # characters of a motion that are quoted
ROWS = 300  # passages that are looked into where a question names no matter

_NEXT_NOTICE = re.compile(
    r"\bnotices? of motion submitted\b|\bquestion submitted\b|\bI will (?:move|ask)\b", re.IGNORECASE
)
_OF_A_MOTION = re.compile(
    r"\b(?:motions?|amendments?|proposals?|propositions?|seconded|proposed|matter|item|recommendations?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """Evidence of the motions that fit a question, of those that come near, and how many more fit."""

    fits: tuple[Evidence, ...]
    near: tuple[Evidence, ...]
    more: int


@dataclass(frozen=True, slots=True)
class _Moved:
    """A motion or decision that was found, what became of it, and where the minutes say so: half-open offsets.

    ``behind`` are the words that tell of its vote and outcome.
    """

    found: Found
    fates: frozenset[Fate]
    behind: str
    said: tuple[int, int] | None


def listed(searcher: Searcher, wanted: Wanted, filters: Filters) -> Listed:
    """Return the evidence of what a question asks for, the best first; without a matter the newest first."""
    texts = Texts(searcher.catalogue)
    found = _found(searcher, wanted, filters, texts)
    held = records_of(searcher.catalogue, [one.stored.document_id for one in found])
    moved = [_read(one, texts[one.stored.document_id], held[one.stored.document_id]) for one in found]
    of_kind = [one for one in moved if _is_of_kind(one, wanted, texts[one.found.stored.document_id])]
    on_subject = on_subject_of(searcher, wanted.subject)

    fits = [one for one in of_kind if _fits(one, wanted) and _is_on(searcher, one.found, texts, on_subject)]
    near = [one for one in (of_kind if wanted.mover is None else moved) if one not in fits and _is_near(one, wanted)]

    def evidence(some: Sequence[_Moved]) -> tuple[Evidence, ...]:
        ids = [one.found.stored.document_id for one in some]
        return tuple(
            e for one, at in zip(some, ids, strict=True) for e in _evidence(searcher, one, texts[at], held[at])
        )

    return Listed(evidence(fits[:SHOWN]), evidence(near[:NEAR]), max(len(fits) - SHOWN, 0))


def _found(searcher: Searcher, wanted: Wanted, filters: Filters, texts: Texts) -> list[Found]:
    """Return motions and decisions on the matter of a question; of any matter, where it names none.

    They are on it by their meaning, or by the words of their agenda item's title and their own.
    """
    if not wanted.subject:
        words = " ".join(filter(None, (wanted.thing, wanted.fate, wanted.mover, wanted.manner)))
        found = decided_at(searcher, searcher.rank(words, filters)[:ROWS], texts)
        return sorted(found, key=lambda one: (one.stored.meeting_date or "", -one.stored.row), reverse=True)
    sought = matter.of_text(searcher, wanted.subject)
    found = decided_near(searcher, sought, matter.nearest(searcher, sought, filters, loose=True), texts)
    known = {(one.stored.document_id, one.decided.start) for one in found}
    on_subject = on_subject_of(searcher, wanted.subject)
    words = f"{wanted.thing} {wanted.subject}"
    for one in decided_at(searcher, searcher.rank(words, filters)[:ROWS], texts):
        said = f"{one.stored.item_title or ''} {_with_what_is_referred_to(searcher, one, texts)}"
        if (one.stored.document_id, one.decided.start) not in known and on_subject(said):
            found.append(one)
    return [found[group.row] for group in apart(found)]


def _read(one: Found, text: str, held: Sequence[Held]) -> _Moved:
    """Return what the record and the minutes say became of a motion or decision."""
    decided = one.decided
    if decided.kind == "decision":
        start = _with_what_it_is_of(text, decided, one.words)
        fates: set[Fate] = {tell.fate for tell in told(text, start, decided.end)}
        fates = fates & {"withdrawn", "deferred", "referred"} or {"carried"}
        return _Moved(one, frozenset(fates), one.words, None)
    last = max(decided.end, decided.outcome_at[1] if decided.outcome_at else 0, decided.vote.end if decided.vote else 0)
    behind = text[decided.end : _stop(text, decided, last, held)]
    if decided.outcome not in ("not stated", "decided"):
        outcome: Fate = decided.outcome  # type: ignore[assignment]
        return _Moved(one, frozenset({outcome}), behind, decided.outcome_at)
    tells = [tell for tell in told(text, decided.end, decided.end + len(behind)) if _of_it(text, decided, tell)]
    said = (tells[0].start, tells[0].end) if tells else None
    return _Moved(one, frozenset(tell.fate for tell in tells), behind, said)


def _with_what_it_is_of(text: str, decided: Decided, words: str) -> int:
    """Return where a decision begins; "This was agreed" begins with the sentence before it."""
    if not REFERS.search(words) or len(words) > SHORT:
        return decided.start
    before = units(text, max(decided.place.start, decided.start - LONGEST), decided.start)
    return before[-1].start if before else decided.start


def _stop(text: str, decided: Decided, last: int, held: Sequence[Held]) -> int:
    """Return where the minutes come to the next motion, at the latest ``BEHIND`` characters behind this one's end."""
    end = min(max(decided.place.end, last), last + BEHIND)
    starts = [one.record.start for one in held if isinstance(one.record, Motion)]
    own = next((one.record.end for one in held if _is_record_of(one, decided)), decided.end)
    notice = _NEXT_NOTICE.search(text, max(last, own), end)
    ends = [start for start in starts if start > max(last, own)]
    return min([end, *ends, *([notice.start()] if notice else [])])


def _is_record_of(one: Held, decided: Decided) -> bool:
    """Tell whether a record is that of the motion that stands here: the first from where its words begin."""
    return isinstance(one.record, Motion) and one.record.end > decided.start and one.record.mover == decided.mover


def _of_it(text: str, decided: Decided, tell: Told) -> bool:
    """Tell whether the sentence of an outcome speaks of a motion, and not of what was said of other matters."""
    start = max(decided.end, text.rfind(". ", decided.end, tell.start) + 1)
    stop = text.find(".", tell.end)
    return _OF_A_MOTION.search(text, start, stop if stop >= 0 else len(text)) is not None


def _is_of_kind(one: _Moved, wanted: Wanted, text: str) -> bool:
    """Tell whether what was found is the kind of thing that is asked for; a decision, where it is of a motion."""
    kind, thing = one.found.decided.kind, wanted.thing
    if kind == "decision":
        before = text[max(one.found.decided.place.start, one.found.decided.start - BEFORE) : one.found.decided.end]
        return one.found.decided.mover is not None or names_thing(before, thing or "motion")
    return thing == "proposal" or kind == thing


def _named_in(name: str, *people: str | None) -> bool:
    return any(name.casefold() in (person or "").casefold().split() for person in people)


def _is_near(one: _Moved, wanted: Wanted) -> bool:
    """Tell whether what does not fit is of the mover who is asked for, or else of the matter."""
    decided = one.found.decided
    return bool(wanted.subject) if wanted.mover is None else _named_in(wanted.mover, decided.mover, decided.seconder)


def _fits(one: _Moved, wanted: Wanted) -> bool:
    """Tell whether what became of a motion is what is asked for; what the minutes tell of two ways fits neither."""
    decided = one.found.decided
    if wanted.mover is not None:
        people = (decided.mover, decided.seconder if wanted.seconds else None)
        if not _named_in(wanted.mover, *people):
            return False
    if wanted.manner is not None and not tells_manner(one.behind, wanted.manner):
        return False
    if wanted.fate is None:
        return True
    if wanted.fate == "carried":
        return one.fates == {"carried"}
    return wanted.fate in one.fates and not (wanted.fate == "lost" and "carried" in one.fates)


def _apart(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans in order, each without what the one before it holds."""
    last = 0
    for start, end in sorted(spans):
        if end > max(start, last):
            yield max(start, last), end
            last = end


def _is_on(searcher: Searcher, one: Found, texts: Texts, on_subject: Callable[[str], bool]) -> bool:
    """Tell whether what a decision refers to is on the subject; what was found by words of its own is."""
    return not _refers(one) or on_subject(_with_what_is_referred_to(searcher, one, texts))


def _refers(one: Found) -> bool:
    """Tell whether a decision tells its matter by what stands before it: "It was agreed to refer this Motion"."""
    return one.decided.kind == "decision" and REFERS.search(one.words) is not None


def _with_what_is_referred_to(searcher: Searcher, one: Found, texts: Texts) -> str:
    text = texts[one.stored.document_id]
    return text[_opening(searcher, text, one) : one.end] if _refers(one) else one.words


def _opening(searcher: Searcher, text: str, one: Found) -> int:
    """Return where the quote of a motion begins: before "It was agreed to refer this motion", at the motion."""
    decided = one.decided
    if not _refers(one):
        return decided.start
    hit = passage_at(searcher, one.stored.document_id, decided.start)
    low = max(hit.start if hit else decided.start, decided.place.start, decided.start - BEFORE)
    notices = list(_NEXT_NOTICE.finditer(text, low, decided.start))
    if notices:
        return notices[-1].start()
    before = units(text, low, decided.start)
    return before[-2 if len(before) > 1 else -1].start if before else decided.start


def _sentence(text: str, said: tuple[int, int]) -> tuple[int, int]:
    """Return the sentence that tells what became of a motion."""
    low, high = max(0, said[0] - LONGEST), min(len(text), said[1] + LONGEST)
    return next(((unit.start, unit.end) for unit in units(text, low, high) if unit.end > said[0]), said)


def _evidence(searcher: Searcher, one: _Moved, text: str, held: Sequence[Held]) -> Iterator[Evidence]:
    """Yield the words of a motion as evidence, and those that tell what became of it where the record does not."""
    document, decided = one.found.stored.document_id, one.found.decided
    status = statuses(searcher.catalogue, [document]).get(document)
    spans = [(_opening(searcher, text, one.found), min(one.found.end, decided.start + LONGEST))]
    if not decided.outcome_at and (record := next((r.record for r in held if _is_record_of(r, decided)), None)):
        spans.append(_sentence(text, (record.start, record.end)))
    if one.said and not decided.outcome_at:
        spans.append(_sentence(text, one.said))
    for start, end in _apart(spans):
        for quote in quotes_over(searcher, document, start, end):
            if len(quote.text.strip()) < LEAST:
                continue
            says = label(quote.hit, quote.start, quote.end, quote.text, held, status)
            yield Evidence(quote, says.kind, says.outcome, says.marks, round(one.found.score, 3))
