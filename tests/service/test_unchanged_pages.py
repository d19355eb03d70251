"""An edit that comes to the page as it was says so, in every way in."""

import json
from pathlib import Path

import pytest

from backend.cli import main
from backend.pages.finished_page import fingerprint
from backend.protocol.messages import Go, Prompt
from backend.sessions.notifier import UNCHANGED
from tests.service.test_ag_ui import ASK, events, given_input
from tests.service.test_ag_ui import post as run
from tests.service.test_chat_completions import post as complete
from tests.service.test_mcp import client as mcp_client
from tests.support.fakes import FakeEngine, settings_in
from tests.support.running_service import Service, visit
from tests.support.scenes import House, play

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
    assert any(f'"{UNCHANGED}"' in path.read_text("utf-8") for path in Path("web/static").rglob("*.js"))


def still(service: Service) -> None:
    """From now on the model writes the same page whatever it is asked."""
    service.engine.page = lambda prompt: WORDS


def test_tools_say_so(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        still(service)
        async with mcp_client(service) as mcp:
            made = await mcp.call_tool("make_page", {"prompt": "a snake game"})
            told = made.structured_content
            assert (told["world"], told["unchanged"]) == ("app", False)
            assert UNCHANGED not in made.content[0].text  # type: ignore[union-attr]
            same = await mcp.call_tool("edit_page", {"page": told["page"], "instruction": "make it nicer"})
            assert same.structured_content["unchanged"]
            assert same.content[0].text.endswith(f"\n{UNCHANGED}")  # type: ignore[union-attr]

    visit(tmp_path, scene)


def test_runs_say_so(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        still(service)
        first = events(await run(service, given_input(messages=[{**ASK, "content": "a snake game"}])))[-1]["result"]
        assert (first["world"], first["unchanged"]) == ("app", False)
        again = given_input(state={"silverprint": first})
        assert events(await run(service, again))[-1]["result"]["unchanged"]

    visit(tmp_path, scene)


def test_completions_say_so(tmp_path: Path) -> None:
    async def scene(service: Service) -> None:
        still(service)
        said = [{"role": "user", "content": "a snake game"}]
        first = (await complete(service, {"model": "silverprint-any", "messages": said})).json()
        assert first["silverprint"]["world"] == "app"
        assert not first["silverprint"]["unchanged"]
        page = {"role": "assistant", "content": first["choices"][0]["message"]["content"]}
        said += [page, {"role": "user", "content": "make it nicer"}]
        asked = {"model": "silverprint-any", "messages": said}
        assert (await complete(service, asked)).json()["silverprint"]["unchanged"]
        lines = (await complete(service, {**asked, "stream": True})).text.split("\n\n")
        last = json.loads(lines[-3].removeprefix("data: "))
        assert (last["choices"][0]["finish_reason"], last["silverprint"]["unchanged"]) == ("stop", True)
        plain = (await complete(service, {"model": "model", "messages": [said[0]]})).json()
        assert "silverprint" not in plain

    visit(tmp_path, scene)


def test_the_command_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_in(tmp_path)
    monkeypatch.setattr(main, "model", lambda settings: FakeEngine(page=lambda prompt: WORDS))
    place = ["--model", str(settings.model), "--data", str(tmp_path), "--facts", str(settings.facts)]
    file = tmp_path / "page.html"
    assert main.main(["generate", "a snake game", *place, "-o", str(file)]) == 0
    assert UNCHANGED not in capsys.readouterr().err
    assert main.main(["generate", "make it nicer", "--edit", str(file), *place, "--frames"]) == 0
    said = capsys.readouterr()
    assert said.err.strip().endswith(UNCHANGED)
    page = json.loads(said.out.splitlines()[-1])
    assert (page["unchanged"], page["world"]) == (True, "app")
