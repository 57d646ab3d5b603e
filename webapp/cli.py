"""The command line: parse, one call, print. Data goes to standard output, all else to standard error."""

import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from tqdm import tqdm

from corpus.catalogue import Catalogue
from corpus.connecting import Fault
from corpus.errors import MinutebookError
from corpus.locking import alone
from corpus.settings import data_directory, setting
from ingest.sources import Candidate
from webapp.commands.ask import ask
from webapp.commands.assistant import mcp
from webapp.commands.backup import backup, check, restore
from webapp.commands.compare import compare
from webapp.commands.doctor import doctor
from webapp.commands.evaluate import evaluate
from webapp.commands.fetch import fetch
from webapp.commands.migrate import migrate
from webapp.commands.precedents import precedents
from webapp.commands.search import search
from webapp.commands.similar import similar
from webapp.commands.status import status
from webapp.commands.terminal import print_json, printable, say
from webapp.commands.withdraw import withdraw

if TYPE_CHECKING:
    from ingest.cluster import Cluster


class _Group(click.Group):
    """A group of commands whose errors are one line on standard error: exit code 2 for usage, 1 for failure."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError as exc:
            _fail(exc.format_message(), exc.exit_code, prefix="")
        except click.ClickException as exc:
            _fail(exc.format_message(), exc.exit_code)
        except MinutebookError as exc:
            _fail(str(exc), exc.exit_code)
        except Fault as exc:  # what is damaged is met anywhere
            _fail(f"The catalogue cannot be read or written ({exc}): run 'minutebook check'.", 1)
        except click.Abort:
            _fail("Stopped. What was finished is kept; the same command goes on from there.", 1)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of our output has gone
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int, prefix: str = "minutebook: ") -> NoReturn:
    click.echo(printable(f"{prefix}{message}"), err=True)
    sys.exit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data directory [env: MINUTEBOOK_DATA].")
@click.version_option(package_name="minutebook", prog_name="minutebook")
@click.pass_context
def main(ctx: click.Context, data: Path | None) -> None:
    """Search the minutes of UK local authorities, with a citation behind every passage."""
    ctx.obj = data_directory(data)


def _data_option(command: Any) -> Any:
    """Let --data stand after the command's name as well as before it."""

    def chosen(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
        if value:
            ctx.obj = data_directory(value)

    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        expose_value=False,
        callback=chosen,
        help="Data directory [env: MINUTEBOOK_DATA].",
    )(command)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


_cluster_option = click.option(
    "--cluster",
    metavar="HOST:PORT|local",
    help="Spread the work over a Ray cluster, or over this machine's processors by Ray [needs minutebook[cluster]].",
)


def _connected(cluster: str | None) -> "AbstractContextManager[Cluster | None]":
    """Connect to the cluster that was named, if one was."""
    from ingest.cluster import connected

    return connected(cluster) if cluster else nullcontext()


# -- ingest ------------------------------------------------------------------------------------------


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--authority", metavar="NAME", help="Authority of sources that do not name theirs.")
@_cluster_option
@_json_option
@_data_option
@click.pass_obj
def ingest(data: Path, paths: tuple[Path, ...], authority: str | None, cluster: str | None, as_json: bool) -> None:
    """Read minutes from files and folders: .txt .md .html .pdf .docx .xml

    A manifest.csv found in a folder (path, authority, committee, date, url, kind) supplies what the
    files lack. Files that have not changed are not read again.
    """
    from index.build import check_before, update
    from index.encoder import Encoder
    from ingest import pipeline, sources
    from webapp.last_ingest import keep

    encoder = Encoder(setting("MINUTEBOOK_MODEL"))
    sources.find(paths, authority)  # nothing is created for a path that does not exist
    catalogue = Catalogue(data, create=True)
    where = setting("MINUTEBOOK_ENGINE")
    check_before(catalogue, encoder, where)
    with alone(data, "ingest"), _connected(cluster) as workers:
        report = pipeline.ingest(paths, catalogue, encoder, authority=authority, progress=_reading_bar, cluster=workers)
        built = update(catalogue, encoder, where=where, progress=_embedding_bar, cluster=workers)
        keep(data, report, built)
    if as_json:
        print_json({**asdict(report), **asdict(built)})
        return
    say(
        f"Documents: {report.new} new, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.duplicates} with the text of another, {len(report.unreadable)} could not be read."
    )
    for path, reason in report.unreadable:
        say(f"  {path}: {reason}.")
    for path, reason in report.by_words:
        say(f"  {path}: is {reason}.")
    for path in report.missing:
        say(f"  {path}: is listed in a manifest and is not there.")
    if report.other_types:
        listed = ", ".join(f"{count} {suffix}" for suffix, count in sorted(report.other_types.items()))
        say(f"Files of other types were left alone: {listed}.")
    say(f"Passages: {report.passages_added} added.")
    work = (
        f"{built.embedded} texts embedded in {built.seconds_embedding:.1f} s" if built.embedded else "nothing to embed"
    )
    if built.repaired:
        say(f"Repaired: {built.repaired} The index was made anew from the catalogue; nothing is lost.")
    say(f"Time: read in {report.seconds:.1f} s, {work}, indexed in {built.seconds_indexing:.1f} s.")


