"""Pages made ahead of a click, and pages taken over from other visitors."""

from pathlib import Path

from backend.auth.client import ClientIdentity
from backend.auth.quota import Allowance, Quota
from backend.composer import seeded_choices
from backend.protocol.messages import Act, Go, Open, PageCommit, Prefetch, Prompt, Target
from backend.storage.records import PageRecord
from tests.support.clients import Visitor
from tests.support.scenes import House, click, play, refused


def ahead(page: PageCommit, text: str) -> Prefetch:
    return Prefetch(page.page, Target("a", text, "/wiki"))


async def at_tides(house: House) -> tuple[Visitor, PageCommit]:
    visitor = await house.visitor()
    return visitor, await visitor.page(Prompt("tides", "web"))


async def made(visitor: Visitor, url: str) -> PageRecord:
    """A page of the visitor's, once it is made ahead."""
    await visitor.until(lambda: url in visitor.own.archive.latest)
    return await visitor.own.archive.page(visitor.own.archive.latest[url])


def test_a_page_made_ahead_is_there_when_it_is_asked_for(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, page = await at_tides(house)
        told = len(visitor.messages)
        await visitor.send(ahead(page, "Moon"))
        record = await made(visitor, "/wiki/moon")
        assert len(visitor.messages) == told
        assert visitor.own.archive.history.entries == [page.page]
        asked = len(house.engine.submitted)
        moon = await visitor.page(click(page, "Moon", "/wiki"))
        assert (moon.page, moon.html, moon.index) == (record.id, record.html, 1)
        assert len(house.engine.submitted) == asked

    play(tmp_path, scene)


def test_it_is_the_page_that_a_click_would_have_made(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, page = await at_tides(house)
        await visitor.send(ahead(page, "Moon"))
        record = await made(visitor, "/wiki/moon")
        assert record.seed == seeded_choices.seed(visitor.own.key, "/wiki/moon")
        ahead_of, _ = house.engine.submitted[-1]
        visitor.own.archive.latest.pop("/wiki/moon")
        clicked = await visitor.page(click(page, "Moon", "/wiki"))
        assert clicked.html == record.html
        assert house.engine.submitted[-1][0] == ahead_of
        assert house.engine.submitted[-1][1].seed == record.seed

    play(tmp_path, scene)


def test_one_that_is_asked_for_too_early_goes_on(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, page = await at_tides(house)
        house.engine.gate.clear()
        await visitor.send(ahead(page, "Moon"))
        asked, cancelled = len(house.engine.submitted), house.engine.cancelled
        await visitor.send(click(page, "Moon", "/wiki"))
        assert visitor.started[-1].url == "/wiki/moon"
        house.engine.gate.set()
        await visitor.until(lambda: not visitor.own.job)
        assert isinstance(visitor.final[-1], PageCommit)
        assert visitor.final[-1].url == "/wiki/moon"
        assert (len(house.engine.submitted), house.engine.cancelled) == (asked, cancelled)

    play(tmp_path, scene)


def test_it_gives_way_to_anything_else(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, page = await at_tides(house)
        other = await house.visitor()
        for do, who in ((Prompt("lava", "web"), other), (Prompt("coral", "web"), visitor), (Go(0), visitor)):
            house.engine.gate.clear()
            await visitor.send(ahead(page, "Moon"))
            cancelled = house.engine.cancelled
            await who.send(do)
            assert house.engine.cancelled == cancelled + 1
            house.engine.gate.set()
            await who.until(lambda who=who: not who.own.job)
        assert "/wiki/moon" not in visitor.own.archive.latest

    play(tmp_path, scene)


def test_nothing_is_made_ahead_while_something_is_made_or_of_a_form(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, page = await at_tides(house)
        house.engine.gate.clear()
        await visitor.send(Prompt("lava", "web"))
        asked = len(house.engine.submitted)
        await visitor.send(ahead(page, "Moon"))
        assert len(house.engine.submitted) == asked
        house.engine.gate.set()
        await visitor.until(lambda: not visitor.own.job)
        await visitor.send(Prefetch(page.page, Target("form", "Go", "/wiki", form={"q": "moon"})))
        assert len(house.engine.submitted) == asked

    play(tmp_path, scene)


def test_it_counts_as_a_page_of_its_token_once(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor = await house.visitor()
        visitor.own.identity = ClientIdentity(quota=Quota(Allowance(pages_per_minute=3, pages=1)))
        page = await visitor.page(Prompt("tides", "web"))
        house.engine.gate.clear()
        await visitor.send(ahead(page, "Moon"))
        await visitor.send(click(page, "Moon", "/wiki"))
        assert visitor.started[-1].url == "/wiki/moon"
        house.engine.gate.set()
        await visitor.until(lambda: not visitor.own.job)
        await visitor.page(Prompt("lava", "web"))
        asked = len(house.engine.submitted)
        await visitor.send(ahead(page, "Sun"))
        assert (len(house.engine.submitted), visitor.errors) == (asked, [])
        with refused("rate_limited", "expected at most 3 pages a minute"):
            await visitor.send(click(page, "Sun", "/wiki"))
        assert len(house.engine.submitted) == asked

    play(tmp_path, scene)


def test_a_shared_page_is_a_copy(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, page = await at_tides(house)
        other = await house.visitor()
        copy = await other.page(Open(page.page))
        assert (copy.html, copy.title, copy.url, copy.index) == (page.html, page.title, page.url, 0)
        assert copy.page != page.page
        edited = await other.page(Prompt("make it dark", edit=True))
        assert edited.base == copy.page
        assert house.engine.submitted[-1][1].canvas
        assert (await visitor.page(Go(0))).html == page.html
        assert (await other.page(Open(copy.page))).page == copy.page

    play(tmp_path, scene)


def test_what_is_not_shared(tmp_path: Path) -> None:
    async def scene(house: House) -> None:
        visitor, page = await at_tides(house)
        form = Act(page.page, Target("form", "Go", "/wiki", form={"q": "my own name"}))
        private = await visitor.page(form)
        assert private.private
        edited = await visitor.page(Prompt("make it dark", edit=True))
        assert edited.private
        other = await house.visitor()
        for secret in (private.page, edited.page, "nothing"):
            with refused("unknown_page", "expected a page that was shared"):
                await other.own.handle(Open(secret))
        assert (await visitor.page(Open(private.page))).page == private.page

    play(tmp_path, scene)
