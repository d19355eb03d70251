"""What a page causes by itself, however often: it uses none of what its visitor may send, and the newest is kept."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backend.protocol.messages import STORED_CHARS, ClientMessage, Go, Keep, PageId, Prefetch, Prompt, Target
from backend.sessions.session import UNASKED
from backend.storage.records import PageRecord
from tests.support.running_service import JSON, Service, visit
from tests.support.scenes import House, play

FLOOD = 300


def keep(page: PageId, score: int) -> Keep:
    return Keep(page, {"score": str(score)})


def hint(page: PageId, number: int) -> Prefetch:
    return Prefetch(page, Target("a", f"Number {number}", "/wiki"))


@pytest.mark.parametrize("cause", [keep, hint])
def test_a_flood_takes_nothing_from_the_visitor(tmp_path: Path, cause: Callable[[PageId, int], ClientMessage]) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON) as client:
            first = await client.page(Prompt("tides"))
            for number in range(FLOOD):
                await client.send(cause(first.page, number))
            for _ in range(service.settings.actions_burst - 2):
                await client.send(Go(-100))
            second = await client.page(Go(0))
            assert second.page == first.page
            assert set(client.errors) == {"no_history"}

    visit(tmp_path, scene, actions_burst=5, actions_per_second=0.01)


def test_the_newest_of_a_flood_is_kept(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON) as client:
            page = await client.page(Prompt("tides"))
            for number in range(FLOOD):
                await client.send(keep(page.page, number))
            await client.page(Go(0))
        registry = service.app.state.connections.registry
        assert (await registry.page(page.page)).data == {"score": str(FLOOD - 1)}

    visit(tmp_path, scene)


def test_a_flood_is_written_now_and_then_and_its_newest_at_the_end(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        page = await visitor.page(Prompt("tides"))
        await visitor.own.archive.flush()
        written: list[PageRecord] = []
        save = house.store.save

        async def counted(record: object, pages: tuple[PageRecord, ...], gone: tuple[str, ...]) -> None:
            written.extend(pages)
            await save(record, pages, gone)  # type: ignore[arg-type]

        house.store.save = counted  # type: ignore[method-assign,assignment]
        for number in range(FLOOD):
            await visitor.send(keep(page.page, number))
            while number < UNASKED and not visitor.own.archive.settled:
                await visitor.own.archive.flush()
        assert not visitor.own.idle
        assert (await visitor.own.archive.page(page.page)).data == {"score": str(FLOOD - 1)}
        await visitor.own.archive.flush()
        assert len(written) <= UNASKED + 2
        house.reopened()
        again = await house.visitor(visitor.own.key)
        assert (await again.own.archive.page(page.page)).data == {"score": str(FLOOD - 1)}

    play(tmp_path, scene)


def test_what_is_put_off_is_written_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.sessions.archive.LATER_SECONDS", 0.0)

    async def scene(house: House) -> None:
        visitor = await house.visitor()
        page = await visitor.page(Prompt("tides"))
        for number in range(FLOOD):
            await visitor.send(keep(page.page, number))
        await visitor.until(lambda: visitor.own.archive.settled)
        stored = await house.store.load_page(visitor.own.key, page.page)
        assert stored is not None
        assert stored.data == {"score": str(FLOOD - 1)}

    play(tmp_path, scene)


def test_of_what_a_page_causes_only_its_keeping_too_much_is_told(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        async with service.client(JSON) as client:
            page = await client.page(Prompt("tides"))
            await client.send(Keep("unknown", {}))
            await client.send(Prefetch("unknown", Target("a", "", "")))
            await client.send(Prefetch(page.page, Target("a", "", "")))
            await client.send(Keep(page.page, {"a": "x" * STORED_CHARS}))
            assert await client.error() == "store_full"
            assert client.errors == ["store_full"]

    visit(tmp_path, scene, prefetch=True)
