"""The words and links of a web page in the order they stand: what the lists of committee systems are read from."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

_IGNORED = {"script", "style", "noscript", "template"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words, white space folded; ``href`` is its address as written where it is a link to one."""

    words: str
    href: str | None = None


class _Pieces(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.words: list[str] = []
        self.href: str | None = None
        self.ignored = 0

    def cut(self) -> None:
        words = re.sub(r"\s+", " ", "".join(self.words)).strip()
        self.words = []
        if words or self.href:
            self.pieces.append(Piece(words, self.href))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ignored += tag in _IGNORED
        if tag == "a":
            self.cut()
            self.href = _address(dict(attrs).get("href"))
        elif not self.href:
            self.cut()

    def handle_endtag(self, tag: str) -> None:
        self.ignored = max(0, self.ignored - (tag in _IGNORED))
        if tag == "a" or not self.href:
            self.cut()
            self.href = None

    def handle_data(self, data: str) -> None:
        if not self.ignored:
            self.words.append(data)


def _address(href: str | None) -> str | None:
    """Return an address, None where it is none ("http://[")."""
    try:
        urlsplit(href or "")
    except ValueError:
        return None
    return href


def pieces_of(text: str) -> list[Piece]:
    """Return the words between the tags of a page, and its links, in order."""
    parser = _Pieces()
    parser.feed(text)
    parser.close()
    parser.cut()
    return parser.pieces
