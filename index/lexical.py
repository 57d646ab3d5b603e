"""Lexical search: BM25 by tantivy, its only importer.

Text is analysed by ``index.analysis`` before it gets here, so tantivy only splits at white space. Filters
are part of the query: what they keep out is never ranked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy

from corpus.errors import IndexMismatchError
from corpus.filters import Filters
from index.analysis import terms

FIELDS = ("body", "heading", "names")
_TOKENIZER = "terms"
_HEAP_BYTES = 128_000_000
_NO_DATE = 0


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


class LexicalIndex:
    """An opened tantivy index of passages."""

    def __init__(self, directory: Path) -> None:
        """Open the index of a directory, or make an empty one there.

        Raises:
            IndexMismatchError: what is there is damaged or of another layout.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(_schema(), path=str(directory))
            self._index.register_tokenizer(
                _TOKENIZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
            )
            self._index.reload()
        except (ValueError, OSError) as exc:
            raise IndexMismatchError(f"The index {directory} is damaged: run 'minutebook rebuild'.") from exc

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def rows(self) -> list[int]:
        """Return the passage rows that are held, in no particular order."""
        searcher = self._index.searcher()
        if searcher.num_docs == 0:
            return []
        found = searcher.search(tantivy.Query.all_query(), limit=searcher.num_docs, count=False)
        return list(searcher.fast_field_values("row", [address for _, address in found.hits]))

    def update(self, added: Iterable[Entry], removed: Sequence[int]) -> None:
        """Add and forget passages in one commit: after a crash the index is as before or as after."""
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
        self, query_terms: Sequence[str], depth: int, filters: Filters, boosts: Sequence[float]
    ) -> tuple[list[int], list[float]]:
        """Return passage rows and BM25 scores, best first; passages without any of the terms are not found.

        Args:
            query_terms: terms as ``analysis.terms`` gives them; repeated terms count once.
            depth: how many rows at the most.
            filters: resolved filters.
            boosts: the weight of each of ``FIELDS``.
        """
        schema = self._index.schema
        parts = [
            (tantivy.Occur.Should, tantivy.Query.boost_query(tantivy.Query.term_query(schema, field, term), boost))
            for term in dict.fromkeys(query_terms)
            for field, boost in zip(FIELDS, boosts, strict=True)
            if boost
        ]
        if not parts:
            return [], []
        query = tantivy.Query.boolean_query(parts)
        if filters:
            kept = tantivy.Query.const_score_query(self._filter(filters), 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, kept)])
        searcher = self._index.searcher()
        hits = searcher.search(query, limit=depth, count=False).hits
        rows = searcher.fast_field_values("row", [address for _, address in hits])
        return list(rows), [float(score) for score, _ in hits]

    def holds_any(self, query_terms: Sequence[str]) -> bool:
        """Tell whether any passage at all, whatever the filters, has one of the terms in its words or heading."""
        searcher = self._index.searcher()
        return any(searcher.doc_freq(field, term) for term in query_terms for field in FIELDS)

    def _filter(self, filters: Filters) -> "tantivy.Query":
        schema = self._index.schema
        clauses = [
            (tantivy.Occur.Must, tantivy.Query.term_set_query(schema, field, list(values)))
            for field, values in (
                ("authority", filters.authorities),
                ("committee", filters.committees),
                ("kind", filters.kinds),
            )
            if values
        ]
        if filters.date_from or filters.date_to:
            first = _day(filters.date_from) if filters.date_from else _NO_DATE + 1
            last = _day(filters.date_to) if filters.date_to else 99_991_231
            span = tantivy.Query.range_query(schema, "date", tantivy.FieldType.Integer, first, last)
            clauses.append((tantivy.Occur.Must, span))
        return tantivy.Query.boolean_query(clauses)


def _schema() -> "tantivy.Schema":
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", indexed=True, fast=True)
    for field in FIELDS:
        builder.add_text_field(field, tokenizer_name=_TOKENIZER)
    for field in ("authority", "committee", "kind"):
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
    if entry.authority:
        document.add_text("authority", entry.authority)
    if entry.committee:
        document.add_text("committee", entry.committee)
    document.add_integer("date", _day(entry.meeting_date) if entry.meeting_date else _NO_DATE)
    return document


def _day(iso: str) -> int:
    return int(iso.replace("-", ""))
