"""What must hold on every page: structure, labels and headers."""

import re
from collections import Counter

import html5lib
from selectolax.lexbor import LexborHTMLParser
from werkzeug.test import TestResponse

from webapp.shown.formatters import without_bidi_controls


def checked(response: TestResponse) -> LexborHTMLParser:
    """Return the page of a response after checking all that must hold on every page."""
    assert response.mimetype == "text/html"
    html = response.get_data(as_text=True)
    page = LexborHTMLParser(html)
    problems = [
        *_validity(html),
        *_structure(page),
        *_ids_and_labels(page),
        *_active_content(page),
        *_headers(response),
    ]
    assert not problems, problems
    return page


def text_of(page: LexborHTMLParser, selector: str) -> str:
    """Return the text of the first element that a selector finds, white space folded."""
    found = page.css_first(selector)
    assert found is not None, f"nothing matches {selector}"
    return folded(found.text())


def folded(text: str) -> str:
    """Return a text with its white space folded."""
    return " ".join(text.split())


def _validity(html: str) -> list[str]:
    """Return where a page is not HTML as the standard has it."""
    parser = html5lib.HTMLParser()
    parser.parse(html)
    lines = html.splitlines()
    return [f"{name} {about} in {lines[where[0] - 1][:120]!r}" for where, name, about in parser.errors]


def _structure(page: LexborHTMLParser) -> list[str]:
    problems = [
        f"{len(page.css(tag))} {tag} elements" for tag in ("h1", "title", "main", "header", "footer")
        if len(page.css(tag)) != 1
    ]  # fmt: skip
    if problems:
        return problems
    heading = without_bidi_controls(text_of(page, "h1"))
    if not heading or heading not in text_of(page, "title"):
        problems.append(f"the title does not hold the heading {heading!r}")
    root = page.css_first("html")
    if root is None or root.attributes.get("lang") not in ("en-GB", "cy"):
        problems.append("the language is neither English nor Welsh")
    return problems


def _ids_and_labels(page: LexborHTMLParser) -> list[str]:
    ids = Counter(node.attributes["id"] for node in page.css("[id]"))
    labelled = {label.attributes.get("for") for label in page.css("label")}
    inputs = {node.attributes.get("id") for node in page.css("input:not([type=hidden]), select, textarea")}
    targets = {(link.attributes.get("href") or "")[1:] for link in page.css('a[href^="#"]')}
    described = {
        name for node in page.css("[aria-describedby]") for name in (node.attributes["aria-describedby"] or "").split()
    }
    return [
        *(f"{count} elements have the id {name}" for name, count in ids.items() if count > 1),
        *(f"input {name} has no label" for name in inputs - labelled),
        *(f"nothing has the id {name} that is referred to" for name in (targets | described) - ids.keys()),
    ]


def _active_content(page: LexborHTMLParser) -> list[str]:
    problems = [f"a {node.tag} element" for node in page.css("script:not([src]), style, iframe, object, embed, base")]
    for node in page.css("*"):
        problems += [f"{name} on {node.tag}" for name in node.attributes if name == "style" or name.startswith("on")]
    for link in page.css("[href], [src], [action]"):
        address = next(link.attributes[name] or "" for name in ("href", "src", "action") if name in link.attributes)
        if not re.match(r"https?://|/|#|mailto:", address):
            problems.append(f"an address {address!r}")
    return problems


def _headers(response: TestResponse) -> list[str]:
    policy = response.headers.get("Content-Security-Policy", "")
    problems = [] if "default-src 'none'" in policy and "unsafe" not in policy else [f"the policy {policy!r}"]
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        problems.append("content types may be guessed")
    if response.headers.get("Referrer-Policy") != "same-origin":
        problems.append("queries leave in the referrer")
    return problems
