"""From files to documents in the catalogue: one pass, one transaction a document, one report.

A file that has not changed since it was read is not read again; a file that cannot be read is reported
with the reason and costs the others nothing.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from corpus.catalogue import Catalogue
from corpus.errors import EmptyDocumentError, ReadError, WorkersLostError
from corpus.model import Document, Source
from ingest import ocr, sources
from ingest.cluster import Cluster
from ingest.far_pool import FarPool
from ingest.fingerprint import of_file
from ingest.passages import TokenMeasure, passages_of
from ingest.pool import Pool
from ingest.reading import Reading
from ingest.records import marked
from ingest.sources import Candidate
from ingest.understanding import Understood, understand

MANY_AHEAD, BYTES_AHEAD = 16, 32_000_000  # files a process, and their size, that are under way at most
_WITHOUT_OCR = " without OCR"  # ends the fingerprint of what would be read better were tesseract there

Outcome = Literal["new", "updated", "unchanged", "duplicate", "unreadable"]


@dataclass
class Report:
    """What one run did. ``duplicates`` are new files whose text was already held.

    ``unreadable`` are files with the reason why; ``by_words`` are those that could be read and not understood.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    by_words: list[tuple[str, str]] = field(default_factory=list)
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
    cluster: Cluster | None = None,
) -> Report:
    """Read files and folders into the catalogue.

    Args:
        paths: files and folders; folders are read with all below them.
        measure: the tokenizer that passages must fit.
        authority: name for sources that do not name their authority.
        progress: wraps the files to show how far the run is.
        cluster: whose workers read the files; without it, processes of this machine do.

    Raises:
        SourceError: the paths or a manifest cannot be used; nothing was read.
        ClusterError: the cluster has no worker left; what was read before is kept.
    """
    began = time.perf_counter()
    found = sources.find(paths, authority)
    report = Report(other_types=found.other_types, missing=found.missing)
    with FarPool(cluster) if cluster else Pool() as pool:
        under_way = _under_way(found.candidates, catalogue, pool)
        for _, work in zip(progress(found.candidates), under_way, strict=True):
            outcome, added = _finish(work, catalogue, measure, report)
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


@dataclass(frozen=True, slots=True)
class _Work:
    """One file under way: what is held of it, and its reading to come; ``reading`` is None if it is unchanged."""

    candidate: Candidate
    known: Source | None
    fingerprint: str
    size: int
    reading: Future[Understood] | None


def _under_way(candidates: Sequence[Candidate], catalogue: Catalogue, pool: Pool | FarPool) -> Iterator[_Work]:
    """Yield the work on each file in order, while the files after it are read: few, or some more small ones.

    So the outcome does not depend on which is read first, and memory not on how many there are.
    """
    ahead: deque[_Work] = deque()
    size = 0
    for candidate in candidates:
        ahead.append(_begin(candidate, catalogue, pool))
        size += ahead[-1].size
        while len(ahead) > 2 * pool.workers and (len(ahead) > MANY_AHEAD * pool.workers or size > BYTES_AHEAD):
            size -= ahead[0].size
            yield ahead.popleft()
    yield from ahead


def _begin(candidate: Candidate, catalogue: Catalogue, pool: Pool | FarPool) -> _Work:
    """See whether a file has changed since it was read and, if so, begin to read it."""
    known = catalogue.source(str(candidate.file))
    try:
        fingerprint, size = str(of_file(candidate.file, candidate.given)), candidate.file.stat().st_size
    except (ReadError, OSError):
        return _Work(candidate, known, "", 0, pool.read(candidate))  # which says why it cannot be opened
    if known and known.path == candidate.path and known.fingerprint in _as_good_as(fingerprint):
        return _Work(candidate, known, known.fingerprint, 0, None)
    return _Work(candidate, known, fingerprint, size, pool.read(candidate))


def _as_good_as(fingerprint: str) -> set[str]:
    """Return the fingerprints of a file that need not be read again."""
    return {fingerprint} if ocr.available() else {fingerprint, fingerprint + _WITHOUT_OCR}


def _finish(work: _Work, catalogue: Catalogue, measure: TokenMeasure, report: Report) -> tuple[Outcome, int]:
    """Bring the catalogue up to date with one file; return what happened and the passages added."""
    candidate, known, fingerprint = work.candidate, work.known, work.fingerprint
    location = str(candidate.file)
    try:
        if work.reading is None:
            if known and known.problem:
                raise ReadError(known.problem)
            return "unchanged", 0
        understood = work.reading.result()
        document = _whole(understood, measure)
        if not document.passages:
            raise EmptyDocumentError("holds no words: open it to see what it is, or download it again")
    except (ReadError, WorkersLostError) as exc:
        if isinstance(exc, WorkersLostError):
            fingerprint = ""  # the machines may be at fault, so the next run tries it again
        if work.reading and fingerprint and not ocr.available():
            fingerprint += _WITHOUT_OCR
        report.unreadable.append((candidate.path, str(exc)))
        catalogue.save_problem(Source(location, candidate.path, fingerprint, None, str(exc)))
        return "unreadable", 0
    if understood.wants_ocr:
        fingerprint += _WITHOUT_OCR
    if understood.problem:
        report.by_words.append((candidate.path, understood.problem))
    before = catalogue.paths(document.document_id)
    added = catalogue.save(document, Source(location, candidate.path, fingerprint, document.document_id))
    if known and known.document_id:
        return "updated", added
    return ("duplicate" if before else "new"), added


def build(reading: Reading, candidate: Candidate, measure: TokenMeasure) -> Document:
    """Make the document of one reading: who, where, when, items, records and passages."""
    return _whole(understand(reading, candidate), measure)


def _whole(understood: Understood, measure: TokenMeasure) -> Document:
    """Cut an understood document into passages; the time this takes grows with the text and no faster."""
    document = understood.document
    passages = passages_of(document, understood.sections, measure)
    return replace(document, passages=marked(passages, document.records))
