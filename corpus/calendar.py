"""The meetings of one authority: those that a site lists, and those that a document tells of, as one list.

A meeting is one by its committee and date. What documents there are stands beside each, so that a reader sees what is
held of it and what is not. Documents without a date stand together, for each committee, under no date.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from corpus.catalogue import Catalogue
from corpus.coverage import WITH_MINUTES, Meeting, Minutes, Status, prepared
from corpus.register import fold

_RECORDS = ("minutes", "decision")
_BY_KIND = "CASE d.kind WHEN 'minutes' THEN 0 WHEN 'decision' THEN 1 WHEN 'report' THEN 2 ELSE 3 END"


@dataclass(frozen=True, slots=True)
class Held:
    """A document of a meeting. ``partial`` is true where it is cut off."""

    document_id: str
    title: str
    kind: str
    partial: bool
    url: str | None


@dataclass(frozen=True, slots=True)
class KnownMeeting:
    """A meeting, whether or not anything is held of it; ``meeting_date`` is ISO, None for documents without one.

    ``minutes`` says what is held or, where there are no ``documents``, what the site lists; "failed": they could not
    be had, and ``problem`` says why. ``checked`` is when the site was last asked (ISO, UTC), ``url`` the meeting there.
    """

    authority: str | None
    committee: str | None
    meeting_date: str | None
    status: Status
    minutes: Minutes
    url: str | None = None
    checked: str | None = None
    problem: str | None = None
    documents: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitteeMeetings:
    """The meetings of one committee, counted. ``without`` were held and have no minutes here, ``undated`` documents."""

    committee: str | None
    meetings: int
    with_minutes: int
    without: int
    upcoming: int
    documents: int
    undated: int
    first_date: str | None
    last_date: str | None


@dataclass(frozen=True, slots=True)
class _Document:
    committee: str | None
    meeting_date: str | None
    status: str | None
    held: Held


def meetings_of(catalogue: Catalogue, names: Sequence[str | None], today: date) -> tuple[KnownMeeting, ...]:
    """Return the meetings of an authority, the latest first, documents without a date last.

    Args:
        names: as documents and sites give it; None for documents that name no authority.
    """
    found: dict[tuple[str, str | None], list[KnownMeeting]] = {}
    for meeting in (one for name in names for one in _listed(catalogue, name)):
        found.setdefault((fold(meeting.committee or ""), meeting.meeting_date), []).append(_known(meeting, today))
    for key, name, documents in _held(catalogue, names):
        known = found.setdefault(key, [])
        if known:
            known[0] = _with_documents(known[0], documents)
        else:
            bare = KnownMeeting(name, documents[0].committee, key[1], _status(key[1], today), "none")
            known.append(_with_documents(bare, documents))
    ordered = sorted((one for known in found.values() for one in known), key=lambda one: one.committee or "\uffff")
    return tuple(sorted(ordered, key=lambda one: one.meeting_date or "", reverse=True))


def of_committee(meetings: Iterable[KnownMeeting], committee: str | None) -> tuple[KnownMeeting, ...]:
    """Return the meetings of a committee, whatever the spelling of its name; None for those that name none."""
    wanted = fold(committee or "")
    return tuple(meeting for meeting in meetings if fold(meeting.committee or "") == wanted)


def committees(meetings: Iterable[KnownMeeting]) -> tuple[CommitteeMeetings, ...]:
    """Count the meetings of each committee, by name, that of no name last."""
    by_name: dict[str, list[KnownMeeting]] = {}
    for meeting in meetings:
        by_name.setdefault(fold(meeting.committee or ""), []).append(meeting)
    counted = [_counted(of_it) for of_it in by_name.values()]
    return tuple(sorted(counted, key=lambda one: (one.committee is None, fold(one.committee or ""))))


def upcoming(catalogue: Catalogue, today: date) -> tuple[KnownMeeting, ...]:
    """Return the meetings of all authorities from a day on, the next first, those called off too."""
    names = {
        row[0]
        for row in catalogue.connection.execute(
            "SELECT DISTINCT authority FROM documents WHERE current AND meeting_date >= ?", (today.isoformat(),)
        )
    }
    if prepared(catalogue):
        rows = catalogue.connection.execute(
            "SELECT DISTINCT COALESCE(authority, host) FROM meetings WHERE meeting_date >= ?", (today.isoformat(),)
        )
        names |= {row[0] for row in rows}
    known = [meeting for name in names for meeting in meetings_of(catalogue, [name], today)]
    to_come = [one for one in known if one.meeting_date and one.meeting_date >= today.isoformat()]
    return tuple(sorted(to_come, key=lambda one: (one.meeting_date or "", one.authority or "", one.committee or "")))


def _listed(catalogue: Catalogue, name: str | None) -> Iterator[Meeting]:
    if name is None or not prepared(catalogue):
        return iter(())
    rows = catalogue.connection.execute(
        "SELECT * FROM meetings WHERE authority = ? OR (authority IS NULL AND host = ?) ORDER BY host, meeting_id",
        (name, name),
    )
    return (Meeting(*row) for row in rows)


def _known(meeting: Meeting, today: date) -> KnownMeeting:
    return KnownMeeting(
        authority=meeting.authority or meeting.host,
        committee=meeting.committee,
        meeting_date=meeting.meeting_date,
        status=meeting.status if meeting.status == "cancelled" else _status(meeting.meeting_date, today),
        minutes=meeting.minutes,
        url=meeting.url or None,
        checked=meeting.checked or None,
        problem=meeting.problem,
    )


def _status(meeting_date: str | None, today: date) -> Status:
    return "future" if meeting_date and meeting_date > today.isoformat() else "held"


def _held(
    catalogue: Catalogue, names: Sequence[str | None]
) -> Iterator[tuple[tuple[str, str | None], str | None, list[_Document]]]:
    """Yield committee (folded) and date, the authority's name, and the documents, minutes first."""
    for name in names:
        rows = catalogue.connection.execute(
            "SELECT d.committee, d.meeting_date, p.value, d.document_id, d.title, d.kind, d.partial, d.url"
            " FROM documents d LEFT JOIN provenance p ON p.document_id = d.document_id AND p.field = 'status'"
            f" WHERE d.current AND d.authority IS ? ORDER BY {_BY_KIND}, d.title, d.document_id",
            (name,),
        )
        together: dict[tuple[str, str | None], list[_Document]] = {}
        for committee, day, status, document_id, title, kind, partial, url in rows:
            document = _Document(committee, day, status, Held(document_id, title, kind, bool(partial), url))
            together.setdefault((fold(committee or ""), day), []).append(document)
        for key, documents in together.items():
            yield key, name, documents


