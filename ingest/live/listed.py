"""A page that lists minutes as documents: councils without a committee system that we know."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import unquote, urljoin, urlsplit

from corpus.coverage import Meeting
from corpus.errors import FetchError
from ingest.dates import dates_in
from ingest.live.page import pieces_of
from ingest.live.sites import Desk, File, Gathered, Progress, document_ending, slug

_DOCUMENT = re.compile(r"\.(?:pdf|docx)$", re.IGNORECASE)
_MINUTES = re.compile(r"minutes|cofnodion", re.IGNORECASE)


class ListedDocuments:
    """One page, and the minutes that it links to."""

    def __init__(self, desk: Desk) -> None:
        """The desk's base is the address of the page."""
        self.desk = desk
        self.how = "listed documents"

    def meetings(self, since: date, until: date, wanted: Sequence[str], progress: Progress) -> list[Meeting]:
        """Return a meeting for each document whose words or name say minutes; its date where they say one."""
        base = self.desk.base
        found: dict[str, Meeting] = {}
        for piece in pieces_of(self.desk.listing(f"page-{slug(base)}.html", base)):
            url = urljoin(base, piece.href or "")
            path = unquote(urlsplit(url).path)
            about = f"{piece.words} {path.rpartition('/')[2].replace('_', ' ').replace('-', ' ')}"
            if piece.href and _DOCUMENT.search(path) and _MINUTES.search(about):
                day = next((found.value for found in (*dates_in(piece.words), *dates_in(about))), None)
                number = hashlib.sha256(url.encode()).hexdigest()[:12]
                found.setdefault(number, self.desk.meeting(number, None, day, url, False))
        if not found:
            raise FetchError(base, "has no committee system that we know, and lists no minutes as documents")
        first, last = since.isoformat(), until.isoformat()
        return [entry for entry in found.values() if not entry.meeting_date or first <= entry.meeting_date <= last]

    def gather(self, meeting: Meeting) -> Gathered:
        """Fetch the document."""
        answer = self.desk.web.get(meeting.url)
        stem = slug(unquote(urlsplit(meeting.url).path.rpartition("/")[2].rpartition(".")[0]))
        draft = re.search(r"draft", stem) is not None
        name = f"{stem}-{meeting.meeting_id}{document_ending(answer)}"
        file = File(name, answer, "minutes", meeting.url, "draft" if draft else "final")
        return Gathered(replace(meeting, minutes="draft" if draft else "final"), (file,))
