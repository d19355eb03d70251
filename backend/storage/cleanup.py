"""Keeps the store from growing without end: beyond so many sessions, those that were written longest ago go.

A session that any process holds, which means that somebody is connected or was a moment ago, is never touched.
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
    """Tidy up every minute, for ever. most: sessions to keep. held: whether a session is in memory here."""
    if isinstance(store, RedisStore):
        await _every_minute(store, most, held)


async def _every_minute(store: RedisStore, most: int, held: Held) -> NoReturn:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        with contextlib.suppress(StoreError):
            if gone := await tidy(store, most, held):
                log.warning("the store holds more than %d sessions: the %d oldest are gone", most, gone)


async def tidy(store: RedisStore, most: int, held: Held) -> int:
    """Drop the oldest sessions beyond `most` that nobody holds; how many. Raises StoreError."""
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
    """Drop a session with its pages, unless a process that is alive holds it."""
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
    """The pages of a session's record; none of one that cannot be read, whose pages go when their time is over."""
    try:
        record = unpack(SessionRecord, data)
    except StoreError:
        return ()
    return tuple(record.pages) if record else ()
