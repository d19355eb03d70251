"""Waiting in line: what a visitor sees and hears of it, and how it ends."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit
from tests.browser.test_access import violations

pytestmark = pytest.mark.browser
MAX_PAGES = 1
ASK = "an encyclopedia article about volcanoes"
HEARD = """() => {
  const live = document.querySelector('silverprint-shell').shadowRoot.querySelector('[role=status]');
  window.heard = [];
  const hear = new MutationObserver(() => window.heard.push(live.textContent));
  hear.observe(live, { childList: true, characterData: true });
}"""

LINE = """
  const { Line } = await import("/static/shell/queue-notice.js");
  Object.assign(window, { line: new Line(), said: [], shown: [] });
  line.addEventListener("say", event => said.push(event.detail));
  line.addEventListener("show", event => shown.push(event.detail));
"""


@pytest.fixture
def others(chromium: Browser, visit: Visit) -> Iterator[list[Visit]]:
    """Two more visitors, in browsers of their own; the page of the visit is held at its second step."""
    visit.service.engine.until = 2
    visit.ask(ASK)
    visit.hold(2)
    contexts = [chromium.new_context(reduced_motion="reduce") for _ in range(2)]
    visits = [Visit(context.new_page(), visit.service) for context in contexts]
    for other in visits:
        other.open()
        other.page.evaluate(HEARD)
    yield visits
    for context in contexts:
        context.close()
    assert [other.complaints for other in visits] == [[], []]


def test_what_is_said_aloud_is_no_flood(visit: Visit) -> None:
    """By a clock of the test's own: the first place at once, the newest after ten seconds, the turn at once."""
    page = visit.page
    page.clock.install()
    page.evaluate(f"async () => {{ {LINE} }}")
    said = "said.map(words => words.match(/[0-9]+|turn/)[0])"
    page.evaluate("for (const place of [9, 8, 7]) line.stand(place)")
    assert page.evaluate(said) == ["9"]
    page.clock.run_for(10_000)
    assert page.evaluate(said) == ["9", "7"]
    page.clock.run_for(60_000)
    assert page.evaluate(said) == ["9", "7"]
    page.evaluate("for (const place of [6, 5, 0]) line.stand(place)")
    assert page.evaluate(said) == ["9", "7", "6", "turn"]
    page.evaluate("for (const place of [2, 1]) line.stand(place); line.leave(); line.stand(0)")
    page.clock.run_for(60_000)
    assert page.evaluate(said) == ["9", "7", "6", "turn", "2"]
    assert page.evaluate("shown") == [9, 8, 7, 6, 5, 0, 2, 1, 0, 0]


def test_a_place_in_line_is_shown_and_said(visit: Visit, others: list[Visit]) -> None:
    second, third = others
    second.ask(ASK)
    expect(second.page.locator(".notice")).to_contain_text("You are number 1 in line.")
    expect(second.page.get_by_role("status")).to_have_text("You are number 1 in line.")
    third.ask(ASK)
    notice = third.page.locator(".notice")
    expect(notice).to_contain_text("You are number 2 in line.")
    expect(third.page.locator(".strip .facts")).to_have_text("number 2 in line")
    expect(third.page.get_by_role("region", name="The page")).to_have_attribute("aria-busy", "true")
    assert violations(third) == []
    second.page.get_by_role("button", name="Stop").first.click()
    expect(second.page.get_by_role("status")).to_have_text("Page stopped")
    expect(second.page.get_by_role("button", name="Reload")).to_be_enabled()
    expect(notice).to_contain_text("You are number 1 in line.")
    visit.service.engine.until = float("inf")
    visit.ready("Volcano")
    third.ready("Volcano")
    expect(notice).to_be_hidden()
    heard = [words for words in third.page.evaluate("heard") if words != "You are number 1 in line."]
    assert heard == ["You are number 2 in line.", "It is your turn.", "Page ready: Volcano"]


def test_the_notice_stops_it_and_can_be_dismissed(visit: Visit, others: list[Visit]) -> None:
    second, third = others
    for other in others:
        other.ask(ASK)
        expect(other.page.locator(".notice")).to_be_visible()
    third.page.get_by_role("button", name="Dismiss").click()
    expect(third.page.locator(".notice")).to_be_hidden()
    second.page.locator(".notice").get_by_role("button", name="Stop").click()
    expect(second.page.get_by_role("status")).to_have_text("Page stopped")
    expect(third.page.locator(".strip .facts")).to_have_text("number 1 in line")
    expect(third.page.locator(".notice")).to_be_hidden()
    third.page.keyboard.press("Escape")
    expect(third.page.get_by_role("status")).to_have_text("Page stopped")
    visit.service.engine.until = float("inf")
    visit.ready("Volcano")


def test_a_reloaded_tab_is_still_in_line(visit: Visit, others: list[Visit]) -> None:
    second, _ = others
    second.ask(ASK)
    expect(second.page.locator(".notice")).to_contain_text("You are number 1 in line.")
    second.page.reload()
    expect(second.page.locator(".notice")).to_contain_text("You are number 1 in line.")
    visit.service.engine.until = float("inf")
    second.ready("Volcano")
    expect(second.page.locator(".notice")).to_be_hidden()
