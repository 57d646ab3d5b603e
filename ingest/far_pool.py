"""Reading on the workers of a cluster, which share no file system with this machine: files travel as what they hold.

Each worker reads as this machine would, in a process of its own within the limits, so that what comes back is the same.
"""

from concurrent.futures import Future
from functools import partial
from types import TracebackType

from corpus.errors import ClusterError
from ingest.cluster import Cluster
from ingest.fingerprint import READER_VERSION
from ingest.pool import Pool
from ingest.readers import load
from ingest.sources import Candidate
from ingest.understanding import Understood
from ingest.worker import Task
from ingest.workers import Workers


class FarPool:
    """Reads files on a cluster, with the methods of ``Pool``."""

    def __init__(self, cluster: Cluster) -> None:
        self._workers: Workers[Candidate, Understood] = Workers(cluster, partial(Reader, READER_VERSION), _loaded)
        self.workers = self._workers.number

    def __enter__(self) -> "FarPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.close()

    def read(self, candidate: Candidate) -> Future[Understood]:
        """Begin to read a file; the future raises ReadError where it cannot be read."""
        return self._workers.submit(candidate)


def _loaded(candidate: Candidate) -> Task:
    return Task(candidate, load(candidate.file))


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

    def __call__(self, task: Task) -> Understood:
        """Read what a file holds, and understand it.

        Raises:
            ReadError: it cannot be read.
        """
        return self._pool.read(task.candidate, task.content).result()
