"""Requests for what has not changed: answered with 304, before anything is searched.

A page that shows nothing but what is held and what its address asks for is the same until an ingest, a new version of
the code, other settings or another day ("last two years"). Its validator is made of these, so it is known before the
page is.
"""

import hashlib
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from flask import Flask, Response, g, request

from corpus.settings import setting
from webapp.holdings import holdings

_AREAS = frozenset(
    {
        *("document", "similar", "compare", "precedents", "authorities", "coverage", "feeds", "about"),
        *("cite", "api_docs", "api_documents", "api_coverage", "api_description"),
    }
)  # blueprints of which every page is such a one
_PAGES = frozenset({"search.page", "api.search", "api.similar"})
_VARY = ("Cookie",)  # headers of a request that a page may depend on
_SETTINGS = tuple(
    f"MINUTEBOOK_{name}" for name in ("MODEL", "RERANKER", "THESAURUS", "LLM_MODEL", "LLM_URL", "CONTACT")
)
_CODE = ("*.py", "*.html", "*.css", "*.js", "*.po", "*.csv")


def answer_unchanged(app: Flask) -> None:
    """Let an app answer requests for what has not changed."""
    app.before_request(_unchanged)
    app.after_request(_validated)


def _unchanged() -> Response | None:
    g.validator = _validator()
    asked = request.if_none_match
    if g.validator and not asked.star_tag and asked.contains_weak(g.validator):
        return Response(status=304)
    return None


def _validated(response: Response) -> Response:
    validator: str | None = g.get("validator")
    if validator and response.status_code in (200, 304) and not response.is_streamed:
        response.set_etag(validator, weak=True)
        response.vary.update(_VARY)
        changed = holdings().changed()
        if changed:
            response.last_modified = datetime.fromtimestamp(changed, UTC)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-cache" if request.method in ("GET", "HEAD") else "no-store")
    return response


def _validator() -> str | None:
    """Return what stands for the page that this request asks for; None where it may be another at any time."""
    if request.method not in ("GET", "HEAD"):
        return None
    if request.blueprint not in _AREAS and request.endpoint not in _PAGES:
        return None
    state = holdings().state()
    if state is None:
        return None
    parts = (
        _code(),
        *(setting(name) for name in _SETTINGS),
        state,
        date.today().isoformat(),
        request.full_path,
        request.host_url,
        *(request.headers.get(name, "") for name in _VARY),
    )
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:20]


@cache
def _code() -> str:
    """Return a digest of the code, templates and texts that pages are made by."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for package in ("corpus", "index", "webapp"):
        for file in sorted(found for pattern in _CODE for found in (root / package).rglob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()
