"""RIS, the format that every reference manager reads.

The type is RPRT. Zotero makes a report of RPRT and of GOVDOC alike, and others know RPRT better; a report has a
corporate author, an institution, a series and a type. HEAR would have a field for the committee, but no author.
"""

from collections.abc import Iterable, Iterator

from webapp.citing.reference import Reference, one_line, remarks

MIMETYPE = "application/x-research-info-systems"


def ris_of(references: Iterable[Reference]) -> str:
    """Return references as RIS: one record each, lines ended by CRLF."""
    return "".join(f"{tag}  - {value}\r\n" for reference in references for tag, value in _lines(reference))


def _lines(reference: Reference) -> Iterator[tuple[str, str]]:
    day = reference.meeting_date
    # A comma parts an author's name into last and first name: "Bath, Wells and Frome Council" is left to the publisher.
    author = reference.authority if reference.authority and "," not in reference.authority else None
    fields = (
        ("TI", reference.title),
        ("AU", author),
        ("PB", reference.authority),
        ("T2", reference.committee),
        ("M3", reference.genre),
        ("PY", day[:4] if day else None),
        ("DA", day.replace("-", "/") if day else None),
        ("SP", str(reference.page) if reference.page is not None else None),
        ("AB", one_line(reference.quote) if reference.quote else None),
        ("UR", reference.url),
        ("Y2", f"{reference.accessed:%Y/%m/%d}"),
        *(("N1", remark) for remark in remarks(reference)),
        ("ID", reference.key),
    )
    yield "TY", "RPRT"
    yield from ((tag, value) for tag, value in fields if value)
    yield "ER", ""
