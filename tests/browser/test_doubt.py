"""A visitor is told of a page that the model was not sure of, and can ask for what it knows instead."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from backend.sessions.notifier import HARDLY_SEEN, KNOWS
from tests.browser.conftest import Service, Visit, serving, visiting
from tests.browser.scripted import ScriptedEngine
from tests.browser.test_shell import overflow

pytestmark = pytest.mark.browser
ARTICLE = "an encyclopedia article about the volcanoes of Iceland and its islands"
CARD = {
    "dialect": "terse",
    "worlds": ["any", "web", "os", "app"],
    "styles": {"any": ["paper mint"]},
    "kinds": {
        "web": {"article": [ARTICLE]},
        "app": {"snake": ["a snake game"], "power": ["a power plant simulator"], "tip": ["a tip splitter"]},
    },
    "doubt": {"bias": -2, "weights": {"surprisal": 2}, "threshold": 0.6},
}
SURE, UNSURE = [0.1] * 90, [2.0] * 90
NEAREST = ["a power plant simulator", "a snake game", ARTICLE]
STRANGE = "a power plant in Iceland with snakes"
SAID = f"{HARDLY_SEEN} {KNOWS} {'; '.join(NEAREST)}"


def write(prompt: str) -> str:
    """A page that says what was asked for, and does as if it were an application."""
    name = "Snake" if "a snake game" in prompt else "Plant"
    return f"<title>{name}</title><body class=app><h1>{name}</h1><p>Here it is.</p>"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose checkpoint says how its doubt is measured."""
    folder = tmp_path_factory.mktemp("service")
    model = folder / "unsure" / "model"
    model.mkdir(parents=True)
    (model / "silverprint.json").write_text(json.dumps(CARD))
    engine = ScriptedEngine(write)
    with serving(engine, folder, model=model, prefetch=False) as address:
        yield Service(address, engine)


@pytest.fixture
def visit(chromium: Browser, service: Service) -> Iterator[Visit]:
    service.engine.until, service.engine.surprisal = float("inf"), UNSURE
    with visiting(chromium, service) as visit:
        yield visit


def line(visit: Visit) -> Locator:
    return visit.page.get_by_role("region", name="Doubt")


def doubted(visit: Visit) -> None:
    """Ask for what the model does not know, and wait until the line says so."""
    visit.say(STRANGE)
    expect(line(visit)).to_be_visible()


def test_a_page_in_doubt_says_so_once_it_is_there(visit: Visit) -> None:
    visit.service.engine.until = 2
    visit.say(STRANGE)
    visit.hold(3)
    expect(line(visit)).to_be_hidden()
    visit.service.engine.until = float("inf")
    expect(line(visit)).to_contain_text(f"{HARDLY_SEEN} {KNOWS}")
    assert line(visit).get_by_role("listitem").all_inner_texts() == NEAREST
    expect(visit.page.get_by_role("status")).to_have_text(f"Page ready: Plant. {SAID}")
    expect(visit.page.get_by_role("alert")).to_have_count(0)
    expect(visit.page.locator(".notice")).to_be_hidden()


def test_a_kind_is_asked_for_in_its_world_and_the_line_is_gone_with_the_next_page(visit: Visit) -> None:
    doubted(visit)
    asked = len(visit.service.engine.prompts)
    visit.service.engine.surprisal, visit.service.engine.until = SURE, 2
    line(visit).get_by_role("button", name="a snake game").click()
    visit.hold(3)
    expect(line(visit)).to_be_hidden()
    assert visit.service.engine.prompts[asked:] == ["app\nask: a snake game\nstyle: paper mint"]
    visit.service.engine.until = float("inf")
    visit.ready("Snake")
    expect(line(visit)).to_be_hidden()
    visit.page.get_by_role("button", name="Back", exact=True).click()
    visit.ready("Plant")
    expect(line(visit)).to_be_hidden()  # it was said when the page was made


def test_a_page_that_the_model_is_sure_of_and_a_change_say_nothing(visit: Visit) -> None:
    visit.service.engine.surprisal = SURE
    visit.say("a snake game")
    visit.ready("Snake")
    expect(line(visit)).to_be_hidden()
    visit.service.engine.surprisal = UNSURE
    visit.page.get_by_role("checkbox", name="Change this page").check()
    visit.say("make it levitate")
    expect(visit.page.locator(".notice")).to_contain_text("Nothing changed")
    expect(line(visit)).to_be_hidden()


def test_keys_reach_and_dismiss_it(visit: Visit) -> None:
    doubted(visit)
    box = visit.page.get_by_role("textbox", name="What should the page be?")
    line(visit).get_by_role("button", name=NEAREST[0]).focus()
    for name in (*NEAREST[1:], "Dismiss"):
        visit.page.keyboard.press("Tab")
        expect(line(visit).get_by_role("button", name=name)).to_be_focused()
    visit.page.keyboard.press("Enter")
    expect(line(visit)).to_be_hidden()
    expect(box).to_be_focused()
    doubted_again = f"{STRANGE} again"
    visit.say(doubted_again)
    expect(line(visit)).to_be_visible()
    visit.page.keyboard.press("Escape")
    expect(line(visit)).to_be_hidden()


def test_the_start_screen_is_not_in_doubt(visit: Visit) -> None:
    doubted(visit)
    visit.page.get_by_role("button", name="Silverprint, start screen").click()
    expect(line(visit)).to_be_hidden()
    visit.page.get_by_role("button", name="Back", exact=True).click()
    expect(line(visit)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_all_of_it_is_there(visit: Visit, scheme: str, tmp_path: Path) -> None:
    page = visit.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 390, "height": 844})
    doubted(visit)
    assert overflow(page) == 0
    for name in (*NEAREST, "Dismiss"):
        box = line(visit).get_by_role("button", name=name).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 24
    whole, below = line(visit).bounding_box(), page.locator(".composer").bounding_box()
    assert whole
    assert below
    assert whole["y"] + whole["height"] <= below["y"]


def test_a_host_that_wants_one_world_offers_no_other(visit: Visit) -> None:
    visit.page.locator("silverprint-shell").evaluate("shell => shell.setAttribute('world', 'web')")
    doubted(visit)
    assert line(visit).get_by_role("listitem").all_inner_texts() == [ARTICLE]
    visit.page.locator("silverprint-shell").evaluate("shell => shell.setAttribute('world', 'os')")
    visit.say(f"{STRANGE} again")
    visit.until(lambda: line(visit).inner_text().strip() == HARDLY_SEEN)
    expect(line(visit).get_by_role("listitem")).to_have_count(0)


def test_a_host_that_shows_the_page_alone_is_told(visit: Visit) -> None:
    shell = visit.page.locator("silverprint-shell")
    shell.evaluate("shell => shell.setAttribute('controls', 'none')")
    told = shell.evaluate(
        "shell => new Promise(done => { shell.addEventListener('silverprint-commit', ({ detail }) => done(detail));"
        f" shell.prompt({json.dumps(STRANGE)}); }})"
    )
    assert [kind["ask"] for kind in told["doubt"]["kinds"]] == NEAREST
    expect(line(visit)).to_be_hidden()
