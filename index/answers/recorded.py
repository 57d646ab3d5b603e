"""What the records say became of a matter: the outcome and vote of a motion, the decisions of an agenda item.

Where the minutes record a vote, the record is the answer; a sentence about it is put together from the record's own
fields and proven by the words that the fields were read from. The decision of an item seldom names the matter again,
so it is found by its item and not by its words.
"""

import re
from collections.abc import Iterator, Sequence

from corpus.model import Decision, Motion, Vote
from index.answers.evidence import Quote
from index.answers.labels import Held
from index.hits import Hit
from index.search import Searcher

_COUNT = (
    r"\b{side}\w*\b[^\n\d]{{0,20}}\b{count}\b\)?|\b{count}\b[^\n\d]{{0,20}}\b{side}\w*"
    r"|\b{side}\w*\b(?:[^\d(]|\((?!\d)){{0,2000}}(?:\({count}\)|(?:Total\W{{0,3}}|[–-]\s?){count}\b)"  # after the names
)
_WORD = re.compile(r"\w+")
_NOBODY = r"|\b{side}\w*\W{{0,8}}(?:none|nil)\b"
_SIDES = (
    ("for_count", "(?:for|favour)", "for"),
    ("against_count", "against", "against"),
    ("abstain_count", "abst", "abstaining"),
)
MOST, SHORTEST, LONGEST = 2, 20, 700  # decisions of an item; characters of one
NEAR = 3_000  # characters from a passage within which the decision on its matter stands


def sentence_of(motion: Motion) -> str | None:
    """Return what the record says became of a motion, in one sentence; None where it says nothing of it."""
    if motion.outcome is None and motion.vote is None:
        return None
    words = motion.type.capitalize()
    if motion.mover:
        words += f" moved by {motion.mover}"
        words += f" and seconded by {motion.seconder}" if motion.seconder else ""
    words += f": {motion.outcome or 'outcome not stated'}"
    if motion.vote is not None and (counts := _counts(motion.vote)):
        words += f" ({counts})"
    return f"{words}."


def _counts(vote: Vote) -> str:
    said = [(getattr(vote, field), word) for field, _, word in _SIDES]
    return ", ".join(f"{count} {word}" for count, word in said if count is not None)


def proof_of(searcher: Searcher, document_id: str, motion: Motion) -> list[Quote]:
    """Return the quotes that the record of a motion was read from: its proposal, the counts, the outcome."""
    first = min(motion.start, motion.vote.start) if motion.vote else motion.start
    text = _text(searcher, document_id, first, max(motion.end, motion.outcome_end or 0, _vote_end(motion)))
    spans = [(motion.start, motion.end)]
    if motion.vote is not None:
        for field, side, _ in _SIDES:
            count = getattr(motion.vote, field)
            if count is None:
                continue
            pattern = (_COUNT + ("" if count else _NOBODY)).format(side=side, count=count)
            found = re.compile(pattern, re.IGNORECASE).search(text, motion.vote.start - first, motion.vote.end - first)
            if found:
                spans.append((first + found.start(), first + found.end()))
    if motion.outcome_start is not None and motion.outcome_end is not None:
        spans.append((motion.outcome_start, motion.outcome_end))
    return [quote for start, end in dict.fromkeys(spans) for quote in quotes_over(searcher, document_id, start, end)]


def proven(said: str, proof: Sequence[Quote]) -> bool:
    """Tell whether every figure and name of a sentence that was put together stands in the quotes that prove it."""
    there = set(_WORD.findall(" ".join(quote.text for quote in proof).casefold()))
    named = [word for word in _WORD.findall(said)[1:] if word[0].isdigit() or word[0].isupper()]
    return all(word == "0" or word.casefold() in there for word in named)


def decisions_of_item(searcher: Searcher, hit: Hit, held: Sequence[Held]) -> list[Quote]:
    """Return the nearest decisions of the agenda item that a hit is of, in the order of the text, ``MOST`` at the most.

    Args:
        held: the records of its document.
    """
    item = _item_of(searcher, hit)
    if item is None:
        return []
    decisions = [one.record for one in held if one.item == item and isinstance(one.record, Decision)]
    worded = [
        decision
        for decision in decisions
        if decision.end - decision.start >= SHORTEST and _distance(hit, decision) <= NEAR
    ]
    nearest = sorted(sorted(worded, key=lambda decision: _distance(hit, decision))[:MOST], key=lambda one: one.start)
    quotes = [
        quote_at(searcher, hit.document_id, decision.start, min(decision.end, decision.start + LONGEST))
        for decision in nearest
    ]
    return [quote for quote in quotes if quote is not None]


def motion_of_item(searcher: Searcher, hit: Hit, held: Sequence[Held]) -> Motion | None:
    """Return the motion that the agenda item of a hit was put to the vote with: the last with a vote, no amendment."""
    item = _item_of(searcher, hit)
    voted = [
        one.record
        for one in held
        if item is not None and one.item == item and isinstance(one.record, Motion) and one.record.type == "motion"
    ]
    return next((motion for motion in reversed(voted) if motion.vote is not None), None)


def _item_of(searcher: Searcher, hit: Hit) -> int | None:
    row = searcher.catalogue.connection.execute(
        "SELECT item FROM passages WHERE passage_id = ?", (hit.passage_id,)
    ).fetchone()
    return row[0] if row else None


def _distance(hit: Hit, decision: Decision) -> int:
    """Return the characters between a passage and a decision; of one before it they count twice."""
    return max(decision.start - hit.end, 2 * (hit.start - decision.end), 0)


def quote_at(searcher: Searcher, document_id: str, start: int, end: int) -> Quote | None:
    """Return the stretch [start, end) of a document as a quote of the passage that holds its beginning, or None.

    What runs over the end of that passage is left out, and so is a word that the end would cut.
    """
    hit = passage_at(searcher, document_id, start)
    if hit is None:
        return None
    last = min(end, hit.end)
    text = hit.text[start - hit.start : last - hit.start]
    if hit.text[last - hit.start :][:1].isalnum() and text[-1:].isalnum():
        text = text.rpartition(" ")[0] or text
    return Quote(hit, text, start, start + len(text))


def quotes_over(searcher: Searcher, document_id: str, start: int, end: int) -> Iterator[Quote]:
    """Yield a stretch of a document as quotes, one of each passage that it runs over."""
    while start < end and (quote := quote_at(searcher, document_id, start, end)) is not None:
        yield quote
        start = max(quote.hit.end, quote.end)
        between = _text(searcher, document_id, start, end)
        start += len(between) - len(between.lstrip())


def passage_at(searcher: Searcher, document_id: str, offset: int) -> Hit | None:
    """Return the passage of a document that holds an offset, as a hit; None where none does."""
    row = searcher.catalogue.connection.execute(
        'SELECT passage_id FROM passages WHERE document_id = ? AND start <= ? AND "end" > ?'
        " ORDER BY start DESC LIMIT 1",
        (document_id, offset, offset),
    ).fetchone()
    return searcher.passage(row[0]) if row else None


def _text(searcher: Searcher, document_id: str, start: int, end: int) -> str:
    row = searcher.catalogue.connection.execute(
        "SELECT substr(text, ?, ?) FROM documents WHERE document_id = ?", (start + 1, end - start, document_id)
    ).fetchone()
    return str(row[0]) if row else ""


def _vote_end(motion: Motion) -> int:
    return motion.vote.end if motion.vote is not None else 0
