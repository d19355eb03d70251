"""Keeps the store from growing without end: beyond a number of sessions, those written longest ago are dropped.

A session that any process holds is never touched. Such a session has a connection now or had one a moment ago.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, NoReturn

from backend.errors import StoreError
from backend.storage.records import SessionRecord, Store, unpack
from backend.storage.redis_store import RedisStore, answering

EVERY_SECONDS = 60.0
BATCH = 100
FORGET = """
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
return 1
"""
log = logging.getLogger(__name__)
Held = Callable[[str], bool]


async def keep_tidy(store: Store, most: int, held: Held) -> None:
    """Drop the oldest sessions every minute, for ever.

    Args:
        store: The open store; one that is not in Redis is left alone.
        most: How many sessions to keep.
        held: Returns whether a session is in memory in this process.
    """
    if isinstance(store, RedisStore):
        await _every_minute(store, most, held)


async def _every_minute(store: RedisStore, most: int, held: Held) -> NoReturn:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        with contextlib.suppress(StoreError):
            if gone := await tidy(store, most, held):
                log.warning("the store holds more than %d sessions: the %d oldest are gone", most, gone)


async def tidy(store: RedisStore, most: int, held: Held) -> int:
    """Drop the oldest sessions beyond a number that no process holds.

    Args:
        store: The open store.
        most: How many sessions to keep.
        held: Returns whether a session is in memory in this process.

    Returns:
        How many sessions were dropped.

    Raises:
        StoreError: The store did not answer.
    """
    client, index, gone = store.client, store.keys.index(), 0
    with answering():
        await client.zremrangebyscore(index, 0, time.time() - store.seconds)
        excess = await client.zcard(index) - most
        start = 0
        while gone < excess:
            found: Any = await client.zrange(index, start, start + BATCH - 1)
            for name in found:
                session = name.decode()
                if gone < excess and not held(session) and await _forget(store, session):
                    gone += 1
                else:
                    start += 1
            if len(found) < BATCH:
                break
    return gone


async def _forget(store: RedisStore, session: str) -> bool:
    """Drop a session with its pages, unless a live process holds it; return whether it was dropped."""
    client, keys = store.client, store.keys
    holder = (await store.leases.of(session)).holder
    if holder and await client.exists(keys.alive(holder)):
        return False
    pages = _pages(await client.get(keys.session(session)))  # type: ignore[arg-type]
    dropped = await client.eval(FORGET, 2, keys.lease(session), keys.session(session), holder)
    if not dropped:
        return False
    async with client.pipeline(transaction=False) as pipe:
        for page in pages:
            pipe.delete(keys.page(session, page))
            pipe.delete(keys.owner(page))
        pipe.zrem(keys.index(), session)
        await pipe.execute()
    return True


def _pages(data: bytes | None) -> tuple[str, ...]:
    """Return the page ids in a session's record.

    A record that cannot be read has none; its pages go when they expire.
    """
    try:
        record = unpack(SessionRecord, data)
    except StoreError:
        return ()
    return tuple(record.pages) if record else ()
