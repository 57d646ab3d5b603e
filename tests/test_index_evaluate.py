"""Measuring retrieval: our own collection, the forms that judgements take, the figures and the TREC files."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import ir_measures
import numpy as np
import pytest
from click.testing import CliRunner, Result

from corpus.catalogue import Catalogue
from corpus.errors import SourceError
from index.build import update
from index.encoder import Encoder
from index.measuring.collection import judge, load_collection
from index.measuring.evaluate import compare, measure
from index.search import Searcher
from ingest.pipeline import ingest
from tests.conftest import ROOT
from webapp.cli import main

EVALUATION = ROOT / "corpus" / "evaluation"
BASELINES = tomllib.loads((EVALUATION / "baselines.toml").read_text(encoding="utf-8"))["nDCG@10"]
THORNBY = "thornby-magna-parish-council/Minutes May (2).docx"
CABINET = "calderholme-metropolitan-borough-council/Public minutes Cabinet 07.03.2024.pdf"


def run(*arguments: str | Path) -> Result:
    """Call a command in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write_lines(file: Path, lines: Sequence[dict[str, Any] | str]) -> Path:
    """Write JSON lines; a text goes as it is."""
    written = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    file.write_text("\n".join(written) + "\n", encoding="utf-8")
    return file


def collection(folder: Path, queries: Sequence[dict[str, Any]], qrels: Sequence[dict[str, Any] | str]) -> Path:
    """Write a collection."""
    write_lines(folder / "queries.jsonl", queries)
    write_lines(folder / "qrels.jsonl", qrels)
    return folder


