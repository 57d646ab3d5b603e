"""A tour of the site as a researcher makes it, in a real browser, with and without scripts."""

import csv
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page_checks import folded

QUESTION = "How did councils handle contact with care leavers?"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A new page with or without JavaScript."""
    context = browser.new_context(java_script_enabled=request.param, locale="en-GB", accept_downloads=True)
    yield context.new_page()
    context.close()


def test_tour(site: str, page: Page) -> None:
    """Open, ask, filter, open a citation, see the highlight, keep it, compare, export, subscribe."""
    page.goto(site)
    page.get_by_label("Ask a question").fill(QUESTION)
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".answer .said")).not_to_have_count(0)
    asked = page.url

    page.locator("#narrow li a").first.click()
    expect(page.locator(".in-use .value")).to_have_count(1)
    _open_a_citation(page)

    page.get_by_role("link", name="Add to a collection").first.click()
    page.get_by_label("Title").fill("Care leavers")
    page.get_by_label("Note").fill("For the panel in March.")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("For the panel in March.").first).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("link", name="Word").click()
    assert kept.value.path().read_bytes()[:2] == b"PK"

    page.goto(asked)
    page.get_by_role("link", name="Compare these authorities").click()
    expect(page.get_by_role("row").nth(2)).to_be_visible()
    with page.expect_download() as table:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.reader(table.value.path().read_text(encoding="utf-8").splitlines()))
    assert len(rows) > 2

    page.goto(asked)
    page.get_by_role("link", name="Follow this search").click()
    page.get_by_label("How well a passage must match").select_option(index=1)
    page.get_by_role("button", name="Make the feed").click()
    announced = page.locator("ol.kept > li").count()
    address = page.get_by_role("link", name="Open the feed").get_attribute("href") or ""
    feed = ElementTree.fromstring(page.request.get(address).body())
    assert len(feed.findall(f"{ATOM}entry")) >= announced > 0


def _open_a_citation(page: Page) -> None:
    """Follow the first citation of the answer and see its words highlighted where the page has scrolled to."""
    quoted = folded(page.locator(".answer blockquote").first.text_content() or "")
    page.locator(".answer .source a").first.click()
    page.wait_for_url("**/document/**")
    marked = page.locator("mark.cited")
    assert quoted[:80] in folded(" ".join(marked.all_text_contents()))
    expect(marked.first).to_be_in_viewport()
