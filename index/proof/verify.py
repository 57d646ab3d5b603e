"""Verification of quotes: whether the words shown as a quote stand in the stored source where they are said to.

White space and typography are folded (curly and straight quotation marks, dashes, ellipses, ligatures, composed
accents), nothing else: a letter, digit or word more or less, a letter of another script that looks the same, or a
hidden character that the source does not have, and the quote is not supported. Neither is one that cuts a word or
figure short ("1,000 homes" out of "21,000 homes").
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile
from typing import Literal, TypeVar

from corpus.catalogue import Catalogue
from index.answers.evidence import Evidence, Quote

Verdict = Literal["supported", "misattributed", "fabricated", "stitched"]

LONGEST = 5_000  # characters of a quote that is looked for elsewhere; a longer one is compared at its offsets only
LOOKED_IN = 5_000_000  # characters of other documents that a quote is looked for in
MAX_PIECES = 8  # that a stitched quote is taken apart into
LEAST_WORDS = 4  # of a piece, where nothing sets it off

_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‘’‚‛′", "'")
    | dict.fromkeys("“”„‟″", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "...", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_SOFT = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))  # a source's, which nobody sees
_JOIN = re.compile(r"\s*(?:[\[(]\s*\.{3,}\s*[\])]|\.{3,})\s*")
_SENTENCE_END = re.compile(r"[.!?;:](?:\s|$)")
_TRAILING = " .,;:!?"

_Shown = TypeVar("_Shown", Quote, Evidence)


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand: half-open offsets into the stored text of a document."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a quote or sentence, and why.

    ``places`` says of misattributed words where they really stand, and of stitched ones where each piece does, as
    far as that is known.
    """

    verdict: Verdict
    reason: str
    places: tuple[Place, ...] = ()

    @property
    def supported(self) -> bool:
        """Tell whether it may be shown as evidence."""
        return self.verdict == "supported"


@dataclass(frozen=True, slots=True)
class Source:
    """A text in which words are looked for: that of a document from ``start`` on, as it is and folded."""

    document_id: str
    start: int
    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a quote, found: half-open offsets into the folded text; ``joined``: an ellipsis stands before it."""

    source: Source
    start: int
    end: int
    joined: bool


def fold(text: str) -> str:
    """Return a text with its white space and typography folded, and nothing else."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_TYPOGRAPHY).split())


def source(document_id: str, start: int, text: str) -> Source:
    """Return a stored text as one to look in; what nobody sees in it (soft hyphens, zero-width spaces) is left out."""
    return Source(document_id, start, text, fold(text.translate(_SOFT)))


def same(stored: str, text: str) -> bool:
    """Tell whether a quote is the stored text, but for white space and typography."""
    return stored == text or fold(text) in (fold(stored), fold(stored.translate(_SOFT)))


# -- quotes ------------------------------------------------------------------------------------------


def check_quote(
    catalogue: Catalogue, document_id: str, start: int, end: int, text: str, *, elsewhere: Sequence[str] = ()
) -> Checked:
    """Check the words of a quote against the stored text of a document at half-open offsets.

    Args:
        elsewhere: ids of other documents in which the words may really stand, likeliest first: those of the other
            hits, say. No others are looked in, so that the time is bounded however large the collection is.
    """
    if not any(map(str.isalnum, text)):
        return Checked("fabricated", "There are no words in the quote.")
    stored = _around(catalogue, [(document_id, start, end)])[0]
    if stored is not None and same(stored[1], text):
        if _cut(*stored):
            return Checked("fabricated", "The quote cuts a word or figure of its source short.")
        return Checked("supported", "The words stand in the source at these offsets.")
    if len(text) > LONGEST:
        return Checked("fabricated", "The words do not stand at these offsets; they are too many to be looked for.")
    sources = _sources(catalogue, [document_id, *elsewhere])
    own = sources[0] if sources and sources[0].document_id == document_id else None
    found = whole(text, sources, len(fold(own.text[: max(0, start)])) if own else 0)
    if found is not None:
        where = "at other offsets of the document" if found.document_id == document_id else "in another document"
        return Checked("misattributed", f"The words stand {where}.", (found,))
    return pieced(text, sources)


