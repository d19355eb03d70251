"""Traces of connections, actions and pages with OpenTelemetry, which is loaded only if traces are asked for.

The OTEL_* variables say where traces go, as for every OpenTelemetry program (OTEL_EXPORTER_OTLP_ENDPOINT,
OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and so on). There is no global tracer.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from backend.errors import StartupError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span


class PageSpan(Protocol):
    """The span of one page."""

    def event(self, name: str, **about: int) -> None:
        """Add an event to the span."""

    def end(self, **about: Any) -> None:
        """End the span with these attributes."""


class Traces(Protocol):
    """Spans by name. A span begun inside another one, in the same task or in one made there, is its child."""

    def span(self, name: str, **about: Any) -> AbstractContextManager[None]:
        """Return a context manager that is a span."""

    def page(self, page: str, world: str) -> PageSpan:
        """Begin the span of a page; `page` is the mark of its id."""

    def close(self) -> None:
        """Send what is left and stop."""


class _NoPageSpan:
    """A page's span when traces are off."""

    def event(self, name: str, **about: int) -> None:
        pass

    def end(self, **about: Any) -> None:
        pass


class _NoTraces:
    """Traces that are off."""

    def span(self, name: str, **about: Any) -> AbstractContextManager[None]:
        return nullcontext()

    def page(self, page: str, world: str) -> PageSpan:
        return NO_PAGE_SPAN

    def close(self) -> None:
        pass


NO_PAGE_SPAN = _NoPageSpan()
NO_TRACES = _NoTraces()


def open_traces(exporter: "SpanExporter | None" = None) -> Traces:
    """Return traces that are sent over HTTP to where the OTEL_* variables say.

    Args:
        exporter: Receives the spans instead of that.

    Raises:
        StartupError: The extra `traces` is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise StartupError("expected the extra traces (pip install 'silverprint[traces]'), got none") from None
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    return _OpenTelemetry(provider)


class _OpenTelemetry:
    """Traces that are sent by OpenTelemetry."""

    def __init__(self, provider: "TracerProvider") -> None:
        self._provider, self._tracer = provider, provider.get_tracer("silverprint")

    def span(self, name: str, **about: Any) -> AbstractContextManager[Any]:
        # An exception's message may quote what a visitor sent. It is in the log, which replaces ids by marks.
        return self._tracer.start_as_current_span(
            name, attributes=named(about), record_exception=False, set_status_on_exception=False
        )

    def page(self, page: str, world: str) -> PageSpan:
        return _Span(self._tracer.start_span("page", attributes=named({"page": page, "world": world})))

    def close(self) -> None:
        """Send what is left; if nobody takes it, this blocks for as long as OTEL_BSP_EXPORT_TIMEOUT says."""
        self._provider.shutdown()


class _Span:
    """A page's span in OpenTelemetry."""

    def __init__(self, span: "Span") -> None:
        self._span = span

    def event(self, name: str, **about: int) -> None:
        self._span.add_event(name, named(about))

    def end(self, **about: Any) -> None:
        self._span.set_attributes(named(about))
        self._span.end()


def named(about: dict[str, Any]) -> dict[str, Any]:
    """Prefix attribute names with `silverprint.`."""
    return {f"silverprint.{name}": value for name, value in about.items()}
