"""Traces of connections, actions and pages with OpenTelemetry, for those who want them; nothing of it is loaded else.

Where they go is told by the OTEL_* variables that every OpenTelemetry program reads (OTEL_EXPORTER_OTLP_ENDPOINT,
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
    def event(self, name: str, **about: int) -> None: ...

    def end(self, **about: Any) -> None: ...


class Traces(Protocol):
    """Spans by name; what is begun inside a span, in the same task or one made there, is a child of it."""

    def span(self, name: str, **about: Any) -> AbstractContextManager[None]: ...

    def page(self, page: str, world: str) -> PageSpan: ...

    def close(self) -> None: ...


class _NoPageSpan:
    def event(self, name: str, **about: int) -> None:
        pass

    def end(self, **about: Any) -> None:
        pass


class _NoTraces:
    def span(self, name: str, **about: Any) -> AbstractContextManager[None]:
        return nullcontext()

    def page(self, page: str, world: str) -> PageSpan:
        return NO_PAGE_SPAN

    def close(self) -> None:
        pass


NO_PAGE_SPAN = _NoPageSpan()
NO_TRACES = _NoTraces()


def open_traces(exporter: "SpanExporter | None" = None) -> Traces:
    """Traces that go where OTEL_* variables say, over HTTP. exporter: instead of that. Raises StartupError without the
    extra."""
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
    def __init__(self, provider: "TracerProvider") -> None:
        self._provider, self._tracer = provider, provider.get_tracer("silverprint")

    def span(self, name: str, **about: Any) -> AbstractContextManager[Any]:
        # What an exception says may quote what a visitor sent; it stands in the log, which cuts ids.
        return self._tracer.start_as_current_span(
            name, attributes=named(about), record_exception=False, set_status_on_exception=False
        )

    def page(self, page: str, world: str) -> PageSpan:
        return _Span(self._tracer.start_span("page", attributes=named({"page": page, "world": world})))

    def close(self) -> None:
        """Send what is left. Blocks for as long as OTEL_BSP_EXPORT_TIMEOUT says, if nobody takes it."""
        self._provider.shutdown()


class _Span:
    def __init__(self, span: "Span") -> None:
        self._span = span

    def event(self, name: str, **about: int) -> None:
        self._span.add_event(name, named(about))

    def end(self, **about: Any) -> None:
        self._span.set_attributes(named(about))
        self._span.end()


def named(about: dict[str, Any]) -> dict[str, Any]:
    return {f"silverprint.{name}": value for name, value in about.items()}
