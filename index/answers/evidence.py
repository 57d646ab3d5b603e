"""Evidence: sentences of the minutes that answer a question, each with the proof of where it stands.

A quote is a stretch of a document's stored text and is never altered. What a quote *is* (a decision, a
recommendation, an amendment that was lost) is read from the records that ingest made of the minutes, so that
a recommendation is never shown as a decision.
"""

from dataclasses import dataclass
from typing import Literal

from corpus.model import Outcome
from index.hits import Hit

EvidenceKind = Literal["decision", "recommendation", "motion", "amendment", "vote", "minutes", "report", "agenda"]
Mark = Literal["draft", "ocr", "partial"]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a source: ``text`` is the stored text of ``hit.document_id`` from ``start`` to ``end``, verbatim.

    Offsets are half-open and lie within those of the hit's passage.
    """

    hit: Hit
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote that speaks to a question.

    ``kind`` says what sort of words it is; ``outcome`` what became of a motion or amendment, as the minutes say
    it, else None. ``marks``: the source is a draft, was read by OCR, or cuts the record off. ``score`` is the
    estimated probability (0 to 1) that the quote answers the question.
    """

    quote: Quote
    kind: EvidenceKind
    outcome: Outcome | None
    marks: tuple[Mark, ...]
    score: float
