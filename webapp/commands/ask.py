"""The command ``ask``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from webapp.commands.terminal import filter_options, print_json, printable

if TYPE_CHECKING:
    from index.answers.answer import Answer
    from index.answers.sentences import Sentence


@click.command()
@click.argument("question")
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def ask(data: Path, question: str, filters: Filters, as_json: bool) -> None:
    """Answer a question from the minutes, each sentence with its citation, or say that nothing was found.

    Where a language model is set (MINUTEBOOK_LLM_URL), it writes the answer, and every sentence of it is checked
    against what it cites before it is printed.
    """
    from index.answers.sentences import Sentence
    from webapp.answering import answered
    from webapp.holdings import open_searcher
    from webapp.shown.answers import answer_json

    printed = 0
    for event in answered(open_searcher(Catalogue(data)), question, filters):
        if not isinstance(event, Sentence):
            if as_json:
                print_json(answer_json(event))
            else:
                _print_end(event)
        elif not as_json:
            printed += 1
            _print_sentence(printed, event)


def _print_sentence(number: int, sentence: "Sentence") -> None:
    from webapp.shown.answers import is_quote, label

    said = " ".join(sentence.text.split())
    click.echo(printable(f"{number}. “{said}”" if is_quote(sentence) else f"{number}. {said}"))
    click.secho(printable(f"   {label(sentence)}"), bold=True)
    for quote in sentence.citations:
        if not is_quote(sentence):
            click.echo(printable(f"   “{' '.join(quote.text.split())}”"))
    for line in dict.fromkeys(quote.hit.citation for quote in sentence.citations):
        click.echo(printable(f"   {line}"))
    click.echo()


def _print_end(answer: "Answer") -> None:
    from webapp.shown.formatters import searched

    if answer.abstained:
        click.secho(printable(answer.reason), bold=True)
        _print_near(answer)
        if answer.nearest:
            click.echo("\nThe nearest passages, which do not answer the question:")
        for hit in answer.nearest:
            click.echo(printable(f"  {hit.citation}"))
        for advice in answer.advice:
            click.echo(printable(f"\n{advice}"))
        return
    _print_near(answer)
    for note in answer.notes:
        click.echo(printable(f"Note: {note}"))
    click.echo(f"Searched {searched(answer.searched_documents, answer.searched_authorities)}.")


def _print_near(answer: "Answer") -> None:
    """Print what is of the matter but not what was asked for."""
    if answer.near:
        click.echo("\nOn the matter, but not what was asked for:\n")
    for number, sentence in enumerate(answer.near, 1):
        _print_sentence(number, sentence)
