"""The machine: Python and packages, tesseract, memory, open files, the clock and the port."""

import errno
import importlib.metadata
import os
import resource
import shutil
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from corpus.settings import setting
from index.encoder import SHIPPED
from ingest import ocr
from webapp.doctor.finding import Finding

LEAST_MEMORY = 1_500_000_000  # bytes: for one worker, and for an ingest
A_WORKER = 500_000_000  # bytes of each further one
LEAST_FILES = 1_024
WRITTEN = 1_735_689_600  # 1 January 2025: no clock that is right shows an earlier time
AHEAD = 86_400  # seconds that a file of ours may be newer than the clock
_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")


def machine(data: Path, host: str, port: int, workers: int = 1) -> list[Finding]:
    """Look at all of it; ``host`` and ``port`` are where the site is to be served, by so many worker processes."""
    return [_python(), *_packages(), *_tesseract(), _memory(workers), _files(), _clock(data), _port(host, port)]


def _python() -> Finding:
    return Finding("ok", "python", f"Python {'.'.join(map(str, sys.version_info[:3]))} on {sys.platform}.")


def _packages() -> list[Finding]:
    """Look whether each package that Minutebook needs is there in a version it works with."""
    try:
        needed = [Requirement(line) for line in importlib.metadata.requires("minutebook") or ()]
    except (importlib.metadata.PackageNotFoundError, InvalidRequirement):
        advice = "Run 'pip install -e .' in the repository."
        return [Finding("problem", "packages", "Minutebook itself is not installed.", advice)]
    wrong = []
    for one in needed:
        if one.marker is not None and not one.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(one.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{one.name} is missing")
            continue
        if not one.specifier.contains(version, prereleases=True):
            wrong.append(f"{one.name} is {version}, not {one.specifier}")
    if wrong:
        advice = "Run 'pip install -c constraints.txt -e .' in the repository."
        return [Finding("problem", "packages", f"{'; '.join(wrong)}.", advice), *_extras()]
    return [Finding("ok", "packages", "Every package is there."), *_extras()]


def _extras() -> list[Finding]:
    found = []
    if setting("MINUTEBOOK_LLM_URL") and not _installed("openai"):
        advice = "Run 'pip install -e .[llm]', or unset MINUTEBOOK_LLM_URL."
        found.append(Finding("problem", "packages", "A language model is set, and openai is missing.", advice))
    named = setting("MINUTEBOOK_MODEL") not in SHIPPED or setting("MINUTEBOOK_RERANKER")
    if named and not (_installed("torch") and _installed("sentence-transformers")):
        advice = "Install torch and sentence-transformers, or unset MINUTEBOOK_MODEL and MINUTEBOOK_RERANKER."
        found.append(Finding("problem", "packages", "The model that is set needs PyTorch, which is missing.", advice))
    return found


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _tesseract() -> list[Finding]:
    if not ocr.available():
        seen = "tesseract is not installed: pages of PDFs that are pictures are named and not read."
        return [Finding("warning", "tesseract", seen, "Debian: apt install tesseract-ocr tesseract-ocr-cym.")]
    missing = [name for name in ocr.LANGUAGES if name not in ocr.languages()]
    if missing:
        seen = f"tesseract lacks {' and '.join(missing)}: words of that language are read badly."
        advice = f"Debian: apt install {' '.join(f'tesseract-ocr-{name}' for name in missing)}."
        return [Finding("warning", "tesseract", seen, advice)]
    return [Finding("ok", "tesseract", "Pages without text are read, in English and Welsh.")]


def _memory(workers: int) -> Finding:
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return Finding("ok", "memory", "How much memory there is cannot be seen here.")
    try:
        whole = min(whole, int(_MEMORY_LIMIT.read_text()))
    except (OSError, ValueError):
        pass
    if whole < LEAST_MEMORY:
        advice = "Serve with one worker, and ingest while nothing is served; or give the machine 2 GB."
        return Finding("warning", "memory", f"There are {whole / 1e9:.1f} GB of memory.", advice)
    needed = LEAST_MEMORY + (workers - 1) * A_WORKER
    if whole < needed:
        seen = (
            f"{workers} workers and an ingest need about {needed / 1e9:.1f} GB of memory, {whole / 1e9:.1f} are there."
        )
        most = 1 + (whole - LEAST_MEMORY) // A_WORKER
        return Finding("warning", "memory", seen, f"Serve with at most {most} workers, or add memory.")
    return Finding("ok", "memory", f"There are {whole / 1e9:.1f} GB of memory.")


def _files() -> Finding:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most != resource.RLIM_INFINITY and most < LEAST_FILES:
        advice = f"Raise it: 'ulimit -n {LEAST_FILES}', or LimitNOFILE= of the service."
        return Finding("warning", "open files", f"A process may open {most} files at once.", advice)
    return Finding("ok", "open files", "A process may open enough files.")


def _clock(data: Path) -> Finding:
    now = time.time()
    shown = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M} UTC"
    advice = "Set the clock: 'last two years' in a question counts from it, and so do feeds and calendars."
    if now < WRITTEN:
        return Finding("problem", "clock", f"The clock shows {shown}, before this program was written.", advice)
    try:
        newest = (data / "catalogue.sqlite").stat().st_mtime
    except OSError:
        newest = now
    if newest > now + AHEAD:
        return Finding("warning", "clock", f"The clock shows {shown}, and the catalogue was written later.", advice)
    return Finding("ok", "clock", f"The clock shows {shown}.")


def _port(host: str, port: int) -> Finding:
    name = f"port {port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            advice = "That may be Minutebook itself; otherwise choose another: minutebook serve --port."
            return Finding("warning", name, f"Something listens on {host}:{port} already.", advice)
        seen = f"{host}:{port} cannot be listened on: {exc.strerror or exc}."
        return Finding("problem", name, seen, "Choose another address or port: minutebook serve --host, --port.")
    return Finding("ok", name, f"{host}:{port} is free.")


def free_space(place: Path) -> int:
    """Return the bytes that are free where a directory is or would be."""
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
