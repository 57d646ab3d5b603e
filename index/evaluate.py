"""Measuring retrieval: two kinds of test material, the systems compared, and the figures.

A *collection* is a folder of documents with ``queries.jsonl`` and ``qrels.jsonl`` (relevance by lines of a
document); its figures are nDCG@10 and the like, by ir_measures, which is imported here only. A *question
file* names for each question the documents, pages and facts that answer it; its figure is the share of
questions with such a passage among the first 5 and 10.

Means are over all judged queries; a query without hits counts as 0; unjudged passages count as not
relevant; rankings are broken by the lower passage row where scores tie.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ir_measures
from ir_measures import RR, R, Success, nDCG

from corpus.catalogue import Catalogue
from corpus.errors import SourceError
from corpus.filters import Filters, resolve
from index import fusion
from index.search import Searcher

Scores = Mapping[int, float]
SYSTEMS: dict[str, Callable[[Searcher, Scores, Scores], Mapping[int, float]]] = {
    "lexical": lambda _, lexical, dense: lexical,
    "dense": lambda _, lexical, dense: dense,
    "rrf": lambda _, lexical, dense: fusion.reciprocal_rank([lexical, dense]),
    "minmax": lambda _, lexical, dense: fusion.min_max([lexical, dense], [0.5, 0.5]),
    "zscore": lambda _, lexical, dense: fusion.z_score([lexical, dense], [1.0, 1.0]),
    "minutebook": Searcher.fuse,
}
MEASURES = {"nDCG@10": nDCG @ 10, "R@10": R @ 10, "R@100": R @ 100, "RR@10": RR @ 10, "success@5": Success @ 5}
RUN_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Span:
    """A relevant stretch of a document: half-open character offsets into its stored text."""

    document_id: str
    start: int
    end: int
    grade: int


@dataclass(frozen=True, slots=True)
class Query:
    """A judged query; ``within`` is the one document that it is about, where the collection says so."""

    query_id: str
    text: str
    within: str | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """One place that answers a question: the file's path, its page if it has pages, and facts in its words."""

    path: str
    page: int | None
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the places that answer it; ``kind`` is such as "known-item" or "comparative"."""

    query_id: str
    text: str
    kind: str
    filters: Filters
    targets: tuple[Target, ...]


def _lines(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as exc:
        raise SourceError(f"{file} cannot be read as JSON lines: {exc}.") from exc


# -- collections -------------------------------------------------------------------------------------


def load_collection(folder: Path, catalogue: Catalogue) -> list[Query]:
    """Return the judged queries of a collection whose documents (``docs/``) have been ingested.

    Raises:
        SourceError: a file is missing or malformed, or names a document that was not ingested.
    """
    spans: dict[str, list[Span]] = {}
    offsets: dict[str, tuple[str, list[int]]] = {}
    for qrel in _lines(folder / "qrels.jsonl"):
        name = qrel["doc_id"]
        if name not in offsets:
            offsets[name] = _line_offsets(catalogue, f"{name}.txt")
        document_id, starts = offsets[name]
        span = Span(document_id, starts[qrel["start_line"] - 1], starts[qrel["end_line"]], int(qrel.get("grade", 1)))
        spans.setdefault(qrel["query_id"], []).append(span)
    return [
        Query(query["query_id"], query["text"], offsets[query["doc_id"]][0], tuple(spans[query["query_id"]]))
        for query in _lines(folder / "queries.jsonl")
        if query["query_id"] in spans
    ]


def _line_offsets(catalogue: Catalogue, path: str) -> tuple[str, list[int]]:
    """Return a document's id and the offset at which each of its lines begins, and that of its end."""
    row = catalogue.connection.execute("SELECT document_id FROM sources WHERE path = ?", (path,)).fetchone()
    if row is None or row[0] is None:
        raise SourceError(f"The document {path} of the collection was not ingested.")
    text = catalogue.document(row[0]).text
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return row[0], starts


def judge_collection(searcher: Searcher, queries: Sequence[Query]) -> dict[str, dict[str, int]]:
    """Return qrels: for each query the passages that overlap one of its spans, with the highest grade."""
    passages: dict[str, list[tuple[str, int, int]]] = {}
    for row in searcher.catalogue.connection.execute('SELECT document_id, row, start, "end" FROM passages'):
        passages.setdefault(row[0], []).append((str(row[1]), row[2], row[3]))
    qrels: dict[str, dict[str, int]] = {}
    for query in queries:
        judged: dict[str, int] = {}
        for span in query.spans:
            for row, start, end in passages.get(span.document_id, ()):
                if start < span.end and end > span.start:
                    judged[row] = max(judged.get(row, 0), span.grade)
        qrels[query.query_id] = judged
    return qrels


