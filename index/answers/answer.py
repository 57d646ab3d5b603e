"""Answers: what the minutes say to a question, in sentences that each carry their proof, or that nothing was found.

No language model has a part in it: an answer is made of the sentences that speak to the question, chosen from the
passages that a search finds, and of what the records of motions say became of them. Before it is given every quote is
checked against the stored source; where the evidence is too weak the answer is that there is none.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from corpus.filters import Filters
from index.answers import answerable, period
from index.answers.asking import Asking, read_question
from index.answers.demands import Demanded, demanded
from index.answers.evidence import Evidence
from index.answers.fitting import of_motions
from index.answers.gather import Piece, evidence_of, gather
from index.answers.listed import SHOWN, listed
from index.answers.selection import choose
from index.answers.sentences import Sentence, motions_of, sentences_of
from index.answers.wanted import Wanted, in_words, read_wanted
from index.hits import Hit
from index.proof.verify import verified
from index.search import Searcher, SearchResult
from index.understanding.query import plain_words

UNKNOWN = "Authority unknown"
CANDIDATES, CANDIDATES_OF_SEVERAL = 12, 50  # passages that sentences are chosen from
NEAREST = 3
UNFIT = 0.05  # the most that is estimated where nothing fits what the question demands


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or why there is none.

    ``abstained``: no evidence was found; ``reason`` then says what was searched, ``nearest`` holds the passages
    that came closest (they do not answer) and ``advice`` what could be tried. ``by_authority`` gives for each
    authority ("Authority unknown" where it is not known) the positions in ``sentences`` that cite it, from 0.
    ``evidence`` is what the sentences were made of, best first. ``notes`` are for the reader ("The newest record comes
    first …"). ``confidence`` is the estimated probability (0 to 1) that the collection answers the question. ``near``
    is on the matter but not what was asked for: motions that were carried, where lost ones were asked for. ``lacks``
    is what the question demands and nothing meets, in words; ``reason`` holds it too.
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
    near: tuple[Sentence, ...] = ()
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a search found for a question, the pieces that fit it and those that do not, and how likely they answer.

    ``lacks`` says what no passage holds that the question demands, "" where it is held.
    """

    result: SearchResult
    wanted: Wanted | None
    pieces: Sequence[Piece]
    beside: Sequence[Piece]
    lacks: str
    notes: tuple[str, ...]
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
    found = _recorded(find, given, asking) or _in_time(find, given)
    if found.wanted is not None and found.wanted.lists:
        return _of_motions(searcher, found, found.wanted)
    if found.lacks:
        return _lacking(searcher, found, asking)
    if not found.pieces or found.confidence < answerable.THRESHOLD:
        return _abstained(searcher, found.result, found.confidence)
    chosen, unproven = verified(searcher.catalogue, map(evidence_of, choose(found.pieces, asking)))
    if not chosen:
        return _abstained(searcher, found.result, found.confidence)
    chosen, notes = _newest_first(chosen, asking)
    sentences = sentences_of(searcher, chosen, asking)
    return _answer(found, found.confidence, chosen, sentences, [*found.notes, *notes, *_of_unproven(unproven)])


def _answer(
    found: _Found, confidence: float, chosen: Sequence[Evidence], sentences: Sequence[Sentence], notes: Sequence[str]
) -> Answer:
    return Answer(
        question=found.result.query,
        abstained=False,
        reason="",
        answer="\n".join(f"{sentence.text} [{number}]" for number, sentence in enumerate(sentences, 1)),
        sentences=tuple(sentences),
        by_authority=_by_authority(sentences),
        notes=tuple(notes),
        evidence=tuple(chosen),
        nearest=(),
        advice=(),
        confidence=round(confidence, 3),
        searched_documents=found.result.searched_documents,
        searched_authorities=found.result.searched_authorities,
    )


def _of_motions(searcher: Searcher, found: _Found, wanted: Wanted) -> Answer:
    """Return the motions that are asked for, or that there are none, with those that come near apart."""
    motions = listed(searcher, wanted, found.result.filters)
    told = choose(of_motions(searcher, wanted, found.pieces), read_question("")) if not motions.fits else ()
    fits, unproven = verified(searcher.catalogue, motions.fits or map(evidence_of, told))
    near, _ = verified(searcher.catalogue, motions.near)
    beside = motions_of(searcher, near)
    if not fits:
        return _abstained(searcher, found.result, found.confidence, f"nothing found is {in_words(wanted)}", beside)
    confidence = max(*(one.score for one in fits), answerable.THRESHOLD)
    notes = [f"Quoted is only what the minutes record as {in_words(wanted)}."]
    notes += [f"The first {SHOWN} are quoted; {motions.more} more were found."] if motions.more else []
    answer = _answer(found, confidence, fits, motions_of(searcher, fits), [*notes, *_of_unproven(unproven)])
    return replace(answer, near=tuple(beside))


