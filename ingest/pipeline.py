"""From files to documents in the catalogue: one pass, one transaction a document, one report.

A file that has not changed since it was read is not read again; a file that cannot be read is reported
with the reason and costs the others nothing.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from corpus import ids
from corpus.catalogue import Catalogue
from corpus.errors import EmptyDocumentError, ReadError
from corpus.model import Document, Found, Source
from ingest import sources
from ingest.identity import authority_of, committee_of, date_of, kind_of
from ingest.passages import TokenMeasure, passages_of
from ingest.readers import read
from ingest.reading import Reading
from ingest.sources import Candidate
from ingest.structure import items_of

READER_VERSION = 1  # raised when reading changes, so that every file is read again

Outcome = Literal["new", "updated", "unchanged", "duplicate", "unreadable"]


@dataclass
class Report:
    """What one run did. ``duplicates`` are new files whose text was already held."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    other_types: dict[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    passages_added: int = 0
    seconds: float = 0.0


def ingest(
    paths: Sequence[Path],
    catalogue: Catalogue,
    measure: TokenMeasure,
    *,
    authority: str | None = None,
    progress: Callable[[Sequence[Candidate]], Iterable[Candidate]] = iter,
) -> Report:
    """Read files and folders into the catalogue.

    Args:
        paths: files and folders; folders are read with all below them.
        measure: the tokenizer that passages must fit.
        authority: name for sources that do not name their authority.
        progress: wraps the files to show how far the run is.

    Raises:
        SourceError: the paths or a manifest cannot be used; nothing was read.
    """
    began = time.perf_counter()
    found = sources.find(paths, authority)
    report = Report(other_types=found.other_types, missing=found.missing)
    for candidate in progress(found.candidates):
        outcome, added = _one(candidate, catalogue, measure, report)
        report.passages_added += added
        if outcome == "new":
            report.new += 1
        elif outcome == "updated":
            report.updated += 1
        elif outcome == "unchanged":
            report.unchanged += 1
        elif outcome == "duplicate":
            report.duplicates += 1
    report.seconds = time.perf_counter() - began
    return report


def _one(candidate: Candidate, catalogue: Catalogue, measure: TokenMeasure, report: Report) -> tuple[Outcome, int]:
    """Bring the catalogue up to date with one file; return what happened and the passages added."""
    location = str(candidate.file)
    known = catalogue.source(location)
    fingerprint = ""
    try:
        fingerprint = _fingerprint(candidate)
        if known and known.fingerprint == fingerprint and known.path == candidate.path:
            if known.problem:
                raise ReadError(known.problem)
            return "unchanged", 0
        document = build(read(candidate.file), candidate, measure)
        if not document.passages:
            raise EmptyDocumentError("holds no words")
    except ReadError as exc:
        report.unreadable.append((candidate.path, str(exc)))
        catalogue.save_problem(Source(location, candidate.path, fingerprint, None, str(exc)))
        return "unreadable", 0
    before = catalogue.paths(document.document_id)
    added = catalogue.save(document, Source(location, candidate.path, fingerprint, document.document_id))
    if known and known.document_id:
        return "updated", added
    return ("duplicate" if before else "new"), added


def _fingerprint(candidate: Candidate) -> str:
    digest = hashlib.sha256(f"{READER_VERSION}\x1f{candidate.given}".encode("utf-8", "surrogatepass"))
    try:
        with candidate.file.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as exc:
        raise ReadError(f"cannot be opened ({exc.strerror}): check its permissions") from exc
    return digest.hexdigest()


def build(reading: Reading, candidate: Candidate, measure: TokenMeasure) -> Document:
    """Make the document of one reading: who, where, when, items and passages."""
    given = candidate.given
    kind = kind_of(reading, given)
    authority = authority_of(reading, given)
    committee = committee_of(reading, given, authority.value)
    items = items_of(reading)
    document = Document(
        document_id=ids.document_id(reading.text),
        text=reading.text,
        title=_title(reading, candidate, committee),
        kind=kind,
        authority=authority,
        committee=committee,
        meeting_date=date_of(reading, given, kind),
        url=_url(reading, candidate),
        partial=any(item.partial for item in items),
        pages=reading.pages,
        items=items,
        notes=reading.notes,
    )
    return replace(document, passages=passages_of(document, measure))


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
