"""Measuring retrieval: the systems compared, the figures, whether differences are chance, and the TREC forms.

Relevance judgements come from ``index.measuring.collection``. Figures are by ir_measures and tests of significance by
scipy, both imported here only. What the figures mean:

- means are over all judged queries; a query without hits counts as 0;
- nDCG has the grade as its gain and all judged passages in its ideal; every other measure counts any grade
  from 1 as relevant;
- a passage that nobody judged counts as not relevant; Judged@10 is the share of the first ten that were judged;
- scores that tie are ranked by the lower passage row, which is the order of ingest;
- a run is 100 deep. "within" is the search of the one document that a query is about, over the queries that
  name one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import ir_measures
import numpy as np
from ir_measures import RR, Judged, R, Success, nDCG
from numpy.typing import NDArray
from scipy import stats

from corpus.catalogue import Catalogue
from corpus.errors import SourceError
from corpus.filters import Filters
from index import fusion
from index.measuring.collection import Qrels, Query
from index.search import Searcher

Ranking = list[tuple[int, float]]
Run = dict[str, list[int]]
Values = dict[str, dict[str, float]]

RUN_DEPTH = 100
RESAMPLES = 10_000
BASELINE = "lexical"
MEASURES = {
    "nDCG@10": nDCG @ 10,
    "R@10": R @ 10,
    "R@100": R @ 100,
    "RR@10": RR @ 10,
    "success@5": Success @ 5,
    "Judged@10": Judged @ 10,
}
SCOPES = ("pooled", "within")


# -- systems -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidates:
    """A query put to the index once for all systems: its words, filters and candidates (scores by passage row)."""

    text: str
    filters: Filters
    lexical: Mapping[int, float]
    dense: Mapping[int, float]


SYSTEMS: dict[str, Callable[[Searcher, Candidates], Ranking]] = {
    "lexical": lambda _, asked: fusion.ranked(asked.lexical),
    "dense": lambda _, asked: fusion.ranked(asked.dense),
    "rrf": lambda _, asked: fusion.ranked(fusion.reciprocal_rank([asked.lexical, asked.dense])),
    "minmax": lambda _, asked: fusion.ranked(fusion.min_max([asked.lexical, asked.dense], [0.5, 0.5])),
    "zscore": lambda _, asked: fusion.ranked(fusion.z_score([asked.lexical, asked.dense], [1.0, 1.0])),
    "minutebook": lambda searcher, asked: searcher.rank(asked.text, asked.filters),
}


def ask(searcher: Searcher, text: str, filters: Filters) -> Candidates:
    """Put a query to the index; ``filters`` are resolved."""
    return Candidates(text, filters, *searcher.candidates(text, filters))


def make_runs(searcher: Searcher, queries: Iterable[Query], systems: Sequence[str]) -> dict[str, dict[str, Run]]:
    """Return for each scope and system its run: the passage rows of each query, best first."""
    runs: dict[str, dict[str, Run]] = {scope: {system: {} for system in systems} for scope in SCOPES}
    for query in queries:
        asked = {"pooled": ask(searcher, query.text, Filters())}
        if query.within:
            asked["within"] = ask(searcher, query.text, Filters(documents=(query.within,)))
        for scope, question in asked.items():
            for system in systems:
                ranking = SYSTEMS[system](searcher, question)[:RUN_DEPTH]
                runs[scope][system][query.query_id] = [row for row, _ in ranking]
    return runs


# -- figures -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a system's mean lies above the baseline's.

    ``low`` and ``high`` bound its 95% interval (paired bootstrap over the queries, percentiles); ``p`` is that
    of a paired permutation test, two-sided, for the one comparison: compare many and some will seem to differ.
    """

    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Figures:
    """A system's figures: means, differences from the baseline (none of its own) and values of each query.

    The names are those of ``MEASURES``; " within" follows where the search was of one document.
    """

    means: dict[str, float]
    differences: dict[str, Difference]
    per_query: Values


def evaluate(
    runs: Mapping[str, Mapping[str, Run]], queries: Sequence[Query], qrels: Qrels, catalogue: Catalogue, baseline: str
) -> dict[str, Figures]:
    """Return each system's figures; ``runs`` are those of ``make_runs`` and hold the baseline's."""
    values: dict[str, Values] = {}
    for scope, by_system in runs.items():
        judged = qrels if scope == "pooled" else _inside(qrels, queries, catalogue)
        for system, run in by_system.items():
            kept = values.setdefault(system, {})
            for query_id, found in measure(judged, run).items():
                for name, value in found.items():
                    kept.setdefault(query_id, {})[name if scope == "pooled" else f"{name} {scope}"] = value
    return {system: _figures(found, values[baseline], system != baseline) for system, found in values.items()}


