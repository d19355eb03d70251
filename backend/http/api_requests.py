"""What every API does with a request: it lets the client in, limits the body, and notices when the client hangs up."""

import asyncio
import contextlib
import importlib.util
import json
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.auth.access import Grant, Unauthorized
from backend.auth.admission import shown
from backend.auth.client import ClientIdentity
from backend.auth.client_address import address_of
from backend.errors import RESTARTING, StoreError
from backend.http.connections import Connections
from backend.jobs.page_maker import PageMaker
from backend.models.base import Model
from backend.observability import audit_log
from backend.shape import clipped

if TYPE_CHECKING:
    from pydantic import ValidationError

BODY_BYTES = 2**18
"""The most bytes of a request: enough for a conversation with a page or two, and tokenised in a moment."""

BODY_SECONDS = 20.0
"""How long the body of a request may take to come."""

NESTING = 64
"""The most levels of lists and maps in a body; a tool's schema may take twenty."""

SAID = 80
"""The most characters of what a model says of an error, because that quotes the client."""

GONE = "gone"
"""The code of an error that no client hears."""

BREAKS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""Characters that some clients take for ends of lines, as JSON spells them in a string.

Server-sent events do not count them as ends of lines.
"""

SSE_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}
ROOM = "silverprint.room"
"""Where a request's scope holds whether its address may have another connection."""

Result = TypeVar("Result")


class Refused(Exception):
    """A request that an API does not serve.

    Attributes:
        status: The status of HTTP.
        code: A stable code, as in docs/protocol.md.
        message: One sentence for the client.
        param: The field at fault, if there is one.
    """

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param = status, code, message, param


@dataclass(frozen=True)
class ServiceContext:
    """What the APIs share with the service behind them; it is `app.state.house`.

    Attributes:
        connections: What all connections share.
        maker: Makes the pages and texts.
        engine: The model.
    """

    connections: Connections
    maker: PageMaker
    engine: Model


def installed(package: str) -> bool:
    """Return whether the package that an API needs is installed."""
    return importlib.util.find_spec(package) is not None


def house(request: Request) -> ServiceContext:
    """Return the service behind a request."""
    found: ServiceContext = request.app.state.house
    return found


def tell(request: Request, code: str) -> None:
    """Count an error that a client is told, but not one whose client is gone."""
    if code != GONE:
        house(request).connections.observer.refused(code)


async def admit(request: Request, at: str) -> ClientIdentity:
    """Let a client in as the websocket would: by its Origin, its token or its ticket.

    Args:
        request: The client's request.
        at: The name of the API, for the log.

    Raises:
        Refused: The client may not come in.
    """
    address = address_of(request)
    try:
        grant = await granted(request)
    except Refused as error:
        audit_log.tell("refuse", code=error.code, address=address, at=at)
        raise
    return ClientIdentity(grant.name, address, quota=house(request).connections.access.quota(grant), grant=grant)


async def granted(request: Request) -> Grant:
    """Return the grant of a client.

    Raises:
        Refused: The client may not come in, or not now.
    """
    connections, origin = house(request).connections, request.headers.get("origin")
    if not connections.admission.knows(origin):
        raise Refused(403, "foreign_origin", "expected an allowed Origin, got a foreign one")
    if connections.registry.draining:
        raise Refused(503, "busy", RESTARTING)
    if not request.scope[ROOM]:
        raise Refused(
            429, "busy", f"expected at most {connections.settings.address_connections} connections from an address"
        )
    try:
        return await connections.admission.admit(origin, shown(request))
    except Unauthorized as error:
        raise Refused(403 if error.known else 401, "unauthorized", error.message) from error
    except StoreError as error:
        said = "the store cannot be reached, and tickets are kept there; try again later"
        raise Refused(503, "store_unavailable", said) from error


def on_one_line(said: str) -> str:
    """Return an event of JSON in which no client can see more lines than there are."""
    return said.translate(BREAKS)


