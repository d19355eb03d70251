"""Visitors of a load test: they ask for pages, wait, follow links, cancel pages and lose their connection.

They are cheap, so that one core of visitors keeps another core of service busy. Messages are decoded and their numbers
are checked. Only one visitor in SAMPLED keeps the draft that the changes result in, to compute the size of whole
drafts.
"""

import asyncio
import contextlib
import random
import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, PerMessageDeflate
from websockets.frames import DATA_OPCODES, Frame
from websockets.typing import ExtensionParameter, Origin, Subprotocol

from benchmarks.load.totals import Tally

WORDS = (
    "an encyclopedia article about volcanoes",
    "a forum thread about bicycles",
    "a shop that sells teapots",
    "a to-do app with sorting and dark mode",
    "a desktop with a calculator",
    "a blog post about the history of glass",
)
LINK = re.compile(r"<a\b[^>]*?\bhref=[\"']?([^\"'\s>#][^\"'\s>]*)[^>]*>([^<]{1,80})</a>")
SAMPLED = 10
ACK_EVERY = 2
PER_ADDRESS = 50
"""Connections from one client address; the service admits 64 from each."""
PATIENCE = 180.0


@dataclass(frozen=True)
class Manner:
    """How visitors act.

    Attributes:
        think: Mean seconds between a page and the next action, exponentially distributed.
        cancels: Share of pages that are cancelled.
        drops: Share of pages during which the connection is lost and resumed.
    """

    think: float = 5.0
    cancels: float = 0.05
    drops: float = 0.05


@dataclass(frozen=True)
class Door:
    """How visitors connect to the service.

    Attributes:
        url: Address of the websocket.
        origin: Origin of the handshake.
        token: Token for services that do not know the origin.
        loopback: Whether visitors may use client addresses of their own.
    """

    url: str
    origin: str | None
    token: str | None = None
    loopback: bool = False

    def socket(self, number: int) -> Any:
        """Return the connection of a visitor, which is yet to be opened."""
        address = (f"127.0.{1 + number // PER_ADDRESS}.1", 0) if self.loopback else None
        return connect(
            self.url,
            subprotocols=[Subprotocol("silverprint.v1.msgpack")],
            origin=Origin(self.origin) if self.origin else None,
            extensions=[Reading()],
            compression=None,
            proxy=None,
            ping_interval=None,
            max_size=None,
            open_timeout=60,
            local_addr=address,
        )


class Visitor:
    """One visitor, who acts until cancelled. Random choices follow from the visitor's number."""

    def __init__(self, number: int, admission: Door, manner: Manner, tally: Tally) -> None:
        self._number, self._admission, self._manner, self.tally = number, admission, manner, tally
        self._random = random.Random(number)
        self._session: str | None = None
        self._seq, self._unacked = -1, 0
        self._html, self._page = "", ""
        self._asked = self._cancel_at = 0.0
        self._fresh = False
        self._draft = Draft() if number % SAMPLED == 0 else None

    async def run(self, acts: bool = True) -> None:
        """Connect, act if asked to, and connect again when the connection is lost."""
        while True:
            try:
                async with self._admission.socket(self._number) as socket:
                    await self._stay(socket, acts)
            except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError):
                self.tally.lost += 1
                await asyncio.sleep(1 + self._random.random())

    async def _stay(self, socket: ClientConnection, acts: bool) -> None:
        hello = {"type": "hello", "session": self._session, "last_seq": self._seq if self._session else None}
        await send(socket, {**hello, "token": self._admission.token})
        await self._until(socket, "welcome")
        if not acts:
            await socket.wait_closed()
        if self._asked:  # the page was generated meanwhile
            await self._watch(socket, drops=False)
        while True:
            await self._think(socket)
            await self._ask(socket)
            if not await self._watch(socket, self._random.random() < self._manner.drops):
                return

    async def _think(self, socket: ClientConnection) -> None:
        seconds = self._random.expovariate(1 / self._manner.think) if self._manner.think else 0.0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self._next(socket)

    async def _ask(self, socket: ClientConnection) -> None:
        """Follow a link of the page, or ask in words."""
        links = LINK.findall(self._html)
        if links and self._random.random() < 0.8:
            href, text = self._random.choice(links)
            action: dict[str, Any] = {"type": "act", "page": self._page}
            action["target"] = {"tag": "a", "text": text, "href": href}
        else:
            words = f"{self._random.choice(WORDS)} {self._random.randrange(1_000_000)}"
            action = {"type": "prompt", "text": words}
        self.tally.actions[action["type"]] += 1
        self._asked, self._fresh = time.perf_counter(), True
        cancels = self._random.random() < self._manner.cancels
        self._cancel_at = self._asked + self._random.uniform(0.2, 2.0) if cancels else 0.0
        await send(socket, action)

    async def _watch(self, socket: ClientConnection, drops: bool) -> bool:
        """Receive messages while the page is made; return whether the visitor is still connected at its end."""
        leaves = self._random.randrange(1, 20) if drops else 0
        async with asyncio.timeout(PATIENCE):
            while True:
                kind = await self._next(socket)
                if kind in ("page.commit", "page.stopped", "error"):
                    self._asked = 0.0
                    return True
                leaves -= kind in ("frame", "keyframe") and drops
                if drops and not leaves:
                    self.tally.actions["reconnect"] += 1
                    return False
                if self._cancel_at and time.perf_counter() > self._cancel_at:
                    self._cancel_at = 0.0
                    self.tally.actions["cancel"] += 1
                    await send(socket, {"type": "cancel"})

    async def _until(self, socket: ClientConnection, kind: str) -> None:
        async with asyncio.timeout(60):
            while await self._next(socket) != kind:
                pass

    async def _next(self, socket: ClientConnection) -> str:
        """Receive a message, count it, check its number, and acknowledge some of them; return its type."""
        data, size = await received(socket)
        message = msgpack.unpackb(data)
        kind: str = message["type"]
        self.tally.message(kind, size)
        if message["seq"] <= self._seq:
            self.tally.disorder += 1
        self._seq = message["seq"]
        self._take(kind, message, size)
        self._unacked += 1
        if self._unacked >= ACK_EVERY:
            self._unacked = 0
            await send(socket, {"type": "ack", "seq": self._seq})
        return kind

    def _take(self, kind: str, message: dict[str, Any], size: int) -> None:
        if kind == "keyframe" and self._fresh:
            self.tally.first.append(time.perf_counter() - self._asked)
            self._fresh = False
        if self._draft and kind in ("frame", "keyframe"):
            self._draft.take(message)
            if kind == "frame":
                self.tally.delta += size
                self.tally.snapshot += self._draft.size(message)
        elif kind == "page.commit":
            self._html, self._page = message["html"], message["page"]
            if self._asked:
                self.tally.page.append(time.perf_counter() - self._asked)
        elif kind == "welcome":
            self.tally.came += self._session is None
            self._session = message["session"]
        elif kind == "error":
            self.tally.errors[message["code"]] += 1


