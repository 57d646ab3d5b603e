"""How well votes and declarations of interest are read: measured on documents that can check themselves.

    python tests/measure_records.py DATA_DIRECTORY      (after `minutebook ingest`)

A named vote checks itself: its lists must have as many names as it counts, and every "For (n)" of the text
must have been found. Declarations are checked against registers of interests: a row is found where the
minutes of its date hold a declaration by a member of the same surname.
"""

import re
import sys
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.model import Document, Interest, Motion


def votes(document: Document) -> tuple[int, int, int, int]:
    """Return the named votes that the text shows, those found, right and wrong."""
    shown = len(re.findall(r"\bFor \(\d+\)", document.text))
    found = [
        kept.record.vote
        for kept in document.records
        if isinstance(kept.record, Motion) and kept.record.vote and kept.record.vote.for_names
    ]
    right = sum(
        (len(vote.for_names), len(vote.against_names), len(vote.abstain_names))
        == (vote.for_count, vote.against_count, vote.abstain_count or 0)
        for vote in found
    )
    return shown, len(found), right, len(found) - right


def surname(name: str) -> str:
    """Return the last word of a name, folded."""
    return name.split()[-1].strip(".").lower()


def main(data: Path) -> None:
    """Print a line for each document with named votes, and one for the registers of interests."""
    catalogue = Catalogue(data)
    minutes: dict[str, set[str]] = {}
    rows: list[tuple[str, str, str | None]] = []
    for (document_id,) in catalogue.connection.execute("SELECT document_id FROM documents WHERE current").fetchall():
        document = catalogue.document(document_id)
        shown, found, right, wrong = votes(document)
        if shown:
            path = catalogue.paths(document_id)[0]
            print(f"{path}: named votes {shown}, found {found}, right {right}, wrong {wrong}")
        for kept in document.records:
            if isinstance(kept.record, Interest):
                if kept.record.meeting_date:
                    rows.append((kept.record.meeting_date, kept.record.member, kept.record.matter))
                elif document.meeting_date.value:
                    minutes.setdefault(document.meeting_date.value, set()).add(surname(kept.record.member))
    held = [row for row in rows if row[0] in minutes or _has_minutes(catalogue, row[0])]
    agreed = [row for row in held if surname(row[1]) in minutes.get(row[0], set())]
    print(f"rows of registers {len(rows)}, with minutes of their date held {len(held)}, found in them {len(agreed)}")
    for row in held:
        if row not in agreed:
            print("  not found in the minutes:", *row)


def _has_minutes(catalogue: Catalogue, day: str) -> bool:
    query = "SELECT 1 FROM documents WHERE meeting_date = ? AND kind = 'minutes' AND current"
    return catalogue.connection.execute(query, (day,)).fetchone() is not None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
