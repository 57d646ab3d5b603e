"""Atom (RFC 4287): a feed as XML.

It is written with the XML library of Python: the generators there are bring an XML library of their own, and the
format is a dozen elements.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from webapp.citing.reference import one_line
from webapp.shown.formatters import quoted

MIMETYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: a passage with its verbatim quote, or a document where ``quote`` is None.

    ``updated`` and ``published`` are ISO 8601 with an offset; ``published`` is None where it is not known.
    ``remarks`` are sentences on what a reader must know. ``address`` is here, ``original`` where it was published.
    """

    id: str
    title: str
    updated: str
    published: str | None
    author: str
    quote: str | None
    citation: str
    remarks: tuple[str, ...]
    address: str
    original: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: ``address`` is its own, and so its id; ``page`` shows the like of it to people."""

    title: str
    subtitle: str
    updated: str
    address: str
    page: str
    entries: tuple[Entry, ...]


def atom_of(feed: Feed) -> bytes:
    """Return a feed as XML; characters that XML forbids are left out."""
    root = Element("feed", {"xmlns": _NAMESPACE})
    _texts(
        root,
        [("id", feed.address), ("title", feed.title), ("subtitle", feed.subtitle), ("updated", feed.updated)],
    )
    _link(root, "self", feed.address, MIMETYPE)
    _link(root, "alternate", feed.page, "text/html")
    _texts(SubElement(root, "author"), [("name", "Minutebook")])
    _texts(root, [("generator", "Minutebook")])
    for entry in feed.entries:
        _entry(SubElement(root, "entry"), entry)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(element: Element, entry: Entry) -> None:
    _texts(element, [("id", entry.id), ("title", one_line(entry.title)), ("updated", entry.updated)])
    if entry.published:
        _texts(element, [("published", entry.published)])
    _texts(SubElement(element, "author"), [("name", one_line(entry.author))])
    _link(element, "alternate", entry.address, "text/html")
    if entry.original:
        _link(element, "via", entry.original)
    SubElement(element, "summary", {"type": "text"}).text = _allowed(entry.quote or entry.citation)
    SubElement(element, "content", {"type": "html"}).text = _allowed(_content(entry))


def _content(entry: Entry) -> str:
    quote = [Markup("<blockquote>{}</blockquote>").format(quoted(entry.quote, ()))] if entry.quote else []
    below = [Markup("<p>{}</p>").format(words) for words in (one_line(entry.citation), *entry.remarks)]
    return str(Markup("\n").join([*quote, *below]))


def _texts(element: Element, texts: Iterable[tuple[str, str]]) -> None:
    for name, text in texts:
        SubElement(element, name).text = _allowed(text)


def _link(element: Element, relation: str, address: str, mimetype: str | None = None) -> None:
    link = SubElement(element, "link", {"rel": relation, "href": _allowed(address)})
    if mimetype:
        link.set("type", mimetype)


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("", text)
