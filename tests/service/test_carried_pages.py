"""From page to page: sites, open windows and forms in the prompts of a session."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from backend.models.model_card import KIT_STYLES
from backend.protocol.messages import Act, Cancel, Go, Navigate, Open, Prefetch, Prompt, Target
from tests.support.fakes import page_for
from tests.support.scenes import House, click, play, refused

SITE = "<header><a class=brand href=/home>Ember</a><nav><a href=/wiki>Rocks</a><a href=/shop>Hammers</a></nav></header>"
SAID = "\nsite: Ember\nnav 1: Rocks\nnav 1 kind: /wiki\nnav 2: Hammers\nnav 2 kind: /shop\n"
DESK = "<section class=window style='left:4%'><h1>Notes</h1><p>Buy film</p></section>"
OPEN = "\nwindow 1: Notes\nwindow 1 place: left 4%\nwindow 1 text: Buy film\n"


def full(
    folder: Path, scene: Callable[[House], Awaitable[None]], page: str = SITE, card: str = '{"dialect": "full"}'
) -> None:
    """Play a scene for a model, of the full dialect unless its card says otherwise, which always writes one page. card:
    "" for a model without one."""
    model = folder / "large"
    model.mkdir()
    if card:
        (model / "silverprint.json").write_text(card)

    async def whole(house: House) -> None:
        house.engine.page = lambda prompt: f"<title>{len(house.engine.submitted)}</title>{page}"
        await scene(house)

    play(folder, whole, model=model)


def prompts(house: House) -> list[str]:
    return [prompt for prompt, _ in house.engine.submitted]


def style(prompt: str) -> str:
    return prompt.partition("\nstyle: ")[2].partition("\n")[0]


def test_a_site_keeps_its_name_and_navigation(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine about rocks", "web"))
        assert "site:" not in prompts(house)[0]
        second = await visitor.page(click(first, "Granite", "/wiki"))
        await visitor.page(Act(second.page, Target("form", "Go", "/search", form={"q": "basalt"})))
        await visitor.page(Navigate("/shop/hammer"))
        assert [SAID in prompt for prompt in prompts(house)] == [False, True, True, True]

    full(tmp_path, scene)


def test_a_prompt_begins_another_site(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.page(Navigate("/wiki/lava"))
        await visitor.page(Prompt("a shop for kettles", "web"))
        await visitor.page(Navigate("a page about tea"))
        await visitor.page(Prompt("my desktop", "os"))
        await visitor.page(Navigate("/wiki/steam"))
        assert not any("site:" in prompt for prompt in prompts(house))

    full(tmp_path, scene)


def test_an_edit_and_another_version_stay_in_the_site(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine", "web"))
        await visitor.page(click(first, "Granite", "/wiki"))
        await visitor.page(Prompt("make it dark", edit=True))
        await visitor.page(Navigate("/wiki/granite", fresh=True))
        assert [SAID in prompt for prompt in prompts(house)] == [False, True, True, True]

    full(tmp_path, scene)


def test_it_outlives_a_restart(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine", "web"))
        second = await visitor.page(click(first, "Granite", "/wiki"))
        await visitor.own.archive.flush()
        house.reopened()
        house.engine.page = lambda prompt: "<h1>bare</h1>"
        again = await house.visitor(visitor.key)
        bare = await again.page(click(second, "Basalt", "/wiki"))
        await again.page(click(bare, "Slate", "/wiki"))
        assert SAID in prompts(house)[-2]
        assert SAID in prompts(house)[-1]

    full(tmp_path, scene)


def test_a_page_that_is_made_again_has_the_same_prompt(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine", "web"))
        await visitor.send(click(first, "Granite", "/wiki"))
        await visitor.send(Cancel())
        await visitor.page(Go(0))
        assert prompts(house)[1] == prompts(house)[2]
        assert SAID in prompts(house)[2]

    full(tmp_path, scene)


def test_a_page_made_ahead_is_told_the_same(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine", "web"))
        await visitor.send(Prefetch(first.page, Target("a", "Granite", "/wiki")))
        await visitor.until(lambda: "/wiki/granite" in visitor.own.archive.latest)
        visitor.own.archive.latest.pop("/wiki/granite")
        await visitor.page(click(first, "Granite", "/wiki"))
        assert SAID in prompts(house)[1]
        assert prompts(house)[1] == prompts(house)[2]

    full(tmp_path, scene)


def test_without_the_store_an_address_still_opens(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        page = await visitor.page(Prompt("a magazine", "web"))
        await visitor.own.archive.flush()
        house.reopened()
        again = await house.visitor(visitor.key, visitor.seq + 9)
        again.own.archive._pages.pop(page.page, None)
        house.store.down = True
        await again.page(Navigate("/wiki/lava"))
        assert "site:" not in prompts(house)[-1]

    full(tmp_path, scene)


def test_windows_stay_open(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        connections = await visitor.page(Prompt("my desktop", "os"))
        await visitor.page(Act(connections.page, Target("button", "Mail")))
        await visitor.page(Prompt("a desktop in the style of 1995", "os"))
        assert [OPEN in prompt for prompt in prompts(house)] == [False, True, False]

    full(tmp_path, scene, DESK)


def test_what_is_filled_in_on_a_screen_reaches_the_next_and_stays_private(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        connections = await visitor.page(Prompt("my desktop", "os"))
        form = {"to": "ann", "text": "see you; <b>"}
        sent = await visitor.page(Act(connections.page, Target("form", "Send", "/mail", form=form)))
        assert (
            "\nentered 1: to\nentered 1 value: ann\nentered 2: text\nentered 2 value: see you; &lt;b&gt;\n"
            in prompts(house)[-1]
        )
        after = await visitor.page(Act(sent.page, Target("button", "Files")))
        assert "entered 1" not in prompts(house)[-1]
        assert (sent.private, after.private) == (True, True)
        other = await house.visitor()
        for page in (sent, after):
            with refused("unknown_page", "expected a page that was shared"):
                await other.own.handle(Open(page.page))

    full(tmp_path, scene, DESK)


def test_a_screen_that_names_a_private_one_is_private(tmp_path: Path) -> None:
    """Also where that has no windows, and the next screen has nothing else of it."""

    async def scene(house: House) -> None:
        house.engine.page = lambda prompt: "<title>Letter to Ann</title><p>sent"
        visitor = await house.visitor()
        connections = await visitor.page(Prompt("my desktop", "os"))
        sent = await visitor.page(Act(connections.page, Target("form", "Send", "/mail", form={"to": "Ann"})))
        after = await visitor.page(Act(sent.page, Target("button", "Files")))
        assert "letter_to_ann" in after.url
        assert (sent.private, after.private) == (True, True)
        other = await house.visitor()
        with refused("unknown_page", "expected a page that was shared"):
            await other.own.handle(Open(after.page))

    full(tmp_path, scene)


def test_another_version_of_a_private_page_is_private(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("tides", "web"))
        found = await visitor.page(Act(first.page, Target("form", "Go", "/search", form={"q": "my name"})))
        assert (await visitor.page(Navigate(found.url, fresh=True))).private

    play(tmp_path, scene)


def test_a_form_filled_in_otherwise_gets_another_page(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine", "web"))

        async def sent(text: str) -> str:
            form = {"name": "Ann", "text": text}
            page = await visitor.page(Act(first.page, Target("form", "Send", "/contact", form=form)))
            return str(page.page)

        one, two, again = await sent("one"), await sent("two"), await sent("two")
        assert one != two == again
        assert "entered 1: name\nentered 1 value: Ann\nentered 2: text\nentered 2 value: two\n" in prompts(house)[-1]
        assert (await visitor.page(Navigate("/contact/ann"))).page == two

    full(tmp_path, scene)


SMALL = '{"dialect": "anchored", "carries": true}'


def test_a_small_model_that_was_trained_to_is_told_of_the_site(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine", "web"))
        form = {"q": "basalt", "since": "1999"}
        found = await visitor.page(Act(first.page, Target("form", "Go", "/search", form=form)))
        other = Target("form", "Go", "/search", form={"q": "basalt", "since": "2001"})
        assert (await visitor.page(Act(first.page, other))).page == found.page
        await visitor.page(Prompt("make it dark", edit=True))
        said = "\nsite: <!--S1-->Ember\nnav: /wiki <!--V1-->Rocks; /shop <!--V2-->Hammers"
        assert [prompt.endswith(said) for prompt in prompts(house)] == [False, True, True]
        assert "entered:" not in prompts(house)[1]

    full(tmp_path, scene, card=SMALL)


def test_a_small_model_that_was_trained_to_is_told_of_the_windows(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        connections = await visitor.page(Prompt("my desktop", "os"))
        mail = await visitor.page(Act(connections.page, Target("button", "Mail")))
        await visitor.page(Act(mail.page, Target("button", "Notes")))
        notes = "\nwindow: <!--W1-->Notes; <!--W2-->Buy film"
        assert [notes in prompt for prompt in prompts(house)] == [False, True, False]
        assert "window:" not in prompts(house)[2]

    full(tmp_path, scene, DESK, SMALL)


def test_a_small_model_is_asked_as_ever(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.engine.page = lambda prompt: page_for(prompt) + SITE + DESK
        visitor = await house.visitor()
        first = await visitor.page(Prompt("tides", "web"))
        form = {"q": "moon", "since": "1999"}
        found = await visitor.page(Act(first.page, Target("form", "Go", "/wiki", form=form)))
        other = Target("form", "Go", "/wiki", form={"q": "moon", "since": "2001"})
        assert (await visitor.page(Act(first.page, other))).page == found.page
        connections = await visitor.page(Prompt("my desktop", "os"))
        screen = await visitor.page(Act(connections.page, Target("form", "Go", "/mail", form=form)))
        after = await visitor.page(Act(screen.page, Target("button", "Files")))
        assert after.private
        for prompt in prompts(house):
            slots = {line.partition(":")[0] for line in prompt.splitlines()}
            assert slots <= {"web", "os", "ask", "open", "screen", "style", "title", "names"}
        record = await visitor.own.archive.page(after.page)
        assert (record.brief.site, record.brief.windows, record.brief.entered) == (None, (), ())

    play(tmp_path, scene)


STYLED = '<html lang=en class="{}" style="--accent:#c40"><title>T</title>'
KEPT = "\nstyle: {} --accent:#c40\n"


def full_over_the_kit(folder: Path, scene: Callable[[House], Awaitable[None]], *looks: str) -> None:
    """Play a scene for a large model whose pages have these looks, one after the other, the last one for good."""

    async def whole(house: House) -> None:
        house.engine.page = lambda prompt: STYLED.format(looks[min(len(prompts(house)), len(looks)) - 1]) + SITE
        await scene(house)

    model = folder / "large"
    model.mkdir()
    play(folder, whole, model=model)


def kept(house: House, *looks: str) -> list[bool]:
    """Of the last prompts, whether each is told of a look."""
    return [KEPT.format(look) in prompt for look, prompt in zip(looks, prompts(house)[-len(looks) :], strict=True)]


def test_a_site_keeps_its_look(tmp_path: Path) -> None:
    """Whatever was drawn for it, by a link, a form or an address. Another site has its own."""

    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine about rocks", "web"))
        second = await visitor.page(click(first, "Granite", "/wiki"))
        await visitor.page(Act(second.page, Target("form", "Go", "/wiki", form={"q": "basalt"})))
        await visitor.page(Navigate("/shop/hammer"))
        await visitor.page(Prompt("a shop for kettles", "web"))
        assert kept(house, *["retro grape airy"] * 5) == [False, True, True, True, False]

    full_over_the_kit(tmp_path, scene, "retro grape airy")


def test_a_look_that_a_visitor_asked_for_stays(tmp_path: Path) -> None:
    """An edit is told of the look as it is, and the next page of the look as it has become; another version, too."""

    async def scene(house: House) -> None:
        visitor = await house.visitor()
        await visitor.page(Prompt("a magazine about rocks", "web"))
        dark = await visitor.page(Prompt("make it dark", edit=True))
        await visitor.page(click(dark, "Granite", "/wiki"))
        await visitor.page(Prompt("use a serif font", edit=True))
        await visitor.page(Navigate("/wiki/granite", fresh=True))
        told = kept(house, "cards mint", "cards mint dark", "cards mint dark serif", "cards mint dark serif")
        assert told == [True, True, True, True]

    full_over_the_kit(tmp_path, scene, "cards mint", "cards mint dark", "cards mint dark serif")


def test_a_page_made_ahead_of_a_change_is_made_anew(tmp_path: Path) -> None:
    """One that stands in the visitor's history stays as it is, and so does one in the look that its site has still."""

    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine about rocks", "web"))
        known = await visitor.page(click(first, "Granite", "/wiki"))
        for name in ("Basalt", "Slate"):
            await visitor.send(Prefetch(known.page, Target("a", name, "/wiki")))
            await visitor.until(lambda name=name: f"/wiki/{name.lower()}" in visitor.own.archive.latest)
        made = len(prompts(house))
        await visitor.page(click(known, "Basalt", "/wiki"))
        assert len(prompts(house)) == made
        dark = await visitor.page(Prompt("make it dark", edit=True))
        await visitor.page(click(dark, "Slate", "/wiki"))
        assert kept(house, "cards mint", "cards mint dark") == [True, True]
        assert (await visitor.page(click(dark, "Granite", "/wiki"))).page == known.page

    full_over_the_kit(tmp_path, scene, *["cards mint"] * 4, "cards mint dark")


