"""The service as an ASGI application: its routes and the objects that live as long as the service does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from backend.api.ag_ui.routes import routes as ag_ui_routes
from backend.api.mcp import server
from backend.api.openai.routes import routes as openai_routes
from backend.auth import tickets
from backend.auth.access import open_access
from backend.auth.admission import Admission
from backend.auth.shared_quota import share_use
from backend.auth.tickets import Tickets
from backend.composer.compose import Composer
from backend.composer.facts import FactsIndex
from backend.handover.redis_relay import relay_of
from backend.http import browser_files
from backend.http.api_requests import ServiceContext
from backend.http.body_limit import BodyLimit
from backend.http.browser_files import connections, missing
from backend.http.connections import Connections
from backend.http.forwarded_headers import ForwardedHeaders
from backend.http.health import Readiness, metrics, ready, watch
from backend.http.host_check import HostCheck
from backend.http.websocket import serve_socket
from backend.jobs.page_maker import PageMaker
from backend.models.model_card import ModelCard, card_for
from backend.observability.audit_log import AuditLog
from backend.observability.metered_store import timed
from backend.observability.observer import Observer
from backend.observability.tracing import NO_TRACES, open_traces
from backend.sessions.registry import SessionRegistry
from backend.settings import Settings
from backend.storage.cleanup import keep_tidy
from backend.storage.records import Store
from backend.storage.redis_store import open_store
from backend.trusted_proxies import TrustedProxies
from backend.voice.recognition import hears
from backend.voice.routes import MOST_BYTES, SpeechSocket, hear, transcribe

if TYPE_CHECKING:
    from backend.models.base import Model

TRANSCRIPTIONS = "/v1/audio/transcriptions"


def create_app(settings: Settings, engine: "Model", store: Store | None = None) -> Starlette:
    """Build the service around an engine.

    The lifespan of the application closes the store, but never the engine. It raises StartupError for anything that
    keeps the service from starting.

    Args:
        settings: Options of the service.
        engine: The model that makes the pages.
        store: Where sessions are kept. By default the lifespan opens the store that the settings name.

    Returns:
        The application, with its lifespan, routes and middleware.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            opened = store or await open_store(settings)
            stack.push_async_callback(opened.close)
            stack.callback(AuditLog(settings.audit).close)
            await furnish(app, settings, engine, opened, stack)
            yield

    routes = [
        *browser_files.routes(),
        Route("/healthz", health),
        Route("/readyz", ready),
        Route("/metrics", metrics),
        WebSocketRoute("/ws", socket),
        Route(TRANSCRIPTIONS, transcribe, methods=["POST"]),
        WebSocketRoute("/voice", hear),
        *tickets.routes(),
        *ag_ui_routes(settings),
        *openai_routes(settings),
        *server.routes(settings),
    ]
    handlers = {404: missing, 405: missing}
    middleware = [
        Middleware(ForwardedHeaders, proxies=TrustedProxies(settings.proxy)),
        Middleware(HostCheck, settings=settings),
        Middleware(BodyLimit, larger={TRANSCRIPTIONS: MOST_BYTES}),
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers, middleware=middleware)


async def furnish(
    app: Starlette, settings: Settings, engine: "Model", store: Store, stack: contextlib.AsyncExitStack
) -> None:
    """Put everything that the routes need into the application's state.

    Args:
        app: The application whose state is filled.
        settings: Options of the service.
        engine: The model that makes the pages.
        store: The open store.
        stack: Closes what is opened here when the application ends.

    Raises:
        StartupError: The service cannot start with these settings.
    """
    state = app.state
    state.access = open_access(settings)
    state.tickets = Tickets(state.access, store)
    admission = Admission(settings, state.access, state.tickets)
    traces = open_traces() if settings.traces else NO_TRACES
    stack.callback(traces.close)
    observer = Observer(traces=traces)
    card = card_for(settings)
    maker = PageMaker(engine, card.dialect, settings, observer, card.judge)
    await stack.enter_async_context(share_use(store, state.access))
    registry = await begin(card, maker, settings, store, stack)
    state.ear = SpeechSocket(settings, admission)
    state.connections = Connections(
        settings, registry, card.name, state.access, admission, hears(settings.voice_model), observer=observer
    )
    reviewing = asyncio.create_task(state.connections.keep_reviewing())
    stack.callback(reviewing.cancel)
    state.house = ServiceContext(state.connections, maker, engine)
    state.mcp = await stack.enter_async_context(server.running(registry, settings, observer.refused))
    state.readiness = Readiness(store, engine, maker)
    watch(observer.metrics, state.connections, maker)


async def begin(
    card: ModelCard, maker: PageMaker, settings: Settings, store: Store, stack: contextlib.AsyncExitStack
) -> SessionRegistry:
    """Start the session registry, which may be asked for sessions from now on.

    Only sessions use the metered store. Code that must know which kind of store it has gets the store itself.

    Args:
        card: The model card of the checkpoint.
        maker: Makes the pages.
        settings: Options of the service.
        store: The open store.
        stack: Closes what is opened here when the application ends.

    Returns:
        The registry, already started.

    Raises:
        StartupError: The facts cannot be read or indexed.
        StoreError: The store did not answer.
    """
    facts = FactsIndex.open(settings.facts, settings.data)
    if facts:
        stack.callback(facts.close)
    registry = SessionRegistry(
        timed(store, maker.observer.metrics), Composer(card, facts), maker, settings, relay_of(store)
    )
    stack.push_async_callback(registry.close)
    await registry.start()
    tidying = asyncio.create_task(keep_tidy(store, settings.stored_sessions, registry.holds))
    stack.callback(tidying.cancel)
    return registry


async def health(request: Request) -> Response:
    """Answer GET /healthz: the process is up, and this is its model."""
    return JSONResponse({"status": "ok", "model": connections(request).model}, headers={"cache-control": "no-store"})


async def socket(websocket: WebSocket) -> None:
    """Serve one websocket of a shell on /ws."""
    await serve_socket(websocket, websocket.app.state.connections)
