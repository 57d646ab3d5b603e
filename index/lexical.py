"""Lexical search: BM25 by tantivy, its only importer.

Text is analysed by ``index.analysis`` before it gets here, so tantivy only splits at white space. Filters
are part of the query: what they keep out is never ranked. The two constants of BM25 are fixed in tantivy
0.27 (k1 1.2, b 0.75): neither its schema nor its queries take others.
"""

import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from corpus.errors import IndexDamagedError
from corpus.filters import Filters, authority_names
from index.analysis import terms

FIELDS = ("body", "heading", "names")
PHRASE_FIELDS = ("body", "heading")  # a quoted phrase is meant of what the passage says, not of who says it
_TOKENIZER = "terms"
_HEAP_BYTES = 128_000_000
_NO_DATE = 0
_NO_AUTHORITY = "?"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of one passage. ``names`` are those of its authority, committee and document."""

    row: int
    body: str
    heading: str
    names: str
    authority: str | None
    committee: str | None
    kinds: tuple[str, ...]
    meeting_date: str | None
    document: str


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """What is looked for, in terms as ``analysis.terms`` gives them.

    ``groups``: for each word of the query its term and others that may stand for it, each with its weight
    (1.0 for the word itself); one of several terms, parted by spaces, is a phrase. ``phrases``: runs of terms
    that must all occur. ``excluded``: runs of terms, or single ones, that must not. No run is empty.
    """

    groups: tuple[tuple[tuple[str, float], ...], ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()


def plain_query(query_terms: Iterable[str]) -> LexicalQuery:
    """Return the query for some terms, each standing for itself; repeated terms count once."""
    return LexicalQuery(groups=tuple(((term, 1.0),) for term in dict.fromkeys(query_terms)))


class LexicalIndex:
    """An opened tantivy index of passages."""

    def __init__(self, directory: Path) -> None:
        """Open the index of a directory, or make an empty one there.

        Raises:
            IndexDamagedError: what is there is damaged or of another layout.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._shadow = None if os.access(directory, os.W_OK) else _shadow(directory)
            self._index = tantivy.Index(_schema(), path=self._shadow.name if self._shadow else str(directory))
            self._index.register_tokenizer(
                _TOKENIZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            )
            # Of its own accord it would show the next state while columns and vectors are still those of this one.
            self._index.config_reader(reload_policy="manual")
            self._index.reload()
        except (ValueError, OSError) as exc:
            raise IndexDamagedError(f"The index {directory} is damaged: run 'minutebook rebuild'.") from exc

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def rows(self) -> list[int]:
        """Return the passage rows that are held, in no particular order."""
        with self._reading() as searcher:
            if searcher.num_docs == 0:
                return []
            found = searcher.search(tantivy.Query.all_query(), limit=searcher.num_docs, count=False)
            return list(searcher.fast_field_values("row", [address for _, address in found.hits]))

    def update(self, added: Iterable[Entry], removed: Sequence[int]) -> None:
        """Add and forget passages in one commit: after a crash the index is as before or as after.

        Raises:
            OSError: it cannot be written; the index is as before.
        """
        try:
            self._update(added, removed)
        except ValueError as exc:  # all that tantivy says of a full disk
            raise OSError(f"the lexical index cannot be written ({exc})") from exc

    def _update(self, added: Iterable[Entry], removed: Sequence[int]) -> None:
        writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        if removed:
            # delete_documents_by_term deletes nothing for a number field in tantivy 0.27.
            writer.delete_documents_by_query(tantivy.Query.term_set_query(self._index.schema, "row", list(removed)))
        for entry in added:
            writer.add_document(_document(entry))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def search(
        self, query: LexicalQuery, depth: int, filters: Filters, boosts: Sequence[float]
    ) -> tuple[list[int], list[float]]:
        """Return passage rows and BM25 scores, best first; passages without any of the terms are not found.

        Of the alternatives of one word the best counts, field by field. Phrases and exclusions decide what
        is found, not how it is ranked, unless there is nothing but phrases.

        Args:
            query: what is looked for.
            depth: how many rows at the most.
            filters: resolved filters.
            boosts: the weight of each of ``FIELDS``.
        """
        ranking = list(self._ranking(query, boosts))
        restricting = self._restricting(query, filters)
        if ranking:
            parts = [(tantivy.Occur.Must, tantivy.Query.boolean_query(ranking)), *restricting]
        elif query.phrases:
            phrases = [(tantivy.Occur.Must, self._occurs(phrase, PHRASE_FIELDS)) for phrase in query.phrases]
            parts = [*phrases, *restricting]
        else:
            return [], []
        wanted = parts[0][1] if len(parts) == 1 else tantivy.Query.boolean_query(parts)
        with self._reading() as searcher:
            hits = searcher.search(wanted, limit=depth, count=False).hits
            rows = list(searcher.fast_field_values("row", [address for _, address in hits]))
            if None in rows:
                raise ValueError("passages without a row")
            return rows, [float(score) for score, _ in hits]

    def matching(self, query: LexicalQuery, filters: Filters, share: float) -> NDArray[np.int64]:
        """Return the rows of every passage that matches the words, ascending.

        Args:
            query: a word counts as matched where any of its alternatives occurs, in any field; phrases and
                exclusions are obeyed.
            filters: resolved filters.
            share: the least share of the words that must be matched, above 0 and up to 1.
        """
        parts = self._restricting(query, filters)
        if query.groups:
            words = [
                (tantivy.Occur.Should, self._any_of([term.split() for term, _ in group], FIELDS))
                for group in query.groups
            ]
            needed = max(1, math.ceil(share * len(words) - 1e-9))
            parts.append((tantivy.Occur.Must, tantivy.Query.boolean_query(words, needed)))
        elif not query.phrases:
            return np.empty(0, dtype=np.int64)
        return self._rows(tantivy.Query.boolean_query(parts))

    def phrase_rows(self, query: LexicalQuery) -> NDArray[np.int64]:
        """Return the rows of the passages that hold every phrase of the query, ascending; filters play no part."""
        if not query.phrases:
            return np.empty(0, dtype=np.int64)
        parts = [(tantivy.Occur.Must, self._occurs(phrase, PHRASE_FIELDS)) for phrase in query.phrases]
        return self._rows(tantivy.Query.boolean_query(parts))

    def excluded_rows(self, query: LexicalQuery) -> NDArray[np.int64]:
        """Return the rows of the passages that hold anything the query excludes, ascending."""
        if not query.excluded:
            return np.empty(0, dtype=np.int64)
        return self._rows(self._any_of(query.excluded, FIELDS))

    def document_frequency(self, term: str) -> int:
        """Return in how many passages a term occurs, in any field."""
        with self._reading() as searcher:
            return int(searcher.search(self._any_of([(term,)], FIELDS), limit=1, count=True).count)

    def terms(self, minimum: int = 1) -> dict[str, int]:
        """Return each term of the passages' own words that at least ``minimum`` passages hold, with how many do.

        Passages forgotten since are still counted until tantivy merges the part that held them.
        """
        counted: dict[str, int] = {}
        with self._reading() as searcher:
            for term, count in searcher.terms_with_prefix("body", "", limit=None):
                if count >= minimum:
                    counted[term] = count
        return counted

    def holds_any(self, query_terms: Sequence[str]) -> bool:
        """Tell whether any passage at all, whatever the filters, has one of the terms in its words or heading."""
        with self._reading() as searcher:
            return any(searcher.doc_freq(field, term) for term in query_terms for field in FIELDS)

    def _rows(self, wanted: "tantivy.Query") -> NDArray[np.int64]:
        with self._reading() as searcher:
            if searcher.num_docs == 0:
                return np.empty(0, dtype=np.int64)
            hits = searcher.search(
                wanted, limit=searcher.num_docs, count=False, order_by_field="row", order=tantivy.Order.Asc
            ).hits
            return np.fromiter((row for row, _ in hits), dtype=np.int64, count=len(hits))

    @contextmanager
    def _reading(self) -> Iterator["tantivy.Searcher"]:
        """Give what searches; what it meets where a file was damaged since it was opened is explained."""
        try:
            yield self._index.searcher()
        except BaseException as exc:  # a panic of tantivy is no Exception
            if not isinstance(exc, (ValueError, OSError, TypeError)) and type(exc).__name__ != "PanicException":
                raise
            raise IndexDamagedError(
                "The lexical index was damaged since it was opened: run 'minutebook rebuild'."
            ) from exc

    def _ranking(
        self, query: LexicalQuery, boosts: Sequence[float]
    ) -> Iterator[tuple["tantivy.Occur", "tantivy.Query"]]:
        schema = self._index.schema
        for group in query.groups:
            for field, boost in zip(FIELDS, boosts, strict=True):
                weighed = [
                    tantivy.Query.boost_query(_run(schema, field, term.split()), boost * weight)
                    for term, weight in group
                    if boost * weight
                ]
                if weighed:
                    best = weighed[0] if len(weighed) == 1 else tantivy.Query.disjunction_max_query(weighed)
                    yield tantivy.Occur.Should, best

    def _restricting(self, query: LexicalQuery, filters: Filters) -> list[tuple["tantivy.Occur", "tantivy.Query"]]:
        """Return the clauses that decide what may be found; they score nothing."""
        kept = [self._occurs(phrase, PHRASE_FIELDS) for phrase in query.phrases]
        kept += [self._filter(filters)] if filters else []
        parts = [(tantivy.Occur.Must, tantivy.Query.const_score_query(clause, 0.0)) for clause in kept]
        if query.excluded:
            parts.append((tantivy.Occur.MustNot, self._any_of(query.excluded, FIELDS)))
        return parts

    def _any_of(self, runs: Iterable[Sequence[str]], fields: Sequence[str]) -> "tantivy.Query":
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._occurs(run, fields)) for run in runs])

    def _occurs(self, run: Sequence[str], fields: Sequence[str]) -> "tantivy.Query":
        """Return the query for a run of terms, side by side, in any of the fields."""
        schema = self._index.schema
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, _run(schema, field, run)) for field in fields])

    def _filter(self, filters: Filters) -> "tantivy.Query":
        schema = self._index.schema
        authorities = authority_names(filters)
        if authorities is not None and filters.lets_through_unknown("authority"):
            authorities = (*authorities, _NO_AUTHORITY)
        clauses = [
            (tantivy.Occur.Must, tantivy.Query.term_set_query(schema, field, list(values)))
            for field, values in (
                ("authority", authorities),
                ("committee", filters.committees or None),
                ("kind", filters.kinds or None),
                ("document", filters.documents or None),
            )
            if values is not None
        ]
        if filters.date_from or filters.date_to:
            first = _day(filters.date_from) if filters.date_from else _NO_DATE + 1
            last = _day(filters.date_to) if filters.date_to else 99_991_231
            span = tantivy.Query.range_query(schema, "date", tantivy.FieldType.Integer, first, last)
            if filters.lets_through_unknown("date"):
                unknown = tantivy.Query.term_query(schema, "date", _NO_DATE)
                span = tantivy.Query.boolean_query([(tantivy.Occur.Should, span), (tantivy.Occur.Should, unknown)])
            clauses.append((tantivy.Occur.Must, span))
        return tantivy.Query.boolean_query(clauses)


