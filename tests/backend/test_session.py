"""What actions mean: pages, history, stopping, editing, coming back."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.archive import KNOWN
from backend.errors import ProtocolError
from backend.hub import Hub
from backend.messages import Act, Cancel, Delta, Go, Keyframe, Navigate, PageCommit, PageStopped, Prompt, Target
from tests.backend.clients import Visitor
from tests.backend.fakes import FakeEngine, MemoryStore, held, hub_of, page_for, settings_in


class House:
    """A hub over fakes for one test."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.engine, self.store, self.settings = FakeEngine(), MemoryStore(), settings_in(folder, **options)
        self.hub = self.reopened()

    def reopened(self) -> Hub:
        """A new service process on the same store."""
        self.hub = hub_of(self.settings, self.engine, self.store)
        return self.hub

    async def visitor(self, key: str = "", last_seq: int = -1) -> Visitor:
        return await Visitor(self.hub).connect(key, last_seq)


def play(folder: Path, scene: Callable[[House], Awaitable[None]], **options: Any) -> None:
    """Run a scene in a house of its own."""

    async def whole() -> None:
        house = House(folder, **options)
        await scene(house)
        await house.hub.close()

    asyncio.run(whole())


@contextmanager
def refused(code: str, message: str) -> Iterator[None]:
    with pytest.raises(ProtocolError) as caught:
        yield
    assert caught.value.code == code
    assert message in caught.value.message


def click(page: Any, text: str, href: str | None = None, **more: Any) -> Act:
    return Act(page.page, Target("a", text, href, **more))