def _with_documents(known: KnownMeeting, documents: Sequence[_Document]) -> KnownMeeting:
    """Return a meeting with documents, which say what is held of its minutes where the site's list does not."""
    held = (*known.documents, *(document.held for document in documents))
    records = [document for document in documents if document.held.kind in _RECORDS]
    if not records or known.minutes in WITH_MINUTES:
        return replace(known, documents=held)
    if all(document.status == "cancelled" for document in records):
        return replace(known, documents=held, status="cancelled")
    there = [document for document in records if document.status != "cancelled"]
    whole = [document for document in there if not document.held.partial]
    minutes: Minutes = "partial"
    if whole:
        minutes = "draft" if all(document.status == "draft" for document in whole) else "final"
    return replace(known, documents=held, minutes=minutes, status="held", problem=None)


def _counted(meetings: Sequence[KnownMeeting]) -> CommitteeMeetings:
    dates = sorted(one.meeting_date for one in meetings if one.meeting_date)
    dated = [one for one in meetings if one.meeting_date]
    return CommitteeMeetings(
        committee=meetings[0].committee,
        meetings=len(dated),
        with_minutes=sum(one.minutes in WITH_MINUTES for one in dated),
        without=sum(one.status == "held" and one.minutes not in WITH_MINUTES for one in dated),
        upcoming=sum(one.status == "future" for one in dated),
        documents=sum(len(one.documents) for one in meetings),
        undated=sum(len(one.documents) for one in meetings if not one.meeting_date),
        first_date=dates[0] if dates else None,
        last_date=dates[-1] if dates else None,
    )
