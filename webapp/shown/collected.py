"""A collection as JSON, and as the files that it is exported as."""

import re
import unicodedata
from collections.abc import Sequence

from corpus.collected import Shown
from corpus.errors import QueryError
from corpus.reading_lists import ReadingList
from webapp.citing import bibtex, csl, ris, word
from webapp.citing.lists import COLUMNS, Noted, markdown_of, rows_of
from webapp.language import to_translate
from webapp.shown.tables import csv_of

FORMATS = {
    "docx": to_translate("Word document"),
    "md": to_translate("Markdown"),
    "csv": to_translate("Table (CSV)"),
    "ris": to_translate("RIS, for reference managers"),
    "bib": to_translate("BibTeX"),
    "json": to_translate("CSL-JSON"),
}
REFERENCES = ("ris", "bib", "json")  # which take no notes, and only what can be verified
_LONGEST_NAME = 60


def export(wanted: str, title: str, entries: Sequence[Noted]) -> tuple[bytes, str]:
    """Return a collection in one of the ``FORMATS``, and its media type.

    Raises:
        QueryError: there is no such format.
    """
    references = [entry.reference for entry in entries if entry.reference]
    match wanted:
        case "docx":
            return word.docx_of(title, entries), word.MIMETYPE
        case "md":
            return markdown_of(title, entries).encode(), "text/markdown"
        case "csv":
            return csv_of(COLUMNS, rows_of(entries)).encode(), "text/csv"
        case "ris":
            return ris.ris_of(references).encode(), ris.MIMETYPE
        case "bib":
            return bibtex.bibtex_of(references).encode(), bibtex.MIMETYPE
        case "json":
            return csl.csl_of(references).encode(), csl.MIMETYPE
    raise QueryError(f"There is no format {wanted[:20]!r}: choose from {', '.join(FORMATS)}.")


def filename(title: str, ending: str) -> str:
    """Return a file name that every system takes, made of a title: "Care leavers" becomes "care-leavers.docx"."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    name = re.sub("[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST_NAME].strip("-")
    return f"{name or 'collection'}.{ending}"


def collection_json(kept: ReadingList, entries: Sequence[tuple[Shown, Noted]]) -> dict[str, object]:
    """Return a collection as the JSON that the API gives; a quote that cannot be verified is null."""
    return {
        "title": kept.title,
        "created": kept.created,
        "changed": kept.changed,
        "editable": kept.editable,
        "share_key": kept.share_key,
        "entries": [_entry_json(one, cited) for one, cited in entries],
    }


def _entry_json(one: Shown, cited: Noted) -> dict[str, object]:
    was = one.entry.passage
    return {
        "passage_id": was.passage_id,
        "document_id": was.document_id,
        "quote": one.quote,
        "start": one.start,
        "end": one.end,
        "citation": was.citation,
        "note": one.entry.note,
        "added": one.entry.added,
        "held": one.held,
        "problem": one.problem,
        "url": cited.reference.permalink if cited.reference else None,
    }
