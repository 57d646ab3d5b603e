"""Search: one query in, ranked passages out, each with all that is needed to cite it.

The stages: what was typed is understood (``query``), its words are widened (``expansion``), passages are found by
words and by meaning (``lexical``, ``dense``), brought to one order (``ranking``), near-duplicates go behind the one
that is shown (``duplicates``), and what the result amounts to is counted (``facets``, ``confidence``).
"""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corpus.catalogue import Catalogue, embedded_text
from corpus.errors import IndexDamagedError, IndexMismatchError, QueryError
from corpus.filters import Filters, resolve
from index import columns as columns_of
from index import confidence, dated, duplicates, engine, facets, fusion, generations, hits, ranking
from index import spread as spreading
from index.analysis import phrase_terms, terms
from index.boilerplate import asks_for
from index.build import check_model, index_directory
from index.columns import Columns
from index.encoder import Encoder
from index.hits import Hit, Stored
from index.kept_vectors import KeptVectors
from index.lexical import LexicalIndex, LexicalQuery, plain_query
from index.reranker import Reranker, rerank
from index.stages import stage
from index.understanding import expansion, suggest
from index.understanding.expansion import Expansion, Thesaurus
from index.understanding.query import Understood, filters_of, parse

MAX_QUERY = 1_000
MAX_K = 100
DEPTH = 1_000
MAX_DEPTH = 1_000  # hits to page through
BOOSTS = (1.0, 0.25, 0.25)  # body, heading, names
MATCHING_SHARE = 2 / 3  # of the query's words that a passage holds, for it to be counted
Order = Literal["relevance", "date"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query made ready: what was understood, resolved filters, and what each index is asked."""

    understood: Understood
    filters: Filters
    expansions: tuple[Expansion, ...]
    lexical: LexicalQuery


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of a query, and what was searched.

    ``filters`` are those given and those found in the query, resolved. ``total`` counts the passages that hold
    the query's words (``MATCHING_SHARE`` of them); the hits are the best by words and meaning. ``suggestion``
    is the query with a likely misspelling put right. ``more`` tells whether there are further hits after these;
    those beyond ``MAX_DEPTH`` are not to be had by search, but by ``every``. ``facets`` are empty unless asked for.
    """

    query: str
    understood: Understood
    filters: Filters
    expansions: tuple[Expansion, ...]
    suggestion: str | None
    total: int
    hits: tuple[Hit, ...]
    more: bool
    facets: Mapping[str, Mapping[str, int]]
    searched_documents: int
    searched_authorities: int


@dataclass(frozen=True, slots=True)
class _Opened:
    """The indexes of one state of the catalogue: one generation, held open whatever becomes current after it."""

    stamp: str
    columns: Columns
    dense: engine.Dense
    lexical: LexicalIndex
    speller: suggest.Speller


class Searcher:
    """An opened catalogue with its indexes. It sees new documents as soon as an ingest has ended."""

    def __init__(
        self,
        catalogue: Catalogue,
        encoder: Encoder,
        thesaurus: Thesaurus | None = None,
        reranker: Reranker | None = None,
        where: str = "",
    ) -> None:
        """Open the indexes of a catalogue.

        Args:
            thesaurus: what queries are widened by; the one that comes with Minutebook without it.
            reranker: reads the best passages again; without it their first order stands.
            where: the engine that the vectors are in; "" for the data directory.

        Raises:
            IndexMismatchError: there is no index yet, or it is damaged, of another model or elsewhere.
            EngineError: the engine is not reached.
        """
        self.catalogue = catalogue
        self.encoder = encoder
        self.kept_vectors = KeptVectors(encoder)
        self._thesaurus = thesaurus or expansion.load()
        self._reranker = reranker
        self._where = where
        self._directory = index_directory(catalogue)
        self._encoded = lru_cache(maxsize=64)(lambda text: encoder.encode_queries([text])[0])
        self._opened = self._open()

    def _open(self) -> _Opened:
        """Open the current generation; once more where it was replaced while it was being opened."""
        before = generations.stamp(self._directory)
        try:
            return self._open_current()
        except IndexMismatchError:
            if generations.stamp(self._directory) == before:
                raise
            return self._open_current()

    def _open_current(self) -> _Opened:
        generation = check_model(self._directory, self.encoder.model_id)
        if generation is None:
            raise IndexMismatchError("There is no index yet: run 'minutebook ingest PATH', or 'minutebook rebuild'.")
        generations.check_sizes(generation)
        directory = generation.directory
        columns = columns_of.read(directory / "columns.npz")
        dense = engine.opened(directory, self._where, columns)
        lexical = LexicalIndex(directory / "lexical")
        if not len(columns) == len(dense) == len(lexical) == generation.meta.passages:
            raise IndexDamagedError("The parts of the index do not belong together: run 'minutebook rebuild'.")
        speller = suggest.read(directory / "words.tsv")
        return _Opened(generation.stamp, columns, dense, lexical, speller)

    def refresh(self) -> None:
        """Open the indexes again if an ingest has changed them since."""
        self._opened = self.renewed()._opened

    def renewed(self) -> "Searcher":
        """Return a searcher of the newest state: this one, or another if an ingest has changed the indexes since.

        So what was begun with one searcher ends with the state that it began with, whatever other threads do.
        """
        if generations.stamp(self._directory) == self._opened.stamp:
            return self
        newer = copy(self)
        newer._opened = self._open()
        return newer

    @property
    def held_in(self) -> engine.Held:
        """Return what the index of vectors is."""
        return engine.held(self._opened.dense)

    @property
    def columns(self) -> Columns:
        """Return the columns of the passages that are searched."""
        return self._opened.columns

    # -- search --------------------------------------------------------------------------------------

    def search(
        self,
        query: str,
        filters: Filters | None = None,
        k: int = 10,
        *,
        concepts: Collection[str] | None = None,
        spread: bool = False,
        count: bool = False,
        offset: int = 0,
        order: Order = "relevance",
    ) -> SearchResult:
        """Return the ``k`` best passages for a query, or those that come ``offset`` hits after the best.

        Args:
            concepts: the concepts of the thesaurus to widen the query by; all that it names without it.
            spread: let authorities take turns behind the clear winners; not in the order of dates.
            count: count the facets too.
            offset: how many hits to pass over. A search with an offset larger by ``k`` goes on where the one before
                ended: no passage is given twice, and none is left out.
            order: "date" gives the passages that hold the query's words by the day of their meeting, the latest
                first and unknown days last; where none holds them, the relevant ones (``dated.relevant``).

        Raises:
            QueryError: the query is empty or too long, ``k`` or ``offset`` is out of range, or a filter names
                something that the collection does not hold.
        """
        _check_page(offset, k)
        with stage("understand"):
            asked = self.understand(query, filters or Filters(), concepts)
            suggestion = self._opened.speller.suggest(asked.understood.typed)
        ranked = self.ranked(asked)
        with stage("lexical"):
            positions = self._matching(asked)
        matching = positions[self.columns.matching(asked.filters)[positions]]
        if order == "date":
            ranked = dated.by_date(self.columns, self._in_question(asked, matching, ranked), ranked)
        with stage("duplicates"):
            groups, more = duplicates.grouped(ranked, self.candidates_of, offset + k, page=k, by_day=order == "date")
        with stage("reading"):
            found = self.shown(asked, groups[offset:], offset)
        if spread and order == "relevance":
            found = _spread(found, offset)
        documents, authorities = self.columns.searched(asked.filters)
        with stage("facets"):
            counted = facets.count(self.columns, positions, asked.filters) if count else {}
        return SearchResult(
            query=asked.understood.typed,
            understood=asked.understood,
            filters=asked.filters,
            expansions=asked.expansions,
            suggestion=suggestion,
            total=len(matching),
            hits=tuple(found),
            more=more,
            facets=counted,
            searched_documents=documents,
            searched_authorities=authorities,
        )

    def understand(self, query: str, filters: Filters, concepts: Collection[str] | None = None) -> Asked:
        """Return a query made ready to be searched.

        Raises:
            QueryError: it is empty or too long, or a filter makes no sense.
        """
        typed = " ".join(query.encode("utf-8", "replace").decode().split())  # halves of characters are none
        if not typed:
            raise QueryError("The query is empty: type a question or some words.")
        if len(typed) > MAX_QUERY:
            raise QueryError(f"The query has {len(typed):,} characters, the limit is {MAX_QUERY:,}: shorten it.")
        understood = parse(typed, self.columns.authorities, date.today(), filters)
        resolved = resolve(self.catalogue, filters_of(understood, filters))
        widened = expansion.expand(understood.text, self._thesaurus)
        if concepts is not None:
            widened = tuple(one for one in widened if one.concept in concepts)
        widened += expansion.own(understood.text, understood.also)
        lexical = LexicalQuery(
            groups=expansion.groups(understood.text, widened),
            phrases=tuple(filter(None, (tuple(phrase_terms(phrase)) for phrase in understood.phrases))),
            excluded=tuple(filter(None, (tuple(phrase_terms(words)) for words in understood.excluded))),
        )
        return Asked(understood, resolved, widened, lexical)

    def rank(self, query: str, filters: Filters) -> list[tuple[int, float]]:
        """Return passage rows and scores, best first, as search ranks them before near-duplicates are put together."""
        return self.ranked(self.understand(query, filters))

    def candidates(self, query: str, filters: Filters) -> tuple[dict[int, float], dict[int, float]]:
        """Return the plain lexical and dense scores by passage row of at most ``DEPTH`` rows each, to compare with."""
        words = self._by_words(plain_query(terms(query)), filters)
        return words, self.near(self.encoder.encode_queries([query])[0], DEPTH, filters)

    def _by_words(self, query: LexicalQuery, filters: Filters) -> dict[int, float]:
        opened = self._opened
        found = engine.by_words(opened.dense, query, DEPTH, filters, BOOSTS)
        rows, scores = found or opened.lexical.search(query, DEPTH, filters, BOOSTS)
        return dict(zip(rows, scores, strict=True))

    def near(self, vector: NDArray[np.float32], depth: int, filters: Filters) -> dict[int, float]:
        """Return the cosines of the ``depth`` passages nearest to a unit vector, by row."""
        return self._near(vector, depth, self._allowed(filters, LexicalQuery()), filters)

    def _near(
        self, vector: NDArray[np.float32], depth: int, only: NDArray[np.int64] | None, filters: Filters
    ) -> dict[int, float]:
        rows, cosines = engine.nearest(self._opened.dense, vector, depth, only, filters)
        return dict(zip(rows.tolist(), cosines.tolist(), strict=True))

    def _allowed(self, filters: Filters, query: LexicalQuery) -> NDArray[np.int64] | None:
        """Return the rows that filters, phrases and exclusions let through; None where that is all of them."""
        if not (filters or query.phrases or query.excluded):
            return None
        rows = self.columns.row
        if filters:
            rows = rows[self.columns.matching(filters)]
        if query.phrases:
            rows = np.intersect1d(rows, self._opened.lexical.phrase_rows(query), assume_unique=True)
        if query.excluded:
            rows = np.setdiff1d(rows, self._opened.lexical.excluded_rows(query), assume_unique=True)
        return rows

    def ranked(self, asked: Asked) -> list[tuple[int, float]]:
        """Return passage rows and scores, best first, at most ``2 * DEPTH`` of them."""
        with stage("lexical"):
            lexical = self._by_words(asked.lexical, asked.filters)
        with stage("encode"):
            vector = self.encoded(asked.understood.text)
        with stage("dense"):
            dense = self._near(vector, DEPTH, self._allowed(asked.filters, asked.lexical), asked.filters)
        with stage("ranking"):
            return self._combined(asked, lexical, dense)

    def _combined(self, asked: Asked, lexical: dict[int, float], dense: dict[int, float]) -> list[tuple[int, float]]:
        opened = self._opened
        combined = ranking.combine(opened.columns, lexical, dense, formal=asks_for(asked.understood.text))
        needed = confidence.floor(bool(asked.lexical.groups), opened.lexical.holds_any(terms(asked.understood.text)))
        kept = {row: score for row, score in combined.items() if row in lexical or dense[row] >= needed}
        ranked = fusion.ranked(kept)
        if self._reranker is None:
            return ranked
        return rerank(self._reranker, asked.understood.text, ranked, self._read_text)

    def _read_text(self, rows: Sequence[int]) -> list[str]:
        stored = self._read(rows)
        return [embedded_text(stored[row].context, stored[row].text) if row in stored else "" for row in rows]

    def _matching(self, asked: Asked) -> NDArray[np.int64]:
        """Return the positions of the passages that hold the query's words, whatever the filters."""
        return self.columns.positions(self._opened.lexical.matching(asked.lexical, Filters(), MATCHING_SHARE))

    def matching(self, asked: Asked) -> NDArray[np.int64]:
        """Return the positions, in the columns, of the passages that ``SearchResult.total`` counts, ascending."""
        positions = self._matching(asked)
        return positions[self.columns.matching(asked.filters)[positions]]

    def _in_question(
        self, asked: Asked, matching: NDArray[np.int64], ranked: Sequence[tuple[int, float]]
    ) -> NDArray[np.int64]:
        """Return the rows at the matching positions, or, where there are none, of the relevant passages."""
        if len(matching):
            return self.columns.row[matching]
        best = ranked[: dated.RELEVANT]
        return np.array(dated.relevant(best, self.relevance(asked, [row for row, _ in best])), np.int64)

    # -- hits ----------------------------------------------------------------------------------------

    def candidates_of(self, rows: Sequence[int]) -> dict[int, duplicates.Candidate]:
        """Return what near-duplicates are judged by, by row; rows that are not stored are left out."""
        return {row: hits.candidate(stored) for row, stored in self._read(rows).items()}

    def shown(self, asked: Asked, groups: Sequence[duplicates.Group], before: int = 0) -> list[Hit]:
        """Return groups as hits, with the relevance of each; ``before`` is the rank of the hit before them."""
        stored = self._read([row for group in groups for row in (group.row, *(o.row for o in group.also))])
        shown = [group for group in groups if group.row in stored]
        relevance = self._relevance(asked, [stored[group.row] for group in shown])
        extra = [word for one in asked.expansions for word in one.added]
        return [
            hits.hit(
                stored[group.row],
                rank,
                group.score,
                relevance[group.row],
                " ".join((asked.understood.text, *asked.understood.phrases)),
                extra,
                hits.others(group.also, stored),
            )
            for rank, group in enumerate(shown, before + 1)
        ]

    def relevance(self, asked: Asked, rows: Sequence[int]) -> dict[int, float]:
        """Return the relevance of passage rows (see ``confidence``); those that are not stored are left out."""
        return self._relevance(asked, list(self._read(rows).values()))

    def _relevance(self, asked: Asked, stored: Sequence[hits.Stored]) -> dict[int, float]:
        vector = self.encoded(asked.understood.text)
        rows = [one.row for one in stored]
        cosines = self._opened.dense.score(vector, np.array(rows, np.int64)).tolist() if rows else []
        covered = self.coverage(asked, [" ".join((s.text, s.context, s.title)) for s in stored])
        return {
            row: confidence.relevance(cosine, share) for row, cosine, share in zip(rows, cosines, covered, strict=True)
        }

    def coverage(self, asked: Asked, texts: Sequence[str]) -> list[float]:
        """Return for each text what share of a query's words, or of what stands for them, it holds."""
        groups = asked.lexical.groups
        words = {group[0][0] for group in groups}
        frequencies = {word: self._opened.lexical.document_frequency(word) for word in words}
        return confidence.coverage(texts, groups, frequencies, len(self.columns))

    def hits(self, query: str, ranked: Sequence[tuple[int, float]]) -> list[Hit]:
        """Return ranked passage rows as hits, with the words of a query highlighted."""
        stored = self._read([row for row, _ in ranked])
        kept = [(row, score) for row, score in ranked if row in stored]
        return [hits.hit(stored[row], rank, score, score, query) for rank, (row, score) in enumerate(kept, 1)]

    def _read(self, rows: Sequence[int]) -> dict[int, Stored]:
        return hits.read(self.catalogue, rows, self.columns)

    def passage(self, passage_id: str) -> Hit:
        """Return one passage as a hit of rank 1 without a query.

        Raises:
            NotFoundError: nothing is stored under this id.
        """
        return hits.passage(self.catalogue, passage_id)

    def encoded(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a query, shape (dimension,); those of the last queries are kept."""
        vector: NDArray[np.float32] = self._encoded(text)
        return vector

    # -- for index.similar ---------------------------------------------------------------------------

    def vectors(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return the unit vectors of passage rows, shape (rows, dimension)."""
        return self._opened.dense.vectors(np.array(rows, np.int64))

    def lexical(self, weights: Mapping[str, float], depth: int, filters: Filters) -> dict[int, float]:
        """Return the BM25 scores by row for weighted terms."""
        asked = LexicalQuery(groups=tuple(((term, weight),) for term, weight in weights.items()))
        rows, scores = self._opened.lexical.search(asked, depth, filters, BOOSTS)
        return dict(zip(rows, scores, strict=True))

    def document_frequency(self, term: str) -> int:
        """Return in how many passages a term occurs."""
        return self._opened.lexical.document_frequency(term)


def _check_page(offset: int, k: int) -> None:
    if not 1 <= k <= MAX_K:
        raise QueryError(f"k is {k}: choose a number from 1 to {MAX_K}.")
    if not 0 <= offset <= MAX_DEPTH - k:
        raise QueryError(
            f"The hits {offset + 1:,} to {offset + k:,} were asked for: choose from the first {MAX_DEPTH:,}, or narrow"
            " the search."
        )


def _spread(found: Sequence[Hit], before: int) -> list[Hit]:
    """Let authorities take turns; a document whose authority is not known counts for itself."""
    order = spreading.spread(
        [(place, hit.score) for place, hit in enumerate(found)], [hit.authority or hit.document_id for hit in found]
    )
    return [replace(found[place], rank=rank) for rank, (place, _) in enumerate(order, before + 1)]
