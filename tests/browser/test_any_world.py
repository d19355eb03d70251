"""A visitor who names no world gets what the words are best answered by; and hears it when a change came to nothing."""

import json
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import PATIENCE_MS, Service, Visit, serving, visiting
from tests.browser.scripted import STEPS, ScriptedEngine

pytestmark = pytest.mark.browser
CARD = {"dialect": "terse", "worlds": ["any", "web", "os", "app"], "styles": {"any": ["paper mint"]}}
FILLER = "".join(f"<p>Row {at} of the field.</p>" for at in range(60))
SNAKE = f"<title>Snake</title><body class=app><h1>Snake</h1><button type=button>Start</button>{FILLER}"
TIDES = "<title>Tides</title><header><a href=/home>Ember</a></header><h1>Tides</h1><p><a href=/wiki>Moon</a> pulls.</p>"
MOON = "<title>Moon</title><h1>Moon</h1><p>Far away.</p>"
UNCHANGED = "Nothing changed: the page came out as it was. Try saying it another way."


def write(prompt: str) -> str:
    """A game for a game, whatever is changed about it; an article for tides; the page that a link leads to."""
    return SNAKE if "snake" in prompt else MOON if "\nopen: " in prompt else TIDES


@pytest.fixture(scope="module")
def origins(site: ThreadingHTTPServer) -> tuple[str, ...]:
    return (f"http://127.0.0.1:{site.server_port}",)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, origins: tuple[str, ...]) -> Iterator[Service]:
    """A service whose model chooses."""
    folder = tmp_path_factory.mktemp("service")
    model = folder / "choosing" / "model"
    model.mkdir(parents=True)
    (model / "silverprint.json").write_text(json.dumps(CARD))
    engine = ScriptedEngine(write)
    with serving(engine, folder, model=model, prefetch=False, origins=origins) as address:
        yield Service(address, engine)


@pytest.fixture
def visit(chromium: Browser, service: Service) -> Iterator[Visit]:
    service.engine.until, service.engine.write = float("inf"), write
    with visiting(chromium, service) as visit:
        yield visit


def address(visit: Visit) -> Locator:
    return visit.page.get_by_role("textbox", name="Address")


def say(visit: Visit, text: str) -> None:
    """Write a prompt and send it, whatever the switch says."""
    visit.page.get_by_role("textbox", name="What should the page be?").fill(text)
    visit.page.keyboard.press("Enter")


def test_a_prompt_names_no_world_and_the_address_follows_the_page(visit: Visit) -> None:
    asked = len(visit.service.engine.prompts)
    expect(visit.page.get_by_role("radio", name="Anything")).to_be_checked()
    visit.service.engine.until = 2
    say(visit, "a snake game")
    visit.hold(STEPS)
    expect(address(visit)).to_have_value("/any/a_snake_game")
    draft = visit.draft()
    draft.evaluate("self.mark = 'the same document'")
    visit.service.engine.until = float("inf")
    visit.ready("Snake")
    expect(address(visit)).to_have_value("/app/a_snake_game")
    assert visit.service.engine.prompts[asked:] == ["any\nask: a snake game\nstyle: paper mint"]
    assert visit.draft().evaluate("self.mark") == "the same document"
    shell = visit.page.locator("silverprint-shell")
    assert shell.evaluate("shell => shell.page.world") == "app"
    expect(visit.page.get_by_role("radio", name="Anything")).to_be_checked()
    visit.page.get_by_role("button", name="Back", exact=True).is_disabled()
    say(visit, "tides")
    page = visit.ready("Tides")
    expect(address(visit)).to_have_value("/tides")
    page.get_by_role("link", name="Moon").click()
    visit.ready("Moon")
    expect(address(visit)).to_have_value("/wiki/moon")
    assert visit.service.engine.prompts[-1].startswith("web\nopen: /wiki Moon\n")
    visit.page.get_by_role("button", name="Back", exact=True).click()
    visit.ready("Tides")
    visit.page.get_by_role("button", name="Back", exact=True).click()
    visit.ready("Snake")
    expect(address(visit)).to_have_value("/app/a_snake_game")


def test_a_visitor_may_still_say_which(visit: Visit) -> None:
    group = visit.page.get_by_role("group", name="What to make")
    assert group.get_by_role("radio").count() == 4
    group.get_by_role("radio", name="Anything").focus()
    for name in ("Web", "Desktop", "App"):
        visit.page.keyboard.press("ArrowRight")
        expect(group.get_by_role("radio", name=name)).to_be_checked()
        expect(group.get_by_role("radio", name=name)).to_be_focused()
    say(visit, "a snake game")
    visit.ready("Snake")
    assert visit.service.engine.prompts[-1].startswith("app\n")
    expect(group.get_by_role("radio", name="App")).to_be_checked()


@pytest.mark.parametrize(("attribute", "begins"), [("world=any", "any\n"), ("world=os", "os\n"), ("", "any\n")])
def test_a_site_may_say_which(
    attribute: str,
    begins: str,
    chromium: Browser,
    service: Service,
    site: ThreadingHTTPServer,
    origins: tuple[str, ...],
) -> None:
    service.engine.until, service.engine.write = float("inf"), write
    folder: Path = site.folder  # type: ignore[attr-defined]
    script = f'<script type=module src="{service.address}static/silverprint.js"></script>'
    (folder / "any.html").write_text(
        f"<!doctype html><link rel=icon href=data:,>{script}<silverprint-shell {attribute}></silverprint-shell>"
    )
    context = chromium.new_context(base_url=origins[0])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/any.html")
    expect(page.locator(".strip .edge")).to_have_text("model")
    expect(page.get_by_role("radio", name="Anything")).to_have_count(0 if attribute else 1)
    page.get_by_role("textbox", name="What should the page be?").fill("a snake game")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Page ready: Snake")
    assert service.engine.prompts[-1].startswith(begins)
    context.close()


def test_a_change_that_came_to_nothing_is_told(visit: Visit) -> None:
    say(visit, "a snake game")
    before = visit.ready("Snake")
    visit.page.get_by_role("checkbox", name="Change this page").check()
    say(visit, "make the snake faster")
    visit.frame("iframe[title='Snake'][src*='/frame/live/']:not(.waiting)")
    notice = visit.page.locator(".notice")
    expect(notice).to_contain_text(UNCHANGED)
    expect(visit.page.get_by_role("status")).to_have_text(UNCHANGED)
    assert before.is_detached() or before != visit.frame("iframe[title='Snake'][src*='/frame/live/']:not(.waiting)")
    visit.page.get_by_role("button", name="Undo change").click()
    visit.ready("Snake")
    expect(notice).to_be_hidden()