def _reading_bar(candidates: Sequence[Candidate]) -> Iterable[Candidate]:
    bar: Iterable[Candidate] = tqdm(candidates, desc="Reading", unit=" file", disable=None)
    return bar


def _embedding_bar(texts: Iterable[tuple[str, str]], total: int) -> Iterable[tuple[str, str]]:
    if not total:
        return texts
    bar: Iterable[tuple[str, str]] = tqdm(texts, total=total, desc="Embedding", unit=" passage", disable=None)
    return bar


# -- remove, rebuild, serve --------------------------------------------------------------------------


@main.command()
@click.argument("targets", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@_data_option
@click.pass_obj
def remove(data: Path, targets: tuple[str, ...], yes: bool) -> None:
    """Forget documents: by document id, by file or folder, or by the name of an authority.

    The files themselves are left alone; ingesting them again brings them back.
    """
    from corpus.removal import locations_of
    from index.build import update
    from index.encoder import Encoder
    from ingest.page_picture import forget_pictures

    catalogue = Catalogue(data)
    locations = locations_of(catalogue, targets)
    if not yes:
        click.confirm(f"Forget {len(locations)} files?", abort=True, err=True)
    with alone(data, "remove"):
        forgotten = catalogue.remove(locations)
        forget_pictures(catalogue)
        update(catalogue, Encoder(setting("MINUTEBOOK_MODEL")), where=setting("MINUTEBOOK_ENGINE"))
    click.echo(f"{len(locations)} files and {forgotten} documents forgotten.")


@main.command()
@_cluster_option
@_data_option
@click.pass_obj
def rebuild(data: Path, cluster: str | None) -> None:
    """Make the indexes anew from the catalogue, embedding only what has no vector of the model."""
    from index.build import update
    from index.encoder import Encoder

    with _connected(cluster) as workers:
        built = update(
            Catalogue(data),
            Encoder(setting("MINUTEBOOK_MODEL")),
            where=setting("MINUTEBOOK_ENGINE"),
            progress=_embedding_bar,
            from_scratch=True,
            cluster=workers,
        )
    click.echo(
        f"{built.added:,} passages indexed in {built.seconds_indexing:.1f} s, {built.embedded:,} texts embedded in "
        f"{built.seconds_embedding:.1f} s."
    )


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes, each for 4 requests at once.",
)
@_data_option
@click.pass_obj
def serve(data: Path, host: str, port: int, workers: int) -> None:
    """Serve the web app and the API."""
    from webapp.serve import run

    click.echo(f"Minutebook on http://{host}:{port} (data in {data}); Ctrl-C stops it.", err=True)
    run(data, host, port, workers)


main.add_command(_data_option(ask))
main.add_command(_data_option(backup))
main.add_command(_data_option(check))
main.add_command(_data_option(compare))
main.add_command(_data_option(doctor))
main.add_command(_data_option(evaluate))
main.add_command(_data_option(fetch))
main.add_command(_data_option(mcp))
main.add_command(_data_option(migrate))
main.add_command(_data_option(precedents))
main.add_command(_data_option(restore))
main.add_command(_data_option(search))
main.add_command(_data_option(similar))
main.add_command(_data_option(status))
main.add_command(_data_option(withdraw))


if __name__ == "__main__":
    sys.exit(main())
