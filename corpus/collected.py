"""What a collection may show: the words of its entries, found again in the stored source."""

from collections.abc import Iterable
from dataclasses import dataclass

from corpus.catalogue import Catalogue
from corpus.reading_lists import Entry, Quoted
from corpus.withdrawals import places

GONE = "The document this passage stands in is not held any more, so its words cannot be verified or shown."
CHANGED = "The stored document does not hold these words at this place any more, so they are not shown."


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with its verified quote: document text[start:end], or None and the ``problem`` in words.

    ``held`` is true where the passage can be opened under its id; a quote may stand where a passage no longer does.
    """

    entry: Entry
    quote: str | None
    start: int | None
    end: int | None
    held: bool
    problem: str | None


def shown(catalogue: Catalogue, entries: Iterable[Entry]) -> tuple[Shown, ...]:
    """Return each entry with its words as the stored source has them now, or with why they cannot be shown."""
    return tuple(_one(catalogue, entry) for entry in entries)


def _one(catalogue: Catalogue, entry: Entry) -> Shown:
    was = entry.passage
    blank = [
        place
        for place in places(catalogue.connection, was.document_id)
        if not was.quote and place.start < was.end and was.start < place.end
    ]
    if blank:
        return Shown(entry, None, None, None, False, f"{blank[0].notice.rstrip('.')}.")
    row = catalogue.connection.execute(
        'SELECT p.start, p."end", substr(d.text, p.start + 1, p."end" - p.start)'
        " FROM passages p JOIN documents d USING (document_id) WHERE p.passage_id = ?",
        (was.passage_id,),
    ).fetchone()
    if row and _same(row[2], was):  # its place may have moved with the white space of another extraction
        return Shown(entry, row[2], row[0], row[1], True, None)
    text = catalogue.connection.execute(
        "SELECT substr(text, ?, ?) FROM documents WHERE document_id = ?",
        (was.start + 1, was.end - was.start, was.document_id),
    ).fetchone()
    if text and text[0] == was.quote:
        return Shown(entry, was.quote, was.start, was.end, row is not None, None)
    return Shown(entry, None, None, None, row is not None, CHANGED if row or text else GONE)


def _same(text: str, was: Quoted) -> bool:
    return text.split() == was.quote.split()
