"""New sessions: how many a client network may open, how long one without pages is kept, and which are never written."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from backend.auth import new_session_limit
from backend.auth.new_session_limit import LEAST, REFILL_SECONDS, NewSessionLimit
from backend.protocol.messages import Hello, Navigate, Open, Prompt
from backend.protocol.outbox import Outbox
from backend.settings import Settings
from backend.storage.cleanup import tidy
from backend.storage.records import SessionRecord
from backend.storage.redis_store import DAY, MINUTE, open_store
from tests.service.test_apis_wait_in_line import ask
from tests.service.test_handover import Pair, meet
from tests.support.redis_servers import redis
from tests.support.running_service import Service, visit
from tests.support.scenes import House, play
from tests.unit.backend.storage.test_redis_store import PAGE, SESSION

SENTENCE = "new sessions a second from an address; try again in a moment"


def test_a_network_opens_as_many_as_it_may_have_connections() -> None:
    most = 64
    admission = NewSessionLimit(most)
    assert sum(admission.admit("10.0.0.7", 100.0) for _ in range(99)) == most
    assert admission.admit("2001:db8::/64", 100.0)
    assert not admission.admit("10.0.0.7", 100.1)
    assert sum(admission.admit("10.0.0.7", 100.1 + REFILL_SECONDS / 2) for _ in range(99)) == most / 2
    small = NewSessionLimit(1)
    assert sum(small.admit("10.0.0.7", 100.0) for _ in range(99)) == LEAST


def test_networks_that_come_no_more_are_forgotten() -> None:
    admission = NewSessionLimit(64)
    for number in range(99):
        admission.admit(str(number), float(number))
    assert len(admission._buckets) <= REFILL_SECONDS + 1
    assert "98" in admission._buckets


def test_a_flood_of_new_sessions_is_turned_away_and_known_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_session_limit, "LEAST", 2)
    monkeypatch.setattr(new_session_limit, "REFILL_SECONDS", 3600.0)

    async def scene(service: Service) -> None:
        async with service.client() as first:
            known = Hello(first.welcome.session)
        async with service.client(), service.client(hello=None) as third:
            await third.send(Hello("nobody"))
            assert await third.error() == "busy"
            assert third.last.message.endswith(SENTENCE)
            assert await third.closed() == 1013
        async with service.client(hello=known) as again:
            assert again.welcome.resumed

    visit(tmp_path, scene, address_connections=2)


@pytest.mark.redis
def test_sessions_without_pages_are_kept_briefly_and_push_none_out(tmp_path: Path) -> None:
    async def scene(address: str) -> None:
        store = await open_store(Settings(store=address, grace_seconds=30))
        keys, client = store.keys, store.client
        await store.save(SESSION, (PAGE,))
        for number in range(9):
            await store.save(SessionRecord(f"empty{number}", 1.0))
        assert await client.zrange(keys.index(), 0, -1) == [SESSION.id.encode()]
        assert await tidy(store, 1, lambda name: False) == 0
        assert await store.load_session("empty1")
        for key in (keys.session("empty1"), keys.lease("empty1")):
            assert 30 < await client.ttl(key) <= 30 + MINUTE
        await store.save(replace(SESSION, id="empty1"), (PAGE,))
        assert await client.zcard(keys.index()) == 2
        for key in (keys.session("empty1"), keys.lease("empty1"), keys.page("empty1", PAGE.id)):
            assert await client.ttl(key) > DAY
        await store.close()

    with redis(tmp_path) as (address, _):
        asyncio.run(scene(address))


@pytest.mark.redis
@pytest.mark.parametrize("left", [False, True])
def test_a_session_without_pages_is_found_in_another_process(tmp_path: Path, left: bool) -> None:
    """However long its visitor was connected: what the store had of it may have expired meanwhile."""

    async def scene(pair: Pair) -> None:
        store = pair.a.store
        async with pair.a.client() as old:
            key = store.keys.session(old.welcome.session)
            while not await store.client.delete(key):
                await asyncio.sleep(0.01)
            if left:
                await old.socket.close()
                while not await store.client.exists(key):
                    await asyncio.sleep(0.01)
            async with pair.b.client(hello=Hello(old.welcome.session)) as new:
                assert new.welcome.resumed
                assert (await new.page(Prompt("tides"))).title == "Tides"

    meet(tmp_path, scene)


def test_what_fails_at_a_face_leaves_no_session(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        store, page = service.store, "silverprint-web"
        made = await ask(service, page)
        said = made.json()["choices"][0]["message"]
        before = set(store.sessions)
        async with httpx.AsyncClient(trust_env=False) as client:
            for known in ("nobody", said["content"].rpartition("page=")[2].removesuffix("-->")):
                talk = [said | {"content": f"<!--silverprint page={known}-->"}, {"role": "user", "content": "x" * 9000}]
                headers = {"authorization": f"Bearer {(service.settings.data / 'token').read_text()}"}
                url = f"{service.settings.shell_origin}/v1/chat/completions"
                answer = await client.post(url, json={"model": page, "messages": talk}, headers=headers)
                assert answer.is_error
        assert set(store.sessions) == before
        assert service.app.state.connections.registry.count == 0

    visit(tmp_path, scene)


def test_a_page_taken_over_is_written_once_something_comes_of_it(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        page = await (await house.visitor()).page(Prompt("tides", "web"))
        for shown in (False, True):
            session, outbox = house.registry.create(), Outbox()
            house.registry.attach(session, outbox)
            await session.handle(Open(page.page))
            copy = session.archive.history.current
            if shown:
                await session.handle(Navigate(page.url))
            assert session.archive.history.entries == [copy]
            await house.registry.leave_session(session, outbox)
            assert (session.key in house.store.sessions) == shown
            assert not house.registry.holds(session.key)

    play(tmp_path, scene)