@dataclass(frozen=True, slots=True)
class Measured:
    """What one call of the command gave for our own collection."""

    figures: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def measured(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Our own collection, measured by the command."""
    folder = tmp_path_factory.mktemp("measured")
    files = ["--run", folder / "ours.trec", "--qrels", folder / "judged.qrels"]
    chosen = ["--system", "minutebook", "--system", "dense"]
    result = run("--data", sample_data, "evaluate", EVALUATION, "--json", *chosen, *files)
    assert result.exit_code == 0, result.stderr
    return Measured(json.loads(result.stdout), folder)


# -- our own collection ------------------------------------------------------------------------------


def test_search_answers_our_collection_as_well_as_recorded(measured: Measured) -> None:
    found = measured.figures["systems"]["minutebook"]["means"]["nDCG@10"]
    assert found >= BASELINES["minutebook"] - BASELINES["tolerance"]


def test_search_answers_our_collection_better_than_either_list_alone(measured: Measured) -> None:
    means = {name: system["means"]["nDCG@10"] for name, system in measured.figures["systems"].items()}
    assert means["minutebook"] >= max(means["lexical"], means["dense"]) - BASELINES["behind_best_single"]


def test_every_query_of_our_collection_is_judged_and_every_kind_described() -> None:
    queries = [json.loads(line) for line in (EVALUATION / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    qrels = [json.loads(line) for line in (EVALUATION / "qrels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {query["query_id"] for query in queries} == {qrel["query_id"] for qrel in qrels if qrel["grade"] == 2}
    readme = (EVALUATION / "README.md").read_text(encoding="utf-8")
    kinds = [query["query_id"].rsplit("-", 1)[0] for query in queries]
    for kind in set(kinds):
        assert f"| `{kind}` | {kinds.count(kind)} |" in readme
    assert readme.split()[6] == str(len(queries))


# -- figures -----------------------------------------------------------------------------------------


def test_means_are_those_of_the_values_of_each_query(measured: Measured) -> None:
    for system in measured.figures["systems"].values():
        assert len(system["per_query"]) == measured.figures["queries"]
        for name, mean in system["means"].items():
            assert mean == pytest.approx(fmean(values[name] for values in system["per_query"].values()))


def test_differences_are_from_the_baseline_and_lie_in_their_interval(measured: Measured) -> None:
    systems = measured.figures["systems"]
    assert measured.figures["baseline"] == "lexical"
    assert systems["lexical"]["differences"] == {}
    for name in ("minutebook", "dense"):
        for measure_name, by in systems[name]["differences"].items():
            expected = systems[name]["means"][measure_name] - systems["lexical"]["means"][measure_name]
            assert by["difference"] == pytest.approx(expected)
            assert by["low"] <= by["difference"] <= by["high"]
            assert 0.0 < by["p"] <= 1.0


def test_trec_files_give_another_evaluator_the_same_figures(measured: Measured, searcher: Searcher) -> None:
    qrels = list(ir_measures.read_trec_qrels(str(measured.folder / "judged.qrels")))
    for file, system in (("ours.trec", "minutebook"), ("ours.dense.trec", "dense"), ("ours.lexical.trec", "lexical")):
        lines = (measured.folder / file).read_text(encoding="utf-8").splitlines()
        assert {line.split()[5] for line in lines} == {system}
        ranked = list(ir_measures.read_trec_run(str(measured.folder / file)))
        found = ir_measures.calc_aggregate([ir_measures.nDCG @ 10, ir_measures.R @ 100], qrels, ranked)
        means = measured.figures["systems"][system]["means"]
        assert {str(name): value for name, value in found.items()} == pytest.approx(
            {"nDCG@10": means["nDCG@10"], "R@100": means["R@100"]}
        )
    hit = searcher.passage(qrels[0].doc_id)
    assert hit.passage_id == qrels[0].doc_id


def test_table_shows_systems_side_by_side_and_their_difference(sample_data: Path, tmp_path: Path) -> None:
    folder = collection(
        tmp_path,
        [
            {"query_id": "a", "text": "defibrillator battery", "doc_id": THORNBY},
            {"query_id": "b", "text": "dog bin at Pound Green", "doc_id": THORNBY},
        ],
        [
            {"query_id": "a", "doc_id": THORNBY, "quote": "The defibrillator battery has been ordered", "grade": 2},
            {"query_id": "b", "doc_id": THORNBY, "quote": "The dog bin at Pound Green"},
        ],
    )
    result = run("--data", sample_data, "evaluate", folder, "--baseline", "dense", "--run", tmp_path / "r.run")
    assert result.exit_code == 0, result.stderr
    assert "All documents, 2 of 2 queries" in result.stdout
    assert "Within the document, 2 of 2 queries" in result.stdout
    assert "Difference from dense" in result.stdout
    for system in ("lexical", "dense", "rrf", "minmax", "zscore", "minutebook"):
        assert sum(line.startswith(f"{system} ") for line in result.stdout.splitlines()) >= 2
    own = {row[0] for row in Catalogue(sample_data).connection.execute(
        "SELECT passage_id FROM passages JOIN sources USING (document_id) WHERE path = ?", (THORNBY,)
    )}  # fmt: skip
    within = (tmp_path / "r.within.run").read_text(encoding="utf-8").splitlines()
    assert within
    assert {line.split()[2] for line in within} <= own


def test_query_without_hits_counts_as_nought_and_the_order_of_a_run_is_kept() -> None:
    values = measure({"a": {1: 1}, "b": {2: 1}, "c": {3: 1}}, {"a": [7, 1], "b": []})
    assert values["a"]["RR@10"] == 0.5
    assert values["b"] == values["c"] == dict.fromkeys(values["a"], 0.0)


def test_same_values_differ_by_chance_only() -> None:
    same = np.array([0.2, 0.4, 1.0])
    found = compare(same, same)
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_p_of_few_queries_is_exact() -> None:
    """Five queries, all better: of the 32 ways to swap systems, two are as far from nought."""
    better = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    assert compare(better, np.zeros(5)).p == pytest.approx(2 / 32)
    assert compare(np.full(5, 0.1), np.zeros(5)).p == pytest.approx(2 / 32)


# -- judgements --------------------------------------------------------------------------------------


def test_lines_offsets_and_quotes_judge_the_same_passages(searcher: Searcher, tmp_path: Path) -> None:
    path = "thornby-magna-parish-council/minutes_oct_v2.txt"
    (row,) = searcher.catalogue.connection.execute("SELECT document_id FROM sources WHERE path = ?", (path,))
    text = searcher.catalogue.document(row[0]).text
    quote = "worried about the cottage let to nine people."
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "worried about the cottage" in line)
    start = text.index("worried about the cottage")
    forms: dict[str, dict[str, Any]] = {
        "lines": {"start_line": line, "end_line": line},
        "offsets": {"start": start, "end": start + 20},
        "quote": {"quote": quote},
        "without-extension": {"doc_id": path.removesuffix(".txt"), "quote": quote},
    }
    folder = collection(
        tmp_path,
        [{"query_id": name, "text": "sharers"} for name in forms],
        [{"query_id": name, "doc_id": path, "grade": 2, **form} for name, form in forms.items()],
    )
    judged = judge(searcher.catalogue, load_collection(folder, searcher.catalogue))
    assert len({tuple(grades.items()) for grades in judged.values()}) == 1
    assert len(judged["quote"]) == 1
    assert set(judged["quote"].values()) == {2}


def test_passage_judged_twice_has_the_highest_grade(searcher: Searcher, tmp_path: Path) -> None:
    quotes = [("The defibrillator battery", 1), ("£189 plus VAT", 2), ("dog bin at Pound Green", 0)]
    qrels = [{"query_id": "a", "doc_id": THORNBY, "quote": quote, "grade": grade} for quote, grade in quotes]
    folder = collection(tmp_path, [{"query_id": "a", "text": "battery"}], qrels)
    judged = judge(searcher.catalogue, load_collection(folder, searcher.catalogue))
    assert list(judged["a"].values()) == [2]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"query_id": "a", ', "qrels.jsonl, line 2 is not JSON"),
        ("[1, 2]", "qrels.jsonl, line 2 is not a JSON object"),
        ({"query_id": "a", "doc_id": CABINET, "quote": "a crossing in the sky"}, "is not in its text"),
        ({"query_id": "a", "doc_id": CABINET, "quote": "Cabinet"}, "give more of its words"),
        ({"query_id": "a", "doc_id": "no/such.pdf", "quote": "x"}, "no ingested document is called 'no/such.pdf'"),
        ({"query_id": "a", "doc_id": CABINET}, "'start_line' is missing"),
        ({"query_id": "a", "doc_id": CABINET, "start_line": 3, "end_line": 99_999}, "lines, not lines 3 to 99999"),
        ({"query_id": "a", "doc_id": CABINET, "start": 9, "end": 9}, "not the stretch from 9 to 9"),
        ({"query_id": "a", "doc_id": CABINET, "start": 0, "end": 9, "grade": "high"}, "'grade' is missing or not"),
        ({"query_id": "a b", "doc_id": CABINET, "start": 0, "end": 9}, "without spaces"),
        ({"doc_id": CABINET, "start": 0, "end": 9}, "'query_id' is missing"),
        ({"query_id": "z", "doc_id": CABINET, "start": 0, "end": 9}, "judges the query 'z'"),
    ],
)
def test_malformed_judgement_is_named_by_its_line(
    searcher: Searcher, tmp_path: Path, line: dict[str, Any] | str, says: str
) -> None:
    sound = {"query_id": "a", "doc_id": CABINET, "start": 0, "end": 9}
    folder = collection(tmp_path, [{"query_id": "a", "text": "crossing"}], [sound, line])
    with pytest.raises(SourceError, match=r"^qrels\.jsonl") as caught:
        load_collection(folder, searcher.catalogue)
    assert says in str(caught.value)
    if "judges the query" not in says:
        assert str(caught.value).startswith("qrels.jsonl, line 2")


def test_query_that_nothing_can_answer_is_refused(searcher: Searcher, tmp_path: Path) -> None:
    qrels = [{"query_id": "a", "doc_id": CABINET, "start": 0, "end": 9, "grade": 0}]
    folder = collection(tmp_path, [{"query_id": "a", "text": "crossing"}], qrels)
    with pytest.raises(SourceError, match="relevant to the query 'a'"):
        judge(searcher.catalogue, load_collection(folder, searcher.catalogue))


def test_missing_collection_file_is_an_error_of_one_line(sample_data: Path, tmp_path: Path) -> None:
    result = run("--data", sample_data, "evaluate", tmp_path)
    assert result.exit_code == 1
    assert "qrels.jsonl cannot be read" in result.stderr
    assert result.stderr.count("\n") == 1


# -- question files ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A data directory that holds one text under two names."""
    folder = tmp_path_factory.mktemp("twice")
    (folder / "docs").mkdir()
    text = (
        "Oxwold Parish Council\n\nMinutes of the meeting held on 4 March 2024\n\n1. Allotments\n\n"
        "The rent of an allotment was set at £31 a year. The hedge will be cut in September.\n"
    )
    for name in ("first.txt", "second.txt"):
        (folder / "docs" / name).write_text(text, encoding="utf-8")
    catalogue = Catalogue(folder / "data", create=True)
    ingest([folder / "docs"], catalogue, encoder)
    update(catalogue, encoder)
    return folder / "data"


def question(name: str, kind: str, facts: list[str]) -> dict[str, Any]:
    """Return a line of a question file."""
    relevant = [{"path": name, "page": None, "facts": facts}]
    return {"id": f"{name}-{kind}", "question": "allotment rent", "kind": kind, "filters": {}, "relevant": relevant}


@pytest.mark.parametrize("name", ["first.txt", "second.txt"])
def test_question_may_name_either_file_of_a_text(twice: Path, tmp_path: Path, name: str) -> None:
    lines = [
        question(name, "whole", ["£31 a year", "cut in September"]),
        question(name, "half", ["£31 a year", "cut in October"]),
        question("third.txt", "elsewhere", ["£31 a year"]),
        {**question(name, "unanswerable", []), "relevant": []},
    ]
    result = run("--data", twice, "evaluate", write_lines(tmp_path / "q.jsonl", lines), "--json")
    figures = json.loads(result.stdout)
    assert not any("unanswerable" in label for label in figures)
    for system in ("lexical", "minutebook"):
        found = {kind: figures[f"{system} · {kind}"] for kind in ("whole", "half", "elsewhere")}
        assert {kind: values["any@5"] for kind, values in found.items()} == {"whole": 1, "half": 1, "elsewhere": 0}
        assert {kind: values["all@10"] for kind, values in found.items()} == {"whole": 1, "half": 0, "elsewhere": 0}
        for values in found.values():
            assert (values["success@5"], values["success@10"]) == (values["any@5"], values["any@10"])


def test_judgement_may_name_either_file_of_a_text(twice: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(twice)
    names = ("first.txt", "second")
    folder = collection(
        tmp_path,
        [{"query_id": name, "text": "allotment rent", "doc_id": name} for name in names],
        [{"query_id": name, "doc_id": name, "quote": "£31 a year"} for name in names],
    )
    one, other = load_collection(folder, catalogue)
    assert (one.within, one.spans) == (other.within, other.spans)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--system", "magic"], "There is no system 'magic': choose from lexical"),
        (["--baseline", "magic"], "There is no system 'magic'"),
        (["--run", "x.run"], "are for a collection"),
    ],
)
def test_misuse_says_what_to_choose(twice: Path, tmp_path: Path, arguments: list[str], says: str) -> None:
    result = run("--data", twice, "evaluate", write_lines(tmp_path / "q.jsonl", []), *arguments)
    assert result.exit_code == 2
    assert says in result.stderr


def test_malformed_question_is_named_by_its_line(twice: Path, tmp_path: Path) -> None:
    lines: list[dict[str, Any] | str] = [question("first.txt", "whole", ["£31"]), {"question": "what?"}]
    result = run("--data", twice, "evaluate", write_lines(tmp_path / "q.jsonl", lines))
    assert result.exit_code == 1
    assert "q.jsonl, line 2 is not a question" in result.stderr
