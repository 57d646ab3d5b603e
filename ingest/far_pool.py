"""Reading on the workers of a cluster, which share no file system with this machine: files travel as what they hold.

Each worker reads as this machine would, in a process of its own within the limits, so that what comes back is the same.
"""

from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType

from corpus.errors import ClusterError
from ingest.cluster import Cluster
from ingest.fingerprint import READER_VERSION
from ingest.pool import Pool, is_small_text, read_here
from ingest.readers import Content, load
from ingest.reading import Reading
from ingest.workers import Workers


class FarPool:
    """Reads files on a cluster, with the methods of ``Pool``."""

    def __init__(self, cluster: Cluster) -> None:
        self._workers: Workers[Path, Reading] = Workers(cluster, partial(Reader, READER_VERSION), load)
        self.workers = self._workers.number

    def __enter__(self) -> "FarPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.close()

    def read(self, file: Path) -> Future[Reading]:
        """Begin to read a file; the future raises ReadError where it cannot be read."""
        return read_here(file) if is_small_text(file) else self._workers.submit(file)


class Reader:
    """What a worker reads with: one process, which bounds time and memory."""

    def __init__(self, version: int) -> None:
        """Start to read as another machine's readers of this version do.

        Raises:
            ClusterError: those of this machine are of another version.
        """
        if version != READER_VERSION:
            raise ClusterError(
                f"A machine of the cluster reads by version {READER_VERSION}, this one by {version}: install the same "
                "version of Minutebook on all."
            )
        self._pool = Pool(1)

    def __call__(self, content: Content) -> Reading:
        """Read what a file holds.

        Raises:
            ReadError: it cannot be read.
        """
        return self._pool.read(content).result()
