"""Question files: questions with the documents, pages and facts that answer them, and the share answered.

Each line of the file is a question with its ``kind`` and the places that answer it (``relevant``): a file's
path, its page if it has pages, and ``facts`` in its words. Questions without such a place are left out here:
they ask for no answer. A path may be that of any file with the same text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import SourceError
from corpus.filters import Filters, resolve
from index.measuring.collection import json_lines
from index.measuring.evaluate import SYSTEMS, ask
from index.search import Searcher

DEPTHS = (5, 10)


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


def load_questions(file: Path) -> list[Question]:
    """Return the questions of a JSON-lines file that name a place which answers them.

    Raises:
        SourceError: the file cannot be read, or a line of it (named by its number) is not of this form.
    """
    found = []
    for place, line in json_lines(file):
        try:
            found.append(_question(line))
        except (KeyError, TypeError, AttributeError) as exc:
            raise SourceError(f"{place} is not a question: {exc!r}.") from exc
    return [question for question in found if question.targets]


def _question(line: Mapping[str, Any]) -> Question:
    return Question(
        query_id=line["id"],
        text=line["question"],
        kind=line["kind"],
        filters=Filters(
            authorities=tuple(filter(None, [line["filters"].get("authority")])),
            date_from=line["filters"].get("date_from"),
            date_to=line["filters"].get("date_to"),
        ),
        targets=tuple(Target(place["path"], place["page"], tuple(place["facts"])) for place in line["relevant"]),
    )


def evaluate_questions(
    searcher: Searcher, questions: Sequence[Question], systems: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:
    """Return for each system and kind of question the share answered in the first 5 and the first 10.

    "any@5" asks for a passage of a listed document (and page) with at least one of its facts, "all@5" for
    one with all of them. "success@5" is the field's name for "any@5".
    """
    paths: dict[str, set[str]] = {}
    for document_id, path in searcher.catalogue.connection.execute("SELECT document_id, path FROM sources"):
        paths.setdefault(document_id, set()).add(path)
    answered: dict[str, dict[str, list[dict[str, bool]]]] = {system: {} for system in systems}
    for question in questions:
        asked = ask(searcher, question.text, resolve(searcher.catalogue, question.filters))
        for system in systems:
            rows = [row for row, _ in SYSTEMS[system](searcher, asked)[: max(DEPTHS)]]
            judged = [_facts_found(searcher, row, paths, question.targets) for row in rows]
            answered[system].setdefault(question.kind, []).append(_answered(judged))
    return {
        system: {kind: _shares(values) for kind, values in sorted(kinds.items())} for system, kinds in answered.items()
    }


def _answered(judged: Sequence[tuple[bool, bool]]) -> dict[str, bool]:
    """Return whether a question was answered, by each measure, from whether each hit holds any fact and all."""
    found = {}
    for depth in DEPTHS:
        found[f"any@{depth}"] = any(holds_any for holds_any, _ in judged[:depth])
        found[f"all@{depth}"] = any(holds_all for _, holds_all in judged[:depth])
    return found | {f"success@{depth}": found[f"any@{depth}"] for depth in DEPTHS}


def _shares(answered: Sequence[Mapping[str, bool]]) -> dict[str, float]:
    return {"questions": float(len(answered))} | {
        name: sum(values[name] for values in answered) / len(answered) for name in answered[0]
    }


def _facts_found(
    searcher: Searcher, row: int, paths: Mapping[str, set[str]], targets: Sequence[Target]
) -> tuple[bool, bool]:
    """Return whether a passage of a listed document and page holds any of its facts, and all of them."""
    stored = searcher.catalogue.connection.execute(
        'SELECT p.document_id, p.page, substr(d.text, p.start + 1, p."end" - p.start)'
        " FROM passages p JOIN documents d USING (document_id) WHERE p.row = ?",
        (row,),
    ).fetchone()
    text = " ".join(stored[2].split())
    held = [
        [" ".join(fact.split()) in text for fact in target.facts]
        for target in targets
        if target.path in paths[stored[0]] and target.page in (None, stored[1])
    ]
    return any(any(facts) for facts in held), any(all(facts) for facts in held)
