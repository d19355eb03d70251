"""A visit: from the start screen over a page that develops to its links, and back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Visit
from tests.browser.pages import LINKS
from tests.browser.scripted import STEPS

pytestmark = pytest.mark.browser
ASK = "an encyclopedia article about volcanoes"


def test_the_start_screen_offers_three_worlds(visit: Visit) -> None:
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask for a page and watch it develop.")
    assert page.get_by_role("heading", level=2).all_text_contents() == ["Web", "Desktop", "App"]
    page.get_by_role("button", name="App", exact=True).click()
    expect(page.get_by_role("radio", name="App")).to_be_checked()
    expect(page.get_by_role("textbox", name="What should the page be?")).to_be_focused()
    page.get_by_role("button", name="An encyclopedia article about volcanoes").click()
    visit.ready("Volcano")
    assert page.title() == "Volcano · Silverprint"
    page.get_by_role("button", name="Silverprint, start screen").click()
    expect(page.locator(".start")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator(".start")).to_be_hidden()


def test_a_page_develops_through_many_drafts(visit: Visit, tmp_path: Path) -> None:
    visit.service.engine.until = 2
    visit.ask(ASK)
    drafts: list[str] = []
    for step in (4, 6, 8, 10, 12, STEPS, STEPS + 5, STEPS + 9):
        visit.hold(step)
        drafts.append(visit.draft().locator("body").inner_html())
        visit.page.screenshot(path=tmp_path / f"{step}.png")
    assert len(set(drafts)) == 8
    assert "sp-latent" in drafts[2]
    assert not any("<script" in draft for draft in drafts)
    expect(visit.page.get_by_role("region", name="The page")).to_have_attribute("aria-busy", "true")
    visit.service.engine.until = float("inf")
    live = visit.ready("Volcano")
    expect(visit.page.get_by_role("region", name="The page")).to_have_attribute("aria-busy", "false")
    assert "sp-latent" not in live.content()
    assert live.locator("nav.tiles a").all_text_contents() == list(LINKS)


def test_morphing_keeps_elements(visit: Visit) -> None:
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(10)
    visit.draft().evaluate("document.querySelector('main').mark = 'kept'")
    visit.hold(STEPS + 8)
    expect(visit.draft().locator("h1")).to_have_text("Volcano")
    assert visit.draft().evaluate("document.querySelector('main').mark") == "kept"


def test_a_link_leads_on_and_back_shows_the_first_page_at_once(visit: Visit) -> None:
    visit.ask(ASK)
    first = visit.ready("Volcano")
    address, content = first.url, first.content()
    asked = len(visit.service.engine.prompts)
    first.get_by_role("link", name="Plate tectonics").click()
    second = visit.ready("Plate Tectonics")
    assert second.locator("h1").inner_text() == "Plate Tectonics"
    expect(visit.page.get_by_role("textbox", name="Address")).to_have_value("/wiki/plate_tectonics")
    visit.page.get_by_role("button", name="Back", exact=True).click()
    again = visit.ready("Volcano")
    assert (again.url, again.content()) == (address, content)
    visit.page.keyboard.press("Alt+ArrowRight")
    assert visit.ready("Plate Tectonics").url == second.url
    assert len(visit.service.engine.prompts) == asked + 1


def test_a_form_leads_on(visit: Visit) -> None:
    visit.ask(ASK)
    live = visit.ready("Volcano")
    live.get_by_role("textbox", name="Search").fill("Soft pretzel")
    live.get_by_role("button", name="Go").click()
    visit.ready("Soft Pretzel")
    expect(visit.page.get_by_role("textbox", name="Address")).to_have_value("/wiki/soft_pretzel")


def test_a_bare_button_leads_on(visit: Visit) -> None:
    visit.ask("my desktop", "Desktop")
    live = visit.ready("Desktop")
    live.get_by_role("button", name="Notes").click()
    visit.ready("Notes")
    assert "open: Notes" in visit.service.engine.prompts[-1]


def test_scripts_of_a_committed_page_work(visit: Visit) -> None:
    visit.ask("a to-do app with sorting and dark mode", "App")
    live = visit.ready("Groceries")
    asked = len(visit.service.engine.prompts)
    live.get_by_role("textbox", name="New item").fill("apples")
    live.get_by_role("button", name="Add").click()
    live.get_by_role("button", name="Sort A-Z").click()
    assert live.locator("li span").all_text_contents() == ["a lemon", "apples", "coffee", "rye bread"]
    assert live.locator(".left").inner_text() == "4 left"
    live.get_by_role("button", name="Dark mode").click()
    assert live.evaluate("document.documentElement.className") == "alt"
    assert len(visit.service.engine.prompts) == asked


def test_what_a_visitor_does_to_a_draft_outlives_the_commit(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 900, "height": 420})
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(STEPS + 10)
    draft = visit.draft()
    visit.enter(draft.get_by_role("textbox", name="Search"), "obsidian")
    draft.evaluate("scrollTo(0, 90)")
    visit.service.engine.until = float("inf")
    live = visit.ready("Volcano")
    assert live.get_by_role("textbox", name="Search").input_value() == "obsidian"
    assert live.evaluate("[scrollY, document.activeElement.name]") == [90, "q"]


def test_what_was_typed_into_a_draft_stays_while_the_focus_is_elsewhere(visit: Visit) -> None:
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(STEPS + 10)
    visit.enter(visit.draft().get_by_role("textbox", name="Search"), "obsidian")
    prompt = visit.page.get_by_role("textbox", name="What should the page be?")
    prompt.press_sequentially("and")
    visit.service.engine.until = float("inf")
    live = visit.ready("Volcano")
    visit.page.keyboard.type(" then")
    assert live.get_by_role("textbox", name="Search").input_value() == "obsidian"
    expect(prompt).to_have_value("and then")


def test_stopping_keeps_what_was_committed(visit: Visit) -> None:
    visit.service.engine.until = STEPS + 3
    visit.ask(ASK)
    visit.hold(STEPS + 3)
    visit.page.get_by_role("button", name="Stop").click()
    expect(visit.page.get_by_role("status")).to_have_text("Page stopped")
    expect(visit.page.get_by_role("button", name="Reload")).to_be_enabled()
    expect(visit.page.frame_locator(".stage iframe:not(.waiting)").frame_locator("iframe").locator("h1")).to_have_text(
        "Volcano"
    )


def test_the_canvas_view_shows_tokens_settling(visit: Visit) -> None:
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(8)
    visit.page.get_by_role("button", name="Canvas").click()
    states = visit.page.locator(".cell").evaluate_all("cells => cells.map(cell => cell.dataset.state)")
    assert len(states) == 128
    assert {"settled", "unsettled"} <= set(states)
    expect(visit.page.locator(".strip .facts")).to_contain_text("% settled")
    visit.hold(STEPS + 4)
    visit.service.engine.until = float("inf")
    expect(visit.page.get_by_role("status")).to_have_text("Page ready: Volcano")
    assert visit.page.locator(".canvases h3").all_text_contents() == ["Canvas 1", "Canvas 2"]
    expect(visit.page.locator(".strip .facts")).to_contain_text(f"{STEPS}+{STEPS} steps")


def test_an_edit_changes_the_page(visit: Visit) -> None:
    visit.ask("a to-do app", "App")
    live = visit.ready("Groceries")
    visit.page.get_by_role("checkbox", name="Change this page").check()
    visit.page.get_by_role("textbox", name="What should the page be?").fill("make it dark")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_role("checkbox", name="Change this page")).not_to_be_checked()
    visit.ready("Groceries", live)
    assert "edit: make it dark" in visit.service.engine.prompts[-1]


def test_an_error_is_said_and_gives_the_words_back(visit: Visit) -> None:
    visit.page.get_by_role("textbox", name="Address").fill("/")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".notice")).to_be_visible()
    visit.page.get_by_role("button", name="Dismiss").click()
    expect(visit.page.locator(".notice")).to_be_hidden()


def test_keys(visit: Visit) -> None:
    visit.page.keyboard.press("/")
    expect(visit.page.get_by_role("textbox", name="What should the page be?")).to_be_focused()
    visit.service.engine.until = 3
    visit.page.keyboard.type(ASK)
    visit.page.keyboard.press("Enter")
    visit.hold(3)
    visit.page.keyboard.press("Escape")
    expect(visit.page.get_by_role("status")).to_have_text("Page stopped")


def test_a_reloaded_tab_resumes_its_session(visit: Visit) -> None:
    visit.ask(ASK)
    content = visit.ready("Volcano").content()
    visit.page.reload()
    assert visit.ready("Volcano").content() == content
    visit.service.engine.until = 4
    visit.ask("an encyclopedia article about lava")
    visit.hold(4)
    visit.page.reload()
    visit.hold(10)
    visit.service.engine.until = float("inf")
    visit.ready("Lava")
    visit.page.get_by_role("button", name="Back", exact=True).click()
    assert visit.ready("Volcano").content() == content


def test_light_and_dark(visit: Visit) -> None:
    shell = visit.page.locator("silverprint-shell")
    expect(shell).to_have_attribute("tone", "light")
    visit.page.emulate_media(color_scheme="dark")
    expect(shell).to_have_attribute("tone", "dark")
    visit.page.get_by_role("button", name="Light or dark").click()
    expect(shell).to_have_attribute("tone", "light")
    visit.page.reload()
    expect(shell).to_have_attribute("tone", "light")


def test_a_small_screen_shows_everything(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 640})
    assert overflow(page) == 0
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(9)
    assert overflow(page) == 0
    for name in ("Back", "Stop", "Canvas", "Final only", "Light or dark", "Select", "Develop"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["y"] + box["height"] <= 640


def overflow(page: Page) -> int:
    """Pixels by which the document is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_a_lost_connection_comes_back(visit: Visit) -> None:
    sockets: list[WebSocketRoute] = []

    def through(route: WebSocketRoute) -> None:
        route.connect_to_server()
        sockets.append(route)

    visit.page.route_web_socket(re.compile("/ws$"), through)
    visit.page.reload()
    visit.service.engine.until = 4
    visit.ask(ASK)
    visit.hold(4)
    sockets[-1].close()
    visit.hold(10)
    visit.service.engine.until = float("inf")
    visit.ready("Volcano")
    assert len(sockets) == 2
    expect(visit.page.locator(".notice")).to_be_hidden()


def test_json_serves_where_messagepack_does_not_load(visit: Visit) -> None:
    visit.page.route("**/vendor/msgpack/**", lambda route: route.abort())
    visit.page.reload()
    visit.ask(ASK)
    visit.ready("Volcano")
    visit.complained("ERR_FAILED")
    assert all("ERR_FAILED" in complaint for complaint in visit.complaints)
