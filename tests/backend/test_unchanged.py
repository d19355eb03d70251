"""An edit that comes to the page as it was says so, in every way in."""

from pathlib import Path

from backend.making import fingerprint
from backend.messages import Go, Prompt
from backend.telling import UNCHANGED
from tests.backend.scenes import House, play

WORDS = "<title>Tides</title><h1>Tides</h1><p>Twice a day."


def test_white_space_is_no_change() -> None:
    assert fingerprint("<p>a b</p>\n") == fingerprint(" <p>a  b</p>") != fingerprint("<p>a c</p>")
    assert fingerprint(" \n") == fingerprint("") == ""


def test_an_edit_that_changes_nothing_says_so(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        house.engine.page = lambda prompt: WORDS + (" It rises." if "rise" in prompt else "\n" * prompt.count("edit: "))
        first = await visitor.page(Prompt("tides"))
        same = await visitor.page(Prompt("make it nicer", edit=True))
        changed = await visitor.page(Prompt("say that it rises", edit=True))
        assert [page.unchanged for page in (first, same, changed)] == [False, True, False]
        assert (await visitor.page(Go(-1))).unchanged
        assert not (await visitor.page(Prompt("tides", "web"))).unchanged

    play(tmp_path, scene)


def test_what_the_shell_says_of_it_is_what_all_say() -> None:
    assert f'"{UNCHANGED}"' in Path("web/static/shell.js").read_text("utf-8")
