"""The shell by axe-core: what a visitor meets in it, light and dark, wide and narrow."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Service, Visit
from tests.browser.pages import write
from tests.browser.scripted import STEPS

pytestmark = pytest.mark.browser
ASK = "an encyclopedia article about volcanoes"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": RULES,
    "rules": {"page-has-heading-one": {"enabled": False}},  # beyond the start screen, the heading is the page's own
    "resultTypes": ["violations"],
    "iframes": False,  # pages are the model's, and drafts are unfinished by nature
    "preload": False,
}


def violations(visit: Visit) -> list[str]:
    """Each broken rule with what breaks it."""
    found: list[dict[str, Any]] = Axe().run(visit.page, options=OPTIONS).response["violations"]
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.fixture(params=["light", "dark", "narrow"])
def visit(request: pytest.FixtureRequest, chromium: Browser, service: Service) -> Iterator[Visit]:
    """The shell as `visit` elsewhere, by day, by night, and on a phone."""
    service.engine.until, service.engine.write = float("inf"), write
    width = 390 if request.param == "narrow" else 1280
    scheme = "dark" if request.param == "dark" else "light"
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    visit = Visit(context.new_page(), service)
    visit.open()
    yield visit
    context.close()
    assert visit.complaints == []


def test_the_start_screen(visit: Visit) -> None:
    assert violations(visit) == []


def test_a_page_and_its_views(visit: Visit) -> None:
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(STEPS + 4)
    assert violations(visit) == []
    visit.page.get_by_role("button", name="Canvas", exact=True).click()
    expect(visit.page.locator("[data-state=unsettled].cell").first).to_be_visible()
    assert violations(visit) == []
    visit.page.get_by_role("button", name="Page", exact=True).click()
    visit.service.engine.until = float("inf")
    visit.ready("Volcano")
    assert violations(visit) == []
    visit.page.get_by_role("button", name="Canvas", exact=True).click()
    assert violations(visit) == []
    visit.page.get_by_role("button", name="Replay", exact=True).click()
    visit.page.get_by_role("slider", name="Moment").fill("3")
    assert violations(visit) == []


def test_what_an_edit_changed_and_a_notice(visit: Visit) -> None:
    visit.ask("a to-do app", "App")
    live = visit.ready("Groceries")
    visit.page.get_by_role("checkbox", name="Change this page").check()
    visit.ask("make it dark", "App")
    visit.ready("Groceries", live)
    visit.page.get_by_role("button", name="Changes").click()
    expect(visit.page.get_by_role("region", name="Changes").locator("p, span").first).to_be_visible()
    visit.share()
    assert violations(visit) == []