def _shadow(directory: Path) -> "tempfile.TemporaryDirectory[str]":
    """Return a directory that leads to an index in one that cannot be written: tantivy makes lock files to read."""
    shadow = tempfile.TemporaryDirectory(prefix="minutebook-")
    for file in directory.iterdir():
        if not file.name.startswith(".tantivy-"):
            (Path(shadow.name) / file.name).symlink_to(file.absolute())
    return shadow


def _run(schema: "tantivy.Schema", field: str, run: Sequence[str]) -> "tantivy.Query":
    """Return the query for a term, or for a run of terms side by side, in one field."""
    if len(run) == 1:
        return tantivy.Query.term_query(schema, field, run[0])
    return tantivy.Query.phrase_query(schema, field, list(run))


def _schema() -> "tantivy.Schema":
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", indexed=True, fast=True)
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name=_TOKENIZER)
    for field in ("authority", "committee", "kind", "document"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("date", indexed=True, fast=True)
    return builder.build()


def _document(entry: Entry) -> "tantivy.Document":
    document = tantivy.Document()
    document.add_unsigned("row", entry.row)
    for field, text in zip(FIELDS, (entry.body, entry.heading, entry.names), strict=True):
        document.add_text(field, " ".join(terms(text)))
    for kind in entry.kinds:
        document.add_text("kind", kind)
    document.add_text("authority", entry.authority or _NO_AUTHORITY)
    if entry.committee:
        document.add_text("committee", entry.committee)
    document.add_text("document", entry.document)
    document.add_integer("date", _day(entry.meeting_date) if entry.meeting_date else _NO_DATE)
    return document


def _day(iso: str) -> int:
    return int(iso.replace("-", ""))