def verified(catalogue: Catalogue, shown: Iterable[_Shown]) -> tuple[list[_Shown], int]:
    """Return the quotes (or evidence) that are supported, in order, and how many are not and were left out.

    Supported is what stands in the stored text at its offsets, within the passage of its hit, and is cited with the
    authority, committee and meeting date of its document.
    """
    asked = list(shown)
    quotes = [one.quote if isinstance(one, Evidence) else one for one in asked]
    stored = _around(catalogue, [(quote.hit.document_id, quote.start, quote.end) for quote in quotes])
    cited = _cited(catalogue, {quote.hit.document_id for quote in quotes})
    kept = [
        one
        for one, quote, found in zip(asked, quotes, stored, strict=True)
        if found is not None
        and same(found[1], quote.text)
        and any(map(str.isalnum, quote.text))
        and not _cut(*found)
        and quote.hit.start <= quote.start < quote.end <= quote.hit.end
        and cited[quote.hit.document_id] == (quote.hit.authority, quote.hit.committee, quote.hit.meeting_date)
    ]
    return kept, len(asked) - len(kept)


def _around(catalogue: Catalogue, spans: Sequence[tuple[str, int, int]]) -> list[tuple[str, str, str] | None]:
    """Return for each span the two characters before it, itself, and the two after it; None where there is none."""
    rows = catalogue.connection.execute(
        "SELECT e.key, substr(d.text, max(a - 2, 0) + 1, min(a, 2)), substr(d.text, a + 1, b - a),"
        " substr(d.text, b + 1, 2)"
        " FROM (SELECT key, json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS a,"
        " json_extract(value, '$[2]') AS b FROM json_each(?)) e JOIN documents d ON d.document_id = e.id"
        " WHERE a >= 0 AND b > a",
        (json.dumps(spans),),
    )
    found = {row[0]: (row[1], row[2], row[3]) for row in rows if len(row[2]) == spans[row[0]][2] - spans[row[0]][1]}
    return [found.get(i) for i in range(len(spans))]


