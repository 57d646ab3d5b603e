"""The themes of an authority over the years, ready to be drawn beside a table of the same numbers."""

from dataclasses import dataclass

from corpus.errors import IndexMismatchError
from corpus.overview import Entry
from index.themes import themes
from webapp.holdings import holdings

MOST = 10  # themes
LATEST = 8  # years in the table
MOST_YEARS = 100  # that a line is drawn through
DRAWN = 3  # years at least for a line
HEIGHT, STEP, WIDEST = 24, 12, 240  # units of a drawing


@dataclass(frozen=True, slots=True)
class Trend:
    """A theme: its words, in how many agenda items it stands, those of each year, and a line through them.

    ``before`` counts the items of years before those shown, ``undated`` those of no known year.
    """

    words: str
    items: int
    years: tuple[int, ...]
    before: int
    undated: int
    line: str


@dataclass(frozen=True, slots=True)
class Trends:
    """The years that the table shows, the earliest first, and the themes; ``width`` is that of the drawings.

    ``drawn`` is false where there are too few years for a line to say anything.
    """

    years: tuple[int, ...]
    themes: tuple[Trend, ...]
    width: int
    drawn: bool
    earlier: bool
    undated: bool


def trends(entry: Entry) -> Trends | None:
    """Return the themes of an authority of which a text is held; None where there are none, or no index yet."""
    name = next((name for name in entry.names if name is not None), None)
    if not entry.passages or name is None:
        return None
    try:
        searcher = holdings().searcher()
    except IndexMismatchError:
        return None
    found = themes(searcher, name, MOST) if name in searcher.columns.authorities else ()
    dated = [year for theme in found for year, _ in theme.years]
    if not dated:
        return None
    whole = range(max(min(dated), max(dated) - MOST_YEARS + 1), max(dated) + 1)
    years = tuple(whole[-LATEST:])
    step = max(1, min(STEP, WIDEST // len(whole)))
    shown = []
    for theme in found:
        count = dict(theme.years)
        shown.append(
            Trend(
                theme.words,
                theme.items,
                tuple(count.get(year, 0) for year in years),
                sum(number for year, number in theme.years if year < years[0]),
                theme.undated,
                _line([count.get(year, 0) for year in whole], step),
            )
        )
    return Trends(
        years,
        tuple(shown),
        step * max(1, len(whole) - 1) + 4,
        len(whole) >= DRAWN,
        any(trend.before for trend in shown),
        any(trend.undated for trend in shown),
    )


def _line(numbers: list[int], step: int) -> str:
    """Return the points of a line from the first year to the last, its highest at the top."""
    top = max(numbers) or 1
    if len(numbers) == 1:
        numbers = numbers * 2
    return " ".join(
        f"{2 + place * step},{HEIGHT - 2 - round(number / top * (HEIGHT - 4))}" for place, number in enumerate(numbers)
    )
