"""How well questions are answered: facts, citations, abstention and authorities, on a question file.

    python tests/measure_answers.py DATA_DIRECTORY QUESTIONS.jsonl [--answers FILE] [--keep FILE] [--json FILE]
        [--split NAME] [--manifest FILE] [--generated] [--failures]

The questions are put to ``index.answers.answer.ask``, or their answers are read from a file of lines such as
``{"id": "q1", "answer": {the JSON of POST /api/v1/ask}}`` (``--keep`` writes one). Everything is judged from that
JSON and the catalogue's SQLite file. A question without ``relevant`` asks for no answer. A quote that is not
verbatim, or a citation that does not resolve, is a fault, and so is a number or name in a sentence composed of
several quotes that none of them holds: the script then ends with status 1.

*answered*: all facts said (white space aside), and a citation of a listed file and page whose passage holds one of its
facts. *facts in 10*: all facts are in the passages of the first 10 hits of a search, the most that a choice among
them could say. ``--failures`` tells for each fact that an answer lacks where it was lost.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import answer_judging as judging
from bench_search import report

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from index.search import Searcher
from webapp.holdings import open_searcher
from webapp.shown.formatters import hit_json

DEPTHS = (10, 20, 30)
Json = dict[str, Any]


def load(file: Path, split: str | None) -> list[Json]:
    """Return the questions of a file, each with an id."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = [{"id": f"line-{number}", **line} for number, line in enumerate(lines, 1)]
    return [question for question in found if split is None or question.get("split") == split]


def filters_of(question: Mapping[str, Any]) -> Filters:
    """Return the filters that a question is asked with."""
    chosen = question.get("filters") or {}
    return Filters(
        authorities=tuple(filter(None, [chosen.get("authority")])),
        date_from=chosen.get("date_from"),
        date_to=chosen.get("date_to"),
    )


def ask_all(searcher: Searcher, questions: Sequence[Json]) -> tuple[dict[str, Json], list[float]]:
    """Return the answers as JSON by the question's id, and the milliseconds of each after one to warm up."""
    from index.answers.answer import ask
    from webapp.shown.answers import answer_json

    ask(searcher, questions[0]["question"], filters_of(questions[0]))
    answers, times = {}, []
    for question in questions:
        began = time.perf_counter()
        answer = ask(searcher, question["question"], filters_of(question))
        times.append((time.perf_counter() - began) * 1000)
        answers[question["id"]] = json.loads(json.dumps(answer_json(answer), ensure_ascii=False))
    return answers, times


# -- judging one answer --------------------------------------------------------------------------------


def judge(store: judging.Store, question: Json, answer: Json, hits: Sequence[Json], extractive: bool) -> Json:
    """Return the figures of one answer, and under "lost" and "faults" what went wrong."""
    wanted = judging.targets(store, question)
    found: Json = {"id": question["id"], "kind": question["kind"], "lost": {}}
    found["faults"] = judging.faults(store, answer, extractive)
    found["declined"] = bool(answer["abstained"])
    found["sentences"] = None if answer["abstained"] else len(answer["sentences"])
    found["composed"] = None if answer["abstained"] else sum(map(judging.composed, answer["sentences"]))
    found["characters"] = None if answer["abstained"] else sum(len(one["text"]) for one in answer["sentences"])
    if not wanted:
        return found
    found |= _facts(store, question, answer, hits, found["lost"])
    found |= _citations(store, wanted, answer, hits, found["lost"])
    found["answered"] = found["all facts"] and found["right passage"]
    if question.get("authorities"):
        found |= _authorities(store, question["authorities"], answer, found["lost"])
    return found


