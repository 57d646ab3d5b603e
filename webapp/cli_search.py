"""The command ``search``."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from corpus.model import SEARCH_KINDS

if TYPE_CHECKING:
    from index.hits import Hit
    from index.query import FoundFilter
    from index.search import SearchResult

VALUES = 8  # of a facet that are printed
_date = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("query")
@click.option(
    "--authority", "-a", "authorities", multiple=True, metavar="NAME", help="Only this authority; repeatable."
)
@click.option("--region", "regions", multiple=True, metavar="NAME", help="Only authorities of this region; repeatable.")
@click.option("--type", "types", multiple=True, metavar="NAME", help="Only this type of authority; repeatable.")
@click.option("--committee", "-c", "committees", multiple=True, metavar="NAME", help="Only this committee; repeatable.")
@click.option("--document", "documents", multiple=True, metavar="ID", help="Only this document; repeatable.")
@click.option("--from", "date_from", type=_date, metavar="DATE", help="Meetings from 2024-05-31.")
@click.option("--to", "date_to", type=_date, metavar="DATE", help="Meetings up to DATE.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(SEARCH_KINDS), help="Only this kind; repeatable.")
@click.option("-k", "k", default=10, show_default=True, help="How many passages.")
@click.option("--spread", is_flag=True, help="Let authorities take turns behind the clearly best passages.")
@click.option("--no-expand", is_flag=True, help="Search for no other words than those of the query.")
@click.option("--facets", is_flag=True, help="Count the passages that hold the words, by authority, year and so on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def search(
    data: Path,
    query: str,
    authorities: tuple[str, ...],
    regions: tuple[str, ...],
    types: tuple[str, ...],
    committees: tuple[str, ...],
    documents: tuple[str, ...],
    date_from: datetime | None,
    date_to: datetime | None,
    kinds: tuple[str, ...],
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
    from webapp.formatters import result_json
    from webapp.opening import open_searcher

    filters = Filters(
        authorities=authorities,
        regions=regions,
        types=types,
        committees=committees,
        documents=documents,
        kinds=kinds,
        date_from=f"{date_from:%Y-%m-%d}" if date_from else None,
        date_to=f"{date_to:%Y-%m-%d}" if date_to else None,
    )
    searcher = open_searcher(Catalogue(data))
    result = searcher.search(query, filters, k, concepts=() if no_expand else None, spread=spread, count=facets)
    if as_json:
        click.echo(json.dumps(result_json(result), ensure_ascii=False, indent=2))
        return
    _print_understood(result)
    _print_hits(result)
    _print_facets(result)


def _print_understood(result: "SearchResult") -> None:
    """Print what was made of the query."""
    for found in result.understood.found:
        click.echo(_printable(f"From your question: {_in_words(found)}"))
    for one in result.expansions:
        click.echo(_printable(f"Also searched for “{one.found}”: {', '.join(one.added)}"))
    if result.suggestion:
        click.echo(_printable(f"Did you mean: {result.suggestion}"))
    if result.understood.found or result.expansions or result.suggestion:
        click.echo()


def _in_words(found: "FoundFilter") -> str:
    return f"{found.field} {found.value}" if found.explicit else f"{found.field} {found.value} (“{found.words}”)"


def _print_hits(result: "SearchResult") -> None:
    from index.confidence import WEAK
    from webapp.formatters import counted
    from webapp.formatters import searched as in_words

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
    from webapp.formatters import also_in, band

    marks = [hit.kind.upper()]
    marks += ["PARTIAL RECORD"] if hit.partial else []
    marks += ["RECOGNISED FROM A PICTURE"] if hit.ocr else []
    click.secho(_printable(f"{hit.rank}. {hit.citation}"), bold=True)
    click.echo(_printable(f"   {' · '.join([*marks, band(hit.relevance), hit.path])}"))
    click.echo("\n".join(f"   {line}" for line in _marked(hit.text, hit.highlights).splitlines() if line.strip()))
    if hit.also:
        click.echo(f"   Also in {also_in(hit)}.")
    click.echo()


def _print_facets(result: "SearchResult") -> None:
    for field, values in result.facets.items():
        if values:
            shown = [f"{value} {count:,}" for value, count in list(values.items())[:VALUES]]
            more = f"; {len(values) - VALUES:,} more" if len(values) > VALUES else ""
            click.echo(_printable(f"By {field}: {'; '.join(shown)}{more}"))


def _marked(text: str, highlights: Iterable[tuple[int, int]]) -> str:
    """Underline the matched words, where the terminal can (click strips it elsewhere)."""
    shown, position = [], 0
    for start, end in highlights:
        shown += [_printable(text[position:start]), click.style(_printable(text[start:end]), underline=True)]
        position = end
    return "".join([*shown, _printable(text[position:])])


def _printable(text: str) -> str:
    """Leave out characters that could steer a terminal."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t")