def _lacking(searcher: Searcher, found: _Found, asking: Asking) -> Answer:
    """Return the answer that nothing fits what is asked for, with what comes near where it is likely of the matter."""
    likely = found.confidence >= answerable.THRESHOLD
    near, _ = verified(searcher.catalogue, map(evidence_of, choose(found.beside, asking) if likely else ()))
    supposed = found.wanted is not None and found.wanted.supposed
    sentences = sentences_of(searcher, near[:NEAREST], replace(asking, decision=supposed))
    return _abstained(searcher, found.result, found.confidence, found.lacks, sentences)


def _in_time(find: Callable[[Filters], _Found], given: Filters) -> _Found:
    """Return the evidence from the period that a question names, or from meetings around it that speak of it."""
    found = find(given)
    words = period.named(found.result.understood)
    if found.lacks or found.confidence >= answerable.THRESHOLD or not words:
        return found
    wider = find(period.around(found.result.filters, given))
    pieces = period.speaking_of(words, wider.pieces)
    if wider.lacks or wider.confidence < answerable.THRESHOLD or not pieces:
        return found
    note = f"No meeting of that time answers this: these are of meetings around it that speak of {' and '.join(words)}."
    return replace(wider, pieces=pieces, notes=(*wider.notes, note))


def _of_unproven(unproven: int) -> list[str]:
    said = f"{unproven} quotes are not shown, because they do not stand in the stored source as they should."
    return [said] if unproven else []


def _recorded(find: Callable[[Filters], _Found], given: Filters, asking: Asking) -> _Found | None:
    """Return the evidence from records of attendance or interests, where these are asked for and answer.

    The records of an authority and time that the question names answer whatever their words are.
    """
    if asking.record is None or given.kinds:
        return None
    found = find(replace(given, kinds=(asking.record,)))
    if found.lacks:
        return None
    filters = found.result.filters
    if found.pieces and filters.authorities and (filters.date_from or filters.date_to):
        return replace(found, confidence=max(found.confidence, answerable.THRESHOLD))
    return found if found.confidence >= answerable.THRESHOLD else None


def _find(
    searcher: Searcher, question: str, asking: Asking, concepts: Collection[str] | None, filters: Filters
) -> _Found:
    asked = searcher.understand(question, filters, concepts)
    wanted = read_wanted(plain_words(asked.understood.typed).replace("\0", " "), asked.understood.text)
    k = CANDIDATES_OF_SEVERAL if asking.several or wanted else CANDIDATES
    result = searcher.search(question, filters, k, concepts=concepts, spread=asking.several)
    pieces = gather(searcher, asked, asking, result.hits)
    fits: Demanded = demanded(searcher, asked, wanted, pieces)
    confidence = answerable.probability(answerable.features(asked, asking, result.hits, fits.pieces or pieces))
    return _Found(result, wanted, fits.pieces, pieces, fits.lacks, fits.notes, confidence)


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


def _by_authority(sentences: Sequence[Sentence]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for position, sentence in enumerate(sentences):
        for name in dict.fromkeys(quote.hit.authority or UNKNOWN for quote in sentence.citations):
            found.setdefault(name, []).append(position)
    return {name: tuple(positions) for name, positions in found.items()}


def _abstained(
    searcher: Searcher, result: SearchResult, confidence: float, lacks: str = "", near: Sequence[Sentence] = ()
) -> Answer:
    """Return the answer that there is none: what was searched, what came nearest, and what could be tried.

    Args:
        lacks: what the question demands and nothing fits; with it the confidence stays below the threshold.
        near: what is of the matter and does not fit.
    """
    whose = "authority" if result.searched_authorities == 1 else "authorities"
    documents = "document" if result.searched_documents == 1 else "documents"
    searched = f"{result.searched_documents:,} {documents} of {result.searched_authorities:,} {whose}"
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
        reason=f"No evidence found in {searched}{f': {lacks}' if lacks else ''}.",
        answer="",
        sentences=(),
        by_authority={},
        notes=(),
        evidence=(),
        nearest=result.hits[:NEAREST],
        advice=tuple(advice),
        confidence=round(min(confidence, UNFIT) if lacks else confidence, 3),
        searched_documents=result.searched_documents,
        searched_authorities=result.searched_authorities,
        near=tuple(near),
        lacks=f"{lacks[:1].upper()}{lacks[1:]}." if lacks else "",
    )
