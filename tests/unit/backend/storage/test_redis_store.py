"""Records, and the store on real servers: the embedded Valkey and Debian's Redis."""

import asyncio
import os
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import msgpack
import pytest

from backend.errors import StartupError, StoreError
from backend.prompts.brief import Brief, NavLink, Site, Window
from backend.protocol.messages import Stats
from backend.settings import Settings
from backend.storage.embedded_valkey import SOCKET_CHARS, EmbeddedValkey, socket_path
from backend.storage.records import RECORD_BYTES, PageRecord, SessionRecord, Store, pack, unpack
from backend.storage.redis_store import open_store
from backend.storage.store_url import public
from tests.support.redis_servers import redis

STATS = Stats(2, 1, (3,), 10.0, 0.1, 0.2, 0, "eos")
PAGE = PageRecord(
    "p1", "/wiki/lava", "web", Brief("web", open="/wiki Lava", links=("a", "b")), "web\nopen: /wiki Lava", 2**62, 1.5,
    "p0", "committed", "Lava", "<h1>Lava é 🌋\0</h1>", "", (1, 2, 3), STATS, 2,
)  # fmt: skip
OTHER = replace(PAGE, id="p2", url="/wiki/fire")
SESSION = SessionRecord(
    "s1", 1.0, 5, 2, {"p1": PAGE.item, "p2": OTHER.item}, ("p1", "p2", "p1"), 1, {"/wiki/lava": "p1"}
)


def test_records_come_back_as_kept() -> None:
    assert unpack(PageRecord, pack(PAGE)) == PAGE
    assert unpack(SessionRecord, pack(SESSION)) == SESSION
    assert unpack(PageRecord, None) is None


def test_what_is_carried_from_page_to_page_comes_back() -> None:
    site = Site("Ember", (NavLink("wiki", "Rocks"), NavLink("", "Home")))
    brief = replace(PAGE.brief, site=site, windows=(Window("Notes", "Buy film", "left 4%"),), entered=(("a", "b"),))
    assert unpack(PageRecord, pack(replace(PAGE, brief=brief))) == replace(PAGE, brief=brief)


def test_records_from_before_are_read() -> None:
    data = msgpack.unpackb(pack(PAGE))
    for name in ("entered", "site", "windows"):
        data["brief"].pop(name, None)
    assert unpack(PageRecord, msgpack.packb(data)) == PAGE


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected a PageRecord, got: "),
        (b"\x80", "expected a PageRecord, got: expected record with the fields id"),
        (pack(SESSION), "got the unknown field"),
        (msgpack.packb({"id": 1}), "expected record.id to be a string, got 1"),
        (b"x" * (RECORD_BYTES + 1), "expected a record of at most 4,194,304 bytes, got 4,194,305"),
    ],
)
def test_bytes_that_are_no_record(data: bytes, message: str) -> None:
    with pytest.raises(StoreError) as caught:
        unpack(PageRecord, data)
    assert message in str(caught.value)


def test_records_have_a_limit() -> None:
    with pytest.raises(StoreError, match="expected a record of at most 4,194,304 bytes"):
        pack(replace(PAGE, html="x" * RECORD_BYTES))


async def exercise(store: Store) -> None:
    """What any store must do."""
    assert await store.load_session("s1") is None
    await store.save(SESSION, (PAGE, OTHER))
    assert await store.load_session("s1") == SESSION
    assert await store.load_page("s1", "p1") == PAGE
    assert await store.load_page("s2", "p1") is None
    assert await store.find_page("p2") == OTHER
    assert await store.find_page("nobody") is None
    await store.save(replace(SESSION, seq=9), (replace(PAGE, title="New"),), ("p2",))
    assert await store.find_page("p2") is None
    page, session = await store.find_page("p1"), await store.load_session("s1")
    assert page
    assert session
    assert (page.title, session.seq) == ("New", 9)
    await store.lend("t", b"\x00value", 60)
    assert sorted(await asyncio.gather(*(store.take("t") for _ in range(5))), key=bool) == [*[None] * 4, b"\x00value"]
    assert await store.take("nobody") is None


@pytest.mark.redis
def test_the_embedded_server(tmp_path: Path) -> None:
    async def scene() -> None:
        settings = Settings(data=tmp_path / "own data's")
        store = await open_store(settings)
        await exercise(store)
        with pytest.raises(StartupError, match=rf"is in use by another service .process {os.getpid()}."):
            await open_store(settings)
        await store.close()
        again = await open_store(settings)
        assert await again.find_page("p1")
        await again.close()
        assert not socket_path(tmp_path / "own data's" / "store").exists()

    asyncio.run(scene())


@pytest.mark.redis
def test_what_is_not_there_is_looked_for_as_long(tmp_path: Path) -> None:
    """Else the number of looks would tell who has an id whether there is a private page."""

    async def scene(address: str) -> None:
        store = await open_store(Settings(store=address))
        await store.save(SESSION, (PAGE, OTHER))
        looks: list[str] = []
        get = store._get

        async def counted(key: str) -> bytes | None:
            looks.append(key)
            return await get(key)

        store._get = counted  # type: ignore[method-assign]
        assert await store.find_page("p1") == PAGE
        there = len(looks)
        assert await store.find_page("nobody") is None
        assert len(looks) == 2 * there
        await store.close()

    with redis(tmp_path) as (address, _):
        asyncio.run(scene(address))


