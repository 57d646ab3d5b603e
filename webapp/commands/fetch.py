"""The command ``fetch``, and what ``status --coverage`` prints."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from corpus.catalogue import Catalogue
from corpus.coverage import AuthorityCoverage, coverage
from corpus.locking import alone
from corpus.settings import setting
from webapp.commands.terminal import print_json, printable, say

if TYPE_CHECKING:
    from ingest.live.fetch import FetchReport, HostReport

MOST_FAILURES_SHOWN = 20
_date = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="AUTHORITY|URL…")
@click.option("--since", type=_date, metavar="DATE", help="Meetings from 2024-05-31 [default: a year ago].")
@click.option("--until", type=_date, metavar="DATE", help="Meetings up to DATE.")
@click.option("--committee", "committees", multiple=True, metavar="NAME", help="Only committees so named; repeatable.")
@click.option(
    "--delay", default=1.0, show_default=True, type=click.FloatRange(0.1, 3600), help="Seconds between two requests."
)
@click.option("--insecure", is_flag=True, help="Accept certificates that cannot be verified.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def fetch(
    data: Path,
    targets: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    committees: tuple[str, ...],
    delay: float,
    insecure: bool,
    as_json: bool,
) -> None:
    """Fetch minutes from committee systems (ModernGov, CMIS, pages of PDFs), then read them.

    An authority is one of the register, by name; any other site is given by its address. What is fetched is
    kept as it came, below "fetched" in the data directory; a second run asks only for what may have changed.
    """
    from ingest.live.fetch import fetch as fetch_targets
    from ingest.live.fetch import target_of
    from ingest.live.web import Limits, Web

    if since and until and since > until:
        raise click.UsageError("--since is after --until.")
    for target in targets:
        target_of(target)  # nothing is created or asked for a name that means nothing
    catalogue = Catalogue(data, create=True)
    with Web(Limits(delay=delay, verify=not insecure)) as web:
        report = fetch_targets(
            targets,
            catalogue,
            web,
            since=since.date() if since else None,
            until=until.date() if until else None,
            committees=committees,
            progress=_bar,
        )
    read = _ingest(catalogue, report.folders)
    if as_json:
        hosts = [asdict(host) for host in report.hosts]
        print_json({"hosts": hosts, "ingest": read})
    else:
        _print(report, read)
    if all(host.result == "could not ask" for host in report.hosts):
        raise click.exceptions.Exit(1)


def _ingest(catalogue: Catalogue, folders: Sequence[Path]) -> dict[str, Any] | None:
    """Read what was fetched and bring the indexes up to date; None if there is nothing to read."""
    from index.build import WAIT, update
    from index.encoder import Encoder
    from ingest import pipeline
    from webapp.last_ingest import keep

    if not folders:
        return None
    encoder = Encoder(setting("MINUTEBOOK_MODEL"))
    with alone(catalogue.directory, "fetch", WAIT):
        report = pipeline.ingest(folders, catalogue, encoder, progress=lambda items: _bar(items, "files to read"))
        built = update(catalogue, encoder, where=setting("MINUTEBOOK_ENGINE"), progress=_embedding)
        keep(catalogue.directory, report, built)
    return {**asdict(report), **asdict(built)}


def _bar(items: Sequence[Any], what: str) -> Iterable[Any]:
    bar: Iterable[Any] = tqdm(items, desc=what.capitalize(), unit="", disable=None)
    return bar


def _embedding(texts: Iterable[tuple[str, str]], total: int) -> Iterable[tuple[str, str]]:
    bar: Iterable[tuple[str, str]] = tqdm(
        texts, total=total, desc="Embedding", unit="", disable=None if total else True
    )
    return bar


def _print(report: "FetchReport", read: dict[str, Any] | None) -> None:
    for host in report.hosts:
        click.secho(printable(f"{host.authority or host.host}: {host.result}"), bold=True)
        for line in _lines(host):
            say(f"  {line}")
    if read:
        click.echo(
            f"Documents: {read['new']} new, {read['updated']} updated, {read['unchanged']} unchanged, "
            f"{read['duplicates']} with the text of another, {len(read['unreadable'])} could not be read."
        )
        for path, reason in read["unreadable"]:
            say(f"  {path}: {reason}.")
        for path, reason in read["by_words"]:
            say(f"  {path}: is {reason}.")


def _lines(host: "HostReport") -> list[str]:
    lines = [f"{host.reason}."] if host.reason else []
    if host.meetings:
        asked = {"service": "through the web service", "pages": "through its pages", "CMIS": "through CMIS"}
        how = asked.get(host.how or "", host.how or "")
        lines.append(f"Asked {how}: {host.committees} committees, {host.meetings} meetings.")
        lines.append(f"Files: {host.new} new, {host.changed} changed, {host.unchanged} unchanged.")
        lines.append(
            f"Meetings: {host.with_minutes} with minutes, {host.without_minutes} held and without, "
            f"{host.cancelled} cancelled, {host.future} to come; {host.skipped} not asked again."
        )
    lines += [f"Note: {note}." for note in host.notes]
    lines += [f"Failed: {url}: {reason}." for url, reason in host.failed[:MOST_FAILURES_SHOWN]]
    if len(host.failed) > MOST_FAILURES_SHOWN:
        lines.append(f"… and {len(host.failed) - MOST_FAILURES_SHOWN} more failures; --json lists them all.")
    return lines


# -- status --coverage -------------------------------------------------------------------------------


def coverage_json(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the coverage as JSON values."""
    return [asdict(entry) for entry in coverage(catalogue)]


def print_coverage(catalogue: Catalogue) -> None:
    """Print, for each authority and committee, which meetings are known and have minutes."""
    found = coverage(catalogue)
    if not found:
        click.echo("No meetings are known yet.")
    for authority in found:
        click.secho(printable(authority.authority or "Authority unknown"), bold=True)
        say(f"  {_summary(authority)}")
        for entry in authority.committees:
            counts = (
                f"{entry.meetings} meetings, {entry.with_minutes} with minutes, {entry.without} without, "
                f"{entry.partial} partial, {entry.failed} failed, {entry.cancelled} cancelled, {entry.future} to come"
            )
            dates = f"{entry.first_date or '?'} to {entry.last_date or '?'}"
            fetched = f", last fetched {entry.last_fetch[:10]}" if entry.last_fetch else ""
            say(f"  {entry.committee or 'Committee unknown'}: {counts}, {dates}{fetched}")
            for gap in entry.gaps:
                click.echo(
                    f"    Gap: no minutes from {gap.after} to {gap.until or 'today'} ({gap.days} days; "
                    f"usually every {gap.usual_days})"
                )


def _summary(authority: AuthorityCoverage) -> str:
    counts = (
        f"{authority.meetings} meetings, {authority.with_minutes} with minutes, {authority.without} without, "
        f"{authority.partial} partial, {authority.failed} failed"
    )
    if authority.result is None:
        return f"{counts}; from files"
    reason = f" ({authority.reason})" if authority.reason else ""
    when = f"last fetched {authority.last_fetch[:10]}" if authority.last_fetch else "never fetched"
    return f"{counts}; last attempt: {authority.result}{reason}; {when}"
