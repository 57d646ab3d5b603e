"""From hits to evidence: which sentences of the passages found speak to the question, and how well.

A passage is cut into pieces that can stand alone: sentences, or an opening such as "RESOLVED that:" with the entries
that follow it. Each is judged by its own meaning and words, by those of its passage, and by whether it holds the sort
of thing that is asked for. Nothing is worded anew: a piece is a stretch of the stored text.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.analysis import terms
from index.answers.asking import Asking, has_what_is_asked
from index.answers.evidence import Evidence, Quote
from index.answers.labels import Held, label, records_of, statuses
from index.boilerplate import asks_for, boilerplate
from index.hits import Hit
from index.search import Asked, Searcher
from ingest.sentences import units

SHORT = 40  # characters of a piece that is joined to the next, for it cannot stand alone
LONGEST = 600  # characters of a piece; a longer unit (a table without stops) is cut to what the question asks for
_GOES_ON = re.compile(r"(?:[:;,–—-]|\b(?:and|or|that|to|the|of))\s*$", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_CONTACT = re.compile(r"\b[\w.+-]+@[\w-]+\.\w|(?<![\d£.,/-])\+?\d(?:[ ]?\d){9,11}(?![\d.,/])")
_OF_HEADINGS = frozenset(terms("meeting item minute agenda decision resolution minutes part"))
COSINE, COVERAGE, PASSAGE, FITS, DECIDES, BIAS = 5.0, 2.5, 2.0, 0.6, 0.8, -5.0  # weights of a piece's log odds


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a hit's passage, half-open offsets into the document, and how well it speaks to the question.

    ``cosine`` and ``coverage`` are its own; ``odds`` the log odds that it answers.
    """

    hit: Hit
    start: int
    end: int
    text: str
    cosine: float
    coverage: float
    odds: float


def gather(searcher: Searcher, asked: Asked, asking: Asking, hits: Sequence[Hit]) -> list[Piece]:
    """Return the pieces of some hits, in the order of the hits and of their text."""
    stretches = [(hit, *span) for hit in hits for span in cut(hit)]
    stretches = [(hit, *_trimmed(hit, start, end, asked)) for hit, start, end in stretches]
    if not asks_for(asked.understood.text):
        stretches = [(hit, start, end) for hit, start, end in stretches if not _is_formal(hit, start, end)]
    if not stretches:
        return []
    texts = [hit.text[start - hit.start : end - hit.start] for hit, start, end in stretches]
    vector = searcher.encoder.encode_queries([asked.understood.text])[0]
    cosines = (searcher.encoder.encode_passages(texts) @ vector).tolist()
    covered = searcher.coverage(asked, texts)
    held = records_of(searcher.catalogue, [hit.document_id for hit in hits])
    pieces = [
        Piece(hit, start, end, text, cosine, share, 0.0)
        for (hit, start, end), text, cosine, share in zip(stretches, texts, cosines, covered, strict=True)
    ]
    return [replace(piece, odds=_odds(piece, asking, held.get(piece.hit.document_id, ()))) for piece in pieces]


def _odds(piece: Piece, asking: Asking, held: Sequence[Held]) -> float:
    """Return the log odds that a piece answers; ``held`` are the records of its document."""
    odds = BIAS + COSINE * piece.cosine + COVERAGE * piece.coverage + PASSAGE * piece.hit.score
    odds += FITS * has_what_is_asked(piece.text, asking.kind)
    if asking.decision:
        kind = label(piece.hit, piece.start, piece.end, piece.text, held, None).kind
        odds += DECIDES * (kind in ("decision", "motion", "amendment", "vote"))
    return odds


def evidence_of(searcher: Searcher, pieces: Sequence[Piece]) -> list[Evidence]:
    """Return pieces as evidence: labelled from the records of their documents."""
    documents = [piece.hit.document_id for piece in pieces]
    held, status = records_of(searcher.catalogue, documents), statuses(searcher.catalogue, documents)
    found = []
    for piece in pieces:
        document = piece.hit.document_id
        says = label(piece.hit, piece.start, piece.end, piece.text, held.get(document, ()), status.get(document))
        quote = Quote(piece.hit, piece.text, piece.start, piece.end)
        found.append(Evidence(quote, says.kind, says.outcome, says.marks, round(1 / (1 + math.exp(-piece.odds)), 3)))
    return found


# -- cutting -----------------------------------------------------------------------------------------


def cut(hit: Hit) -> list[tuple[int, int]]:
    """Return the document offsets of the pieces of a hit's passage: half-open, ascending, headings left out."""
    text = hit.text
    found: list[tuple[int, int]] = []
    start = end = -1
    for unit in units(text, 0, len(text)):
        words = text[unit.start : unit.end]
        if start < 0 and _is_heading(words, hit):
            continue
        if start >= 0 and (unit.end - start > LONGEST or not _open(text[start:end])):
            found.append((start, end))
            start = -1
        if start < 0:
            start = unit.start
        end = unit.end
    if start >= 0:
        found.append((start, end))
    if len(found) > 1 and found[-1][1] - found[-1][0] < SHORT and found[-1][1] - found[-2][0] <= LONGEST:
        last = found.pop()
        found[-1] = (found[-1][0], last[1])
    return [(hit.start + first, hit.start + last) for first, last in found]


def _open(text: str) -> bool:
    """Tell whether a piece cannot stand alone yet."""
    return len(text) < SHORT or _GOES_ON.search(text) is not None


def _is_heading(text: str, hit: Hit) -> bool:
    """Tell whether a piece says no more than the title of the item, the meeting and its date."""
    title = hit.item_title or hit.title
    if len(text) > len(title) + 60:
        return False
    known = set(terms(" ".join(filter(None, (hit.item_number, title, hit.committee, hit.authority)))))
    said = {term for term in terms(text) if not term.isdigit()}
    return len(said - known - _OF_HEADINGS) <= (len(text) > SHORT)


def _is_formal(hit: Hit, start: int, end: int) -> bool:
    """Tell whether a stretch is boilerplate, or somebody's telephone numbers and addresses."""
    text = hit.text[start - hit.start : end - hit.start]
    return len(_CONTACT.findall(text)) >= 2 or boilerplate(text, hit.item_title)


def _trimmed(hit: Hit, start: int, end: int, asked: Asked) -> tuple[int, int]:
    """Return a stretch, or where it is too long the part of it with most of the question's words."""
    if end - start <= LONGEST:
        return start, end
    wanted = {term for group in asked.lexical.groups for term in group[0][0].split()}
    text = hit.text[start - hit.start : end - hit.start]
    words = [(match.start(), match.end(), wanted.isdisjoint(terms(match.group()))) for match in _WORD.finditer(text)]
    best, most = (words[0][0], min(end - start, LONGEST)), -1
    last = count = 0
    for first, (left, _, misses) in enumerate(words):
        while last < len(words) and words[last][1] - left <= LONGEST:
            count += not words[last][2]
            last += 1
        if count > most:
            best, most = (left, words[max(last - 1, first)][1]), count
        count -= not misses if last > first else 0
        last = max(last, first + 1)
    return start + best[0], start + best[1]
