"""What each part of the ranking is worth: the same queries with one part at a time taken out or changed.

    python tests/measure_ablations.py DATA COLLECTION|QUESTIONS

DATA holds the documents of a collection or question file as ``minutebook evaluate`` takes them. Each variant sets
constants of the modules named and is measured in the same run as the whole; nothing else differs.
"""

import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpus.catalogue import Catalogue
from index import analysis, ranking, search
from index.encoder import Encoder
from index.measuring import evaluate
from index.measuring.collection import judge, load_collection
from index.measuring.questions import evaluate_questions, load_questions
from index.search import Searcher
from index.understanding import expansion

VARIANTS: dict[str, list[tuple[Any, str, object]]] = {
    "whole": [],
    "no neighbours of a minute": [(ranking, "MINUTE_WEIGHT", 0.0)],
    "neighbours of a minute x 5": [(ranking, "MINUTE_WEIGHT", 0.5)],
    "no neighbours of a turn": [(ranking, "TURN_WEIGHT", 0.0)],
    "nothing of the meeting": [(ranking, "MEETING_WEIGHT", 0.0)],
    "neither": [(ranking, "TURN_WEIGHT", 0.0), (ranking, "MEETING_WEIGHT", 0.0)],
    "lexical .5 : dense .5": [(ranking, "LEXICAL", 0.5), (ranking, "DENSE", 0.5)],
    "lexical .7 : dense .3": [(ranking, "LEXICAL", 0.7), (ranking, "DENSE", 0.3)],
    "agenda text in full": [(ranking, "AGENDA", 1.0)],
    "formal matter in full": [(ranking, "BOILERPLATE", 1.0)],
    "no other words": [(expansion, "WEIGHT", 0.0)],
    "other words in full": [(expansion, "WEIGHT", 1.0)],
    "framing words in full": [(analysis, "FRAMING_WEIGHT", 1.0)],
    "no fields but the body": [(search, "BOOSTS", (1.0, 0.0, 0.0))],
    "all fields alike": [(search, "BOOSTS", (1.0, 1.0, 1.0))],
    "100 candidates a side": [(search, "DEPTH", 100)],
}


@contextmanager
def changed(constants: Sequence[tuple[Any, str, object]]) -> Iterator[None]:
    """Set constants of modules for a while."""
    before = [(module, name, getattr(module, name)) for module, name, _ in constants]
    for module, name, value in constants:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def of_collection(searcher: Searcher, folder: Path) -> dict[str, float]:
    """Return the means that matter of our ranking on a collection."""
    queries = load_collection(folder, searcher.catalogue)
    runs = evaluate.make_runs(searcher, queries, ["minutebook"])
    figures = evaluate.evaluate(runs, queries, judge(searcher.catalogue, queries), searcher.catalogue, "minutebook")
    names = ("nDCG@10", "success@5", "R@100", "nDCG@10 within")
    return {name: figures["minutebook"].means[name] for name in names if name in figures["minutebook"].means}


def of_questions(searcher: Searcher, file: Path) -> dict[str, float]:
    """Return the share of questions answered by our ranking, by kind."""
    found = evaluate_questions(searcher, load_questions(file), ["minutebook"])["minutebook"]
    return {f"{kind} success@{k}": shares[f"success@{k}"] for kind, shares in found.items() for k in (5, 10)}


def main(data: Path, material: Path) -> None:
    """Measure and print every variant."""
    searcher = Searcher(Catalogue(data), Encoder())
    print(f"{platform.machine()}, Python {platform.python_version()}, {len(searcher.columns):,} passages, {material}")
    for name, constants in VARIANTS.items():
        with changed(constants):
            found = of_collection(searcher, material) if material.is_dir() else of_questions(searcher, material)
        print(f"{name:28}" + "   ".join(f"{label} {value:.3f}" for label, value in found.items()), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
