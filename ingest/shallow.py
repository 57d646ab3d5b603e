"""HTML with elements inside one another by the thousand, made shallow before a parser sees it.

The rules of HTML have a parser look through all open elements at every tag, so that time and memory grow with the
square of the depth. Browsers stop nesting at some depth and go on, and so does this.
"""

import re
from collections import Counter

DEEPEST = 256  # elements that are closed by their own end tags only; no page that is meant to be read has so many
MOST_STYLES = 32  # elements of style, which a parser opens again in every paragraph
LONGEST_TAG = 20_000  # characters; a longer one has attributes by the thousand, or a file in one of them
NOTE = (
    f"elements inside one another more than {DEEPEST} deep, or with endless attributes, were read as if they were not"
)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][^\s/<>]{0,40})[^<>]*+>?")
_STYLES = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_CLOSED_BY_OTHERS = frozenset(
    "p li dt dd tr td th thead tbody tfoot colgroup caption option optgroup rb rt rtc rp head body html "
    "area base br col embed hr img input link meta param source track wbr".split()
)


class _Depth:
    """How many elements are open at a place, by name, and how many were left out."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.styles = self.others = 0
        self.changed = False

    def count(self, name: str, by: int) -> None:
        self.open[name] += by
        if name in _STYLES:
            self.styles += by
        else:
            self.others += by

    def tag(self, match: re.Match[str]) -> str:
        """Return a tag as it stands, without its attributes, or nothing in its place."""
        name = match["name"].lower()
        if name not in _CLOSED_BY_OTHERS:
            if match["end"]:
                if self.left_out[name]:
                    self.left_out[name] -= 1
                    return ""
                if self.open[name]:
                    self.count(name, -1)
            elif (self.styles >= MOST_STYLES) if name in _STYLES else (self.others >= DEEPEST):
                self.left_out[name] += 1
                self.changed = True
                return ""
            else:
                self.count(name, 1)
        if len(match[0]) > LONGEST_TAG:
            self.changed = True
            return f"<{match['end']}{name}>"
        return match[0]


def shallow(text: str) -> tuple[str, bool]:
    """Return HTML without what is nested too deeply to be meant, its words all there, and whether any was."""
    depth = _Depth()
    made = _TAG.sub(depth.tag, text)
    return (made, True) if depth.changed else (text, False)
