"""Limits of tokens over all processes on one store: each tells the others what it has in use.

A hash in the store has a field for each process that has tokens with limits in use. Every half second a process writes
its own field and reads them all, so a click asks nobody. A field that does not change is of a process that is dead.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, NoReturn

import msgpack

from backend.auth.access import Access
from backend.auth.quota import Use
from backend.errors import StoreError
from backend.storage.records import Store
from backend.storage.redis_store import RedisStore, answering

BEAT_SECONDS, DEAD_SECONDS = 0.5, 3.0
KEPT_SECONDS = 60
"""How long the hash stays when the last process that wrote it is gone."""


@contextlib.asynccontextmanager
async def share_use(store: Store, access: Access) -> AsyncIterator[None]:
    """Inside, limits hold over all processes on the store; one that no other process uses is left alone."""
    if not isinstance(store, RedisStore) or not store.leases.process:
        yield
        return
    shared = SharedQuota(store, access)
    task = asyncio.create_task(shared.keep_telling())
    try:
        yield
    finally:
        while not task.done():
            task.cancel()  # again and again, as redis-py swallows what comes while it connects
            await asyncio.wait((task,), timeout=BEAT_SECONDS / 10)
        with contextlib.suppress(StoreError):
            await shared.forget()


class Others:
    """What other processes have said, and when that was news. Pure: the caller brings the time in seconds."""

    def __init__(self) -> None:
        self._said: dict[bytes, tuple[bytes, float]] = {}

    def hear(self, said: Mapping[bytes, bytes], now: float) -> None:
        """said: all that stands in the store, by process; whoever is alive says something else each time."""
        known = self._said
        self._said = {
            process: known[process] if process in known and known[process][0] == data else (data, now)
            for process, data in said.items()
        }

    def dead(self, now: float) -> list[bytes]:
        """Those who have said nothing new for too long."""
        return [process for process, (_, since) in self._said.items() if now - since > DEAD_SECONDS]

    def uses(self, now: float) -> dict[str, Use]:
        """What the living have in use together, by the token's name."""
        found: dict[str, Use] = {}
        for data, since in self._said.values():
            for name, use in unpacked(data).items() if now - since <= DEAD_SECONDS else ():
                found[name] = found[name].plus(use) if name in found else use
        return found


class SharedQuota:
    """Tells what this process has in use, and gives `access` what the others have."""

    def __init__(self, store: RedisStore, access: Access) -> None:
        self._client, self._key, self._process = store.client, store.keys.use(), store.leases.process.encode()
        self._access, self._others = access, Others()
        self._beats = 0
        self._dead: list[bytes] = []

    async def keep_telling(self) -> NoReturn:
        """While the store does not answer, what the others said holds for a few seconds; then each counts alone."""
        while True:
            with contextlib.suppress(StoreError):
                await self.tell()
            self._access.elsewhere = self._others.uses(time.monotonic())
            await asyncio.sleep(BEAT_SECONDS)

    async def tell(self) -> None:
        """Write and read once; nothing without tokens that have limits. Raises StoreError."""
        if not self._access.limited:
            self._others = Others()
            return
        said = await self._exchange(self._access.uses())
        said.pop(self._process, None)
        now = time.monotonic()
        self._others.hear(said, now)
        self._dead = self._others.dead(now)

    async def forget(self) -> None:
        """This process has nothing in use any more. Raises StoreError."""
        if self._beats:
            await self._exchange({})

    async def _exchange(self, mine: Mapping[str, Use]) -> dict[bytes, bytes]:
        """Write what is in use here, and drop what the dead have said; returns what stands there, by process."""
        self._beats += 1
        with answering():
            async with asyncio.timeout(DEAD_SECONDS), self._client.pipeline(transaction=False) as pipe:
                if mine:
                    pipe.hset(self._key, self._process, msgpack.packb([self._beats, mine]))
                    pipe.expire(self._key, KEPT_SECONDS)
                if gone := self._dead if mine else [*self._dead, self._process]:
                    pipe.hdel(self._key, *gone)
                pipe.hgetall(self._key)
                found: list[Any] = await pipe.execute()
        return dict(found[-1])


def unpacked(data: bytes) -> dict[str, Use]:
    """What a process said; nothing, if it says it in another way than this one."""
    try:
        _, uses = msgpack.unpackb(data)
        return {
            name: Use(int(connections), int(pages), float(begun)) for name, (connections, pages, begun) in uses.items()
        }
    except (ValueError, TypeError, AttributeError, msgpack.UnpackException):
        return {}
