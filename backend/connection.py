"""One websocket: who may open it, hello, then actions in and messages out until either side ends it."""

import asyncio
import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from backend.bucket import Bucket
from backend.errors import ProtocolError
from backend.history import LENGTH
from backend.hub import Hub
from backend.messages import (
    PROMPT_CHARS,
    Ack,
    ClientMessage,
    Delta,
    Error,
    Hello,
    Keyframe,
    Limits,
    ServerMessage,
    Welcome,
)
from backend.observer import Observer
from backend.outbox import Outbox
from backend.protocol import MESSAGE_BYTES, Codec, JsonCodec, choose, decode, encode
from backend.session import BURST, PER_SECOND, Session
from backend.settings import Settings

HELLO_SECONDS = 10.0
ACKS, ACKS_PER_SECOND = 400, 200.0
PATIENCE = 100
PER_ADDRESS = 64
BAD_HELLO, UNAUTHORIZED, TOO_MANY = 4400, 4401, 4429
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Desk:
    """What all connections share. token: the bearer token of clients without an Origin. voice: whether it can hear."""

    settings: Settings
    hub: Hub
    model: str
    token: str
    voice: bool = False
    open: "Counter[str]" = field(default_factory=Counter)
    observer: Observer = field(default_factory=Observer)

    def asks(self, origin: str | None) -> str:
        """The token that a client of an origin must send; "" for none. Without an origin it is the service's own."""
        if origin == self.settings.shell_origin:
            return ""
        return (self.settings.embed_token or "") if origin in self.settings.origins else self.token

    def welcome(self, session: Session, resumed: bool, own: bool) -> Welcome:
        settings, history = self.settings, session.items()
        limits = Limits(
            MESSAGE_BYTES,
            PROMPT_CHARS,
            settings.page_tokens,
            settings.page_seconds,
            settings.grace_seconds,
            LENGTH,
            BURST,
            PER_SECOND,
        )
        index = session.archive.history.index
        frames, voice = settings.frame_origin, self.voice and own
        return Welcome(session.key, resumed, self.model, frames, voice, limits, history, index)

    def enter(self, address: str) -> bool:
        """Count a connection; whether its address may have it."""
        self.open[address] += 1
        return self.open[address] <= PER_ADDRESS

    def leave(self, address: str) -> None:
        self.open[address] -= 1
        if not self.open[address]:
            del self.open[address]


async def serve_socket(socket: WebSocket, desk: Desk) -> None:
    """Handle a websocket from handshake to close."""
    origin = socket.headers.get("origin")
    if origin not in (None, "null", *desk.settings.allowed_origins):
        await refuse(socket, ProtocolError("foreign_origin", "expected an allowed Origin, got a foreign one"))
        return
    try:
        codec = choose(list(socket.scope.get("subprotocols", [])))
    except ProtocolError as error:
        await socket.accept()
        await socket.send_text(str(encode(Error(error.code, error.message), JsonCodec(), 0)))
        await socket.close(error.close or BAD_HELLO, error.code)
        return
    address = socket.client.host if socket.client else ""
    room = desk.enter(address)
    try:
        await socket.accept(subprotocol=codec.subprotocol)
        with desk.observer.connection(codec.subprotocol):
            await Connection(socket, codec, desk, desk.asks(origin)).run(room)
    finally:
        desk.leave(address)


async def refuse(socket: WebSocket, error: ProtocolError) -> None:
    """Answer the handshake with 403 and the error as JSON."""
    body = json.dumps({"type": "error", "seq": 0, "code": error.code, "message": error.message})
    await socket.send_denial_response(Response(body, 403, media_type="application/json"))


