"""Hits: ranked passages with all that is needed to cite them, read from the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError
from index.analysis import highlights
from index.citation import address, citation_line
from index.columns import Columns, key_of
from index.duplicates import Behind, Candidate


@dataclass(frozen=True, slots=True)
class Other:
    """A near-duplicate that stands behind a hit; ``identical``: word for word the same."""

    passage_id: str
    document_id: str
    authority: str | None
    committee: str | None
    meeting_date: str | None
    page: int | None
    start: int
    end: int
    identical: bool
    url: str | None
    path: str
    citation: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage. The fields are those of the JSON, in its order; README.md explains each."""

    rank: int
    score: float
    relevance: float
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
    ocr: bool
    url: str | None
    path: str
    citation: str
    also: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage as the catalogue holds it."""

    row: int
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
    context: str
    records: str
    partial: bool
    ocr: bool
    status: str | None
    url: str | None
    anchor: str | None
    path: str

    @property
    def address(self) -> str | None:
        """Return the address of the passage in its source, at the page or anchor."""
        return address(self.url, self.anchor, self.page, self.page is not None)

    @property
    def citation(self) -> str:
        """Return the citation in one line."""
        return citation_line(
            authority=self.authority,
            committee=self.committee,
            meeting_date=self.meeting_date,
            item_number=self.item_number,
            item_title=self.item_title,
            page=self.page,
            title=self.title,
            url=self.address,
            partial=self.partial,
        )


_COLUMNS = """
    p.row, p.passage_id, p.document_id, d.authority, d.committee, d.meeting_date, i.number AS item_number,
    i.title AS item_title, p.kind, d.title, p.page, p.start, p."end",
    substr(d.text, p.start + 1, p."end" - p.start) AS text, p.context, p.records, p.partial,
    COALESCE(g.route = 'ocr', 0) AS ocr, v.value AS status, d.url, i.anchor,
    COALESCE((SELECT path FROM sources s WHERE s.document_id = p.document_id ORDER BY s.rowid LIMIT 1), '') AS path
"""


def read(catalogue: Catalogue, rows: Iterable[int], searched: Columns | None = None) -> dict[int, Stored]:
    """Return the passages of some rows; rows that are not there are left out.

    Args:
        searched: what was searched: rows that stand for another passage there, as after a restore that the index has
            not followed yet, are left out too.
    """
    wanted = list(rows)
    keys = searched.keys(wanted) if searched else {}
    found = catalogue.connection.execute(
        f"SELECT p.vector_key, {_COLUMNS} FROM passages p JOIN documents d USING (document_id)"
        " LEFT JOIN items i ON i.document_id = p.document_id AND i.position = p.item"
        " LEFT JOIN pages g ON g.document_id = p.document_id AND g.number = p.page"
        " LEFT JOIN provenance v ON v.document_id = p.document_id AND v.field = 'status'"
        f" WHERE p.row IN ({','.join('?' * len(wanted))})",
        wanted,
    )
    stored = {}
    for values in map(dict, found):
        key = key_of(values["passage_id"], values.pop("vector_key"))
        if keys.get(values["row"], 0) in (0, key):
            stored[values["row"]] = Stored(**values | {"partial": bool(values["partial"]), "ocr": bool(values["ocr"])})
    return stored


def passage(catalogue: Catalogue, passage_id: str) -> Hit:
    """Return one stored passage as a hit of rank 1 without a query, whether or not it is searched.

    Raises:
        NotFoundError: nothing is stored under this id.
    """
    row = catalogue.connection.execute("SELECT row FROM passages WHERE passage_id = ?", (passage_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"No passage has the id {passage_id!r}.")
    return hit(read(catalogue, [row[0]])[row[0]])


_STATUS = {"approved": 2, "draft": 0}
_KINDS = {"minutes": 2, "decision": 2, "report": 1}


def candidate(stored: Stored) -> Candidate:
    """Return what near-duplicates are judged by; whole before cut off, approved before draft, text before OCR."""
    preference = (
        int(not stored.partial),
        _STATUS.get(stored.status or "", 1),
        int(not stored.ocr),
        _KINDS.get(stored.kind, 0),
    )
    return Candidate(
        stored.text,
        stored.item_title or "",
        stored.kind,
        stored.document_id,
        stored.authority,
        stored.committee,
        stored.meeting_date,
        preference,
    )


def hit(
    stored: Stored,
    rank: int = 1,
    score: float = 1.0,
    relevance: float = 1.0,
    query: str = "",
    extra: Sequence[str] = (),
    also: Sequence[Other] = (),
) -> Hit:
    """Return a passage as a hit.

    Args:
        query: the words to highlight.
        extra: further words to highlight: those that the query was expanded by.
    """
    names = ("passage_id", "document_id", "authority", "committee", "meeting_date", "item_number", "item_title", "kind")
    more = ("title", "page", "start", "end", "text", "partial", "ocr", "path", "citation")
    return Hit(
        rank=rank,
        score=round(score, 6),
        relevance=round(relevance, 3),
        highlights=tuple(highlights(stored.text, query, extra)),
        url=stored.address,
        also=tuple(also),
        **{name: getattr(stored, name) for name in (*names, *more)},
    )


def others(behind: Sequence[Behind], stored: Mapping[int, Stored]) -> list[Other]:
    """Return the near-duplicates behind a hit."""
    names = ("passage_id", "document_id", "authority", "committee", "meeting_date", "page", "start", "end", "path")
    return [
        Other(
            identical=one.identical,
            url=stored[one.row].address,
            citation=stored[one.row].citation,
            **{name: getattr(stored[one.row], name) for name in names},
        )
        for one in behind
        if one.row in stored
    ]
