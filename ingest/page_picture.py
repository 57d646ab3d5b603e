"""The picture of a page of an ingested PDF, and where on it the lines of a quote stand.

The picture is of the very file that was read: of bytes whose SHA-256 is in its fingerprint. Each is drawn in a
process of its own, since damaged files can crash or hang pdfium, and kept in the data directory.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from corpus.catalogue import Catalogue
from corpus.errors import NotFoundError, PictureError
from corpus.model import Document, Page, Source
from corpus.withdrawals import places
from ingest.fingerprint import content_of, of_content
from ingest.page_words import Box, find
from ingest.page_worker import Sheet, pack_problem, unpack
from ingest.readers import MAX_BYTES

SECONDS = 20.0  # for one page, and to wait for others to be drawn
MEMORY = 1_500_000_000
CACHE_BYTES = 200_000_000
FOLDER = "page_pictures"  # below the data directory
_RETRY_AFTER = 3600.0  # seconds until a page that could not be drawn is tried again
_DRAWING = 1  # raised when pages are drawn differently, so that none drawn before is shown
_ROOT = str(Path(__file__).resolve().parent.parent)
_BOOT = (
    "import sys; root = sys.argv[1]; sys.path.insert(0, root) if root not in sys.path else None;"
    "from ingest.page_worker import serve; serve(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))"
)
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a PNG picture of ``width`` by ``height`` pixels, without marks in it.

    ``boxes`` are the lines of the quote that was asked for, in shares of the page; ``words`` counts the quote's
    words on this page and ``words_found`` those inside the boxes: none on a page without a text layer.
    """

    png: bytes
    width: int
    height: int
    boxes: tuple[Box, ...] = ()
    words: int = 0
    words_found: int = 0


def page_picture(
    catalogue: Catalogue, document_id: str, page: int, quote: tuple[int, int] | None = None
) -> PagePicture:
    """Draw a page of a PDF as it was ingested, and find a quote on it.

    Args:
        page: physical page, from 1.
        quote: start and end of the quote in the document's text; what lies on other pages is left out.

    Raises:
        NotFoundError: no such document or page, no file holds it any more, or a passage of it was withdrawn.
        PictureError: the page cannot be drawn, or not now.
    """
    document = catalogue.document(document_id)
    place = next((each for each in document.pages if each.number == page), None)
    if place is None:
        raise NotFoundError(_no_page(document, page))
    if any(each.start < place.end and place.start < each.end for each in places(catalogue.connection, document_id)):
        raise NotFoundError("A passage of this page was withdrawn, so its picture is not shown: read its text instead.")
    sheet = _sheet(catalogue, document_id, page)
    if quote is None:
        return PagePicture(sheet.png, sheet.width, sheet.height)
    before, quoted = _on_page(document, place, quote)
    marks = find(sheet.letters, quoted, before, sheet.width / sheet.height)
    return PagePicture(sheet.png, sheet.width, sheet.height, marks.boxes, marks.words, marks.words_found)


def forget_pictures(catalogue: Catalogue) -> None:
    """Delete the pictures that are kept, as is due when documents are forgotten; they are drawn anew when wanted."""
    shutil.rmtree(catalogue.directory / FOLDER, ignore_errors=True)


def _no_page(document: Document, page: int) -> str:
    if not document.pages:
        return "The document is no PDF: it has no pages to show."
    return f"The document has no page {page}: its pages are {document.pages[0].number} to {document.pages[-1].number}."


def _on_page(document: Document, page: Page, quote: tuple[int, int]) -> tuple[str, str]:
    """Return the text of a page before a quote, and the part of the quote that stands on it."""
    start, end = max(page.start, quote[0]), min(page.end, quote[1])
    return document.text[page.start : start], document.text[start : max(start, end)]


# -- from the file, or kept from before ------------------------------------------------------------------


def _sheet(catalogue: Catalogue, document_id: str, page: int) -> Sheet:
    sources = catalogue.sources_of(document_id)
    contents = [content for source in sources if (content := content_of(source.fingerprint))]
    files = [catalogue.directory / FOLDER / f"{content}-{page}-{_DRAWING}" for content in dict.fromkeys(contents)]
    kept = next((sheet for file in files if (sheet := _kept(file))), None)
    if kept is None:
        data, content = _unchanged(sources)
        packed = _drawn(data, page)
        _keep(catalogue.directory / FOLDER / f"{content}-{page}-{_DRAWING}", packed)
        kept = unpack(packed)
    if isinstance(kept, str):
        raise PictureError(f"Page {page} cannot be drawn ({kept}): read its text instead.")
    return kept


def _unchanged(sources: list[Source]) -> tuple[bytes, str]:
    """Return the bytes of the first file that is still as it was read, and what stands for them."""
    for source in sources:
        file = Path(source.location)
        with suppress(OSError):
            if file.is_file() and file.stat().st_size <= MAX_BYTES:
                data = file.read_bytes()
                if (content := of_content(data)) == content_of(source.fingerprint):
                    return data, content
    if any(content_of(source.fingerprint) is None for source in sources):
        raise NotFoundError("The file was read by an older Minutebook: ingest it again to see its pages.")
    raise NotFoundError("The file is gone or has changed since it was read: ingest it again to see its pages.")


def _drawn(data: bytes, page: int) -> bytes:
    """Have a page drawn, packed as ``ingest.page_worker`` does it.

    Raises:
        PictureError: too many are waiting.
    """
    if not _one_at_a_time.acquire(timeout=SECONDS):
        raise PictureError("Too many pages are being drawn: try again in a minute.")
    command = [sys.executable, "-P", "-W", "ignore", "-c", _BOOT, _ROOT, str(page), str(MEMORY), str(SECONDS)]
    try:
        done = subprocess.run(
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False
        )
        if done.returncode == 0:
            unpack(done.stdout)
            return done.stdout
    except subprocess.TimeoutExpired:
        return pack_problem(f"it takes longer than {SECONDS:.0f} s")
    except ValueError:
        pass
    except OSError as exc:
        raise PictureError(f"No page can be drawn ({exc.strerror}): try again in a minute.") from exc
    finally:
        _one_at_a_time.release()
    return pack_problem("it makes pdfium crash")


def _kept(file: Path) -> Sheet | str | None:
    """Return a page as it was kept; None where it was not, is spoilt, or is an old failure."""
    with suppress(OSError, ValueError):
        sheet = unpack(file.read_bytes())
        if isinstance(sheet, Sheet) or abs(time.time() - file.stat().st_mtime) < _RETRY_AFTER:
            return sheet
    return None


def _keep(file: Path, packed: bytes) -> None:
    """Keep a page where that is possible, and no more of them than ``CACHE_BYTES``: the oldest go."""
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as new:
            try:
                new.write(packed)
                new.close()
                os.replace(new.name, file)
            except OSError:
                Path(new.name).unlink(missing_ok=True)
                raise
        _make_room(file.parent)


def _make_room(folder: Path) -> None:
    held = []
    for entry in os.scandir(folder):
        with suppress(OSError):
            held.append((entry.stat().st_mtime, entry.stat().st_size, entry.path))
    size = sum(each[1] for each in held)
    for _, less, path in sorted(held):
        if size <= CACHE_BYTES:
            return
        with suppress(OSError):
            os.unlink(path)
            size -= less
