"""What minutes made of a matter: decisions, recommendations, and motions and amendments with what became of them.

Each is read as precedents are (``decided``) and proven by quotes: of the words that were moved or decided, and of
those that tell the outcome and the vote. What cannot be proven is left out, and what has no outcome is no settlement.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.model import Decision, Vote
from index.answers.evidence import Evidence, Mark, Quote
from index.answers.labels import Held, label, records_of, statuses
from index.answers.recorded import quote_at
from index.precedents.decided import Decided, Place, decided_in
from index.precedents.decided_near import LONGEST_ITEM, MAX_WORDING, Texts
from index.proof.verify import verified
from index.search import Asked, Searcher

NAMED = 0.2  # share of the words of a question that what was settled names, or its heading

_NOTED = re.compile(r"\W*(?:(?:this|it|the (?:report|information)) was )?(?:duly )?noted\W*", re.IGNORECASE)

SettledKind = Literal["decision", "recommendation", "motion", "amendment"]
State = Literal["carried", "decided", "lost", "withdrawn", "not seconded", "recommended"]
STATES: tuple[State, ...] = ("carried", "decided", "lost", "withdrawn", "not seconded", "recommended")


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision, a recommendation, or a motion or amendment, and what became of it.

    ``quote`` are the words that were moved, decided or recommended, ``cut`` where they go on in the source; ``proof``
    are those that tell the outcome and the vote.
    """

    kind: SettledKind
    state: State
    vote: Vote | None
    quote: Quote
    cut: bool
    proof: tuple[Quote, ...]
    marks: tuple[Mark, ...]


def settled_at(searcher: Searcher, asked: Asked, spots: Sequence[Quote], texts: Texts) -> list[Settled]:
    """Return what was settled where some quotes stand, in the order of the quotes and of the text.

    That is: in the quotes themselves, and in the agenda items that they stand in where an item is one matter; and as
    far as its words or its heading name what the question asks for.
    """
    documents = [spot.hit.document_id for spot in spots]
    held, status = records_of(searcher.catalogue, documents), statuses(searcher.catalogue, documents)
    found: dict[tuple[str, int, int], Settled] = {}
    for place, title, quotes in _places(searcher, spots, texts):
        text, document = texts[place.document_id], place.document_id
        for one in decided_in(searcher.catalogue, place, text):
            if _on_the_matter(searcher, asked, one, title, quotes, text):
                decisions = [each for each in held.get(document, ()) if isinstance(each.record, Decision)]
                if (made := _settled(searcher, one, text, decisions, status.get(document))) is not None:
                    found.setdefault((document, one.start, one.end), made)
    return list(found.values())


def _places(searcher: Searcher, spots: Sequence[Quote], texts: Texts) -> Iterator[tuple[Place, str, list[Quote]]]:
    """Yield the agenda items that quotes stand in, or their documents where these have none, with title and quotes."""
    found: dict[Place, tuple[str, list[Quote]]] = {}
    for spot in spots:
        document = spot.hit.document_id
        row = searcher.catalogue.connection.execute(
            'SELECT i.position, i.start, i."end", i.title FROM passages p JOIN items i'
            " ON i.document_id = p.document_id AND i.position = p.item WHERE p.passage_id = ?",
            (spot.hit.passage_id,),
        ).fetchone()
        place = Place(document, *row[:3]) if row else Place(document, None, 0, len(texts[document]))
        found.setdefault(place, (row[3] if row else "", []))[1].append(spot)
    for place, (title, quotes) in found.items():
        yield place, title, quotes


def _on_the_matter(
    searcher: Searcher, asked: Asked, one: Decided, title: str, quotes: Sequence[Quote], text: str
) -> bool:
    """Tell whether what was settled names what is asked for, and stands in a quote or in an item of one matter."""
    spans = [(one.start, one.end), one.outcome_at or (0, 0)]
    quoted = any(quote.start < end and start < quote.end for quote in quotes for start, end in spans)
    if not quoted and (one.place.item is None or one.place.end - one.place.start > LONGEST_ITEM):
        return False
    return searcher.coverage(asked, [f"{title} {text[one.start : one.end]}"])[0] >= NAMED


def _settled(
    searcher: Searcher, decided: Decided, text: str, decisions: Sequence[Held], status: str | None
) -> Settled | None:
    """Return what was settled, proven; None where it has no outcome, or its words or outcome cannot be proven."""
    document = decided.place.document_id
    end = min(decided.end, decided.start + MAX_WORDING)
    words = quote_at(searcher, document, decided.start, end) if decided.outcome != "not stated" else None
    if words is None or _NOTED.fullmatch(words.text):
        return None
    spans = [decided.outcome_at, (decided.vote.start, decided.vote.end) if decided.vote else None]
    told = [quote_at(searcher, document, *span) for span in dict.fromkeys(spans) if span is not None]
    proof, missing = verified(searcher.catalogue, [quote for quote in told if quote is not None])
    if missing or not verified(searcher.catalogue, [words])[0]:
        return None
    says = label(words.hit, words.start, words.end, words.text, decisions, status)
    advises = decided.kind == "decision" and says.kind == "recommendation"
    return Settled(
        kind="recommendation" if advises else decided.kind,
        state="recommended" if advises else next(state for state in STATES if state == decided.outcome),
        vote=decided.vote,
        quote=words,
        cut=words.end < decided.end,
        proof=tuple(proof),
        marks=says.marks,
    )


def recommended(said: Evidence) -> Settled:
    """Return a quote that is labelled a recommendation as one."""
    return Settled("recommendation", "recommended", None, said.quote, False, (), said.marks)
