"""Answers that a language model writes: each of its sentences is shown only after it was checked, or left out.

The model may only say what numbered evidence says. Its text is read while it arrives; a sentence that does not
cite, cites what there is not, is not a plain sentence, says again what was said, leans on one that was left out,
or is not borne out by what it cites is dropped and counted. Where the model gives nothing of use, or not to the
end, the extractive answer stands, with a note: after what was checked already, which is not taken back.
"""

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from corpus.errors import LanguageModelError
from corpus.model import Outcome
from index.answers.answer import Answer
from index.answers.evidence import Evidence, EvidenceKind, Mark
from index.answers.sentences import Sentence
from index.generation.language_model import MOST_CHARACTERS
from index.generation.prompt import Message, given, messages
from index.generation.written import Fault, Written, written
from index.proof.verify import Checked

Ask = Callable[[Sequence[Message]], Iterable[str]]


Check = Callable[[str, Sequence[Evidence], Sequence[Evidence]], Checked]
Reason = Fault | Literal["repeated", "leans on what was left out", "not borne out"]
End = Literal["finished", "no answer", "declined", "broken"]

MOST_SENTENCES = 12
MOST_DROPPED = 20
MOST_REPEATED = 3
_ENDLESS = "wrote on without end and was cut off"

_WEAKEST_FIRST: tuple[EvidenceKind, ...] = (
    "agenda", "report", "recommendation", "amendment", "motion", "minutes", "vote", "decision",
)  # fmt: skip
_MARKS: tuple[Mark, ...] = ("draft", "ocr", "partial")
_LEANS = re.compile(
    r"^(?:it|its|this|that|these|those|they|their|them|he|his|him|she|her|who|which|both|neither|either|such|there"
    r"|however|but|and|or|also|then|instead|therefore|thus|consequently|similarly|likewise|further(?:more)?|moreover"
    r"|the (?:former|latter|same|other|above))\b",
    re.IGNORECASE,
)
_WORDS: dict[Reason, str] = {
    "no citation": "without a citation",
    "unknown citation": "citing what it was not given",
    "not a plain sentence": "not in the form of a sentence",
    "too long": "too long",
    "repeated": "said before",
    "leans on what was left out": "leaning on one that was left out",
    "not borne out": "not borne out by the minutes cited",
}


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that was left out; ``detail`` is what the check said where it was not borne out, else empty."""

    text: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Generated:
    """How a generation ended: the last thing that ``generate`` yields.

    ``given`` counts the evidence that the prompt had room for, ``kept`` the sentences that were yielded.
    ``failure`` is what happened where ``end`` is "broken", to follow "The language model"; else empty.
    """

    end: End
    failure: str
    given: int
    kept: int
    dropped: tuple[Dropped, ...]

    @property
    def suffices(self) -> bool:
        """Return whether the kept sentences are an answer: it came to its end and most of it was borne out."""
        return self.end == "finished" and self.kept > 0 and self.kept >= len(self.dropped)


def generate(question: str, evidence: Sequence[Evidence], ask: Ask, check: Check) -> Iterator[Sentence | Generated]:
    """Yield the sentences of a model's answer that were borne out, each when it was checked, then a summary.

    Args:
        evidence: best first; what the prompt has no room for is left out from the end.
        ask: gives the text of the model's answer in pieces and raises LanguageModelError; a generator is closed
            when no more of it is wanted.
        check: takes a sentence, the evidence it cites and the other evidence that the model was given.
    """
    shown = given(evidence)
    dropped: list[Dropped] = []
    said: set[str] = set()
    kept, leaning, failure = 0, False, ""
    end: End = "finished"
    with closing(_bounded(ask, messages(question, shown))) as pieces:
        try:
            for sentence in written(pieces, len(shown)):
                if sentence.no_answer or (sentence.declines and not kept):
                    end = "no answer" if sentence.no_answer else "declined"
                    break
                judged = _judge(sentence, said, leaning) or _checked(sentence, shown, check)
                leaning = isinstance(judged, Dropped)
                if isinstance(judged, Dropped):
                    dropped.append(judged)
                else:
                    kept += 1
                    said.add(_plain(sentence.text))
                    yield judged
                _stop_loops(kept, dropped)
        except LanguageModelError as error:
            end, failure = "broken", error.reason
    yield Generated(end, failure, len(shown), kept, tuple(dropped))


def with_model(answer: Answer, evidence: Sequence[Evidence], ask: Ask, check: Check) -> Iterator[Sentence | Answer]:
    """Yield the sentences of the final answer, each when it is ready, then that answer with its notes.

    What is yielded is in order what the final answer holds: nothing is taken back. The model is not asked where
    there is no evidence.

    Args:
        answer: the extractive answer; it stands where the model's does not suffice.
        evidence: what the extractive answer was made from, best first.
        ask, check: as for ``generate``.
    """
    if answer.abstained or not evidence:
        yield from answer.sentences
        yield answer
        return
    sentences: list[Sentence] = []
    for event in generate(answer.question, evidence, ask, check):
        if isinstance(event, Sentence):
            sentences.append(event)
            yield event
            continue
        if not event.suffices:
            sentences += answer.sentences
            yield from answer.sentences
        yield replace(
            answer,
            answer=" ".join(sentence.text for sentence in sentences) if event.kept else answer.answer,
            sentences=tuple(sentences),
            by_authority=_by_authority(sentences),
            notes=(*answer.notes, *_notes(event, len(evidence))),
        )


def _bounded(ask: Ask, conversation: Sequence[Message]) -> Generator[str, None, None]:
    """Ask, and yield the pieces of the answer up to the most that is read of any."""
    pieces = ask(conversation)
    characters = 0
    try:
        for piece in pieces:
            characters += len(piece)
            if characters > MOST_CHARACTERS:
                raise LanguageModelError(_ENDLESS)
            yield piece
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def _judge(sentence: Written, said: set[str], leaning: bool) -> Dropped | None:
    """Return what is wrong with a sentence before its evidence is looked at; ``leaning``: the last one was dropped."""
    reason: Reason | None = sentence.fault
    if _plain(sentence.text) in said:
        reason = "repeated"
    elif reason is None and leaning and _LEANS.match(sentence.text):
        reason = "leans on what was left out"
    return Dropped(sentence.text, reason, "") if reason else None


def _checked(sentence: Written, shown: Sequence[Evidence], check: Check) -> Sentence | Dropped:
    cited = [shown[number - 1] for number in sentence.numbers]
    others = [one for number, one in enumerate(shown, 1) if number not in sentence.numbers]
    judgement = check(sentence.text, cited, others)
    if not judgement.supported:
        return Dropped(sentence.text, "not borne out", judgement.reason)
    kind = min((one.kind for one in cited), key=_WEAKEST_FIRST.index)
    marks = {mark for one in cited for mark in one.marks}
    return Sentence(
        text=sentence.text,
        kind=kind,
        outcome=_outcome([one for one in cited if one.kind == kind]),
        marks=tuple(mark for mark in _MARKS if mark in marks),
        citations=tuple(one.quote for one in cited),
    )


def _outcome(cited: Sequence[Evidence]) -> Outcome | None:
    """Return the outcome that all agree on, else None."""
    outcomes = {one.outcome for one in cited}
    return outcomes.pop() if len(outcomes) == 1 else None


def _stop_loops(kept: int, dropped: Sequence[Dropped]) -> None:
    repeated = sum(one.reason == "repeated" for one in dropped)
    if kept >= MOST_SENTENCES or len(dropped) >= MOST_DROPPED or repeated >= MOST_REPEATED:
        raise LanguageModelError(_ENDLESS)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _by_authority(sentences: Sequence[Sentence]) -> Mapping[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for position, sentence in enumerate(sentences):
        for authority in dict.fromkeys(quote.hit.authority or "Authority unknown" for quote in sentence.citations):
            found.setdefault(authority, []).append(position)
    return {authority: tuple(positions) for authority, positions in found.items()}


def _notes(generated: Generated, evidence: int) -> Iterator[str]:
    """Yield what the reader should know of how the answer came about."""
    kept, dropped = generated.kept, len(generated.dropped)
    if kept:
        yield "Written by a language model; each of its sentences was checked against the minutes it cites."
    if dropped:
        many = f"{dropped} of {kept + dropped} sentences" if kept + dropped > 1 else "The one sentence"
        yield f"{many} that the language model wrote {'was' if dropped == 1 else 'were'} left out: {_why(generated)}."
    if kept and generated.given < evidence:
        yield f"The language model was given the first {generated.given} of {evidence} quotes."
    if generated.suffices:
        return
    did = {
        "finished": "wrote too little that the minutes bear out" if dropped else "wrote nothing",
        "no answer": "found no answer in the evidence",
        "declined": "declined to answer",
        "broken": generated.failure,
    }[generated.end]
    own = "the minutes' own words follow" if kept else "the answer is in the minutes' own words"
    yield f"The language model {did}; {own}."


def _why(generated: Generated) -> str:
    counts = Counter(one.reason for one in generated.dropped)
    return ", ".join(f"{number} {_WORDS[reason]}" for reason, number in counts.most_common())
