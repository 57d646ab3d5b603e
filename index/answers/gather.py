"""From hits to evidence: which sentences of the passages found speak to the question, and how well.

A passage is cut into pieces that can stand alone: sentences, or an opening such as "RESOLVED that:" with the entries
that follow it. Each is judged by its own meaning and words, by those of its passage, and by whether it holds the sort
of thing that is asked for. Nothing is worded anew: a piece is a stretch of the stored text.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.model import Motion
from index.analysis import terms
from index.answers.asking import Asking, has_what_is_asked
from index.answers.evidence import Evidence, Quote
from index.answers.labels import Held, Label, label, motion_at, records_of, statuses
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

    ``label`` says what it is; ``cosine`` and ``coverage`` are its own; ``odds`` the log odds that it answers.
    """

    hit: Hit
    start: int
    end: int
    text: str
    label: Label
    cosine: float
    coverage: float
    odds: float


def gather(searcher: Searcher, asked: Asked, asking: Asking, hits: Sequence[Hit]) -> list[Piece]:
    """Return the pieces of some hits, in the order of the hits and of their text."""
    documents = [hit.document_id for hit in hits]
    held, status = records_of(searcher.catalogue, documents), statuses(searcher.catalogue, documents)
    stretches = [(hit, *span) for hit in hits for span in cut(hit, held[hit.document_id])]
    stretches = [(hit, *_trimmed(hit, start, end, asked)) for hit, start, end in stretches]
    if not asks_for(asked.understood.text):
        stretches = [(hit, start, end) for hit, start, end in stretches if not _is_formal(hit, start, end)]
    if not stretches:
        return []
    texts = [hit.text[start - hit.start : end - hit.start] for hit, start, end in stretches]
    cosines = (searcher.encoder.encode_passages(texts) @ searcher.encoded(asked.understood.text)).tolist()
    covered = searcher.coverage(asked, texts)
    pieces = []
    for (hit, start, end), text, cosine, share in zip(stretches, texts, cosines, covered, strict=True):
        says = label(hit, start, end, text, held[hit.document_id], status.get(hit.document_id))
        pieces.append(Piece(hit, start, end, text, says, cosine, share, 0.0))
    return [replace(piece, odds=_odds(piece, asking)) for piece in pieces]


def _odds(piece: Piece, asking: Asking) -> float:
    """Return the log odds that a piece answers."""
    odds = BIAS + COSINE * piece.cosine + COVERAGE * piece.coverage + PASSAGE * piece.hit.score
    odds += FITS * has_what_is_asked(piece.text, asking.kind)
    return odds + DECIDES * (asking.decision and piece.label.kind in ("decision", "motion", "amendment", "vote"))


def evidence_of(piece: Piece) -> Evidence:
    """Return a piece as evidence."""
    quote = Quote(piece.hit, piece.text, piece.start, piece.end)
    chance = round(1 / (1 + math.exp(-piece.odds)), 3)
    return Evidence(quote, piece.label.kind, piece.label.outcome, piece.label.marks, chance)


# -- cutting -----------------------------------------------------------------------------------------


def cut(hit: Hit, held: Sequence[Held]) -> list[tuple[int, int]]:
    """Return the document offsets of the pieces of a hit's passage: half-open, ascending, headings left out.

    What cannot stand alone is joined to what follows it, or at the end to what goes before, but never words of one
    motion to those of another: what became of the last motion is no opening of the next.

    Args:
        held: the records of the hit's document.
    """
    found: list[tuple[int, int, Motion | None]] = []
    for unit in units(hit.text, 0, len(hit.text)):
        start, end = hit.start + unit.start, hit.start + unit.end
        motion = motion_at(held, start, end)
        if found and _joins(hit, found[-1], end, motion):
            found[-1] = (found[-1][0], end, motion)
        elif not (_is_heading(hit.text[unit.start : unit.end], hit) and not found):
            found.append((start, end, motion))
    if len(found) > 1:
        first, last = found[-2:]
        if last[1] - last[0] < SHORT and last[1] - first[0] <= LONGEST and first[2] == last[2]:
            found[-2:] = [(first[0], last[1], first[2])]
    return [(start, end) for start, end, _ in found]


def _joins(hit: Hit, before: tuple[int, int, Motion | None], end: int, motion: Motion | None) -> bool:
    """Tell whether a unit that ends at an offset goes on from the piece before it."""
    start, last, its_motion = before
    return end - start <= LONGEST and motion == its_motion and _open(hit.text[start - hit.start : last - hit.start])


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
