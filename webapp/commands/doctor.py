"""The command ``doctor``."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from webapp.commands.terminal import print_json, printable

COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the site is to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port of the site.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes of the site.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(data: Path, host: str, port: int, workers: int, as_json: bool) -> None:
    """Look for what is wrong with this machine, and say what to do. Exit code 1 where there is a problem.

    Nothing is changed, and nothing is asked of the network but whether the language model's server and the engine,
    where they are set, are there.
    """
    from webapp.doctor.configured import configured
    from webapp.doctor.data import data_findings
    from webapp.doctor.machine import machine

    found = [*machine(data, host, port, workers), *data_findings(data), *configured()]
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        for one in found:
            click.secho(f"{one.level:8}", fg=COLOURS[one.level], nl=False)
            click.echo(printable(f"{one.name}: {one.seen}"))
            if one.advice:
                click.echo(printable(f"        {one.advice}"))
    if any(one.level == "problem" for one in found):
        sys.exit(1)
