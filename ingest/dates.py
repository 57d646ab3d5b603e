"""Dates as councils write them: "Thursday, 13th February, 2025", "21ST OCTOBER 2019", "29/06/2021".

A date is read only where day, month and year all stand in the text and exist in the calendar; slashed and
dotted dates are day first, as in the UK.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_ENGLISH = "january february march april may june july august september october november december".split()
_WELSH = "ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr".split()
_MONTHS = {name[: max(3, len(name))]: number for names in (_ENGLISH, _WELSH) for number, name in enumerate(names, 1)}
_MONTHS |= {name[:3]: number for number, name in enumerate(_ENGLISH, 1)} | {"sept": 9}
_NAMES = f"(?ai:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"  # a: without case, a long s is no s
_ORDINAL = r"(?:\s?(?:st|nd|rd|th|™|ain|af|fed|eg|ydd|il))?"
_DATE = re.compile(
    rf"""
    (?<![\d.£/-])(?:
      (?P<day>\d{{1,2}}){_ORDINAL}(?:\s+(?:of|o))?[\s,./-]*(?P<month>{_NAMES})\b\.?[\s,./-]*(?P<year>(?:19|20)\d\d)
    | (?P<month_first>{_NAMES})\b\.?\s+(?P<day_after>\d{{1,2}}){_ORDINAL},?\s+(?P<year_after>(?:19|20)\d\d)
    | (?P<iso>(?:19|20)\d\d-\d\d-\d\d)
    | (?P<d>\d{{1,2}})[./-](?P<m>\d{{1,2}})[./-](?P<y>(?:19|20)\d\d)
    )(?!\d)
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text, with its offsets."""

    value: date
    start: int
    end: int


def dates_in(text: str) -> Iterator[FoundDate]:
    """Yield every full date of a text, in order."""
    for match in _DATE.finditer(text):
        value = _value(match)
        if value is not None:
            yield FoundDate(value, match.start(), match.end())


def _value(match: re.Match[str]) -> date | None:
    part = match.groupdict()
    try:
        if part["iso"]:
            return date.fromisoformat(part["iso"])
        if part["d"]:
            return date(int(part["y"]), int(part["m"]), int(part["d"]))
        month = _MONTHS[(part["month"] or part["month_first"]).lower()]
        return date(int(part["year"] or part["year_after"]), month, int(part["day"] or part["day_after"]))
    except ValueError:
        return None
