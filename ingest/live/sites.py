"""What the committee systems have in common: listing meetings, and gathering what one of them has."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from corpus.coverage import Meeting, Status
from corpus.errors import FetchError, ReadError
from corpus.fetched import Shelf
from corpus.register import fold
from ingest import html
from ingest.live.web import Answer, Web
from ingest.plain import decode

CLOSED_AFTER = timedelta(days=365)
Progress = Callable[[Sequence[Any], str], Iterable[Any]]


def silently(items: Sequence[Any], _: str) -> Iterable[Any]:
    """Show no progress."""
    return items


@dataclass(frozen=True, slots=True)
class File:
    """Something fetched of a meeting: its name on the shelf, and what goes into the manifest."""

    name: str
    answer: Answer
    kind: str
    url: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a site gave of one meeting, and the meeting as it is known now."""

    meeting: Meeting
    files: tuple[File, ...] = ()


class Site(Protocol):
    """One committee system of one host."""

    how: str
    desk: "Desk"

    def meetings(self, since: date, until: date, wanted: Sequence[str], progress: Progress) -> list[Meeting]:
        """List the meetings of a stretch of time; FetchError where nothing can be listed."""

    def gather(self, meeting: Meeting) -> Gathered:
        """Fetch what there is of a meeting; FetchError where there is no answer."""


@dataclass
class Desk:
    """What a site works with, and what it has to say: committees seen, notes, and lists that failed."""

    web: Web
    shelf: Shelf
    host: str
    base: str
    authority_of: Callable[[str | None], str | None]
    now: datetime
    committees: int = 0
    notes: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def listing(self, name: str, url: str, *, closed: date | None = None, slow: bool = False) -> str:
        """Return a list, kept as evidence. One about days long past (``closed``) is not asked for twice.

        Raises:
            FetchError: there is no answer.
        """
        kept = self.shelf.listing(name)
        if kept and closed and kept[1][:10] > (closed + CLOSED_AFTER).isoformat():
            return decode(kept[0])
        answer = self.web.get(url, slow=slow)
        text = page_text(answer)
        self.shelf.keep_listing(name, answer.body, url, self.now.isoformat(timespec="seconds"))
        return text

    def meeting(self, number: str, committee: str | None, when: date | None, url: str, cancelled: bool) -> Meeting:
        """Return a meeting as a list shows it."""
        status: Status = "held" if when is None or when <= self.now.date() else "future"
        return Meeting(
            host=self.host,
            meeting_id=number,
            authority=self.authority_of(committee),
            committee=committee,
            meeting_date=when.isoformat() if when else None,
            url=url,
            status="cancelled" if cancelled else status,
        )


def page_text(answer: Answer) -> str:
    """Return an answer that should be a page as text.

    Raises:
        FetchError: it is not text.
    """
    try:
        return decode(answer.body)
    except ReadError as exc:
        raise FetchError(answer.url, str(exc)) from exc


def is_wanted(name: str, wanted: Sequence[str]) -> bool:
    """Tell whether a committee is one of those asked for ("planning" asks for every planning committee)."""
    return not wanted or any(fold(part) in fold(name) for part in wanted)


def document_ending(answer: Answer) -> str:
    """Return ".pdf" or ".docx" by what a document holds.

    Raises:
        FetchError: it is something else, such as a page that says sorry.
    """
    if b"%PDF-" in answer.body[:1024]:
        return ".pdf"
    if answer.body.startswith(b"PK\x03\x04"):
        return ".docx"
    raise FetchError(answer.url, f"is not a document but {answer.content_type or 'something else'}")


def slug(words: str) -> str:
    """Return words as a part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60] or "document"


def same_words(old: bytes, new: bytes) -> bool:
    """Tell whether two pages say the same, whatever else in them has changed."""
    return old == new or html.read(decode(old)).text == html.read(decode(new)).text


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
