"""Looking back: a page's development played again and saved, and the versions of a page that edits make."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit
from tests.browser.pages import write
from tests.browser.scripted import STEPS

pytestmark = pytest.mark.browser
ASK = "an encyclopedia article about volcanoes"
MARKING = """
  self.marked = [];
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (...how) {
    marked.push(this.localName);
    return animate.apply(this, how);
  };
"""


def rewrite(prompt: str) -> str:
    """What `write` gives; an edit renames the list and changes one item."""
    page = write(prompt)
    return page.replace("Groceries", "Chores").replace("coffee", "tea") if "\nedit: " in prompt else page


def develop(visit: Visit) -> None:
    """A page of which this tab sees more than the newest drafts, however slow it is."""
    visit.service.engine.until = 2
    visit.ask(ASK)
    for step in (2, 3, 8, STEPS + 4):
        visit.hold(step)
    visit.service.engine.until = float("inf")
    visit.ready("Volcano")


def edit(visit: Visit, words: str) -> None:
    visit.page.get_by_role("checkbox", name="Change this page").check()
    visit.page.get_by_role("textbox", name="What should the page be?").fill(words)
    visit.page.keyboard.press("Enter")


def test_a_development_is_played_again(visit: Visit) -> None:
    develop(visit)
    visit.page.get_by_role("button", name="Replay", exact=True).click()
    moment = visit.page.get_by_role("slider", name="Moment")
    expect(visit.page.locator(".replayed .cell")).to_have_count(256)
    last = int(moment.get_attribute("max") or 0)
    assert last > 2  # how many drafts are shown depends on the machine: the newest wins
    moment.fill("1")
    expect(visit.page.locator(".moment")).to_contain_text(re.compile(r"canvas 1step \d+/16[\d.]+ s0\.\d+ nats"))
    expect(visit.page.locator(".replayed .cell")).to_have_count(128)
    assert visit.page.locator(".replayed [data-state=unsettled]").count() > 40
    expect(visit.page.locator("iframe[src$='/frame/draft']:not(.waiting)")).to_have_count(1)
    expect(visit.draft().locator("h1")).to_have_count(0)
    visit.page.get_by_role("button", name="Play", exact=True).click()
    expect(visit.page.get_by_role("button", name="Pause")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(moment).to_have_value(str(last))
    expect(visit.draft().locator("h1")).to_have_text("Volcano")
    visit.page.get_by_role("button", name="Page", exact=True).click()
    expect(visit.page.locator(".player")).to_be_hidden()
    visit.ready("Volcano").get_by_role("link", name="Lava").click()
    visit.ready("Lava")


def test_a_new_page_ends_a_replay(visit: Visit) -> None:
    develop(visit)
    visit.page.get_by_role("button", name="Replay", exact=True).click()
    visit.page.get_by_role("slider", name="Moment").fill("3")
    visit.ask("a to-do app", "App")
    visit.ready("Groceries")
    expect(visit.page.locator(".player")).to_be_hidden()
    visit.page.get_by_role("button", name="Back", exact=True).click()
    visit.ready("Volcano")
    expect(visit.page.get_by_role("button", name="Replay", exact=True)).to_be_visible()


def test_a_saved_replay_is_a_file_of_its_own(visit: Visit, chromium: Browser, tmp_path: Path) -> None:
    develop(visit)
    visit.page.get_by_role("button", name="Replay", exact=True).click()
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="Save this replay").click()
    assert download.value.suggested_filename == "Volcano.html"
    download.value.save_as(tmp_path / "Volcano.html")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "Volcano.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("Volcano")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Volcano")
    page.get_by_role("slider", name="Moment").fill("0")
    expect(page.frame_locator("iframe").locator("h1")).to_have_count(0)
    expect(page.locator("output")).to_contain_text("canvas 1, step ")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Volcano")
    assert [url for url in asked if not url.startswith(("file:", "about:"))] == []
    assert complaints == []
    context.close()


def test_edits_can_be_undone_and_redone(visit: Visit) -> None:
    visit.service.engine.write = rewrite
    visit.ask("a to-do app", "App")
    visit.ready("Groceries")
    expect(visit.page.get_by_role("button", name="Undo change")).to_be_hidden()
    edit(visit, "rename it to Chores")
    visit.ready("Chores")
    visit.page.get_by_role("button", name="Undo change").click()
    visit.ready("Groceries")
    expect(visit.page.get_by_role("button", name="Undo change")).to_be_hidden()
    visit.page.keyboard.press("Control+Shift+Z")
    visit.ready("Chores")
    expect(visit.page.get_by_role("button", name="Redo change")).to_be_hidden()
    visit.page.keyboard.press("Control+Z")
    visit.ready("Groceries")
    expect(visit.page.get_by_role("textbox", name="Address")).to_have_value("/app/a_to-do_app")


def test_what_an_edit_changed_is_shown(visit: Visit) -> None:
    visit.page.add_init_script(MARKING)
    visit.page.reload()
    visit.service.engine.write = rewrite
    visit.ask("a to-do app", "App")
    visit.ready("Groceries")
    expect(visit.page.get_by_role("button", name="Changes")).to_be_hidden()
    edit(visit, "rename it to Chores")
    live = visit.ready("Chores")
    live.wait_for_function("() => marked.includes('h1')")
    visit.page.get_by_role("button", name="Changes").click()
    changes = visit.page.get_by_role("region", name="Changes")
    expect(changes.locator("ins").first).to_be_visible()
    assert "Chores" in changes.locator("ins").all_text_contents()
    assert "Groceries" in changes.locator("del").all_text_contents()
    expect(changes.locator("i").first).to_contain_text("lines as before")
    visit.page.get_by_role("button", name="Page", exact=True).click()
    visit.page.reload()
    visit.ready("Chores")
    visit.page.get_by_role("button", name="Changes").click()
    expect(changes).to_contain_text("does not have the version before")


def test_an_edit_keeps_what_the_visitor_did(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 900, "height": 420})
    visit.ask(ASK)
    live = visit.ready("Volcano")
    visit.enter(live.get_by_role("textbox", name="Search"), "obsidian")
    live.evaluate("scrollTo(0, 90)")
    edit(visit, "make it dark")
    again = visit.ready("Volcano", live)
    assert again.url != live.url
    assert again.get_by_role("textbox", name="Search").input_value() == "obsidian"
    assert again.evaluate("scrollY") == 90
