"""How often the words of a passage are found on the picture of its page, and what a picture costs.

    python tests/measure_page_pictures.py DATA [NUMBER]     (DATA is only read: pictures are kept elsewhere)

A sample of the passages of PDFs is drawn with a fixed seed. A passage counts as marked where 95 % of its words on
the page are inside the boxes; pages read by OCR have no text layer and are counted apart. Each is drawn anew.
"""

import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from corpus.catalogue import Catalogue
from corpus.errors import MinutebookError
from ingest.page_picture import forget_pictures, page_picture

ENOUGH = 0.95


def spread(name: str, values: list[float], unit: str) -> None:
    """Print the median and the 95th percentile."""
    ordered = sorted(values)
    print(f"{name}: median {statistics.median(ordered):.3f}, p95 {ordered[int(0.95 * (len(ordered) - 1))]:.3f} {unit}")


def main(data: Path, number: int) -> None:
    """Print the shares, times and sizes."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copy(data / "catalogue.sqlite", copy)
        catalogue = Catalogue(Path(copy))
        rows = catalogue.connection.execute(
            'SELECT p.document_id, p.page, p.start, p."end", g.route FROM passages p'
            " JOIN pages g ON g.document_id = p.document_id AND g.number = p.page ORDER BY p.row"
        ).fetchall()
        shares: dict[str, list[float]] = {"text layer": [], "OCR": []}
        walls, cpus, again, sizes = [], [], [], []
        for document_id, page, start, end, route in random.Random(7).sample(rows, min(number, len(rows))):
            forget_pictures(catalogue)
            used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            try:
                picture = page_picture(catalogue, document_id, page, (start, end))
            except MinutebookError as exc:
                print(f"{document_id} page {page}: {exc}")
                continue
            walls.append(time.perf_counter() - began)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpus.append(after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime)
            began = time.perf_counter()
            page_picture(catalogue, document_id, page, (start, end))
            again.append(time.perf_counter() - began)
            sizes.append(len(picture.png) / 1000)
            share = picture.words_found / max(1, picture.words)
            shares["OCR" if route == "ocr" else "text layer"].append(share)
            if share < ENOUGH and route != "ocr":
                print(f"{document_id} page {page}, {start}-{end}: {picture.words_found} of {picture.words} words")
    for name, found in shares.items():
        marked, some = sum(share >= ENOUGH for share in found), sum(share > 0 for share in found)
        print(f"{name}: {len(found)} passages, {marked} marked, {some} at least in part")
    if not walls:
        sys.exit("No picture could be drawn.")
    spread("first time, wall", walls, "s")
    spread("first time, CPU of the process that draws", cpus, "s")
    spread("kept before, wall", again, "s")
    spread("picture", sizes, "kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)
