"""The command ``evaluate``."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from corpus.catalogue import Catalogue
from webapp.commands.terminal import print_json

if TYPE_CHECKING:
    from index.measuring.evaluate import Figures
    from index.search import Searcher

OURS = "minutebook"
COMPARED = ("nDCG@10", "R@100")


@click.command()
@click.argument("material", type=click.Path(exists=True, path_type=Path), metavar="COLLECTION|QUESTIONS")
@click.option("--system", "systems", multiple=True, metavar="NAME", help="A system to measure; repeatable [all].")
@click.option("--baseline", metavar="NAME", help="The system that the others are compared with [lexical].")
@click.option("--run", "run_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the runs, as TREC.")
@click.option("--qrels", "qrels_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the judgements.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the values of each query.")
@click.pass_obj
def evaluate(
    data: Path,
    material: Path,
    systems: tuple[str, ...],
    baseline: str | None,
    run_file: Path | None,
    qrels_file: Path | None,
    as_json: bool,
) -> None:
    """Measure retrieval: on a collection (a folder with queries.jsonl and qrels.jsonl) or a question file.

    The documents must have been ingested into the data directory before, and nothing else. Every system is
    compared with the baseline: the difference of the means, its 95% interval and p.

    --run writes the run of minutebook (or of the one system chosen) to the file, and every other beside it,
    under the file's name with the system's and "within" before the extension.
    """
    from index.measuring import evaluate as measuring
    from webapp.holdings import open_searcher

    for name in (*systems, *filter(None, [baseline])):
        if name not in measuring.SYSTEMS:
            raise click.UsageError(f"There is no system {name!r}: choose from {', '.join(measuring.SYSTEMS)}.")
    chosen = systems or tuple(measuring.SYSTEMS)
    if not material.is_dir() and (baseline or run_file or qrels_file):
        raise click.UsageError("--baseline, --run and --qrels are for a collection, not for a question file.")
    searcher = open_searcher(Catalogue(data))
    if not material.is_dir():
        _questions(searcher, material, chosen, as_json)
    else:
        compared = baseline or measuring.BASELINE
        files = {"run": run_file, "qrels": qrels_file}
        _collection(searcher, material, tuple(dict.fromkeys((*chosen, compared))), compared, files, as_json)


def _collection(
    searcher: "Searcher",
    folder: Path,
    systems: tuple[str, ...],
    baseline: str,
    files: Mapping[str, Path | None],
    as_json: bool,
) -> None:
    from index.measuring import evaluate as measuring
    from index.measuring.collection import judge, load_collection

    catalogue = searcher.catalogue
    queries = load_collection(folder, catalogue)
    qrels = judge(catalogue, queries)
    runs = measuring.make_runs(searcher, _bar(queries), systems)
    figures = measuring.evaluate(runs, queries, qrels, catalogue, baseline)
    if files["qrels"]:
        measuring.write_qrels(files["qrels"], qrels, catalogue)
    if files["run"]:
        main = OURS if OURS in systems else next((name for name in systems if name != baseline), baseline)
        for file in measuring.write_runs(files["run"], runs, catalogue, main):
            click.echo(f"Wrote {file}.", err=True)
    if as_json:
        about = {"collection": str(folder), "queries": len(queries), "baseline": baseline}
        shown = {system: asdict(found) for system, found in figures.items()}
        print_json({**about, "systems": shown})
    else:
        _print(figures, len(queries), baseline)


def _bar(queries: list[Any]) -> Iterable[Any]:
    bar: Iterable[Any] = tqdm(queries, desc="Queries", unit="", disable=None)
    return bar


def _print(figures: "Mapping[str, Figures]", queries: int, baseline: str) -> None:
    names = list(next(iter(figures.values())).means)
    for scope in ("", " within"):
        columns = [name for name in names if name.endswith(" within") == bool(scope)]
        if not columns:
            continue
        where = "within the document" if scope else "all documents"
        counted = sum(columns[0] in found for found in next(iter(figures.values())).per_query.values())
        click.secho(f"{where.capitalize()}, {counted} of {queries} queries", bold=True)
        click.echo(" " * 14 + "".join(f"{name.removesuffix(scope):>11}" for name in columns))
        for system, found in figures.items():
            click.echo(f"{system:14}" + "".join(f"{found.means[name]:11.3f}" for name in columns))
    compared = [name for name in names if name.removesuffix(" within") in COMPARED]
    others = {system: found for system, found in figures.items() if system != baseline}
    if others:
        click.secho(f"Difference from {baseline}: of the means, 95% interval, p", bold=True)
    for name in compared:
        for system, found in others.items():
            by = found.differences[name]
            click.echo(f"{system:14}{name:16}{by.difference:+.3f}  [{by.low:+.3f}, {by.high:+.3f}]  p {by.p:.4f}")


def _questions(searcher: "Searcher", file: Path, systems: tuple[str, ...], as_json: bool) -> None:
    from index.measuring.questions import evaluate_questions, load_questions

    found = evaluate_questions(searcher, load_questions(file), systems)
    figures = {f"{system} · {kind}": values for system, kinds in found.items() for kind, values in kinds.items()}
    if as_json:
        print_json(figures)
        return
    for name, values in figures.items():
        click.echo(f"{name:26}" + "  ".join(f"{label} {value:.3f}" for label, value in values.items()))
