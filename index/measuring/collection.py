"""Test material: judged queries over documents that have been ingested, and which passages are relevant.

A *collection* is a folder with ``queries.jsonl`` and ``qrels.jsonl``; its documents (``docs/``, or wherever its
README says) are ingested first. A query is ``{"query_id", "text"}``, and ``"doc_id"`` where it is about one
document. A qrel is ``{"query_id", "doc_id"}`` with one of

- ``"start_line", "end_line"``: lines of the stored text, from 1, inclusive;
- ``"start", "end"``: half-open character offsets into the stored text;
- ``"quote"``: words that stand in the stored text exactly once, white space aside;

and a ``"grade"``: 2 answers the query, 1 (also where there is none) is relevant, 0 was judged and is not.
``doc_id`` is a document's path below the folder that was ingested; its extension may be left out.

A passage is relevant if it overlaps a relevant stretch; of several grades it has the highest. Judged are
passages that a search can find: documents replaced by another version and items that are searched elsewhere
are not among them. Files of the same text are one document, and either name will do.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from corpus.catalogue import Catalogue
from corpus.errors import SourceError
from corpus.filters import Filters, matching_rows

Qrels = dict[str, dict[int, int]]


@dataclass(frozen=True, slots=True)
class Span:
    """A judged stretch of a document: half-open character offsets into its stored text, and a grade from 0."""

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


def json_lines(file: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the objects of a JSON-lines file, each with the place it stands at ("qrels.jsonl, line 3").

    Raises:
        SourceError: the file cannot be read, or a line is not a JSON object.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as exc:
        raise SourceError(f"{file} cannot be read: {exc}.") from exc
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as exc:
            raise SourceError(f"{file.name}, line {number} is not JSON: {exc}.") from exc
        if not isinstance(value, dict):
            raise SourceError(f"{file.name}, line {number} is not a JSON object.")
        found.append((f"{file.name}, line {number}", value))
    return found


# -- loading -----------------------------------------------------------------------------------------


def load_collection(folder: Path, catalogue: Catalogue) -> list[Query]:
    """Return the judged queries of a collection whose documents have been ingested, in the order of the file.

    A query without a qrel is left out: nothing can be said of it.

    Raises:
        SourceError: a file is missing or a line of it malformed (named by its number), a document was not
            ingested, or a quote is not in its document, or is there more than once.
    """
    documents = _Documents(catalogue)
    spans: dict[str, list[Span]] = {}
    for place, qrel in json_lines(folder / "qrels.jsonl"):
        spans.setdefault(_word(place, qrel, "query_id"), []).append(_span(place, qrel, documents))
    queries: dict[str, Query] = {}
    for place, line in json_lines(folder / "queries.jsonl"):
        query_id = _word(place, line, "query_id")
        if query_id in queries:
            raise SourceError(f"{place}: there is another query {query_id!r}.")
        within = documents.named(place, _text(place, line, "doc_id"))[0] if line.get("doc_id") else None
        queries[query_id] = Query(query_id, _text(place, line, "text"), within, tuple(spans.get(query_id, ())))
    if strays := [query_id for query_id in spans if query_id not in queries]:
        raise SourceError(f"qrels.jsonl judges the query {strays[0]!r}, which queries.jsonl does not have.")
    return [query for query in queries.values() if query.spans]


class _Documents:
    """The ingested documents by the names that a collection gives them; texts are read once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._named: dict[str, set[str]] = {}
        for row in catalogue.connection.execute("SELECT path, document_id FROM sources WHERE document_id IS NOT NULL"):
            for name in {row["path"], str(PurePosixPath(row["path"]).with_suffix(""))}:
                self._named.setdefault(name, set()).add(row["document_id"])
        self._read: dict[str, tuple[str, str]] = {}

    def named(self, place: str, name: str) -> tuple[str, str]:
        """Return the id and the stored text of the document that a line names."""
        if name not in self._read:
            found = self._named.get(name, set())
            if len(found) != 1:
                what = f"{len(found)} ingested documents are" if found else "no ingested document is"
                raise SourceError(
                    f"{place}: {what} called {name!r}: ingest the collection's documents, and nothing else, into a "
                    "data directory and give the path below the folder ingested."
                )
            (document_id,) = found
            self._read[name] = (document_id, self._catalogue.document(document_id).text)
        return self._read[name]


