"""Choosing what an answer is made of: the few pieces that speak to a question best, not the many that resemble it.

A passage gives one quote: its best piece with those beside it that speak to the question nearly as well. A question
about one thing is answered from the few best passages; one about several authorities from the best of each.
"""

from collections.abc import Sequence
from dataclasses import replace

from index.asking import Asking
from index.gather import Piece

PASSAGES, OF_SEVERAL, OF_ONE = (
    5,
    12,
    3,
)  # quotes at most: to one question, to one about several authorities, of one of them
BEHIND = 1.6  # log odds that a passage may lie behind the best one
BESIDE = 1.3  # the same of a piece beside the best of its passage
LONG, USUAL = 700, 420  # characters of a quote: of the best passage, of the others


def choose(pieces: Sequence[Piece], asking: Asking) -> list[Piece]:
    """Return the pieces that answer, grown to quotes, the best passage first, and of one authority together."""
    by_passage: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_passage.setdefault(piece.hit.passage_id, []).append(piece)
    ranked = sorted(by_passage.values(), key=lambda found: (-max(piece.odds for piece in found), found[0].hit.rank))
    if not ranked:
        return []
    best = max(piece.odds for piece in ranked[0])
    near = [found for found in ranked if max(piece.odds for piece in found) >= best - BEHIND]
    kept = _of_several(near) if asking.several else near[:PASSAGES]
    return _together([grown(found, LONG if i == 0 else USUAL) for i, found in enumerate(kept)])


def _of_several(ranked: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Return the best passages of each authority; each gets its first before any gets its second."""
    turns: dict[str, list[list[Piece]]] = {}
    for found in ranked:
        turns.setdefault(_whose(found[0]), []).append(found)
    rounds = [mine[turn] for turn in range(OF_ONE) for mine in turns.values() if turn < len(mine)]
    return rounds[:OF_SEVERAL]


def _together(pieces: Sequence[Piece]) -> list[Piece]:
    order = list(dict.fromkeys(_whose(piece) for piece in pieces))
    return sorted(pieces, key=lambda piece: order.index(_whose(piece)))


def _whose(piece: Piece) -> str:
    return piece.hit.authority or piece.hit.document_id


def grown(pieces: Sequence[Piece], longest: int) -> Piece:
    """Return the best piece of a passage with those beside it that are nearly as good, as one stretch."""
    at = max(range(len(pieces)), key=lambda place: (pieces[place].odds, -place))
    best, first, last = pieces[at], at, at
    while True:
        beside = [place for place in (first - 1, last + 1) if 0 <= place < len(pieces)]
        fit = [place for place in beside if pieces[place].odds >= best.odds - BESIDE]
        fit = [
            place
            for place in fit
            if pieces[max(last, place)].end - pieces[min(first, place)].start <= max(longest, best.end - best.start)
        ]
        if not fit:
            break
        chosen = max(fit, key=lambda place: pieces[place].odds)
        first, last = min(first, chosen), max(last, chosen)
    start, end = pieces[first].start, pieces[last].end
    text = best.hit.text[start - best.hit.start : end - best.hit.start]
    return replace(best, start=start, end=end, text=text)
