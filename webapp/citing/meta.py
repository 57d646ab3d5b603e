"""What the page of a passage or document says of itself to machines: as names and values, for templates to write.

``head`` goes into ``<meta name= content=>``. It names the authority as institution and publisher, never as author:
Zotero takes every author of a page for a person, and "Kent County Council" for a Mr Council. ``microdata`` goes into
``<meta itemprop= content=>`` (``<link itemprop= href=>`` for an address) inside an element with ``itemscope`` and
``itemtype``: schema.org without JSON-LD, as our pages hold no script elements, not even for data.
"""

from collections.abc import Iterable

from webapp.citing.reference import Reference, item, one_line

ITEM_TYPE = "https://schema.org/Report"
ADDRESSES = frozenset({"url", "isBasedOn"})  # the properties of microdata that are links

Pairs = tuple[tuple[str, str], ...]


def head(reference: Reference) -> Pairs:
    """Return the names and contents for Zotero's Embedded Metadata, Google Scholar's names and Dublin Core."""
    day = reference.meeting_date
    quote = one_line(reference.quote) if reference.quote else None
    return _known(
        [
            ("citation_title", reference.title),
            ("citation_technical_report_institution", reference.authority),
            ("citation_series_title", reference.committee),
            ("citation_date", day.replace("-", "/") if day else None),
            ("citation_firstpage", str(reference.page) if reference.page is not None else None),
            ("citation_abstract", quote),
            ("citation_public_url", reference.url),
            ("DC.title", reference.title),
            ("DC.publisher", reference.authority),
            ("DC.date", day),
            ("DC.type", reference.genre),
            ("DC.description", quote),
            ("DC.identifier", reference.permalink),
            ("DC.source", reference.source),
        ]
    )


def microdata(reference: Reference) -> Pairs:
    """Return the properties of schema.org; the day is that of which the record tells, its publication is not known."""
    return _known(
        [
            ("name", reference.title),
            ("author", reference.authority),
            ("genre", reference.genre),
            ("contentReferenceTime", reference.meeting_date),
            ("about", item(reference)),
            ("pagination", str(reference.page) if reference.page is not None else None),
            ("abstract", one_line(reference.quote) if reference.quote else None),
            ("url", reference.permalink),
            ("isBasedOn", reference.source),
        ]
    )


def _known(pairs: Iterable[tuple[str, str | None]]) -> Pairs:
    return tuple((name, value) for name, value in pairs if value)