class Draft:
    """The draft and the tokens that result from frames, and their size as a keyframe."""

    def __init__(self) -> None:
        self.html, self.tokens = "", {}  # type: str, dict[int, list[Any]]

    def take(self, message: dict[str, Any]) -> None:
        """Apply a message."""
        if message["type"] == "keyframe":
            self.html, self.tokens = message["html"], {}
        else:
            units = self.html.encode("utf-16-le")
            at, end = 2 * message["at"], 2 * (message["at"] + message["cut"])
            self.html = (units[:at] + message["text"].encode("utf-16-le") + units[end:]).decode("utf-16-le")
        self.tokens |= {token[0]: token for token in message["tokens"]}

    def size(self, message: dict[str, Any]) -> int:
        """Return the bytes of a keyframe with the same content as this frame."""
        whole = {key: value for key, value in message.items() if key not in ("at", "cut", "text")}
        whole |= {"type": "keyframe", "html": self.html, "tokens": [self.tokens[at] for at in sorted(self.tokens)]}
        return len(msgpack.packb(whole))


class Inflate(PerMessageDeflate):
    """Records how many bytes each message had on the wire.

    Attributes:
        sizes: Sizes of the messages that were not received yet, oldest first.
    """

    def __init__(self, agreed: PerMessageDeflate) -> None:
        memories = (agreed.remote_no_context_takeover, agreed.local_no_context_takeover)
        super().__init__(*memories, agreed.remote_max_window_bits, agreed.local_max_window_bits)
        self.sizes: deque[int] = deque()

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """Decompress a frame and record its size."""
        if frame.opcode in DATA_OPCODES:
            self.sizes.append(len(frame.data))
        return super().decode(frame, max_size=max_size)


class Reading(ClientPerMessageDeflateFactory):
    """Offers to read compressed messages, as browsers do."""

    def process_response_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> PerMessageDeflate:
        """Return the decompressor that records sizes."""
        return Inflate(super().process_response_params(params, accepted_extensions))


async def received(socket: ClientConnection) -> tuple[bytes, int]:
    """Return the next message, and how many bytes it had on the wire."""
    data = await socket.recv()
    assert isinstance(data, bytes)
    inflate = next((one for one in socket.protocol.extensions if isinstance(one, Inflate)), None)
    return data, inflate.sizes.popleft() if inflate else len(data)


async def send(socket: ClientConnection, message: dict[str, Any]) -> None:
    """Send a message without its fields that are None."""
    await socket.send(msgpack.packb({key: value for key, value in message.items() if value is not None}))
