"""Selecting an element of the page on view and saying what should change about it."""

import pytest
from playwright.sync_api import Frame, Locator, expect

from backend.prompts.element_names import NAMES
from tests.browser.conftest import Visit
from tests.browser.pages import write
from tests.browser.scripted import CANVAS

pytestmark = pytest.mark.browser

WATCHFUL = """<!doctype html><title>Watchful</title><h1>Watchful</h1><p>Words.</p>
<button onclick=said.push(1)>Add</button>
<button disabled>Gone</button><label><input type=checkbox>Tick</label><a href=/wiki>Lava</a>
<form action=/wiki><input name=q placeholder=Find></form><section><h2>Part</h2><p>More</p></section>
<style>button{all:unset}silverprint-pane{display:none!important}</style><script>
said=[];
for(const type of ['pointerdown','pointermove','mousedown','mouseup','click','keydown','keyup','focusin'])
  addEventListener(type,event=>said.push(type),true)
</script>"""


def chip(visit: Visit) -> Locator:
    return visit.page.locator(".chip bdi")


def begin(visit: Visit, live: Frame) -> None:
    """Select, once the page's frame has ended the selection before; its panes stand then, and keys reach it."""
    panes = live.locator("silverprint-pane")
    expect(panes).to_have_count(0)
    visit.page.get_by_role("button", name="Select").click()
    expect(visit.page.get_by_role("button", name="Select")).to_have_attribute("aria-pressed", "true")
    expect(visit.page.get_by_role("status")).to_contain_text("Select what should change")
    expect(panes).to_have_count(2)
    expect(visit.page.locator(".stage iframe:not(.waiting)")).to_be_focused()


def click(visit: Visit, live: Frame, selector: str) -> None:
    """Click where an element is, whatever lies over it."""
    box = live.locator(selector).first.bounding_box()
    assert box
    x, y = box["x"] + min(box["width"] / 2, 20), box["y"] + box["height"] / 2
    visit.page.mouse.move(x, y)
    visit.page.mouse.click(x, y)


def test_a_selected_element_is_changed(visit: Visit) -> None:
    visit.ask("a to-do app", "App")
    live = visit.ready("Groceries")
    items = live.locator("li").count()
    begin(visit, live)
    click(visit, live, "button:text-is('Add')")
    expect(chip(visit)).to_have_text("button “Add”")
    expect(visit.page.get_by_role("checkbox", name="Change this page")).to_be_checked()
    expect(visit.page.get_by_role("button", name="Select")).to_have_attribute("aria-pressed", "false")
    expect(visit.page.get_by_role("textbox", name="What should the page be?")).to_be_focused()
    expect(live.locator("silverprint-pane")).to_have_count(0)
    visit.service.engine.until = 2
    visit.page.keyboard.type("make it red")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".chip")).to_be_hidden()
    expect(visit.page.get_by_role("button", name="Select")).to_be_disabled()
    visit.hold(12)
    expect(visit.page.locator(".stage")).to_have_class("stage developing")
    visit.service.engine.until = float("inf")
    again = visit.ready("Groceries")
    assert again.locator("li").count() == items
    assert 'edit: make it red (the button "Add")' in visit.service.engine.prompts[-1]
    expect(visit.page.get_by_role("button", name="Select")).to_be_enabled()
    again.get_by_role("textbox", name="New item").fill("apples")
    again.get_by_role("button", name="Add").click()
    assert again.locator("li").count() == items + 1


ALIKE = """<!doctype html><title>Alike</title><h1>Alike</h1><p><button>Add</button></p><p>Between</p>
<p><button>Add</button></p><p>Behind them there is text, so that the gap has something behind it.</p>"""