class Connection:
    """An accepted socket: one task reads, one writes. token: what its hello must hold, "" for nothing."""

    def __init__(self, socket: WebSocket, codec: Codec, desk: Desk, token: str) -> None:
        self._socket, self._codec, self._desk, self._token = socket, codec, desk, token
        self._changed = asyncio.Event()
        self._outbox = Outbox(self._changed.set, desk.observer.meters.dropped)
        self._session: Session | None = None
        self._acks = Bucket(ACKS, ACKS_PER_SECOND)
        self._refused = 0

    async def run(self, room: bool) -> None:
        """Until the client leaves or is sent away. room: its address may have another connection."""
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read(room))
        try:
            await asyncio.wait((reader, writer), return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and self._outbox.closing is not None:
                await asyncio.wait((writer,), timeout=HELLO_SECONDS)
        finally:
            if self._session:
                self._desk.hub.detach(self._session, self._outbox)
            for task in (reader, writer):
                task.cancel()
            for outcome in await asyncio.gather(reader, writer, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                    log.error("connection failed", exc_info=outcome)

    async def _read(self, room: bool) -> None:
        try:
            if not room:
                raise ProtocolError("busy", f"expected at most {PER_ADDRESS} connections from an address", TOO_MANY)
            session = await self._hello()
            while self._outbox.closing is None:
                await self._next(session)
        except ProtocolError as error:
            self._tell(error)
            self._outbox.close(error.close or BAD_HELLO)

    async def _hello(self) -> Session:
        """The session that the first message opens. Raises ProtocolError for anything but a good hello in time."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = decode(await self._receive(), self._codec)
        except TimeoutError:
            raise ProtocolError("expected_hello", f"expected hello within {HELLO_SECONDS:g} seconds") from None
        if not isinstance(hello, Hello):
            raise ProtocolError("expected_hello", f"expected hello first, got {hello.type}", BAD_HELLO)
        if self._token and not secrets.compare_digest((hello.token or "").encode(), self._token.encode()):
            whom = "another site" if self._token == self._desk.settings.embed_token else "a client without an Origin"
            raise ProtocolError("unauthorized", f"expected the service's token from {whom}", UNAUTHORIZED)
        hub = self._desk.hub
        found = await hub.find(hello.session) if hello.session else None
        session = found or hub.create()
        if hello.session and not found:
            self._tell(ProtocolError("unknown_session", "this session is unknown or expired; here is a new one"))
        self._session = session
        self._outbox.put(self._desk.welcome(session, found is not None, not self._token))
        hub.attach(session, self._outbox)
        if found:
            await self._try(session.resume(-1 if hello.last_seq is None else hello.last_seq))
        return session

    async def _next(self, session: Session) -> None:
        """Take one message."""
        data = await self._receive()
        try:
            message = self._decode(data, session)
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
            with self._desk.observer.action(message.type):
                await self._try(session.handle(message))

    def _decode(self, data: bytes | str, session: Session) -> ClientMessage:
        """A message within the client's allowance; one that is none of ours costs as much as an action."""
        try:
            message = decode(data, self._codec)
        except ProtocolError:
            self._spend(session.bucket)
            raise
        self._spend(self._acks if isinstance(message, Ack) else session.bucket)
        return message

    def _spend(self, bucket: Bucket) -> None:
        """Take a message from an allowance. Raises ProtocolError rate_limited; after many in a row it closes."""
        if bucket.take(1, time.monotonic()):
            self._refused = 0
            return
        self._refused += 1
        close = TOO_MANY if self._refused >= PATIENCE else None
        raise ProtocolError("rate_limited", f"expected at most {PER_SECOND:g} actions a second, got more", close)

    async def _try(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something for the client; what goes wrong is told, and the connection goes on."""
        try:
            await work
        except ProtocolError as error:
            self._tell(error)
        except Exception:
            log.exception("defect while handling a message")
            self._tell(ProtocolError("internal", "the service made a mistake; it is in the log"))

    def _tell(self, error: ProtocolError) -> None:
        self._desk.observer.refused(error.code)
        self._outbox.put(Error(error.code, error.message))

    async def _receive(self) -> bytes | str:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        data: bytes | str | None = message.get("text")
        return message["bytes"] if data is None else data

    def _count(self, message: ServerMessage, size: int) -> None:
        """A message is in the socket."""
        ready = self._outbox.ready if isinstance(message, Keyframe | Delta) else None
        self._desk.observer.meters.sent(message.type, size, None if ready is None else time.perf_counter() - ready)

    async def _write(self) -> None:
        """Send what the outbox gives, as fast as the socket takes it."""
        while True:
            self._changed.clear()
            while message := self._outbox.pop():
                seq = self._session.number(message) if self._session else 0
                data = encode(message, self._codec, seq)
                await (self._socket.send_bytes(data) if isinstance(data, bytes) else self._socket.send_text(data))
                self._outbox.numbered(seq)
                self._count(message, len(data))
            if self._outbox.closing is not None:
                await self._socket.close(self._outbox.closing)
                return
            await self._changed.wait()
