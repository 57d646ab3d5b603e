"""The process that reads and understands: one file after another, within its limits, until its caller hangs up.

It is started by ``ingest.pool``, which kills it when a file takes too long, and imports no more than that needs.
"""

import os
import pickle
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from corpus.errors import ReadError
from ingest import ocr
from ingest.readers import Content, read
from ingest.reading import MAX_CHARACTERS, Reading, too_much_text
from ingest.sources import Candidate
from ingest.understanding import Understood, by_words, understand

if sys.platform != "win32":
    import resource


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: seconds, more of them for each page that OCR reads, and bytes of memory.

    ``understanding`` are the seconds for what is made of it once it is read.
    """

    seconds: float = 120.0
    seconds_a_page_of_ocr: float = 20.0
    most_seconds: float = 900.0
    understanding: float = 60.0
    memory: int = 3_000_000_000


@dataclass(frozen=True, slots=True)
class MoreTime:
    """Said before a page is read by OCR."""


@dataclass(frozen=True, slots=True)
class Task:
    """A file to read: what is known of it, and what it holds where its path is another machine's."""

    candidate: Candidate
    content: Content | None = None


Answer = MoreTime | ReadError | Reading | Understood


def serve(handle: int, limits: Limits, careful: bool) -> None:
    """Answer each task that comes in over a connection by its reading and then by what that says, or by an error.

    Args:
        handle: the file descriptor of our end of the connection.
        careful: pdfium is left out, since it has crashed on the file that comes.
    """
    with suppress(KeyboardInterrupt), Connection(handle) as connection:
        _bound(limits.memory)
        _be_quiet()
        if careful:
            from ingest import pdfium

            pdfium.usable = False
        ocr.before_page = lambda: connection.send(MoreTime())
        with suppress(EOFError, OSError):
            while True:
                task: Task = connection.recv()
                _end_after(limits.most_seconds + limits.understanding + 30)
                reading = _read(task, limits)
                connection.send_bytes(_packed(reading))
                if isinstance(reading, Reading):
                    connection.send_bytes(_packed(_understood(reading, task, limits)))
                _end_after(0)


def _packed(answer: Answer) -> bytes:
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)


def _read(task: Task, limits: Limits) -> Reading | ReadError:
    try:
        reading = read(task.content or task.candidate.file)
        return reading if len(reading.text) <= MAX_CHARACTERS else too_much_text()
    except ReadError as exc:
        return exc.with_traceback(None)
    except MemoryError:
        return ReadError(f"needs more than {limits.memory / 1e9:.0f} GB of memory: split it and ingest the parts")
    except RecursionError:
        return ReadError("is nested too deeply: open it and save it again, and ingest that")
    except Exception as exc:  # a fault of ours costs one line, not the run
        return ReadError(f"cannot be read ({_named(exc)}): open it and save it again, and ingest that")


def _understood(reading: Reading, task: Task, limits: Limits) -> Understood:
    try:
        return understand(reading, task.candidate)
    except MemoryError:
        reason = f"needs more than {limits.memory / 1e9:.0f} GB of memory"
    except Exception as exc:  # a fault of ours costs what is understood of one file, not its words
        reason = f"failed ({_named(exc)}: report it)"
    return by_words(reading, task.candidate, reason)


def _named(exc: Exception) -> str:
    return f"{type(exc).__name__}: {(str(exc).splitlines() or [''])[0][:80]}"


def _bound(memory: int) -> None:
    """Have the system refuse more memory than this, and write no core files."""
    if sys.platform != "win32":
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _be_quiet() -> None:
    """Let nothing that the engines print reach the terminal."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


def _end_after(seconds: float) -> None:
    """Have the system end us after a while, should the process that bounds our time be gone; 0 calls it off."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
