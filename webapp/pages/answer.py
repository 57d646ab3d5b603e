"""The answer on the search page: each sentence as it is ready, then how the answer ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app

from corpus.errors import LanguageModelError, MinutebookError
from index.answers.answer import Answer
from index.answers.asking import is_question
from index.answers.evidence import Quote
from index.answers.sentences import Sentence
from index.search import Searcher, SearchResult
from webapp.answering import answered, language_model
from webapp.language import gettext, spoken, to_translate
from webapp.query_string import SearchRequest
from webapp.shown.answers import is_quote
from webapp.shown.found import KINDS, MARKS, MOVED

FAILED = to_translate("The answer could not be completed. The passages below were found.")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of an answer, what it is in words, and the mark of how it looks.

    ``places`` are its quotes, one for each page and item. ``own_words``: it is a sentence about its quotes, not
    itself the quote.
    """

    number: int
    sentence: Sentence
    label: str
    tag: str
    marks: tuple[str, ...]
    places: tuple[Quote, ...]
    own_words: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How an answer ended: the whole of it, or why there is none (``failure``).

    ``near`` is of the matter but not what was asked for.
    """

    answer: Answer | None
    failure: str
    near: tuple[Said, ...] = ()


def wanted(asked: SearchRequest, result: SearchResult) -> bool:
    """Tell whether a search is to be answered: it is a question, or one was asked for; on the first page of the best.

    Words to look for are not answered unasked: what resembles them is a list of passages, not an answer.
    """
    if asked.answer is not None:
        return asked.answer
    return asked.page == 1 and asked.order == "relevance" and is_question(result.understood.text)


def takes_long() -> bool:
    """Tell whether a language model writes answers, whose sentences come one by one over seconds."""
    try:
        return language_model() is not None
    except LanguageModelError:
        return False


def events(searcher: Searcher, asked: SearchRequest) -> Iterator[Said | Ended]:
    """Yield the sentences of an answer, each as soon as it was checked, then how it ended.

    The page is under way by then: what goes wrong ends the answer, and the rest of the page stands.
    """
    try:
        for number, event in enumerate(answered(searcher, asked.query, asked.filters, asked.concepts), 1):
            yield _ended(event) if isinstance(event, Answer) else _said(number, event)
    except MinutebookError as exc:
        yield Ended(None, spoken(str(exc)))
    except Exception:
        current_app.logger.exception("The answer on the search page failed")
        yield Ended(None, gettext(FAILED))


def _ended(answer: Answer) -> Ended:
    return Ended(
        answer, "", tuple(_said(number, one) for number, one in enumerate(answer.near, len(answer.sentences) + 1))
    )


def _said(number: int, sentence: Sentence) -> Said:
    kind, outcome = sentence.kind, sentence.outcome
    label = MOVED[kind, outcome] if kind in ("motion", "amendment", "vote") else KINDS[kind]
    marks = tuple(MARKS[mark] for mark in sentence.marks)
    places = {(one.hit.document_id, one.hit.item_number, one.hit.page): one for one in reversed(sentence.citations)}
    tag = (outcome or kind).replace(" ", "-")
    return Said(number, sentence, label, tag, marks, tuple(reversed(places.values())), not is_quote(sentence))
