"""How well questions about several authorities are compared: authorities found, right citations, verbatim quotes, time.

    python tests/measure_comparisons.py DATA_DIRECTORY QUESTIONS.jsonl [--manifest FILE] [--rows]

The questions that list ``authorities`` are put to ``index.compare.compare`` without naming any. *found*: share of the
listed authorities that have a row with evidence. *right*: share of them whose row, in what it says or decided, cites
one of the authority's relevant documents; *right, any quote*: in any of its quotes. *others*: rows with evidence of
authorities that are not listed, a question; they need not be wrong, as a list need not be complete. A quote that is
not the stored text at its offsets is a fault, and the script then ends with status 1. ``--rows`` prints each row's
authority, confidence and score, and whether it is listed, to choose thresholds by.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import answer_judging as judging
from bench_search import report

from corpus.catalogue import Catalogue
from index.answers.evidence import Quote
from index.comparisons.compare import Comparison, compare
from index.comparisons.compared import Row
from webapp.holdings import open_searcher

Json = dict[str, Any]


def quotes_of(row: Row) -> Iterator[Quote]:
    """Yield every quote of a row."""
    yield from (row.said.quote,) if row.said else ()
    yield from (moment.said.quote for moment in row.moved)
    for one in (*row.decided, *row.recommended, *(one for moment in row.moved for one in moment.settled)):
        yield from (one.quote, *one.proof)


def cited(row: Row, *, everywhere: bool) -> set[str]:
    """Return the documents of a row's best quote and decisions, or of all its quotes, and those with the same words."""
    said = [row.said.quote] if row.said else []
    hits = [quote.hit for quote in (quotes_of(row) if everywhere else [*said, *(one.quote for one in row.decided)])]
    return {hit.document_id for hit in hits} | {other.document_id for hit in hits for other in hit.also}


def judge(store: judging.Store, question: Mapping[str, Any], comparison: Comparison) -> Json:
    """Return the figures of one comparison."""
    listed = {judging.UNKNOWN if name.startswith("(") else judging.named(name) for name in question["authorities"]}
    rows = [row for row in comparison.rows if row.said]
    whose = [judging.UNKNOWN if row.authority is None else judging.named(row.authority) for row in rows]
    wanted = judging.targets(store, question)
    right, right_anywhere = (
        {
            name
            for row, name in zip(rows, whose, strict=True)
            if name in listed and any(cited(row, everywhere=everywhere) & target.documents for target in wanted)
        }
        for everywhere in (False, True)
    )
    quotes = [quote for row in comparison.rows for quote in quotes_of(row)]
    return {
        "rows": len(rows),
        "found": len(listed & set(whose)) / len(listed),
        "right": len(right) / len(listed),
        "right, any quote": len(right_anywhere) / len(listed),
        "others": len(set(whose) - listed - {judging.UNKNOWN}),
        "unknown": whose.count(judging.UNKNOWN),
        "decided": sum(bool(row.decided) for row in rows),
        "changes": sum(bool(row.change) for row in rows),
        "quotes": len(quotes),
        "faults": sum(store.text(one.hit.document_id)[one.start : one.end] != one.text for one in quotes),
        "missed": sorted(listed - set(whose)),
    }


def main() -> int:
    """Print machine, sizes and figures; return 1 where a quote was not verbatim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--manifest", type=Path, help="CSV of path and authority [../minutes/manifest.csv beside]")
    parser.add_argument("--rows", action="store_true", help="print each row")
    options = parser.parse_args()
    beside = options.questions.resolve().parent.parent / "minutes" / "manifest.csv"
    store = judging.Store(options.data, options.manifest or beside)
    searcher = open_searcher(Catalogue(options.data))
    lines = map(json.loads, options.questions.read_text(encoding="utf-8").splitlines())
    questions = [line for line in lines if line.get("authorities")]
    compare(searcher, questions[0]["question"])
    judged, times, used = [], [], []
    for question in questions:
        began, busy = time.perf_counter(), time.process_time()
        comparison = compare(searcher, question["question"])
        times.append((time.perf_counter() - began) * 1000)
        used.append((time.process_time() - busy) * 1000)
        judged.append(judge(store, question, comparison))
        one = judged[-1]
        print(f"{question['id']} found {one['found']:.2f} right {one['right']:.2f} others {one['others']}"
              f" missed {', '.join(one['missed']) or '–'}")  # fmt: skip
        for row in comparison.rows if options.rows else ():
            listed = judging.named(row.authority) in map(judging.named, question["authorities"])
            score = row.said.score if row.said else 0.0
            print(f"   {'+' if listed else ' '} {row.confidence:.2f} {score:.2f} {row.name}")
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"{store.size()}, {len(questions)} questions")
    report("compare, in process", times)
    report("the same, processor time", used)
    for name in (
        "rows",
        "found",
        "right",
        "right, any quote",
        "others",
        "unknown",
        "decided",
        "changes",
        "quotes",
        "faults",
    ):
        print(f"{name:18} {statistics.fmean(one[name] for one in judged):8.3f} a question")
    return 1 if any(one["faults"] for one in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
