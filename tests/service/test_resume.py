"""Coming back: after a lost connection, a restart, a lost store; and who is let go."""

import asyncio
import gc
from pathlib import Path

import pytest

from backend.protocol.messages import Go, Keyframe, PageCommit, Prompt
from backend.sessions.archive import CAPS, HELD
from tests.support.fakes import held, page_for
from tests.support.scenes import House, click, play, refused


def test_a_running_page_goes_on_without_a_connection(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.send(Prompt("tides"))
        await visitor.until(lambda: visitor.block == 1)
        visitor.leave()
        back = await house.visitor(visitor.key, visitor.seq)
        back.pump()
        assert isinstance(back.messages[0], Keyframe)
        back.seq = visitor.seq
        await back.until(lambda: bool(back.final))
        assert back.final[0].html == page_for(visitor.started[0].prompt)
        assert back.started == []

    play(tmp_path, scene)


def test_resume_sends_what_was_missed_and_no_more(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.page(Prompt("tides"))
        key = visitor.key
        nothing = await house.visitor(key, visitor.seq)
        nothing.pump()
        assert nothing.messages == []
        everything = await house.visitor(key)
        everything.pump()
        assert [type(m) for m in everything.messages] == [PageCommit]
        with held(house.engine):
            await everything.send(Prompt("moon"))
            seen = everything.seq
            before_start = await house.visitor(key, seen - 1)
            before_start.pump()
            assert [m.url for m in before_start.messages] == ["/moon"]

    play(tmp_path, scene)


def test_a_second_connection_takes_the_session(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        other = await house.visitor(visitor.key)
        visitor.pump()
        assert visitor.errors == ["replaced"]
        assert visitor.outbox.closing == 4409
        visitor.leave()
        assert (await other.page(Prompt("tides"))).title == "Tides"

    play(tmp_path, scene)


def test_a_page_is_abandoned_after_the_grace_period(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with held(house.engine):
            await visitor.send(Prompt("tides"))
            visitor.leave()
            await asyncio.sleep(0.05)
            key = visitor.key
            assert house.store.sessions[key].pages[visitor.started[0].page].state == "stopped"
            assert house.registry._sessions == {}
            back = await house.visitor(key)
        back.pump()
        assert back.final[0].reason == "abandoned"

    play(tmp_path, scene, grace_seconds=0.01)


def test_after_a_restart_the_session_resumes_with_its_history(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("one"))
        second = await visitor.page(Prompt("two"))
        await asyncio.sleep(0)
        await visitor.own.archive.flush()
        house.reopened()
        back = await house.visitor(visitor.key, visitor.seq)
        back.seq = visitor.seq
        back.pump()
        assert [m.page for m in back.messages] == [second.page]
        assert (await back.page(Go(-1))).html == first.html

    play(tmp_path, scene)


def test_a_page_that_was_cut_off_is_made_again_once(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with held(house.engine):
            await visitor.send(Prompt("tides"))
            await visitor.own.archive.flush()
            house.reopened()
            again = await house.visitor(visitor.key, visitor.seq)
            await again.own.archive.flush()
            again.pump()
            assert [m.page for m in again.messages] == [visitor.started[0].page]
            assert house.engine.submitted[0] == house.engine.submitted[1]
            house.reopened()
            last = await house.visitor(visitor.key)
        last.pump()
        assert last.final[0].reason == "interrupted"
        assert (await last.page(Go(0))).title == "Tides"

    play(tmp_path, scene)


def test_a_page_that_cannot_be_made_again_has_ended(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with held(house.engine):
            await visitor.send(Prompt("tides"))
            await visitor.own.archive.flush()
            house.reopened()
            await (await house.visitor()).send(Prompt("moon"))
            with refused("busy", "0 pages wait in line already"):
                await house.visitor(visitor.key, visitor.seq)
        back = await house.visitor(visitor.key, visitor.seq)
        back.pump()
        assert (back.final[0].reason, back.own.items()[0].state) == ("interrupted", "stopped")
        await back.until(lambda: not house.registry._maker.running)
        assert (await back.page(Go(0))).title == "Tides"

    play(tmp_path, scene, max_pages=1, max_queue=0)


def test_a_lost_store_is_told_once_and_memory_goes_on(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("one"))
        house.store.down = True
        second = await visitor.page(click(first, "Lava", "/wiki"))
        assert (await visitor.page(Go(-1))).html == first.html
        assert (await visitor.page(Go(1))).html == second.html
        assert visitor.errors == ["store_unavailable"]
        assert await house.registry.page(second.page)
        house.store.down = False
        third = await visitor.page(Prompt("three"))
        await visitor.own.archive.flush()
        assert {first.page, second.page, third.page} <= house.store.pages.keys()
        house.store.down = True
        await visitor.page(Prompt("four"))
        assert visitor.errors == ["store_unavailable"] * 2

    play(tmp_path, scene)


def test_a_session_that_only_the_lost_store_knows(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.page(Prompt("one"))
        await visitor.page(Prompt("two"))
        await visitor.own.archive.flush()
        house.reopened()
        back = await house.visitor(visitor.key)
        house.store.down = True
        with refused("store_unavailable", "the store cannot be reached; this page is kept there"):
            await back.send(Go(-1))
        house.reopened()
        with refused("store_unavailable", "the store cannot be reached, and this session is kept there"):
            await house.visitor(visitor.key)

    play(tmp_path, scene)


@pytest.mark.parametrize("key", ["nobody", "a:page:b", "../x", "é", "x" * 65])
def test_sessions_nobody_knows(tmp_path: Path, key: str) -> None:
    async def scene(house: House) -> None:
        assert await house.registry.find(key) is None

    play(tmp_path, scene)


def test_the_oldest_pages_are_forgotten(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.engine.page = lambda prompt: prompt[:40]
        visitor = await house.visitor()
        first = await visitor.page(Prompt("page 0"))
        for number in range(1, CAPS.pages + 20):
            await visitor.page(Prompt(f"page {number}"))
        await visitor.own.archive.flush()
        assert len(visitor.own.items()) == 100
        assert len(house.store.pages) == len(house.store.sessions[visitor.key].pages) == CAPS.pages
        assert first.page not in house.store.pages
        with refused("unknown_page", "expected a page of this session"):
            await visitor.send(click(first, "Lava", "/wiki"))

    play(tmp_path, scene)


def test_all_but_the_newest_pages_are_left_to_the_store(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        pages = [await visitor.page(Prompt(f"page {number}")) for number in range(HELD + 3)]
        await visitor.own.archive.flush()
        held = [visitor.own.archive.holds(page.page) is not None for page in pages]
        assert held == [False] * 3 + [True] * HELD
        assert (await visitor.page(Go(-HELD - 2))).html == pages[0].html

    play(tmp_path, scene)


def test_pages_stay_in_memory_while_the_store_is_down(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        house.store.down = True
        pages = [await visitor.page(Prompt(f"page {number}")) for number in range(HELD + 3)]
        assert (await visitor.page(Go(-HELD - 2))).html == pages[0].html

    play(tmp_path, scene)


def test_only_so_many_sessions_and_the_idle_make_room(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        one, _ = await house.visitor(), await house.visitor()
        with refused("busy", "the service has as many visitors as it can hold; try again later"):
            await house.visitor()
        await one.own.archive.flush()
        one.leave()
        await house.visitor()
        assert len(house.registry._sessions) == 2
        with refused("busy", "as many visitors"):
            await house.visitor(one.key)

    play(tmp_path, scene, max_sessions=2)


def test_nothing_is_left_running(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        house.engine.gate.clear()
        await visitor.send(Prompt("tides"))
        await house.registry.close()
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        assert house.store.sessions[visitor.key].pages[visitor.started[0].page].state == "running"

    play(tmp_path, scene)
    gc.collect()
