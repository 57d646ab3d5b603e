"""The page of a document in a real browser: nothing in the way of reading, with every list opened."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from index.search import Searcher
from tests.browser_checks import AXE, problems_of
from tests.page_checks import folded

_HIDDEN = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 20) / 2);
  return !seen || !(document.activeElement.contains(seen) || seen.contains(document.activeElement));
}"""


@pytest.fixture(scope="module")
def printed(searcher: Searcher) -> dict[str, Any]:
    """A passage of a printed sample that holds an amendment."""
    row = searcher.catalogue.connection.execute(
        "SELECT document_id, passage_id, page FROM passages WHERE page IS NOT NULL AND records LIKE '%,amendment,%'"
    ).fetchone()
    return dict(row)


def _address(site: str, place: dict[str, Any]) -> str:
    return f"{site}/document/{place['document_id']}?passage={place['passage_id']}"


def test_no_barrier_with_every_list_opened(site: str, browser: Browser, printed: dict[str, Any]) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(_address(site, printed))
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.add_script_tag(path=AXE)
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("async () => (await axe.run()).violations.map(one => one.id)") == []
    context.close()


def test_no_barrier_on_a_page_as_printed(site: str, browser: Browser, printed: dict[str, Any]) -> None:
    place = f"{site}/document/{printed['document_id']}/page/{printed['page']}"
    assert problems_of(browser, f"{place}?passage={printed['passage_id']}", site) == []
    assert problems_of(browser, place, site) == []


def test_the_marks_lie_on_the_picture(site: str, browser: Browser, printed: dict[str, Any]) -> None:
    page = browser.new_page()
    page.goto(f"{site}/document/{printed['document_id']}/page/{printed['page']}?passage={printed['passage_id']}")
    picture = page.locator("svg.sheet-picture").bounding_box()
    assert picture
    for mark in page.locator("rect.quoted").all():
        box = mark.bounding_box()
        assert box
        assert picture["x"] <= box["x"] < box["x"] + box["width"] <= picture["x"] + picture["width"]
        assert picture["y"] <= box["y"] < box["y"] + box["height"] <= picture["y"] + picture["height"]
    natural = page.evaluate(
        """async href => { const drawn = new Image(); drawn.src = href; await drawn.decode();
        return [drawn.naturalWidth, drawn.naturalHeight]; }""",
        page.locator("svg.sheet-picture image").get_attribute("href"),
    )
    assert page.locator("svg.sheet-picture").get_attribute("viewBox") == f"0 0 {natural[0]} {natural[1]}"
    page.close()


def test_contents_stay_beside_the_text_and_cover_nothing_that_has_the_focus(
    site: str, browser: Browser, printed: dict[str, Any]
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 500})
    page.goto(_address(site, printed) + f"#{printed['passage_id']}")
    assert page.locator("nav.contents").bounding_box()["y"] >= 0  # type: ignore[index]
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body"):
            assert not page.evaluate(_HIDDEN), page.evaluate("document.activeElement.outerHTML")
    page.close()


def test_a_record_leads_to_its_words_without_scripts(site: str, browser: Browser, printed: dict[str, Any]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page: Page = context.new_page()
    page.goto(_address(site, printed))
    page.locator(".record-list > summary").first.click()
    link = page.locator(".records a").first
    words = folded(link.text_content() or "").removesuffix(" …")
    link.click()
    target = page.locator(f'[id="{page.url.split("#")[1]}"]')
    assert folded(target.text_content() or "")[: len(words)] == words[: len(folded(target.text_content() or ""))]
    box = target.bounding_box()
    assert box
    assert 0 <= box["y"] < page.viewport_size["height"]  # type: ignore[index]
    context.close()


def test_paper_shows_the_citation_and_no_controls(site: str, browser: Browser, printed: dict[str, Any]) -> None:
    page = browser.new_page()
    page.goto(_address(site, printed))
    page.emulate_media(media="print")
    assert page.locator(".cite-this .copy").first.is_visible()
    assert page.locator(".permalink").is_visible()
    assert page.locator("mark.cited").first.is_visible()
    for control in ("nav.contents", "form.within", ".cited-links", ".govuk-service-navigation"):
        assert not page.locator(control).is_visible()
    page.close()
