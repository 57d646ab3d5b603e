"""How fast PDFs are read: pages a second by each route, and the whole reading on one and two processes.

Usage: python tests/bench_read.py FOLDER [ROUNDS]

"bare" is the engine alone over all pages of the same files; "whole" is what ingest does to read and
understand them, repairs, cleaning and OCR included, without cutting passages or writing the catalogue.
"""

import os
import platform
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import pypdf

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from corpus.errors import ReadError
from corpus.model import Document
from ingest import ocr, pdfium
from ingest.identity import Given
from ingest.pool import Pool
from ingest.sources import Candidate
from ingest.understanding import Understood

OCR_PAGES = 12


def by_pypdf(files: Sequence[Path]) -> int:
    pages = 0
    for file in files:
        with suppress(Exception):
            for page in pypdf.PdfReader(file).pages:
                page.extract_text()
                pages += 1
    return pages


def by_pdfium(files: Sequence[Path]) -> int:
    pages = 0
    for file in files:
        with suppress(pdfium.PdfiumError), pdfium.opened(file.read_bytes()) as opened:
            for number in range(1, len(opened) + 1):
                opened.text(number)
                pages += 1
    return pages


def by_ocr(files: Sequence[Path]) -> int:
    pages = 0
    for file in files[:: max(1, len(files) // OCR_PAGES)]:
        with suppress(pdfium.PdfiumError, ocr.OcrError), pdfium.opened(file.read_bytes()) as opened:
            picture = opened.picture(1)
            ocr.read(picture.pgm, picture.dpi)
            pages += 1
    return pages


def whole(workers: int) -> Callable[[Sequence[Path]], int]:
    def run(files: Sequence[Path]) -> int:
        with Pool(workers) as pool:
            readings = [outcome for future in [begun(pool, file) for file in files] if (outcome := settled(future))]
        return sum(len(reading.pages) for reading in readings)

    return run


def begun(pool: Pool, file: Path) -> Future[Understood]:
    return pool.read(Candidate(file, file.name, Given(name=file.stem)))


def settled(future: Future[Understood]) -> Document | None:
    try:
        return future.result().document
    except ReadError:
        return None


def first_document(files: Sequence[Path]) -> int:
    with Pool() as pool:
        settled(begun(pool, min(files, key=lambda file: file.stat().st_size)))
    return 1


def routes(files: Sequence[Path]) -> tuple[Counter[str], int]:
    """Count the pages by their route, and the documents that cannot be read."""
    with Pool() as pool:
        readings = [settled(future) for future in [begun(pool, file) for file in files]]
    counted = Counter(page.route for reading in readings if reading for page in reading.pages)
    return counted, sum(reading is None for reading in readings)


def measure(name: str, work: Callable[[Sequence[Path]], int], files: Sequence[Path], rounds: int) -> None:
    times, pages = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        pages = work(files)
        times.append(time.perf_counter() - began)
    middle = statistics.median(times)
    spread = f"{min(times):.2f}–{max(times):.2f}"
    print(
        f"{name:28} {pages:6} pages {middle:8.2f} s (of {rounds}: {spread}) {pages / middle:8.1f} pages/s", flush=True
    )


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".pdf")
    size = sum(file.stat().st_size for file in files)
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, pypdf {pypdf.__version__}"
    )
    load = os.getloadavg()[0]
    print(f"{len(files)} PDFs, {size / 1e6:.1f} MB, load before {load:.1f}")
    counted, unread = routes(files)
    print(f"routes of pages: {dict(counted)}; documents without text: {unread}")
    measure("first document, with start", first_document, files, rounds)
    measure("bare pypdf", by_pypdf, files, rounds)
    measure("bare pdfium", by_pdfium, files, rounds)
    if ocr.available():
        measure("OCR (drawing and tesseract)", by_ocr, files, rounds)
    for workers in (1, 2):
        measure(f"whole, {workers} process{'es' if workers > 1 else ''}", whole(workers), files, rounds)


if __name__ == "__main__":
    main()
