"""The store in Redis or Valkey, named by an address or embedded; one code path serves both."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisClusterException, RedisError

from backend.errors import SessionMoved, StartupError, StoreError
from backend.settings import Settings
from backend.storage.embedded_valkey import EmbeddedValkey
from backend.storage.keys import Keys
from backend.storage.leases import Leases
from backend.storage.records import PageRecord, SessionRecord, pack, unpack
from backend.storage.store_url import Client, client_of, close, public

DAY = 86_400
MINUTE = 60
NOBODY = "-"
"""An id that no session has."""


@contextmanager
def answering() -> Iterator[None]:
    """Turn everything that goes wrong between this process and the server into a StoreError."""
    try:
        yield
    except (RedisError, RedisClusterException, OSError, TimeoutError) as error:
        raise StoreError(f"the store does not answer: {error}") from error


class RedisStore:
    """Sessions and pages in Redis or Valkey.

    A session with pages is kept for a number of days. A session without pages is kept for the grace period and a minute
    more, and the index does not list it. An embedded server serves no other process, so no leases are held there.

    Attributes:
        client: The connection to the server.
        embedded: The embedded server, if the store has one.
        keys: The names of the keys.
        seconds: How long a session with pages is kept.
        leases: Which process holds a session.
    """

    def __init__(
        self, client: Client, tenant: str, days: float, embedded: EmbeddedValkey | None = None, grace: float = MINUTE
    ) -> None:
        self.client, self.embedded, self.keys = client, embedded, Keys(tenant)
        self.seconds = max(1, round(days * DAY))
        self._brief = min(self.seconds, round(grace) + MINUTE)
        self.leases = Leases(client, self.keys, "" if embedded else secrets.token_urlsafe(9), self.seconds)

    async def load_session(self, session: str) -> SessionRecord | None:
        """Load a session and keep it, its lease and its pages for another period."""
        keys = self.keys
        with answering():
            record = unpack(SessionRecord, await self._get(keys.session(session)))
            if record:
                seconds = self._kept(record)
                async with self.client.pipeline(transaction=False) as pipe:
                    for key in (keys.session(session), keys.lease(session), *self._keys(session, *record.pages)):
                        pipe.expire(key, seconds)
                    await pipe.execute()
        return record

    async def save(
        self, session: SessionRecord, pages: tuple[PageRecord, ...] = (), gone: tuple[str, ...] = ()
    ) -> None:
        """Write a session and pages, and drop others; see Store.save.

        Raises:
            SessionMoved: Another process holds the session, so nothing was written.
            StoreError: The store did not answer.
        """
        keys, values = self.keys, {self.keys.session(session.id): pack(session)}
        values |= {keys.page(session.id, page.id): pack(page) for page in pages}
        with answering():
            if session.pages:
                await self._note(session.id, pages)
            dropped = [keys.page(session.id, page) for page in gone]
            if not await self.leases.save(session.id, values, dropped, self._kept(session)):
                raise SessionMoved("expected to hold the session, but another process has taken it")
            if gone:
                async with self.client.pipeline(transaction=False) as pipe:
                    for page in gone:
                        pipe.delete(keys.owner(page))
                    await pipe.execute()

    def _kept(self, session: SessionRecord) -> int:
        """Return for how many seconds a session is kept."""
        return self.seconds if session.pages else self._brief

    async def _note(self, session: str, pages: tuple[PageRecord, ...]) -> None:
        """Write into the index that the session exists, and which session the pages belong to.

        In a cluster these keys lie on other nodes, so they are written separately. They are written first, because a
        key that leads to no page does no harm.
        """
        async with self.client.pipeline(transaction=False) as pipe:
            pipe.zadd(self.keys.index(), {session: time.time()})
            for page in pages:
                pipe.set(self.keys.owner(page.id), session.encode(), ex=self.seconds)
            await pipe.execute()

    async def load_page(self, session: str, page: str) -> PageRecord | None:
        """Load a page of a session; see Store.load_page."""
        with answering():
            return unpack(PageRecord, await self._get(self.keys.page(session, page)))

    async def find_page(self, page: str) -> PageRecord | None:
        """Load a page by its id alone; see Store.find_page."""
        with answering():
            owner = await self._get(self.keys.owner(page))
        # A page that nobody owns is looked up too: otherwise the time would tell it from a page that may not be shown.
        return await self.load_page(owner.decode() if owner else NOBODY, page)

    async def lend(self, name: str, value: bytes, seconds: int) -> None:
        """Keep a value for some seconds; see Store.lend."""
        with answering():
            await self.client.set(self.keys.lent(name), value, ex=seconds)

    async def take(self, name: str) -> bytes | None:
        """Take a lent value; see Store.take."""
        with answering():
            value = await self.client.getdel(self.keys.lent(name))
        return value.encode() if isinstance(value, str) else value

    async def ping(self) -> None:
        """Check that the server answers."""
        with answering():
            await self.client.ping()

    async def close(self) -> None:
        """Disconnect from the server; an embedded one is shut down."""
        await close(self.client)
        if self.embedded:
            self.embedded.stop()

    async def _get(self, key: str) -> bytes | None:
        value = await self.client.get(key)
        return value.encode() if isinstance(value, str) else value

    def _keys(self, session: str, *pages: str) -> list[str]:
        return [key for page in pages for key in (self.keys.page(session, page), self.keys.owner(page))]


async def open_store(settings: Settings) -> RedisStore:
    """Open the store that the settings name, and check that it answers.

    Raises:
        StartupError: The address cannot be used, or no server answers there.
    """
    embedded = None if settings.store else EmbeddedValkey.start(settings.data)
    address = settings.store or f"unix://{embedded.socket if embedded else ''}"
    try:
        client = client_of(address, settings.store_ca)
    except ValueError as error:
        raise StartupError(f"expected store to be an address such as redis://localhost:6379, got: {error}") from error
    store = RedisStore(client, settings.tenant, settings.session_days, embedded, settings.grace_seconds)
    try:
        await store.ping()
    except StoreError as error:
        await store.close()
        raise StartupError(f"expected a Redis or Valkey server at {public(address)}, but {error}") from error
    except TypeError as error:
        raise StartupError(f"expected store to be an address without unknown options, got: {error}") from error
    return store
