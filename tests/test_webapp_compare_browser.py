"""Comparisons and precedents in a real browser: no barriers, cards on a narrow screen, a motion sent without script."""

from collections.abc import Iterator
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Browser, Page

from tests.browser_checks import problems_of

CARE = quote_plus("Support for care leavers")
POOL = "This Council believes that the pool should stay open, and asks Cabinet not to close it."


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page without JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "address",
    [
        "/compare",
        f"/compare?q={CARE}",
        f"/compare?q={CARE}&authority=Eastmarsh&over_time=1",
        "/compare?q=&authority=Narnia&from=x",
        f"/precedents?text={quote_plus(POOL)}",
        "/precedents?text=&region=Atlantis",
    ],
)
def test_pages_have_no_barriers(browser: Browser, site: str, address: str) -> None:
    assert problems_of(browser, site + address, site) == []


def test_rows_are_cards_on_a_narrow_screen_and_are_rows_all_the_same(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{site}/compare?q={CARE}")
    first = page.get_by_role("row").nth(1)
    boxes = [cell.bounding_box() for cell in first.get_by_role("cell").all()]
    assert len(boxes) == 3
    edges = {box["x"] for box in boxes if box}
    assert len(edges) == 1
    assert first.get_by_role("rowheader").count() == 1


def test_a_motion_is_pasted_sent_and_followed_to_its_place(site: str, page: Page) -> None:
    page.goto(f"{site}/precedents")
    page.get_by_label("Text of the motion").fill(POOL)
    page.get_by_role("button", name="Find precedents").click()
    page.wait_for_url("**/precedents?text=**")
    first = page.locator("article.precedent").first
    quoted = " ".join((first.locator("blockquote").first.text_content() or "").split())
    first.locator('a[href^="/document/"]').first.click()
    page.wait_for_url("**/document/**")
    assert quoted in " ".join((page.locator(".source-text").text_content() or "").split())


def test_a_long_motion_is_answered_without_scripts_and_shows_more(site: str, page: Page) -> None:
    page.goto(f"{site}/precedents")
    page.get_by_label("Text of the motion").fill(" ".join([POOL] * 25))
    page.get_by_role("button", name="Find precedents").click()
    assert page.get_by_text("too long to stand in an address").is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this list").click()
    assert download.value.suggested_filename == "precedents.csv"


def test_a_box_narrows_a_long_list_of_authorities(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{site}/compare")
    page.get_by_text("Choose authorities").click()
    page.get_by_label("Eastmarsh").check()
    page.get_by_label("Show only names that contain").fill("wexc")
    shown = [name for name in page.locator(".pick .govuk-checkboxes__item").all() if name.is_visible()]
    assert [(name.text_content() or "").strip() for name in shown] == [
        "London Borough of Eastmarsh",
        "Wexcombe District Council",
    ]
    context.close()
