"""What is searched: a data directory, opened once, as the settings say."""

import threading
from pathlib import Path

from flask import current_app

from corpus.catalogue import Catalogue
from corpus.errors import IndexMismatchError
from corpus.settings import setting
from index import generations
from index.build import INDEX
from index.encoder import CrossEncoder, Encoder
from index.search import Searcher
from index.understanding import expansion

EXTENSION = "minutebook"
_FILES = ("catalogue.sqlite", "catalogue.sqlite-wal")  # one changes with every write


class Holdings:
    """A data directory, opened by the first request that needs it."""

    def __init__(self, data: Path, encoder: Encoder) -> None:
        self.data = data
        self._encoder = encoder
        self._lock = threading.Lock()
        self._catalogue: Catalogue | None = None
        self._searcher: Searcher | None = None

    def catalogue(self) -> Catalogue:
        """Return the catalogue; raise CatalogueError while there is none."""
        with self._lock:
            return self._opened()

    def searcher(self) -> Searcher:
        """Return the searcher as of the last ingest; raise IndexMismatchError while there is no fit index."""
        with self._lock:
            if self._searcher is None:
                self._searcher = open_searcher(self._opened(), self._encoder)
            else:
                self._searcher = self._searcher.renewed()
            return self._searcher

    def state(self) -> str | None:
        """Return what stands for the state of catalogue and index, another after each change; None without an index."""
        try:
            index = generations.stamp(self.data / INDEX)
        except IndexMismatchError:
            return None
        return repr((index, [_stamp(self.data / name) for name in _FILES])) if index else None

    def changed(self) -> float | None:
        """Return when the index was last changed, in seconds since 1970; None while there is none."""
        return generations.changed(self.data / INDEX)

    def _opened(self) -> Catalogue:
        if self._catalogue is None:
            self._catalogue = Catalogue(self.data, read_only=True)
        return self._catalogue


def _stamp(file: Path) -> tuple[int, int] | None:
    """Return when a file was written, in nanoseconds, and its size; None for one that is empty or not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found.st_size else None


def holdings() -> Holdings:
    """Return what the app that answers this request searches."""
    found: Holdings = current_app.extensions[EXTENSION]
    return found


def open_searcher(catalogue: Catalogue, encoder: Encoder | None = None) -> Searcher:
    """Return the searcher of a catalogue, with the thesaurus and reranker of the settings.

    Args:
        encoder: the one that is open already; that of MINUTEBOOK_MODEL without it.

    Raises:
        IndexMismatchError: there is no index yet, or it is damaged or of another model.
        SourceError: the thesaurus that is named cannot be read.
    """
    own, reranker = setting("MINUTEBOOK_THESAURUS"), setting("MINUTEBOOK_RERANKER")
    return Searcher(
        catalogue,
        encoder or Encoder(setting("MINUTEBOOK_MODEL")),
        expansion.load(Path(own)) if own else None,
        CrossEncoder(reranker) if reranker else None,
        setting("MINUTEBOOK_ENGINE"),
    )
