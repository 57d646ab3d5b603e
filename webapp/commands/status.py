"""The command ``status``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from corpus.catalogue import Catalogue
from corpus.errors import MinutebookError
from corpus.settings import setting
from corpus.status import Status
from webapp.commands.fetch import coverage_json, print_coverage
from webapp.commands.terminal import print_json, say


@click.command()
@click.option("--coverage", "by_committee", is_flag=True, help="Show which meetings have minutes, and the gaps.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(data: Path, by_committee: bool, as_json: bool) -> None:
    """Show what is held: authorities, meetings, documents, passages, dates, index size, model."""
    from corpus.status import status as count
    from corpus.withdrawals import named
    from index.build import index_directory
    from index.check import behind
    from index.generations import current, size

    catalogue = Catalogue(data)
    if by_committee:
        if as_json:
            print_json(coverage_json(catalogue))
        else:
            print_coverage(catalogue)
        return
    held = count(catalogue)
    generation = current(index_directory(catalogue))
    vectors, told = _vectors(generation.directory) if generation else (None, "")
    about: dict[str, Any] = {
        "data": str(data),
        "model": generation.meta.model if generation else None,
        "index_bytes": size(generation) if generation else 0,
        "index_notes": list(behind(catalogue)),
        "vectors": vectors,
    }
    if as_json:
        problems = [{"path": source.path, "problem": source.problem} for source in catalogue.problems()]
        withdrawn = [{"id": one.target, "day": one.day, "reason": one.reason} for one in named(catalogue.connection)]
        print_json({**about, **asdict(held), "problems": problems, "withdrawals": withdrawn})
        return
    say(f"Data directory: {data}")
    _print_held(held)
    say(f"Index: {about['index_bytes'] / 1e6:,.1f} MB, model {about['model'] or 'none yet'}.")
    if told:
        say(told)
    for note in about["index_notes"]:
        say(f"Note: {note}")
    _print_authorities(held)


def _vectors(directory: Path) -> tuple[dict[str, Any] | None, str]:
    """Return how the vectors of a generation are held, and the same in a sentence."""
    from index import dense_file, dense_recent, engine, engine_form

    try:
        elsewhere = engine.form(directory, setting("MINUTEBOOK_ENGINE"))
    except MinutebookError as exc:
        return None, f"Vectors: in an engine. {exc}"
    if elsewhere:
        return asdict(elsewhere), engine_form.in_words(elsewhere)
    form = dense_file.described(directory / engine.EMBEDDED)
    if form:
        since = dense_recent.in_words(directory / engine.EMBEDDED)
        return asdict(form), "\n".join(filter(None, (dense_file.in_words(form), since)))
    return None, "Vectors: how they are held is not recorded by the version that wrote them."


def _print_held(held: Status) -> None:
    say(
        f"{held.documents:,} documents of {held.meetings:,} meetings, {held.passages:,} passages, "
        f"meetings from {held.first_date or 'unknown'} to {held.last_date or 'unknown'}."
    )
    say(
        f"{held.partial_documents} documents are partial records, {held.replaced_documents} were replaced by newer "
        f"versions, {held.unreadable_files} files could not be read."
    )
    if held.withdrawn:
        say(f"Withdrawn: {held.withdrawn} passages or documents; {held.withdrawn_from} texts are blank for it.")


def _print_authorities(held: Status) -> None:
    from corpus.register import successors

    for entry in held.authorities:
        undated = f", {entry.undated} documents without a date" if entry.undated else ""
        heirs = ", ".join(heir.name for heir in successors(entry.authority or ""))
        succeeded = f" (succeeded by {heirs})" if heirs else ""
        say(
            f"  {entry.authority or 'Authority unknown'}{succeeded}: {entry.documents:,} documents, "
            f"{entry.meetings:,} meetings of {entry.committees:,} committees, "
            f"{entry.first_date or '?'} to {entry.last_date or '?'}{undated}"
        )
