"""What a document records, ready to be listed: motions with outcome, decisions, interests, actions, attendance."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.model import Action, AgendaItem, Attendee, Decision, Document, Interest, Motion, Passage, Record
from webapp.language import to_translate
from webapp.shown.documents import Part

MOST = 300  # entries of one list; of a longer one those of the part that is shown
QUOTE = 300  # characters of a record's words
SORTS = {
    "motions": to_translate("Motions and amendments"),
    "decisions": to_translate("Decisions"),
    "interests": to_translate("Declarations of interest"),
    "actions": to_translate("Actions"),
    "attendance": to_translate("Attendance"),
}
OUTCOMES = {
    "carried": to_translate("Carried"),
    "lost": to_translate("Lost"),
    "withdrawn": to_translate("Withdrawn"),
    "not seconded": to_translate("Not seconded"),
}
STATUSES = {
    "present": to_translate("Present"),
    "apologies": to_translate("Apologies"),
    "in attendance": to_translate("In attendance"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record, its first words, and the number of the item (from 1) that it stands in."""

    record: Record
    words: str
    item: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Entries of one sort: those that are listed, and how many there are in the whole document."""

    entries: tuple[Entry, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An agenda item and its position in ``Document.items``."""

    position: int
    item: AgendaItem


def records_of(document: Document, part: Part) -> dict[str, Listing]:
    """Return what a document records by sort (a key of ``SORTS``); sorts without a record are left out."""
    found: dict[str, list[Entry]] = {sort: [] for sort in SORTS}
    for kept in document.records:
        words = _first_words(document.text, kept.record)
        found[_sort(kept.record)].append(Entry(kept.record, words, None if kept.item is None else kept.item + 1))
    return {
        sort: Listing(tuple(one for one in all_ if len(all_) <= MOST or part.holds(one.record.start)), len(all_))
        for sort, all_ in found.items()
        if all_
    }


def items_listed(document: Document, part: Part) -> tuple[ItemEntry, ...]:
    """Return the items that the contents list: all, or those that begin in the part where there are too many."""
    return tuple(
        ItemEntry(position, item)
        for position, item in enumerate(document.items)
        if len(document.items) <= MOST or part.holds(item.start)
    )


def by_status(entries: Sequence[Entry]) -> dict[str, list[Attendee]]:
    """Return attendees under their status, as listed."""
    found: dict[str, list[Attendee]] = {}
    for entry in entries:
        if isinstance(entry.record, Attendee):
            found.setdefault(entry.record.status, []).append(entry.record)
    return found


def motions_in(document: Document, passage: Passage) -> list[Motion]:
    """Return the motions and amendments of which a passage holds words, and whose outcome is known."""
    records = [kept.record for kept in document.records]
    moved = [one for one in records if isinstance(one, Motion) and one.outcome]
    return [one for one in moved if one.start < passage.end and passage.start < one.end]


def _sort(record: Record) -> str:
    match record:
        case Motion():
            return "motions"
        case Decision():
            return "decisions"
        case Interest():
            return "interests"
        case Action():
            return "actions"
    return "attendance"


def _first_words(text: str, record: Record) -> str:
    """Return the first words of a record, white space folded; an ellipsis stands for the rest."""
    words = " ".join(text[record.start : min(record.end, record.start + 4 * QUOTE)].split())
    if len(words) <= QUOTE and record.end - record.start <= 4 * QUOTE:
        return words
    kept = words[:QUOTE].rsplit(" ", 1)[0]
    return f"{kept} …"
