"""Precedents as JSON and as a table, and the same matter elsewhere as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from index.precedents.find import Precedent, PrecedentsResult
from index.similar import SimilarResult
from webapp.shown.formatters import filters_json, hit_json
from webapp.shown.tables import Cell

_COLUMNS = (
    "date", "authority", "committee", "item", "kind", "outcome", "for", "against", "abstained", "mover", "seconder",
    "wording", "cut", "shared", "closest_earlier", "closest_shared", "names", "marks", "citation", "url", "path",
    "document_id", "start", "end",
)  # fmt: skip


def precedents_json(result: PrecedentsResult) -> dict[str, Any]:
    """Return precedents as the JSON that the API and the command line give."""
    return {
        "text": result.text,
        "terms": list(result.terms),
        "filters": filters_json(result.filters),
        "searched": {"documents": result.searched_documents, "authorities": result.searched_authorities},
        "precedents": [asdict(one) | {"hit": hit_json(one.hit)} for one in result.precedents],
        "more": result.more,
        "related": [hit_json(hit) for hit in result.related],
    }


def similar_json(result: SimilarResult) -> dict[str, Any]:
    """Return precedents as the JSON that the API and the command line give."""
    target = {name: value for name, value in asdict(result.target).items() if name != "rows"}
    return {
        "target": target,
        "terms": list(result.terms),
        "searched": {"documents": result.searched_documents, "authorities": result.searched_authorities},
        "hits": [hit_json(hit) for hit in result.hits],
    }


def precedents_table(result: PrecedentsResult) -> tuple[tuple[str, ...], list[list[Cell]]]:
    """Return the names of the columns of precedents, and their rows."""
    return _COLUMNS, [list(_row(one, result)) for one in result.precedents]


def _row(one: Precedent, result: PrecedentsResult) -> Iterator[Cell]:
    hit, vote, earlier = one.hit, one.vote, one.closest_earlier
    yield from (hit.meeting_date, hit.authority, hit.committee)
    yield " ".join(filter(None, (hit.item_number, hit.item_title)))
    yield from (one.kind, one.outcome)
    yield from (vote.for_count, vote.against_count, vote.abstain_count) if vote else (None, None, None)
    yield from (one.mover, one.seconder, one.wording.text, "yes" if one.cut else "no", one.shared)
    yield from (result.precedents[earlier.position].hit.citation, earlier.share) if earlier else (None, None)
    yield "; ".join(name.authority for name in one.names)
    yield from ("; ".join(one.marks), hit.citation, hit.url, hit.path)
    yield from (hit.document_id, one.wording.start, one.wording.end)
