"""A client of the protocol for tests: a session registry, or a socket, is driven message by message."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backend.protocol.codec import parse
from backend.protocol.messages import (
    SERVER,
    Action,
    Delta,
    Error,
    Keyframe,
    PageCommit,
    PageStart,
    PageStopped,
    ServerMessage,
    Welcome,
)
from backend.protocol.outbox import Outbox
from backend.sessions.registry import SessionRegistry
from backend.sessions.session import Session
from backend.text.diff import Change, apply

FINAL = (PageCommit, PageStopped)


def message_of(data: dict[str, Any]) -> tuple[int, ServerMessage]:
    """Return a decoded server message's number and the message."""
    rest = {key: value for key, value in data.items() if key != "seq"}
    return data["seq"], parse(rest, SERVER, nesting=9)


@dataclass
class View:
    """What a client derives from the messages.

    Attributes:
        seq: Number of the last message.
        draft: The draft's markup.
        canvas: Text and state of each token, by position.
        block: Number of the canvas.
        drafts: All drafts so far.
        messages: All messages so far.
    """

    seq: int = -1
    draft: str = ""
    canvas: dict[int, tuple[str, int]] = field(default_factory=dict)
    block: int = -1
    drafts: list[str] = field(default_factory=list)
    messages: list[ServerMessage] = field(default_factory=list)

    def take(self, seq: int, message: ServerMessage) -> None:
        """Take the next message."""
        assert seq > self.seq
        self.seq = seq
        self.messages.append(message)
        if isinstance(message, Keyframe):
            self.draft, self.block = message.html, message.block
            self.canvas = {at: (text, state) for at, text, state in message.tokens}
        elif isinstance(message, Delta):
            assert message.block == self.block
            self.draft = apply(self.draft, Change(message.at, message.cut, message.text))
            self.canvas |= {at: (text, state) for at, text, state in message.tokens}
        if isinstance(message, Keyframe | Delta):
            self.drafts.append(self.draft)

    def all(self, *kinds: type[Any]) -> list[Any]:
        """Return the messages of some types."""
        return [m for m in self.messages if isinstance(m, kinds)]

    @property
    def last(self) -> Any:
        """The last message."""
        return self.messages[-1]

    @property
    def welcome(self) -> Welcome:
        """The last welcome message."""
        return self.all(Welcome)[-1]

    @property
    def errors(self) -> list[str]:
        """The codes of all errors."""
        return [m.code for m in self.all(Error)]

    @property
    def started(self) -> list[PageStart]:
        """All messages that a page has started."""
        return self.all(PageStart)

    @property
    def final(self) -> list[Any]:
        """All messages that end a page."""
        return self.all(*FINAL)


class Visitor(View):
    """A client of a session registry, without a socket between them."""

    def __init__(self, registry: SessionRegistry) -> None:
        super().__init__()
        self.registry = registry
        self.outbox = Outbox()
        self.session: Session | None = None

    @property
    def own(self) -> Session:
        """The client's session."""
        assert self.session
        return self.session

    @property
    def key(self) -> str:
        """The key of the session."""
        return self.own.key

    async def connect(self, key: str = "", last_seq: int = -1) -> "Visitor":
        """Create a session, or resume the one with this key after message `last_seq`."""
        self.session = (await self.registry.find(key)) if key else self.registry.create(returns=True)
        self.registry.attach(self.own, self.outbox)
        if key:
            await self.own.work.resume(last_seq)
        return self

    def leave(self) -> None:
        """Disconnect from the session."""
        self.registry.detach(self.own, self.outbox)

    def pump(self) -> None:
        """Receive all messages that are waiting."""
        while message := self.outbox.pop():
            self.take(self.own.telling.number(message), message)

    async def send(self, action: Action) -> None:
        """Send an action, then receive all messages that are waiting."""
        await self.own.handle(action)
        self.pump()

    async def until(self, done: Callable[[], bool]) -> None:
        """Receive messages until a condition holds; the limit is long because the machine may be busy."""
        async with asyncio.timeout(30):
            while not done():
                await asyncio.sleep(0)
                self.pump()

    async def page(self, action: Action) -> Any:
        """Send an action, and return the final message of the page that results."""
        before = len(self.final)
        await self.send(action)
        await self.until(lambda: len(self.final) > before and not self.own.job)
        return self.final[-1]
