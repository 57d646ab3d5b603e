"""Reading and understanding in processes of their own, several at a time, each bounded and killed beyond its bounds.

One thread a process waits for it, so that time is kept while the caller does other work. A process reads
many documents, is replaced when it ends or is ended, and is told nothing but which file, or what is in it.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from threading import Lock
from types import TracebackType

from corpus.errors import ReadError
from ingest.readers import Content
from ingest.reading import Reading
from ingest.sources import Candidate
from ingest.understanding import Understood, by_words
from ingest.worker import Answer, Limits, Task

LIMITS = Limits()
DOCUMENTS_A_PROCESS = 200  # then a new one takes its place, so that none grows for ever
_ROOT = str(Path(__file__).resolve().parent.parent)
_BOOT = (
    "import sys; root = sys.argv[1]; sys.path.insert(0, root) if root not in sys.path else None;"
    "from ingest.worker import Limits, serve;"
    "serve(int(sys.argv[2]), Limits(*map(float, sys.argv[3].split(',')), int(sys.argv[4])), sys.argv[5] == 'careful')"
)


class _Stopped(Exception):
    """A process ended by itself; the number of the signal that ended it is positive; ``reading`` came before."""

    def __init__(self, code: int, reading: Reading | None) -> None:
        self.reading = reading
        self.signal = max(0, -code)
        name = signal.Signals(self.signal).name if self.signal else f"exit code {code}"
        super().__init__(name)


class _Process:
    """One reading process and our end of its connection."""

    def __init__(self, limits: Limits, careful: bool = False) -> None:
        self.limits, self.documents, self.ended = limits, 0, False
        self._connection, theirs = Pipe()
        times = f"{limits.seconds},{limits.seconds_a_page_of_ocr},{limits.most_seconds},{limits.understanding}"
        arguments = [_ROOT, str(theirs.fileno()), times, str(limits.memory), "careful" if careful else "whole"]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-W", "ignore", "-c", _BOOT, *arguments],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is ours to act on; what it starts is ended with it
            )
        finally:
            theirs.close()

    def read(self, task: Task) -> Understood:
        """Have one file read and understood.

        Raises:
            ReadError: it cannot be read, or not within the limits.
            _Stopped: the process has ended.
        """
        self.documents += 1
        began, allowed, reading = time.monotonic(), self.limits.seconds, None
        try:
            self._connection.send(task)
            while True:
                if not self._connection.poll(max(0.0, began + allowed - time.monotonic())):
                    self.end()
                    took = f"took longer than {allowed:.0f} s"
                    if reading:
                        return by_words(reading, task.candidate, took)
                    raise ReadError(f"{took}: split it or save it again, and ingest that")
                answer: Answer = self._connection.recv()
                if isinstance(answer, Understood):
                    return answer
                if isinstance(answer, ReadError):
                    raise answer
                if isinstance(answer, Reading):
                    began, allowed, reading = time.monotonic(), self.limits.understanding, answer
                else:
                    allowed = min(allowed + self.limits.seconds_a_page_of_ocr, self.limits.most_seconds)
        except (EOFError, OSError) as exc:
            self.end()
            raise _Stopped(self._process.returncode, reading) from exc

    def end(self) -> None:
        """Kill the process and what it has started."""
        if not self.ended:
            self.ended = True
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)  # not waited for before, so the number is still its own
        self._process.wait()

    def close(self) -> None:
        """End the process and hang up."""
        self.end()
        self._connection.close()


class Pool:
    """Reads files in up to ``workers`` processes, which are started as they are needed."""

    def __init__(self, workers: int | None = None, limits: Limits | None = None) -> None:
        self.workers = workers or os.cpu_count() or 1
        self._limits = limits or LIMITS
        self._threads = ThreadPoolExecutor(self.workers)
        self._lock = Lock()
        self._idle: list[_Process] = []
        self._all: set[_Process] = set()
        self._closed = False

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, candidate: Candidate, content: Content | None = None) -> Future[Understood]:
        """Begin to read a file, or what it holds; the future raises ReadError where it cannot be read."""
        return self._threads.submit(self._read, Task(candidate, content))

    def close(self) -> None:
        """End all processes at once, whatever they are at."""
        with self._lock:
            self._closed = True
            for process in self._all:
                process.end()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._all:
            process.close()
        self._all.clear()

    def _read(self, task: Task) -> Understood:
        """Read a file, a second time where the process ended under it: without pdfium where that may be why."""
        try:
            return self._attempt(task, careful=False)
        except _Stopped as first:
            careful = first.signal != signal.SIGKILL
        try:
            return self._attempt(task, careful)
        except _Stopped as exc:
            if exc.reading:
                return by_words(exc.reading, task.candidate, f"ended the process twice ({exc})")
            raise ReadError(f"ended the reading process twice ({exc}): save it again and ingest that") from exc

    def _attempt(self, task: Task, careful: bool) -> Understood:
        process = self._take(careful)
        try:
            return process.read(task)
        except _Stopped:
            if self._closed:
                raise CancelledError from None
            raise
        finally:
            self._give_back(process, keep=not careful)

    def _take(self, careful: bool) -> _Process:
        with self._lock:
            if self._closed:
                raise CancelledError
            if self._idle and not careful:
                return self._idle.pop()
            process = _Process(self._limits, careful)
            self._all.add(process)
            return process

    def _give_back(self, process: _Process, keep: bool) -> None:
        with self._lock:
            if self._closed:
                return
            if keep and not process.ended and process.documents < DOCUMENTS_A_PROCESS:
                self._idle.append(process)
                return
            self._all.remove(process)
        process.close()
