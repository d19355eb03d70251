"""Several processes on one Redis: which of them holds a session, and pages that go on when their session moves."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

from backend.errors import StoreError
from backend.handover.follower import Entry, RemotePage
from backend.handover.lender import LentPage
from backend.handover.mailbox import KEPT_SECONDS, Mailbox, Message, entries
from backend.handover.relay import Follower, HandOver, Relay, SingleProcess
from backend.jobs.interfaces import Running
from backend.jobs.page_job import PageJob
from backend.storage.records import PageRecord, Store
from backend.storage.redis_store import RedisStore, answering

SILENCE_MS = 500
FRAMES = 500
TRIES = 3


class RedisRelay:
    """Lends the pages of sessions that leave, and follows those of sessions that arrive."""

    def __init__(self, store: RedisStore) -> None:
        self._client, self._keys, self._leases = store.client, store.keys, store.leases
        self._post = Mailbox(store.client, store.keys, store.leases.process, self._act)
        self._lent: dict[str, LentPage] = {}
        self._hand_over: HandOver | None = None

    async def start(self, hand_over: HandOver) -> None:
        """Begin to answer other processes; see Relay.start."""
        self._hand_over = hand_over
        await self._post.start()

    async def claim(self, session: str) -> bool:
        """Take the lease on a session; see Relay.claim.

        The holder is asked to hand the session over. If it does not answer in time, it is told to stop the session's
        pages, and the lease is taken.

        Raises:
            StoreError: The store did not answer, or other processes take the session one after the other.
        """
        for _ in range(TRIES):
            with answering():
                lease = await self._leases.of(session)
            ours = lease.holder in ("", self._leases.process)
            if not ours and not await self._post.ask(lease.holder, do="hand", session=session):
                self._post.tell(lease.holder, do="drop", session=session)
            with answering():
                if await self._leases.take(session, lease.holder):
                    return ours
        raise StoreError("expected to get the session, but other processes take it one after the other")

    async def release(self, session: str, page: str = "", maker: str = "") -> None:
        """Give up the lease on a session; see Relay.release."""
        with answering():
            await self._leases.release(session, page, maker)

    def free(self, session: str) -> None:
        """Give up the lease on a session without waiting; see Relay.free."""
        self._post.run(self.release(session))

    def lend(self, session: str, running: Running) -> str:
        """Go on making a session's page for another process; see Relay.lend."""
        if isinstance(running, RemotePage):
            running.unsubscribe()
            return running.maker
        assert isinstance(running, PageJob)
        self._lent[running.record.id] = LentPage(running, session, self._write, self._post.run, self._ended)
        return self._leases.process

    async def follow(self, session: str, record: PageRecord, owner: Follower) -> Running | None:
        """Return the page of a session that moved here; see Relay.follow."""
        with answering():
            lease = await self._leases.of(session)
        if lease.page != record.id:
            return None
        if lease.maker == self._leases.process:
            return self._back(record.id, owner)
        followed = RemotePage(record, FrameStream(self, self._post, lease.maker, record.id), owner)
        return followed if await followed.begin() else None

    async def close(self) -> None:
        """Stop all lent pages and tell the other processes that this one is gone."""
        for lent in list(self._lent.values()):
            await lent.close()
        self._lent.clear()
        await self._post.close()

    def _back(self, page: str, owner: Follower) -> Running | None:
        """Return a page of this process whose session has come back, or None."""
        lent = self._lent.pop(page, None)
        if lent is None:
            return None
        lent.job.owner = owner
        if lent.final:
            asyncio.get_running_loop().call_soon(owner.ended, lent.job, lent.failure)
        return lent.job

    def _ended(self, page: str) -> None:
        """Forget a lent page some time after it is final, because another process may still ask for it."""
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self._lent.pop, page, None)

    async def _act(self, message: Message) -> None:
        """Do what another process asks for."""
        page, session = message.get("page", ""), message.get("session", "")
        match message["do"]:
            case "hand":
                assert self._hand_over
                await self._hand_over(session)
            case "follow":
                await self._serve(page, message["stream"])
            case "stop":
                self._stop([page], message["reason"])
            case "drop":
                self._stop([page for page, lent in self._lent.items() if lent.session == session], "superseded")

    async def _serve(self, page: str, stream: str) -> None:
        if lent := self._lent.get(page):
            lent.follow(stream)
        else:
            await self._write(stream, {"kind": b"gone", "data": b"", "n": b"0"})

    def _stop(self, pages: list[str], reason: str) -> None:
        for page in pages:
            if (lent := self._lent.pop(page, None)) and not lent.final:
                lent.job.stop(reason)

    async def _write(self, stream: str, entry: Mapping[str, bytes]) -> None:
        """Add an entry to a stream, which is kept for a limited time."""
        key, fields = self._keys.frames(stream), {name.encode(): value for name, value in entry.items()}
        with answering():
            async with self._client.pipeline(transaction=False) as pipe:
                pipe.xadd(key, fields, maxlen=FRAMES)  # type: ignore[arg-type]
                pipe.expire(key, KEPT_SECONDS)
                await pipe.execute()

    async def read(self, stream: str, last: bytes) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """Return the entries of a stream after a given one, waiting for them for up to SILENCE_MS.

        Raises:
            StoreError: The store did not answer.
        """
        with answering():
            found: Any = await self._client.xread({self._keys.frames(stream): last}, block=SILENCE_MS)
        return entries(found)

    def forget(self, stream: str) -> None:
        """Delete a stream that nobody reads any more, without waiting."""
        self._post.run(self._forget(stream))

    async def _forget(self, stream: str) -> None:
        with answering():
            await self._client.delete(self._keys.frames(stream))


class FrameStream:
    """The frames of a page from the process that makes it; a Source over Redis streams."""

    def __init__(self, relay: RedisRelay, post: Mailbox, maker: str, page: str) -> None:
        self._relay, self._post, self.maker, self._page = relay, post, maker, page
        self._name, self._last = "", b"0"

    def ask(self) -> None:
        """Ask for the page in a new stream."""
        self.close()
        self._name, self._last = secrets.token_urlsafe(12), b"0"
        self.nudge()

    def nudge(self) -> None:
        """Ask for a sign of life in the current stream."""
        self._post.tell(self.maker, do="follow", page=self._page, stream=self._name)

    def stop(self, reason: str) -> None:
        """Have the page stopped."""
        self._post.tell(self.maker, do="stop", page=self._page, reason=reason)

    async def read(self) -> list[Entry]:
        """Return the next entries, or nothing after a period of silence."""
        found = await self._relay.read(self._name, self._last)
        if found:
            self._last = found[-1][0]
        return [fields for _, fields in found]

    def close(self) -> None:
        """Delete the current stream."""
        if self._name:
            self._relay.forget(self._name)


def relay_of(store: Store) -> Relay:
    """Return the relay that goes with a store."""
    return RedisRelay(store) if isinstance(store, RedisStore) and store.leases.process else SingleProcess()
