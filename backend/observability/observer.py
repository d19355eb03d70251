"""One place that reports the service's work to operators as metrics, traces and log lines.

It reports names, numbers and marks of page ids (`audit_log.mark`), which open nothing. It never reports what a visitor
said or a page holds.
"""

import itertools
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.observability.audit_log import mark
from backend.observability.metrics import Metrics
from backend.observability.tracing import NO_TRACES, PageSpan, Traces

if TYPE_CHECKING:
    from backend.storage.records import PageRecord
    from engine.core.results import Frame

log = logging.getLogger(__name__)


class Observer:
    """Reports the events of one service.

    Attributes:
        metrics: The service's figures.
    """

    def __init__(self, metrics: Metrics | None = None, traces: Traces = NO_TRACES) -> None:
        self.metrics, self._traces = metrics or Metrics(), traces
        self._numbers = itertools.count(1)

    @contextmanager
    def connection(self, subprotocol: str) -> Iterator[None]:
        """Report a websocket from its handshake to its end."""
        number, began = next(self._numbers), time.perf_counter()
        log.info("connection opened", extra={"connection": number, "subprotocol": subprotocol})
        with self._traces.span("connection", connection=number, subprotocol=subprotocol):
            try:
                yield
            finally:
                seconds = round(time.perf_counter() - began, 3)
                log.info("connection closed", extra={"connection": number, "seconds": seconds})

    @contextmanager
    def action(self, kind: str) -> Iterator[None]:
        """Report a client's message that asks for something."""
        log.debug("action", extra={"action": kind})
        with self._traces.span("action", action=kind):
            yield

    def refused(self, code: str) -> None:
        """Report an error that a client was told."""
        self.metrics.error(code)
        log.info("error told", extra={"code": code})

    def page(self, record: "PageRecord") -> "PageWatch":
        """Report that a page is asked for, and return a watch for its further events."""
        page = mark(record.id)
        log.info("page asked for", extra={"page": page, "world": record.world})
        return PageWatch(record, self.metrics, self._traces.page(page, record.world))


class PageWatch:
    """Reports one page from when it was asked for to its end.

    The time that it waits in line counts, because its visitor waits too.
    """

    def __init__(self, record: "PageRecord", metrics: Metrics, span: PageSpan) -> None:
        self._world, self._metrics, self._span = record.world, metrics, span
        self._asked = time.perf_counter()
        self._clock: float | None = None  # The time on our clock when the engine's clock stood at 0.

    def turn(self) -> None:
        """Report that the page's turn has come, which for most pages is at once."""
        self._metrics.waited(time.perf_counter() - self._asked)

    def frame(self, frame: "Frame") -> float:
        """Report a frame from the engine.

        Returns:
            When the engine had the frame, in seconds of our clock. The frame that came here fastest sets the offset of
            the two clocks.
        """
        now = time.perf_counter()
        if self._clock is None:
            self._clock = now - frame.elapsed
            self._metrics.first_frame(self._world, now - self._asked)
            self._span.event("first frame")
        self._clock = min(self._clock, now - frame.elapsed)
        self._metrics.frame(frame)
        if frame.final:
            self._span.event("commit", block=frame.block, steps=frame.step, readings=frame.reading)
        return self._clock + frame.elapsed

    def ended(self, record: "PageRecord") -> None:
        """Report that the page is committed or stopped."""
        seconds = time.perf_counter() - self._asked
        self._metrics.page(record, seconds)
        about: dict[str, Any] = {"outcome": record.reason or record.state}
        if record.stats:
            about |= {"tokens": record.stats.tokens, "canvases": record.stats.canvases}
        if record.doubt:
            about["doubt"] = record.doubt.score
        self._span.end(**about)
        about |= {"page": mark(record.id), "world": record.world, "seconds": round(seconds, 3)}
        log.info("page ended", extra=about)
