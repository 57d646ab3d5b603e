"""The command ``compare``."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from webapp.commands.terminal import filter_options, print_json, printable

if TYPE_CHECKING:
    from index.answers.evidence import Quote
    from index.comparisons.compare import Comparison
    from index.comparisons.compared import Row
    from index.comparisons.settled import Settled

SHOWN = 4  # decisions of a row that are printed
TOLD = 160  # characters of the words that tell an outcome or a vote, which may name all who voted


@click.command()
@click.argument("question")
@filter_options
@click.option("--like", metavar="NAME", help="Compare the authorities that are like this one.")
@click.option("--over-time", is_flag=True, help="Compare the meetings of one authority, in order.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table of comma-separated values.")
@click.option(
    "--xlsx", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write an Excel workbook."
)
@click.pass_obj
def compare(
    data: Path,
    question: str,
    filters: Filters,
    like: str | None,
    over_time: bool,
    as_json: bool,
    as_csv: bool,
    xlsx: Path | None,
) -> None:
    """Compare what authorities said and decided on a question, and how it moved, each with its citations.

    Without --authority, --region, --type or --like all whose minutes hold evidence are compared. Several committees of
    one authority are compared with one another. In the CSV an apostrophe stands before what would be a formula.
    """
    from index.comparisons.compare import compare as find
    from webapp.holdings import open_searcher
    from webapp.shown.comparisons import comparison_json, comparison_table
    from webapp.shown.tables import csv_of

    if as_json + as_csv + (xlsx is not None) > 1:
        raise click.UsageError("Choose one of --json, --csv and --xlsx.")
    comparison = find(open_searcher(Catalogue(data)), question, filters, like=like, over_time=over_time)
    if as_json:
        print_json(comparison_json(comparison))
    elif as_csv:
        click.echo(csv_of(*comparison_table(comparison)), nl=False)
        _print_notes(comparison, err=True)
    elif xlsx is not None:
        _write(comparison, xlsx)
    else:
        _print(comparison)


def _write(comparison: "Comparison", file: Path) -> None:
    from webapp.shown.comparisons import workbook

    try:
        file.write_bytes(workbook(comparison))
    except OSError as exc:
        raise click.FileError(str(file), exc.strerror or "it cannot be written") from exc
    click.echo(printable(f"{len(comparison.rows)} rows written to {file}."), err=True)


def _print(comparison: "Comparison") -> None:
    from webapp.shown.formatters import searched

    _print_notes(comparison)
    numbers: dict[str, int] = {}
    for row in comparison.rows:
        if row.said is None:
            click.echo(printable(f"{row.name}: {row.reason}\n"))
        else:
            _print_row(row, numbers, of_a_meeting=comparison.by == "meeting")
    if not comparison.rows:
        click.echo("There is nobody to compare.")
    click.echo(f"Searched {searched(comparison.searched_documents, comparison.searched_authorities)}.")


def _print_notes(comparison: "Comparison", err: bool = False) -> None:
    for note in comparison.notes:
        click.echo(printable(f"Note: {note}"), err=err)
    if comparison.notes:
        click.echo(err=err)


def _print_row(row: "Row", numbers: dict[str, int], *, of_a_meeting: bool) -> None:
    """Print a row; ``numbers`` are those of the citations printed so far, which go on from row to row."""
    from index.comparisons.compared import in_words
    from webapp.shown.comparisons import said_words

    cited: dict[str, int] = {}

    def quoted(quote: "Quote", cut: bool = False) -> str:
        line = quote.hit.citation
        cited[line] = numbers.setdefault(line, len(numbers) + 1)
        return f"“{' '.join(quote.text.split())}{' …' if cut else ''}” [{cited[line]}]"

    click.secho(printable(row.name), bold=True)
    if row.said:
        click.echo(printable(f"  Said: {quoted(row.said.quote)}\n        {said_words(row.said)}"))
    for heading, settled in (("Decided", row.decided), ("Recommended", row.recommended)):
        _print_settled(heading, settled, quoted)
    if not of_a_meeting:
        if not row.decided:
            click.echo("  Decided: nothing found that names the matter.")
        _print_moved(row, quoted)
        click.echo(f"  Searched: {in_words(row.searched)}.")
    for line, number in cited.items():
        click.echo(printable(f"  [{number}] {line}"))
    click.echo()


def _print_settled(heading: str, settled: "Sequence[Settled]", quoted: "Callable[[Quote, bool], str]") -> None:
    from webapp.shown.comparisons import day_of, settled_words

    for one in settled[:SHOWN]:
        click.echo(printable(f"  {heading}, {day_of(one.quote)} – {settled_words(one)}: {quoted(one.quote, one.cut)}"))
        for proof in one.proof:
            shown = proof if len(proof.text) <= TOLD else replace(proof, text=proof.text[:TOLD])
            click.echo(printable(f"        as told: {quoted(shown, shown is not proof)}"))
    if len(settled) > SHOWN:
        click.echo(f"  {heading}: {len(settled) - SHOWN} more, earlier or undated; --json gives all.")


def _print_moved(row: "Row", quoted: "Callable[[Quote, bool], str]") -> None:
    from webapp.shown.comparisons import day_of
    from webapp.shown.formatters import counted

    if len(row.moved) < 2:
        return
    click.echo(printable(f"  Over time: {row.change or f'{len(row.moved) + row.more} meetings.'}"))
    for moment in row.moved:
        said = moment.said.quote
        click.echo(printable(f"        {day_of(said)}, {moment.state}: {quoted(said, False)}"))
    if row.more:
        click.echo(f"        {counted(row.more, 'more meeting')}; --over-time gives all.")
