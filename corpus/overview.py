"""Every authority of the register and every other that something is known of, with what is held and what is not."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from corpus.catalogue import Catalogue
from corpus.coverage import AuthorityCoverage, CommitteeCoverage, coverage
from corpus.errors import NotFoundError
from corpus.model import Authority
from corpus.register import authorities, by_code, by_name, fold
from corpus.status import AuthorityStatus, status

UNKNOWN = "unknown"  # code of the documents that name no authority


@dataclass(frozen=True, slots=True)
class Entry:
    """What is held of one authority; ``name`` is None for documents that name none.

    ``code`` is that of the register, else one made of the name. ``names`` are its names as documents and sites give
    them. ``known_meetings`` are those that sites list or minutes tell of, ``without`` those held of which there are
    no minutes, ``failed`` those that could not be asked for; the dates are those of documents. ``last_fetch`` is when
    its site was last read (ISO, UTC); ``result`` and ``reason`` are of the last attempt.
    """

    code: str
    name: str | None
    names: tuple[str | None, ...]
    register: Authority | None
    documents: int
    undated: int
    partial: int
    drafts: int
    passages: int
    known_meetings: int
    with_minutes: int
    without: int
    failed: int
    first_date: str | None
    last_date: str | None
    last_fetch: str | None
    result: str | None
    reason: str | None
    committees: tuple[CommitteeCoverage, ...]

    @property
    def gaps(self) -> int:
        """Return how many stretches are without minutes, of all committees."""
        return sum(len(committee.gaps) for committee in self.committees)

    @property
    def held(self) -> bool:
        """Tell whether any document is held."""
        return self.documents > 0


def code_of(name: str | None) -> str:
    """Return the code under which an authority is shown: the register's, else its name in small letters."""
    if name is None:
        return UNKNOWN
    known = by_name(name)
    return known.code if known else re.sub(r"[\W_]+", "-", fold(name)).strip("-") or UNKNOWN


def overview(catalogue: Catalogue, today: date) -> tuple[Entry, ...]:
    """Return every authority of the register and all others that are held or were fetched, by name.

    It is kept while the catalogue stays as it is: to count a large one takes seconds.
    """
    return _counted(catalogue, _state(catalogue), today)


def _state(catalogue: Catalogue) -> tuple[tuple[int, int], ...]:
    """Return what changes with every write: when the files of the catalogue were written, and their sizes."""
    found = []
    for file in (catalogue.file, catalogue.file.with_name(f"{catalogue.file.name}-wal")):
        with suppress(FileNotFoundError):  # the second is there only while someone writes
            found.append(file.stat())
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in found)


@lru_cache(maxsize=4)
def _counted(catalogue: Catalogue, _: tuple[tuple[int, int], ...], today: date) -> tuple[Entry, ...]:
    held = {entry.authority: entry for entry in status(catalogue).authorities}
    covered = {entry.authority: entry for entry in coverage(catalogue, today)}
    partial, drafts = _partial_and_drafts(catalogue)
    names: dict[str, list[str | None]] = {authority.code: [] for authority in authorities()}
    for name in dict.fromkeys((*held, *covered)):
        names.setdefault(code_of(name), []).append(name)
    entries = (
        _entry(code, spellings, [held[name] for name in spellings if name in held],
               [covered[name] for name in spellings if name in covered], (partial, drafts))
        for code, spellings in names.items()
    )  # fmt: skip
    return tuple(sorted(entries, key=lambda entry: (entry.name is None, fold(entry.name or ""))))


def entry_of(catalogue: Catalogue, code: str, today: date) -> Entry:
    """Return the authority of a code.

    Raises:
        NotFoundError: the register has none of it, and nothing is held.
    """
    found = next((entry for entry in overview(catalogue, today) if entry.code == code), None)
    if found is None:
        raise NotFoundError(
            f"No authority has the code {code[:60]!r}: the page of all authorities lists those of the register and "
            "those that are held."
        )
    return found


def _entry(
    code: str,
    names: Sequence[str | None],
    held: Sequence[AuthorityStatus],
    covered: Sequence[AuthorityCoverage],
    counts: tuple[Mapping[str | None, int], Mapping[str | None, int]],
) -> Entry:
    known = by_code(code)
    attempt = max(covered, key=lambda one: one.last_fetch or "", default=None)
    return Entry(
        code=code,
        name=known.name if known else next((name for name in names if name is not None), None),
        names=tuple(names),
        register=known,
        documents=sum(one.documents for one in held),
        undated=sum(one.undated for one in held),
        partial=sum(counts[0].get(name, 0) for name in names),
        drafts=sum(counts[1].get(name, 0) for name in names),
        passages=sum(one.passages for one in held),
        known_meetings=sum(one.meetings for one in covered),
        with_minutes=sum(one.with_minutes for one in covered),
        without=sum(one.without for one in covered),
        failed=sum(one.failed for one in covered),
        first_date=min((one.first_date for one in held if one.first_date), default=None),
        last_date=max((one.last_date for one in held if one.last_date), default=None),
        last_fetch=attempt.last_fetch if attempt else None,
        result=attempt.result if attempt else None,
        reason=attempt.reason if attempt else None,
        committees=tuple(committee for one in covered for committee in one.committees),
    )


def _partial_and_drafts(catalogue: Catalogue) -> tuple[dict[str | None, int], dict[str | None, int]]:
    """Return how many searchable documents of each authority are cut off, and how many are drafts."""
    partial = catalogue.connection.execute(
        "SELECT authority, COUNT(*) FROM documents WHERE current AND partial GROUP BY authority"
    )
    drafts = catalogue.connection.execute(
        "SELECT d.authority, COUNT(*) FROM documents d JOIN provenance p ON p.document_id = d.document_id"
        " AND p.field = 'status' AND p.value = 'draft' WHERE d.current GROUP BY d.authority"
    )
    return {row[0]: row[1] for row in partial}, {row[0]: row[1] for row in drafts}
