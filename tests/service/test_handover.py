"""Two services on one Redis, in one process: a session and its running page move from one to the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backend.handover import redis_relay
from backend.protocol.messages import Act, Cancel, Go, Hello, Keyframe, PageStopped, Prompt, Target
from backend.storage.redis_store import RedisStore, open_store
from tests.support.fakes import FakeEngine, held, page_for, settings_in
from tests.support.redis_servers import cluster, redis
from tests.support.running_service import Client, Service, free_port, serving

pytestmark = pytest.mark.redis


@dataclass
class Pair:
    """Services A and B on one store. leave: ends A."""

    a: Service
    b: Service
    leave: Callable[[], Awaitable[None]]


Scene = Callable[[Pair], Awaitable[None]]


@asynccontextmanager
async def on_store(folder: Path, address: str, pause: float, options: dict[str, Any]) -> AsyncIterator[Service]:
    settings = settings_in(folder, port=free_port(), store=address, **options)
    engine, store = FakeEngine(pause=pause), await open_store(settings)
    async with serving(settings, engine, store):
        yield Service(settings, engine, store)


async def play(folder: Path, address: str, scene: Scene, pause: float = 0.02, **options: Any) -> None:
    async with AsyncExitStack() as later, AsyncExitStack() as first:
        a = await first.enter_async_context(on_store(folder, address, pause, options))
        b = await later.enter_async_context(on_store(folder, address, pause, options))
        await scene(Pair(a, b, first.aclose))


def meet(folder: Path, scene: Scene, **options: Any) -> None:
    """Play a scene with two services. pause: seconds between two frames."""
    with redis(folder) as (address, _):
        asyncio.run(play(folder, address, scene, **options))


async def begun(client: Client) -> None:
    """A page is being made, and its second canvas has begun."""
    await client.send(Prompt("tides"))
    await client.until(lambda: client.block == 1)


def back(client: Client) -> Hello:
    return Hello(client.welcome.session, client.seq)


def processes(service: Service) -> str:
    store: RedisStore = service.store
    return store.leases.process


def test_all_visitors_come_back_at_once(tmp_path: Path) -> None:
    async def whole(address: str) -> None:
        store = await open_store(settings_in(tmp_path, store=address))
        relay = redis_relay.relay_of(store)
        assert all(await asyncio.gather(*(relay.claim(f"s{number}") for number in range(300))))
        await store.close()

    with redis(tmp_path) as (address, _):
        asyncio.run(whole(address))


def test_a_finished_session_moves_at_once(tmp_path: Path) -> None:
    async def scene(pair: Pair) -> None:
        async with pair.a.client() as old:
            first = await old.page(Prompt("one"))
            second = await old.page(Act(first.page, Target("a", "Lava", "/wiki")))
            async with pair.b.client(hello=back(old)) as new:
                assert new.welcome.resumed
                assert [item.page for item in new.welcome.history] == [first.page, second.page]
                assert await old.closed() == 4409
                assert (await new.until(lambda: bool(new.final))).page == second.page
                assert (await new.page(Go(-1))).html == first.html
            async with pair.a.client(hello=back(new)) as again:
                assert again.welcome.index == 0
                assert (await again.until(lambda: bool(again.final))).html == first.html

    meet(tmp_path, scene)


def test_a_running_page_goes_on_where_it_was_begun(tmp_path: Path) -> None:
    async def scene(pair: Pair) -> None:
        async with pair.a.client() as old:
            await begun(old)
            with held(pair.a.engine):
                async with asyncio.timeout(5):
                    async with pair.b.client(hello=back(old)) as new:
                        assert await old.closed() == 4409
                        await new.until(lambda: bool(new.all(Keyframe)))
                        assert new.started[0].page == old.started[0].page
                        assert new.drafts[0].startswith(old.drafts[-1][:20])
                        pair.a.engine.gate.set()
                        page = await new.until(lambda: bool(new.final))
            assert page.html == page_for(new.started[0].prompt)
            assert page.stats.finish == "eos"
            assert (len(pair.a.engine.submitted), len(pair.b.engine.submitted)) == (1, 0)
            assert new.seq > old.seq
            record = await pair.b.store.find_page(page.page)
            assert (record.state, record.tries, record.html) == ("committed", 1, page.html)

    meet(tmp_path, scene)


@pytest.mark.parametrize("action", [Cancel(), Prompt("moon")], ids=["cancel", "another page"])
def test_what_stops_a_page_reaches_its_maker(tmp_path: Path, action: Any) -> None:
    async def scene(pair: Pair) -> None:
        async with pair.a.client() as old:
            await begun(old)
            pair.a.engine.gate.clear()
            async with pair.b.client(hello=back(old)) as new:
                await new.until(lambda: bool(new.all(Keyframe)))
                stopped = await new.page(action)
                assert isinstance(stopped, PageStopped)
                assert stopped.html.startswith("<!doctype html>")
                pair.a.engine.gate.set()
                async with asyncio.timeout(5):
                    while not pair.a.engine.cancelled:
                        await asyncio.sleep(0.01)
                if isinstance(action, Prompt):
                    assert (await new.until(lambda: len(new.final) == 2)).title == "Moon"

    meet(tmp_path, scene)


def test_a_visitor_who_comes_back_finds_the_page_still_made(tmp_path: Path) -> None:
    async def scene(pair: Pair) -> None:
        async with pair.a.client() as one:
            await begun(one)
            pair.a.engine.gate.clear()
            async with pair.b.client(hello=back(one)) as two:
                await two.until(lambda: bool(two.all(Keyframe)))
                async with pair.a.client(hello=back(two)) as three:
                    pair.a.engine.gate.set()
                    page = await three.until(lambda: bool(three.final))
                    assert page.html == page_for(one.started[0].prompt)
        assert (len(pair.a.engine.submitted), len(pair.b.engine.submitted)) == (1, 0)

    meet(tmp_path, scene)


def test_a_page_that_ended_while_its_visitor_was_nowhere(tmp_path: Path) -> None:
    async def scene(pair: Pair) -> None:
        async with pair.a.client() as old:
            with held(pair.a.engine):
                await old.send(Prompt("tides"))
                await old.until(lambda: bool(old.started))
                async with pair.b.client(hello=back(old)) as new:
                    pass
            await asyncio.sleep(0.1)
            async with pair.b.client(hello=back(new)) as again:
                assert (await again.until(lambda: bool(again.final))).title == "Tides"
            assert len(pair.b.engine.submitted) == 0

    meet(tmp_path, scene)


def test_a_follower_that_falls_behind_asks_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_relay, "FRAMES", 3)
    read, asked = redis_relay.RedisRelay.read, []

    async def late(self: redis_relay.RedisRelay, stream: str, last: bytes) -> Any:
        asked.append(stream)
        await asyncio.sleep(0.15 if len(asked) < 4 else 0)
        return (await read(self, stream, last))[-3:]

    monkeypatch.setattr(redis_relay.RedisRelay, "read", late)

    async def scene(pair: Pair) -> None:
        async with pair.a.client() as old:
            await begun(old)
            pair.a.engine.gate.clear()
            async with pair.b.client(hello=back(old)) as new:
                pair.a.engine.pause = 0.02
                pair.a.engine.gate.set()
                page = await new.until(lambda: bool(new.final))
                assert page.html == page_for(old.started[0].prompt)
        assert len(pair.b.engine.submitted) == 0
        assert len(set(asked)) > 1

    meet(tmp_path, scene)


def test_a_process_that_does_not_answer_loses_the_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer than its answer may: what it has of the session is not written over what came after."""

    deaf: list[str] = []
    act = redis_relay.RedisRelay._act

    async def slow(self: redis_relay.RedisRelay, message: Any) -> None:
        if self._leases.process not in deaf:
            await act(self, message)
        else:
            await asyncio.sleep(60)

    monkeypatch.setattr(redis_relay.RedisRelay, "_act", slow)
    monkeypatch.setattr("backend.handover.mailbox.ANSWER_SECONDS", 0.05)

    async def scene(pair: Pair) -> None:
        deaf.append(processes(pair.a))
        async with pair.a.client() as old:
            with held(pair.a.engine):
                await old.send(Prompt("tides"))
                await old.until(lambda: bool(old.started))
                async with pair.b.client(hello=back(old)) as new:
                    page = await new.until(lambda: bool(new.final))
                    assert page.title == "Tides"
                    assert (await pair.b.store.find_page(page.page)).tries == 2
                    await old.send(Prompt("moon"))
                    assert await old.closed() == 4409
                    record = await pair.b.store.load_session(new.welcome.session)
                    assert [item.url for item in record.pages.values()] == ["/tides"]

    meet(tmp_path, scene)


