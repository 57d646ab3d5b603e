"""What the lexical index and the words for suggestions are made of, read from the catalogue."""

from collections.abc import Iterator, Sequence

from corpus.catalogue import Catalogue
from index.lexical import Entry


def entries(catalogue: Catalogue, rows: Sequence[int]) -> Iterator[Entry]:
    """Yield what is indexed of passages."""
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        for row in catalogue.connection.execute(
            'SELECT p.row, substr(d.text, p.start + 1, p."end" - p.start), p.context, d.title, d.authority,'
            " d.committee, p.kind || p.records, d.meeting_date, p.document_id"
            " FROM passages p JOIN documents d USING (document_id)"
            f" WHERE p.row IN ({','.join('?' * len(part))}) ORDER BY p.row",
            part,
        ):
            number, body, heading, title, authority, committee, kinds, meeting_date, document = row
            names = " ".join(filter(None, (authority, committee, title)))
            held = tuple(dict.fromkeys(kind for kind in kinds.split(",") if kind))
            yield Entry(number, body, heading, names, authority, committee, held, meeting_date, document)


def texts(catalogue: Catalogue, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield (row, text) of passages."""
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        yield from catalogue.connection.execute(
            'SELECT p.row, substr(d.text, p.start + 1, p."end" - p.start) FROM passages p'
            f" JOIN documents d USING (document_id) WHERE p.row IN ({','.join('?' * len(part))})",
            part,
        )
