"""What a page keeps for itself, over reloads, edits, restarts and shares."""

from pathlib import Path

from backend.protocol.messages import STORED_CHARS, Go, Keep, Open, Prompt
from tests.support.scenes import House, play, refused

ITEMS = {"Chores": "<li>dishes"}


def test_it_outlives_an_edit_and_a_restart(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        page = await visitor.page(Prompt("chores", "app"))
        await visitor.send(Keep(page.page, ITEMS))
        edited = await visitor.page(Prompt("make it dark", edit=True))
        await visitor.send(Keep(edited.page, ITEMS | {"more": "x"}))
        await visitor.own.archive.flush()
        house.reopened()
        again = await house.visitor(visitor.own.key)
        assert (await again.own.archive.page(edited.page)).data == ITEMS | {"more": "x"}
        assert (await again.own.archive.page(page.page)).data == ITEMS
        assert (await again.page(Go(-1))).key == page.key

    play(tmp_path, scene)


def test_it_is_not_shared(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, other = await house.visitor(), await house.visitor()
        page = await visitor.page(Prompt("chores", "app"))
        await visitor.send(Keep(page.page, ITEMS))
        copy = await other.page(Open(page.page))
        assert copy.key not in ("", page.key)
        assert (await other.own.archive.page(copy.page)).data == {}
        with refused("unknown_page", "expected a page of this session"):
            await other.own.handle(Keep(page.page, {}))

    play(tmp_path, scene)


def test_it_has_a_limit(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        page = await visitor.page(Prompt("chores", "app"))
        half = "x" * (STORED_CHARS // 2)
        await visitor.own.handle(Keep(page.page, {"": half, "b": half[1:]}))
        with refused("store_full", "expected at most 16,384 characters from a page, got 16,385"):
            await visitor.own.handle(Keep(page.page, {"": half, "b": half}))
        assert (await visitor.own.archive.page(page.page)).data == {"": half, "b": half[1:]}

    play(tmp_path, scene)
