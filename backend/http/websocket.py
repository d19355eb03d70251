"""One websocket: who may open it, the hello, then actions in and messages out until either side ends it."""

import asyncio
import json
import logging
import time
from collections.abc import Coroutine
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from backend.auth.access import Grant, Unauthorized
from backend.auth.admission import shown
from backend.auth.client import ClientIdentity
from backend.auth.client_address import address_of
from backend.auth.quota import TOO_MANY, Quota
from backend.auth.rate_limit import TokenBucket
from backend.errors import RESTARTING, ProtocolError, StoreError
from backend.http.connections import Connections as Connections
from backend.observability import audit_log
from backend.protocol.codec import Codec, JsonCodec, choose, decode, encode
from backend.protocol.compression import Drawn
from backend.protocol.messages import Ack, ClientMessage, Delta, Error, Hello, Keyframe, ServerMessage, Unasked
from backend.protocol.outbox import Outbox
from backend.sessions.registry import TRY_LATER
from backend.sessions.session import Session

HELLO_SECONDS = 10.0
ACKS, ACKS_PER_SECOND = 400, 200.0
BREATH = 0.05
UNREAD = 64
"""How many messages may wait for a client before its next one is read; each may hold a page."""
PATIENCE = 100
BAD_HELLO, UNAUTHORIZED = 4400, 4401
log = logging.getLogger(__name__)


async def serve_socket(socket: WebSocket, connections: Connections) -> None:
    """Handle a websocket from the handshake to the close."""
    origin = socket.headers.get("origin")
    if not connections.admission.knows(origin):
        await refuse(
            socket, connections, ProtocolError("foreign_origin", "expected an allowed Origin, got a foreign one")
        )
        return
    if connections.registry.draining:
        await refuse(socket, connections, ProtocolError("busy", RESTARTING), 503)
        return
    try:
        codec = choose(list(socket.scope.get("subprotocols", [])))
    except ProtocolError as error:
        await socket.accept()
        connections.observer.refused(error.code)
        await socket.send_text(str(encode(Error(error.code, error.message), JsonCodec(), 0)))
        await socket.close(error.close or BAD_HELLO, error.code)
        return
    address = address_of(socket)
    room = connections.claim_connection(address)
    try:
        await socket.accept(subprotocol=codec.subprotocol)
        with connections.observer.connection(codec.subprotocol):
            await Connection(socket, codec, connections).run(room)
    finally:
        connections.release_connection(address)


async def refuse(socket: WebSocket, connections: Connections, error: ProtocolError, status: int = 403) -> None:
    """Answer the handshake with the error as JSON."""
    connections.observer.refused(error.code)
    audit_log.tell("refuse", code=error.code, address=address_of(socket), at="ws")
    body = json.dumps({"type": "error", "seq": 0, "code": error.code, "message": error.message})
    await socket.send_denial_response(Response(body, status, media_type="application/json"))


