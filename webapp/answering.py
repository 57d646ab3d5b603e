"""Answering as the settings say: in the minutes' own words, or by a language model whose every sentence is checked."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial

from corpus.errors import LanguageModelError
from corpus.filters import Filters
from corpus.settings import setting
from index.answers.answer import Answer, ask
from index.answers.sentences import Sentence
from index.generation.generate import with_model
from index.generation.language_model import Endpoint, endpoint, stream
from index.proof.entail import check_sentence
from index.search import Searcher
from webapp.metrics import count_answer, count_written


def answered(
    searcher: Searcher, question: str, filters: Filters, concepts: Collection[str] | None = None
) -> Iterator[Sentence | Answer]:
    """Yield the sentences of an answer, each when it is ready, then the whole answer.

    Args:
        concepts: as for ``index.answers.answer.ask``.

    Raises:
        QueryError: as ``index.answers.answer.ask``.
    """
    answer = ask(searcher, question, filters, concepts)
    count_answer(abstained=answer.abstained)
    try:
        place = language_model()
    except LanguageModelError as exc:
        place, answer = None, replace(answer, notes=(*answer.notes, f"{exc}"))
    if place is None or answer.abstained:
        yield from answer.sentences
        yield answer
        return
    for event in with_model(answer, answer.evidence, partial(stream, place), check_sentence):
        if isinstance(event, Answer):
            count_written(used=event.answer != answer.answer)
        yield event


def language_model() -> Endpoint | None:
    """Return the language model of the settings, None where none is set.

    Raises:
        LanguageModelError: a setting makes no sense.
    """
    return endpoint(*(setting(f"MINUTEBOOK_LLM_{name}") for name in ("URL", "MODEL", "KEY", "TIMEOUT")))
