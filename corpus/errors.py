"""The errors Minutebook raises on purpose.

    MinutebookError                 anything we can explain in one line
    ├── SourceError                 a path or manifest given to ingest cannot be used
    ├── ReadError                   one document cannot be read; caught per document by ingest
    │   └── EmptyDocumentError      it was read and holds no text
    ├── PictureError                a page of a PDF cannot be drawn; its text stands
    ├── FetchError                  an address gave no usable answer
    ├── CatalogueError              the data directory or its catalogue cannot be used
    │   └── NotFoundError           no such document, passage, authority or collection
    ├── CollectionError             a change that a collection cannot take
    │   └── ReadOnlyError           the link given shows a collection and cannot change it
    ├── ModelError                  the encoder cannot be loaded or is not the one expected
    ├── LanguageModelError          a language model gave no usable answer; the minutes' own words stand
    ├── ClusterError                the workers that reading is spread over cannot be had, or are gone
    │   └── WorkersLostError        several ended under one item
    ├── IndexMismatchError          the index on disk was built by another format or model
    │   └── IndexDamagedError       it is not what was written; it can be made again from the catalogue
    ├── EngineError                 the engine that holds the vectors gives no usable answer
    ├── SettingError                a setting makes no sense
    └── QueryError                  a question or filter cannot be understood

Each message is one line that says what is wrong and what to do. The command line shows the message
and ends with ``exit_code``; the web layer answers with ``http_status``.
"""


class MinutebookError(Exception):
    """Base of every error with an explanation meant for the user."""

    exit_code = 1
    http_status = 500


class SourceError(MinutebookError):
    """A path, folder or manifest handed to ingest cannot be used."""


class ReadError(MinutebookError):
    """One document cannot be read; the run goes on and the report names it."""


class EmptyDocumentError(ReadError):
    """A document was read but holds no text."""


class PictureError(MinutebookError):
    """A page of a PDF cannot be drawn, or not now; its text can still be read."""

    http_status = 503


class FetchError(MinutebookError):
    """An address gave no usable answer; ``reason`` says why, ``status`` is the HTTP status if there was one."""

    def __init__(self, url: str, reason: str, status: int | None = None) -> None:
        super().__init__(f"{url}: {reason}.")
        self.url = url
        self.reason = reason
        self.status = status


class CatalogueError(MinutebookError):
    """The data directory or its catalogue cannot be opened or written."""

    http_status = 503


class NotFoundError(CatalogueError):
    """Nothing is stored under the given id or name."""

    http_status = 404


class CollectionError(MinutebookError):
    """A change to a collection cannot be made: it is full, or a text is empty or too long."""

    exit_code = 2
    http_status = 400


class ReadOnlyError(CollectionError):
    """The key given shows a collection and cannot change it."""

    http_status = 403


class ModelError(MinutebookError):
    """The encoder cannot be loaded, or its weights are not the expected ones."""


class LanguageModelError(MinutebookError):
    """A language model gave no usable answer; ``reason`` says what it did, to follow "The language model"."""

    http_status = 502

    def __init__(self, reason: str) -> None:
        super().__init__(f"The language model {reason}.")
        self.reason = reason


class ClusterError(MinutebookError):
    """A cluster cannot be reached or started, or has no worker left; what was finished is kept."""


class WorkersLostError(ClusterError):
    """Several workers ended under one item; the others go on."""


class IndexMismatchError(MinutebookError):
    """The index on disk is missing, unfinished, or of another format version or model."""

    http_status = 503


class IndexDamagedError(IndexMismatchError):
    """The index on disk is not what was written; nothing is lost, as it can be made again from the catalogue."""


class EngineError(MinutebookError):
    """The engine that holds the vectors is not reached, is too slow, or refuses; what is stored here is whole."""

    http_status = 503


class SettingError(MinutebookError):
    """A setting, an environment variable, has a value that makes no sense."""

    exit_code = 2


class QueryError(MinutebookError):
    """A query, filter or date cannot be understood."""

    exit_code = 2
    http_status = 400
