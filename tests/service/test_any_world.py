"""A prompt that names no world: the model chooses, and what follows goes by the page that it made."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from backend.protocol.messages import Act, Cancel, Go, Navigate, Open, Prompt, Target
from tests.support.fakes import held
from tests.support.scenes import House, click, play

CARD = '{"dialect": "terse", "worlds": ["any", "web", "os", "app"], "styles": {"any": ["paper mint"]}}'
APP = "<body class=app><h1>Snake</h1><button type=button>Start</button>"
DESK = "<body class=desktop><section class=window><h1>Notes</h1><button>Files</button></section>"
PAGES = {"snake": APP, "desktop": DESK}


def choosing(folder: Path, scene: Callable[[House], Awaitable[None]], card: str = CARD) -> None:
    """Play a scene for a checkpoint that knows "any", which writes what the request names."""
    model = folder / "choosing"
    model.mkdir()
    (model / "silverprint.json").write_text(card)

    async def whole(house: House) -> None:
        house.engine.page = lambda prompt: next(
            (page for word, page in PAGES.items() if word in prompt), "<title>Tides</title><h1>Tides</h1><p>Moon."
        )
        await scene(house)

    play(folder, whole, model=model)


def prompts(house: House) -> list[str]:
    return [prompt for prompt, _ in house.engine.submitted]


def test_the_page_tells_which_world_it_is_and_its_address_follows(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        game = await visitor.page(Prompt("a snake game"))
        assert prompts(house) == ["any\nask: a snake game\nstyle: paper mint"]
        begun = visitor.started[-1]
        assert (begun.world, begun.url) == ("any", "/any/a_snake_game")
        assert len(visitor.drafts) > 1
        assert (game.page, game.world, game.url, game.title) == (begun.page, "app", "/app/a_snake_game", "Snake")
        connections = await visitor.page(Prompt("my desktop"))
        assert (connections.world, connections.url) == ("os", "/os/my_desktop")
        page = await visitor.page(Prompt("tides"))
        assert (page.world, page.url) == ("web", "/tides")
        assert [(item.world, item.url) for item in visitor.own.items()] == [
            ("app", "/app/a_snake_game"), ("os", "/os/my_desktop"), ("web", "/tides"),
        ]  # fmt: skip

    choosing(tmp_path, scene)


def test_what_follows_is_as_if_the_world_had_been_given(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        page = await visitor.page(Prompt("tides"))
        lava = await visitor.page(click(page, "Lava", "/wiki"))
        assert (lava.world, lava.url) == ("web", "/wiki/lava")
        assert prompts(house)[-1].startswith("web\nopen: /wiki Lava\n")
        connections = await visitor.page(Prompt("my desktop"))
        files = await visitor.page(Act(connections.page, Target("button", "Files")))
        assert (files.world, files.url) == ("os", "/os/notes/files")
        game = await visitor.page(Prompt("a snake game"))
        edited = await visitor.page(Prompt("make it faster", edit=True))
        assert (edited.world, edited.url, edited.base) == ("app", game.url, game.page)
        assert prompts(house)[-1].startswith("app\nask: a snake game\n")

    choosing(tmp_path, scene)


def test_the_same_words_and_both_addresses_lead_to_the_page(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        game = await visitor.page(Prompt("a snake game"))
        for again in (Prompt("a snake game"), Navigate("/app/a_snake_game"), Navigate("/any/a_snake_game")):
            await visitor.page(Prompt("tides"))
            assert (await visitor.page(again)).page == game.page
        newer = await visitor.page(Navigate("/app/a_snake_game", fresh=True))
        assert (newer.page != game.page, newer.url) == (True, game.url)
        assert prompts(house)[-1].startswith("any\n")
        assert (await visitor.page(Prompt("a snake game"))).page == newer.page
        given = await visitor.page(Prompt("a snake game", "web"))
        assert (given.world, given.url) == ("web", "/a_snake_game")
        assert prompts(house)[-1].startswith("web\n")

    choosing(tmp_path, scene)


def test_a_page_of_which_nothing_is_kept_has_no_world_yet(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        with held(house.engine):
            await visitor.send(Prompt("a snake game"))
            stopped = await visitor.page(Cancel())
        assert (stopped.world, stopped.url, stopped.title) == ("any", "/any/a_snake_game", "a snake game")
        made = await visitor.page(Go(0))
        assert (made.world, made.url) == ("app", "/app/a_snake_game")
        assert len(visitor.own.items()) == 1

    choosing(tmp_path, scene)


def test_it_is_kept_and_shared_as_what_it_is(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        game = await visitor.page(Prompt("a snake game"))
        await house.registry.close()
        house.reopened()
        back = await house.visitor(visitor.key)
        assert [(item.world, item.url) for item in back.own.items()] == [("app", game.url)]
        other = await house.visitor()
        copy = await other.page(Open(game.page))
        assert (copy.world, copy.url) == ("app", game.url)

    choosing(tmp_path, scene)


def test_a_checkpoint_that_was_never_asked_for_any_world_is_given_one(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        for ask, begins, url in (
            ("a snake game", "app\nask: a snake game", "/app/a_snake_game"),
            ("my desktop", "os\nask: my desktop", "/os/my_desktop"),
            ("an article on tides", "web\nask: an article on tides\n", "/an_article_on_tides"),
        ):
            page = await visitor.page(Prompt(ask))
            assert prompts(house)[-1].startswith(begins)
            assert (page.url, visitor.started[-1].url) == (url, url)
        assert (await visitor.page(Prompt("a snake game", "web"))).url == "/a_snake_game"

    choosing(tmp_path, scene, '{"dialect": "terse", "styles": {"web": ["plain mint"]}}')


def test_a_dropped_page_leaves_no_address_behind(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        game = await visitor.page(Prompt("a snake game"))
        await visitor.page(Prompt("tides"))
        archive = visitor.own.archive
        archive.history.remove(game.page)
        archive._drop(game.page)
        assert game.page not in archive.latest.values()
        assert (await visitor.page(Prompt("a snake game"))).page != game.page

    choosing(tmp_path, scene)
