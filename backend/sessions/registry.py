"""All sessions in memory: who is connected, who may reconnect, and which sessions are forgotten."""

import asyncio
import re
import secrets
import time
from weakref import WeakValueDictionary

from backend.auth.access import Grant
from backend.auth.client import OWN_SHELL, ClientIdentity
from backend.auth.rate_limit import TokenBucket
from backend.composer.compose import Composer
from backend.errors import ProtocolError, StoreError
from backend.handover.relay import Relay, SingleProcess
from backend.jobs.page_job import PageJob
from backend.jobs.page_maker import PageMaker
from backend.jobs.text_job import TextJob
from backend.pages.visibility import sees
from backend.protocol.messages import Error
from backend.protocol.outbox import Outbox
from backend.sessions.archive import Caps
from backend.sessions.session import Session
from backend.settings import Settings
from backend.storage.records import PageRecord, SessionRecord, Store

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TRY_LATER = 1013
RESTART = 1012
REPLACED = 4409


class SessionRegistry:
    """The sessions by id.

    A session without a connection stays in memory for the grace period, and so does its running page. The relay to the
    other processes closes with the registry.
    """

    def __init__(
        self, store: Store, composer: Composer, page_maker: PageMaker, settings: Settings, relay: Relay | None = None
    ) -> None:
        self._store, self._composer, self._maker, self._settings = store, composer, page_maker, settings
        self._relay: Relay = relay or SingleProcess()
        self._caps = Caps(settings.session_pages, settings.session_bytes)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._sessions: dict[str, Session] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    async def start(self) -> None:
        """Let other processes ask for sessions from now on.

        Raises:
            StoreError: The store did not answer.
        """
        await self._relay.start(self.hand_over)

    @property
    def draining(self) -> bool:
        """Whether the service is about to end, so that it takes no connections and no pages."""
        return self._maker.draining

    @property
    def count(self) -> int:
        """How many sessions are in memory."""
        return len(self._sessions)

    async def find(self, session: str, grant: Grant = OWN_SHELL) -> Session | None:
        """Return a session that is in memory, in another process or in the store.

        Args:
            session: The session's id.
            grant: What the client was let in by.

        Returns:
            The session, or None if it is unknown or was opened with another token.

        Raises:
            ProtocolError: store_unavailable, which ends the connection.
        """
        if not SESSION_ID.fullmatch(session):
            return None
        async with self._lock(session):
            try:
                if not await self._may_enter(session, grant):
                    return None
                found = await self._find(session)
                return found if found and grant.opened(session, found.archive.opener) else None
            except StoreError as error:
                if found := self._sessions.get(session):
                    return found
                text = "the store cannot be reached, and this session is kept there; try again later"
                raise ProtocolError("store_unavailable", text, TRY_LATER) from error

    async def _may_enter(self, session: str, grant: Grant) -> bool:
        """Return whether a grant's holder may reconnect to a session, as far as this process knows.

        This is checked before another process has to let go of the session.
        """
        held = self._sessions.get(session)
        record = held.archive if held else await self._store.load_session(session)
        return record is None or grant.opened(session, record.opener)

    async def _find(self, session: str) -> Session | None:
        """Take the lease on a session, and return it from memory if that is still true, else from the store."""
        ours, found = await self._relay.claim(session), self._sessions.get(session)
        if found and ours:
            return found
        if found:
            self._lose(found)
        record = await self._store.load_session(session)
        return self._add(record) if record else None

    async def hand_over(self, session: str) -> None:
        """Write a session and let go of it, because another process takes it."""
        async with self._lock(session):
            page = maker = ""
            if found := self._sessions.get(session):
                page, maker = found.work.hand_over()
                self._lose(found)
                found.archive.touch()
                await found.archive.flush()
                found.archive.close()
            await self._relay.release(session, page, maker)

    def _lock(self, session: str) -> asyncio.Lock:
        """Return the lock that is held while a session is loaded or leaves."""
        return self._locks.setdefault(session, asyncio.Lock())

    def _lose(self, session: Session) -> None:
        """Drop a session that another process has taken, and close its connection here."""
        session.work.drop()
        if self._sessions.get(session.key) is session:
            self._drop(session)
        if outbox := session.telling.outbox:
            session.telling.outbox = None
            dismiss(outbox)

    def holds(self, session: str) -> bool:
        """Return whether a session is in memory."""
        return session in self._sessions

    def create(self, returns: bool = False, grant: Grant = OWN_SHELL) -> Session:
        """Return a new session.

        Args:
            returns: Whether its client may reconnect to it, so that it is written at once. Any other session is written
                once a page is made or shown in it.
            grant: What the client was let in by.

        Raises:
            ProtocolError: busy, if there are too many sessions.
        """
        key = secrets.token_urlsafe(24)
        session = self._add(SessionRecord(key, time.time(), opener=grant.seal(key) or None))
        session.archive.withheld = not returns
        session.archive.changed()
        return session

    def attach(self, session: Session, outbox: Outbox, identity: ClientIdentity | None = None) -> None:
        """Connect a session; an older connection of it is told and closed.

        Args:
            session: The session.
            outbox: The outbox of the connection.
            identity: The client that connects. None keeps the last one.
        """
        session.identity = identity or session.identity
        if timer := self._timers.pop(session.key, None):
            timer.cancel()
        if old := session.telling.outbox:
            session.telling.outbox = None
            dismiss(old)
        session.telling.outbox = outbox

    def detach(self, session: Session, outbox: Outbox) -> None:
        """Disconnect a session, which then has the grace period to reconnect, unless another connection took over."""
        if session.telling.outbox is outbox:
            session.telling.outbox = None
            session.archive.touch()
            self._wait(session)

    async def leave_session(self, session: Session, outbox: Outbox) -> None:
        """Disconnect a session to which nobody will reconnect.

        It is forgotten as soon as the store has it, or at once if nothing of it is to be kept. While the service drains
        it stays, because closing forgets all sessions anyway.
        """
        if session.telling.outbox is not outbox:
            return
        session.telling.outbox = None
        session.work.stop("cancelled")
        if session.archive.withheld:
            session.archive.close()
        await session.archive.flush()
        ours = self._sessions.get(session.key) is session and session.telling.outbox is None
        if not ours or self.draining:
            return
        if session.idle:
            self._forget(session)
        else:
            self._wait(session)

    async def page(self, page: str, key: str = "") -> PageRecord | None:
        """Return a page by its id, whichever session it belongs to, if a holder of the key may see it.

        A page that may not be seen is looked up in the store just as an unknown one is. So the time tells nobody the
        difference.

        Args:
            page: The page's id.
            key: The page's key, or "".

        Raises:
            StoreError: The store did not answer.
        """
        if not SESSION_ID.fullmatch(page):
            return None
        every = (session.archive.holds(page) for session in self._sessions.values())
        held = next(filter(None, every), None)
        if sees(held, key):
            return held
        stored = await self._store.find_page(page)
        return stored if held is None and sees(stored, key) else None

    async def drain(self) -> None:
        """Take no connections and no pages any more, until running pages are finished or `drain_seconds` are over.

        Clients are told to reconnect: at once, or when their page is finished. A page that waits in line, or is not
        finished in time, is made again when its client is back.
        """
        self._maker.draining = True
        self._maker.give_way()
        for text in [one for one in self._maker.line.waiting if isinstance(one, TextJob)]:
            text.call(refused=True)
        for session in self._sessions.values():
            if isinstance(session.job, PageJob) and session.job.position:
                session.work.park()
        await asyncio.gather(
            *(self._see_off(session) for session in self._sessions.values()),
            *(self._finished(job) for job in self._maker.running),
        )

    async def _finished(self, job: PageJob | TextJob) -> None:
        await asyncio.wait((job.task,), timeout=self._settings.drain_seconds)

    async def _see_off(self, session: Session) -> None:
        if isinstance(session.job, PageJob):
            await self._finished(session.job)
        if session.telling.outbox:
            session.telling.outbox.close(RESTART)

    async def close(self) -> None:
        """Write everything. A running page stays marked as running, so that it is made again on resume."""
        self._maker.draining = True
        for timer in self._timers.values():
            timer.cancel()
        for session in self._sessions.values():
            session.work.park()
        for session in list(self._sessions.values()):
            await session.archive.flush()
            session.archive.close()
        await self._relay.close()

    def _add(self, record: SessionRecord) -> Session:
        """Put a session into memory, in place of an idle one if there is no room.

        Raises:
            ProtocolError: busy, if no session is idle.
        """
        if len(self._sessions) >= self._settings.max_sessions and not self._evict():
            raise ProtocolError("busy", "the service has as many visitors as it can hold; try again later", TRY_LATER)
        bucket = TokenBucket(self._settings.actions_burst, self._settings.actions_per_second)
        session = Session(
            record, self._store, self._composer, self._maker, self.page, bucket, self._relay, self._caps, self._lose
        )
        return self._sessions.setdefault(record.id, session)

    def _evict(self) -> bool:
        """Forget the session that has been idle longest and return whether there was one."""
        idle = (s for s in self._sessions.values() if s.idle)
        if session := next(idle, None):
            self._forget(session)
        return session is not None

    def _wait(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        self._timers[session.key] = loop.call_later(self._settings.grace_seconds, self._expire, session)

    def _expire(self, session: Session) -> None:
        """End the grace period: stop the page, and forget the session as soon as the store has all of it."""
        session.work.stop("abandoned")
        if session.idle:
            self._forget(session)
        else:
            self._wait(session)

    def _forget(self, session: Session) -> None:
        """Drop a session that is completely in the store, for any process to take."""
        session.archive.close()
        self._drop(session)
        self._relay.free(session.key)

    def _drop(self, session: Session) -> None:
        del self._sessions[session.key]
        if timer := self._timers.pop(session.key, None):
            timer.cancel()


def dismiss(outbox: Outbox) -> None:
    """Tell a connection that another one has taken its session, and close it."""
    outbox.put(Error("replaced", "another connection took this session"))
    outbox.close(REPLACED)
