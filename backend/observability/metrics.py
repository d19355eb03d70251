"""What the service counts, for Prometheus: a registry of its own, and one method for each kind of event.

Labels are names of ours (worlds, outcomes, operations), never words of visitors.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

if TYPE_CHECKING:
    from backend.storage.records import PageRecord
    from engine.core.results import Frame

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OVERHEAD = (
    0.00025,
    0.0005,
    0.001,
    0.0015,
    0.002,
    0.003,
    0.004,
    0.005,
    0.0075,
    0.01,
    0.015,
    0.025,
    0.05,
    0.1,
    0.25,
    1.0,
)
FIRST = (0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 120.0)
LINE = (0.01, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
PAGE = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)
STORE = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SPEED = (1, 2, 5, 10, 20, 50, 100, 200, 350, 500, 750, 1000, 2000, 5000)


class Metrics:
    """The figures of one service; everything that counts shares the same object."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        ProcessCollector(registry=own)
        GCCollector(registry=own)
        self._steps = Counter("silverprint_steps", "Denoising steps of all canvases", registry=own)
        self._readings = Counter("silverprint_readings", "Readings of written canvases", registry=own)
        self._tokens = Counter("silverprint_tokens", "Tokens of committed pages, without padding", registry=own)
        self._pages = Counter("silverprint_pages", "Pages that ended", ("world", "outcome"), registry=own)
        self._doubted = Counter(
            "silverprint_doubted_pages", "Pages far from all that the model knows", ("world",), registry=own
        )
        self._first = Histogram(
            "silverprint_first_frame_seconds", "From asking for a page to its first frame, waiting in line included",
            ("world",), buckets=FIRST, registry=own,
        )  # fmt: skip
        self._line = Histogram(
            "silverprint_queue_seconds", "From asking for a page to its turn", buckets=LINE, registry=own
        )
        self._seconds = Histogram(
            "silverprint_page_seconds", "From asking for a page to its end, waiting in line included", ("world",),
            buckets=PAGE, registry=own,
        )  # fmt: skip
        self._speed = Histogram(
            "silverprint_page_tokens_per_second", "Of committed pages, as the engine measured", buckets=SPEED,
            registry=own,
        )  # fmt: skip
        self._made = Counter("silverprint_frames_made", "Frames that the engine gave", registry=own)
        self._dropped = Counter("silverprint_frames_dropped", "Drafts overwritten before they were sent", registry=own)
        self._errors = Counter("silverprint_errors", "Errors that clients were told", ("code",), registry=own)
        sent = Counter("silverprint_messages_sent", "Messages written to sockets", ("type",), registry=own)
        size = Counter("silverprint_sent_bytes", "Bytes of messages written to sockets", ("type",), registry=own)
        self._sent, self._size = children(sent), children(size)
        self._overhead = Histogram(
            "silverprint_frame_overhead_seconds", "From the engine's frame to its bytes in the socket",
            buckets=OVERHEAD, registry=own,
        )  # fmt: skip
        self._store = Histogram(
            "silverprint_store_seconds", "Operations of the store", ("operation",), buckets=STORE, registry=own
        )
        self._forwarded = Counter(
            "silverprint_forwarded_ignored", "Requests whose X-Forwarded-For was not taken", ("reason",), registry=own
        )
        self._failures = Counter("silverprint_store_failures", "Operations that failed", ("operation",), registry=own)

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Register a figure that is read when metrics are scraped."""
        Gauge(f"silverprint_{name}", text, registry=self.registry).set_function(read)

    def frame(self, frame: "Frame") -> None:
        """Count a frame from the engine."""
        self._made.inc()
        (self._readings if frame.reading else self._steps).inc()

    def waited(self, seconds: float) -> None:
        """Record how long after it was asked for a page's turn came."""
        self._line.observe(seconds)

    def first_frame(self, world: str, seconds: float) -> None:
        """Record how long after it was asked for a page had its first frame."""
        self._first.labels(world).observe(seconds)

    def page(self, record: "PageRecord", seconds: float) -> None:
        """Count a page that was committed or stopped, and record how long after it was asked for it ended."""
        self._pages.labels(record.world, record.reason or record.state).inc()
        self._seconds.labels(record.world).observe(seconds)
        if record.doubt:
            self._doubted.labels(record.world).inc()
        if record.stats:
            self._tokens.inc(record.stats.tokens)
            self._speed.observe(record.stats.tokens_per_second)

    def dropped(self) -> None:
        """Count a draft that was overwritten before it was sent."""
        self._dropped.inc()

    def error(self, code: str) -> None:
        """Count an error that a client was told."""
        self._errors.labels(code).inc()

    def sent(self, kind: str, size: int, overhead: float | None) -> None:
        """Count a message that was written.

        Args:
            kind: The message's type.
            size: Its size in bytes.
            overhead: Seconds since its frame was ready, or None if it is no frame.
        """
        self._sent(kind).inc()
        self._size(kind).inc(size)
        if overhead is not None:
            self._overhead.observe(overhead)

    def store(self, operation: str, seconds: float, failed: bool) -> None:
        """Record an operation of the store."""
        self._store.labels(operation).observe(seconds)
        if failed:
            self._failures.labels(operation).inc()

    def forwarded(self, reason: str) -> None:
        """Count an X-Forwarded-For header that was not used.

        The reason is untrusted if its sender is no trusted proxy, and invalid if it holds something that is no address.
        """
        self._forwarded.labels(reason).inc()

    def exposition(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self.registry)


def children(counter: Counter) -> Callable[[str], Counter]:
    """Return a function that looks up a counter's children by their one label.

    A dictionary is four times as fast as `labels`.
    """
    known: dict[str, Counter] = {}

    def child(label: str) -> Counter:
        if label not in known:
            known[label] = counter.labels(label)
        return known[label]

    return child


def gpu_bytes() -> float:
    """Return how much memory this process holds on its GPU, in bytes, or 0 without one; this never loads torch."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return 0.0
    return float(torch.cuda.memory_reserved())
