"""Every page in each of its states, in a real browser: barriers, narrow windows, zoom, forced colours, motion."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser_checks import problems_of

QUESTION = "How did councils handle contact with care leavers?"
STATES = {
    "home": "/",
    "answer": f"/?q={QUESTION}",
    "filtered": "/?q=care+leavers+since+2020&kind=minutes&committee=Corporate+Parenting",
    "nothing found": "/?q=xyzzyq&kind=minutes",
    "search error": "/?q=buses&kind=minutes&from=2024-13-01",
    "empty query": "/?q=",
    "document": "/document/{document_id}",
    "document at a passage": "/document/{document_id}?passage={passage_id}",
    "lost passage": "/document/{document_id}?passage=none",
    "similar": "/similar/{passage_id}",
    "not found": "/document/nope",
    "api": "/api",
}


@pytest.fixture(scope="module")
def place(app: Flask) -> dict[str, Any]:
    """A hit of the samples, to fill the addresses with."""
    hit: dict[str, Any] = app.test_client().get("/api/v1/search", query_string={"q": QUESTION}).get_json()["hits"][0]
    return hit


@pytest.mark.parametrize("state", STATES)
def test_page_has_no_barrier(browser: Browser, site: str, place: dict[str, Any], state: str) -> None:
    """This test ensures that axe finds nothing on a page, and that it works narrow, zoomed and in forced colours."""
    assert problems_of(browser, site + STATES[state].format(**place), site) == []
