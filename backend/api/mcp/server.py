"""MCP over streamable HTTP at `/mcp`, and over stdin and stdout for `silverprint mcp`."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from backend.api.mcp.error_texts import Answers, check, failure
from backend.api.mcp.session_limit import GUEST, SESSION_KEY, McpSession, McpSessions
from backend.auth.access import Grant, Unauthorized
from backend.auth.client_address import address_of, network
from backend.errors import StartupError
from backend.http.api_requests import (
    BODY_BYTES,
    BODY_SECONDS,
    Refused,
    admit,
    bytes_of,
    entrance,
    house,
    installed,
    parsed,
    tell,
    timely,
)
from backend.observability import audit_log
from backend.sessions.registry import SessionRegistry
from backend.settings import Settings

PATH = "/mcp"
METHODS = ["GET", "POST", "DELETE", "OPTIONS"]
MISSING = "expected the extra mcp (pip install 'silverprint[mcp]')"
SESSIONS, SHARE = 256, 32
"""The most sessions in all, and of one address."""
VERSION = "mcp-protocol-version"
"""The header that names the version of the protocol."""


def routes(settings: Settings) -> list[BaseRoute]:
    """Return the route of the API."""
    return [Route(PATH, Face(), methods=METHODS, middleware=entrance(settings.origins))]


class Server:
    """The MCP server, built when the first client comes, because its package takes a second to import."""

    def __init__(self, registry: SessionRegistry, settings: Settings, tell: Callable[[str], None]) -> None:
        self._registry, self._settings, self._tell = registry, settings, tell
        self._seats = McpSessions(SESSIONS, SHARE)
        self._wanted, self._built = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def __call__(self) -> Any:
        """Wait until the library's server is built and return it.

        Raises:
            Refused: The extra `mcp` is not installed.
        """
        if not installed("mcp"):
            raise Refused(501, "not_installed", MISSING)
        self._wanted.set()
        return await asyncio.shield(self._built)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request.

        Raises:
            Refused: The request is not served; nothing has been sent.
        """
        manager, request = (await self()).session_manager, Request(scope)
        seat = await self._seat(manager, request)
        if seat is None:
            disown(scope)
            await manager.handle_request(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = Headers(raw=message["headers"]).get(SESSION_KEY, "")
                ended = message["status"] == 404 or request.method == "DELETE"
                seat.key = "" if ended else seat.key or (told if message["status"] < 400 else "")
            await send(message)

        with self._seats.use(seat):
            await manager.handle_request(scope, receive, watched)

    async def _seat(self, manager: Any, request: Request) -> McpSession | None:
        """Return the session of a request, or a place for the session that it opens.

        It is None if the request has no session, or one that another client opened.

        Raises:
            Refused: There is no room for another session.
        """
        from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

        opener = opener_of(request)
        if key := request.headers.get(SESSION_KEY):
            return self._seats.of(key, opener)
        if request.headers.get(VERSION, HANDSHAKE_PROTOCOL_VERSIONS[0]) not in HANDSHAKE_PROTOCOL_VERSIONS:
            return None
        address = network(address_of(request))
        while not self._seats.room(address):
            idle = self._seats.give_up(address)
            if idle is None:
                raise Refused(503, "busy", "expected fewer MCP sessions at work, got as many as there may be")
            await end(manager, request.scope, idle.key)
        return McpSession(address, opener)

    async def run(self) -> None:
        """Build the library's server when it is first asked for, and run it until cancelled."""
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
        """Build the library's server, in a thread."""
        from mcp.server.transport_security import TransportSecuritySettings

        from backend.api.mcp.tools import server

        built = server(self._registry, self._settings.shell_origin, self._tell)
        # Hosts and Origins are checked at the service's own admission, which knows the service's names.
        trusting = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        built.streamable_http_app(max_request_body_size=BODY_BYTES, max_sessions=SESSIONS, transport_security=trusting)
        return built


@contextlib.asynccontextmanager
async def running(registry: SessionRegistry, settings: Settings, tell: Callable[[str], None]) -> AsyncIterator[Server]:
    """Run the MCP server as long as the service lives.

    Args:
        registry: The sessions.
        settings: Options of the service.
        tell: Counts an error that a client is told, by its code.
    """
    server = Server(registry, settings, tell)
    task = asyncio.create_task(server.run())
    try:
        yield server
    finally:
        task.cancel()
        await asyncio.wait((task,))


class Face:
    """The ASGI application of the route: it lets clients in and hands them to the server in `app.state.mcp`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        request = Request(scope, receive)
        try:
            scope[GUEST] = await admit(request, "mcp")
            receive = await checked(request) if request.method == "POST" else timely(receive, BODY_SECONDS)
            answers = Answers(scope, receive, send, partial(tell, request))
            listening = dismissed(request, send) if request.method == "GET" else contextlib.nullcontext()
            async with listening:
                await scope["app"].state.mcp.handle(scope, receive, answers)
        except Refused as error:
            tell(request, error.code)
            await failure(error)(scope, receive, send)


def opener_of(request: Request) -> bytes:
    """Return what tells a client from others: its token, or else the Origin that needs no token."""
    grant: Grant = request.scope[GUEST].grant
    return grant.digest or f"{grant.name} {request.headers.get('origin')}".encode()


def disown(scope: Scope) -> None:
    """Have a request name a session that does not exist, instead of the one that it names, if any."""
    nowhere = secrets.token_hex(16).encode()
    scope["headers"] = [(name, nowhere if name == SESSION_KEY.encode() else value) for name, value in scope["headers"]]


@contextlib.asynccontextmanager
async def dismissed(request: Request, send: Send) -> AsyncIterator[None]:
    """Keep a stream open for as long as its client may come in, and then end it."""
    connections, identity = house(request).connections, request.scope[GUEST]
    try:
        async with connections.while_granted(identity.grant):
            yield
    except Unauthorized:
        audit_log.tell("dismiss", token=identity.name, address=identity.address)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def end(manager: Any, scope: Scope, key: str) -> None:
    """End a session as its client would."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Message) -> None: ...

    asked = {"method": "DELETE", "headers": [(SESSION_KEY.encode(), key.encode())]}
    await manager.handle_request({**scope, **asked}, receive, send)


async def checked(request: Request) -> Receive:
    """Read and check the body of a request.

    Returns:
        A receive that gives the body once more, and then whatever comes.

    Raises:
        Refused: The body is not served.
    """
    body = await bytes_of(request)
    check(parsed(body))
    unread = [body]

    async def receive() -> Message:
        more = request.receive
        return {"type": "http.request", "body": unread.pop(), "more_body": False} if unread else await more()

    return receive


async def over_stdio(app: Any) -> None:
    """Serve one client on stdin and stdout, with an application that listens nowhere.

    Raises:
        StartupError: The extra `mcp` is not installed.
    """
    async with app.router.lifespan_context(app):
        try:
            server = await app.state.mcp()
        except Refused as error:
            raise StartupError(error.message) from error
        await server.run_stdio_async()