def test_of_two_alike_the_selected_one_changes_and_nothing_else(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine can hold, but does not: it writes another page. Of that, what it made of the element is taken."""
    engine = visit.service.engine
    engine._pieces.append(b"")
    for name, value in (("canvas_length", CANVAS), ("pad_id", len(engine._pieces) - 1), ("when_lost", print)):
        monkeypatch.setattr(engine, name, value, raising=False)
    engine.write = lambda prompt: ALIKE
    visit.ask("two alike")
    live = visit.ready("Alike")
    begin(visit, live)
    click(visit, live, "button >> nth=1")
    expect(chip(visit)).to_have_text("button “Add”")
    engine.write = lambda prompt: ALIKE.replace("Add", "Save").replace("Between", "Elsewhere")
    visit.page.keyboard.type("rename it to Save")
    visit.page.keyboard.press("Enter")
    again = visit.ready("Alike", live)
    assert again.locator("button").all_inner_texts() == ["Add", "Save"]
    assert again.locator("p >> nth=1").inner_text() == "Between"


def test_nothing_of_the_page_runs_meanwhile(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: WATCHFUL
    visit.ask("a watchful page")
    live = visit.ready("Watchful")
    asked = len(visit.service.engine.prompts)
    for selector, name in [
        ("button", "button “Add”"),
        ("button >> nth=1", "button “Gone”"),
        ("input", "label “Tick”"),
        ("a", "link “Lava”"),
        ("form input", "field “Find”"),
        ("h2", "heading “Part”"),
    ]:
        begin(visit, live)
        click(visit, live, selector)
        expect(chip(visit)).to_have_text(name)
    assert live.evaluate("said.filter(type => type !== 'focusin')") == []
    assert not live.locator("input").first.is_checked()
    assert len(visit.service.engine.prompts) == asked
    expect(visit.page.get_by_role("textbox", name="Address")).to_have_value("/a_watchful_page")


def test_a_second_click_does_not_act(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: WATCHFUL
    visit.ask("a watchful page")
    live = visit.ready("Watchful")
    asked = len(visit.service.engine.prompts)
    begin(visit, live)
    box = live.locator("a").bounding_box()
    assert box
    visit.page.mouse.dblclick(box["x"] + 9, box["y"] + 9, delay=60)
    expect(chip(visit)).to_have_text("link “Lava”")
    visit.page.wait_for_timeout(300)
    assert "click" not in live.evaluate("said")
    assert len(visit.service.engine.prompts) == asked
    live.locator("a").click()
    assert "click" in live.evaluate("said")


def test_by_keyboard(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: WATCHFUL
    visit.ask("a watchful page")
    live = visit.ready("Watchful")
    said, press = visit.page.get_by_role("status"), visit.page.keyboard.press
    visit.page.get_by_role("button", name="Select").focus()
    press("Enter")
    expect(said).to_contain_text("Select what should change")
    expect(live.locator("silverprint-pane")).to_have_count(2)
    expect(visit.page.locator(".stage iframe:not(.waiting)")).to_be_focused()
    for key, name in [
        ("Tab", "heading “Watchful”"),
        ("ArrowDown", "paragraph “Words.”"),
        ("ArrowRight", "button “Add”"),
        ("Shift+Tab", "paragraph “Words.”"),
        ("ArrowUp", "heading “Watchful”"),
        ("ArrowLeft", "paragraph “More”"),
        ("ArrowUp", "heading “Part”"),
        ("ArrowUp", "section “Part”"),
    ]:
        press(key)
        expect(said).to_have_text(name)
    press("Enter")
    expect(chip(visit)).to_have_text("section “Part”")
    expect(said).to_have_text("Selected: section “Part”. Say what should change.")
    assert live.evaluate("said.filter(type => type !== 'focusin')") == []


def test_escape_leaves_it(visit: Visit) -> None:
    visit.ask("an encyclopedia article about volcanoes")
    live = visit.ready("Volcano")
    select = visit.page.get_by_role("button", name="Select")
    begin(visit, live)
    visit.page.keyboard.press("Escape")
    expect(select).to_have_attribute("aria-pressed", "false")
    expect(select).to_be_focused()
    begin(visit, live)
    visit.page.get_by_role("textbox", name="What should the page be?").focus()
    visit.page.keyboard.press("Escape")
    expect(select).to_have_attribute("aria-pressed", "false")
    begin(visit, live)
    select.click()
    expect(select).to_have_attribute("aria-pressed", "false")
    begin(visit, live)
    visit.page.get_by_role("button", name="Canvas").click()
    expect(select).to_be_disabled()
    expect(select).to_have_attribute("aria-pressed", "false")
    visit.page.get_by_role("button", name="Page", exact=True).click()
    visit.service.engine.write = write
    live.get_by_role("link", name="Plate tectonics").click()
    visit.ready("Plate Tectonics")


def test_what_was_selected_can_be_removed_and_goes_with_its_page(visit: Visit) -> None:
    visit.ask("an encyclopedia article about volcanoes")
    live = visit.ready("Volcano")
    edit = visit.page.get_by_role("checkbox", name="Change this page")
    begin(visit, live)
    click(visit, live, "main p >> nth=1")
    expect(chip(visit)).to_contain_text("paragraph “On Earth, volcanoes are most often foun…”")
    visit.page.get_by_role("button", name="Remove paragraph").click()
    expect(visit.page.locator(".chip")).to_be_hidden()
    expect(edit).to_be_checked()
    begin(visit, live)
    click(visit, live, "h1")
    expect(chip(visit)).to_have_text("heading “Volcano”")
    edit.uncheck()
    expect(visit.page.locator(".chip")).to_be_hidden()
    begin(visit, live)
    click(visit, live, "h1")
    expect(chip(visit)).to_have_text("heading “Volcano”")
    live.get_by_role("link", name="Lava").click()
    visit.ready("Lava")
    expect(visit.page.locator(".chip")).to_be_hidden()
    expect(edit).not_to_be_checked()


def test_a_page_selects_nothing_by_itself(visit: Visit) -> None:
    """Nor act while the visitor selects: what it says then is a selection, or nothing."""
    pushy = """<title>Pushy</title><h1>Pushy</h1><a href=/wiki>Lava</a><script>
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (...args) { self.port = this; post.apply(this, args) };
    say = said => port.postMessage(said);
    localStorage.setItem('a', 'b')</script>"""
    visit.service.engine.write = lambda prompt: pushy
    visit.ask("a pushy page")
    live = visit.ready("Pushy")
    live.wait_for_function("() => self.port")
    target = {"tag": "button", "text": "Forged"}
    live.evaluate("target => say({verb: 'pick', target})", target)
    live.evaluate("silverprint.call('nothing').catch(() => {})")  # answered, and so what was said before is heard
    begin(visit, live)
    asked = len(visit.service.engine.prompts)
    live.evaluate("target => say({verb: 'act', target})", target)
    live.evaluate("target => say({verb: 'point', target})", target)
    expect(visit.page.get_by_role("status")).to_have_text("button “Forged”")
    expect(visit.page.locator(".chip")).to_be_hidden()
    assert len(visit.service.engine.prompts) == asked
    live.evaluate("say({verb: 'pick', target: {tag: 'constructor', text: '<b>' + 'x'.repeat(5000)}})")
    expect(chip(visit)).to_have_text(f"part “<b>{'x' * 36}…”")
    assert len(visit.service.engine.prompts) == asked


def test_a_script_of_the_page_around_may_say_which_element(visit: Visit) -> None:
    visit.ask("a to-do app", "App")
    live = visit.ready("Groceries")
    visit.page.evaluate(
        "document.querySelector('silverprint-shell').edit('make it red', {target: {tag: 'h1', text: 'Groceries'}})"
    )
    visit.ready("Groceries", live)
    expect(visit.page.locator(".strip .wedge")).to_be_hidden()
    assert 'edit: make it red (the heading "Groceries")' in visit.service.engine.prompts[-1]


def test_an_error_gives_the_selection_back(visit: Visit) -> None:
    visit.ask("an encyclopedia article about volcanoes")
    live = visit.ready("Volcano")
    begin(visit, live)
    click(visit, live, "h1")
    expect(chip(visit)).to_have_text("heading “Volcano”")
    words = visit.page.get_by_role("textbox", name="What should the page be?")
    words.evaluate("field => field.removeAttribute('maxlength')")
    words.fill("x" * 4001)
    words.press("Enter")
    expect(visit.page.locator(".notice")).to_contain_text("expected text of 1 to 4,000 characters")
    expect(chip(visit)).to_have_text("heading “Volcano”")
    expect(visit.page.get_by_role("checkbox", name="Change this page")).to_be_checked()


def test_visitors_and_models_are_told_the_same_names(visit: Visit) -> None:
    assert visit.page.evaluate("async () => (await import('/static/shell/element-names.js')).NAMES") == dict(NAMES)
