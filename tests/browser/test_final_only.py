"""Pages without their drafts, for those whom drafts disturb: by the visitor's choice or the attribute of the shell."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.scripted import STEPS

pytestmark = pytest.mark.browser
ASK = "an encyclopedia article about volcanoes"
SHOWN = ".stage iframe:not(.waiting)"


def test_the_page_on_view_stays_until_the_next_is_final(visit: Visit) -> None:
    page = visit.page
    final = page.get_by_role("button", name="Final only")
    expect(final).to_have_attribute("aria-pressed", "false")
    final.click()
    expect(final).to_have_attribute("aria-pressed", "true")
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(STEPS + 4)
    expect(page.locator(SHOWN)).to_have_count(0)
    expect(page.locator(".sign")).to_be_visible()
    expect(page.get_by_role("region", name="The page")).to_have_attribute("aria-busy", "true")
    visit.service.engine.until = float("inf")
    live = visit.ready("Volcano")
    expect(page.locator(".sign")).to_be_hidden()
    visit.service.engine.until = 2
    live.get_by_role("link", name="Lava").click()
    visit.hold(STEPS + 4)
    expect(page.locator(f"{SHOWN}[src*='/frame/live/'][title='Volcano']")).to_have_count(1)
    assert visit.draft().locator("body").inner_html().strip() == ""
    expect(page.get_by_role("progressbar", name="Developing")).to_be_visible()
    expect(page.locator(".sign")).to_be_visible()
    page.get_by_role("button", name="Canvas").click()
    assert page.locator(".cell").count() >= 128
    page.get_by_role("button", name="Page", exact=True).click()
    visit.service.engine.until = float("inf")
    visit.ready("Lava")
    page.get_by_role("button", name="Replay").click()
    expect(page.locator(f"{SHOWN}[src$='/frame/draft']")).to_have_count(1)
    expect(page.frame_locator(SHOWN).frame_locator("iframe").locator("h1")).to_have_text("Lava")
    visit.service.engine.until = 2
    visit.ask(ASK + " of Iceland")
    visit.hold(4)
    expect(page.locator(f"{SHOWN}[title='Lava']")).to_have_count(1)
    visit.service.engine.until = float("inf")
    expect(page.get_by_role("region", name="The page")).to_have_attribute("aria-busy", "false")


def test_the_choice_is_kept_and_can_be_changed_while_a_page_develops(visit: Visit) -> None:
    page = visit.page
    page.emulate_media(reduced_motion="reduce")
    final = page.get_by_role("button", name="Final only")
    expect(final).to_have_attribute("aria-pressed", "false")
    final.click()
    page.reload()
    expect(final).to_have_attribute("aria-pressed", "true")
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(12)
    expect(page.locator(SHOWN)).to_have_count(0)
    final.click()
    expect(page.locator(f"{SHOWN}[src$='/frame/draft']")).to_have_count(1)
    final.click()
    expect(page.locator(SHOWN)).to_have_count(0)
    visit.service.engine.until = float("inf")
    visit.ready("Volcano")


def test_stopping(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("button", name="Final only").click()
    visit.service.engine.until = STEPS + 3
    visit.ask(ASK)
    visit.hold(STEPS + 3)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status")).to_have_text("Page stopped")
    expect(page.frame_locator(SHOWN).frame_locator("iframe").locator("h1")).to_have_text("Volcano")
    visit.service.engine.until = 2
    visit.ask("an encyclopedia article about lava")
    visit.hold(4)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".notice")).to_contain_text("Nothing of this page was finished")
    expect(page.frame_locator(SHOWN).frame_locator("iframe").locator("h1")).to_have_text("Volcano")
    expect(page.locator(".sign")).to_be_hidden()
    expect(page.get_by_role("button", name="Select")).to_be_disabled()


def test_what_a_visitor_does_while_an_edit_develops_is_kept(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Final only").click()
    visit.ask(ASK)
    live = visit.ready("Volcano")
    visit.service.engine.until = 2
    visit.page.get_by_role("checkbox", name="Change this page").check()
    visit.ask("make it dark")
    visit.hold(STEPS + 2)
    visit.enter(live.get_by_role("textbox", name="Search"), "obsidian")
    visit.service.engine.until = float("inf")
    again = visit.ready("Volcano", live)
    expect(visit.page.get_by_role("region", name="The page")).to_have_attribute("aria-busy", "false")
    expect(again.get_by_role("textbox", name="Search")).to_have_value("obsidian")


def test_the_attribute_decides(visit: Visit) -> None:
    page = visit.page
    shell = page.locator("silverprint-shell")
    shell.evaluate("shell => shell.setAttribute('drafts', 'off')")
    expect(page.get_by_role("button", name="Final only")).to_be_hidden()
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(12)
    expect(page.locator(SHOWN)).to_have_count(0)
    shell.evaluate("shell => shell.removeAttribute('drafts')")
    expect(page.locator(f"{SHOWN}[src$='/frame/draft']")).to_have_count(1)
    expect(page.get_by_role("button", name="Final only")).to_be_visible()
