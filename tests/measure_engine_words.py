"""Compare the BM25 of MINUTEBOOK_ENGINE with ours: ``python tests/measure_engine_words.py DATA QUESTIONS``.

DATA is a data directory whose index was moved to the engine, QUESTIONS a file of them as ``minutebook evaluate`` takes.
Printed for plain words (each standing for itself) and for what searches ask: how many questions the engine ranks, the
share of its first 50 and 1,000 passages that are among ours (mean and least), and milliseconds of each (p50, p95). Then
the same of the first 10 and 50 passages of whole searches. Passages of one score are alike: which come last is chance.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from index import engine, engine_words
from index.analysis import terms
from index.encoder import DEFAULT_MODEL, Encoder
from index.lexical import LexicalQuery, plain_query
from index.search import BOOSTS, DEPTH, Searcher


def main(data: Path, questions: Path) -> None:
    """Measure what the arguments say."""
    where = os.environ["MINUTEBOOK_ENGINE"]
    searcher = Searcher(Catalogue(data), Encoder(os.environ.get("MINUTEBOOK_MODEL", DEFAULT_MODEL)), where=where)
    asked = [json.loads(line)["question"] for line in questions.read_text(encoding="utf-8").splitlines()]
    compare(searcher, "plain words", [plain_query(terms(text)) for text in asked])
    ready = [searcher.understand(text, Filters()) for text in asked]
    compare(searcher, "as searched", [one.lexical for one in ready])
    theirs = [searcher.ranked(one) for one in ready]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searcher._opened.dense, "worded", False)
        ours = [searcher.ranked(one) for one in ready]
    for depth in (10, 50):
        same = [share(one, [row for row, _ in other], depth) for one, other in zip(ours, theirs, strict=True)]
        print(f"whole searches, first {depth}: {np.mean(same):.3f} the same, least {min(same):.2f}")


def share(ours: list[tuple[int, float]], theirs: list[int], depth: int) -> float:
    """Return the share of the first passages of another ranking that score as the first of ours do, or better."""
    if not ours or not theirs:
        return float(len(ours) == len(theirs))
    scores, last = dict(ours), ours[:depth][-1][1] * (1 - 1e-6)
    return sum(scores.get(row, 0) >= last for row in theirs[:depth]) / len(ours[:depth])


def compare(searcher: Searcher, what: str, queries: list[LexicalQuery]) -> None:
    """Print how far the lists of passages agree."""
    opened = searcher._opened
    shares: dict[int, list[float]] = {50: [], DEPTH: []}
    times: tuple[list[float], list[float]] = [], []
    for query in queries:
        if engine_words.asked(query, BOOSTS) is None:
            continue
        ours = timed(times[0], lambda query=query: opened.lexical.search(query, DEPTH, Filters(), BOOSTS))
        theirs = timed(times[1], lambda query=query: engine.by_words(opened.dense, query, DEPTH, Filters(), BOOSTS))
        for depth, found in shares.items():
            found.append(share(list(zip(*ours, strict=True)), theirs[0], depth))
    print(f"{what}: {len(times[0])} of {len(queries)} questions by the engine")
    for depth, found in shares.items():
        print(f"  first {depth:>5}: {np.mean(found):.3f} the same, least {min(found):.2f}")
    for name, taken in zip(("ours", "engine"), times, strict=True):
        p50, p95 = np.percentile(taken, [50, 95])
        print(f"  {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


def timed(times: list[float], call: Callable):
    """Return what a call gives, and add how long it took."""
    began = time.perf_counter()
    found = call()
    times.append((time.perf_counter() - began) * 1e3)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
