"""A reference: what every form of citation is written from."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

from corpus.model import Document
from index.citation import citation_line, spoken_date
from index.hits import Hit

GENRES = {"minutes": "Minutes", "decision": "Decision", "report": "Report", "agenda": "Agenda"}
OCR = "Text read by optical character recognition"
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=-._~"
_UNWANTED = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # they reorder what follows
    "\ufffe\uffff"  # no characters, which XML refuses
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A passage, or a document where ``quote`` is None, ready to be cited; None means that it is not known.

    All but the quote is one line without control characters. ``quote`` is verbatim. ``source`` is the address of the
    original, ``permalink`` that of the passage here; ``accessed`` is the day on which it was looked up.
    """

    key: str
    genre: str
    title: str
    authority: str | None
    committee: str | None
    meeting_date: str | None
    item_number: str | None
    item_title: str | None
    page: int | None
    quote: str | None
    partial: bool
    ocr: bool
    source: str | None
    permalink: str | None
    accessed: date

    @property
    def url(self) -> str | None:
        """Return the address to cite: that of the original, which others can open too, else the permalink."""
        return self.source or self.permalink


def of_hit(hit: Hit, url: str, accessed: date) -> Reference:
    """Return the reference of a passage; ``url`` is its permanent address here."""
    return Reference(
        key=hit.passage_id,
        genre=_genre(hit.kind),
        title=one_line(hit.title),
        authority=_known(hit.authority),
        committee=_known(hit.committee),
        meeting_date=hit.meeting_date,
        item_number=_known(hit.item_number),
        item_title=_known(hit.item_title),
        page=hit.page,
        quote=hit.text,
        partial=hit.partial,
        ocr=hit.ocr,
        source=web_address(hit.url),
        permalink=web_address(url),
        accessed=accessed,
    )


def of_document(document: Document, url: str, accessed: date) -> Reference:
    """Return the reference of a whole document; ``url`` is its permanent address here."""
    return Reference(
        key=document.document_id,
        genre=_genre(document.kind),
        title=one_line(document.title),
        authority=_known(document.authority.value),
        committee=_known(document.committee.value),
        meeting_date=document.meeting_date.value,
        item_number=None,
        item_title=None,
        page=None,
        quote=None,
        partial=document.partial,
        ocr=any(page.route == "ocr" for page in document.pages),
        source=web_address(document.url.value),
        permalink=web_address(url),
        accessed=accessed,
    )


def line(reference: Reference) -> str:
    """Return the citation line of a reference without an address; what is unknown is said to be."""
    return citation_line(
        authority=reference.authority,
        committee=reference.committee,
        meeting_date=reference.meeting_date,
        item_number=reference.item_number,
        item_title=reference.item_title,
        page=reference.page,
        title=reference.title,
        url=None,
        partial=reference.partial,
    )


def plain_of(reference: Reference) -> str:
    """Return the citation in one line of plain text, with its address and the day on which it was looked up."""
    address = f" {reference.url}" if reference.url else ""
    return f"{line(reference)}{address} (accessed {spoken_date(reference.accessed.isoformat())})"


def item(reference: Reference) -> str | None:
    """Return the agenda item: "Item 7: Title", or what is known of it."""
    if reference.item_number:
        return f"Item {reference.item_number}" + (f": {reference.item_title}" if reference.item_title else "")
    return f"Item: {reference.item_title}" if reference.item_title else None


def remarks(reference: Reference) -> tuple[str, ...]:
    """Return what a reader must know and no field of a reference manager takes, each without a full stop."""
    here = reference.permalink if reference.source else None  # without a source it is the address that is cited
    found = (
        item(reference),
        "Partial record: its source cuts it off" if reference.partial else None,
        OCR if reference.ocr else None,
        f"Read at {here}" if here else None,
    )
    return tuple(remark for remark in found if remark)


def one_line(text: str) -> str:
    """Return a text on one line: white space folded; no control characters, half characters or bidi controls."""
    return " ".join("".join(char if _harmless(char) else "" for char in " ".join(text.split())).split())


def readable(text: str) -> str:
    """Return a text with its line ends as "\\n", and else without what ``one_line`` takes out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(one_line(each) for each in lines)


def web_address(url: str | None) -> str | None:
    """Return an http or https address in the characters an address may have; None where it is no such address."""
    try:
        parts = urlsplit((url or "").strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return quote((url or "").strip(), safe=_URL_CHARACTERS, errors="replace") if usable else None


def _harmless(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cs") and char not in _UNWANTED


def _known(value: str | None) -> str | None:
    return (one_line(value) or None) if value else None


def _genre(kind: str) -> str:
    return GENRES.get(kind, "Minutes")
