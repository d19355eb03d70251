"""The shell on a phone: none of its controls has a row of its own."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import write

pytestmark = pytest.mark.browser
ROWS = """composer => [...composer.querySelectorAll('.worlds, .edit, .select, .steps')].map(part => {
  const { top, bottom, left, right } = part.getBoundingClientRect();
  return [Math.round((top + bottom) / 2), left, right];
})"""


@pytest.mark.parametrize("width", [360, 390])
def test_undo_and_redo_stand_beside_the_other_controls(visit: Visit, width: int) -> None:
    visit.service.engine.write = write
    visit.ask("a list for groceries", "App")
    visit.ready("Groceries")
    visit.page.get_by_role("checkbox", name="Change this page").check()
    visit.page.get_by_role("textbox", name="What should the page be?").fill("call it sorted")
    visit.page.keyboard.press("Enter")
    visit.page.set_viewport_size({"width": width, "height": 844})
    expect(visit.page.get_by_role("button", name="Undo change")).to_be_visible()
    visit.page.locator(".steps button").evaluate_all("steps => steps.forEach(step => (step.hidden = false))")
    worlds, *tools = visit.page.locator(".composer").evaluate(ROWS)
    assert max(middle for middle, *_ in tools) - min(middle for middle, *_ in tools) <= 2, tools
    assert worlds[1] < 10 < width - 10 < worlds[2], worlds
    assert all(0 <= left < right <= width for _, left, right in tools)
