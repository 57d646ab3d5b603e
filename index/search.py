"""Search: one question in, ranked passages out, each with all that is needed to cite it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.errors import IndexMismatchError, NotFoundError, QueryError
from corpus.filters import Filters, kinds_among, matching_rows, resolve, searched
from index import fusion
from index.analysis import highlights, terms
from index.build import check_model, index_directory
from index.citation import address, citation_line
from index.dense import DenseIndex
from index.encoder import Encoder
from index.lexical import LexicalIndex

MAX_QUERY = 1_000
MAX_K = 100
DEPTH = 1_000
BOOSTS = (1.0, 0.5, 0.5)  # body, heading, names
WEIGHTS = [0.6, 0.4]  # lexical, dense
AGENDA_WEIGHT = 0.85
MIN_COSINE = 0.3  # a passage without any of the query's words must be at least this near
MIN_COSINE_UNKNOWN = 0.4  # the same where none of the query's words occurs anywhere: nonsense comes to .39


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage. The fields are those of the JSON, in its order; README.md explains each."""

    rank: int
    score: float
    passage_id: str
    document_id: str
    authority: str | None
    committee: str | None
    meeting_date: str | None
    item_number: str | None
    item_title: str | None
    kind: str
    title: str
    page: int | None
    start: int
    end: int
    text: str
    highlights: tuple[tuple[int, int], ...]
    partial: bool
    url: str | None
    path: str
    citation: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of a query, and what was searched: documents and authorities that the filters let through."""

    query: str
    filters: Filters
    hits: tuple[Hit, ...]
    searched_documents: int
    searched_authorities: int


class Searcher:
    """An opened catalogue with its indexes. It sees new documents as soon as an ingest has ended."""

    def __init__(self, catalogue: Catalogue, encoder: Encoder) -> None:
        """Open the indexes of a catalogue.

        Raises:
            IndexMismatchError: there is no index yet, or it is damaged or of another model.
        """
        self.catalogue = catalogue
        self.encoder = encoder
        self._directory = index_directory(catalogue)
        self._open()

    def _open(self) -> None:
        meta = check_model(self._directory, self.encoder.model_id)
        if meta is None:
            raise IndexMismatchError("There is no index yet: run 'minutebook ingest PATH', or 'minutebook rebuild'.")
        stamp = _stamp(self._directory)
        dense = DenseIndex.read(self._directory / "dense.faiss")
        lexical = LexicalIndex(self._directory / "lexical")
        if len(dense.rows()) != meta.passages or len(lexical) != meta.passages:
            raise IndexMismatchError(
                "An ingest is under way or was interrupted: try again, or run 'minutebook rebuild'."
            )
        self._opened = (stamp, dense, lexical)  # in one step: another thread may be searching

    def refresh(self) -> None:
        """Open the indexes again if an ingest has changed them since."""
        if _stamp(self._directory) != self._opened[0]:
            self._open()

    def search(self, query: str, filters: Filters | None = None, k: int = 10) -> SearchResult:
        """Return the ``k`` best passages for a question.

        Raises:
            QueryError: the query is empty or too long, ``k`` is out of range, or a filter names something
                that the collection does not hold.
        """
        query = " ".join(query.split())
        if not query:
            raise QueryError("The query is empty: type a question or some words.")
        if len(query) > MAX_QUERY:
            raise QueryError(f"The query has {len(query):,} characters, the limit is {MAX_QUERY:,}: shorten it.")
        if not 1 <= k <= MAX_K:
            raise QueryError(f"k is {k}: choose a number from 1 to {MAX_K}.")
        resolved = resolve(self.catalogue, filters or Filters())
        lexical, dense = self.candidates(query, resolved)
        fused = self.fuse(lexical, dense)
        words = terms(query)
        unknown = bool(words) and not self._opened[2].holds_any(words)
        needed = MIN_COSINE_UNKNOWN if unknown else MIN_COSINE
        kept = {row: score for row, score in fused.items() if row in lexical or dense.get(row, 0.0) >= needed}
        best = fusion.ranked(kept)[:k]
        documents, authorities = searched(self.catalogue, resolved)
        return SearchResult(query, resolved, tuple(self._hits(query, best)), documents, authorities)

    def candidates(self, query: str, filters: Filters) -> tuple[dict[int, float], dict[int, float]]:
        """Return the lexical and the dense scores by passage row, of at most ``DEPTH`` rows each."""
        _, dense, lexical = self._opened
        rows, scores = lexical.search(terms(query), DEPTH, filters, BOOSTS)
        only = matching_rows(self.catalogue, filters) if filters else None
        near, cosines = dense.search(self.encoder.encode_queries([query])[0], DEPTH, only)
        return dict(zip(rows, scores, strict=True)), dict(zip(near.tolist(), cosines.tolist(), strict=True))

    def fuse(self, lexical: Mapping[int, float], dense: Mapping[int, float]) -> dict[int, float]:
        """Fuse the two lists as search does; 1.0 is a passage that leads both.

        Agenda text (what was announced or recommended, and lists of papers) stands back behind the record
        of what was said and decided.
        """
        fused = fusion.min_max([lexical, dense], WEIGHTS)
        for row in kinds_among(self.catalogue, fused, "agenda"):
            fused[row] *= AGENDA_WEIGHT
        return fused

    def _hits(self, query: str, best: Sequence[tuple[int, float]]) -> list[Hit]:
        found = _passages(self.catalogue, [row for row, _ in best])
        held = [(row, score) for row, score in best if row in found]
        return [_hit(rank, score, query, found[row]) for rank, (row, score) in enumerate(held, 1)]

    def passage(self, passage_id: str) -> Hit:
        """Return one passage as a hit of rank 1 without a query.

        Raises:
            NotFoundError: nothing is stored under this id.
        """
        row = self.catalogue.connection.execute(
            "SELECT row FROM passages WHERE passage_id = ?", (passage_id,)
        ).fetchone()
        if row is None:
            raise NotFoundError(f"No passage has the id {passage_id!r}.")
        return _hit(1, 1.0, "", _passages(self.catalogue, [row[0]])[row[0]])


def _stamp(directory: Path) -> tuple[int, int]:
    try:
        status = (directory / "meta.json").stat()
    except FileNotFoundError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)


_HIT_COLUMNS = """
    p.row, p.passage_id, p.document_id, d.authority, d.committee, d.meeting_date, i.number AS item_number,
    i.title AS item_title, p.kind, d.title, p.page, p.start, p."end",
    substr(d.text, p.start + 1, p."end" - p.start) AS text, p.partial, d.url, i.anchor,
    (SELECT path FROM sources s WHERE s.document_id = p.document_id ORDER BY s.rowid LIMIT 1) AS path
