"""The command ``similar``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from webapp.commands.terminal import filter_options, print_json, printable

if TYPE_CHECKING:
    from index.similar import SimilarResult, Target


@click.command()
@click.argument("target", metavar="PASSAGE_ID|DOCUMENT_ID:ITEM")
@filter_options
@click.option("--same-authority", is_flag=True, help="Look at the item's own authority too.")
@click.option("-k", "k", default=10, show_default=True, help="How many meetings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def similar(
    data: Path,
    target: str,
    filters: Filters,
    same_authority: bool,
    k: int,
    as_json: bool,
) -> None:
    """Find the same matter at other authorities: precedents for a passage or an agenda item.

    An item is written DOCUMENT_ID:NUMBER, with the number that is printed beside it: 0123456789abcdef0123:7.
    A search gives the ids (--json), and so does the address of a document's page.
    """
    from index.similar import similar as find
    from webapp.holdings import open_searcher
    from webapp.shown.precedents import similar_json

    searcher = open_searcher(Catalogue(data))
    result = find(searcher, target, filters, k, same_authority=same_authority)
    if as_json:
        print_json(similar_json(result))
    else:
        _print(result)


def _print(result: "SimilarResult") -> None:
    click.echo(printable(f"Like {_named(result.target)}:\n"))
    searched = f"{result.searched_documents:,} documents of {result.searched_authorities:,} authorities"
    if not result.hits:
        click.echo(f"Nothing near enough found in {searched}. A search for its words looks further.")
        return
    for hit in result.hits:
        click.secho(printable(f"{hit.rank}. {hit.citation}"), bold=True)
        click.echo(printable(f"   {hit.kind.upper()}{' · PARTIAL RECORD' if hit.partial else ''} · {hit.path}"))
        click.echo("\n".join(f"   {printable(line)}" for line in hit.text.splitlines() if line.strip()))
        click.echo()
    click.echo(f"Searched {searched}.")


def _named(target: "Target") -> str:
    title = target.item_title or f"passage {target.passage_id}"
    number = f"item {target.item_number} " if target.item_number else ""
    where = ", ".join((target.authority or "authority unknown", target.meeting_date or "date unknown"))
    return f"{number}“{title}” ({where})"
