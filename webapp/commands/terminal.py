"""What the commands share: the filters as options, and text that cannot steer a terminal."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

import click

from corpus.filters import Filters
from corpus.model import SEARCH_KINDS

_date = click.DateTime(["%Y-%m-%d"])
_OPTIONS = (
    click.option(
        "--authority", "-a", "authorities", multiple=True, metavar="NAME", help="Only this authority; repeatable."
    ),
    click.option(
        "--region", "regions", multiple=True, metavar="NAME", help="Only authorities of this region; repeatable."
    ),
    click.option("--type", "types", multiple=True, metavar="NAME", help="Only this type of authority; repeatable."),
    click.option(
        "--committee", "-c", "committees", multiple=True, metavar="NAME", help="Only this committee; repeatable."
    ),
    click.option("--document", "documents", multiple=True, metavar="ID", help="Only this document; repeatable."),
    click.option("--from", "date_from", type=_date, metavar="DATE", help="Meetings from 2024-05-31."),
    click.option("--to", "date_to", type=_date, metavar="DATE", help="Meetings up to DATE."),
    click.option("--kind", "kinds", multiple=True, type=click.Choice(SEARCH_KINDS), help="Only this kind; repeatable."),
)


def filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a search's filters, and call it with them as ``filters``."""

    @wraps(command)
    def with_filters(*args: Any, date_from: datetime | None, date_to: datetime | None, **kwargs: Any) -> None:
        names = ("authorities", "regions", "types", "committees", "documents", "kinds")
        filters = Filters(
            **{name: kwargs.pop(name) for name in names},
            date_from=f"{date_from:%Y-%m-%d}" if date_from else None,
            date_to=f"{date_to:%Y-%m-%d}" if date_to else None,
        )
        command(*args, filters=filters, **kwargs)

    for option in reversed(_OPTIONS):
        with_filters = option(with_filters)
    return with_filters


def say(text: str) -> None:
    """Print what may hold names and words out of files: it cannot steer a terminal."""
    click.echo(printable(text))


def print_json(value: object) -> None:
    """Print data for programs, every character as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def printable(text: str) -> str:
    """Leave out characters that could steer a terminal."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t")