def _facts(store: judging.Store, question: Json, answer: Json, hits: Sequence[Json], lost: Json) -> Json:
    facts, said = question["answer_facts"], judging.said(answer)
    exact = judging.facts_found(facts, said)
    folded = judging.facts_found(facts, said, judging.plain)
    texts = [judging.squeezed(hit["text"]) for hit in hits]
    first = {
        fact: next((rank for rank, text in enumerate(texts, 1) if judging.squeezed(fact) in text), None)
        for fact in facts
    }
    cited = judging.squeezed(" ".join(one["text"] for one in judging.citations_of(answer)))
    for fact in facts:
        if fact in exact:
            continue
        if answer["abstained"]:
            where = "abstained"
        elif fact in folded:
            where = "said in other typography or case"
        elif judging.squeezed(fact) in cited:
            where = "in a cited passage, not quoted"
        else:
            where = "passage not chosen" if first[fact] else f"not in {DEPTHS[-1]} hits"
        lost[f"fact {fact!r}"] = f"{where}{f' (hit {first[fact]})' if first[fact] else ''}"
    within = {
        f"facts in {depth}": all(rank is not None and rank <= depth for rank in first.values()) for depth in DEPTHS
    }
    return {
        "all facts": len(exact) == len(facts),
        "all facts, folded": len(folded) == len(facts),
        "any fact": bool(exact) or not facts,
        "share of facts": len(exact) / len(facts) if facts else 1.0,
    } | within


def _citations(
    store: judging.Store, wanted: Sequence[judging.Target], answer: Json, hits: Sequence[Json], lost: Json
) -> Json:
    best = [target for target in wanted if target.grade >= 2]
    citations = judging.citations_of(answer)
    where = [judging.places(one) for one in citations]

    def right(among: Sequence[judging.Target], hit: Json) -> bool:
        return any(judging.holds_fact(store, hit, target) for target in among)

    def precision(test: Any) -> float | None:
        return sum(any(test(at, target) for target in wanted) for at in where) / len(where) if where else None

    def recall(among: Sequence[judging.Target]) -> float:
        return sum(any(judging.on_page(at, target) for at in where) for target in among) / len(among)

    ranks = [rank for rank, hit in enumerate(hits, 1) if right(wanted, hit)]
    found = {
        "right passage": any(right(wanted, one) for one in citations),
        "right passage, grade 2": any(right(best, one) for one in citations) if best else None,
        "right document": any(judging.in_document(at, target) for at in where for target in wanted),
        "precision": precision(judging.on_page),
        "precision, document": precision(judging.in_document),
        "recall": recall(wanted),
        "recall, grade 2": recall(best) if best else None,
    }
    if not found["right passage"]:
        lost["citation"] = "right document, wrong page or passage" if found["right document"] else "wrong document"
        lost["citation"] += f" (right passage: hit {ranks[0]})" if ranks else f" (none right in {DEPTHS[-1]} hits)"
    return found | {f"right in {depth}": any(rank <= depth for rank in ranks) for depth in DEPTHS}


def _authorities(store: judging.Store, listed: Sequence[str], answer: Json, lost: Json) -> Json:
    asked = {judging.UNKNOWN if name.startswith("(") else judging.named(name) for name in listed}
    documents = {one["document_id"] for one in judging.citations_of(answer)}
    cited = {store.authority(document) for document in documents}
    if asked - cited:
        lost["authorities"] = "; ".join(sorted(asked - cited))
    unlike = [one for one in documents if store.authority(one) != store.stored_authority(one) != judging.UNKNOWN]
    return {
        "authorities": len(asked & cited) / len(asked),
        "other authorities": len(cited - asked),
        "unlike the manifest": len(unlike),
    }


# -- figures ---------------------------------------------------------------------------------------------


def figures(judged: Sequence[Json]) -> dict[str, dict[str, float]]:
    """Return for each kind, for all that have an answer and for all that have none the mean of each figure."""
    answerable = [one for one in judged if "answered" in one]
    groups = {
        kind: [one for one in judged if one["kind"] == kind] for kind in dict.fromkeys(one["kind"] for one in judged)
    }
    groups |= {"all answerable": answerable, "all unanswerable": [one for one in judged if "answered" not in one]}
    found = {}
    for name, members in groups.items():
        names = dict.fromkeys(key for one in members for key in one if key not in ("id", "kind", "lost", "faults"))
        means = {key: [float(one[key]) for one in members if one.get(key) is not None] for key in names}
        found[name] = {"questions": float(len(members)), "faults": float(sum(len(one["faults"]) for one in members))}
        found[name] |= {key: statistics.fmean(values) for key, values in means.items() if values}
    return {name: values for name, values in found.items() if values["questions"]}


