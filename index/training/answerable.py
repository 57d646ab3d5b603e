"""The recipe of the abstention: weights and threshold of ``index.answers.answerable``, fitted by logistic regression.

``python -m index.training.answerable DATA [QUESTIONS.jsonl]``: DATA holds the minutes that ``questions.jsonl`` and
``unanswerable.jsonl`` beside this file are about. Each of our questions counts twice: with its passage among the hits
it is answered; with that passage, its document and its repetitions taken out it is taken not to be (some other passage
may answer it all the same, so this is harder than what is met). To these come questions that nothing in the minutes
answers. The folders ``HELD_OUT`` and the split "test" are kept for the figures, which are printed as a curve; so are
those of a further question file, as a check on questions by others. Needs scikit-learn, which sentence-transformers
brings.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from corpus.catalogue import Catalogue
from corpus.filters import Filters
from index.answers.answer import CANDIDATES
from index.answers.answerable import Features, features
from index.answers.asking import read_question
from index.answers.gather import gather
from index.encoder import Encoder
from index.search import Searcher
from index.training.encoder import HELD_OUT

REPEATS = 0.8  # cosine from which a passage may say what the right one says
UNANSWERABLE = 2.5  # weight of a question that nothing answers against one whose answer was taken out
REFUSED = (0.02, 0.05, 0.1)  # shares of answerable questions that the curve is given at


@dataclass(frozen=True, slots=True)
class Case:
    """Evidence for a question, whether it is answered, and the set that it is of."""

    of: str
    answered: bool
    found: Features


def from_questions(searcher: Searcher, file: Path) -> Iterator[Case]:
    """Yield two cases a question: with its passage, and without."""
    held = set(searcher.columns.row.tolist())
    rows = dict(searcher.catalogue.connection.execute("SELECT passage_id, row FROM passages").fetchall())
    for line in file.read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)
        right = searcher.catalogue.connection.execute(
            "SELECT p.row, p.document_id FROM passages p JOIN sources s USING (document_id)"
            " WHERE s.path = ? AND p.start = ?",
            (asked["path"], asked["start"]),
        ).fetchone()
        if right is None or right[0] not in held:
            continue
        split = "held out" if asked["path"].split("/")[0] in HELD_OUT else "train"
        asking, understood, hits, pieces = _evidence(searcher, asked["question"], Filters(), CANDIDATES + 8)
        shown = {hit.passage_id for hit in hits[:CANDIDATES]}
        yield Case(
            f"answered, {split}",
            True,
            features(understood, asking, hits[:CANDIDATES], [p for p in pieces if p.hit.passage_id in shown]),
        )
        cosines = searcher.vectors([rows[hit.passage_id] for hit in hits]) @ searcher.vectors([right[0]])[0]
        other = [
            hit
            for hit, cosine in zip(hits, cosines.tolist(), strict=True)
            if cosine <= REPEATS and hit.document_id != right[1]
        ][:CANDIDATES]
        left = {hit.passage_id for hit in other}
        yield Case(
            f"taken out, {split}",
            False,
            features(understood, asking, other, [p for p in pieces if p.hit.passage_id in left]),
        )


def from_unanswerable(searcher: Searcher, file: Path) -> Iterator[Case]:
    """Yield a case a question that nothing answers."""
    for line in file.read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)
        near = ", near miss" if asked.get("near") else ""
        asking, understood, hits, pieces = _evidence(searcher, asked["question"], Filters(), CANDIDATES)
        yield Case(f"unanswerable, {asked['split']}{near}", False, features(understood, asking, hits, pieces))


def from_others(searcher: Searcher, file: Path) -> Iterator[Case]:
    """Yield a case a question of a question file."""
    for line in file.read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)
        chosen = asked["filters"]
        filters = Filters(
            tuple(filter(None, [chosen.get("authority")])),
            date_from=chosen.get("date_from"),
            date_to=chosen.get("date_to"),
        )
        asking, understood, hits, pieces = _evidence(searcher, asked["question"], filters, CANDIDATES)
        answered = bool(asked["relevant"])
        name = "others, answerable" if answered else "others, unanswerable"
        yield Case(name, answered, features(understood, asking, hits, pieces))


def _evidence(searcher: Searcher, question: str, filters: Filters, k: int) -> tuple[Any, Any, Any, Any]:
    asking = read_question(question)
    hits = searcher.search(question, filters, k).hits
    understood = searcher.understand(question, filters)
    return asking, understood, hits, gather(searcher, understood, asking, hits)


def fit(cases: Sequence[Case]) -> tuple[Features, float]:
    """Return the weights and the bias, fitted on the cases that are not held out."""
    kept = [case for case in cases if "train" in case.of]
    weights = [UNANSWERABLE if case.of.startswith("unanswerable") else 1.0 for case in kept]
    model = LogisticRegression(max_iter=2000)
    model.fit([astuple(case.found) for case in kept], [case.answered for case in kept], sample_weight=weights)
    return Features(*(round(float(one), 2) for one in model.coef_[0])), round(float(model.intercept_[0]), 2)


def report(cases: Sequence[Case], weights: Features, bias: float) -> None:
    """Print the areas under the curve and the curve itself."""
    odds = np.array([np.dot(astuple(case.found), astuple(weights)) + bias for case in cases])
    chances = 1 / (1 + np.exp(-odds))
    names = np.array([case.of for case in cases])
    answered = np.array([case.answered for case in cases])
    own = np.isin(names, ["answered, train", "answered, held out"])
    print("areas under the curve:")
    for title, one, other in (
        ("answered against taken out, held out", "answered, held out", "taken out, held out"),
        ("answered, held out, against unanswerable, test", "answered, held out", "unanswerable, test"),
        ("others", "others, answerable", "others, unanswerable"),
    ):
        chosen = (names == one) | np.char.startswith(names, other)
        if answered[chosen].any() and not answered[chosen].all():
            print(f"  {title:50} {roc_auc_score(answered[chosen], chances[chosen]):.3f}")
    for share in REFUSED:
        threshold = float(np.quantile(chances[own], share))
        print(f"threshold {threshold:.3f}: share below it")
        for name in sorted(set(names.tolist())):
            print(f"  {name:40} {np.mean(chances[names == name] < threshold):.3f} of {np.sum(names == name)}")


def main(arguments: Sequence[str]) -> None:
    """Collect the cases, fit, and print weights and curve."""
    searcher = Searcher(Catalogue(Path(arguments[0])), Encoder())
    here = Path(__file__).parent
    cases = [*from_questions(searcher, here / "questions.jsonl")]
    cases += from_unanswerable(searcher, here / "unanswerable.jsonl")
    for file in arguments[1:]:
        cases += from_others(searcher, Path(file))
    weights, bias = fit(cases)
    for field in fields(weights):
        print(f"{field.name:12} {getattr(weights, field.name):+.2f}")
    print(f"{'bias':12} {bias:+.2f}")
    report(cases, weights, bias)


if __name__ == "__main__":
    main(sys.argv[1:])
