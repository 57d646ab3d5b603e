"""The pages in a real browser, without JavaScript of ours: what a reader sees and where they land."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.page_checks import folded

CARE_LEAVERS = "How often must care leavers be contacted?"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page without JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def test_a_question_leads_to_the_highlighted_passage(site: str, page: Page) -> None:
    """This test ensures that asking and following the first hit shows the passage, and nothing leaves the site."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(site)
    page.get_by_label("Ask a question").fill(CARE_LEAVERS)
    page.get_by_role("button", name="Search").click()
    quoted = page.locator("article.hit blockquote").first.text_content()
    page.locator("article.hit h2 a").first.click()
    page.wait_for_url("**/document/**")

    hit = page.request.get(f"{site}/api/v1/search", params={"q": CARE_LEAVERS}).json()["hits"][0]
    cited = page.locator("mark.cited")
    assert folded(" ".join(cited.all_text_contents())) == folded(hit["text"]) == folded(quoted or "")
    first = cited.first
    assert first.get_attribute("id") == hit["passage_id"]
    box, window = first.bounding_box(), page.viewport_size
    assert box
    assert window
    assert 0 <= box["y"]
    assert box["y"] + box["height"] <= window["height"]
    assert first.evaluate("node => getComputedStyle(node).backgroundColor") not in ("rgba(0, 0, 0, 0)", "")
    assert requested
    assert all(address.startswith(site) for address in requested)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        f"/?q={CARE_LEAVERS}",
        "/?q=buses&kind=minutes&from=2024-13-01",
        "/?q=care+leavers+since+2020&kind=minutes&committee=Corporate+Parenting",
        "/?q=xyzzyq&kind=minutes",
        "/document/nope",
    ],
)
def test_nothing_scrolls_sideways_on_a_narrow_screen(site: str, page: Page, address: str) -> None:
    _is_narrow(page, site + address)


def test_documents_fit_a_narrow_screen(site: str, page: Page) -> None:
    hits = page.request.get(f"{site}/api/v1/search", params={"q": "council meeting", "k": "20"}).json()["hits"]
    for document_id in sorted({hit["document_id"] for hit in hits})[:5]:
        _is_narrow(page, f"{site}/document/{document_id}")


def _is_narrow(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_keyboard_reaches_the_search_box_past_the_header(site: str, page: Page) -> None:
    page.goto(site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"


def test_a_filter_is_removed_by_keyboard(site: str, page: Page) -> None:
    page.goto(f"{site}/?q=care+leavers&kind=minutes&authority=Eastmarsh")
    _tab_to(page, "Remove the filter London Borough of Eastmarsh")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "authority" not in address)
    assert [folded(value) for value in page.locator(".in-use .value").all_text_contents()] == ["Minutes"]


def test_the_rest_of_a_facet_is_opened_and_used_by_keyboard(site: str, page: Page) -> None:
    page.goto(f"{site}/?q=council")
    control = page.locator(".narrow summary").first
    hidden = page.locator(".narrow details").first.locator("li a").first
    assert not hidden.is_visible()
    _tab_to(page, folded(control.text_content() or ""))
    page.keyboard.press("Enter")
    assert hidden.is_visible()
    name = folded(hidden.text_content() or "")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**committee=**")
    assert folded(page.locator(".in-use .value").text_content() or "") == name


def test_filters_stand_beside_the_passages_on_a_wide_screen_and_after_them_on_a_narrow_one(
    site: str, page: Page
) -> None:
    page.goto(f"{site}/?q=care+leavers")
    for width, beside in ((1280, True), (320, False)):
        page.set_viewport_size({"width": width, "height": 900})
        hits, narrow = page.locator("ol.hits").bounding_box(), page.locator("#narrow").bounding_box()
        assert hits
        assert narrow
        assert (narrow["y"] < hits["y"] + 100) is beside
        assert page.get_by_role("link", name="Narrow these results").is_visible() is not beside


def _tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what reads as ``name``."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if folded(page.evaluate("document.activeElement.textContent")) == name:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def test_text_has_enough_contrast_in_use(site: str, page: Page) -> None:
    """This test ensures that all text on the pages meets WCAG AA against its background."""
    for address in ("/", f"/?q={CARE_LEAVERS}", "/?q=care+leavers+since+2020&kind=minutes", "/?q="):
        page.goto(site + address)
        weak = page.evaluate(_WEAK_CONTRAST)
        assert weak == []


_WEAK_CONTRAST = """() => {
  const rgb = colour => colour.match(/[0-9.]+/g).map(Number);
  const light = colour => rgb(colour).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if ((rgb(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.body.querySelectorAll("*")]
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
    .map(node => {
      const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
      return [node.className, node.textContent.slice(0, 40), (a + 0.05) / (b + 0.05)];
    })
    .filter(([, , ratio]) => ratio < 4.5);
}"""
