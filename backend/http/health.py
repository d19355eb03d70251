"""What operators and their machines ask over HTTP: metrics, whether the service is up, and whether it is ready."""

import asyncio
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from backend.auth.access import Access, Unauthorized
from backend.errors import StoreError
from backend.observability.metrics import CONTENT_TYPE, Metrics, gpu_bytes

if TYPE_CHECKING:
    from backend.http.connections import Connections
    from backend.jobs.page_maker import PageMaker
    from backend.models.base import Model
    from backend.storage.records import Store
    from engine.core.errors import DeviceLost

NO_STORE = {"cache-control": "no-store"}
STORE_SECONDS = 2.0


def watch(figures: Metrics, connections: "Connections", maker: "PageMaker") -> None:
    """Register figures that are read whenever metrics are scraped."""
    figures.gauge("pages_running", "Pages being made", lambda: len(maker.running))
    figures.gauge("pages_waiting", "Pages that wait for their turn", lambda: maker.waiting)
    figures.gauge("connections", "Open websockets, and requests in other protocols", lambda: connections.open.total())
    figures.gauge("sessions", "Sessions in memory", lambda: connections.registry.count)
    figures.gauge("gpu_memory_bytes", "Memory held on the GPU; 0 without one", gpu_bytes)


class Readiness:
    """Whether the service can take clients: its model works, its store answers, and it is not about to end.

    Attributes:
        lost: The error by which the model was lost, if it was.
    """

    def __init__(self, store: "Store", engine: "Model", maker: "PageMaker") -> None:
        self._store, self._maker = store, maker
        self.lost: DeviceLost | None = None

    async def reasons(self) -> list[str]:
        """Return why the service is not ready, one sentence for each reason; none if it is ready."""
        found = []
        if self._maker.draining:
            found.append("the service is about to end")
        if self.lost:
            found.append("the model is lost")
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await self._store.ping()
        except (StoreError, TimeoutError):
            found.append("the store does not answer")
        return found


async def ready(request: Request) -> Response:
    """Answer GET /readyz: 200 for a service that takes clients, else 503 with reasons."""
    readiness: Readiness = request.app.state.readiness
    reasons = await readiness.reasons()
    body = {"status": "not ready" if reasons else "ready", "reasons": reasons}
    return JSONResponse(body, 503 if reasons else 200, headers=NO_STORE)


async def metrics(request: Request) -> Response:
    """Answer GET /metrics, for a bearer token with the scope admin."""
    access: Access = request.app.state.access
    try:
        access.grant(request.headers.get("authorization"), "admin")
    except Unauthorized as refusal:
        headers = NO_STORE | ({} if refusal.known else {"www-authenticate": "Bearer"})
        return PlainTextResponse(refusal.message, 403 if refusal.known else 401, headers=headers)
    return exposed(request.app.state.connections.observer.metrics)


def exposed(figures: Metrics) -> Response:
    """Return metrics as a response."""
    return Response(figures.exposition(), media_type=CONTENT_TYPE, headers=NO_STORE)


def side_door(app: Starlette) -> Starlette:
    """Return an application that serves another application's metrics without a token.

    It is for a port of its own that only operators reach.
    """

    async def shown(_: Request) -> Response:
        return exposed(app.state.connections.observer.metrics)

    return Starlette(routes=[Route("/metrics", shown)])
