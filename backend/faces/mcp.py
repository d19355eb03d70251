"""MCP over streamable HTTP at `/mcp`, and over stdin and stdout for `silverprint mcp`."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from backend.errors import StartupError
from backend.faces.door import BODY_BYTES, Refused, admit, entrance, installed
from backend.hub import Hub
from backend.settings import Settings

PATH = "/mcp"
METHODS = ["GET", "POST", "DELETE", "OPTIONS"]
MISSING = "expected the extra mcp (pip install 'silverprint[mcp]')"
SESSIONS = 256
GUEST = "silverprint.guest"
"""Where a request's scope holds who sent it."""


def routes(settings: Settings) -> list[BaseRoute]:
    return [Route(PATH, Face(), methods=METHODS, middleware=entrance(settings.origins))]


class Server:
    """The MCP server, built when the first client comes: what it is made of takes a second to import."""

    def __init__(self, hub: Hub, settings: Settings) -> None:
        self._hub, self._settings = hub, settings
        self._wanted, self._built = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def __call__(self) -> Any:
        """Raises Refused without the package."""
        if not installed("mcp"):
            raise Refused(501, "not_installed", MISSING)
        self._wanted.set()
        return await asyncio.shield(self._built)

    async def run(self) -> None:
        """Until cancelled."""
        await self._wanted.wait()
        try:
            built = await asyncio.to_thread(self._build)
        except Exception as error:
            self._built.set_exception(error)
            raise
        async with built.session_manager.run():
            self._built.set_result(built)
            await asyncio.Event().wait()

    def _build(self) -> Any:
        from mcp.server.transport_security import TransportSecuritySettings

        from backend.faces.mcp_tools import server

        built = server(self._hub, self._settings.shell_origin)
        # Hosts and origins are checked at our own door, which knows the names that the service has.
        trusting = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        built.streamable_http_app(max_request_body_size=BODY_BYTES, max_sessions=SESSIONS, transport_security=trusting)
        return built


@contextlib.asynccontextmanager
async def running(hub: Hub, settings: Settings) -> AsyncIterator[Server]:
    """The MCP server as long as the service lives."""
    server = Server(hub, settings)
    task = asyncio.create_task(server.run())
    try:
        yield server
    finally:
        task.cancel()
        await asyncio.wait((task,))


class Face:
    """Lets clients in and hands them to the server of `app.state.mcp`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            scope[GUEST] = await admit(Request(scope, receive), "mcp")
            server = await scope["app"].state.mcp()
        except Refused as error:
            await failure(error)(scope, receive, send)
            return
        await server.session_manager.handle_request(scope, receive, send)


def failure(error: Refused) -> Response:
    """A refusal as JSON-RPC, whose request nobody has read."""
    told = {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": error.message, "data": error.code}}
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    return Response(json.dumps(told), error.status, headers, "application/json")


async def over_stdio(app: Any) -> None:
    """Serve one client on stdin and stdout with an application that listens nowhere. Raises StartupError."""
    async with app.router.lifespan_context(app):
        try:
            server = await app.state.mcp()
        except Refused as error:
            raise StartupError(error.message) from error
        await server.run_stdio_async()
