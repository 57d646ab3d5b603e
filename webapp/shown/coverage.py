"""What is held of authorities, as JSON and as rows of a table."""

from collections.abc import Sequence
from dataclasses import asdict

from corpus.calendar import CommitteeMeetings, KnownMeeting
from corpus.overview import Entry
from corpus.status import Status
from webapp.shown.tables import Cell

COLUMNS = (
    "code", "authority", "in register", "type", "nation", "region", "current", "documents", "undated documents",
    "partial documents", "draft documents", "passages", "committees", "meetings with minutes",
    "meetings without minutes", "meetings that could not be asked for", "gaps", "first meeting", "last meeting",
    "last fetched", "last result", "reason", "committee site",
)  # fmt: skip


def totals_json(status: Status) -> dict[str, object]:
    """Return the totals of all that is held."""
    return {
        "documents": status.documents,
        "replaced_documents": status.replaced_documents,
        "partial_documents": status.partial_documents,
        "unreadable_files": status.unreadable_files,
        "meetings": status.meetings,
        "passages": status.passages,
        "first_date": status.first_date,
        "last_date": status.last_date,
        "authorities": sum(entry.authority is not None for entry in status.authorities),
    }


def entry_json(entry: Entry) -> dict[str, object]:
    """Return what is held of an authority, without its committees."""
    known = entry.register
    return {
        "code": entry.code,
        "name": entry.name,
        "names": list(entry.names),
        "register": register_json(entry) if known else None,
        "documents": entry.documents,
        "undated_documents": entry.undated,
        "partial_documents": entry.partial,
        "draft_documents": entry.drafts,
        "passages": entry.passages,
        "known_meetings": entry.known_meetings,
        "with_minutes": entry.with_minutes,
        "without_minutes": entry.without,
        "failed": entry.failed,
        "gaps": entry.gaps,
        "first_date": entry.first_date,
        "last_date": entry.last_date,
        "last_fetch": entry.last_fetch,
        "result": entry.result,
        "reason": entry.reason,
    }


def register_json(entry: Entry) -> dict[str, object]:
    """Return what the register says of an authority that it has."""
    known = entry.register
    if known is None:
        return {}
    return {
        "type": known.type,
        "nation": known.nation,
        "region": known.region,
        "gss_code": known.gss_code,
        "system": known.system,
        "base_url": known.base_url,
        "current": known.current,
        "started": known.started.isoformat() if known.started else None,
        "ended": known.ended.isoformat() if known.ended else None,
        "predecessors": list(known.predecessors),
        "successors": list(known.successors),
    }


def committees_json(entry: Entry, committees: Sequence[CommitteeMeetings]) -> list[dict[str, object]]:
    """Return the committees of an authority with their meetings counted and their gaps."""
    gaps = {one.committee: [asdict(gap) for gap in one.gaps] for one in entry.committees}
    return [asdict(one) | {"gaps": gaps.get(one.committee, [])} for one in committees]


def meeting_json(meeting: KnownMeeting) -> dict[str, object]:
    """Return a meeting with the documents held of it."""
    return asdict(meeting) | {"documents": [asdict(document) for document in meeting.documents]}


def row(entry: Entry) -> list[Cell]:
    """Return an authority as a row under ``COLUMNS``."""
    known = entry.register
    return [
        entry.code,
        entry.name,
        "yes" if known else "no",
        known.type if known else None,
        known.nation if known else None,
        known.region if known else None,
        ("yes" if known.current else "no") if known else None,
        entry.documents,
        entry.undated,
        entry.partial,
        entry.drafts,
        entry.passages,
        len(entry.committees),
        entry.with_minutes,
        entry.without,
        entry.failed,
        entry.gaps,
        entry.first_date,
        entry.last_date,
        entry.last_fetch,
        entry.result,
        entry.reason,
        known.base_url if known else None,
    ]
