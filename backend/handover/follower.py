"""A page that another process makes, presented as if it were made here."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import msgpack

from backend.errors import ProtocolError, StoreError
from backend.handover.lender import CODEC
from backend.handover.relay import Follower
from backend.jobs.interfaces import Owner
from backend.observability.audit_log import mark
from backend.pages.finished_page import settled
from backend.protocol.codec import parse
from backend.protocol.messages import SERVER, Delta, Keyframe
from backend.protocol.outbox import Live
from backend.storage.records import PageRecord, unpack
from backend.text.diff import Change, apply

Entry = Mapping[bytes, bytes]
NESTING = 9
OUTAGE_SECONDS = 0.4
log = logging.getLogger(__name__)


class Source(Protocol):
    """The side of the process that makes a page. Only `read` waits for anything.

    Attributes:
        maker: The process that makes the page.
    """

    maker: str

    def ask(self) -> None:
        """Ask for the page in a new stream that begins with a keyframe."""

    def nudge(self) -> None:
        """Ask for a sign of life in this stream."""

    def stop(self, reason: str) -> None:
        """Have the page stopped."""

    async def read(self) -> list[Entry]:
        """Return the entries that have come, or nothing after a period of silence.

        Raises:
            StoreError: The store did not answer.
        """

    def close(self) -> None:
        """End the stream: nothing more is read."""


class RemotePage:
    """A page that another process makes, until it is final, stopped or cut off.

    Attributes:
        record: The page so far.
        live: Its draft.
        owner: Who wants the page.
        position: Its position in line, from 1; 0 once its turn has come.
    """

    def __init__(self, record: PageRecord, source: Source, owner: Follower) -> None:
        self.record, self.live = record, Live(record.id)
        self.owner: Owner = owner
        self.position = 0
        self._follower = owner
        self._source, self._number, self._left = source, 0, False
        self._task: asyncio.Task[None] | None = None

    @property
    def maker(self) -> str:
        """The process that makes the page."""
        return self._source.maker

    async def begin(self) -> bool:
        """Ask for the page and return whether the process that makes it answers.

        What that process says is reported once the event loop runs again.
        """
        self._source.ask()
        first = await self._read()
        if not first or first[0][b"kind"] == b"gone":
            self._source.close()
            return False
        self._task = asyncio.get_running_loop().create_task(self._run(first))
        return True

    def stop(self, reason: str) -> PageRecord:
        """End the page now with what is committed of it, without a call to the owner, and return its final record.

        A page that is interrupted goes on where it is made, for whichever process continues the session.
        """
        if reason != "interrupted":
            self._source.stop(reason)
        self.unsubscribe()
        self.record = settled(replace(self.record, state="stopped", reason=reason))
        return self.record

    def unsubscribe(self) -> None:
        """Stop following the page."""
        self._left = True
        if self._task:
            self._task.cancel()
        self._source.close()

    async def _run(self, first: list[Entry]) -> None:
        """Follow the page to its end, or else have it made again."""
        try:
            ended = await self._follow(first)
        except Exception:
            log.exception("page %s cannot be followed", mark(self.record.id))
            ended = False
        if ended or self._left:
            return
        self._task = None  # cut_off may stop the page, which must not cancel this task.
        self._source.stop("interrupted")
        self._source.close()
        await self._follower.cut_off(self)

    async def _follow(self, found: list[Entry]) -> bool:
        """Take what comes, and return whether the page came to its end.

        After a period of silence it asks for a sign of life. A second silence means that the other process is dead.
        """
        asked = False
        while not self._left and not any(entry[b"kind"] == b"gone" for entry in found):
            if self._take_all(found):
                return True
            found = await self._read()
            if not found and asked:
                return False
            if not found:
                self._source.nudge()
            asked = not found
        return False

    async def _read(self) -> list[Entry]:
        try:
            return await self._source.read()
        except StoreError:
            await asyncio.sleep(OUTAGE_SECONDS)
            return []

    def _take_all(self, found: list[Entry]) -> bool:
        """Take entries in and return whether the last was among them; after a gap, ask for everything again."""
        for entry in found:
            if int(entry[b"n"]) != self._number:
                self._number = 0
                self._source.ask()
                return False
            self._number += 1
            if self._take(entry):
                return True
        return False

    def _take(self, entry: Entry) -> bool:
        """Take an entry in and return whether it was the last."""
        kind, data = entry[b"kind"], entry[b"data"]
        if kind == b"frame":
            self._show(data)
        elif kind == b"record":
            self.record = unpack(PageRecord, data) or self.record
            self.owner.kept(self)
        elif kind == b"queued":
            self._stand(int(data))
        elif kind == b"end":
            self._source.close()
            said = msgpack.unpackb(data)
            self.owner.ended(self, ProtocolError(*said) if said else None)
        return kind == b"end"

    def _stand(self, position: int) -> None:
        if position != self.position:
            self.position = position
            self.owner.queued(self)

    def _show(self, data: bytes) -> None:
        """Take a keyframe or delta in as the newest draft."""
        frame, live = parse(CODEC.loads(data), SERVER, NESTING), self.live
        assert isinstance(frame, Keyframe | Delta)
        html = apply(live.html, Change(frame.at, frame.cut, frame.text)) if isinstance(frame, Delta) else frame.html
        live.step_to(frame)
        live.fill(html, frame.settled, frame.tokens)
        self.owner.drafted(self)
