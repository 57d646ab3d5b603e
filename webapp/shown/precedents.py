"""Precedents, and the same matter elsewhere, as JSON."""

from dataclasses import asdict
from typing import Any

from index.precedents.find import PrecedentsResult
from index.similar import SimilarResult
from webapp.shown.formatters import filters_json, hit_json


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
