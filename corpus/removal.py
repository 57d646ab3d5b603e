"""Which files a person means who wants them forgotten."""

from collections.abc import Sequence
from pathlib import Path

from corpus import register
from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError


def locations_of(catalogue: Catalogue, targets: Sequence[str]) -> list[str]:
    """Return the locations of the sources that the targets name.

    A target is a document id, the name of an authority, or a file or folder that was ingested.

    Raises:
        NotFoundError: a target names nothing that is held.
    """
    found: dict[str, None] = {}
    for target in targets:
        locations = _of_documents(catalogue, target) or _below(catalogue, target)
        if not locations:
            raise NotFoundError(
                f"Nothing is held by {target!r}: give a document id, an authority's name, or a path that was ingested."
            )
        found.update(dict.fromkeys(locations))
    return list(found)


def _of_documents(catalogue: Catalogue, target: str) -> list[str]:
    known = register.by_name(target)
    rows = catalogue.connection.execute(
        "SELECT s.location FROM sources s JOIN documents d USING (document_id)"
        " WHERE d.document_id = ? OR d.authority IN (?, ?) ORDER BY s.location",
        (target, target, known.name if known else target),
    )
    return [row[0] for row in rows]


def _below(catalogue: Catalogue, target: str) -> list[str]:
    place = str(Path(target).expanduser().absolute())
    below = place.rstrip("/") + "/"
    rows = catalogue.connection.execute(
        "SELECT location FROM sources WHERE location = ? OR substr(location, 1, ?) = ? ORDER BY location",
        (place, len(below), below),
    )
    return [row[0] for row in rows]