@pytest.mark.redis
def test_a_redis_server(tmp_path: Path) -> None:
    async def scene(address: str) -> None:
        store = await open_store(Settings(store=address))
        await exercise(store)
        stranger = await open_store(Settings(store=address, tenant="other"))
        assert await stranger.find_page("p1") is None
        other = await open_store(Settings(store=address))
        for name in ("one", "two"):
            await store.lend(name, b"value", 60)
            assert 50 < await store.client.ttl(store.keys.lent(name)) <= 60
        assert await stranger.take("one") is None
        assert [await other.take("one"), await store.take("one")] == [b"value", None]
        await other.close()
        await store.close()
        await stranger.close()

    with redis(tmp_path) as (address, _):
        asyncio.run(scene(address))


@pytest.mark.redis
def test_records_expire_unless_someone_comes_back(tmp_path: Path) -> None:
    async def scene(address: str) -> None:
        store = await open_store(Settings(store=address, session_days=1))
        await store.save(SESSION, (PAGE, OTHER))
        client = store.client
        keys = sorted([key async for key in client.scan_iter("silverprint:2:main:*") if b":sessions" not in key])
        assert len(keys) == 6
        for key in keys:
            assert 86_000 < await client.ttl(key) <= 86_400
            await client.expire(key, 100)
        await store.load_session("s1")
        assert all([await client.ttl(key) > 86_000 for key in keys])
        await store.close()

    with redis(tmp_path) as (address, _):
        asyncio.run(scene(address))


@pytest.mark.redis
def test_a_server_that_goes_away(tmp_path: Path) -> None:
    async def scene(address: str, process: "subprocess.Popen[bytes]") -> None:
        store = await open_store(Settings(store=address))
        await store.save(SESSION, (PAGE,))
        process.kill()
        process.wait()
        for call in (store.ping(), store.load_session("s1"), store.save(SESSION), store.find_page("p1")):
            with pytest.raises(StoreError, match="the store does not answer: "):
                await call
        await store.close()

    with redis(tmp_path) as (address, process):
        asyncio.run(scene(address, process))


@pytest.mark.redis
def test_a_value_that_is_no_record_of_ours(tmp_path: Path) -> None:
    async def scene(address: str) -> None:
        store = await open_store(Settings(store=address))
        await store.client.set(store.keys.session("s1"), b"\x80")
        await store.client.lpush(store.keys.session("s2"), b"x")
        for session in ("s1", "s2"):
            with pytest.raises(StoreError, match=r"expected a SessionRecord|the store does not answer"):
                await store.load_session(session)
        await store.close()

    with redis(tmp_path) as (address, _):
        asyncio.run(scene(address))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "redis://user:secret@127.0.0.1:1/0",
            "expected a Redis or Valkey server at redis://127.0.0.1:1/0, but",
        ),
        ("redis://127.0.0.1:port", "expected store to be an address such as redis://localhost:6379, got: "),
        ("unix:///nowhere/x.sock", "expected a Redis or Valkey server at unix:///nowhere/x.sock, but the store"),
    ],
)
def test_servers_that_cannot_be_reached(address: str, message: str) -> None:
    with pytest.raises(StartupError) as caught:
        asyncio.run(open_store(Settings(store=address)))
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_addresses_are_shown_without_passwords() -> None:
    assert public("redis://user:secret@host:1/2") == "redis://host:1/2"


@pytest.mark.redis
def test_a_server_left_by_a_killed_service_is_taken_over(tmp_path: Path) -> None:
    first = EmbeddedValkey.start(tmp_path)
    assert first.process
    first._lock.close()
    second = EmbeddedValkey.start(tmp_path)
    assert second.process is None
    second.stop()
    assert first.process.wait(10) == 0


@pytest.mark.redis
def test_a_socket_left_by_a_killed_server_is_replaced(tmp_path: Path) -> None:
    first = EmbeddedValkey.start(tmp_path)
    assert first.process
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert first.socket.exists()
    first._lock.close()
    second = EmbeddedValkey.start(tmp_path)
    assert second.process
    second.stop()
    second.stop()


def test_long_paths_have_their_socket_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep, deeper = (socket_path(Path("/") / ("x" * 60) / name / ("y" * 60)) for name in "ab")
    assert len(str(deep)) <= SOCKET_CHARS + len(str(tmp_path))
    assert deep != deeper
    assert deep.parent.stat().st_mode & 0o777 == 0o700


def test_data_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StartupError, match=r"expected a data folder that can be written, got .*data: "):
        EmbeddedValkey.start(tmp_path / "data")


def test_a_server_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "store" / "appendonlydir").mkdir(parents=True)
    (tmp_path / "store" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(StartupError, match=r"expected the embedded store to start in .*, but it ended: .+"):
        EmbeddedValkey.start(tmp_path)
