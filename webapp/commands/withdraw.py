"""The command ``withdraw``."""

from pathlib import Path

import click

from corpus.catalogue import Catalogue
from corpus.settings import setting
from webapp.commands.terminal import printable


@click.command()
@click.argument("targets", metavar="PASSAGE_ID|DOCUMENT_ID…", nargs=-1, required=True)
@click.option("--reason", metavar="TEXT", help="Shown in place of the words; name nobody in it.")
@click.option("--undo", is_flag=True, help="Let what was withdrawn be read again by the next ingest of its files.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def withdraw(data: Path, targets: tuple[str, ...], reason: str | None, undo: bool, yes: bool) -> None:
    """Withdraw passages, as for the sake of a person named in them, so that their words are not held any more.

    A passage of eight words or more is withdrawn from every document that holds the same words, a shorter one from
    its document and others of the same meeting. Its words do not come back when the files are ingested again. The
    files themselves are left alone: they are yours to keep or delete.
    """
    if undo == bool(reason):
        raise click.UsageError("Give --reason TEXT to withdraw, or --undo to take it back.")
    catalogue = Catalogue(data)
    if undo:
        _undo(catalogue, targets)
    else:
        _withdraw(catalogue, targets, reason or "", yes)


def _withdraw(catalogue: Catalogue, targets: tuple[str, ...], reason: str, yes: bool) -> None:
    from corpus.withdrawing import plan
    from corpus.withdrawing import withdraw as carry_out
    from index.build import update
    from index.encoder import Encoder
    from ingest.page_picture import forget_pictures

    planned = plan(catalogue, targets, reason)
    encoder = Encoder(setting("MINUTEBOOK_MODEL"))
    places = sum(len({(place.start, place.end) for place in found}) for found in planned.places.values())
    count = f"{places:,} places of {len(planned.places):,} documents"
    if not yes:
        click.confirm(f"Blank {count}?", abort=True, err=True)
    carry_out(catalogue, planned)
    forget_pictures(catalogue)
    update(catalogue, encoder, recount=True)
    click.echo(f"Withdrawn: {count} are blank, and stay so when their files are ingested again.")
    if planned.versions:
        click.echo(f"Other versions are held, and are not withdrawn as a whole: {', '.join(planned.versions)}.")
    click.echo(
        "What this does not reach: the files that were ingested, backups, and versions that word it differently. "
        "'minutebook rebuild' takes single words out of old index files too."
    )


def _undo(catalogue: Catalogue, targets: tuple[str, ...]) -> None:
    from corpus.withdrawing import undo

    paths = undo(catalogue, targets)
    if not paths:
        click.echo("Taken back. No file that was ingested holds it any more: ingest one that does to have it again.")
        return
    click.echo("Taken back. The words come back when these files are ingested again:")
    for path in paths:
        click.echo(printable(f"  {path}"))
