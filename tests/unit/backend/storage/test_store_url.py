"""Addresses of stores, and the store on each kind of server they name."""

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster

from backend.errors import StartupError, StoreError
from backend.settings import STORE_SCHEMES, Settings
from backend.storage.redis_store import open_store
from backend.storage.store_url import Several, client_of, parse, public
from tests.support.redis_servers import GUARD, cluster, secured, until, watched
from tests.unit.backend.storage.test_redis_store import OTHER, PAGE, SESSION, exercise


@pytest.mark.parametrize(
    ("address", "several"),
    [
        (
            "redis+sentinel://a:1,b,[::1]:2/pages/3",
            Several("sentinel", False, (("a", 1), ("b", 26379), ("::1", 2)), service="pages", db=3),
        ),
        (
            "rediss+cluster://me:p%40ss@one,two:7000",
            Several("cluster", True, (("one", 6379), ("two", 7000)), "me", "p@ss"),
        ),
        (
            "redis+sentinel://me:mine@a/pages?user=it&password=its%20own",
            Several(
                "sentinel", False, (("a", 26379),), "me", "mine", "pages", 0, {"username": "it", "password": "its own"}
            ),
        ),
        ("redis+cluster://:only@one/", Several("cluster", False, (("one", 6379),), "", "only")),
    ],
)
def test_addresses_of_several_servers(address: str, several: Several) -> None:
    assert parse(address) == several


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("redis+sentinel://host", "a sentinel needs the name of its service"),
        ("redis+cluster://host/service", "a cluster takes none"),
        ("redis+sentinel://host/pages/x", "the number of a database is no number: 'x'"),
        ("redis+cluster://a,,b", "a host is missing: ''"),
        ("redis+cluster://a:port", "could not be cast to integer"),
        ("redis+cluster://me:secret@a?password=secret", "nothing but user and password, which are for sentinels"),
        ("redis+sentinel://me:secret@a/pages?key=secret", "nothing but user and password, which are for sentinels"),
        ("redis+cluster://me:secret@a#x", "expected hosts with commas between them"),
        ("redis+cluster://", "expected hosts with commas between them"),
        ("redis://127.0.0.1:1/0?colour=red", "unknown options"),
    ],
)
def test_addresses_with_a_fault(address: str, message: str) -> None:
    with pytest.raises(StartupError) as caught:
        asyncio.run(open_store(Settings(store=address)))
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_every_kind_of_address_has_a_client() -> None:
    rest = {"unix": "/x.sock", "redis+sentinel": "h/s", "rediss+sentinel": "h/s"}
    for scheme in STORE_SCHEMES:
        client = client_of(f"{scheme}://{rest.get(scheme, 'h')}")
        assert isinstance(client, RedisCluster if "cluster" in scheme else Redis)


def test_addresses_are_shown_without_secrets() -> None:
    assert public("redis+sentinel://user:secret@a:1,b:2/pages?password=secret") == "redis+sentinel://a:1,b:2/pages"


def test_certificates_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="there is no file of certificates at"):
        asyncio.run(open_store(Settings(store="rediss://127.0.0.1:1", store_ca=tmp_path / "none")))


@pytest.mark.redis
def test_a_server_with_tls(tmp_path: Path) -> None:
    async def scene(address: str, ca: Path) -> None:
        store = await open_store(Settings(store=address, store_ca=ca))
        await exercise(store)
        await store.close()
        with pytest.raises(StartupError, match="certificate verify failed"):
            await open_store(Settings(store=address))

    with secured(tmp_path) as (address, ca):
        asyncio.run(scene(address, ca))


@pytest.mark.redis
def test_a_cluster(tmp_path: Path) -> None:
    async def scene(address: str) -> None:
        store = await open_store(Settings(store=address))
        await exercise(store)
        many = tuple(f"s{number}" for number in range(12))
        for name in many:
            await store.leases.save(name, {store.keys.session(name): b"x", store.keys.page(name, "p"): b"y"}, [], 60)
        slots = {await store.client.execute_command("CLUSTER KEYSLOT", store.keys.session(name)) for name in many}
        assert len(slots) > 6
        await store.close()

    with cluster(tmp_path) as address:
        asyncio.run(scene(address))


@pytest.mark.redis
def test_a_sentinel_and_its_next_master(tmp_path: Path) -> None:
    async def scene() -> None:
        with watched(tmp_path) as (address, master, port):
            store = await open_store(Settings(store=address))
            await exercise(store)
            await store.client.wait(1, 5000)
            master.kill()
            master.wait()
            await asyncio.to_thread(until, port, "sentinel master pages", "num-other-sentinels\n0", GUARD)
            await settle(store.load_session, store.save)
            await store.close()

    async def settle(load: object, save: object) -> None:
        async with asyncio.timeout(20):
            while True:
                try:
                    await save(SESSION, (PAGE, OTHER))  # type: ignore[operator]
                    assert await load("s1") == SESSION  # type: ignore[operator]
                    return
                except StoreError:
                    await asyncio.sleep(0.05)

    asyncio.run(scene())
