"""How many sessions the store holds, and which of them go."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from backend.settings import Settings
from backend.storage.cleanup import tidy
from backend.storage.redis_store import RedisStore, open_store
from tests.support.redis_servers import cluster, redis
from tests.unit.backend.storage.test_redis_store import PAGE, SESSION

pytestmark = pytest.mark.redis


async def fill(store: RedisStore, count: int) -> list[str]:
    names = [f"s{number:03}" for number in range(count)]
    for number, name in enumerate(names):
        page = replace(PAGE, id=f"page{number}")
        await store.save(replace(SESSION, id=name, pages={page.id: page.item}), (page,))
    return names


async def left(store: RedisStore, names: list[str]) -> list[str]:
    return [name for name in names if await store.client.exists(store.keys.session(name))]


async def scene(address: str) -> None:
    store, other = [await open_store(Settings(store=address)) for _ in range(2)]
    names = await fill(store, 8)
    for name in names[1:]:
        await store.leases.release(name)
    await other.client.set(other.keys.alive(other.leases.process), b"1")
    assert await other.leases.take(names[2], "")
    assert await tidy(store, 8, lambda name: False) == 0
    assert await tidy(store, 3, lambda name: name == names[1]) == 5
    assert await left(store, names) == [names[1], names[2], names[7]]
    assert await store.find_page("page0") is None
    assert await store.find_page("page7")
    assert not await store.client.exists(store.keys.owner("page3"), store.keys.lease(names[3]))
    assert await tidy(store, 1, lambda name: name != names[7]) == 1
    assert await left(store, names) == [names[1], names[2]]
    assert await store.client.zcard(store.keys.index()) == 2
    await store.close()
    await other.close()


def test_the_oldest_go_and_none_that_somebody_holds(tmp_path: Path) -> None:
    """The first is held by a process that is dead, the second here, the third by another process."""
    with redis(tmp_path) as (address, _):
        asyncio.run(scene(address))


def test_on_a_cluster(tmp_path: Path) -> None:
    async def small(address: str) -> None:
        store = await open_store(Settings(store=address))
        names = await fill(store, 5)
        assert await tidy(store, 2, lambda name: False) == 3
        assert await left(store, names) == names[3:]
        await store.close()

    with cluster(tmp_path) as address:
        asyncio.run(small(address))


def test_what_has_expired_is_not_counted(tmp_path: Path) -> None:
    async def whole(address: str) -> None:
        store = await open_store(Settings(store=address))
        names = await fill(store, 3)
        await store.client.zadd(store.keys.index(), {"gone": 1.0})
        assert await tidy(store, 3, lambda name: False) == 0
        assert await store.client.zcard(store.keys.index()) == 3
        assert await left(store, names) == names
        await store.close()

    with redis(tmp_path) as (address, _):
        asyncio.run(whole(address))


def test_a_record_that_cannot_be_read_goes_like_any_other(tmp_path: Path) -> None:
    async def whole(address: str) -> None:
        store = await open_store(Settings(store=address))
        names = await fill(store, 4)
        await store.client.set(store.keys.session(names[0]), b"no record")
        assert await tidy(store, 2, lambda name: False) == 2
        assert await left(store, names) == names[2:]
        await store.close()

    with redis(tmp_path) as (address, _):
        asyncio.run(whole(address))
