"""From evidence to the sentences of an answer: each quote, and what the records say became of its matter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.model import Motion, Outcome
from index.answers.asking import Asking
from index.answers.evidence import Evidence, EvidenceKind, Mark, Quote
from index.answers.labels import Held, label, motion_at, records_of
from index.answers.recorded import decisions_of_item, motion_of_item, proof_of, proven, sentence_of
from index.proof.verify import verified
from index.search import Searcher

MATTERS = 3  # passages, the first ones, whose agenda items are asked for their decision


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer and the quotes that prove it (one or more); an extractive one *is* its quote."""

    text: str
    kind: EvidenceKind
    outcome: Outcome | None
    marks: tuple[Mark, ...]
    citations: tuple[Quote, ...]


def sentences_of(searcher: Searcher, chosen: Sequence[Evidence], asking: Asking) -> list[Sentence]:
    """Return the evidence as sentences; where a decision is asked for, with what became of each matter.

    What became of a motion comes before the words that belong to it, the decision of an item after them.
    """
    held = records_of(searcher.catalogue, [one.quote.hit.document_id for one in chosen])
    sentences: list[Sentence] = []
    told = set[tuple[str, int]]()
    best = list(dict.fromkeys(one.quote.hit.passage_id for one in chosen))[:MATTERS]
    for one in chosen:
        records = held.get(one.quote.hit.document_id, ())
        said = Sentence(one.quote.text, one.kind, one.outcome, one.marks, (one.quote,))
        if not asking.decision:
            sentences.append(said)
            continue
        sentences += [*_outcome(searcher, one, records, told), said]
        if asking.votes and one.quote.hit.passage_id in best:
            sentences += _told(searcher, one, motion_of_item(searcher, one.quote.hit, records), told)
        if one.quote.hit.passage_id in best and one.kind not in ("motion", "amendment", "vote"):
            sentences += _decisions(searcher, one, records, chosen, told)
    return sentences


def motions_of(searcher: Searcher, chosen: Sequence[Evidence]) -> list[Sentence]:
    """Return evidence of motions as sentences, each motion with what the record says became of it before its words."""
    held = records_of(searcher.catalogue, [one.quote.hit.document_id for one in chosen])
    told = set[tuple[str, int]]()
    sentences: list[Sentence] = []
    for one in chosen:
        said = Sentence(one.quote.text, one.kind, one.outcome, one.marks, (one.quote,))
        sentences += [*_outcome(searcher, one, held[one.quote.hit.document_id], told), said]
    return sentences


def _outcome(searcher: Searcher, one: Evidence, held: Sequence[Held], told: set[tuple[str, int]]) -> Iterator[Sentence]:
    """Yield what the record says became of the motion that a piece of evidence belongs to, once."""
    yield from _told(searcher, one, motion_at(held, one.quote.start, one.quote.end), told)


def _told(searcher: Searcher, one: Evidence, motion: Motion | None, told: set[tuple[str, int]]) -> Iterator[Sentence]:
    document = one.quote.hit.document_id
    if motion is None or (document, motion.start) in told or not (said := sentence_of(motion)):
        return
    told.add((document, motion.start))
    proof, unproven = verified(searcher.catalogue, proof_of(searcher, document, motion))
    if proof and not unproven and proven(said, proof):
        yield Sentence(said, "vote", motion.outcome, one.marks, tuple(proof))


def _decisions(
    searcher: Searcher, one: Evidence, held: Sequence[Held], said: Sequence[Evidence], told: set[tuple[str, int]]
) -> Iterator[Sentence]:
    """Yield the decisions of the agenda item that a piece of evidence is of, but for those that are quoted already."""
    hit = one.quote.hit
    quotes, _ = verified(searcher.catalogue, decisions_of_item(searcher, hit, held))
    for quote in quotes:
        spans = [(e.quote.start, e.quote.end) for e in said if e.quote.hit.document_id == hit.document_id]
        if (hit.document_id, quote.start) in told or any(
            quote.start < end and start < quote.end for start, end in spans
        ):
            continue
        told.add((hit.document_id, quote.start))
        says = label(quote.hit, quote.start, quote.end, quote.text, held, "draft" if "draft" in one.marks else None)
        yield Sentence(quote.text, says.kind, says.outcome, says.marks, (quote,))
