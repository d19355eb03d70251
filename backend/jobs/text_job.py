"""A text that is no page, for a prompt in a client's own words.

It has a turn, a time limit and a quota as a page has.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from backend.auth.client import ClientIdentity
from backend.errors import RESTARTING, ProtocolError
from backend.jobs.interfaces import Turns
from backend.observability import audit_log

if TYPE_CHECKING:
    from backend.models.base import Writing


class TextJob:
    """A text that waits in line or is written, from construction until it is closed.

    It is closed by itself when its time is over.

    Args:
        identity: The client that the text is made for.
        turns: Where the job takes its turn.
        submit: Asks the engine for the text, once its turn has come.
        writing: What `submit` gave for a text that need not wait, else None.

    Attributes:
        task: Done once the text is closed.
        position: Its position in line, from 1; 0 once its turn has come.
    """

    def __init__(
        self, identity: ClientIdentity, turns: Turns, submit: "Callable[[], Writing]", writing: "Writing | None"
    ) -> None:
        self._identity, self._turns, self._submit, self._writing = identity, turns, submit, writing
        self._turn, self._refused, self._moved = False, False, asyncio.Event()
        loop = asyncio.get_running_loop()
        self.task: asyncio.Future[None] = loop.create_future()
        self._late: asyncio.TimerHandle | None = None
        self._entered, self._began = time.monotonic(), 0.0
        if writing:
            self._limit()
        turns.line.add(self, at_once=writing is not None)
        self.position = turns.line.position(self)
        identity.quota.begin()

    def call(self, refused: bool = False) -> None:
        """Let the text begin: its turn has come.

        Args:
            refused: Whether it will have no turn, because the service is about to end.
        """
        self._turn, self._refused = True, refused
        self._limit()
        self.stand(0)

    def stand(self, position: int) -> None:
        """Set the position in line."""
        self.position = position
        self._moved.set()

    async def places(self) -> AsyncIterator[int]:
        """Yield the position in line whenever it changes, until the turn comes.

        Raises:
            ProtocolError: busy, if it waited too long or the service is about to end.
        """
        told, until = 0, self._entered + self._turns.limits.patience
        while self._writing is None and not self._turn:
            if told != self.position:
                yield (told := self.position)
            self._moved.clear()
            await self._news(until - time.monotonic())
        if self._writing is None and self._refused:
            raise ProtocolError("busy", RESTARTING)

    async def writing(self) -> "Writing":
        """Return the text that the engine writes; to be called once, after `places` has ended.

        Raises:
            ProtocolError: prompt_too_long, page_failed, or page_stopped if its time was over before.
        """
        if self.task.done():
            raise ProtocolError("page_stopped", "the text was stopped before it was begun: timeout")
        if self._writing is None:
            self._writing = self._submit()
        self._began = time.monotonic()
        waited = self._began - self._entered
        self._turns.observer.metrics.waited(waited)
        self._tell("text.started", waited=round(waited, 3))
        return self._writing

    def close(self) -> None:
        """Stop the text, if it is still written, and give its place to the next."""
        if self.task.done():
            return
        self.task.set_result(None)
        if self._late:
            self._late.cancel()
        if self._writing:
            self._writing.cancel()
        self._tell("text.ended", seconds=round(time.monotonic() - self._began, 3) if self._began else 0.0)
        self._identity.quota.end()
        self._turns.on_done(self)

    def _limit(self) -> None:
        """Start the time limit, after which the text is closed even if nobody reads it."""
        self._late = asyncio.get_running_loop().call_later(self._turns.limits.seconds, self.close)

    async def _news(self, seconds: float) -> None:
        """Wait until the position or the turn has changed.

        Raises:
            ProtocolError: busy, if that takes longer than `seconds`.
        """
        try:
            await asyncio.wait_for(self._moved.wait(), seconds)
        except TimeoutError:
            waited = f"this text waited {self._turns.limits.patience:g} seconds in line and had no turn"
            raise ProtocolError("busy", f"{waited}; try again in a moment") from None

    def _tell(self, event: str, **facts: float) -> None:
        """Write a line of the audit log: whose text it is, but none of its words."""
        identity = self._identity
        audit_log.tell(event, token=identity.name, address=identity.address, **facts)
