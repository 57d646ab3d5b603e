"""The command ``migrate``."""

from pathlib import Path

import click

from corpus.catalogue import Catalogue
from corpus.settings import setting

EMBEDDED = "embedded"


@click.command()
@click.option("--to", "target", metavar="ENGINE", help="An engine's address, or 'embedded' [env: MINUTEBOOK_ENGINE].")
@click.pass_obj
def migrate(data: Path, target: str | None) -> None:
    """Move the vectors of the index to an engine, or back to the data directory.

    Nothing is embedded again. Killed midway, the same command goes on; those who search see the old place until the
    new one holds every passage and finds the same ones.
    """
    from index.migrate import migrate as move

    chosen = target or setting("MINUTEBOOK_ENGINE")
    if not chosen:
        raise click.UsageError("Say where to: --to milvus://host:port, or --to embedded.")
    goal = "" if chosen == EMBEDDED else chosen
    moved = move(Catalogue(data), setting("MINUTEBOOK_ENGINE"), goal)
    click.echo(f"{moved.passages:,} passages are there, {moved.sent:,} of them sent now.")
    if moved.overlap is not None:
        click.echo(f"Searches find {moved.overlap:.1%} of the same passages.")
    kept = "Unset MINUTEBOOK_ENGINE" if not goal else "Set MINUTEBOOK_ENGINE to this engine"
    click.echo(f"{kept} for every command and for the server, and restart it.")
