"""Citations: a reference line that anyone can paste, and the address that leads to the place."""

from datetime import date


def citation_line(
    *,
    authority: str | None,
    committee: str | None,
    meeting_date: str | None,
    item_number: str | None,
    item_title: str | None,
    page: int | None,
    title: str,
    url: str | None,
    partial: bool,
) -> str:
    """Return "Authority, Committee, 13 February 2025, item 7 (Title), p. 3, address".

    What is not known is said to be unknown, and a record that its source cuts off is said to be partial.
    """
    parts = [
        authority or "Authority unknown",
        committee or "committee unknown",
        spoken_date(meeting_date) if meeting_date else "date unknown",
    ]
    if item_number and item_title:
        parts.append(f"item {item_number} ({item_title})")
    elif item_title:
        parts.append(f"“{item_title}”")
    elif item_number:
        parts.append(f"item {item_number}")
    else:
        parts.append(f"“{title}”")
    if page is not None:
        parts.append(f"p. {page}")
    if partial:
        parts.append("partial record")
    line = ", ".join(parts) + "."
    return f"{line} {url}" if url else line


def spoken_date(iso: str) -> str:
    """Return an ISO date as councils write it: "13 February 2025"."""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"


def address(url: str | None, anchor: str | None, page: int | None, is_pdf: bool) -> str | None:
    """Return the address of the document at the cited item or page, where it can be given."""
    if not url or "#" in url:
        return url
    if anchor:
        return f"{url}#{anchor}"
    return f"{url}#page={page}" if page is not None and is_pdf else url
