"""BibTeX entries that BibTeX, biblatex and reference managers read alike.

They are written here and not by pybtex: its writer leaves ``$ ^ \\ { }`` as they are, so that a text breaks its entry,
and escapes addresses, which biblatex takes verbatim. The tests read the entries back with it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date

from webapp.citing.reference import Reference, one_line, remarks

MIMETYPE = "application/x-bibtex"
_ESCAPES = str.maketrans(
    {
        "\\": r"{\textbackslash}",
        "{": r"{\textbraceleft}",  # \{ would be counted as a brace that opens
        "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        "<": r"{\textless}",
        ">": r"{\textgreater}",
        "|": r"{\textbar}",
        **{char: f"\\{char}" for char in "%&_#$"},
    }
)


def bibtex_of(references: Iterable[Reference]) -> str:
    """Return references as BibTeX entries, each under a key of its own."""
    used: set[str] = set()
    return "\n".join(_entry(reference, _key(reference, used)) for reference in references)


def _entry(reference: Reference, key: str) -> str:
    kind = "techreport" if reference.authority else "misc"  # a report must have an institution
    lines = "".join(f"  {name} = {value},\n" for name, value in _fields(reference) if value)
    return f"@{kind}{{{key},\n{lines}}}\n"


def _fields(reference: Reference) -> Iterator[tuple[str, str | None]]:
    day = date.fromisoformat(reference.meeting_date) if reference.meeting_date else None
    note = [reference.committee] if reference.committee else []
    note += remarks(reference)
    yield "title", _whole(reference.title)
    yield "author", _whole(reference.authority)
    yield "institution", _text(reference.authority)
    yield "type", _text(reference.genre)
    yield "year", f"{{{day.year:04}}}" if day else None
    yield "month", f"{day:%b}".lower() if day else None  # the names that every style defines
    yield "date", f"{{{day}}}" if day else None
    yield "pages", f"{{{reference.page}}}" if reference.page is not None else None
    yield "url", f"{{{reference.url}}}" if reference.url else None
    yield "urldate", f"{{{reference.accessed}}}"
    yield "note", _text(". ".join(note))
    yield "abstract", _text(one_line(reference.quote) if reference.quote else None)


def _text(text: str | None) -> str | None:
    return f"{{{text.translate(_ESCAPES)}}}" if text else None


def _whole(text: str | None) -> str | None:
    """Return a text in braces of its own: not parted into first and last names, its capitals kept."""
    return f"{{{_text(text)}}}" if text else None


def _key(reference: Reference, used: set[str]) -> str:
    """Return a key such as "kent2025-1f0c9a3b", that no other entry of the list has, and note that it is used."""
    letters = unicodedata.normalize("NFKD", reference.authority or "").encode("ascii", "ignore").decode("ascii")
    first = re.search("[a-z]+", letters.lower())
    name = (first[0][:40] if first else "minutes") + (reference.meeting_date or "")[:4]
    key = f"{name}-{reference.key[:8]}"
    number = 2
    while key in used:
        key = f"{name}-{reference.key[:20]}" if number == 2 else f"{name}-{reference.key[:20]}-{number - 1}"
        number += 1
    used.add(key)
    return key
