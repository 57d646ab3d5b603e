"""The words and links of a web page in the order they stand: what the lists of committee systems are read from."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.html import tags_and_words

_IGNORED = {"script", "style", "noscript", "template"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words, white space folded; ``href`` is its address as written where it is a link to one."""

    words: str
    href: str | None = None


class _Pieces:
    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.words: list[str] = []
        self.href: str | None = None
        self.ignored = 0

    def cut(self) -> None:
        words = re.sub(r"\s+", " ", "".join(self.words)).strip()
        self.words = []
        if words or self.href:
            self.pieces.append(Piece(words, self.href))

    def start(self, tag: str, href: str | None) -> None:
        self.ignored += tag in _IGNORED
        if tag == "a":
            self.cut()
            self.href = _address(href)
        elif not self.href:
            self.cut()

    def end(self, tag: str) -> None:
        self.ignored = max(0, self.ignored - (tag in _IGNORED))
        if tag == "a" or not self.href:
            self.cut()
            self.href = None

    def data(self, words: str) -> None:
        if not self.ignored:
            self.words.append(words)


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
    for sort, words, href in tags_and_words(text):
        if sort == "<":
            parser.start(words, href)
        elif sort == "</":
            parser.end(words)
        else:
            parser.data(words)
    parser.cut()
    return parser.pieces
