"""Limits of tokens over all processes on one store: each process tells the others what it has in use.

A hash in the store has a field for each process that uses tokens with limits. Every half second a process writes its
own field and reads them all, so an action waits for no other process. A field that does not change belongs to a process
that is dead.
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
"""How long the hash stays after the last process that wrote it is gone."""


@contextlib.asynccontextmanager
async def share_use(store: Store, access: Access) -> AsyncIterator[None]:
    """Enforce limits over all processes on the store while the block runs.

    A store that no other process uses is left alone.
    """
    if not isinstance(store, RedisStore) or not store.leases.process:
        yield
        return
    shared = SharedQuota(store, access)
    task = asyncio.create_task(shared.keep_telling())
    try:
        yield
    finally:
        while not task.done():
            task.cancel()  # Again and again, because redis-py swallows a cancellation while it connects.
            await asyncio.wait((task,), timeout=BEAT_SECONDS / 10)
        with contextlib.suppress(StoreError):
            await shared.forget()


class Others:
    """What other processes have said, and when each last said something new.

    It does no I/O: the caller passes the time in seconds.
    """

    def __init__(self) -> None:
        self._said: dict[bytes, tuple[bytes, float]] = {}

    def hear(self, said: Mapping[bytes, bytes], now: float) -> None:
        """Take in what all processes have written.

        Args:
            said: The fields of the hash, by process. A live process writes something different each time.
            now: The time in seconds.
        """
        known = self._said
        self._said = {
            process: known[process] if process in known and known[process][0] == data else (data, now)
            for process, data in said.items()
        }

    def dead(self, now: float) -> list[bytes]:
        """Return the processes that have said nothing new for DEAD_SECONDS."""
        return [process for process, (_, since) in self._said.items() if now - since > DEAD_SECONDS]

    def uses(self, now: float) -> dict[str, Use]:
        """Return what the live processes have in use together, by the token's name."""
        found: dict[str, Use] = {}
        for data, since in self._said.values():
            for name, use in unpacked(data).items() if now - since <= DEAD_SECONDS else ():
                found[name] = found[name].plus(use) if name in found else use
        return found


class SharedQuota:
    """Writes what this process has in use, and gives `access` what the other processes have in use."""

    def __init__(self, store: RedisStore, access: Access) -> None:
        self._client, self._key, self._process = store.client, store.keys.use(), store.leases.process.encode()
        self._access, self._others = access, Others()
        self._beats = 0
        self._dead: list[bytes] = []

    async def keep_telling(self) -> NoReturn:
        """Exchange every half second, for ever.

        While the store does not answer, the last known use of the others counts for a few seconds. After that each
        process counts only its own.
        """
        while True:
            with contextlib.suppress(StoreError):
                await self.tell()
            self._access.elsewhere = self._others.uses(time.monotonic())
            await asyncio.sleep(BEAT_SECONDS)

    async def tell(self) -> None:
        """Write and read once; do nothing if no token has limits.

        Raises:
            StoreError: The store did not answer.
        """
        if not self._access.limited:
            self._others = Others()
            return
        said = await self._exchange(self._access.uses())
        said.pop(self._process, None)
        now = time.monotonic()
        self._others.hear(said, now)
        self._dead = self._others.dead(now)

    async def forget(self) -> None:
        """Remove this process's field, because it has nothing in use any more.

        Raises:
            StoreError: The store did not answer.
        """
        if self._beats:
            await self._exchange({})

    async def _exchange(self, mine: Mapping[str, Use]) -> dict[bytes, bytes]:
        """Write what is in use here, drop the fields of dead processes, and return all fields by process."""
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
    """Return what a process has in use, or nothing if its field has another form than this version's."""
    try:
        _, uses = msgpack.unpackb(data)
        return {
            name: Use(int(connections), int(pages), float(begun)) for name, (connections, pages, begun) in uses.items()
        }
    except (ValueError, TypeError, AttributeError, msgpack.UnpackException):
        return {}