def evaluate_collection(
    searcher: Searcher, queries: Sequence[Query], systems: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return for each system its figures over all documents ("pooled") and in the right one ("within")."""
    qrels = judge_collection(searcher, queries)
    owners = dict(searcher.catalogue.connection.execute("SELECT CAST(row AS TEXT), document_id FROM passages"))
    pooled: dict[str, dict[str, dict[str, float]]] = {system: {} for system in systems}
    within: dict[str, dict[str, dict[str, float]]] = {system: {} for system in systems}
    for query in queries:
        lexical, dense = searcher.candidates(query.text, Filters())
        for system in systems:
            fused = {str(row): score for row, score in SYSTEMS[system](searcher, lexical, dense).items()}
            pooled[system][query.query_id] = _best(fused)
            inside = {row: score for row, score in fused.items() if owners[row] == query.within}
            within[system][query.query_id] = _best(inside)
    return {
        system: {
            **_measure(qrels, pooled[system]),
            **{f"{name} within": value for name, value in _measure(qrels, within[system]).items()},
        }
        for system in systems
    }


def _best(scores: Mapping[str, float]) -> dict[str, float]:
    ranking = sorted(scores.items(), key=lambda pair: (-pair[1], int(pair[0])))[:RUN_DEPTH]
    # trec_eval breaks ties its own way: scores that fall strictly keep ours.
    return {row: float(RUN_DEPTH - rank) for rank, (row, _) in enumerate(ranking)}


def _measure(qrels: dict[str, dict[str, int]], run: dict[str, dict[str, float]]) -> dict[str, float]:
    found = ir_measures.calc_aggregate(MEASURES.values(), qrels, run)
    return {name: float(found[measure]) for name, measure in MEASURES.items()}


# -- question files ----------------------------------------------------------------------------------


def load_questions(file: Path) -> list[Question]:
    """Return the questions of a JSON-lines file that name a place which answers them."""
    return [
        Question(
            query_id=line["id"],
            text=line["question"],
            kind=line["kind"],
            filters=Filters(
                authorities=tuple(filter(None, [line["filters"].get("authority")])),
                date_from=line["filters"].get("date_from"),
                date_to=line["filters"].get("date_to"),
            ),
            targets=tuple(Target(r["path"], r["page"], tuple(r["facts"])) for r in line["relevant"]),
        )
        for line in _lines(file)
        if line["relevant"]
    ]


def evaluate_questions(
    searcher: Searcher, questions: Sequence[Question], systems: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """Return for each system and kind of question the share answered in the first 5 and the first 10.

    "any@5" asks for a passage of a listed document (and page) with at least one of its facts, "all@5" for
    one with all of them.
    """
    connection = searcher.catalogue.connection
    paths: dict[str, set[str]] = {}
    for document_id, path in connection.execute("SELECT document_id, path FROM sources"):
        paths.setdefault(document_id, set()).add(path)
    totals: dict[str, dict[str, dict[str, float]]] = {system: {} for system in systems}
    for question in questions:
        lexical, dense = searcher.candidates(question.text, resolve(searcher.catalogue, question.filters))
        for system in systems:
            rows = [row for row, _ in fusion.ranked(SYSTEMS[system](searcher, lexical, dense))[:10]]
            judged = [_facts_found(searcher, row, paths, question.targets) for row in rows]
            figures = totals[system].setdefault(question.kind, {"questions": 0.0})
            figures["questions"] += 1
            for depth in (5, 10):
                for name in ("any", "all"):
                    hit = any(found[name] for found in judged[:depth])
                    figures[f"{name}@{depth}"] = figures.get(f"{name}@{depth}", 0.0) + hit
    for kinds in totals.values():
        for figures in kinds.values():
            for name in figures:
                if name != "questions":
                    figures[name] /= figures["questions"]
    return totals


def _facts_found(
    searcher: Searcher, row: int, paths: Mapping[str, set[str]], targets: Sequence[Target]
) -> dict[str, bool]:
    stored = searcher.catalogue.connection.execute(
        'SELECT p.document_id, p.page, substr(d.text, p.start + 1, p."end" - p.start)'
        " FROM passages p JOIN documents d USING (document_id) WHERE p.row = ?",
        (row,),
    ).fetchone()
    text = " ".join(stored[2].split())
    found = {"any": False, "all": False}
    for target in targets:
        if target.path in paths[stored[0]] and target.page in (None, stored[1]):
            held = [" ".join(fact.split()) in text for fact in target.facts]
            found["any"] |= any(held)
            found["all"] |= all(held)
    return found