def _inside(qrels: Qrels, queries: Sequence[Query], catalogue: Catalogue) -> Qrels:
    """Return the judgements on passages of the document that each query is about."""
    owners = dict(catalogue.connection.execute("SELECT row, document_id FROM passages").fetchall())
    inside: Qrels = {}
    for query in queries:
        grades = {row: grade for row, grade in qrels[query.query_id].items() if owners[row] == query.within}
        if any(grades.values()):
            inside[query.query_id] = grades
    return inside


def measure(qrels: Qrels, run: Run) -> Values:
    """Return the values of every measure for each judged query; 0 where the run has nothing for it."""
    judged = {query_id: {str(row): grade for row, grade in grades.items()} for query_id, grades in qrels.items()}
    ranked = {query_id: _falling(rows) for query_id, rows in run.items() if rows and query_id in judged}
    values = {query_id: dict.fromkeys(MEASURES, 0.0) for query_id in judged}
    names = {wanted: name for name, wanted in MEASURES.items()}
    for found in ir_measures.iter_calc(MEASURES.values(), judged, ranked):
        values[found.query_id][names[found.measure]] = float(found.value)
    return values


def _falling(rows: Sequence[int]) -> dict[str, float]:
    """Return scores that fall strictly: trec_eval would rank ties its own way."""
    return {str(row): float(len(rows) - position) for position, row in enumerate(rows)}


def _figures(values: Values, baseline: Values, compared: bool) -> Figures:
    names = list(dict.fromkeys(name for found in values.values() for name in found))
    columns = {name: [found[name] for found in values.values() if name in found] for name in names}
    means = {name: fmean(column) for name, column in columns.items()}
    differences = {}
    if compared:
        for name, column in columns.items():
            other = [found[name] for found in baseline.values() if name in found]
            differences[name] = compare(np.array(column), np.array(other))
    return Figures(means, differences, values)


def compare(system: NDArray[np.float64], baseline: NDArray[np.float64]) -> Difference:
    """Return how a system differs from a baseline; both hold one value a query, in one order.

    The resampling starts from the same seed each time, so that the same values give the same answer.
    """
    differences = system - baseline
    mean = float(differences.mean())
    if np.ptp(differences) == 0.0:  # nothing to resample: all queries agree
        return Difference(mean, mean, mean, 1.0 if mean == 0.0 else 0.5 ** (len(differences) - 1))
    interval = stats.bootstrap(
        (differences,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    test = stats.permutation_test(
        (system, baseline),
        lambda one, other, axis: np.mean(one - other, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        rng=np.random.default_rng(0),
    )
    return Difference(mean, float(interval.low), float(interval.high), float(test.pvalue))


# -- TREC forms --------------------------------------------------------------------------------------


def write_runs(file: Path, runs: Mapping[str, Mapping[str, Run]], catalogue: Catalogue, main: str) -> list[Path]:
    """Write runs in TREC form and return the files; each line's tag is the system's name.

    ``file`` gets the pooled run of the system ``main``; every other goes beside it, its system's and scope's
    names before the extension. Passages go by their ids, which survive another ingest. The score column holds
    numbers that fall by one a rank, so that no evaluator can break ties in another way.

    Raises:
        SourceError: a file cannot be written.
    """
    ids = _passage_ids(catalogue)
    written = []
    for scope, by_system in runs.items():
        for system, run in by_system.items():
            lines = [
                f"{query_id} Q0 {ids[row]} {rank} {RUN_DEPTH + 1 - rank} {system}"
                for query_id, rows in run.items()
                for rank, row in enumerate(rows, 1)
            ]
            extra = [name for name, usual in ((system, main), (scope, "pooled")) if name != usual]
            if lines:
                written.append(_write(file.with_name(".".join([file.stem, *extra]) + file.suffix), lines))
    return written


def write_qrels(file: Path, qrels: Qrels, catalogue: Catalogue) -> None:
    """Write the judged passages in TREC form, by their ids.

    Raises:
        SourceError: the file cannot be written.
    """
    ids = _passage_ids(catalogue)
    _write(file, [f"{query} 0 {ids[row]} {grade}" for query, grades in qrels.items() for row, grade in grades.items()])


def _passage_ids(catalogue: Catalogue) -> dict[int, str]:
    return dict(catalogue.connection.execute("SELECT row, passage_id FROM passages").fetchall())


def _write(file: Path, lines: Sequence[str]) -> Path:
    try:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as exc:
        raise SourceError(f"{file} cannot be written: {exc}.") from exc
    return file
