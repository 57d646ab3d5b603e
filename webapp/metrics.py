"""What the site counts of itself, for Prometheus. The only importer of prometheus-client.

Each app counts for itself. Where several worker processes serve (``PROMETHEUS_MULTIPROC_DIR`` is set before the library
is imported, which is why it is imported late), they share their counts through that folder.
"""

import ipaddress
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, has_app_context, request
from werkzeug.exceptions import Forbidden, NotFound

from corpus.errors import MinutebookError, SettingError
from corpus.settings import setting
from index import stages
from webapp.holdings import Holdings, holdings
from webapp.last_ingest import GAUGES, last_ingest
from webapp.limits import SHARED

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Counter, Histogram
    from prometheus_client.core import GaugeMetricFamily

READERS = ("local", "all", "off")
_EXTENSION = "minutebook_metrics"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_STAGE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@dataclass(frozen=True, slots=True)
class _Metrics:
    """The counters of one app."""

    registry: "CollectorRegistry"
    requests: "Counter"
    seconds: "Histogram"
    answers: "Counter"
    written: "Counter"
    stages: "Histogram"
    engine: "Histogram"


def measure(app: Flask) -> None:
    """Let an app count its requests.

    Raises:
        SettingError: MINUTEBOOK_METRICS makes no sense.
    """
    from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

    readers = setting("MINUTEBOOK_METRICS")
    if readers not in READERS:
        raise SettingError(f"MINUTEBOOK_METRICS is {readers[:40]!r}: choose from {', '.join(READERS)}.")
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    app.extensions[_EXTENSION] = _Metrics(
        registry,
        Counter(
            "minutebook_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        ),
        Histogram(
            "minutebook_request_seconds", "Time until the response began.", ("route",), buckets=_SECONDS,
            registry=registry,
        ),
        Counter("minutebook_answers", "Questions answered, or not.", ("abstained",), registry=registry),
        Counter(
            "minutebook_language_model_answers", "Answers that a language model was asked for, and whether a sentence "
            "of its was used.", ("used",), registry=registry,
        ),
        Histogram(
            "minutebook_stage_seconds", "Time of each stage of a search.", ("stage",), buckets=_STAGE_SECONDS,
            registry=registry,
        ),
        Histogram(
            "minutebook_engine_seconds", "Time of each call of an engine elsewhere, answered or failed.", ("outcome",),
            buckets=_SECONDS, registry=registry,
        ),
    )  # fmt: skip
    app.before_request(_begin)
    app.after_request(_count)


def route() -> str:
    """Return the pattern of the address that is asked for, "none" where there is none: never what was asked."""
    return request.url_rule.rule if request.url_rule else "none"


def count_answer(*, abstained: bool) -> None:
    """Count an answer, where an app serves it."""
    if has_app_context() and (metrics := current_app.extensions.get(_EXTENSION)):
        metrics.answers.labels("yes" if abstained else "no").inc()


def count_written(*, used: bool) -> None:
    """Count an answer that a language model was asked for, where an app serves it."""
    if has_app_context() and (metrics := current_app.extensions.get(_EXTENSION)):
        metrics.written.labels("yes" if used else "no").inc()


def _begin() -> None:
    g.began = time.perf_counter()
    metrics: _Metrics = current_app.extensions[_EXTENSION]

    def told(stage: stages.Stage, seconds: float) -> None:
        metrics.stages.labels(stage).observe(seconds)

    def told_of_call(answered: bool, seconds: float) -> None:
        metrics.engine.labels("answered" if answered else "failed").observe(seconds)

    stages.tell(told, told_of_call)


def _count(response: Response) -> Response:
    metrics: _Metrics = current_app.extensions[_EXTENSION]
    method = request.method if request.method in _METHODS else "other"
    metrics.requests.labels(route(), method, str(response.status_code)).inc()
    if "began" in g:
        metrics.seconds.labels(route()).observe(time.perf_counter() - g.began)
    return response


def exposed() -> Response:
    """Return all counts as Prometheus reads them.

    Raises:
        Forbidden: only this machine may read them, and the request comes from another.
        NotFound: they are not to be read at all.
    """
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    _check_reader()
    metrics: _Metrics = current_app.extensions[_EXTENSION]
    registry = metrics.registry
    if os.environ.get(SHARED):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    held = CollectorRegistry()
    held.register(_Held(holdings()))
    return Response(generate_latest(registry) + generate_latest(held), content_type=CONTENT_TYPE_LATEST)


def process_ended(process: int) -> None:
    """Note that a worker process is gone."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process)  # type: ignore[no-untyped-call]


def _check_reader() -> None:
    readers = setting("MINUTEBOOK_METRICS")
    if readers == "all":
        return
    if readers == "off":
        raise NotFound
    try:
        own = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        own = False
    if not own or (setting("MINUTEBOOK_PROXIES") == "0" and any(name in request.headers for name in _FORWARDED)):
        raise Forbidden("The metrics are for this machine only: MINUTEBOOK_METRICS=all opens them.")


class _Held:
    """What is held and how it came here, counted when it is asked for: the form that prometheus-client takes."""

    def __init__(self, held: Holdings) -> None:
        self._holdings = held

    def collect(self) -> "Iterator[GaugeMetricFamily]":
        from prometheus_client.core import GaugeMetricFamily

        yield from self._ingest()
        try:
            searcher = self._holdings.searcher()
        except MinutebookError:
            yield GaugeMetricFamily("minutebook_ready", "Whether there is an index to search.", 0)
            return
        columns, engine = searcher.columns, searcher.held_in
        yield GaugeMetricFamily("minutebook_ready", "Whether there is an index to search.", 1)
        yield GaugeMetricFamily("minutebook_documents", "Documents that can be found.", len(columns.documents))
        yield GaugeMetricFamily("minutebook_passages", "Passages that can be found.", len(columns))
        vectors = GaugeMetricFamily("minutebook_index_vectors", "Vectors, by the form of the index.", labels=["form"])
        vectors.add_metric([engine.form], engine.vectors)
        yield vectors
        if engine.recall is not None:
            yield GaugeMetricFamily("minutebook_index_recall", "Share of the nearest that is found.", engine.recall)
        if changed := self._holdings.changed():
            age = max(time.time() - changed, 0)
            yield GaugeMetricFamily("minutebook_index_age_seconds", "Time since the last change of the index.", age)

    def _ingest(self) -> "Iterator[GaugeMetricFamily]":
        from prometheus_client.core import GaugeMetricFamily

        last = last_ingest(self._holdings.data)
        for gauge in GAUGES if last else ():
            family = GaugeMetricFamily(gauge.name, gauge.words, labels=[gauge.label] if gauge.label else [])
            for value, field in gauge.fields:
                family.add_metric([value] if gauge.label else [], last[field])
            yield family
