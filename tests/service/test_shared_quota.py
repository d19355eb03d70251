"""What tokens may have, counted over all processes on one store."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgpack
import pytest

from backend.auth import shared_quota
from backend.auth.access import Access
from backend.auth.quota import Allowance, Quota, Use
from backend.auth.shared_quota import DEAD_SECONDS, Others, SharedQuota, share_use
from backend.auth.token_file import given_tokens
from backend.errors import ProtocolError
from backend.handover.redis_relay import RedisRelay
from backend.protocol.messages import Hello, Prompt
from backend.storage.redis_store import RedisStore, open_store
from tests.support.fakes import FakeEngine, MemoryStore, held, settings_in
from tests.support.redis_servers import cluster, redis
from tests.support.running_service import Client, Service, free_port, serving
from tests.system.test_processes import services

TOKEN = "a-token-of-a-program"
BUSY = "expected at most 1 pages at once with this token; try again in a moment"


def tokens(**limits: int) -> str:
    return json.dumps({"token": [{"name": "bot", "token": TOKEN, "scopes": ["visitor"], **limits}]})


def access_with(**limits: int) -> Access:
    return Access("the service's own", given=given_tokens(tokens(**limits)))


def quota_of(access: Access) -> Quota:
    return access.quota(access.grant(f"Bearer {TOKEN}", "visitor"))


def said(beat: int, **uses: Use) -> bytes:
    data: bytes = msgpack.packb([beat, uses])
    return data


def test_what_others_have_counts() -> None:
    elsewhere = Use(connections=1, pages=1)
    quota = Quota(Allowance(connections=2, pages=2), lambda: elsewhere)
    quota.connect()
    with pytest.raises(ProtocolError, match="expected at most 2 connections with this token") as caught:
        quota.connect()
    assert caught.value.close == 4429
    quota.check()
    quota.begin()
    with pytest.raises(ProtocolError, match="expected at most 2 pages at once"):
        quota.check()
    quota.check(gives_up=1)
    quota.check(moved=True)
    quota.begin()
    with pytest.raises(ProtocolError, match="expected at most 2 pages at once"):
        quota.check(moved=True)
    elsewhere = Use()
    with pytest.raises(ProtocolError, match="expected at most 2 pages at once"):
        quota.check(moved=True)


@pytest.mark.parametrize(("late", "more"), [(False, 0), (True, 2)], ids=["told at once", "told a second later"])
def test_the_pages_of_a_minute_are_one_bucket(monkeypatch: pytest.MonkeyPatch, late: bool, more: int) -> None:
    """Two processes that ask for all they can get, together get what one alone would: what is told late is made up."""
    now = 1000.0
    monkeypatch.setattr("backend.auth.quota.time.monotonic", lambda: now)
    use = [Use(), Use()]
    both = [Quota(Allowance(pages_per_minute=6), lambda n=n: use[1 - n]) for n in range(2)]  # type: ignore[misc]
    begun: list[int] = []
    for second in range(601):
        now = 1000.0 + second
        for number, quota in enumerate(both):
            with contextlib.suppress(ProtocolError):
                quota.check()
                begun.append(second)
            use[number] = use[number] if late else quota.use()
        use = [quota.use() for quota in both] if late else use
    assert 6 <= len([second for second in begun if second < 10]) <= 6 + more
    assert 6 + 60 - 1 <= len(begun) <= 6 + 60 + more


def test_a_page_that_is_made_again_is_not_counted_again() -> None:
    quota = Quota(Allowance(pages=1, pages_per_minute=1), lambda: Use(0, 1, 1.0))
    with pytest.raises(ProtocolError, match="pages at once"):
        quota.check()
    with pytest.raises(ProtocolError, match="pages a minute"):
        quota.check(moved=True)
    quota.check(again=True)


def test_who_says_nothing_new_is_dead() -> None:
    others = Others()
    one, two = Use(1, 2, 0.5), Use(0, 1, 0.0)
    others.hear({b"a": said(1, bot=one), b"b": said(7, bot=two, blog=two)}, 10.0)
    assert others.uses(10.0) == {"bot": Use(1, 3, 0.5), "blog": two}
    others.hear({b"a": said(1, bot=one), b"b": said(8, bot=two)}, 10.0 + DEAD_SECONDS)
    assert (others.dead(10.0 + DEAD_SECONDS), others.uses(10.0 + DEAD_SECONDS)) == ([], {"bot": Use(1, 3, 0.5)})
    later = 10.1 + DEAD_SECONDS
    assert (others.dead(later), others.uses(later)) == ([b"a"], {"bot": two})
    assert others.uses(later + DEAD_SECONDS) == {}
    others.hear({b"a": said(2, bot=one)}, later)
    assert (others.dead(later), others.uses(later)) == ([], {"bot": one})


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x01", msgpack.packb([1, {"bot": ["x", 1, 1]}]), msgpack.packb([1, 2])]
)
def test_what_cannot_be_read_counts_nothing(data: bytes) -> None:
    others = Others()
    others.hear({b"a": data, b"b": said(1, bot=Use(1))}, 0.0)
    assert others.uses(0.0) == {"bot": Use(1)}


def test_only_what_is_limited_and_in_use_is_told() -> None:
    access = access_with(pages=2)
    service = access.quota(access.grant("Bearer the service's own", "visitor"))
    service.connect()
    quota = quota_of(access)
    assert (access.limited, access.uses()) == (True, {})
    quota.connect()
    quota.begin()
    assert access.uses() == {"bot": Use(1, 1)}
    quota.end()
    quota.disconnect()
    assert access.uses() == {}
    assert not Access("the service's own").limited


def test_a_store_that_nobody_shares_is_left_alone(tmp_path: Path) -> None:
    async def whole() -> None:
        for store in (MemoryStore(), await open_store(settings_in(tmp_path))):
            async with share_use(store, access_with(pages=1)):
                assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
            await store.close()

    asyncio.run(whole())


@pytest.mark.redis
@pytest.mark.parametrize("servers", [redis, cluster], ids=["one server", "a cluster"])
def test_processes_tell_each_other(tmp_path: Path, servers: Any) -> None:
    async def whole(address: str) -> None:
        stores = [await open_store(settings_in(tmp_path, store=address)) for _ in range(2)]
        mine, other = access_with(pages=1), access_with(pages=1)
        one, two = SharedQuota(stores[0], mine), SharedQuota(stores[1], other)
        client, key = stores[0].client, stores[0].keys.use()
        await one.tell()
        assert not await client.exists(key)
        quota_of(mine).begin()
        await one.tell()
        assert 0 < await client.ttl(key) <= 60
        await two.tell()
        assert two._others.uses(shared_quota.time.monotonic()) == {"bot": Use(0, 1)}
        assert await one._exchange({}) == {}
        none = SharedQuota(stores[0], Access("the service's own"))
        quota_of(mine).connect()
        await none.tell()
        await none.forget()
        assert not await client.exists(key)
        for store in stores:
            await store.close()

    with servers(tmp_path) as given:
        asyncio.run(whole(given if isinstance(given, str) else given[0]))


class Pair:
    """Services A and B on one store."""

    def __init__(self, a: Service, b: Service) -> None:
        self.a, self.b = a, b

    async def heard(self, use: Use) -> None:
        """Wait until B knows that others have so much in use."""
        await until(lambda: seen(self.b) == use)


def seen(service: Service) -> Use:
    """What a service knows of the others; the pages of the minute as a whole number."""
    connections, pages, begun = service.app.state.access.elsewhere.get("bot", Use())
    return Use(connections, pages, -(-begun // 1))


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not done():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def on_store(folder: Path, address: str, **limits: int) -> AsyncIterator[Service]:
    settings = settings_in(folder, port=free_port(), store=address, tokens_json=tokens(**limits))
    engine, store = FakeEngine(), await open_store(settings)
    async with serving(settings, engine, store) as app:
        yield Service(settings, engine, store, app)


Scene = Callable[..., Awaitable[None]]


def meet(folder: Path, scene: Scene, **limits: int) -> None:
    """Play a scene with two services and the store's process."""

    async def whole(address: str, store: Any) -> None:
        async with on_store(folder, address, **limits) as a, on_store(folder, address, **limits) as b:
            await scene(Pair(a, b), store)

    with redis(folder) as (address, store):
        asyncio.run(whole(address, store))


