"""How long each stage of a search takes, told to whoever wants to know it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

Stage = Literal["understand", "lexical", "encode", "dense", "ranking", "duplicates", "reading", "facets"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Told = Callable[[Stage, float], None]

_told: ContextVar[Told | None] = ContextVar("told of stages", default=None)


def tell(told: Told | None) -> None:
    """Let a function be told of each stage that ends in this thread, and of its seconds; None: nobody any more."""
    _told.set(told)


@contextmanager
def stage(name: Stage) -> Iterator[None]:
    """Time what is done within, if somebody is told of it."""
    told = _told.get()
    if told is None:
        yield
        return
    began = time.perf_counter()
    try:
        yield
    finally:
        told(name, time.perf_counter() - began)