def _span(place: str, qrel: Mapping[str, Any], documents: _Documents) -> Span:
    name = _text(place, qrel, "doc_id")
    document_id, text = documents.named(place, name)
    grade = _number(place, qrel, "grade") if "grade" in qrel else 1
    if "quote" in qrel:
        start, end = _located(place, _text(place, qrel, "quote"), text, name)
    elif "start" in qrel:
        start, end = _number(place, qrel, "start"), _number(place, qrel, "end")
    else:
        first, last = _number(place, qrel, "start_line"), _number(place, qrel, "end_line")
        starts = _line_starts(text)
        if not 1 <= first <= last < len(starts):
            raise SourceError(f"{place}: {name} has {len(starts) - 1:,} lines, not lines {first} to {last}.")
        start, end = starts[first - 1], min(starts[last], len(text))
    if not start < end <= len(text):
        raise SourceError(f"{place}: {name} has {len(text):,} characters, not the stretch from {start} to {end}.")
    return Span(document_id, start, end, grade)


def _located(place: str, quote: str, text: str, name: str) -> tuple[int, int]:
    """Return where a quote stands in a text: white space may differ, nothing else."""
    words = r"\s+".join(re.escape(word) for word in quote.split())
    found = list(re.finditer(rf"(?<!\w){words}(?!\w)", text))
    if len(found) != 1:
        what = f"is there {len(found)} times: give more of its words" if found else "is not in its text"
        raise SourceError(f"{place}: the quote {_short(quote)!r} from {name} {what}.")
    return found[0].span()


def _line_starts(text: str) -> list[int]:
    """Return the offset at which each line begins, and the one after the last line's end."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _short(words: str) -> str:
    return words if len(words) <= 60 else words[:57] + "..."


def _text(place: str, line: Mapping[str, Any], field: str) -> str:
    value = line.get(field)
    if not isinstance(value, str) or not value.strip():
        raise SourceError(f"{place}: {field!r} is missing or not a text.")
    return value


def _word(place: str, line: Mapping[str, Any], field: str) -> str:
    value = _text(place, line, field)
    if len(value.split()) != 1:
        raise SourceError(f"{place}: {field!r} must be without spaces, as the TREC forms ask: {_short(value)!r}.")
    return value


def _number(place: str, line: Mapping[str, Any], field: str) -> int:
    value = line.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise SourceError(f"{place}: {field!r} is missing or not a whole number from 0.")
    return value


# -- judging -----------------------------------------------------------------------------------------


def judge(catalogue: Catalogue, queries: Sequence[Query]) -> Qrels:
    """Return for each query the grade of every judged passage, by passage row.

    Raises:
        SourceError: nothing that is relevant to a query can be found by a search, so that no system could
            answer it.
    """
    passages = _searchable(catalogue)
    qrels = {query.query_id: _grades(query.spans, passages) for query in queries}
    for query_id, grades in qrels.items():
        if not any(grades.values()):
            raise SourceError(
                f"No passage that a search can find is relevant to the query {query_id!r}: judge the version of the "
                "document that is searched (its page in the web app names it)."
            )
    return qrels


def _grades(spans: Iterable[Span], passages: Mapping[str, Sequence[tuple[int, int, int]]]) -> dict[int, int]:
    grades: dict[int, int] = {}
    for span in spans:
        for row, start, end in passages.get(span.document_id, ()):
            if start < span.end and end > span.start:
                grades[row] = max(grades.get(row, 0), span.grade)
    return grades


def _searchable(catalogue: Catalogue) -> dict[str, list[tuple[int, int, int]]]:
    """Return row, start and end of the passages that an unfiltered search looks at, by document."""
    searched = set(matching_rows(catalogue, Filters()))
    passages: dict[str, list[tuple[int, int, int]]] = {}
    for row in catalogue.connection.execute('SELECT document_id, row, start, "end" FROM passages'):
        if row["row"] in searched:
            passages.setdefault(row["document_id"], []).append((row["row"], row["start"], row["end"]))
    return passages
