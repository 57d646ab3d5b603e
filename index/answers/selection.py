"""Choosing what an answer is made of: the few pieces that speak to a question best, not the many that resemble it.

A passage gives one stretch: its best piece with those beside it, as far as there is room; the better the passage, the
more of it is quoted, since what follows "it was agreed" often names the matter no more. A question about one thing is
answered from the few best passages; one about several authorities from the best of each.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from index.answers.asking import Asking
from index.answers.gather import Piece

ROOM = (1_100, 1_000, 700, 400, 300, 300)  # characters of the quotes from the best passage on
OF_SENTENCE = 0.1  # how much the log odds of its best sentence count beside the score of a passage's hit
BEHIND = 0.28  # of the score of its hit that a passage may lie behind the best one
WORTH_BEHIND = 0.48  # of both, which is enough too
ROOM_OF_SEVERAL = 420  # the same where several authorities are asked about
BEHIND_OF_SEVERAL = 0.5
OF_SEVERAL, OF_ONE = 14, 2  # quotes in all, and of one authority
BESIDE = 5.0  # log odds that a piece may lie behind the best of its passage to be quoted with it


def choose(pieces: Sequence[Piece], asking: Asking) -> list[Piece]:
    """Return the pieces that answer, grown to quotes, the best passage first, and of one authority together."""
    by_passage: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_passage.setdefault(piece.hit.passage_id, []).append(piece)
    ranked = sorted(by_passage.values(), key=lambda found: (-_worth(found), found[0].hit.rank))
    if not ranked:
        return []
    if asking.several:
        near = _near(ranked, BEHIND_OF_SEVERAL)
        return _together([piece for found in _of_several(near) for piece in grown(found, ROOM_OF_SEVERAL)])
    near = _near(ranked, BEHIND)
    return _together([piece for found, room in zip(near, ROOM, strict=False) for piece in grown(found, room)])


def _near(ranked: Sequence[list[Piece]], behind: float) -> list[list[Piece]]:
    """Return the passages that are not far behind the best hit, or not far behind the one that answers best."""
    score, worth = max(found[0].hit.score for found in ranked), _worth(ranked[0])
    return [
        found
        for found in ranked
        if found[0].hit.score >= score - behind or _worth(found) >= worth - behind - (WORTH_BEHIND - BEHIND)
    ]


def _worth(found: Sequence[Piece]) -> float:
    """Return how well a passage answers: by its place among the hits, and by the best of its sentences."""
    return found[0].hit.score + OF_SENTENCE * max(piece.odds for piece in found)


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


def grown(pieces: Sequence[Piece], room: int) -> list[Piece]:
    """Return the best piece of a passage with those beside it that fit into ``room`` characters, as quotes.

    They are one stretch, parted where the label changes, so that no quote holds words that its label is not true of.
    The best piece is quoted whole however long it is.
    """
    at = max(range(len(pieces)), key=lambda place: (pieces[place].odds, -place))
    best, first, last = pieces[at], at, at
    while True:
        beside = [place for place in (first - 1, last + 1) if 0 <= place < len(pieces)]
        fit = [
            place
            for place in beside
            if pieces[place].odds >= best.odds - BESIDE
            and pieces[max(last, place)].end - pieces[min(first, place)].start <= room
        ]
        if not fit:
            break
        chosen = max(fit, key=lambda place: pieces[place].odds)
        first, last = min(first, chosen), max(last, chosen)
    return [_joined(list(run)) for _, run in groupby(pieces[first : last + 1], key=lambda piece: piece.label)]


def _joined(run: Sequence[Piece]) -> Piece:
    """Return successive pieces of a passage as one, as good as the best of them."""
    best, hit = max(run, key=lambda piece: piece.odds), run[0].hit
    start, end = run[0].start, run[-1].end
    return replace(best, start=start, end=end, text=hit.text[start - hit.start : end - hit.start])