class Connection:
    """An accepted websocket: one task reads, one writes."""

    def __init__(self, socket: WebSocket, codec: Codec, connections: Connections) -> None:
        self._socket, self._codec, self._connections = socket, codec, connections
        self._origin: str | None = socket.headers.get("origin")
        self._quota: Quota | None = None
        self._changed, self._sent = asyncio.Event(), asyncio.Event()
        self._outbox = Outbox(self._changed.set, connections.observer.metrics.dropped)
        self._session: Session | None = None
        self._acks = TokenBucket(ACKS, ACKS_PER_SECOND)
        self._unasked = TokenBucket(ACKS, ACKS_PER_SECOND)
        self._refused = 0

    async def run(self, room: bool) -> None:
        """Serve the websocket until the client leaves or is sent away.

        Args:
            room: Whether its address may have another connection.
        """
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read(room))
        try:
            await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and self._outbox.closing is not None:
                await asyncio.wait((writer,), timeout=HELLO_SECONDS)
        finally:
            if self._session:
                self._connections.registry.detach(self._session, self._outbox)
            if self._quota:
                self._quota.disconnect()
            self._connections.grants.pop(self._send_away, None)
            for task in (reader, writer):
                task.cancel()
            for outcome in await asyncio.gather(reader, writer, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                    log.error("connection failed", exc_info=outcome)

    async def _read(self, room: bool) -> None:
        """Read messages until the connection closes; an error before the hello is told and closes it."""
        try:
            if not room:
                most = self._connections.settings.address_connections
                raise ProtocolError("busy", f"expected at most {most} connections from an address", TOO_MANY)
            session = await self._hello()
            while self._outbox.closing is None:
                await self._next(session)
        except ProtocolError as error:
            if not self._session:
                audit_log.tell("refuse", code=error.code, address=address_of(self._socket), at="ws")
            self._tell(error)
            self._outbox.close(error.close or BAD_HELLO)

    async def _hello(self) -> Session:
        """Return the session that the first message opens.

        Raises:
            ProtocolError: The first message is no good hello, or does not come in time.
        """
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = decode(await self._receive(), self._codec)
        except TimeoutError:
            raise ProtocolError("expected_hello", f"expected hello within {HELLO_SECONDS:g} seconds") from None
        if not isinstance(hello, Hello):
            raise ProtocolError("expected_hello", f"expected hello first, got {hello.type}", BAD_HELLO)
        return await self._enter(hello, await self._admit(hello.token))

    async def _admit(self, token: str | None) -> Grant:
        """Return the grant of the client, by the token of its hello, else of its handshake.

        Raises:
            ProtocolError: unauthorized, busy or store_unavailable.
        """
        given = token if token is not None else shown(self._socket)
        try:
            grant = await self._connections.admission.admit(self._origin, given)
        except Unauthorized as error:
            raise ProtocolError("unauthorized", error.message, UNAUTHORIZED) from None
        except StoreError:
            said = "the store cannot be reached, and tickets are kept there; try again later"
            raise ProtocolError("store_unavailable", said, TRY_LATER) from None
        quota = self._connections.access.quota(grant)
        quota.connect()
        self._quota = quota
        self._connections.grants[self._send_away] = grant
        return grant

    async def _enter(self, hello: Hello, grant: Grant) -> Session:
        """Return the session that a client asks for, or a new one."""
        registry = self._connections.registry
        found = await registry.find(hello.session, grant) if hello.session else None
        session = found or self._connections.begin(address_of(self._socket), grant)
        if hello.session and not found:
            self._tell(ProtocolError("unknown_session", "this session is unknown or expired; here is a new one"))
        address, mark = address_of(self._socket), audit_log.mark(session.key)
        identity = ClientIdentity(grant.name, address, mark, self._connections.access.quota(grant), grant)
        self._session, session.style = session, ""
        registry.attach(session, self._outbox, identity)
        audit_log.tell("connect", token=grant.name, address=address, session=mark, resumed=found is not None)
        self._outbox.put(
            self._connections.welcome(session, found is not None, self._connections.admission.free(self._origin))
        )
        if found:
            await self._try(session.work.resume(-1 if hello.last_seq is None else hello.last_seq))
        return session

    async def _next(self, session: Session) -> None:
        """Take one message."""
        data = await self._receive()
        try:
            message = await self._decode(data, session)
        except ProtocolError as error:
            self._tell(error)
            if error.close:
                self._outbox.close(error.close)
            return
        if isinstance(message, Ack):
            self._outbox.acknowledged(message.seq)
        elif isinstance(message, Hello):
            self._tell(ProtocolError("expected_hello", "expected one hello, got a second"))
        else:
            with self._connections.observer.action(message.type):
                await self._try(session.handle(message), isinstance(message, Unasked))

    async def _decode(self, data: bytes | str, session: Session) -> ClientMessage:
        """Return a message within the client's allowance; one that cannot be decoded costs as much as an action.

        Messages that pages cause by themselves take nothing from it and are never refused. A client that sends more of
        them than a shell lets through is read slowly.
        """
        try:
            message = decode(data, self._codec)
        except ProtocolError:
            self._spend(session.bucket)
            raise
        if isinstance(message, Unasked):
            while not self._unasked.take(1, time.monotonic()):
                await asyncio.sleep(BREATH)
        else:
            self._spend(self._acks if isinstance(message, Ack) else session.bucket)
        return message

    def _spend(self, bucket: TokenBucket) -> None:
        """Take a message from an allowance.

        Raises:
            ProtocolError: rate_limited, which closes the connection after many in a row.
        """
        if bucket.take(1, time.monotonic()):
            self._refused = 0
            return
        self._refused += 1
        close = TOO_MANY if self._refused >= PATIENCE else None
        most = self._connections.settings.actions_per_second
        raise ProtocolError("rate_limited", f"expected at most {most:g} actions a second, got more", close)

    async def _try(self, work: Coroutine[Any, Any, None], unasked: bool = False) -> None:
        """Do something for the client; an error is told, and the connection goes on.

        Args:
            work: What to do.
            unasked: Whether a page caused it and not the visitor, who is then told only that the page keeps too much.
        """
        try:
            await work
        except ProtocolError as error:
            if not unasked or error.code == "store_full":
                self._tell(error)
        except Exception:
            log.exception("defect while handling a message")
            self._tell(ProtocolError("internal", "the service made a mistake; it is in the log"))

    def _send_away(self) -> None:
        """End the connection, because what let the client in is not valid any more."""
        mark = audit_log.mark(self._session.key) if self._session else ""
        audit_log.tell("dismiss", address=address_of(self._socket), session=mark)
        self._tell(ProtocolError("unauthorized", "the token or ticket that let you in is not valid any more"))
        self._outbox.close(UNAUTHORIZED)

    def _tell(self, error: ProtocolError) -> None:
        self._outbox.put(Error(error.code, error.message))

    async def _receive(self) -> bytes | str:
        """Return the next message, once fewer than UNREAD messages wait for the client.

        So nothing more is kept for a client that asks and does not read.
        """
        while self._outbox.waiting >= UNREAD:
            self._sent.clear()
            await self._sent.wait()
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        data: bytes | str | None = message.get("text")
        return message["bytes"] if data is None else data

    def _count(self, message: ServerMessage, size: int) -> None:
        """Record a message that was written to the socket."""
        if isinstance(message, Error):
            self._connections.observer.refused(message.code)
        ready = self._outbox.ready if isinstance(message, Keyframe | Delta) else None
        self._connections.observer.metrics.sent(
            message.type, size, None if ready is None else time.perf_counter() - ready
        )

    async def _write(self) -> None:
        """Send what the outbox gives, as fast as the socket takes it."""
        while True:
            self._changed.clear()
            while message := self._outbox.pop():
                seq = self._session.telling.number(message) if self._session else 0
                data = encode(message, self._codec, seq)
                if isinstance(data, str):
                    await self._socket.send_text(data)
                else:
                    data = Drawn(data) if isinstance(message, Keyframe | Delta) else data
                    await self._socket.send_bytes(data)
                self._outbox.numbered(seq)
                self._sent.set()
                self._count(message, (isinstance(data, Drawn) and data.sent) or len(data))
            if self._outbox.closing is not None:
                await self._socket.close(self._outbox.closing)
                return
            await self._changed.wait()
