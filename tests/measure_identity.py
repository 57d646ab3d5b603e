"""How often authority, date and committee are found from the documents alone: measured against a manifest.

    python tests/measure_identity.py FOLDER     (FOLDER holds manifest.csv and the files it names)

The manifest is used as the truth and never shown to the readers. A value is right where it equals the
manifest's, wrong where it differs, unknown where none was found; where the manifest has none, what was found
is "extra".
"""

import csv
import sys
from collections import Counter
from pathlib import Path

from corpus.errors import ReadError
from corpus.model import Found
from corpus.register import fold
from ingest.identity import Given, authority_of, committee_of, date_of, kind_of
from ingest.readers import read


def verdict(found: Found, truth: str) -> str:
    """Return "right", "wrong", "unknown", "extra" or "rightly unknown"."""
    if not truth:
        return "extra" if found.value else "rightly unknown"
    if found.value is None:
        return "unknown"
    return "right" if fold(found.value) == fold(truth) else "wrong"


def main(folder: Path) -> None:
    """Print the counts for each field."""
    counts: dict[str, Counter[str]] = {"authority": Counter(), "date": Counter(), "committee": Counter()}
    documents = 0
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            given = Given(name=Path(row["path"]).stem)
            try:
                reading = read(folder / row["path"])
            except ReadError as exc:
                print(f"{row['path']}: {exc}")
                continue
            documents += 1
            kind = kind_of(reading, given)
            authority = authority_of(reading, given)
            counts["authority"][verdict(authority, row["authority"])] += 1
            counts["date"][verdict(date_of(reading, given, kind), row["date"])] += 1
            committee = committee_of(reading, given, authority.value, kind)
            counts["committee"][verdict(committee, row["committee"])] += 1
    print(f"{documents} documents read, the manifest ignored")
    for field, found in counts.items():
        total = sum(found.values())
        print(f"{field:10}", ", ".join(f"{name} {n} ({n / total:.0%})" for name, n in found.most_common()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