def enter(service: Service, session: str | None = None) -> Any:
    """A client that comes with the token."""
    return service.client(hello=Hello(session, token=TOKEN), origin=None)


async def silence(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a service tells nothing, as if it were killed."""
    store: RedisStore = service.store
    process, tell = store.leases.process.encode(), SharedQuota.tell

    async def silent(self: SharedQuota) -> None:
        if self._process != process:
            await tell(self)

    monkeypatch.setattr(SharedQuota, "tell", silent)


async def refused(client: Client, code: str, message: str) -> None:
    await client.send(Prompt("moon"))
    assert await client.error() == code
    assert client.last.message == message


@pytest.mark.redis
def test_pages_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(pair: Pair, _: Any) -> None:
        async with enter(pair.a) as one, enter(pair.b) as two:
            with held(pair.a.engine):
                await one.send(Prompt("tides"))
                await pair.heard(Use(1, 1, 0))
                await refused(two, "busy", BUSY)
                await silence(pair.a, monkeypatch)
                await pair.heard(Use())
                assert (await two.page(Prompt("moon"))).title == "Moon"
            await one.until(lambda: bool(one.final))
            store: RedisStore = pair.b.store
            async with asyncio.timeout(30):
                while await store.client.hlen(store.keys.use()) != 1:
                    await asyncio.sleep(0.02)

    meet(tmp_path, scene, pages=1)


@pytest.mark.redis
def test_pages_of_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(pair: Pair, _: Any) -> None:
        async with enter(pair.a) as one, enter(pair.b) as two:
            for words in ("tides", "moon"):
                assert (await one.page(Prompt(words))).html
            await pair.heard(Use(1, 0, 2))
            await refused(two, "rate_limited", "expected at most 2 pages a minute with this token, got more")
            await silence(pair.a, monkeypatch)
            await pair.heard(Use())
            assert (await two.page(Prompt("moon"))).title == "Moon"

    meet(tmp_path, scene, pages_per_minute=2)


@pytest.mark.redis
def test_a_visitor_who_moves_gives_up_the_page_that_goes_on(tmp_path: Path) -> None:
    async def scene(pair: Pair, _: Any) -> None:
        async with enter(pair.a) as one:
            with held(pair.a.engine):
                await one.send(Prompt("tides"))
                await one.until(lambda: bool(one.started))
                await pair.heard(Use(1, 1, 0))
                async with enter(pair.b, one.welcome.session) as two:
                    await two.until(lambda: bool(two.started))
                    assert (await two.page(Prompt("moon"))).reason == "superseded"
                    assert (await two.until(lambda: len(two.final) == 2)).title == "Moon"
                    assert two.errors == []

    meet(tmp_path, scene, pages=1)


@pytest.mark.redis
def test_a_page_goes_on_elsewhere_while_it_still_counts_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf: list[str] = []
    act = RedisRelay._act

    async def slow(self: RedisRelay, message: Any) -> None:
        await (asyncio.sleep(60) if self._leases.process in deaf else act(self, message))

    monkeypatch.setattr(RedisRelay, "_act", slow)
    monkeypatch.setattr("backend.handover.mailbox.ANSWER_SECONDS", 0.05)

    async def scene(pair: Pair, _: Any) -> None:
        deaf.append(pair.a.store.leases.process)
        async with enter(pair.a) as one:
            with held(pair.a.engine):
                await one.send(Prompt("tides"))
                await pair.heard(Use(1, 1, 1))
                async with enter(pair.b, one.welcome.session) as two:
                    page = await two.until(lambda: bool(two.final))
                    assert (page.title, two.errors) == ("Tides", [])
                    assert len(pair.b.engine.submitted) == 1
                    await refused(two, "busy", BUSY)

    meet(tmp_path, scene, pages=1, pages_per_minute=1)


@pytest.mark.redis
def test_without_the_store_each_counts_alone(tmp_path: Path) -> None:
    async def scene(pair: Pair, store: Any) -> None:
        async with enter(pair.a) as one, enter(pair.b) as two:
            with held(pair.a.engine):
                await one.send(Prompt("tides"))
                await pair.heard(Use(1, 1, 0))
                store.kill()
                store.wait()
                await pair.heard(Use())
                await two.send(Prompt("moon"))
                assert (await two.until(lambda: bool(two.final))).title == "Moon"
            assert (await one.until(lambda: bool(one.final))).title == "Tides"

    meet(tmp_path, scene, pages=1)


@pytest.mark.redis
def test_connections_until_kill_9(tmp_path: Path) -> None:
    async def came(service: Service) -> bool:
        async with service.client(hello=None, origin=None) as client:
            await client.send(Hello(token=TOKEN))
            await client.until(lambda: bool(client.messages))
            if client.errors:
                assert (client.errors, client.last.message) == (
                    ["busy"], "expected at most 1 connections with this token",
                )  # fmt: skip
                assert await client.closed() == 4429
            return not client.errors

    async def scene(first: Any, second: Any) -> None:
        (a, process), (b, _) = first, second
        async with enter(a), asyncio.timeout(60):
            while await came(b):
                await asyncio.sleep(0.1)
            os.kill(process.pid, signal.SIGKILL)
            while not await came(b):
                await asyncio.sleep(0.1)

    with redis(tmp_path) as (address, _), services(tmp_path, address, tokens=tokens(connections=1)) as both:
        asyncio.run(scene(*both))
