"""MCP over streamable HTTP at `/mcp`, and over stdin and stdout for `silverprint mcp`."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from backend.errors import StartupError
from backend.faces.door import BODY_BYTES, Refused, admit, cross_origin, installed
from backend.hub import Hub
from backend.settings import Settings

PATH = "/mcp"
METHODS = ["GET", "POST", "DELETE", "OPTIONS"]
MISSING = "expected the extra mcp (pip install 'silverprint[mcp]')"
SESSIONS = 256


def routes(settings: Settings) -> list[BaseRoute]:
    return [Route(PATH, Face(), methods=METHODS, middleware=cross_origin(settings.origins))]


@contextlib.asynccontextmanager
async def running(hub: Hub, settings: Settings) -> AsyncIterator[Any]:
    """The MCP server as long as the service lives; None without the package."""
    if not installed("mcp"):
        yield None
        return
    from backend.faces.mcp_tools import server

    served = server(hub, settings.shell_origin)
    served.streamable_http_app(max_request_body_size=BODY_BYTES, max_sessions=SESSIONS, host=settings.host)
    async with served.session_manager.run():
        yield served


class Face:
    """Lets clients in and hands them to the server of `app.state.mcp`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            admit(request)
            if scope["app"].state.mcp is None:
                raise Refused(501, "not_installed", MISSING)
        except Refused as error:
            await failure(error)(scope, receive, send)
            return
        await scope["app"].state.mcp.session_manager.handle_request(scope, receive, send)


def failure(error: Refused) -> Response:
    """A refusal as JSON-RPC, whose request nobody has read."""
    told = {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": error.message, "data": error.code}}
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    return Response(json.dumps(told), error.status, headers, "application/json")


async def over_stdio(app: Any) -> None:
    """Serve one client on stdin and stdout with an application that listens nowhere. Raises StartupError."""
    async with app.router.lifespan_context(app):
        if app.state.mcp is None:
            raise StartupError(MISSING)
        await app.state.mcp.run_stdio_async()
