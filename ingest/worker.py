"""The process that reads: one file after another, within its limits, until its caller hangs up.

It is started by ``ingest.pool``, which kills it when a file takes too long, and imports the readers only.
"""

import os
import pickle
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from corpus.errors import ReadError
from ingest import ocr, pdfium
from ingest.readers import Content, read
from ingest.reading import MAX_CHARACTERS, Reading, too_much_text

if sys.platform != "win32":
    import resource


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: seconds, more of them for each page that OCR reads, and bytes of memory."""

    seconds: float = 120.0
    seconds_a_page_of_ocr: float = 20.0
    most_seconds: float = 900.0
    memory: int = 3_000_000_000


@dataclass(frozen=True, slots=True)
class MoreTime:
    """Said before a page is read by OCR."""


Answer = Reading | ReadError | MoreTime


def serve(handle: int, limits: Limits, careful: bool) -> None:
    """Answer each file that comes in over a connection by its reading, or by the error that says why not.

    A file comes as its path, or as what it holds where that path is another machine's.

    Args:
        handle: the file descriptor of our end of the connection.
        careful: pdfium is left out, since it has crashed on the file that comes.
    """
    with suppress(KeyboardInterrupt), Connection(handle) as connection:
        _bound(limits.memory)
        _be_quiet()
        pdfium.usable = not careful
        ocr.before_page = lambda: connection.send(MoreTime())
        with suppress(EOFError, OSError):
            while True:
                file: Path | Content = connection.recv()
                _end_after(limits.most_seconds + 30)
                connection.send_bytes(pickle.dumps(_answer(file, limits), pickle.HIGHEST_PROTOCOL))
                _end_after(0)


def _answer(file: Path | Content, limits: Limits) -> Answer:
    try:
        reading = read(file)
        return reading if len(reading.text) <= MAX_CHARACTERS else too_much_text()
    except ReadError as exc:
        return exc.with_traceback(None)
    except MemoryError:
        return ReadError(f"needs more than {limits.memory / 1e9:.0f} GB of memory: split it and ingest the parts")
    except RecursionError:
        return ReadError("is nested too deeply: open it and save it again, and ingest that")
    except Exception as exc:  # a fault of ours costs one line, not the run
        reason = (str(exc).splitlines() or [""])[0][:80]
        return ReadError(f"cannot be read ({type(exc).__name__}: {reason}): open it and save it again, and ingest that")


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
