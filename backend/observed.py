"""What operators ask the service over HTTP: its metrics, for those with an admin token."""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backend.access import Access, Unauthorized
from backend.meters import CONTENT_TYPE, Meters, gpu_bytes

if TYPE_CHECKING:
    from backend.connection import Desk
    from backend.making import Press

NO_STORE = {"cache-control": "no-store"}


def watch(meters: Meters, desk: "Desk", press: "Press") -> None:
    """Read what is there at the moment whenever somebody asks."""
    meters.gauge("pages_running", "Pages being made", lambda: len(press.running))
    meters.gauge("pages_waiting", "Pages that wait for their turn", lambda: press.waiting)
    meters.gauge("connections", "Open websockets", lambda: desk.open.total())
    meters.gauge("sessions", "Sessions in memory", lambda: desk.hub.count)
    meters.gauge("gpu_memory_bytes", "Memory held on the GPU; 0 without one", gpu_bytes)


async def metrics(request: Request) -> Response:
    """GET /metrics, for a bearer token with the scope admin."""
    access: Access = request.app.state.access
    try:
        access.grant(request.headers.get("authorization"), "admin")
    except Unauthorized as refusal:
        headers = NO_STORE | ({} if refusal.known else {"www-authenticate": "Bearer"})
        return PlainTextResponse(refusal.message, 403 if refusal.known else 401, headers=headers)
    return exposed(request.app.state.desk.meters)


def exposed(meters: Meters) -> Response:
    return Response(meters.exposition(), media_type=CONTENT_TYPE, headers=NO_STORE)