def test_a_page_develops_and_is_committed(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        page = await visitor.page(Prompt("tides", "web"))
        prompt = visitor.started[0].prompt
        assert prompt.splitlines()[:2] == ["web", "ask: tides"]
        assert isinstance(page, PageCommit)
        assert page.html == page_for(prompt)
        assert (page.url, page.title, page.index, page.length) == ("/tides", "Tides", 0, 1)
        assert page.stats.finish == "eos"
        assert len(set(visitor.drafts)) >= 5
        assert "<script>" not in visitor.draft
        assert visitor.draft.startswith("<style>h1{color:red}</style><title>Tides</title>")

    play(tmp_path, scene)


def test_each_block_begins_with_a_keyframe(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.page(Prompt("tides", "web"))
        first = {}
        for message in visitor.all(Keyframe, Delta):
            first.setdefault(message.block, type(message))
        assert set(first.values()) == {Keyframe}
        assert len(first) > 1
        assert len(visitor.all(Keyframe)) == len(first)

    play(tmp_path, scene)


def test_the_tokens_of_frames_add_up_to_the_canvas(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.send(Prompt("tides", "web"))
        with_canvas = 0
        while visitor.session and visitor.session.making:
            live = visitor.session.making.live
            visitor.pump()
            if live.block == visitor.block and live.step > 1:
                assert visitor.canvas == live.canvas
                assert visitor.draft == live.html
                with_canvas += 1
            await asyncio.sleep(0)
        assert with_canvas > 3

    play(tmp_path, scene)


def test_a_link_leads_to_the_next_page_and_back_shows_the_first_byte_for_byte(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("an encyclopedia article about volcanoes", "web"))
        second = await visitor.page(click(first, "Lava", "/wiki"))
        assert second.url == "/wiki/lava"
        assert "open: /wiki Lava" in visitor.started[1].prompt
        made = len(house.engine.submitted)
        assert await visitor.page(Go(-1)) == first.__class__(**{**first.__dict__, "length": 2})
        assert (await visitor.page(Go(1))).html == second.html
        assert (await visitor.page(Go(0))).html == second.html
        assert len(house.engine.submitted) == made

    play(tmp_path, scene)


def test_a_known_address_is_served_at_once(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Navigate("/wiki/lava"))
        second = await visitor.page(click(first, "Magma", "/wiki"))
        again = await visitor.page(click(second, "Lava", "/wiki"))
        assert again.page == first.page
        assert (again.index, again.length) == (2, 3)
        assert (await visitor.page(Navigate("lava"))).page == first.page
        assert len(house.engine.submitted) == 2

    play(tmp_path, scene)


def test_fresh_makes_another_version(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("tides", "web"))
        other = await visitor.page(Navigate("/tides", fresh=True))
        assert other.url == first.url
        assert other.page != first.page
        (_, old), (_, new) = house.engine.submitted
        assert old.seed != new.seed
        assert (await visitor.page(Navigate("/tides"))).page == other.page

    play(tmp_path, scene)


def test_the_same_session_and_address_give_the_same_prompt_and_seed(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.page(Navigate("/thread/cats"))
        for record in list(house.store.sessions.values()):
            house.store.sessions[record.id] = type(record)(record.id, record.created)
        other = await Visitor(house.reopened()).connect(visitor.key)
        await other.page(Navigate("/thread/cats"))
        assert house.engine.submitted[0] == house.engine.submitted[1]
        stranger = await house.visitor()
        await stranger.page(Navigate("/thread/cats"))
        assert house.engine.submitted[2] != house.engine.submitted[0]

    play(tmp_path, scene)


def test_going_beyond_the_history(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with refused("no_history", "expected a step within 0 pages, got +0"):
            await visitor.send(Go(0))
        await visitor.page(Prompt("tides", "web"))
        with refused("no_history", "expected a step within 1 pages, got -1"):
            await visitor.send(Go(-1))
        assert (await visitor.page(Go(0))).title == "Tides"

    play(tmp_path, scene)


def test_a_new_page_drops_what_lay_ahead(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        for text in ("one", "two", "three"):
            await visitor.page(Prompt(text, "web"))
        await visitor.page(Go(-2))
        page = await visitor.page(Prompt("four", "web"))
        assert (page.index, page.length) == (1, 2)
        assert [item.url for item in visitor.own.items()] == ["/one", "/four"]
        assert (await visitor.page(Prompt("three", "web"))).title == "Three"
        assert len(house.engine.submitted) == 4

    play(tmp_path, scene)


def test_a_new_action_stops_the_running_page(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with held(house.engine):
            await visitor.send(Prompt("one", "web"))
            await visitor.send(Prompt("two", "web"))
        assert [type(m).__name__ for m in visitor.messages] == ["PageStart", "PageStopped", "PageStart"]
        assert visitor.final[0].reason == "superseded"
        await visitor.until(lambda: len(visitor.final) == 2)
        assert visitor.final[1].title == "Two"
        assert house.engine.cancelled == 1

    play(tmp_path, scene)


def test_a_stopped_page_keeps_what_was_committed(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.send(Prompt("tides", "web"))
        await visitor.until(lambda: visitor.block == 1)
        await visitor.send(Cancel())
        stopped = visitor.final[0]
        assert stopped.reason == "cancelled"
        whole = page_for(visitor.started[0].prompt)
        assert stopped.html
        assert whole.startswith(stopped.html)
        assert len(stopped.html) < len(whole)
        await visitor.send(Cancel())
        assert len(visitor.final) == 1
        await visitor.page(Prompt("other", "web"))
        back = await visitor.page(Go(-1))
        assert isinstance(back, PageStopped)
        assert back.html == stopped.html
        again = await visitor.page(Go(0))
        assert isinstance(again, PageCommit)
        assert again.html == whole
        assert (again.index, again.length) == (0, 2)
        assert house.engine.submitted[0] == house.engine.submitted[2]

    play(tmp_path, scene)


def test_back_to_a_page_of_which_nothing_was_kept_makes_it(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with held(house.engine):
            await visitor.send(Prompt("one", "web"))
            await visitor.send(Cancel())
        await visitor.page(Prompt("two", "web"))
        assert (await visitor.page(Go(-1))).title == "One"
        with held(house.engine):
            await visitor.send(Prompt("three", "web"))
            await visitor.send(Cancel())
        assert (await visitor.page(Prompt("three", "web"))).title == "Three"

    play(tmp_path, scene)


def test_going_back_while_a_page_runs_stops_it(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("one", "web"))
        with held(house.engine):
            await visitor.send(Prompt("two", "web"))
            await visitor.send(Prompt("two", "web"))
            await visitor.send(Go(0))
            assert len(visitor.started) == 2
            await visitor.send(Go(-1))
        assert [m.page for m in visitor.final[-2:]] == [visitor.started[1].page, first.page]

    play(tmp_path, scene)


def test_an_edit_makes_a_new_version_from_the_old_tokens(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with refused("unknown_page", "expected a page to edit, got none"):
            await visitor.send(Prompt("make it dark", edit=True))
        first = await visitor.page(Prompt("a to-do app called Groceries", "app"))
        second = await visitor.page(Prompt("make it dark", edit=True))
        assert second.url == first.url == "/app/a_to-do_app_called_groceries"
        prompt, params = house.engine.submitted[1]
        assert "ask: a to-do app called Groceries\nedit: make it dark\n" in prompt
        assert bytes(params.canvas or ()) == first.html.encode()
        await visitor.page(Prompt("rename it to Errands", edit=True))
        assert (
            "ask: a to-do app called Groceries. make it dark\nedit: rename it to Errands"
            in house.engine.submitted[2][0]
        )
        assert "title: Errands" in house.engine.submitted[2][0]
        assert (await visitor.page(Go(-2))).html == first.html
        assert (await visitor.page(Go(1))).html == second.html

    play(tmp_path, scene)


def test_a_prompt_stays_in_the_world_of_the_page(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        assert (await visitor.page(Prompt("tides"))).world == "web"
        desk = await visitor.page(Prompt("my desktop", "os"))
        files = await visitor.page(Act(desk.page, Target("button", "Files")))
        assert (files.world, files.url) == ("os", "/os/untitled/files")
        assert house.engine.submitted[-1][0].startswith("os\nopen: Files\nscreen: Untitled\n")
        assert (await visitor.page(Prompt("show me music"))).world == "os"

    play(tmp_path, scene)


def test_unknown_pages_and_addresses(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        page = await visitor.page(Prompt("tides"))
        stranger = await house.visitor()
        with refused("unknown_page", f"expected a page of this session, got {page.page!r}"):
            await stranger.send(click(page, "Lava", "/wiki"))
        with refused("bad_address", "expected a target with text, a form value or an address, got none of them"):
            await visitor.send(Act(page.page, Target("a", "", "#")))
        with refused("bad_address", "expected an address such as /wiki/lava, got '///'"):
            await visitor.send(Navigate("///"))
        assert (await visitor.page(Go(0))).html == page.html

    play(tmp_path, scene)


def test_a_prompt_beyond_the_context_changes_nothing(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with held(house.engine):
            await visitor.send(Prompt("tides"))
            house.engine.longest = 10
            with refused("prompt_too_long", "expected a prompt of at most 10 tokens"):
                await visitor.send(Prompt("moon"))
        await visitor.until(lambda: bool(visitor.final))
        assert visitor.final[0].title == "Tides"

    play(tmp_path, scene)


def test_only_so_many_pages_at_once(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        first, second = await house.visitor(), await house.visitor()
        with held(house.engine):
            await first.send(Prompt("one"))
            with refused("busy", "the service makes 1 pages already; try again in a moment"):
                await second.send(Prompt("two"))
            await first.send(Prompt("three"))
        await first.until(lambda: len(first.final) == 2)
        assert (await second.page(Prompt("two"))).title == "Two"

    play(tmp_path, scene, max_pages=1)


def test_a_page_that_takes_too_long(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with held(house.engine):
            await visitor.send(Prompt("tides"))
            await visitor.until(lambda: bool(visitor.final))
        assert visitor.final[0].reason == "timeout"
        assert house.engine.cancelled == 1

    play(tmp_path, scene, page_seconds=0.02)


def test_a_page_on_which_the_model_fails(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        house.engine.fail = True
        page = await visitor.page(Prompt("tides"))
        assert visitor.errors == ["page_failed"]
        assert page.reason == "failed"
        house.engine.fail = False
        assert isinstance(await visitor.page(Go(0)), PageCommit)

    play(tmp_path, scene)


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
            assert house.hub._sessions == {}
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


def test_a_lost_store_is_told_once_and_memory_goes_on(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("one"))
        house.store.down = True
        second = await visitor.page(click(first, "Lava", "/wiki"))
        assert (await visitor.page(Go(-1))).html == first.html
        assert (await visitor.page(Go(1))).html == second.html
        assert visitor.errors == ["store_unavailable"]
        assert await house.hub.page(second.page)
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
        assert await house.hub.find(key) is None

    play(tmp_path, scene)


def test_the_oldest_pages_are_forgotten(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.engine.page = lambda prompt: prompt[:40]
        visitor = await house.visitor()
        first = await visitor.page(Prompt("page 0"))
        for number in range(1, KNOWN + 20):
            await visitor.page(Prompt(f"page {number}"))
        await visitor.own.archive.flush()
        assert len(visitor.own.items()) == 100
        assert len(house.store.pages) == len(house.store.sessions[visitor.key].pages) == KNOWN
        assert first.page not in house.store.pages
        with refused("unknown_page", "expected a page of this session"):
            await visitor.send(click(first, "Lava", "/wiki"))

    play(tmp_path, scene)


def test_only_so_many_sessions_and_the_idle_make_room(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        one, _ = await house.visitor(), await house.visitor()
        with refused("busy", "the service has as many visitors as it can hold; try again later"):
            await house.visitor()
        await one.own.archive.flush()
        one.leave()
        await house.visitor()
        assert len(house.hub._sessions) == 2
        with refused("busy", "as many visitors"):
            await house.visitor(one.key)

    play(tmp_path, scene, max_sessions=2)


def test_nothing_is_left_running(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        house.engine.gate.clear()
        await visitor.send(Prompt("tides"))
        await house.hub.close()
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        assert house.store.sessions[visitor.key].pages[visitor.started[0].page].state == "running"

    play(tmp_path, scene)
    gc.collect()
