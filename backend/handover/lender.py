"""A page that is made here for a session in another process; its frames go to a stream while that process follows."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any

import msgpack

from backend.errors import ProtocolError, StoreError
from backend.jobs.interfaces import Running
from backend.jobs.page_job import PageJob
from backend.protocol.codec import MsgpackCodec, encode
from backend.protocol.outbox import Live, Outbox
from backend.storage.records import PageRecord, pack

CODEC = MsgpackCodec()
Entry = Mapping[str, bytes]
Run = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]
"""Runs work in a task of its own and keeps the task until it is done."""

Write = Callable[[str, Entry], Awaitable[None]]
"""Adds an entry to the stream with a name; raises StoreError."""


class LentPage:
    """The owner of a page that is made for another process; it keeps what became of the page.

    Args:
        job: The page, whose owner this becomes.
        session: The session that the page belongs to.
        write: Adds an entry to a stream.
        run: Runs work in a task of its own.
        done: Called with the page's id once the page is final.

    Attributes:
        final: Whether the page is committed or stopped.
        failure: The error that it ended with, if the model failed.
    """

    def __init__(self, job: PageJob, session: str, write: Write, run: Run, done: Callable[[str], None]) -> None:
        self.job, self.session, self._done = job, session, done
        self._write, self._run = write, run
        self.final = False
        self.failure: ProtocolError | None = None
        self._feed: FrameFeed | None = None
        job.owner = self

    def follow(self, stream: str) -> None:
        """Write everything to a stream from now on, beginning with a keyframe.

        A stream that is written already gets a sign of life.
        """
        if self._feed and self._feed.stream == stream and not self._feed.broken:
            self._feed.here()
            return
        if self._feed:
            self._feed.close()
        self._feed = FrameFeed(stream, self._write, self._run)
        self._feed.keep(self.job.record)
        if self.final:
            self._feed.end(self.failure)
            return
        self._feed.queued(self.job.position)
        if self.job.live.block >= 0:
            self._feed.draft(self.job.live)

    async def close(self) -> None:
        """Stop the page unfinished and tell the follower at once."""
        if not self.final:
            self.job.stop("interrupted")
        if self._feed:
            await self._feed.gone()

    def queued(self, job: Running) -> None:
        """Forward the page's position in line."""
        if self._feed:
            self._feed.queued(job.position)

    def drafted(self, job: Running) -> None:
        """Forward a newer draft."""
        if self._feed:
            self._feed.draft(job.live)

    def kept(self, job: Running) -> None:
        """Forward the record with another canvas."""
        if self._feed:
            self._feed.keep(job.record)

    def ended(self, job: Running, failure: ProtocolError | None) -> None:
        """Forward the final record and the end of the page."""
        self.final, self.failure = True, failure
        if self._feed:
            self._feed.keep(job.record)
            self._feed.end(failure)
        self._done(job.record.id)


class FrameFeed:
    """Writes a page to a stream as fast as the stream takes it; of drafts and records only the newest waits.

    Attributes:
        stream: The name of the stream.
        broken: Whether the store failed, so that nothing more is written.
    """

    def __init__(self, stream: str, write: Write, run: Run) -> None:
        self.stream, self._write = stream, write
        self.broken = False
        self._changed = asyncio.Event()
        self._outbox = Outbox(self._changed.set)
        self._record: PageRecord | None = None
        self._last: Entry | None = None
        self._here = False
        self._position: int | None = None
        self._task = run(self._run())

    def draft(self, live: Live) -> None:
        """Have a newer draft written."""
        self._outbox.draft(live)
        self._changed.set()

    def keep(self, record: PageRecord) -> None:
        """Have a newer record written."""
        self._record = record
        self._changed.set()

    def queued(self, position: int) -> None:
        """Have the position in line written."""
        self._position = position
        self._changed.set()

    def end(self, failure: ProtocolError | None) -> None:
        """Have the end of the page written, after everything else."""
        said = [failure.code, failure.message] if failure else []
        self._last = {"kind": b"end", "data": msgpack.packb(said)}
        self._changed.set()

    def here(self) -> None:
        """Have a sign of life written."""
        self._here = True
        self._changed.set()

    def close(self) -> None:
        """Stop writing at once."""
        self._task.cancel()

    async def gone(self) -> None:
        """Write that nothing more comes, unless the page's end has been written, and wait until that is done."""
        self._last = self._last or {"kind": b"gone", "data": b""}
        self._changed.set()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        """Write entries, each with its number, until the page's end is written or the store fails."""
        number = 0
        try:
            while True:
                self._changed.clear()
                for entry in self._entries():
                    await self._write(self.stream, {**entry, "n": str(number).encode()})
                    number += 1
                    if entry["kind"] in (b"end", b"gone"):
                        return
                await self._changed.wait()
        except StoreError:
            self.broken = True

    def _entries(self) -> Iterator[Entry]:
        """Yield what there is to write now; each entry is made when the one before it is written."""
        if self._here:
            self._here = False
            yield {"kind": b"here", "data": b""}
        if self._position is not None:
            position, self._position = self._position, None
            yield {"kind": b"queued", "data": str(position).encode()}
        while self._record or (frame := self._outbox.pop()):
            if self._record:
                record, self._record = self._record, None
                yield {"kind": b"record", "data": pack(record)}
            else:
                assert frame
                yield {"kind": b"frame", "data": bytes(encode(frame, CODEC))}  # type: ignore[arg-type]
        if self._last:
            yield self._last
