"""Periods as people type them: "2024", "May 2024", "31/05/2024"; and in a question, "since 2021", "last two years".

A year in a question is often not the day of a meeting ("the 2025-26 budget", "Plan 2030", "in 2023 prices"),
so only wording that can hardly mean anything else is taken for a period.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTH_NAMES = "january february march april may june july august september october november december".split()
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_MONTHS |= {name[:3]: number for name, number in list(_MONTHS.items())} | {"sept": 9}
_NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
} | {"couple of": 2, "eighteen": 18}

_YEAR = r"(?:19|20)\d\d"
_NAME = r"(?ai:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_NAME},?\s+{_YEAR}|\d{{1,2}}/\d{{1,2}}/{_YEAR}|{_YEAR}-\d\d-\d\d)"
_POINT = rf"(?:{_DAY}|{_NAME},?\s+{_YEAR}|{_YEAR}-(?:0[1-9]|1[0-2])(?![\d-])|{_YEAR})"
# What shows that the period before it says of a thing what it is, not when a meeting was.
_NOT_WHEN = r"""(?![\w£%]|[-–/'’.]\w|['’]|\s*(?:,|and|or|&|to|-|–)\s*(?:19|20)\d\d|
    \s+(?:(?:local|general|mayoral|county|council|by-|european|census|revenue|
    capital|annual|corporate|financial|draft|final|proposed|pay|\w+'s)\s+)?
    (?:acts?|regulations?|orders?|prices?|levels?|terms|figures?|rates?|values?|budgets?|plans?|strateg\w+|polic\w+|
    programmes?|schemes?|elections?|referendum|census|accounts?|estimates?|targets?|vision|framework|review|report|
    local|edition|version|homes|houses|dwellings|people|residents|households|words|metres|hectares|properties|
    pupils|children|places|jobs|of)\b)"""
_COUNT = rf"(?:\d{{1,2}}|(?ai:{'|'.join(_NUMBERS)}))".replace(" ", r"(?u:\s+)")

_TYPED = re.compile(
    rf"""(?:(?P<iso>{_YEAR})-(?P<m>\d\d?)-(?P<d>\d\d?)
    | (?P<d2>\d\d?)[/.-](?P<m2>\d\d?)[/.-](?P<y2>{_YEAR})
    | (?P<d3>\d\d?)(?:st|nd|rd|th)?[\s-]*(?:of\s+)?(?P<n3>[a-z]+)\.?,?[\s-]*(?P<y3>{_YEAR})
    | (?P<n4>[a-z]+)\.?,?[\s-]*(?P<y4>{_YEAR})
    | (?P<y5>{_YEAR})[-/](?P<m5>\d\d?) | (?P<m6>\d\d?)/(?P<y6>{_YEAR})
    | (?P<y7>{_YEAR}))""",
    re.IGNORECASE | re.VERBOSE,
)
_IN_QUESTION = re.compile(
    rf"""(?<![\w£$€/.-])(?<!before\sand\s)(?:
      between\s+(?P<b1>{_POINT})\s+(?:and|to)\s+(?P<b2>{_POINT})
    | (?:from|in|during)\s+(?P<b3>{_POINT})(?:\s+(?:to|until|till)\s+|\s*[-–]\s*)(?P<b4>{_POINT})
    | (?P<since>(?:(?:ever\s+)?since|after)(?:\s+the\s+(?:start|beginning|end)\s+of)?\s+(?P<s1>{_POINT})
        |from\s+(?P<s2>{_POINT})\s+(?:on|onwards?)\b)
    | (?P<until>(?:before|prior\s+to|up\s+to|up\s+until|until|till)\s+(?P<u1>{_POINT}))
    | (?P<fiscal>(?:in|during|over|within|for\s+meetings\s+in)\s+(?:the\s+)?
        (?:(?:financial|municipal|fiscal|council)\s+year\s+(?P<f1>{_YEAR})[-–/](?P<g1>(?:20)?\d\d)
          |(?P<f2>{_YEAR})[-–/](?P<g2>(?:20)?\d\d)\s+(?:financial|municipal|fiscal|council)\s+year))
    | (?P<within>(?:in|during|throughout|within)\s+(?P<w1>{_NAME},?\s+{_YEAR}|{_YEAR}-(?:0[1-9]|1[0-2])(?![\d-])
        |{_YEAR}(?:\s*(?:,|,?\s(?:and|or|&)\s)\s*{_YEAR})*))
    | (?:meetings?|minutes)\s+(?P<dated>(?:held\s+)?(?:on|of)\s+(?:the\s+)?(?P<d1>{_DAY}))
    | (?P<rolling>(?:(?:in|over|during|within|for|from)\s+)?(?:the\s+|these\s+)?(?:last|past|previous)\s+
        (?:(?P<n>{_COUNT})\s+)?(?P<unit>(?ai:years?|months?|weeks?|days?)))
    | (?P<named>(?:(?:since|earlier|later|during|in|so\s+far)\s+)?
        (?P<which>(?ai:this|last))\s+(?P<span>(?ai:year|month)))
    ){_NOT_WHEN}""",
    re.IGNORECASE | re.VERBOSE,
)
_ALONE = re.compile(
    rf"(?:^|[,;])\s*(?P<point>{_POINT}|(?P<y>{_YEAR})\s*(?:-|–|to)\s*(?P<z>{_YEAR}))\s*(?=$|[,;])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FoundPeriod:
    """A period in a question: half-open offsets of its words, first and last day (None: open on that side)."""

    start: int
    end: int
    first: date | None
    last: date | None


def typed_period(text: str) -> tuple[date, date] | None:
    """Return the first and last day of "2024", "2024-05", "05/2024", "May 2024", "may-2024", "31/05/2024", ...

    None where it is not a period, or no such day exists.
    """
    match = _TYPED.fullmatch(text.strip())
    if match is None:
        return None
    part = match.groupdict()
    year = next(int(part[key]) for key in ("iso", "y2", "y3", "y4", "y5", "y6", "y7") if part[key])
    name = part["n3"] or part["n4"]
    if name and name.lower() not in _MONTHS:
        return None
    month = _MONTHS[name.lower()] if name else int(part["m"] or part["m2"] or part["m5"] or part["m6"] or 0)
    day = int(part["d"] or part["d2"] or part["d3"] or 0)
    try:
        if day:
            return date(year, month, day), date(year, month, day)
        if month or part["m5"] or part["m6"]:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError:
        return None


def periods_in(question: str, today: date) -> list[FoundPeriod]:
    """Return the periods that a question asks about, in order; none where they do not fit together.

    What starts after ``today`` cannot be the day of a meeting that has minutes: it is not taken for a period.
    """
    found = [*_in_sentences(question, today), *_alone(question)]
    found = sorted({(p.start, p.end): p for p in found}.values(), key=lambda period: period.start)
    firsts, lasts = [p.first for p in found if p.first], [p.last for p in found if p.last]
    if len(firsts) > 1 or len(lasts) > 1 or (firsts and lasts and firsts[0] > lasts[0]):
        return []
    return found if all(_is_past(period, today) for period in found) else []


def _is_past(period: FoundPeriod, today: date) -> bool:
    if period.first is None:
        return period.last is not None and period.last < today
    of_this_year = date(today.year, 12, 31)
    fiscal = period.last is not None and (period.last.month, period.last.day) == (3, 31)
    return period.first <= today and (period.last is None or fiscal or period.last <= of_this_year)


def _in_sentences(question: str, today: date) -> Iterator[FoundPeriod]:
    for match in _IN_QUESTION.finditer(question):
        days = _days(match, today)
        if days is not None:
            yield FoundPeriod(match.start("dated" if match["dated"] else 0), match.end(), *days)


def _alone(question: str) -> Iterator[FoundPeriod]:
    """Yield the periods that stand alone between commas: "Kent, 2023, potholes"."""
    if not re.search("[,;]", question):
        return
    for match in _ALONE.finditer(question):
        ends = [typed_period(match["y"]), typed_period(match["z"])] if match["y"] else [typed_period(match["point"])]
        if ends[0] and ends[-1] and ends[0][0] <= ends[-1][1]:
            yield FoundPeriod(match.start("point"), match.end("point"), ends[0][0], ends[-1][1])


def _days(match: re.Match[str], today: date) -> tuple[date | None, date | None] | None:
    """Return the first and last day of a period found in a question, or None where it makes no sense."""
    if match["rolling"]:
        return _rolling(match, today)
    if match["named"]:
        first, last = _named(match["which"].lower() == "last", match["span"].lower(), today)
        return first, None if match["named"].lower().startswith("since") else last
    if match["fiscal"]:
        return _fiscal(int(match["f1"] or match["f2"]), match["g1"] or match["g2"])
    if match["b1"] or match["b3"]:
        one, other = typed_period(match["b1"] or match["b3"]), typed_period(match["b2"] or match["b4"])
        return (one[0], other[1]) if one and other and one[0] <= other[1] else None
    if match["within"]:
        return _within(match["w1"])
    point = typed_period(match["s1"] or match["s2"] or match["u1"] or match["d1"])
    if point is None:
        return None
    opening = match.group().lower()
    if match["since"]:
        past = "end of" in opening or (opening.startswith("after") and " of " not in opening)
        return (point[1] + timedelta(days=1) if past else point[0]), None
    if match["until"]:
        return None, (point[0] - timedelta(days=1) if opening.startswith(("before", "prior")) else point[1])
    return point


def _within(text: str) -> tuple[date, date] | None:
    years = [int(year) for year in re.findall(_YEAR, text)]
    if len(years) == 1:
        return typed_period(text)
    following = years == list(range(years[0], years[0] + len(years)))
    return (date(years[0], 1, 1), date(years[-1], 12, 31)) if following else None


def _fiscal(year: int, second: str) -> tuple[date, date] | None:
    """Return April to March: "2024-25" is taken so for the financial and the municipal year."""
    return (date(year, 4, 1), date(year + 1, 3, 31)) if int(second) % 100 == (year + 1) % 100 else None


def _rolling(match: re.Match[str], today: date) -> tuple[date | None, date | None] | None:
    """Return the days since so many years, months or weeks ago; "last year" alone is the calendar year."""
    words, unit, number = match.group().lower(), match["unit"].lower(), match["n"]
    if number is None and (unit.endswith("s") or unit == "day"):
        return None
    if number is None and "last" in words.split() and "the" not in words.split():
        return _named(True, unit, today) if unit in ("year", "month") else None
    count = (_NUMBERS.get(" ".join(number.lower().split())) or int(number)) if number else 1
    if unit.startswith(("week", "day")):
        return today - timedelta(days=count * (7 if unit.startswith("week") else 1)), None
    return _months_before(today, count * (12 if unit.startswith("year") else 1)), None


def _named(last: bool, span: str, today: date) -> tuple[date, date]:
    if span == "year":
        return date(today.year - last, 1, 1), date(today.year - last, 12, 31)
    first = _months_before(today, int(last)).replace(day=1)
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _months_before(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
