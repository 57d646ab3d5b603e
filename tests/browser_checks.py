"""What must hold of every page in a real browser: no barrier that axe finds, no sideways scroll, no blocked content."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = {"desktop": 1280, "200 % zoom": 640, "phone": 320}  # CSS pixels; 200 % of a window of 1,280
_AXE = """async tags => (await axe.run(document, {runOnly: tags})).violations.map(
  violation => `${violation.id}: ${violation.nodes.map(node => node.target.join(" ")).slice(0, 5).join(", ")}`)"""
_MOVING = """() => [...document.querySelectorAll("*")].filter(node => {
  const style = getComputedStyle(node);
  return [style.animationDuration, style.transitionDuration].some(d => d.split(",").some(s => parseFloat(s) > 0.001));
}).map(node => node.tagName + "." + node.className)"""
_SMALL = """() => [...document.querySelectorAll("main :is(button, input:not([type=hidden]), select, summary)")]
  .filter(node => node.checkVisibility()).map(node => [node, node.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([node, box]) => `${node.tagName}#${node.id} ${box.width} × ${box.height}`)"""


@dataclass(slots=True)
class Seen:
    """What went wrong while a page was looked at."""

    problems: list[str] = field(default_factory=list)

    def add(self, what: str, found: list[str]) -> None:
        """Note problems of one sort."""
        self.problems += [f"{what}: {one}" for one in found]


def problems_of(browser: Browser, address: str, site: str) -> list[str]:
    """Return all that is wrong with a page, with scripts and without colours of its own."""
    seen = Seen()
    context = browser.new_context(bypass_csp=True, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.on("requestfailed", lambda request: seen.add("request failed", [request.url]))
    page.on("request", lambda request: seen.add("left the site", [] if request.url.startswith(site) else [request.url]))
    page.on("pageerror", lambda error: seen.add("script", [str(error)]))
    page.goto(address)
    page.add_script_tag(path=AXE)
    for name, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        seen.add(name, [f"{wide} pixels wide"] if wide > width else [])
        if name != "200 % zoom":
            seen.add(f"axe, {name}", page.evaluate(_AXE, TAGS))
    seen.add("moves", page.evaluate(_MOVING))
    seen.add("too small to hit", page.evaluate(_SMALL))
    context.close()
    _in_forced_colours(browser, address, seen)
    return seen.problems


def _in_forced_colours(browser: Browser, address: str, seen: Seen) -> None:
    """Look at a page as it is served, its policy in force, in the colours of the reader's system."""
    context = browser.new_context(forced_colors="active", locale="en-GB")
    page = context.new_page()
    page.on("console", lambda message: seen.add("console", [message.text] if _is_error(message) else []))
    page.goto(address)
    page.keyboard.press("Tab")
    seen.add("focus", [] if _focus_shows(page) else ["the first Tab shows nothing"])
    context.close()


def _is_error(message: ConsoleMessage) -> bool:
    """Tell whether a message is an error other than that the page itself has a status of one."""
    return message.type == "error" and "the server responded with a status of" not in message.text


def _focus_shows(page: Page) -> bool:
    shows: bool = page.evaluate("""() => {
      const style = getComputedStyle(document.activeElement);
      return document.activeElement !== document.body && style.outlineStyle !== "none" && style.outlineWidth !== "0px";
    }""")
    return shows
