"""Answers as JSON and as text."""

from index.answers.answer import Answer
from index.answers.evidence import Quote
from index.answers.sentences import Sentence
from webapp.shown.formatters import KIND_LABELS, hit_json

_KINDS = KIND_LABELS | {"recommendation": "Recommendation, not a decision", "vote": "Vote", "agenda": "Agenda text"}
_MARKS = {"draft": "draft minutes", "ocr": "read by OCR, may contain errors", "partial": "partial record"}


def is_quote(sentence: Sentence) -> bool:
    """Tell whether a sentence is the words of the source and not a sentence about them."""
    return len(sentence.citations) == 1 and sentence.text == sentence.citations[0].text


def label(sentence: Sentence) -> str:
    """Return in words what a sentence is: "Amendment, lost · draft minutes"."""
    kind = _KINDS[sentence.kind]
    what = f"{kind}, {sentence.outcome}" if sentence.outcome else kind
    return " · ".join([what, *(_MARKS[mark] for mark in sentence.marks)])


def answer_json(answer: Answer) -> dict[str, object]:
    """Return an answer as the JSON that the API and the command line give."""
    return {
        "question": answer.question,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "answer": answer.answer,
        "sentences": [sentence_json(sentence) for sentence in answer.sentences],
        "by_authority": {name: list(positions) for name, positions in answer.by_authority.items()},
        "notes": list(answer.notes),
        "near": [sentence_json(sentence) for sentence in answer.near],
        "nearest": [hit_json(hit) for hit in answer.nearest],
        "advice": list(answer.advice),
        "confidence": answer.confidence,
        "searched": {"documents": answer.searched_documents, "authorities": answer.searched_authorities},
    }


def sentence_json(sentence: Sentence) -> dict[str, object]:
    """Return a sentence of an answer as JSON."""
    return {
        "text": sentence.text,
        "kind": sentence.kind,
        "outcome": sentence.outcome,
        "marks": list(sentence.marks),
        "citations": [citation_json(quote) for quote in sentence.citations],
    }


def citation_json(quote: Quote) -> dict[str, object]:
    """Return a quote as JSON: the fields of its hit, its words and their offsets in the document."""
    return hit_json(quote.hit) | {"quote": quote.text, "quote_start": quote.start, "quote_end": quote.end}