def show(found: Mapping[str, Mapping[str, float]]) -> None:
    """Print a column for each group and a row for each figure."""
    width = max(len(name) for name in found) + 2
    rows = dict.fromkeys(row for values in found.values() for row in values)
    print(f"{'':24}" + "".join(f"{name:>{width}}" for name in found))
    for row in rows:
        digits = 0 if row in ("questions", "faults", "characters") else 3
        cells = (
            f"{values[row]:{width}.{digits}f}" if row in values else f"{'–':>{width}}" for values in found.values()
        )
        print(f"{row:24}" + "".join(cells))


def losses(judged: Sequence[Json]) -> None:
    """Print how many facts and citations were lost, and where."""
    counted = Counter(
        f"{'fact' if what.startswith('fact') else what}: {why.split(' (hit')[0].split(' (right')[0]}"
        for one in judged
        for what, why in one["lost"].items()
        if what != "authorities"
    )
    for what, count in counted.most_common():
        print(f"{count:4}  {what}")


def failures(questions: Mapping[str, Json], judged: Sequence[Json]) -> None:
    """Print each question that was not answered well, with what it missed."""
    for one in judged:
        unanswerable = "answered" not in one
        if not (one["lost"] or one["faults"] or (unanswerable and not one["declined"])):
            continue
        print(f"\n{one['id']} [{one['kind']}] {questions[one['id']]['question']}")
        if unanswerable and not one["declined"]:
            print("  answered, though nothing answers it")
        for what, why in one["lost"].items():
            print(f"  {what}: {why}")
        for fault in one["faults"]:
            print(f"  FAULT {fault}")


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("questions", type=Path)
    for name, words in (
        ("answers", "read the answers from this file"),
        ("keep", "write the answers to this file"),
        ("json", "write the figures, and those of each question, to this file"),
        ("manifest", "CSV of path and authority [../minutes/manifest.csv beside the questions' folder]"),
    ):
        parser.add_argument(f"--{name}", type=Path, help=words)
    parser.add_argument("--split", help="only the questions of this split")
    parser.add_argument("--generated", action="store_true", help="sentences need not be their quotes")
    parser.add_argument("--failures", action="store_true", help="list what each question missed")
    return parser.parse_args(arguments)


def main() -> int:
    """Print machine, sizes and figures; return 1 where a promise was broken."""
    options = options_of()
    beside = options.questions.resolve().parent.parent / "minutes" / "manifest.csv"
    store = judging.Store(options.data, options.manifest or beside)
    searcher = open_searcher(Catalogue(options.data))
    questions = {question["id"]: question for question in load(options.questions, options.split)}
    times: list[float] = []
    if options.answers:
        lines = options.answers.read_text(encoding="utf-8").splitlines()
        answers = {line["id"]: line["answer"] for line in map(json.loads, lines)}
    else:
        answers, times = ask_all(searcher, list(questions.values()))
    if options.keep:
        kept = [json.dumps({"id": key, "answer": one}, ensure_ascii=False) + "\n" for key, one in answers.items()]
        options.keep.write_text("".join(kept), encoding="utf-8")
    judged = []
    for key, question in questions.items():
        hits = searcher.search(question["question"], filters_of(question), k=DEPTHS[-1]).hits
        judged.append(judge(store, question, answers[key], list(map(hit_json, hits)), not options.generated))
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"{store.size()}, {len(questions)} questions")
    if times:
        report("ask, in process", times)
    found = figures(judged)
    show(found)
    losses(judged)
    if options.failures:
        failures(questions, judged)
    if options.json:
        written = {"figures": found, "milliseconds": times, "questions": judged}
        options.json.write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")
    return 1 if any(one["faults"] for one in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
