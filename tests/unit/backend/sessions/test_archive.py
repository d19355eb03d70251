"""What a session remembers: how much, and what happens to it while the store does not answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.errors import SessionMoved
from backend.sessions import archive
from backend.sessions.archive import Archive, Caps
from backend.storage.records import PageRecord, SessionRecord, weight
from tests.support.fakes import MemoryStore
from tests.unit.backend.storage.test_redis_store import PAGE


class Room:
    """An archive over a store in memory."""

    def __init__(self, caps: Caps) -> None:
        self.store, self.outages, self.moved = MemoryStore(), 0, 0
        self.archive = Archive(SessionRecord("s", 1.0), self.store, self._outage, self._moved, caps)

    def _outage(self) -> None:
        self.outages += 1

    def _moved(self) -> None:
        self.moved += 1

    def enter(self, number: int, size: int = 10) -> PageRecord:
        page = replace(PAGE, id=f"p{number}", url=f"/{number}", html="é" * (size // 2), prompt="", tokens=())
        self.archive.add(page)
        return page

    @property
    def kept(self) -> list[str]:
        assert set(self.archive.history.entries) <= self.archive.items.keys()
        return sorted(self.archive.items)

    async def written(self) -> None:
        """Wait until the store has everything, without another change."""
        async with asyncio.timeout(5):
            while not self.archive.settled:
                await asyncio.sleep(0.005)


def inside(scene: Callable[[Room], Awaitable[None]], **caps: int) -> None:
    async def whole() -> None:
        room = Room(Caps(**caps))
        await scene(room)
        room.archive.close()

    asyncio.run(whole())


def test_what_was_missed_is_written_without_another_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "RETRY_SECONDS", (0.01, 0.02))

    async def scene(room: Room) -> None:
        room.enter(1)
        await room.written()
        room.store.down = True
        room.enter(2)
        await asyncio.sleep(0.1)
        assert room.outages == 1
        assert not room.archive.settled
        room.store.sessions.clear()
        room.store.pages.clear()
        room.store.down = False
        await room.written()
        assert room.store.pages.keys() == {"p1", "p2"}
        room.store.down = True
        room.enter(3)
        await asyncio.sleep(0.05)
        assert room.outages == 2
        room.archive.close()

    inside(scene)


def test_retries_come_at_growing_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("random.uniform", lambda low, high: high)

    async def scene(room: Room) -> None:
        loop = asyncio.get_running_loop()
        room.store.down = True
        later = loop.call_later

        def told(seconds: float, call: Callable[..., Any], *args: Any) -> asyncio.TimerHandle:
            waits.append(seconds)
            return later(0, call, *args)

        monkeypatch.setattr(loop, "call_later", told)
        room.enter(1)
        while len(waits) < 8:
            await asyncio.sleep(0)
        monkeypatch.undo()

    inside(scene)
    assert waits[:8] == [0.25, 0.5, 1, 2, 4, 8, 15, 15]


def test_a_session_that_another_process_has_is_not_written() -> None:
    async def scene(room: Room) -> None:
        async def refuse(*record: object) -> None:
            raise SessionMoved("taken")

        room.store.save = refuse  # type: ignore[method-assign, assignment]
        room.enter(1)
        await room.archive.flush()
        room.enter(2)
        await room.archive.flush()
        assert (room.moved, room.outages) == (1, 0)
        assert room.archive.settled

    inside(scene)


def test_the_oldest_pages_go_first_those_that_no_place_shows() -> None:
    async def scene(room: Room) -> None:
        for number in range(1, 4):
            room.enter(number)
        room.archive.history.go(-2)
        room.enter(4)  # pages 2 and 3 are shown nowhere now
        room.enter(5)
        assert room.kept == ["p1", "p3", "p4", "p5"]
        room.enter(6)
        room.enter(7)
        assert room.kept == ["p4", "p5", "p6", "p7"]
        assert (room.archive.history.entries, room.archive.history.index) == (["p4", "p5", "p6", "p7"], 3)
        await room.archive.flush()
        assert room.store.pages.keys() == set(room.kept)

    inside(scene, pages=4)


def test_bytes_are_counted_and_the_page_on_view_stays() -> None:
    async def scene(room: Room) -> None:
        for number in range(1, 5):
            room.enter(number, 200)
        assert room.kept == ["p2", "p3", "p4"]
        room.archive.history.go(-2)
        room.archive.put(replace(await room.archive.page("p2"), data={"a": "x" * 250}))
        assert room.kept == ["p2", "p3"]
        room.archive.put(replace(await room.archive.page("p2"), data={"a": "x" * 2_000}))
        assert room.kept == ["p2"]
        await room.archive.flush()
        again = Archive(room.store.sessions["s"], room.store, room._outage, caps=Caps(bytes=600))
        again.add(replace(PAGE, id="p9"))
        assert list(again.items) == ["p9"]
        await again.flush()

    inside(scene, bytes=700)


def test_pages_left_to_the_store_count_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "HELD", 2)

    async def scene(room: Room) -> None:
        for number in range(1, 6):
            room.enter(number, 100)
        await room.written()
        assert [bool(room.archive.holds(f"p{number}")) for number in range(1, 6)] == [False] * 3 + [True] * 2
        room.archive.history.go(-1)
        for number in range(3):
            room.archive.foresee(
                replace(PAGE, id=f"ahead{number}", url=f"/ahead{number}", html="", prompt="", tokens=())
            )
        await room.written()
        assert room.archive.holds("p4"), "the page on view"
        room.archive.history.go(1)
        room.enter(6, 100)
        assert room.kept == ["p2", "p3", "p4", "p5", "p6"]
        assert (await room.archive.page("p2")).id == "p2"
        await room.written()
        again = Archive(room.store.sessions["s"], room.store, room._outage, caps=Caps(bytes=500))
        again.add(replace(PAGE, id="p7", html="x" * 100, prompt="", tokens=()))
        assert sorted(again.items) == ["p3", "p4", "p5", "p6", "p7"]
        await again.flush()

    inside(scene, bytes=500)


def test_nothing_is_left_to_a_store_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "HELD", 2)
    monkeypatch.setattr(archive, "RETRY_SECONDS", (0.01, 0.02))

    async def scene(room: Room) -> None:
        for number in range(1, 4):
            room.enter(number)
        await room.written()
        room.store.down = True
        for number in range(4, 8):
            room.enter(number)
            await asyncio.sleep(0.02)
        room.store.pages.clear()
        assert [p for p in room.kept if room.archive.holds(p)] == [f"p{number}" for number in range(2, 8)]
        room.store.down = False
        await room.written()
        assert sorted(room.store.pages) == [f"p{number}" for number in range(2, 8)]
        assert [p for p in room.kept if room.archive.holds(p)] == ["p6", "p7"]

    inside(scene)


def test_what_a_page_weighs() -> None:
    page = replace(PAGE, html="é🌋\ud800", prompt="ab", data={"k": "vv"}, tokens=(1, 2))
    assert weight(page) == 2 + 4 + 3 + 2 + 3 + 6
