"""Record what the service sends to the shell while a page is made, and play it to a shell again.

A screenshot takes longer than a denoising step, so pages are recorded first and photographed afterwards. A second shell
gets the same messages, each when it is done with the last. Its clock shows the time at which each message came.
"""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

import msgpack
from playwright.sync_api import Page, WebSocket, WebSocketRoute

CLOCK = "() => { const began = performance.now(); performance.now = () => began + (self.played ?? 0); }"
"""The shell computes tokens a second from this clock."""

PATIENCE_MS = 20_000


def read(data: str | bytes) -> dict[str, Any]:
    """Decode a message of either subprotocol, JSON or MessagePack."""
    message: dict[str, Any] = json.loads(data) if isinstance(data, str) else msgpack.unpackb(data)
    return message


@dataclass(frozen=True)
class Sent:
    """A message of the service as it was sent over the websocket.

    Attributes:
        at: When it came, in seconds on any clock.
        data: The raw message.
        fields: The decoded message.
    """

    at: float
    data: str | bytes
    fields: dict[str, Any]

    @property
    def is_draft(self) -> bool:
        """Whether the message holds a draft."""
        return self.fields["type"] in ("keyframe", "frame")


@dataclass
class Recorder:
    """Records what the service sends to a page's shell."""

    messages: list[Sent] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Begin to record the websockets that a page opens."""
        page.on("websocket", self._open)

    def take(self) -> list[Sent]:
        """Return the messages since the last call."""
        taken, self.messages = self.messages, []
        return taken

    def _open(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)

    def _received(self, data: str | bytes) -> None:
        self.messages.append(Sent(time.monotonic(), data, read(data)))


@dataclass
class Playback:
    """Plays messages to the shell of a page that is not open yet.

    Attributes:
        page: The browser's page.
        welcome: The first message, which answers the shell's hello.
    """

    page: Page
    welcome: Sent
    _route: WebSocketRoute | None = None
    _handled: int = 0
    _began: float | None = None

    def __post_init__(self) -> None:
        self.page.route_web_socket(re.compile(r"/ws$"), self._open)
        self.page.add_init_script(f"({CLOCK})()")

    def send(self, message: Sent) -> None:
        """Send a message; return when the shell has handled it and the frame's new content has been painted."""
        assert self._route
        self._began = self._began or message.at
        self.page.evaluate("ms => { self.played = ms; }", 1000 * (message.at - self._began))
        self._route.send(message.data)
        until = time.monotonic() + PATIENCE_MS / 1000
        while self._handled < message.fields["seq"] and time.monotonic() < until:
            self.page.wait_for_timeout(10)

    def _open(self, route: WebSocketRoute) -> None:
        self._route = route
        route.on_message(self._heard)

    def _heard(self, data: str | bytes) -> None:
        message = read(data)
        if message["type"] == "hello" and self._route:
            self._route.send(self.welcome.data)
        elif message["type"] == "ack":
            self._handled = message["seq"]
