"""Charts of mentions: for each authority a bar a year, all to one scale, and where no minutes are held.

Lengths are in units of the drawing (SVG user units). A year without minutes is marked as such, so that it is not
taken for silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.mentions import AuthorityMentions, Counted, Mentions

MOST_CHARTS = 12
MOST_YEARS = 25
WIDTH, HEIGHT = 320, 118
TOP, BASE = 22, 92  # of the highest bar, and of all bars
ROOM_FOR_NUMBERS = 16  # width of a year in which a number fits
LEAST = 2.0  # height of a bar that stands for anything


@dataclass(frozen=True, slots=True)
class Bar:
    """One year: its numbers, and the left edge, width and height of its bar; ``labelled``: the number fits above."""

    year: int
    passages: int
    searched: int
    x: float
    width: float
    height: float
    labelled: bool

    @property
    def middle(self) -> float:
        """Return the middle of the bar."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Chart:
    """One authority: what is drawn of it, and its numbers, those of years that are not drawn too."""

    authority: str
    passages: int
    searched: int
    bars: tuple[Bar, ...]
    years: tuple[Counted, ...]
    undated: Counted


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of a comparison; ``peak`` is what the highest bar stands for.

    ``undrawn`` counts the authorities of which only numbers are given, ``earlier`` says whether years before the first
    that is drawn are only in the numbers.
    """

    first: int
    last: int
    peak: int
    drawn: tuple[Chart, ...]
    undrawn: tuple[Chart, ...]
    earlier: bool


def charts(found: Mentions, names: Sequence[str]) -> Charts | None:
    """Return the charts of some authorities, in the order of the names; None where no meeting has a known day."""
    by_name = {one.authority: one for one in found.authorities}
    chosen = [by_name[name] for name in dict.fromkeys(names) if name in by_name]
    years = [year.year for one in chosen for year in one.years if year.year]
    if not years:
        return None
    last = max(years)
    first = max(min(years), last - MOST_YEARS + 1)
    most = [year.passages for one in chosen[:MOST_CHARTS] for year in one.years if year.year and year.year >= first]
    peak = max([1, *most])
    made = tuple(_chart(one, first, last, peak) for one in chosen)
    return Charts(first, last, peak, made[:MOST_CHARTS], made[MOST_CHARTS:], min(years) < first)


def _chart(one: AuthorityMentions, first: int, last: int, peak: int) -> Chart:
    counted = {year.year: year for year in one.years}
    step = WIDTH / (last - first + 1)
    bars = []
    for position, year in enumerate(range(first, last + 1)):
        passages, searched = (counted[year].passages, counted[year].searched) if year in counted else (0, 0)
        height = max(LEAST, (BASE - TOP) * passages / peak) if passages else 0.0
        width = min(step * 0.7, 40.0)
        x = position * step + (step - width) / 2
        bars.append(Bar(year, passages, searched, *(round(n, 1) for n in (x, width, height)), step >= ROOM_FOR_NUMBERS))
    return Chart(one.authority or "", one.passages, one.searched, tuple(bars), one.years, one.undated)