def test_a_desktop_keeps_its_look(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        connections = await visitor.page(Prompt("my desktop", "os"))
        mail = await visitor.page(Act(connections.page, Target("button", "Mail")))
        await visitor.page(Act(mail.page, Target("button", "Notes")))
        assert kept(house, *["retro sun"] * 3) == [False, True, True]

    full_over_the_kit(tmp_path, scene, "retro sun")


def test_a_shared_site_keeps_its_look_in_another_session(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        one, other = await house.visitor(), await house.visitor()
        page = await one.page(Prompt("a magazine about rocks", "web"))
        await other.own.handle(Open(page.page))
        copy = other.own.archive.history.current
        assert copy
        await other.own.handle(Act(copy, Target("a", "Granite", "/wiki")))
        assert kept(house, "terminal lime mono") == [True]

    full_over_the_kit(tmp_path, scene, "terminal lime mono")


def test_a_page_with_its_own_styles_leaves_no_look(tmp_path: Path) -> None:
    """Its site goes on with what was drawn for the session."""

    async def scene(house: House) -> None:
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine about rocks", "web"))
        await visitor.page(click(first, "Granite", "/wiki"))
        drawn = {style(prompt) for prompt in prompts(house)}
        assert len(drawn) == 1
        assert drawn <= set(KIT_STYLES["web"])

    full(tmp_path, scene, "<style>p{color:red}</style>" + SITE, card="")


def test_a_small_model_is_asked_for_the_looks_that_it_knows(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        house.engine.page = lambda prompt: STYLED.format("retro grape") + SITE
        visitor = await house.visitor()
        first = await visitor.page(Prompt("a magazine about rocks", "web"))
        await visitor.page(click(first, "Granite", "/wiki"))
        await visitor.page(Prompt("make it dark", edit=True))
        assert {style(prompt) for prompt in prompts(house)} == {"plain mint"}

    full(tmp_path, scene, card='{"dialect": "anchored", "carries": true, "styles": {"web": ["plain mint"]}}')
