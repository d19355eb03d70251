"""What actions mean: pages, history, stopping, editing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.protocol.messages import (
    Act,
    Cancel,
    Delta,
    Error,
    Go,
    Keyframe,
    Navigate,
    PageCommit,
    PageStopped,
    Prompt,
    Target,
)
from engine.core.errors import PromptTooLong
from engine.core.results import Frame
from tests.support.clients import Visitor
from tests.support.fakes import FakeGeneration, held, page_for
from tests.support.scenes import House, click, play, refused


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
        while visitor.session and visitor.session.job:
            live = visitor.session.job.live.now()
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


def test_an_edit_of_a_selected_element_says_which(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a to-do app called Groceries", "app"))
        second = await visitor.page(Prompt("make it red", edit=True, target=Target("button", "Add")))
        assert (second.url, second.base) == (first.url, first.page)
        prompt, params = house.engine.submitted[1]
        assert 'ask: a to-do app called Groceries\nedit: make it red (the button "Add")\n' in prompt
        assert bytes(params.canvas or ()) == first.html.encode()
        await visitor.page(Prompt("bigger", edit=True))
        assert (
            'ask: a to-do app called Groceries. make it red (the button "Add")\nedit: bigger\n'
            in house.engine.submitted[2][0]
        )

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


def test_the_world_of_a_prompt_is_its_own_and_that_of_a_link_is_its_page_s(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        assert (await visitor.page(Prompt("tides"))).world == "web"
        connections = await visitor.page(Prompt("my desktop", "os"))
        files = await visitor.page(Act(connections.page, Target("button", "Files")))
        assert (files.world, files.url) == ("os", "/os/untitled/files")
        assert house.engine.submitted[-1][0].startswith("os\nopen: Files\nscreen: Untitled\n")
        assert (await visitor.page(Prompt("an article about music"))).world == "web"

    play(tmp_path, scene)


def test_a_page_is_called_as_it_calls_itself(tmp_path: Path) -> None:
    """Never by the request in capitals; for want of a title of its own, by the words as they were said."""

    async def scene(house: House) -> None:
        visitor, pages = await house.visitor(), iter(["<title>Ebb</title><h1>Flow</h1>", "<h1>Flow</h1>", "<p>Moon"])
        house.engine.page = lambda prompt: next(pages)
        for ask, title in (("tides", "Ebb"), ("more tides", "Flow"), ("a page  about tides", "a page about tides")):
            assert (await visitor.page(Prompt(ask))).title == title
        assert [item.title for item in visitor.own.items()] == ["Ebb", "Flow", "a page about tides"]

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


def test_a_prompt_that_a_model_elsewhere_finds_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refusing(generation: FakeGeneration) -> AsyncIterator[Frame]:
        raise PromptTooLong(700, 512)
        yield

    async def scene(house: House) -> None:
        visitor = await house.visitor()
        monkeypatch.setattr(FakeGeneration, "_run", refusing)
        page = await visitor.page(Prompt("tides"))
        assert (page.reason, visitor.errors) == ("failed", ["prompt_too_long"])
        assert "at most 512" in visitor.all(Error)[0].message

    play(tmp_path, scene)


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
