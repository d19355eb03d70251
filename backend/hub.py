"""All sessions in memory: who is connected, who comes back, who is let go."""

import asyncio
import re
import secrets
import time

from backend.compose import Composer
from backend.errors import ProtocolError, StoreError
from backend.making import Press
from backend.messages import Error
from backend.outbox import Outbox
from backend.session import Session
from backend.settings import Settings
from backend.store import PageRecord, SessionRecord, Store

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TRY_LATER = 1013
REPLACED = 4409


class Hub:
    """Sessions by id. A session without a connection stays in memory for the grace period, its running page too."""

    def __init__(self, store: Store, composer: Composer, press: Press, settings: Settings) -> None:
        self._store, self._composer, self._press, self._settings = store, composer, press, settings
        self._sessions: dict[str, Session] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @property
    def count(self) -> int:
        """Sessions in memory."""
        return len(self._sessions)

    async def find(self, session: str) -> Session | None:
        """A session in memory or in the store. Raises ProtocolError store_unavailable, which ends the connection."""
        if found := self._sessions.get(session):
            return found
        if not SESSION_ID.fullmatch(session):
            return None
        try:
            record = await self._store.load_session(session)
        except StoreError as error:
            text = "the store cannot be reached, and this session is kept there; try again later"
            raise ProtocolError("store_unavailable", text, TRY_LATER) from error
        return self._add(record) if record else None

    def create(self) -> Session:
        """A new session, at once written to the store. Raises ProtocolError busy when there are too many."""
        session = self._add(SessionRecord(secrets.token_urlsafe(24), time.time()))
        session.archive.changed()
        return session

    def attach(self, session: Session, outbox: Outbox) -> None:
        """Connect a session; an older connection of it is told and closed."""
        if timer := self._timers.pop(session.key, None):
            timer.cancel()
        if old := session.outbox:
            session.outbox = None
            old.put(Error("replaced", "another connection took this session"))
            old.close(REPLACED)
        session.outbox = outbox

    def detach(self, session: Session, outbox: Outbox) -> None:
        """The connection is gone; unless another took over, the session has the grace period to come back."""
        if session.outbox is outbox:
            session.outbox = None
            self._wait(session)

    async def page(self, page: str) -> PageRecord | None:
        """A page by its id, whichever session it belongs to. Raises StoreError."""
        held = (session.archive.holds(page) for session in self._sessions.values())
        return next(filter(None, held), None) or await self._store.find_page(page)

    async def close(self) -> None:
        """Write everything. A running page stays marked as running, so that it is made again on resume."""
        for timer in self._timers.values():
            timer.cancel()
        for session in self._sessions.values():
            if session.making:
                session.making.stop("interrupted")
            await session.archive.flush()

    def _add(self, record: SessionRecord) -> Session:
        if len(self._sessions) >= self._settings.max_sessions and not self._evict():
            raise ProtocolError("busy", "the service has as many visitors as it can hold; try again later", TRY_LATER)
        session = Session(record, self._store, self._composer, self._press, self.page)
        return self._sessions.setdefault(record.id, session)

    def _evict(self) -> bool:
        """Let go of the longest idle session, if there is one."""
        idle = (s for s in self._sessions.values() if s.idle)
        if session := next(idle, None):
            self._drop(session)
        return session is not None

    def _wait(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        self._timers[session.key] = loop.call_later(self._settings.grace_seconds, self._expire, session)

    def _expire(self, session: Session) -> None:
        """The grace period is over: stop the page; forget the session as soon as the store has it all."""
        session.stop("abandoned")
        if session.idle:
            self._drop(session)
        else:
            self._wait(session)

    def _drop(self, session: Session) -> None:
        del self._sessions[session.key]
        if timer := self._timers.pop(session.key, None):
            timer.cancel()
