"""Pages that wait for their turn: in order, told where they stand, and gone when nobody wants them any more."""

import asyncio
from pathlib import Path

import pytest

from backend.auth.client import ClientIdentity
from backend.auth.quota import Allowance, Quota
from backend.protocol.messages import (
    Cancel,
    Go,
    PageCommit,
    PageQueued,
    PageStart,
    PageStopped,
    Prefetch,
    Prompt,
    Target,
)
from tests.support.clients import View, Visitor
from tests.support.fakes import held
from tests.support.scenes import House, play, refused


def places(visitor: View) -> list[int]:
    """The places in line that a visitor was told of."""
    return [message.position for message in visitor.all(PageQueued)]


async def crowd(house: House, size: int) -> list[Visitor]:
    """Visitors who ask one after the other."""
    visitors = [await house.visitor() for _ in range(size)]
    for number, visitor in enumerate(visitors):
        await visitor.send(Prompt(f"page {number}"))
    return visitors


async def done(*visitors: Visitor) -> None:
    """Everybody receives until all pages are made."""
    async with asyncio.timeout(5):
        while any(visitor.own.job for visitor in visitors):
            await asyncio.sleep(0)
            for visitor in visitors:
                visitor.pump()


def test_pages_are_made_in_the_order_they_were_asked_for(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        with held(house.engine):
            visitors = await crowd(house, 4)
            assert len(house.engine.submitted) == 1
            assert [places(visitor) for visitor in visitors] == [[], [1], [2], [3]]
            assert all(isinstance(visitor.messages[0], PageStart) for visitor in visitors)
        await done(*visitors)
        assert [places(visitor) for visitor in visitors] == [[], [1, 0], [2, 1, 0], [3, 2, 1, 0]]
        assert [prompt.splitlines()[1].removeprefix("ask: ") for prompt, _ in house.engine.submitted] == [
            "page 0",
            "page 1",
            "page 2",
            "page 3",
        ]
        assert all(isinstance(visitor.final[0], PageCommit) for visitor in visitors)

    play(tmp_path, scene, max_pages=1)


def test_a_full_line_refuses_and_changes_nothing(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        late = await house.visitor()
        page = await late.page(Prompt("tides"))
        with held(house.engine):
            visitors = await crowd(house, 2)
            with refused("busy", "1 pages wait in line already; try again in a moment"):
                await late.send(Prompt("moon"))
        assert (await late.page(Go(0))).html == page.html
        await done(*visitors)

    play(tmp_path, scene, max_pages=1, max_queue=1)


def test_without_a_line_a_visitor_may_still_ask_for_something_else(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        first, second = await house.visitor(), await house.visitor()
        with held(house.engine):
            await first.send(Prompt("one"))
            with refused("busy", "0 pages wait in line already"):
                await second.send(Prompt("two"))
            await first.send(Prompt("three"))
        await done(first)
        assert first.final[-1].title == "Three"
        assert places(first) == []
        assert (await second.page(Prompt("two"))).title == "Two"

    play(tmp_path, scene, max_pages=1, max_queue=0)


def test_a_page_that_waits_can_be_stopped(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        with held(house.engine):
            visitors = await crowd(house, 3)
            await visitors[1].send(Cancel())
            stopped = visitors[1].final[0]
            assert (stopped.reason, stopped.html) == ("cancelled", "")
            visitors[2].pump()
            assert places(visitors[2]) == [2, 1]
            assert [len(house.engine.submitted), house.engine.cancelled] == [1, 0]
        await done(*visitors)
        assert len(house.engine.submitted) == 2

    play(tmp_path, scene, max_pages=1)


def test_stopping_a_page_lets_the_next_one_begin(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        with held(house.engine):
            visitors = await crowd(house, 2)
            await visitors[0].send(Cancel())
            assert house.engine.cancelled == 1
            await visitors[1].until(lambda: len(house.engine.submitted) == 2)
            assert places(visitors[1]) == [1, 0]
        await done(*visitors)

    play(tmp_path, scene, max_pages=1)


def test_whoever_asks_anew_goes_to_the_end(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        with held(house.engine):
            first, second, third = await crowd(house, 3)
            await first.send(Prompt("something else"))
            assert places(first) == [2]
            for visitor in (second, third):
                visitor.pump()
            assert [places(second), places(third)] == [[1, 0], [2, 1]]
            await third.send(Prompt("another thing"))
            first.pump()
            assert [places(first), places(third)] == [[2, 1], [2, 1, 2]]
        await done(first, second, third)
        assert third.final[-1].url == "/another_thing"

    play(tmp_path, scene, max_pages=1)


def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        with held(house.engine):
            first, second = await crowd(house, 2)
            await second.until(lambda: bool(second.final))
            stopped = second.final[0]
            assert isinstance(stopped, PageStopped)
            assert (stopped.reason, stopped.html) == ("queue_timeout", "")
        await done(first)
        assert (await second.page(Go(0))).html

    play(tmp_path, scene, max_pages=1, queue_seconds=0.05)


def test_an_error_when_the_turn_comes_is_the_pages_end(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        with held(house.engine):
            first, second, third = await crowd(house, 3)
            house.engine.longest = 10
        await second.until(lambda: bool(second.final))
        house.engine.longest = 1000
        error = second.messages[-2]
        assert (error.code, error.page) == ("prompt_too_long", second.started[0].page)
        assert second.final[0].reason == "failed"
        await done(first, second, third)
        assert third.final

    play(tmp_path, scene, max_pages=1)


def test_a_page_made_ahead_does_not_wait_and_gives_way(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, other = await house.visitor(), await house.visitor()
        page = await visitor.page(Prompt("tides"))
        with held(house.engine):
            await visitor.send(Prefetch(page.page, Target("a", "Lava", "/wiki")))
            assert house.registry._maker.ahead
            await other.send(Prompt("moon"))
            assert house.registry._maker.ahead is None
            assert places(other) == []
            await visitor.send(Prefetch(page.page, Target("a", "Lava", "/wiki")))
            assert house.registry._maker.ahead is None
            assert house.registry._maker.line.waiting == []
        await done(other)

    play(tmp_path, scene, max_pages=1)


def test_coming_back_while_waiting(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        with held(house.engine):
            first, second = await crowd(house, 2)
            second.leave()
            back = await house.visitor(second.key, second.seq)
            back.pump()
            assert back.messages == [PageQueued(second.started[0].page, 1)]
        await done(first, back)
        assert isinstance(back.final[0], PageCommit)

    play(tmp_path, scene, max_pages=1)


def test_a_visitor_who_does_not_come_back_leaves_the_line(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        with held(house.engine):
            first, second, third = await crowd(house, 3)
            second.leave()
            await third.until(lambda: places(third) == [2, 1])
        await done(first, third)
        assert len(house.engine.submitted) == 2

    play(tmp_path, scene, max_pages=1, grace_seconds=0.01)


def test_a_page_that_is_too_long_is_stopped_and_keeps_what_fits(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.engine.page = lambda prompt: "<p>" + "word " * 200
        visitor = await house.visitor()
        page = await visitor.page(Prompt("tides"))
        assert page.reason == "too_long"
        assert 0 < len(page.html.encode()) <= 300
        assert house.engine.cancelled == 1

    play(tmp_path, scene, page_bytes=300)


@pytest.mark.parametrize(
    ("allowance", "code", "message"),
    [
        (Allowance(pages=1), "busy", "expected at most 1 pages at once with this token"),
        (Allowance(pages_per_minute=1), "rate_limited", "expected at most 1 pages a minute with this token, got more"),
    ],
)
def test_a_tokens_pages_are_counted(tmp_path: Path, allowance: Allowance, code: str, message: str) -> None:
    async def scene(house: House) -> None:
        quota = Quota(allowance)
        one, two, other = [await house.visitor() for _ in range(3)]
        for visitor in (one, two):
            house.registry.attach(visitor.own, visitor.outbox, ClientIdentity("blog", quota=quota))
        with held(house.engine):
            await one.send(Prompt("one"))
            with refused(code, message):
                await two.send(Prompt("two"))
            await other.send(Prompt("three"))
            assert (quota.pages, places(other)) == (1, [1])
        await done(one, other)
        assert quota.pages == 0
        if code == "busy":
            assert (await two.page(Prompt("two"))).html

    play(tmp_path, scene, max_pages=1)


def test_a_session_that_is_closed_in_line_is_made_on_resume(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.engine.gate.clear()
        first, second = await crowd(house, 2)
        await house.registry.close()
        await asyncio.sleep(0)
        assert len(house.engine.submitted) == 1
        assert len(asyncio.all_tasks()) == 1
        house.engine.gate.set()
        house.reopened()
        for visitor in (first, second):
            back = await house.visitor(visitor.key, visitor.seq)
            await back.until(lambda back=back: bool(back.final))
            assert isinstance(back.final[0], PageCommit)

    play(tmp_path, scene, max_pages=1)
