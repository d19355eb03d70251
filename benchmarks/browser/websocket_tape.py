"""What the service sent while a page was made, recorded at the shell's websocket, and played to a shell again.

A picture takes longer than a denoising step, so pages are recorded first and photographed afterwards: a second shell
gets the same messages, one when it is done with the last, on a clock that shows the time at which each came.
"""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

import msgpack
from playwright.sync_api import Page, WebSocket, WebSocketRoute

CLOCK = "() => { const began = performance.now(); performance.now = () => began + (self.played ?? 0); }"
"""The shell tells tokens a second by this clock."""

PATIENCE_MS = 20_000


def read(data: str | bytes) -> dict[str, Any]:
    """A message of either subprotocol."""
    message: dict[str, Any] = json.loads(data) if isinstance(data, str) else msgpack.unpackb(data)
    return message


@dataclass(frozen=True)
class Sent:
    """A message of the service as it stood on the wire. at: seconds, on any clock."""

    at: float
    data: str | bytes
    fields: dict[str, Any]

    @property
    def is_draft(self) -> bool:
        return self.fields["type"] in ("keyframe", "frame")


@dataclass
class Recorder:
    """Hears what the service sends to a page's shell."""

    messages: list[Sent] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("websocket", self._open)

    def take(self) -> list[Sent]:
        """What came since the last take."""
        taken, self.messages = self.messages, []
        return taken

    def _open(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)

    def _received(self, data: str | bytes) -> None:
        self.messages.append(Sent(time.monotonic(), data, read(data)))


@dataclass
class Playback:
    """Plays messages to the shell of a page, which has yet to be opened. welcome: the first."""

    page: Page
    welcome: Sent
    _route: WebSocketRoute | None = None
    _handled: int = 0
    _began: float | None = None

    def __post_init__(self) -> None:
        self.page.route_web_socket(re.compile(r"/ws$"), self._open)
        self.page.add_init_script(f"({CLOCK})()")

    def send(self, message: Sent) -> None:
        """Send a message; returns when the shell has handled it, and what it put into the frame has been painted."""
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
