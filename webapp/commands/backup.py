"""The commands that keep the data safe: ``check``, ``backup`` and ``restore``."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from corpus.settings import setting
from webapp.commands.terminal import print_json, printable


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check(data: Path, as_json: bool) -> None:
    """Verify everything that is stored, name what is wrong and say what to do; changes nothing.

    Exit code 1 where something is wrong.
    """
    from index.check import check as verify

    report = verify(data, setting("MINUTEBOOK_ENGINE"))
    if as_json:
        print_json(asdict(report))
    else:
        for problem in report.problems:
            click.echo(printable(f"{problem.store}: {problem.what}. To do: {problem.remedy}."))
        for note in report.notes:
            click.echo(printable(f"Note: {note}"))
        found = f"{len(report.problems):,} faults" if report.problems else "nothing wrong"
        click.echo(f"Checked {report.documents:,} documents, {report.passages:,} passages: {found}.")
    if report.problems:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("target", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@click.pass_obj
def backup(data: Path, target: Path) -> None:
    """Write everything that cannot be made again to one file, while serving and ingesting go on.

    In a folder the file is called minutebook-<day and time>.zip. The index is left out: restore makes it anew from
    the vectors in the backup.
    """
    from corpus.backup import backup as write

    if target.is_dir():
        target /= f"minutebook-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
    manifest = write(data, target)
    click.echo(printable(f"{target}: {len(manifest.parts):,} files, {manifest.size / 1e6:,.1f} MB."))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace what the data directory holds.")
@click.pass_obj
def restore(data: Path, file: Path, force: bool) -> None:
    """Put a backup in place as the data directory, and make the index.

    The backup is verified, to the last byte, before anything is replaced. A running server goes on: until the index is
    made it finds what the data before and the backup have in common.
    """
    from corpus.catalogue import Catalogue
    from corpus.restoring import restore as put_in_place
    from index.build import update
    from index.encoder import Encoder

    encoder = Encoder(setting("MINUTEBOOK_MODEL"))
    manifest = put_in_place(file, data, force=force)
    click.echo(printable(f"{len(manifest.parts):,} files restored to {data}."))
    built = update(Catalogue(data), encoder, where=setting("MINUTEBOOK_ENGINE"), from_scratch=True)
    click.echo(f"{built.added:,} passages indexed, {built.embedded:,} texts embedded.")
