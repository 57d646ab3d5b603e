"""Hits by meeting, and what there is beside them: pure functions over the hits and facets of one result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.hits import Hit


@dataclass(frozen=True, slots=True)
class MeetingHits:
    """The hits of one meeting: the best of them, and the further ones in their order.

    A meeting is known by authority, committee and date; where one of these is not known, each document counts for
    itself.
    """

    authority: str | None
    committee: str | None
    meeting_date: str | None
    best: Hit
    further: tuple[Hit, ...]


def by_meeting(hits: Sequence[Hit]) -> tuple[MeetingHits, ...]:
    """Group hits by meeting, in the order of the first of each."""
    meetings: dict[tuple[str, ...], list[Hit]] = {}
    for hit in hits:
        meetings.setdefault(_meeting(hit), []).append(hit)
    return tuple(
        MeetingHits(best.authority, best.committee, best.meeting_date, best, tuple(further))
        for best, *further in meetings.values()
    )


def _meeting(hit: Hit) -> tuple[str, ...]:
    if hit.authority and hit.committee and hit.meeting_date:
        return (hit.authority, hit.committee, hit.meeting_date)
    return (hit.document_id,)


def other_authorities(facets: Mapping[str, Mapping[str, int]], hits: Sequence[Hit]) -> dict[str, int]:
    """Return the authorities that hold the query's words and have none among the hits, with how many passages do.

    The commonest comes first. Counts are those of the facets: exact, and whatever authority was filtered by.

    Args:
        facets: of ``SearchResult``, counted.
    """
    shown = {hit.authority for hit in hits}
    return {name: number for name, number in facets.get("authority", {}).items() if name not in shown}
