"""uvicorn's protocols with a limit on clients that stop reading, never finish a head, or send frames without content.

A client that reads, however slowly, is waited for: flow control holds its data. A client that does not read is aborted,
because a close would wait for a buffer that is never emptied.
"""

import asyncio
import http
import logging
import math
from typing import Any

import h11
import uvicorn
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode, Frame
from websockets.http11 import Response
from websockets.server import ServerProtocol

from backend.auth.rate_limit import TokenBucket
from backend.http.request_heads import CheckedHeads
from backend.protocol.compression import DraftDeflateFactory
from backend.text.log_line import cut_line

CONTROL, CONTROL_PER_SECOND = 400, 100.0
"""How many pings, pongs and continuation frames a client may send at once, and how many a second."""
FRAGMENTS, EMPTY = 256, 4
"""How many frames a message may have, and how many of them may be empty continuations."""
PONG_BYTES = 65_536
"""The most bytes of answers to pings that wait behind data which the client has not read."""
HEAD_SECONDS = 10.0
"""How long the head of a request may take, from the connection or the end of the last answer on."""
STALL_SECONDS = 60.0
"""How long a client may read nothing of an answer."""
LEAST_BYTES = 16_384
"""A client counts as stalled if it reads fewer bytes than this between two checks."""


class Drain:
    """Whether a client reads the data that waits to be sent to it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport, self._before = transport, math.inf

    @property
    def left(self) -> int:
        """How many bytes wait."""
        return self._transport.get_write_buffer_size()

    def resumed(self) -> None:
        """Note that the waiting data was read, and that more may have been written since."""
        self._before = math.inf

    def stands(self) -> bool:
        """Return whether the client is stalled: data waits, and nearly as much as at the last check.

        If much more waits than at the last check, the client has read much since, because flow control lets writes go
        on only then.
        """
        before, self._before = self._before, self.left
        return self.left > 0 and abs(before - self.left) < LEAST_BYTES


REFUSAL_CHARS = 120
BAD_HEAD = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Handshake(ServerProtocol):
    """A server side of the handshake that says briefly what is wrong with a request for a websocket.

    The library's own message quotes the request.
    """

    def reject(self, status: http.HTTPStatus | int, text: str) -> Response:
        """Refuse the handshake with a text that is cut to REFUSAL_CHARS."""
        return super().reject(status, f"{cut_line(text.strip(), REFUSAL_CHARS)}\n")


class Protocol(WebSocketsSansIOProtocol):
    """Websockets, with drafts compressed for clients that offer to read that."""

    _drain: Drain

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        said = logging.getLogger("uvicorn.error")
        self.conn = Handshake(extensions=[DraftDeflateFactory()], max_size=config.ws_max_size, logger=said)
        self._control = TokenBucket(CONTROL, CONTROL_PER_SECOND)
        self._unread = self._empty = 0
        self._ending = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch whether the client reads."""
        super().connection_made(transport)
        self._drain = Drain(self.transport)

    def resume_writing(self) -> None:
        """Go on writing: the client has read what waited."""
        super().resume_writing()
        self._unread = 0
        self._drain.resumed()

    def data_received(self, data: bytes) -> None:
        """Take in bytes; a head that is no request is answered and ends the connection."""
        super().data_received(data)
        if not self.handshake_initiated:  # The whole head has come and is no request: nothing would ever come of it.
            self.transport.write(b"".join(self.conn.data_to_send()) or BAD_HEAD)
            self.transport.close()

    def handle_ping(self) -> None:
        """Answer a ping, unless too many answers wait unread."""
        if not self._allowed():
            return
        pongs = b"".join(self.conn.data_to_send())
        self.transport.write(pongs)
        if not self.writable.is_set():
            self._unread += len(pongs)
            if self._unread > PONG_BYTES:
                self.transport.abort()

    def handle_pong(self, event: Frame) -> None:
        """Take in a pong, which counts towards the allowance of control frames."""
        if self._allowed():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        """Take in a continuation frame, within the limits of a message's frames."""
        if not self._allowed():
            return
        self._empty += not event.data
        if len(self.frames) >= FRAGMENTS or self._empty > EMPTY:
            self._fail(CloseCode.POLICY_VIOLATION, "too many fragments")
            return
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message to the application; a text that is not UTF-8 ends the connection."""
        self._empty = 0
        if self.curr_msg_data_type == "text" and not self.close_sent:
            self.frames = [b"".join(self.frames)]
            try:
                self.frames[0].decode()
            except UnicodeDecodeError:
                self._fail(CloseCode.INVALID_DATA, "invalid UTF-8")
                return
        super().send_receive_event_to_app()

    def send_keepalive_ping(self) -> None:
        """Send a ping and check whether the client reads, or go on with the end of a closing connection."""
        self.ping_timer = None
        if self.transport.is_closing():
            self._end()
            return
        super().send_keepalive_ping()
        self._drain.stands()

    def keepalive_timeout(self) -> None:
        """End a connection whose pong did not come, unless the client still reads what waits before the ping."""
        self.pong_timer = None
        if self.transport.is_closing():
            self._end()
        elif self.close_sent:
            pass  # The closing timer runs.
        elif self.ping_timeout and self._drain.left and not self._drain.stands():
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)  # The ping is on its way.
        else:
            super().keepalive_timeout()
            self.transport.abort()

    async def send(self, message: ASGISendEvent) -> None:
        """Send an event of the application; a close is waited for only as long as the client reads."""
        await super().send(message)
        if self.initial_response and self.close_sent:
            # The handshake is refused, which uvicorn otherwise takes for an error of ours.
            self.handshake_complete = True
        if message["type"] == "websocket.close" and self.close_timer:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_timeout, self._end)

    def handle_parser_exception(self) -> None:
        """End a connection whose client is at fault."""
        if self.conn.close_sent:
            super().handle_parser_exception()
        else:  # It is broken before the handshake was answered.
            self.transport.abort()

    def _allowed(self) -> bool:
        """Count a frame that carries no message of its own, and return whether it is within the allowance."""
        if self.transport.is_closing():
            return False
        if not self._control.take(1, self.loop.time()):
            self._fail(CloseCode.POLICY_VIOLATION, "too many control frames")
            return False
        return True

    def _fail(self, code: CloseCode, reason: str) -> None:
        """End a connection whose client is at fault, with a code and a reason."""
        self.frames = []
        self.conn.fail(code, reason)
        self.handle_parser_exception()

    def _end(self) -> None:
        """Close, and check from time to time whether the client reads the last data; abort once it does not."""
        self.transport.close()
        stands = self._drain.stands()
        if self._ending and stands:
            self.transport.abort()
            return
        self._ending = True
        if self.close_timer:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(self.close_timeout, self._end)


class Http(H11Protocol):
    """HTTP with a time limit for connections without a request and for answers that the client does not read.

    A request whose end is not certain is refused by its head, whatever it asks for; see request_heads.py.
    """

    _drain: Drain
    _moved: float
    _timer: asyncio.TimerHandle | None = None

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn._receive_buffer = CheckedHeads()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request; abort if the answer to an earlier one has begun."""
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # An answer to what came before has begun.
            self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch the connection."""
        super().connection_made(transport)
        self._drain, self._moved = Drain(transport), self.loop.time()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching the connection."""
        self._unwatch()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Stop watching the connection: a websocket takes over."""
        self._unwatch()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """Wait for the next request for HEAD_SECONDS."""
        super().on_response_complete()
        self._watch()

    def resume_writing(self) -> None:
        """Go on writing: the client has read what waited."""
        super().resume_writing()
        self._drain.resumed()

    def _watch(self) -> None:
        self._unwatch()
        self._timer = self.loop.call_later(HEAD_SECONDS, self._look)

    def _unwatch(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _look(self) -> None:
        """Abort the connection if no request has come in time or the client is stalled, else check again later."""
        now = self.loop.time()
        if not self._drain.stands():
            self._moved = now
        unasked = self.cycle is None or self.cycle.response_complete
        if (unasked and not self._drain.left) or now - self._moved >= STALL_SECONDS:
            self.transport.abort()
        else:
            self._watch()
