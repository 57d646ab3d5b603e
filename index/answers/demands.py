"""What a question demands beyond its subject, and whether the evidence found for it meets that.

A question that names a person, an authority of which nothing is held, a scheme whose name occurs nowhere, or an
outcome that did not come about, gets no answer from passages on the same subject: what is lacking is said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.analysis import terms
from index.answers.fitting import fitting, not_held, speaking_of
from index.answers.gather import Piece
from index.answers.wanted import Wanted, in_words
from index.search import Asked, Searcher

_NAME = re.compile(r"(?<![.?!:\"“]\s)(?<=\s)(?P<name>[A-ZÀ-Þ][a-zà-ÿ’']{3,})\b")
_KNOWN = frozenset(
    """england english britain british great wales welsh scotland scottish ireland irish northern united kingdom
    europe european london council councils county borough city district parish town community cabinet committee
    authority authorities january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday christmas easter internet""".split()
)


@dataclass(frozen=True, slots=True)
class Demanded:
    """The pieces that meet what a question demands; what is lacking where none does, else ""; notes for the reader."""

    pieces: Sequence[Piece]
    lacks: str
    notes: tuple[str, ...] = ()


def demanded(searcher: Searcher, asked: Asked, wanted: Wanted | None, pieces: Sequence[Piece]) -> Demanded:
    """Return the pieces that meet what a question demands."""
    others = () if asked.filters.documents else not_held(asked, searcher.columns.authorities)
    if others and not asked.filters.authorities:
        pieces = [piece for name in others for piece in speaking_of(name, pieces)]
        if not pieces:
            return Demanded((), f"no documents of {' or '.join(others)} are held, and no passage found names it")
    unheard = _unheard(searcher, asked, " ".join(others).casefold().split())
    if unheard:
        named = " and ".join(f"“{name}”" for name in unheard)
        return Demanded((), f"{named} {'occurs' if len(unheard) == 1 else 'occur'} in none")
    notes = tuple(f"No documents of {name} are held." for name in others)
    if wanted is None or wanted.lists:
        return Demanded(pieces, "", notes)
    fits = fitting(searcher, wanted, pieces)
    return Demanded(fits, "" if fits or not pieces else f"nothing found is {in_words(wanted)}", notes)


def _unheard(searcher: Searcher, asked: Asked, authorities: Sequence[str]) -> tuple[str, ...]:
    """Return the names in a question that occur in no document, nor anything that may stand for them.

    Args:
        authorities: the words of authorities' names, which are looked for otherwise.
    """
    widened = {group[0][0] for group in asked.lexical.groups if len(group) > 1}
    found = []
    for match in _NAME.finditer(asked.understood.text):
        name = match["name"]
        said = terms(name)
        if name.lower() in _KNOWN or name.casefold() in authorities or not said or widened & set(said):
            continue
        if not any(searcher.document_frequency(one) for one in said):
            found.append(name)
    return tuple(dict.fromkeys(found))