def _cited(catalogue: Catalogue, documents: set[str]) -> dict[str, tuple[str | None, str | None, str | None]]:
    rows = catalogue.connection.execute(
        "SELECT document_id, authority, committee, meeting_date FROM documents"
        " WHERE document_id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(documents)),),
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _cut(before: str, words: str, after: str) -> bool:
    """Tell whether words begin or end inside a word or figure, by what stands before and after them."""
    left, right = before[-1:], after[:1]
    if words[0].isalnum() and (left.isalnum() or (words[0].isdigit() and re.search(r"\d[.,]$", before))):
        return True
    return words[-1].isalnum() and (right.isalnum() or bool(words[-1].isdigit() and re.match(r"[.,]\d", after)))


def _sources(catalogue: Catalogue, documents: Sequence[str]) -> list[Source]:
    """Return the stored texts of documents, in order, as far as they are not too many to be looked in."""
    found, read = list[Source](), 0
    for document_id in dict.fromkeys(documents):
        row = catalogue.connection.execute(
            "SELECT text FROM documents WHERE document_id = ? AND (? OR length(text) <= ?)",
            (document_id, not found, LOOKED_IN - read),
        ).fetchone()
        if row is not None:
            found.append(source(document_id, 0, row[0]))
            read += len(row[0])
    return found


# -- looking for words -------------------------------------------------------------------------------


def whole(text: str, sources: Sequence[Source], near: int = 0) -> Place | None:
    """Return where words stand, whole and in one place, in the first source that has them.

    Args:
        near: the folded offset in the first source to which the place should be near.
    """
    words = fold(text)
    for number, one in enumerate(sources):
        after = _find(one.folded, words, 0 if number else near)
        before = one.folded.rfind(words, 0, near + len(words)) if number == 0 else -1
        places = [at for at in (before, after) if at >= 0 and not _cuts(one.folded, at, words)]
        at = min(places, key=lambda place: abs(place - near)) if places else _find(one.folded, words, 0)
        if at >= 0:
            return _place(_Piece(one, at, at + len(words), False))
    return None


def pieced(text: str, sources: Sequence[Source]) -> Checked:
    """Return whether words that nowhere stand as they are were stitched of pieces that do, or were made up."""
    pieces = _pieces(fold(text), sources)
    if len(pieces) > 1 and not any(_altered(*pair) for pair in pairwise(pieces)):
        places = tuple(place for piece in pieces if (place := _place(piece)) is not None)
        return Checked("stitched", "Pieces of different places are presented as one.", places)
    return Checked("fabricated", "The words do not stand in the source.")


def _find(folded: str, words: str, start: int) -> int:
    """Return the first offset from ``start`` on at which whole words stand, or -1."""
    at = folded.find(words, start)
    while at >= 0 and _cuts(folded, at, words):
        at = folded.find(words, at + 1)
    return at


def _cuts(folded: str, at: int, words: str) -> bool:
    end = at + len(words)
    return _cut(folded[max(0, at - 2) : at], words, folded[end : end + 2])


def _pieces(words: str, sources: Sequence[Source]) -> list[_Piece]:
    """Return the longest pieces that words can be taken apart into; none where that leaves scraps."""
    found = list[_Piece]()
    for number, part in enumerate(_JOIN.split(words)):
        rest, first = part.split(), True
        while rest:
            low, high, piece = 0, len(rest), None
            while low < high:
                middle = (low + high + 1) // 2
                tried = _piece(" ".join(rest[:middle]), sources, found, number > 0 and first)
                low, high, piece = (middle, high, tried) if tried else (low, middle - 1, piece)
            scrap = len(re.findall(r"\w+", " ".join(rest[:low]))) < LEAST_WORDS and not (first and low == len(rest))
            if piece is None or scrap or len(found) == MAX_PIECES:
                return []
            found.append(piece)
            rest, first = rest[low:], False
    return found


def _piece(words: str, sources: Sequence[Source], before: Sequence[_Piece], joined: bool) -> _Piece | None:
    """Return where words stand: after the piece before them, if they do; else anywhere."""
    words = words.rstrip(_TRAILING) or words
    if before and (at := _find(before[-1].source.folded, words, before[-1].end)) >= 0:
        return _Piece(before[-1].source, at, at + len(words), joined)
    for one in sources:
        if (at := _find(one.folded, words, 0)) >= 0:
            return _Piece(one, at, at + len(words), joined)
    return None


def _altered(first: _Piece, second: _Piece) -> bool:
    """Tell whether two pieces are of one sentence, out of which words were dropped and no ellipsis says so."""
    if second.joined or first.source != second.source or second.start < first.end:
        return False
    return not _SENTENCE_END.search(first.source.folded, first.end, second.start)


def _place(piece: _Piece) -> Place | None:
    """Return where a piece stands in its document."""
    one = piece.source
    start, end = _stored_offset(one, piece.start, piece.start), _stored_offset(one, piece.end, piece.end - 1)
    if fold(one.text[start:end].translate(_SOFT)) != one.folded[piece.start : piece.end]:
        return None  # a word of nothing but hidden characters stands before it
    return Place(one.document_id, one.start + start, one.start + end)


def _stored_offset(one: Source, offset: int, of_word: int) -> int:
    """Return where a folded offset is in the text itself; ``of_word`` lies in the word that it begins or ends."""
    number, inside = one.folded.count(" ", 0, of_word), offset - (one.folded.rfind(" ", 0, of_word) + 1)
    word = next(islice(re.finditer(r"\S+", one.text), number, None), None)
    if word is None or inside > LONGEST:
        return len(one.text)
    lengths = (len(fold(word.group()[:n].translate(_SOFT))) for n in range(1, len(word.group()) + 1))
    return word.start() + sum(1 for _ in takewhile(lambda length: length <= inside, lengths))
