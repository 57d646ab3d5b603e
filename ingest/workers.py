"""Work spread over the workers of a cluster: one function, applied to many items.

The function does nothing but return its result, so it may run twice. Whoever started it takes the results in order
and writes them: what is stored is the receipt, and the only one. A worker is an actor of one processor that gets one
item at a time, and none before it has said that it is ready. When it ends, or its machine does, its item goes to
another, and a replacement waits for a free processor while the others go on.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, PriorityQueue
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Generic, TypeVar

from corpus.errors import ClusterError, MinutebookError, WorkersLostError
from ingest.cluster import Cluster, first_line

PATIENCE = 60.0  # seconds without a single worker before a run is given up
MOST_SECONDS = 2_000.0  # that one item may take: two readings of the longest kind, and some more
MOST_LOST = 5  # workers that may end under one item
AHEAD = 2  # items a worker that ``map`` has under way
_ANSWERS_WITHIN = 30.0  # seconds that an idle worker has to say that it is there

T = TypeVar("T")
R = TypeVar("R")


class _Hand:
    """What runs in a worker: a function that is made once, and applied to one item after another."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]]) -> None:
        self._make = make
        self._function: Callable[[Any], Any] | None = None

    def ready(self) -> MinutebookError | None:
        """Make the function, if it is not made yet; return what is wrong."""
        try:
            self._function = self._function or self._make()
        except MinutebookError as exc:
            return exc.with_traceback(None)
        return None

    def do(self, content: Any) -> Any:
        """Return the result, or the error that explains why there is none."""
        assert self._function
        try:
            return self._function(content)
        except MinutebookError as exc:
            return exc.with_traceback(None)


@dataclass(order=True, slots=True)
class _Task:
    number: int
    item: Any = field(compare=False)
    future: Future[Any] = field(compare=False)
    lost: int = field(default=0, compare=False)


class Workers(Generic[T, R]):
    """Workers that apply one function, as many as the cluster has processors; they are started by the first item."""

    def __init__(
        self, cluster: Cluster, make: Callable[[], Callable[[Any], R]], load: Callable[[T], Any] = lambda item: item
    ) -> None:
        """Keep what is to be done.

        Args:
            make: makes the function, once in each worker; it and what it holds must be importable there.
            load: makes what is sent of an item, when a worker is free for it.
        """
        self.number = cluster.processors
        self._ray, self._errors = cluster.ray, cluster.ray.exceptions
        self._make, self._load = make, load
        self._waiting: PriorityQueue[_Task] = PriorityQueue()
        self._open: dict[int, _Task] = {}
        self._actors: set[Any] = set()
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._ended = Event()
        self._failure: MinutebookError | None = None
        self._ready, self._ready_until, self._begun = 0, 0.0, 0
        self._last_trouble = "none has a free processor"

    def __enter__(self) -> "Workers[T, R]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def submit(self, item: T) -> Future[R]:
        """Have an item done.

        The future raises the error of the function, WorkersLostError where several workers ended under the item,
        or ClusterError where no worker is left.
        """
        with self._lock:
            task = _Task(self._begun, item, Future())
            self._begun += 1
            if self._failure:
                task.future.set_exception(self._failure)
                return task.future
            self._open[task.number] = task
            if not self._threads:
                self._ready_until = time.monotonic()
                self._threads = [Thread(target=self._serve, daemon=True) for _ in range(self.number)]
                for thread in self._threads:
                    thread.start()
        self._waiting.put(task)
        return task.future

    def map(self, items: Iterable[T]) -> Iterator[tuple[T, R]]:
        """Yield each item with its result, in order; only a few items a worker are taken before they are done."""
        ahead: deque[tuple[T, Future[R]]] = deque()
        for item in items:
            ahead.append((item, self.submit(item)))
            if len(ahead) > AHEAD * self.number:
                done, future = ahead.popleft()
                yield done, future.result()
        for done, future in ahead:
            yield done, future.result()

    def close(self) -> None:
        """End the workers, whatever they are at."""
        self._end(ClusterError("The run was stopped."))
        for actor in list(self._actors):
            with suppress(Exception):  # it may have ended, and so may the cluster
                self._ray.kill(actor)
        for thread in self._threads:
            thread.join()

    # -- one thread a worker -------------------------------------------------------------------------

    def _serve(self) -> None:
        """Keep one worker, a new one when it has ended, and give it what waits."""
        actor = None
        while not self._ended.is_set():
            actor = actor or self._started()
            if actor is None:
                self._ended.wait(1.0)
                continue
            try:
                task = self._waiting.get(timeout=0.2)
            except Empty:
                continue
            if not self._do(actor, task):
                self._lose(actor)
                actor = None

    def _started(self) -> Any:
        """Start a worker and wait until it is ready; None if it ended first, or all is ended."""
        actor = self._ray.remote(_Hand).options(num_cpus=1, max_restarts=0, max_task_retries=0).remote(self._make)
        self._actors.add(actor)
        answer = actor.ready.remote()
        while not self._ended.is_set():
            try:
                trouble = self._ray.get(answer, timeout=0.5)
            except self._errors.GetTimeoutError:
                self._see_whether_any_is_left()
                continue
            except self._errors.RayError as exc:
                self._last_trouble = first_line(exc)
                self._see_whether_any_is_left()
                break
            if trouble:
                self._end(trouble)
                break
            with self._lock:
                self._ready += 1
            return actor
        self._actors.discard(actor)
        with suppress(Exception):
            self._ray.kill(actor)
        return None

    def _lose(self, actor: Any) -> None:
        self._actors.discard(actor)
        with self._lock:
            self._ready -= 1
            self._ready_until = time.monotonic()
        with suppress(Exception):
            self._ray.kill(actor)

    def _do(self, actor: Any, task: _Task) -> bool:
        """Have a worker do a task; return False if the worker has ended, and the task waits again."""
        sent = False
        try:
            self._ray.get(actor.ready.remote(), timeout=_ANSWERS_WITHIN)
            content = self._load(task.item)
            sent = True
            result = self._ray.get(actor.do.remote(content), timeout=MOST_SECONDS)
        except self._errors.RayTaskError as exc:
            self._settle(task, exc)
        except self._errors.RayError as exc:
            self._last_trouble = first_line(exc)
            task.lost += sent
            if task.lost < MOST_LOST:
                self._waiting.put(task)
            else:
                self._settle(
                    task,
                    WorkersLostError(f"ended {MOST_LOST} workers, one after another: run it again without --cluster"),
                )
            return False
        except Exception as exc:
            self._settle(task, exc)
        else:
            self._settle(task, result)
        return True

    def _settle(self, task: _Task, result: object) -> None:
        with self._lock:
            self._open.pop(task.number, None)
        with suppress(InvalidStateError):  # all was ended meanwhile
            if isinstance(result, BaseException):
                task.future.set_exception(result)
            else:
                task.future.set_result(result)

    def _see_whether_any_is_left(self) -> None:
        """Give up when there has been no worker for too long."""
        with self._lock:
            forsaken = self._ready == 0 and time.monotonic() - self._ready_until > PATIENCE
        if forsaken:
            self._end(
                ClusterError(
                    f"The cluster has no worker left ({self._last_trouble}): see that its machines run and have "
                    "Minutebook installed, and run the same command again. What was finished is kept."
                )
            )

    def _end(self, why: MinutebookError) -> None:
        """Take no more items, and fail those that are not done."""
        with self._lock:
            self._failure = self._failure or why
            self._ended.set()
            left = list(self._open.values())
        for task in left:
            self._settle(task, self._failure)
