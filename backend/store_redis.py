"""The store in Redis or Valkey, named by an address or embedded: one code path for both."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from backend.embedded import Embedded
from backend.errors import StartupError, StoreError
from backend.settings import Settings
from backend.store import PageRecord, SessionRecord, pack, unpack

FORMAT = 1
DAY = 86_400
TIMEOUT = 5.0


@contextmanager
def answering() -> Iterator[None]:
    """Whatever goes wrong between us and the server becomes a StoreError."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreError(f"the store does not answer: {error}") from error


class RedisStore:
    """Keys: silverprint:FORMAT:TENANT:session:SESSION, ...:session:SESSION:page:PAGE, ...:page:PAGE -> SESSION,
    and for a short while ...:lent:NAME."""

    def __init__(self, client: Redis, tenant: str, days: float, embedded: Embedded | None = None) -> None:
        self._client, self._embedded = client, embedded
        self._prefix = f"silverprint:{FORMAT}:{tenant}"
        self._seconds = max(1, round(days * DAY))

    async def load_session(self, session: str) -> SessionRecord | None:
        with answering():
            record = unpack(SessionRecord, await self._get(self._session(session)))
            if record:
                async with self._client.pipeline(transaction=False) as pipe:
                    for key in (self._session(session), *self._keys(session, *record.pages)):
                        pipe.expire(key, self._seconds)
                    await pipe.execute()
        return record

    async def save(
        self, session: SessionRecord, pages: tuple[PageRecord, ...] = (), gone: tuple[str, ...] = ()
    ) -> None:
        data = {self._session(session.id): pack(session)}
        for page in pages:
            data[self._page(session.id, page.id)] = pack(page)
            data[self._owner(page.id)] = session.id.encode()
        with answering():
            async with self._client.pipeline(transaction=True) as pipe:
                for key, value in data.items():
                    pipe.set(key, value, ex=self._seconds)
                if gone:
                    pipe.delete(*self._keys(session.id, *gone))
                await pipe.execute()

    async def load_page(self, session: str, page: str) -> PageRecord | None:
        with answering():
            return unpack(PageRecord, await self._get(self._page(session, page)))

    async def find_page(self, page: str) -> PageRecord | None:
        with answering():
            owner = await self._get(self._owner(page))
        return await self.load_page(owner.decode(), page) if owner else None

    async def lend(self, name: str, value: bytes, seconds: int) -> None:
        with answering():
            await self._client.set(f"{self._prefix}:lent:{name}", value, ex=seconds)

    async def take(self, name: str) -> bytes | None:
        with answering():
            value = await self._client.getdel(f"{self._prefix}:lent:{name}")
        return value.encode() if isinstance(value, str) else value

    async def ping(self) -> None:
        with answering():
            await self._client.ping()

    async def close(self) -> None:
        """Let go of the server; an embedded one is shut down."""
        await self._client.aclose()
        if self._embedded:
            self._embedded.stop()

    async def _get(self, key: str) -> bytes | None:
        value = await self._client.get(key)
        return value.encode() if isinstance(value, str) else value

    def _session(self, session: str) -> str:
        return f"{self._prefix}:session:{session}"

    def _page(self, session: str, page: str) -> str:
        return f"{self._session(session)}:page:{page}"

    def _owner(self, page: str) -> str:
        return f"{self._prefix}:page:{page}"

    def _keys(self, session: str, *pages: str) -> list[str]:
        return [key for page in pages for key in (self._page(session, page), self._owner(page))]


async def open_store(settings: Settings) -> RedisStore:
    """The store that settings name, reachable. Raises StartupError if it is not."""
    embedded = None if settings.store else Embedded.start(settings.data)
    address = settings.store or f"unix://{embedded.socket if embedded else ''}"
    try:
        once = Retry(NoBackoff(), 1)  # a connection that broke while idle is made anew, without waiting
        client = Redis.from_url(address, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=once)
    except ValueError as error:
        raise StartupError(f"expected store to be an address such as redis://localhost:6379, got: {error}") from error
    store = RedisStore(client, settings.tenant, settings.session_days, embedded)
    try:
        await store.ping()
    except StoreError as error:
        await store.close()
        raise StartupError(f"expected a Redis or Valkey server at {public(address)}, but {error}") from error
    return store


def public(address: str) -> str:
    """An address without its user name and password."""
    return re.sub(r"//[^/@]*@", "//", address)
