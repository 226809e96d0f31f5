"""The numbers of a running backend in Prometheus' text format; none of them says anything about a person."""

import threading
from collections.abc import Iterator, Mapping
from typing import Final

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from oasst_backend.service import tree_counts
from oasst_backend.storage.columns import as_dict
from oasst_backend.storage.tables import open_work
from oasst_backend.storage.writer import MAX_GROUP, Writer

Counts = Mapping[str, int]

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SIZES: Final = tuple(2**power for power in range(MAX_GROUP.bit_length()))


def trees_by_state(connection: sa.Connection) -> Counts:
    """Tell how many trees are in each state, for the gauge of that name."""
    return tree_counts.state_counts(connection)


def open_work_by_type(connection: sa.Connection) -> Counts:
    """Count what somebody could do now by the type of task, for the gauge of that name."""
    rows = connection.execute(
        sa.select(open_work.c.type, sa.func.count()).where(open_work.c.free).group_by(open_work.c.type)
    )
    return as_dict(rows)


class _Collected(Collector):
    """A registry without the moments at which its counters were made, which nobody reads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """Give the registry's metrics."""
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


class Metrics:
    """Counts what a backend does; each backend has a registry of its own.

    Args:
        version: the backend's version.
        writer: the writer whose commits are counted.

    To count takes about a microsecond, and to find the series takes longer: those of calls are kept.
    """

    def __init__(self, version: str, writer: Writer) -> None:
        registry = CollectorRegistry()
        self.registry: Collector = _Collected(registry)
        self._requests = Counter(
            "oasst_http_requests", "Calls answered.", ("method", "route", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "oasst_http_request_seconds",
            "Seconds from a call's head to the end of its answer.",
            ("method", "route"),
            registry=registry,
            buckets=_SECONDS,
        )
        self._errors = Counter("oasst_errors", "Errors answered.", ("code",), registry=registry)
        self._handed_out = Counter(
            "oasst_tasks_handed_out", "Tasks handed out.", ("type",), registry=registry
        )
        self._answers = Counter("oasst_answers", "Answers taken.", ("type",), registry=registry)
        self._commits = Counter("oasst_writer_commits", "Transactions on disk.", registry=registry)
        self._group_size = Histogram(
            "oasst_writer_group_size", "Writes that shared a commit.", registry=registry, buckets=_SIZES
        )
        self._group_seconds = Histogram(
            "oasst_writer_group_seconds",
            "Seconds that the writes of a commit took before it.",
            registry=registry,
            buckets=_SECONDS,
        )
        self._commit_seconds = Histogram(
            "oasst_writer_commit_seconds",
            "Seconds until a commit was on disk.",
            registry=registry,
            buckets=_SECONDS,
        )
        Gauge("oasst_writer_queue_length", "Writes that wait.", registry=registry).set_function(
            writer.waiting
        )
        self._trees = Gauge("oasst_trees", "Trees by state.", ("state",), registry=registry)
        self._open_work = Gauge("oasst_open_work", "Work that is wanted.", ("type",), registry=registry)
        Info("oasst_backend", "The backend's version.", registry=registry).info({"version": version})
        ProcessCollector(registry=registry)
        self._of_call: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._rendering = threading.Lock()
        writer.watch = self._committed

    def call(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a call that was answered."""
        found = self._of_call.get((method, route, status))
        if found is None:
            found = self._of_call[method, route, status] = (
                self._requests.labels(method, route, status),
                self._request_seconds.labels(method, route),
            )
        found[0].inc()
        found[1].observe(seconds)

    def error(self, code: int) -> None:
        """Count an answer with one of the protocol's codes."""
        self._errors.labels(code).inc()

    def handed_out(self, task_type: str) -> None:
        """Count a task that was handed out."""
        self._handed_out.labels(task_type).inc()

    def answered(self, interaction_type: str) -> None:
        """Count an answer that was taken."""
        self._answers.labels(interaction_type).inc()

    def render(self, trees: Counts, open_work: Counts) -> bytes:
        """Write all metrics as text, with these numbers for what the database knows; any thread may."""
        with self._rendering:
            for gauge, counts in ((self._trees, trees), (self._open_work, open_work)):
                gauge.clear()
                for name, count in counts.items():
                    gauge.labels(name).set(count)
            return generate_latest(self.registry)

    def _committed(self, size: int, group_seconds: float, commit_seconds: float) -> None:
        """Count a commit; called in the writer's thread."""
        self._commits.inc()
        self._group_size.observe(size)
        self._group_seconds.observe(group_seconds)
        self._commit_seconds.observe(commit_seconds)
