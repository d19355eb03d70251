"""What every face does at its admission: who comes in, how much they may say, and what happens when they hang up."""

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
"""Of a request: enough for a conversation with a page or two in it, and tokenised in a moment."""

BODY_SECONDS = 20.0
"""For the body of a request to come."""

NESTING = 64
"""Levels of lists and maps in a body; a tool's schema may take twenty."""

SAID = 80
"""Characters of what a model says of an error, which quotes the client."""

GONE = "gone"
"""The code of what nobody hears."""

BREAKS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""What some clients take for ends of lines though server-sent events do not, as JSON spells it in a string."""

SSE_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}
ROOM = "silverprint.room"
"""Where a request's scope holds whether its address may have another connection."""

Result = TypeVar("Result")


class Refused(Exception):
    """A request that a face does not serve. status: of HTTP. code: stable, as in docs/protocol.md. param: the field."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param = status, code, message, param


@dataclass(frozen=True)
class ServiceContext:
    """What the faces share with the service behind them. It is `app.state.house`."""

    connections: Connections
    maker: PageMaker
    engine: Model


def installed(package: str) -> bool:
    """Whether the package that a face needs is there."""
    return importlib.util.find_spec(package) is not None


def house(request: Request) -> ServiceContext:
    found: ServiceContext = request.app.state.house
    return found


def tell(request: Request, code: str) -> None:
    """Count an error that a client is told, which one that is gone is not."""
    if code != GONE:
        house(request).connections.observer.refused(code)


async def admit(request: Request, at: str) -> ClientIdentity:
    """Let a client in as the websocket would: by its Origin, its token or its ticket. at: which face, for the log.

    Raises Refused.
    """
    address = address_of(request)
    try:
        grant = await granted(request)
    except Refused as error:
        audit_log.tell("refuse", code=error.code, address=address, at=at)
        raise
    return ClientIdentity(grant.name, address, quota=house(request).connections.access.quota(grant), grant=grant)


async def granted(request: Request) -> Grant:
    """The grant of a client. Raises Refused."""
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
    """An event of JSON that no client can read as more lines than it has."""
    return said.translate(BREAKS)


class ConnectionCounter:
    """Counts a request as a connection of its address, as long as it lasts; `admit` refuses one too many."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connections, address = scope["app"].state.connections, address_of(Request(scope))
        scope[ROOM] = connections.claim_connection(address)
        try:
            await self._app(scope, receive, send)
        finally:
            connections.release_connection(address)


def entrance(origins: Sequence[str]) -> list[Middleware]:
    """What stands before every face. Browsers on the origins that may embed the shell may read the answers, too."""
    options: dict[str, Any] = {"allow_methods": ["GET", "POST", "DELETE"], "allow_headers": ["*"], "max_age": 600}
    cors = [Middleware(CORSMiddleware, allow_origins=list(origins), **options)] if origins else []
    return [Middleware(ConnectionCounter), *cors]


def timely(receive: Receive, seconds: float) -> Receive:
    """An application's receive that raises Refused when the request's body takes longer."""
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
    """The request's JSON object. Raises Refused for one that is too large, too slow or none."""
    return parsed(await bytes_of(request))


async def bytes_of(request: Request) -> bytes:
    """The request's body. Raises Refused for one that is too slow, or too large, as backend/http/body_limit.py
    counts."""
    data = bytearray()
    try:
        async for part in Request(request.scope, timely(request.receive, BODY_SECONDS)).stream():
            data += part
    except ClientDisconnect as error:
        raise Refused(499, GONE, "the client hung up") from error
    return bytes(data)


def parsed(data: bytes) -> dict[str, Any]:
    """A JSON object that can be sent on as it is: Unicode text, finite numbers, so many levels. Raises Refused."""
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
    """Raises ValueError for what no JSON number can be, and for what no float can hold."""
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{clipped(number)} is no finite number")
    return value


def complaint(error: "ValidationError") -> str:
    """The first thing that a model finds wrong in what a client sent, and where."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return clipped(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", SAID)


def deep(value: Any) -> bool:
    """Whether lists and maps stand in each other more than so many levels deep."""
    level = [value]
    for _ in range(NESTING + 1):
        groups = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [one for group in groups for one in group]
    return bool(level)


async def unless_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Do work for a client whose body is read. Raises ClientDisconnect when it hangs up, with the work cancelled."""
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
    while (await request.receive())["type"] != "http.disconnect":
        pass


class EventStream(StreamingResponse):
    """Server-sent events. close: called when the last is sent or the client is gone, even before the first."""

    def __init__(self, events: AsyncIterator[str], close: Callable[[], None]) -> None:
        super().__init__(events, headers=SSE_HEADERS, media_type="text/event-stream")
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()
