"""An edit of a selected element holds everything else: in what the engine is asked, in drafts, and in what is kept."""

from pathlib import Path

from backend.prompts.brief import Brief
from backend.protocol.messages import Cancel, Prompt, Target
from backend.storage.records import PageRecord, pack, unpack
from tests.support.fakes import CANVAS, FakeEngine, held
from tests.support.holding_engine import PAD, HoldingEngine
from tests.support.scenes import House, play

LAVA = Target("a", "Lava", "/wiki", nth=0)


def house_that(house: House, writes: str, **options: object) -> HoldingEngine:
    house.engine = engine = HoldingEngine(writes=writes, **options)  # type: ignore[arg-type]
    house.reopened()
    return engine


def split(html: str) -> tuple[str, str, str]:
    """A page of the fake engine: what stands before its link, the link, and what stands behind it."""
    start = html.index("<a href=/wiki>")
    end = html.index("</a>") + 4
    return html[:start], html[start:end], html[end:]


def test_all_but_the_selected_element_is_held(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        engine = house_that(house, '<a href=/wiki class="hot">Magma é</a></p><p>and on')
        visitor = await house.visitor()
        first = await visitor.page(Prompt("tides", "web"))
        before, link, behind = split(first.html)
        second = await visitor.page(Prompt("rename it", edit=True, target=LAVA))
        assert second.base == first.page
        assert second.html == before + '<a href=/wiki class="hot">Magma é</a>' + behind
        prompt, params = engine.submitted[-1]
        assert 'edit: rename it (the link "Lava")' in prompt
        start, room = len(before.encode()), 16 + len(link) + len(link) // 2
        assert params.canvas is not None
        assert params.hold == ((0, start), (start + room, len(params.canvas)))
        assert params.max_tokens == len(params.canvas)
        assert bytes(params.canvas[start : start + len(link)]).decode() == link
        assert set(params.canvas[start + len(link) : start + room]) == {PAD}
        engine.writes = "<h1>Ebb</h1>"
        third = await visitor.page(Prompt("again", edit=True, target=Target("h1", second.title)))
        assert third.html == second.html.replace(f"<h1>{second.title}</h1>", "<h1>Ebb</h1>")

    play(tmp_path, scene)


def test_what_is_held_stands_in_every_draft(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house_that(house, "<b>Magma</b>")
        visitor = await house.visitor()
        first = await visitor.page(Prompt("tides", "web"))
        drafts = len(visitor.drafts)
        await visitor.page(Prompt("rename it", edit=True, target=LAVA))
        shown = [draft for draft in visitor.drafts[drafts:] if "<h1>" in draft]
        assert shown
        assert all(f"<h1>{first.title}</h1>" in draft for draft in shown)

    play(tmp_path, scene)


def test_an_element_that_cannot_be_told_holds_nothing(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        engine = house_that(house, "x")
        visitor = await house.visitor()
        first = await visitor.page(Prompt("tides", "web"))
        second = await visitor.page(Prompt("make it red", edit=True, target=Target("button", "Add")))
        await visitor.page(Prompt("make it red", edit=True))
        for (_, params), page in zip(engine.submitted[1:], (first, second), strict=True):
            assert params.hold is None
            assert bytes(params.canvas or ()) == page.html.encode()

    play(tmp_path, scene)


def test_an_engine_that_holds_nothing_is_asked_as_before(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        assert type(house.engine) is FakeEngine
        visitor = await house.visitor()
        await visitor.page(Prompt("tides", "web"))
        await visitor.page(Prompt("rename it", edit=True, target=LAVA))
        assert house.engine.submitted[-1][1].hold is None

    play(tmp_path, scene)


def test_a_stopped_edit_leaves_the_page_whole(tmp_path: Path) -> None:
    """The element lies in the last canvas: what is committed before it is the page as it was."""

    async def scene(house: House) -> None:
        house_that(house, "<b>Magma</b>")
        visitor = await house.visitor()
        first = await visitor.page(Prompt("tides", "web"))
        assert len(split(first.html)[0].encode()) > CANVAS
        await visitor.send(Prompt("rename it", edit=True, target=LAVA))
        await visitor.until(lambda: visitor.block == 0)
        await visitor.until(lambda: visitor.block == 1)
        await visitor.send(Cancel())
        assert (visitor.final[-1].reason, visitor.final[-1].html) == ("cancelled", first.html)

    play(tmp_path, scene)


def test_an_edit_that_a_killed_service_made_holds_when_it_is_made_again(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        engine = house_that(house, "<b>Magma</b>")
        visitor = await house.visitor()
        first = await visitor.page(Prompt("tides", "web"))
        with held(engine):
            await visitor.send(Prompt("rename it", edit=True, target=LAVA))
            asked = engine.submitted[-1][1]
            await house.registry.close()
        house.reopened()
        back = await house.visitor(visitor.key)
        await back.until(lambda: bool(back.final))
        before, _, behind = split(first.html)
        assert back.final[-1].html == before + "<b>Magma</b>" + behind
        again = engine.submitted[-1][1]
        assert (again.hold, again.canvas, again.seed) == (asked.hold, asked.canvas, asked.seed)

    play(tmp_path, scene)


def test_the_part_that_may_change_is_stored_with_the_page() -> None:
    record = PageRecord("p", "/tides", "web", Brief("web", "tides"), "", 1, 0.0, part=(3, 9))
    again = unpack(PageRecord, pack(record))
    assert again == record
