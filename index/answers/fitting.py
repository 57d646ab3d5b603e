"""Whether passages fit what a question demands: that they name a person or a place, or tell an outcome.

A passage on the subject that does not fit is no answer; it is offered apart.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby

from corpus import register
from corpus.filters import Filters
from index.answers.gather import Piece
from index.answers.told import opposes, tells_manner, told
from index.answers.wanted import Wanted, names_thing
from index.search import Asked, Searcher
from index.understanding.authority_names import named_in
from index.understanding.query import plain_words

ON_SUBJECT = 0.5  # of the subject's words, by weight, that a stretch must hold to be on it
_ONLY_MOVED = re.compile(r"\bI (?:will )?(?:move|propose)\b|\A[\W“]*That\b")
_ACTS = re.compile(r"\b(?:did|does|do|has|have|had|is|was|were|will|can)\s+(?:the\s+)?\Z", re.IGNORECASE)
_GENERIC = re.compile(
    r"\b(?:city|county|borough|district|metropolitan|royal|london|council|parish|town|community|of|the|and|upon)\b"
)


def fitting(searcher: Searcher, wanted: Wanted, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of the passages that fit what is asked for.

    An outcome that the question supposes needs to be told in one of them; then all of them stand, for the reason of a
    refusal seldom stands in its sentence.
    """
    by_passage = [list(group) for _, group in groupby(pieces, key=lambda piece: piece.hit.passage_id)]
    on_subject = on_subject_of(searcher, wanted.subject)
    named = [group for group in by_passage if wanted.person is None or _names(group[0], wanted.person)]
    if wanted.supposed:
        tells = any(_tells(group, wanted, on_subject) for group in named)
        return [piece for group in named for piece in group] if tells else []
    kept = [group for group in named if wanted.thing is None or _is_of(group, wanted, on_subject)]
    return [piece for group in kept for piece in group]


def on_subject_of(searcher: Searcher, subject: str) -> Callable[[str], bool]:
    """Return what tells whether a stretch is on a subject."""
    if not subject:
        return lambda text: True
    asked = searcher.understand(f"{subject}", Filters())
    if not asked.lexical.groups:
        return lambda text: True
    return lambda text: searcher.coverage(asked, [text])[0] >= ON_SUBJECT


def _names(piece: Piece, name: str) -> bool:
    said = f"{piece.hit.item_title or ''} {piece.hit.text}"
    return re.search(rf"\b{re.escape(name)}\b", said, re.IGNORECASE) is not None


def _tells(group: Sequence[Piece], wanted: Wanted, on_subject: Callable[[str], bool]) -> bool:
    """Tell whether a passage says of the subject that what is supposed came about, and not only of an amendment."""
    for at, piece in enumerate(group):
        if not _comes_about(piece, wanted):
            continue
        beside = " ".join(one.text for one in group[max(0, at - 1) : at + 2])
        if on_subject(f"{piece.hit.item_title or ''} {beside}"):
            return True
    return False


def _comes_about(piece: Piece, wanted: Wanted) -> bool:
    """Tell whether a piece tells the outcome: of a motion by its record, of another matter by its words."""
    if wanted.thing is not None and piece.label.outcome is not None:
        return piece.label.outcome == wanted.fate
    of_amendment = piece.label.kind == "amendment" or (piece.label.kind == "vote" and "mendment" in piece.text)
    return not of_amendment and not _ONLY_MOVED.search(piece.text) and _says(piece.text, wanted)


def _says(text: str, wanted: Wanted) -> bool:
    if wanted.fate == "lost":
        return opposes(text)
    return any(tell.fate == wanted.fate for tell in told(text, 0, len(text)))


def _is_of(group: Sequence[Piece], wanted: Wanted, on_subject: Callable[[str], bool]) -> bool:
    """Tell whether a passage speaks of a kind of thing on the subject, with the outcome that is asked for."""
    hit = group[0].hit
    said = f"{hit.item_title or ''}\n{hit.text}"
    if wanted.thing is None or not names_thing(said, wanted.thing) or not on_subject(said):
        return False
    return wanted.fate is None or any(_says(piece.text, wanted) for piece in group)


def of_motions(searcher: Searcher, wanted: Wanted, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces that tell of such a motion as is asked for, where the minutes make no record of it."""
    on_subject = on_subject_of(searcher, wanted.subject)
    return [
        piece
        for piece in pieces
        if piece.label.kind not in ("report", "agenda", "recommendation")
        and piece.label.outcome in (None, wanted.fate)
        and wanted.mover is None
        and wanted.thing is not None
        and names_thing(piece.text, wanted.thing)
        and (wanted.fate is None or any(one.fate == wanted.fate for one in told(piece.text, 0, len(piece.text))))
        and (wanted.manner is None or tells_manner(piece.text, wanted.manner))
        and on_subject(f"{piece.hit.item_title or ''} {piece.hit.text}")
    ]


# -- authorities that are not held -----------------------------------------------------------------------


def not_held(asked: Asked, held: Sequence[str]) -> tuple[str, ...]:
    """Return the authorities that a question asks about and of which the collection holds nothing.

    A full name is one wherever it stands, a short one only where somebody acts: "What did Devon decide", not "the
    Carmarthenshire community council".
    """
    codes = {known.code for name in held if (known := register.by_name(name))}
    question = plain_words(asked.understood.typed)
    found = []
    for name, start, end in named_in(question, _registered(frozenset(codes))):
        words = question[start:end].casefold()
        if "council" in words or words.endswith(("'s", "’s")) or _ACTS.search(question, 0, start):
            found.append(name)
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=4)
def _registered(but: frozenset[str]) -> tuple[str, ...]:
    return tuple(authority.name for authority in register.authorities() if authority.code not in but)


def speaking_of(authority: str, pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of the passages that name an authority, or give its initials ("S.B.C.")."""
    words = _GENERIC.sub(" ", authority.casefold().replace("council", " ")).split()
    initials = [word[0] for word in authority.split() if word[0].isupper()]
    name = re.compile(rf"\b{r'[ -]'.join(map(re.escape, words))}\b", re.IGNORECASE) if words else None
    short = re.compile(rf"\b{r'[.]?'.join(initials)}\b") if len(initials) > 2 else None
    patterns = [pattern for pattern in (name, short) if pattern]
    return [
        piece
        for piece in pieces
        if any(pattern.search(f"{piece.hit.item_title or ''} {piece.hit.text}") for pattern in patterns)
    ]