class ConnectionCounter:
    """Counts a request as a connection of its address while it lasts; `admit` refuses one too many."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, counted from its beginning to its end."""
        connections, address = scope["app"].state.connections, address_of(Request(scope))
        scope[ROOM] = connections.claim_connection(address)
        try:
            await self._app(scope, receive, send)
        finally:
            connections.release_connection(address)


def entrance(origins: Sequence[str]) -> list[Middleware]:
    """Return the middleware of every API.

    Browsers on the origins that may embed the shell may also read the answers.
    """
    options: dict[str, Any] = {"allow_methods": ["GET", "POST", "DELETE"], "allow_headers": ["*"], "max_age": 600}
    cors = [Middleware(CORSMiddleware, allow_origins=list(origins), **options)] if origins else []
    return [Middleware(ConnectionCounter), *cors]


def timely(receive: Receive, seconds: float) -> Receive:
    """Wrap an application's receive so that it raises Refused when the request's body takes longer than `seconds`."""
    deadline, whole = asyncio.get_running_loop().time() + seconds, False

    async def next_part() -> Message:
        nonlocal whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as error:
            raise Refused(408, "too_slow", f"expected a whole body within {seconds:g} seconds") from error
        whole = not message.get("more_body", False)
        return message

    return next_part


async def body_of(request: Request) -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        Refused: The body is too large, comes too slowly, or is no JSON object.
    """
    return parsed(await bytes_of(request))


async def bytes_of(request: Request) -> bytes:
    """Return the request's body.

    Raises:
        Refused: The body comes too slowly, or is too large, as backend/http/body_limit.py counts.
    """
    data = bytearray()
    try:
        async for part in Request(request.scope, timely(request.receive, BODY_SECONDS)).stream():
            data += part
    except ClientDisconnect as error:
        raise Refused(499, GONE, "the client hung up") from error
    return bytes(data)


def parsed(data: bytes) -> dict[str, Any]:
    """Return a JSON object that can be sent on as it is: Unicode text, finite numbers, and at most NESTING levels.

    Raises:
        Refused: The data is none.
    """
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text, parse_constant=finite, parse_float=finite)
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Refused(400, "bad_json", "expected Unicode text in the body, got a lone surrogate") from error
    except (ValueError, RecursionError) as error:
        raise Refused(400, "bad_json", f"expected a JSON object in the body, got what is none: {error}") from error
    if not isinstance(found, dict):
        raise Refused(400, "bad_json", f"expected a JSON object in the body, got {type(found).__name__}")
    if deep(found):
        raise Refused(400, "bad_json", f"expected at most {NESTING} levels in the body, got more")
    return found


def finite(number: str) -> float:
    """Return a number of JSON as a float.

    Raises:
        ValueError: It is a number that JSON does not have, or that no float can hold.
    """
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{clipped(number)} is no finite number")
    return value


def complaint(error: "ValidationError") -> str:
    """Return the first thing that a model finds wrong in what a client sent, and where."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return clipped(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", SAID)


def deep(value: Any) -> bool:
    """Return whether lists and maps are nested more than NESTING levels deep."""
    level = [value]
    for _ in range(NESTING + 1):
        groups = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [one for group in groups for one in group]
    return bool(level)


async def unless_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Do work for a client whose body has been read; the work is cancelled when the client hangs up.

    Raises:
        ClientDisconnect: The client hung up.
    """
    doing, leaving = asyncio.create_task(work), asyncio.create_task(hung_up(request))
    try:
        await asyncio.wait((doing, leaving), return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ClientDisconnect
    finally:
        for task in (doing, leaving):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(doing, leaving, return_exceptions=True)


async def hung_up(request: Request) -> None:
    """Wait until the client hangs up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class EventStream(StreamingResponse):
    """A response of server-sent events.

    Its `close` is called when the last event is sent or the client is gone, even before the first event.
    """

    def __init__(self, events: AsyncIterator[str], close: Callable[[], None]) -> None:
        super().__init__(events, headers=SSE_HEADERS, media_type="text/event-stream")
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, then call `close`."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()
