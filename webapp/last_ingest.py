"""What the last ingest did, kept beside the catalogue for whoever watches a site: ``last_ingest.json``."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index.build import BuildReport
from ingest.pipeline import Report

FILE = "last_ingest.json"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One measure of the last ingest: its name, what it is, and its fields by the value of its label, if it has one."""

    name: str
    words: str
    label: str
    fields: tuple[tuple[str, str], ...]


GAUGES = (
    Gauge(
        "minutebook_ingest_documents", "Documents of the last ingest, by what became of them.", "outcome",
        tuple((name, name) for name in ("new", "updated", "unchanged", "duplicates", "unreadable")),
    ),
    Gauge("minutebook_ingest_passages_added", "Passages that the last ingest added.", "", (("", "passages_added"),)),
    Gauge(
        "minutebook_ingest_seconds", "Time that the last ingest took, by stage.", "stage",
        (("reading", "seconds"), ("embedding", "seconds_embedding"), ("indexing", "seconds_indexing")),
    ),
    Gauge("minutebook_ingest_ended_seconds", "When the last ingest ended, since 1970.", "", (("", "ended"),)),
)  # fmt: skip


def keep(data: Path, report: Report, built: BuildReport) -> None:
    """Keep what an ingest did, in place of what was kept of the one before; a disk that is full does not matter."""
    kept = {
        "ended": round(time.time(), 1),
        **{name: getattr(report, name) for name in ("new", "updated", "unchanged", "duplicates", "passages_added")},
        "unreadable": len(report.unreadable),
        "seconds": report.seconds,
        "seconds_embedding": built.seconds_embedding,
        "seconds_indexing": built.seconds_indexing,
    }
    written = data / f"{FILE}.new"
    with suppress(OSError):
        written.write_text(json.dumps(kept), encoding="utf-8")
        written.replace(data / FILE)


def last_ingest(data: Path) -> dict[str, float]:
    """Return what was kept of the last ingest; empty where that is nothing, or damaged."""
    try:
        found = json.loads((data / FILE).read_text(encoding="utf-8"))
        return {field: float(found[field]) for gauge in GAUGES for _, field in gauge.fields}
    except (OSError, ValueError, TypeError, LookupError):
        return {}
