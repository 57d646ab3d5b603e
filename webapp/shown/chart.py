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
WIDEST = 40.0  # bar
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

    ``undrawn`` are the authorities of which only numbers are given: without mentions in these years, or beyond
    ``MOST_CHARTS``; ``earlier`` says whether years before the first that is drawn are only in the numbers.
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
    drawn = [one for one in chosen if any(_within(one, first))][:MOST_CHARTS]
    peak = max((year.passages for one in drawn for year in _within(one, first)), default=1)
    return Charts(
        first=first,
        last=last,
        peak=peak,
        drawn=tuple(_chart(one, first, last, peak) for one in drawn),
        undrawn=tuple(_chart(one, first, last, peak) for one in chosen if one not in drawn),
        earlier=min(years) < first,
    )


def _within(one: AuthorityMentions, first: int) -> list[Counted]:
    """Return the years from the first on in which there are mentions."""
    return [year for year in one.years if year.passages and year.year and year.year >= first]


def _chart(one: AuthorityMentions, first: int, last: int, peak: int) -> Chart:
    counted = {year.year: year for year in one.years}
    most = max((year.passages for year in _within(one, first)), default=0)
    step = WIDTH / (last - first + 1)
    width = round(min(step * 0.7, WIDEST), 1)
    bars: list[Bar] = []
    for position, number in enumerate(range(first, last + 1)):
        year = counted.get(number, Counted(number, 0, 0))
        labelled = step >= ROOM_FOR_NUMBERS or (year.passages == most and not any(bar.labelled for bar in bars))
        bars.append(
            Bar(
                year=number,
                passages=year.passages,
                searched=year.searched,
                x=round(position * step + (step - width) / 2, 1),
                width=width,
                height=round(max(LEAST, (BASE - TOP) * year.passages / peak), 1) if year.passages else 0.0,
                labelled=labelled,
            )
        )
    return Chart(one.authority or "", one.passages, one.searched, tuple(bars), one.years, one.undated)
