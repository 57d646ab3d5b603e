"""How long each stage of a search and each call of an engine elsewhere takes, told to whoever wants to know it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

Stage = Literal["understand", "lexical", "encode", "dense", "ranking", "duplicates", "reading", "facets"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Told = Callable[[Stage, float], None]
ToldOfCalls = Callable[[bool, float], None]

_told: ContextVar[Told | None] = ContextVar("told of stages", default=None)
_told_of_calls: ContextVar[ToldOfCalls | None] = ContextVar("told of calls", default=None)


def tell(told: Told | None, of_calls: ToldOfCalls | None = None) -> None:
    """Let functions be told of what ends in this thread; None: nobody any more.

    Args:
        told: of each stage, and its seconds.
        of_calls: of each call of an engine: whether it was answered, and its seconds.
    """
    _told.set(told)
    _told_of_calls.set(of_calls)


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


@contextmanager
def engine_call() -> Iterator[None]:
    """Time a call of an engine, if somebody is told of it; one that raises was not answered."""
    told = _told_of_calls.get()
    if told is None:
        yield
        return
    began, answered = time.perf_counter(), False
    try:
        yield
        answered = True
    finally:
        told(answered, time.perf_counter() - began)
