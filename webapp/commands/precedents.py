"""The command ``precedents``."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from index.precedents.find import DEFAULT_K
from webapp.commands.terminal import filter_options, print_json, printable

if TYPE_CHECKING:
    from index.precedents.find import Precedent, PrecedentsResult

OTHER_WORDS = 0.25  # with fewer words in common the differences are all there is, and the wording is shown plain
RELATED_SHOWN = 5


@click.command()
@click.argument("text", metavar="TEXT|-")
@filter_options
@click.option("-k", "k", default=DEFAULT_K, show_default=True, help="How many precedents.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a table of comma-separated values.")
@click.pass_obj
def precedents(
    data: Path,
    text: str,
    filters: Filters,
    k: int,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Find decisions and motions on the matter of a text: what became of them, and how their wording differs.

    TEXT is that of a motion or a decision; "-" reads it from standard input: minutebook precedents - < motion.txt
    The earliest comes first. In the wording [-words-] stand only in your text, {+words+} only in theirs.
    """
    from index.precedents.find import precedents as find
    from webapp.holdings import open_searcher
    from webapp.shown.precedents import precedents_json, precedents_table
    from webapp.shown.tables import csv_of

    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    given = text
    if text == "-":
        with click.open_file("-", encoding="utf-8", errors="replace") as stream:
            given = stream.read()
    result = find(open_searcher(Catalogue(data)), given, filters, k)
    if as_json:
        print_json(precedents_json(result))
    elif as_csv:
        click.echo(csv_of(*precedents_table(result)), nl=False)
    else:
        _print(result)


def _print(result: "PrecedentsResult") -> None:
    from webapp.shown.formatters import counted
    from webapp.shown.formatters import searched as in_words

    searched = in_words(result.searched_documents, result.searched_authorities)
    if not result.precedents:
        click.echo(f"None found in {searched}.")
    for number, one in enumerate(result.precedents, 1):
        _print_one(number, one, result)
    if result.related:
        click.echo("Related (no motion or decision in such words was found there):")
        for hit in result.related[:RELATED_SHOWN]:
            click.echo(printable(f"   {hit.kind.upper()} · {hit.citation}"))
        click.echo()
    if result.precedents:
        more = f" {result.more:,} more not shown." if result.more else ""
        click.echo(f"{counted(len(result.precedents), 'precedent')} in {searched}.{more}")


def _print_one(number: int, one: "Precedent", result: "PrecedentsResult") -> None:
    hit = one.hit
    click.secho(printable(f"{number}. {hit.citation}"), bold=True)
    parts = [_outcome(one)]
    if one.mover:
        parts.append(f"moved by {one.mover}" + (f", seconded by {one.seconder}" if one.seconder else ""))
    parts += [_MARKS[mark] for mark in one.marks]
    click.echo(printable(f"   {' · '.join(parts)}"))
    click.echo(f"   “{_wording(one)}{' …' if one.cut else ''}”")
    if one.cut:
        click.echo("   The wording goes on in the source.")
    for line in _ties(one, result):
        click.echo(printable(f"   {line}"))
    click.echo()


_MARKS = {"draft": "DRAFT MINUTES", "ocr": "RECOGNISED FROM A PICTURE", "partial": "PARTIAL RECORD"}


def _outcome(one: "Precedent") -> str:
    said = {"not stated": "– outcome not stated", "decided": ""}.get(one.outcome, one.outcome)
    words = " ".join(filter(None, (one.kind, said))).upper()
    if one.vote is None:
        return words
    counts = ((one.vote.for_count, "for"), (one.vote.against_count, "against"), (one.vote.abstain_count, "abstained"))
    return f"{words} ({', '.join(f'{count} {word}' for count, word in counts if count is not None)})"


def _wording(one: "Precedent") -> str:
    """Return the wording with the differences marked, or plain where there is hardly anything else."""
    if one.shared < OTHER_WORDS:
        return printable(" ".join(one.wording.text.split()))
    shown = []
    for change in one.differences:
        words = printable(change.words)
        if change.op == "removed":
            words = click.style(f"[-{words}-]", fg="red")
        elif change.op == "added":
            words = click.style(f"{{+{words}+}}", fg="green")
        shown.append(words)
    return " ".join(shown)


def _ties(one: "Precedent", result: "PrecedentsResult") -> Iterator[str]:
    """Yield what ties a precedent to the text, to an earlier one, and to authorities that it names."""
    marked = ": too few to mark the differences" if one.shared < OTHER_WORDS else ""
    yield f"{one.shared:.0%} of the words are those of your text{marked}."
    if one.closest_earlier:
        other = result.precedents[one.closest_earlier.position].hit
        day = other.meeting_date
        yield f"Wording shares {one.closest_earlier.share:.0%} with {other.authority}, {_spoken(day)} (earlier)."
    for name in one.names:
        yield f"Names {name.authority}: “{' '.join(name.text.split())}”"
    if one.hit.also:
        yield f"Also in {'; '.join(dict.fromkeys(other.path for other in one.hit.also))}."
    if one.hit.meeting_date is None:
        yield "Its date is not known, so it stands last."


def _spoken(day: str | None) -> str:
    from index.citation import spoken_date

    return spoken_date(day) if day else "date unknown"
