"""A period that a question names is that of the meeting, or of what a later meeting speaks of.

"Which group was formed in February 2011?" is answered by the minutes of March, which say so. Where no meeting of the
period answers, passages of meetings some months around it do, if they name the month or year that is asked for.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from corpus.filters import Filters
from index.answers.gather import Piece
from index.understanding.query import Understood

AROUND = timedelta(days=123)
_MONTH = re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def named(understood: Understood) -> tuple[str, ...]:
    """Return the words of a question that name its period, the months or else the years; none where it is an operator.

    "Last year" names neither.
    """
    words = " ".join(one.words for one in understood.found if one.field in ("from", "to") and not one.explicit)
    return tuple(dict.fromkeys(_MONTH.findall(words) or _YEAR.findall(words)))


def around(filters: Filters, given: Filters) -> Filters:
    """Return the filters given, with the period of ``filters`` and some months before and after it."""
    first, last = filters.date_from, filters.date_to
    return replace(
        given,
        authorities=filters.authorities,
        date_from=(date.fromisoformat(first) - AROUND).isoformat() if first else None,
        date_to=(date.fromisoformat(last) + AROUND).isoformat() if last else None,
        unknown_too=filters.unknown_too,
    )


def speaking_of(words: Sequence[str], pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of passages that name a month or year."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
    return [piece for piece in pieces if pattern.search(piece.hit.text)]