"""


def _passages(catalogue: Catalogue, rows: Sequence[int]) -> dict[int, Mapping[str, object]]:
    found = catalogue.connection.execute(
        f"SELECT {_HIT_COLUMNS} FROM passages p JOIN documents d USING (document_id)"
        " LEFT JOIN items i ON i.document_id = p.document_id AND i.position = p.item"
        f" WHERE p.row IN ({','.join('?' * len(rows))})",
        list(rows),
    )
    return {row["row"]: dict(row) for row in found}


def _hit(rank: int, score: float, query: str, stored: Mapping[str, object]) -> Hit:
    values = {name: value for name, value in stored.items() if name not in {"row", "anchor", "url", "partial"}}
    values["path"] = stored["path"] or ""
    text, page = str(stored["text"]), stored["page"]
    is_pdf = page is not None
    url = address(_text(stored["url"]), _text(stored["anchor"]), page if isinstance(page, int) else None, is_pdf)
    partial = bool(stored["partial"])
    cited = {
        name: values[name]
        for name in ("authority", "committee", "meeting_date", "item_number", "item_title", "page", "title")
    }
    return Hit(
        rank=rank,
        score=round(score, 6),
        highlights=tuple(highlights(text, query)),
        partial=partial,
        url=url,
        citation=citation_line(**cited, url=url, partial=partial),  # type: ignore[arg-type]
        **values,  # type: ignore[arg-type]
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
