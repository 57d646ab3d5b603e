"""What a document says, made out of its text: who met, where and when, its items, its records, and where it may be cut.

This is done where the file is read, within the same bounds. Where it cannot be done, or not within the bounds, the
words that were read are still a document, which says so.
"""

from dataclasses import dataclass, replace

from corpus import ids, register
from corpus.model import UNKNOWN, Document, Found, Kind
from ingest.identity import MANIFEST_KINDS, authority_of, committee_of, date_of, kind_of
from ingest.meeting import language_of, status_of, time_of, venue_of
from ingest.passages import Section, lines_of, sections_of
from ingest.reading import Reading
from ingest.records import records_of
from ingest.sources import Candidate
from ingest.structure import items_of


@dataclass(frozen=True, slots=True)
class Understood:
    """A document but for its passages, and the sections that they are made of.

    ``problem`` says why it is known by its words only; ``wants_ocr`` that some pages could be read better by OCR.
    """

    document: Document
    sections: tuple[Section, ...]
    wants_ocr: bool = False
    problem: str | None = None


def understand(reading: Reading, candidate: Candidate) -> Understood:
    """Make out all that a reading says."""
    given = candidate.given
    kind = kind_of(reading, given)
    authority = authority_of(reading, given)
    committee = committee_of(reading, given, authority.value, kind)
    items = items_of(reading)
    document = replace(
        _document(reading, candidate, kind, authority, committee),
        meeting_date=date_of(reading, given, kind),
        time=time_of(reading),
        venue=venue_of(reading),
        status=status_of(reading),
        language=language_of(reading.text),
        partial=any(item.partial for item in items),
        items=items,
    )
    document = replace(document, records=records_of(document))
    return Understood(document, sections_of(document), reading.wants_ocr)


def by_words(reading: Reading, candidate: Candidate, reason: str) -> Understood:
    """Return the document of a reading that could not be understood: its words, and what was given beside the file."""
    given = candidate.given
    named = given.authority or given.default_authority
    known = register.by_name(named) if named else None
    problem = f"known by its words only, without items, records and date: understanding it {reason}"
    document = _document(
        reading,
        candidate,
        MANIFEST_KINDS.get((given.kind or "").strip().lower(), "report"),
        Found(known.name if known else named, "given beside the file") if named else UNKNOWN,
        Found(given.committee, "the manifest") if given.committee else UNKNOWN,
    )
    date = Found(given.date, "the manifest") if given.date else UNKNOWN
    document = replace(document, meeting_date=date, notes=(*reading.notes, problem))
    return Understood(document, lines_of(document), reading.wants_ocr, problem)


def _document(reading: Reading, candidate: Candidate, kind: Kind, authority: Found, committee: Found) -> Document:
    return Document(
        document_id=ids.document_id(reading.text),
        text=reading.text,
        title=_title(reading, candidate, committee),
        kind=kind,
        authority=authority,
        committee=committee,
        meeting_date=UNKNOWN,
        url=_url(reading, candidate),
        pages=reading.pages,
        notes=reading.notes,
    )


def _title(reading: Reading, candidate: Candidate, committee: Found) -> str:
    if reading.title:
        return reading.title[:300]
    if len(reading.marks) == 0 and committee.value:
        return committee.value
    return candidate.file.stem.replace("_", " ")


def _url(reading: Reading, candidate: Candidate) -> Found:
    if reading.url:
        return Found(reading.url, "the page's own address")
    if candidate.given.url:
        return Found(candidate.given.url, "the manifest")
    return Found(None, "not given by the source")
