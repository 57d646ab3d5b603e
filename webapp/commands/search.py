"""The command ``search``."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from webapp.commands.terminal import filter_options, print_json, printable

if TYPE_CHECKING:
    from index.hits import Hit
    from index.search import SearchResult
    from index.understanding.query import FoundFilter

VALUES = 8  # of a facet that are printed


@click.command()
@click.argument("query")
@filter_options
@click.option("-k", "k", default=10, show_default=True, help="How many passages.")
@click.option("--spread", is_flag=True, help="Let authorities take turns behind the clearly best passages.")
@click.option("--no-expand", is_flag=True, help="Search for no other words than those of the query.")
@click.option("--facets", is_flag=True, help="Count the passages that hold the words, by authority, year and so on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def search(
    data: Path,
    query: str,
    filters: Filters,
    k: int,
    spread: bool,
    no_expand: bool,
    facets: bool,
    as_json: bool,
) -> None:
    """Find the passages that answer a question, best first, each with its citation.

    Names of authorities and periods are found in the question; authority:, committee:, kind:, from: and to:
    say them outright, "a phrase" must occur, and -word must not.
    """
    from webapp.holdings import open_searcher
    from webapp.shown.formatters import result_json

    searcher = open_searcher(Catalogue(data))
    result = searcher.search(query, filters, k, concepts=() if no_expand else None, spread=spread, count=facets)
    if as_json:
        print_json(result_json(result))
        return
    _print_understood(result)
    _print_hits(result)
    _print_facets(result)


def _print_understood(result: "SearchResult") -> None:
    """Print what was made of the query."""
    for found in result.understood.found:
        click.echo(printable(f"From your question: {_in_words(found)}"))
    for one in result.expansions:
        click.echo(printable(f"Also searched for “{one.found}”: {', '.join(one.added)}"))
    if result.suggestion:
        click.echo(printable(f"Did you mean: {result.suggestion}"))
    if result.understood.found or result.expansions or result.suggestion:
        click.echo()


def _in_words(found: "FoundFilter") -> str:
    return f"{found.field} {found.value}" if found.explicit else f"{found.field} {found.value} (“{found.words}”)"


def _print_hits(result: "SearchResult") -> None:
    from index.confidence import WEAK
    from webapp.shown.formatters import counted
    from webapp.shown.formatters import searched as in_words

    searched = in_words(result.searched_documents, result.searched_authorities)
    if not result.hits:
        click.echo(f"No passages found in {searched}. Try other words, or fewer filters.")
        return
    if max(hit.relevance for hit in result.hits) < WEAK:
        click.echo("Nothing matches well. These are the nearest passages.\n")
    for hit in result.hits:
        _print_hit(hit)
    holding = f"{counted(result.total, 'passage')} {'holds' if result.total == 1 else 'hold'}"
    click.echo(f"{holding} all or most of the query’s words. Searched {searched}.")


def _print_hit(hit: "Hit") -> None:
    from webapp.shown.formatters import also_in, band

    marks = [hit.kind.upper()]
    marks += ["PARTIAL RECORD"] if hit.partial else []
    marks += ["RECOGNISED FROM A PICTURE"] if hit.ocr else []
    click.secho(printable(f"{hit.rank}. {hit.citation}"), bold=True)
    click.echo(printable(f"   {' · '.join([*marks, band(hit.relevance), hit.path])}"))
    click.echo("\n".join(f"   {line}" for line in _marked(hit.text, hit.highlights).splitlines() if line.strip()))
    if hit.also:
        click.echo(f"   Also in {also_in(hit)}.")
    click.echo()


def _print_facets(result: "SearchResult") -> None:
    for field, values in result.facets.items():
        if values:
            shown = [f"{value} {count:,}" for value, count in list(values.items())[:VALUES]]
            more = f"; {len(values) - VALUES:,} more" if len(values) > VALUES else ""
            click.echo(printable(f"By {field}: {'; '.join(shown)}{more}"))


def _marked(text: str, highlights: Iterable[tuple[int, int]]) -> str:
    """Underline the matched words, where the terminal can (click strips it elsewhere)."""
    shown, position = [], 0
    for start, end in highlights:
        shown += [printable(text[position:start]), click.style(printable(text[start:end]), underline=True)]
        position = end
    return "".join([*shown, printable(text[position:])])
