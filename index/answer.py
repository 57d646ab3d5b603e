"""Answers: what the minutes say to a question, in sentences that each carry their proof, or that nothing was found."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.model import Outcome
from index.evidence import EvidenceKind, Mark, Quote
from index.hits import Hit


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
    ``notes`` are for the reader ("The newest record comes first; it supersedes that of 2019").
    """

    question: str
    abstained: bool
    reason: str
    answer: str
    sentences: tuple[Sentence, ...]
    by_authority: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...]
    nearest: tuple[Hit, ...]
    advice: tuple[str, ...]
    searched_documents: int
    searched_authorities: int
