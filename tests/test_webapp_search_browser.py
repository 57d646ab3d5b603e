"""The search page in a real browser: no barrier in any of its states, and the answer as it arrives."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from tests.browser_checks import AXE, problems_of
from tests.page_checks import folded
from tests.scripted_model import chunk, scripted_model

QUESTION = "How often must care leavers be contacted?"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?q=",
        f"/?q={QUESTION}",
        "/?q=Are+there+any+mermaids+in+the+harbour%3F&kind=minutes",
        "/?q=council&page=2&authority=Eastmarsh&authority=Harrowmere",
        "/?q=xyzzyq&kind=minutes",
        "/?q=landlords&also=tenants&order=date&lang=cy",
    ],
)
def test_no_barrier_in_any_state(site: str, browser: Browser, address: str) -> None:
    assert problems_of(browser, site + address, site) == []


def test_no_barrier_with_all_lists_opened(site: str, browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site}/?q=Which+amendments+were+lost%3F")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.add_script_tag(path=AXE)
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("async () => (await axe.run()).violations.map(one => one.id)") == []
    context.close()


def test_similar_passages_hold_no_barrier(site: str, browser: Browser, client: FlaskClient) -> None:
    hits = client.get("/api/v1/search", query_string={"q": "selective licensing"}).get_json()["hits"]
    assert problems_of(browser, f"{site}/similar/{hits[0]['passage_id']}", site) == []


def test_own_words_pages_and_back_by_mouse(site: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{site}/?q=council")
    page.get_by_text("Add other words of your own").click()
    page.get_by_label("Words that may stand in place of yours").fill("allotment holders")
    page.get_by_role("button", name="Add", exact=True).click()
    assert page.get_by_label("Ask a question").input_value() == 'council also:"allotment holders"'
    page.get_by_role("link", name="Next page").click()
    assert page.locator("[aria-current=page]").last.text_content()
    assert "page 2" in page.title()
    page.go_back()
    page.go_back()
    assert page.get_by_label("Ask a question").input_value() == "council"
    page.close()


def test_each_sentence_is_seen_before_the_model_writes_the_next(
    site: str, browser: Browser, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This test ensures that without JavaScript the form and a sentence stand while the model still writes."""
    answer = client.post("/api/v1/ask", json={"question": QUESTION}).get_json()
    first = folded(answer["sentences"][0]["citations"][0]["quote"])
    go_on = threading.Event()

    def script(handler: Any) -> None:
        handler.head()
        handler.pieces(f"{first} [1]\n")
        go_on.wait(30)
        handler.event(chunk({}, "stop"))

    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    with scripted_model(script) as server:
        monkeypatch.setenv("MINUTEBOOK_LLM_URL", server.url)
        monkeypatch.setenv("MINUTEBOOK_LLM_MODEL", "scripted")
        page.goto(f"{site}/?q={QUESTION}", wait_until="commit")
        try:
            expect(page.locator(".said").first).to_contain_text(first[:60], timeout=20_000)
            assert page.get_by_label("Ask a question").is_visible()
            assert page.locator("article.hit").count() == 0
        finally:
            go_on.set()
        expect(page.locator("article.hit").first).to_be_visible()
    context.close()
