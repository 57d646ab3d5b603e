"""CSL-JSON, the form that citation processors (citeproc, pandoc, Zotero) take.

The type is "report", as in RIS: a "hearing" of CSL is one before a legislature, and styles set it so.
"""

import json
from collections.abc import Iterable
from datetime import date

from webapp.citing.reference import Reference, item, one_line, remarks

MIMETYPE = "application/vnd.citationstyles.csl+json"


def csl_of(references: Iterable[Reference]) -> str:
    """Return references as a list in CSL-JSON."""
    return json.dumps([_item(reference) for reference in references], ensure_ascii=False, indent=2) + "\n"


def _item(reference: Reference) -> dict[str, object]:
    day = date.fromisoformat(reference.meeting_date) if reference.meeting_date else None
    fields: dict[str, object] = {
        "id": reference.key,
        "type": "report",
        "title": reference.title,
        "author": [{"literal": reference.authority}] if reference.authority else None,
        "publisher": reference.authority,
        "collection-title": reference.committee,
        "genre": reference.genre,
        "issued": _date(day) if day else None,
        "section": item(reference),
        "page": str(reference.page) if reference.page is not None else None,
        "abstract": one_line(reference.quote) if reference.quote else None,
        "URL": reference.url,
        "accessed": _date(reference.accessed),
        "note": ". ".join(remarks(reference)),
    }
    return {name: value for name, value in fields.items() if value}


def _date(day: date) -> dict[str, object]:
    return {"date-parts": [[day.year, day.month, day.day]]}
