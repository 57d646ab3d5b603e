"""Answers: what the minutes say to a question, in sentences that each carry their proof, or that nothing was found.

No language model has a part in it: an answer is made of the sentences that speak to the question, chosen from the
passages that a search finds, and of what the records of motions say became of them. Before it is given every quote is
checked against the stored source; where the evidence is too weak the answer is that there is none.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from corpus.filters import Filters
from corpus.model import Outcome
from index.answers import answerable
from index.answers.asking import Asking, read_question
from index.answers.evidence import Evidence, EvidenceKind, Mark, Quote
from index.answers.gather import Piece, evidence_of, gather
from index.answers.labels import Held, label, motion_at, records_of
from index.answers.recorded import decisions_of_item, proof_of, sentence_of
from index.answers.selection import choose
from index.hits import Hit
from index.proof.verify import verified
from index.search import Searcher, SearchResult

UNKNOWN = "Authority unknown"
CANDIDATES, CANDIDATES_OF_SEVERAL = 12, 50  # passages that sentences are chosen from
NEAREST = 3
MATTERS = 3  # passages, the first ones, whose agenda items are asked for their decision


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer and the quotes that prove it (one or more); an extractive one *is* its quote."""

    text: str
    kind: EvidenceKind
    outcome: Outcome | None
    marks: tuple[Mark, ...]
    citations: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or why there is none.

    ``abstained``: no evidence was found; ``reason`` then says what was searched, ``nearest`` holds the passages
    that came closest (they do not answer) and ``advice`` what could be tried. ``by_authority`` gives for each
    authority ("Authority unknown" where it is not known) the positions in ``sentences`` that cite it, from 0.
    ``evidence`` is what the sentences were made of, best first. ``notes`` are for the reader ("The newest record comes
    first …"). ``confidence`` is the estimated probability (0 to 1) that the collection answers the question.
    """

    question: str
    abstained: bool
    reason: str
    answer: str
    sentences: tuple[Sentence, ...]
    by_authority: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    nearest: tuple[Hit, ...]
    advice: tuple[str, ...]
    confidence: float
    searched_documents: int
    searched_authorities: int


@dataclass(frozen=True, slots=True)
class _Found:
    """What a search found for a question, its pieces, and how likely they answer it."""

    result: SearchResult
    pieces: Sequence[Piece]
    confidence: float


def ask(
    searcher: Searcher, question: str, filters: Filters | None = None, concepts: Collection[str] | None = None
) -> Answer:
    """Return the answer to a question.

    Args:
        concepts: the concepts of the thesaurus to widen the question by; all that it names without it.

    Raises:
        QueryError: the question is empty or too long, or a filter names something that the collection does not hold.
    """
    asking = read_question(question)
    given = filters or Filters()
    find = partial(_find, searcher, question, asking, concepts)
    found = _recorded(find, given, asking) or find(given)
    result, confidence = found.result, found.confidence
    if not found.pieces or confidence < answerable.THRESHOLD:
        return _abstained(searcher, result, confidence)
    chosen, unproven = verified(searcher.catalogue, map(evidence_of, choose(found.pieces, asking)))
    if not chosen:
        return _abstained(searcher, result, confidence)
    chosen, notes = _newest_first(chosen, asking)
    if unproven:
        notes.append(f"{unproven} quotes are not shown, because they do not stand in the stored source as they should.")
    sentences = _sentences(searcher, chosen, asking)
    return Answer(
        question=result.query,
        abstained=False,
        reason="",
        answer=_in_words(sentences),
        sentences=tuple(sentences),
        by_authority=_by_authority(sentences),
        notes=tuple(notes),
        evidence=tuple(chosen),
        nearest=(),
        advice=(),
        confidence=round(confidence, 3),
        searched_documents=result.searched_documents,
        searched_authorities=result.searched_authorities,
    )


def _recorded(find: Callable[[Filters], _Found], given: Filters, asking: Asking) -> _Found | None:
    """Return the evidence from records of attendance or interests, where these are asked for and answer.

    The records of an authority and time that the question names answer whatever their words are.
    """
    if asking.record is None or given.kinds:
        return None
    found = find(replace(given, kinds=(asking.record,)))
    filters = found.result.filters
    if found.pieces and filters.authorities and (filters.date_from or filters.date_to):
        return replace(found, confidence=max(found.confidence, answerable.THRESHOLD))
    return found if found.confidence >= answerable.THRESHOLD else None


def _find(
    searcher: Searcher, question: str, asking: Asking, concepts: Collection[str] | None, filters: Filters
) -> _Found:
    k = CANDIDATES_OF_SEVERAL if asking.several else CANDIDATES
    result = searcher.search(question, filters, k, concepts=concepts, spread=asking.several)
    asked = searcher.understand(question, filters, concepts)
    pieces = gather(searcher, asked, asking, result.hits)
    return _Found(result, pieces, answerable.probability(answerable.features(asked, asking, result.hits, pieces)))


def _newest_first(chosen: Sequence[Evidence], asking: Asking) -> tuple[list[Evidence], list[str]]:
    """Put the newer record of an authority before the older where a decision is asked for, and say so."""
    if not asking.decision:
        return list(chosen), []
    ordered: list[Evidence] = []
    notes: list[str] = []
    for authority in dict.fromkeys(one.quote.hit.authority for one in chosen):
        mine = [one for one in chosen if one.quote.hit.authority == authority]
        dated = [one.quote.hit.meeting_date or "" for one in mine]
        newest = sorted(mine, key=lambda one: one.quote.hit.meeting_date or "", reverse=True)
        ordered += newest
        if authority and len(set(filter(None, dated))) > 1 and newest != mine:
            notes.append(f"{authority}: the newest record comes first; it may supersede the older ones after it.")
    return ordered, notes


def _sentences(searcher: Searcher, chosen: Sequence[Evidence], asking: Asking) -> list[Sentence]:
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
        if one.quote.hit.passage_id in best and one.kind not in ("motion", "amendment", "vote"):
            sentences += _decisions(searcher, one, records, chosen, told)
    return sentences


def _outcome(searcher: Searcher, one: Evidence, held: Sequence[Held], told: set[tuple[str, int]]) -> Iterator[Sentence]:
    """Yield what the record says became of the motion that a piece of evidence belongs to, once."""
    document = one.quote.hit.document_id
    motion = motion_at(held, one.quote.start, one.quote.end)
    if motion is None or (document, motion.start) in told or not (said := sentence_of(motion)):
        return
    told.add((document, motion.start))
    proof, unproven = verified(searcher.catalogue, proof_of(searcher, document, motion))
    if proof and not unproven:
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


def _by_authority(sentences: Sequence[Sentence]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for position, sentence in enumerate(sentences):
        for name in dict.fromkeys(quote.hit.authority or UNKNOWN for quote in sentence.citations):
            found.setdefault(name, []).append(position)
    return {name: tuple(positions) for name, positions in found.items()}


def _in_words(sentences: Sequence[Sentence]) -> str:
    return "\n".join(f"{sentence.text} [{number}]" for number, sentence in enumerate(sentences, 1))


def _abstained(searcher: Searcher, result: SearchResult, confidence: float) -> Answer:
    """Return the answer that there is none: what was searched, what came nearest, and what could be tried."""
    whose = "authority" if result.searched_authorities == 1 else "authorities"
    documents = "document" if result.searched_documents == 1 else "documents"
    reason = (
        f"No evidence found in {result.searched_documents:,} {documents} of {result.searched_authorities:,} {whose}."
    )
    advice = []
    if result.suggestion:
        advice.append(f"Did you mean: {result.suggestion}?")
    if result.filters:
        everything = searcher.columns.searched(Filters())
        advice.append(f"Ask without the filters: {everything[0]:,} documents are held in all.")
    advice.append("Name the subject in other words, or search for it: a search shows what only resembles the question.")
    return Answer(
        question=result.query,
        abstained=True,
        reason=reason,
        answer="",
        sentences=(),
        by_authority={},
        notes=(),
        evidence=(),
        nearest=result.hits[:NEAREST],
        advice=tuple(advice),
        confidence=round(confidence, 3),
        searched_documents=result.searched_documents,
        searched_authorities=result.searched_authorities,
    )
