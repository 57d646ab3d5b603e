"""The data directory: whether it can be read and written, and what state catalogue and index are in."""

import os
import tempfile
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.errors import MinutebookError
from corpus.status import status
from index.build import index_directory, read_meta
from webapp.doctor.finding import Finding
from webapp.doctor.machine import free_space
from webapp.holdings import open_searcher

LITTLE, TOO_LITTLE = 2_000_000_000, 200_000_000  # bytes free


def data_findings(data: Path) -> list[Finding]:
    """Look at a data directory."""
    return [_directory(data), _space(data), *_catalogue(data)]


def _directory(data: Path) -> Finding:
    name = "data directory"
    if not data.exists():
        return Finding("warning", name, f"{data} does not exist.", "Run 'minutebook ingest PATH', which makes it.")
    if not data.is_dir():
        return Finding("problem", name, f"{data} is no directory.", "Choose another: --data or MINUTEBOOK_DATA.")
    if not os.access(data, os.R_OK | os.X_OK):
        return Finding("problem", name, f"{data} cannot be read.", "Give the user that runs Minutebook access to it.")
    try:
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as exc:
        seen = f"{data} can be read and not written ({exc.strerror})."
        advice = "It can be searched; to ingest and to keep collections, let the user that runs Minutebook write there."
        return Finding("warning", name, seen, advice)
    return Finding("ok", name, f"{data} can be read and written.")


def _space(data: Path) -> Finding:
    free = free_space(data.absolute())
    seen = f"{free / 1e9:,.1f} GB are free on the disk of the data directory."
    if free < TOO_LITTLE:
        return Finding("problem", "disk", seen, "Make room: nothing can be ingested, and collections cannot be kept.")
    if free < LITTLE:
        return Finding("warning", "disk", seen, "Make room before the next large ingest: an index is written anew.")
    return Finding("ok", "disk", seen)


def _catalogue(data: Path) -> list[Finding]:
    if not (data / "catalogue.sqlite").exists():
        return [Finding("warning", "catalogue", "Nothing has been ingested yet.", "Run 'minutebook ingest PATH'.")]
    try:
        catalogue = Catalogue(data, read_only=True)
        held = status(catalogue)
    except Exception as exc:  # a damaged file fails in as many ways as it can be damaged
        advice = "Restore it from a copy, or ingest into a new data directory."
        return [Finding("problem", "catalogue", f"The catalogue cannot be read: {exc}", advice)]
    seen = f"{held.documents:,} documents, {held.passages:,} passages."
    found = [Finding("ok", "catalogue", seen), _index(catalogue, held.passages)]
    if held.unreadable_files:
        seen = f"{held.unreadable_files:,} files could not be read."
        found.append(Finding("warning", "files", seen, "'minutebook status --json' names them, each with its reason."))
    return found


def _index(catalogue: Catalogue, passages: int) -> Finding:
    try:
        meta = read_meta(index_directory(catalogue))
        open_searcher(catalogue)
    except MinutebookError as exc:
        return Finding("problem", "index", str(exc), "The message says what to do.")
    if meta is not None and meta.passages != passages:
        seen = f"The index holds {meta.passages:,} passages and the catalogue {passages:,}."
        return Finding("warning", "index", seen, "If no ingest is running, run 'minutebook rebuild'.")
    seen = f"The index opens and fits the catalogue; model {meta.model if meta else 'unknown'}."
    return Finding("ok", "index", seen, "'minutebook check' looks at every byte of it.")