def test_a_maker_that_ends_gives_its_page_back(tmp_path: Path) -> None:
    async def scene(pair: Pair) -> None:
        async with pair.a.client() as old:
            await begun(old)
            async with pair.b.client(hello=back(old)) as new:
                await new.until(lambda: new.block == 1)
                await pair.leave()
                page = await new.until(lambda: bool(new.final))
                assert page.html == page_for(old.started[0].prompt)
                assert len(new.started) == 2
                assert len(pair.b.engine.submitted[0][1].canvas or ()) >= 96
                assert (await pair.b.store.find_page(page.page)).tries == 2

    meet(tmp_path, scene, pause=0.1)


def test_a_session_that_nobody_knows(tmp_path: Path) -> None:
    async def scene(pair: Pair) -> None:
        async with pair.a.client(hello=Hello("nobody")) as client:
            await client.until(lambda: len(client.messages) == 2)
            assert client.errors == ["unknown_session"]
        assert [key async for key in pair.a.store.client.scan_iter("*nobody*")] == []

    meet(tmp_path, scene)


def test_a_session_moves_over_a_cluster(tmp_path: Path) -> None:
    async def scene(pair: Pair) -> None:
        async with pair.a.client() as old:
            await begun(old)
            async with pair.b.client(hello=back(old)) as new:
                page = await new.until(lambda: bool(new.final))
                assert page.html == page_for(old.started[0].prompt)
        assert len(pair.b.engine.submitted) == 0

    with cluster(tmp_path) as address:
        asyncio.run(play(tmp_path, address, scene, pause=0.1))
