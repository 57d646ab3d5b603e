"""Which files a run reads, and what a ``manifest.csv`` beside them adds to what they hold."""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from corpus.errors import SourceError
from ingest.identity import Given
from ingest.readers import SUFFIXES

MANIFEST = "manifest.csv"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to read: where it is, its path below the folder that was given, and what else is known."""

    file: Path
    path: str
    given: Given


@dataclass(frozen=True, slots=True)
class Found:
    """The files of a run; ``other_types`` counts files of endings that are not read; ``missing`` names
    the files that a manifest lists and that are not there."""

    candidates: tuple[Candidate, ...]
    other_types: dict[str, int]
    missing: tuple[str, ...]


def find(paths: Sequence[Path], authority: str | None = None) -> Found:
    """Find every readable file at or below the paths, sorted by path.

    Raises:
        SourceError: a path does not exist, a manifest is malformed, or there is nothing to read.
    """
    candidates: dict[Path, Candidate] = {}
    other: Counter[str] = Counter()
    missing: list[str] = []
    for given_path in paths:
        if not given_path.exists():
            raise SourceError(f"There is no file or folder {given_path}.")
        root = given_path if given_path.is_dir() else given_path.parent
        files = _below(given_path) if given_path.is_dir() else [given_path]
        manifests = _manifests(root, given_path.is_dir())
        if given_path.is_dir():
            missing += [str(file) for file in manifests if not file.exists()]
        for file in files:
            if file.suffix.lower() not in SUFFIXES and file != given_path:
                other[file.suffix.lower() or "no ending"] += file.name != MANIFEST
                continue
            row = manifests.get(file.absolute(), {})
            candidates.setdefault(
                file.absolute(),
                Candidate(file.absolute(), file.relative_to(root).as_posix(), _given(file, row, authority)),
            )
    if not candidates:
        where = ", ".join(str(path) for path in paths)
        raise SourceError(f"There is no {' '.join(sorted(SUFFIXES))} file in {where}.")
    return Found(
        tuple(candidates[file] for file in sorted(candidates)), {k: n for k, n in other.items() if n}, tuple(missing)
    )


def _below(folder: Path) -> list[Path]:
    files = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(parent, name) for name in sorted(names) if not name.startswith(".")]
    return files


def _manifests(root: Path, recursive: bool) -> dict[Path, dict[str, str]]:
    """Return the manifest row of each file that one of the manifests at or below ``root`` names."""
    found = sorted(root.rglob(MANIFEST)) if recursive else [root / MANIFEST]
    rows: dict[Path, dict[str, str]] = {}
    for manifest in found:
        if manifest.is_file():
            rows.update(_rows(manifest))
    return rows


def _rows(manifest: Path) -> dict[Path, dict[str, str]]:
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if "path" not in (reader.fieldnames or ()):
                raise SourceError(f"{manifest} has no column 'path': its first line must name the columns.")
            rows = {}
            for row in reader:
                values = {name: value.strip() for name, value in row.items() if name and isinstance(value, str)}
                _check_date(manifest, reader.line_num, values.get("date", ""))
                if values.get("path"):
                    rows[Path(os.path.normpath((manifest.parent / values["path"]).absolute()))] = values
            return rows
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise SourceError(f"{manifest} cannot be read ({exc}): save it as a UTF-8 CSV file.") from exc


def _check_date(manifest: Path, line: int, value: str) -> None:
    try:
        if value:
            date.fromisoformat(value)
    except ValueError:
        raise SourceError(f"{manifest}, line {line}: the date {value!r} is not of the form 2024-05-31.") from None


def _given(file: Path, row: dict[str, str], authority: str | None) -> Given:
    url = row.get("url", "")
    return Given(
        name=file.stem,
        authority=row.get("authority") or None,
        committee=row.get("committee") or None,
        date=row.get("date") or None,
        url=url if url.startswith(("http://", "https://")) else None,
        kind=row.get("kind") or None,
        default_authority=authority,
    )
