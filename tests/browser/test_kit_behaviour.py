"""Boards, keys, pads, pixels and tabs of the kit by keyboard, mouse and touch, beside a page's own script."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from tests.browser.kit_pages import opened, over

pytestmark = pytest.mark.browser


def buttons(names: str, **classes: str) -> str:
    """Buttons that the page's script handles, one a name. classes: of those that have one, by what they say."""
    return "".join(f"<button type=button class={classes.get(name, 'key')}>{name}</button>" for name in names.split())


BOARD = f"<div class='board cols-3' id=board>{buttons('0 1 2 3 4 5 6 7 8')}</div>"
CALCULATOR = f"<output class='display end' id=said></output><div class=keys id=keys>{buttons('7 8 ÷ × C − . =')}</div>"
SAY = "keys.onclick = ({ target }) => { if (target.matches('button')) said.textContent += target.textContent };"
PANELS = "".join(f"<section role=tabpanel><p>{name}</p></section>" for name in ("First", "Second", "Third"))
TABS = f"<div class=tabs>{buttons('One Two Three')}</div>{PANELS}"
PIANO = f"<div class=piano id=piano>{buttons('C Cis D', Cis='black')}</div>"
LOG = """const log = []; for (const type of ['keydown', 'keyup']) addEventListener(type, event => {
  log.push(`${type} ${event.key} ${event.code} ${event.keyCode}`); if (!event.isTrusted) event.preventDefault() });"""


def typed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def has_focus(page: Page, name: str) -> None:
    expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()


def test_arrows_move_over_a_board_and_tab_leaves_it(chromium: Browser) -> None:
    with opened(chromium, over(f"{BOARD}<button type=button>Done</button>")) as page:
        typed(page, "Tab")
        has_focus(page, "0")
        keys = "ArrowRight ArrowDown ArrowDown ArrowDown End Home ArrowLeft ArrowUp Control+End Control+Home"
        for key, name in zip(keys.split(), "1477866380", strict=True):
            typed(page, key)
            has_focus(page, name)
        typed(page, "ArrowDown", "Tab")
        has_focus(page, "Done")
        typed(page, "Shift+Tab")
        has_focus(page, "3")


def test_what_cannot_be_pressed_is_passed_over(chromium: Browser) -> None:
    with opened(chromium, over(BOARD.replace("class=key>1", "disabled>1"))) as page:
        typed(page, "Tab", "ArrowRight")
        has_focus(page, "2")


def test_the_focus_stays_where_it_was_when_a_page_draws_its_board_anew(chromium: Browser) -> None:
    script = """let played;
      const cell = at => `<button type=button>${at}${at === played ? 'x' : ''}</button>`;
      const draw = () => { board.innerHTML = Array.from({ length: 9 }, (_, at) => cell(at)).join('') };
      board.addEventListener('click', ({ target }) => { played = [...board.children].indexOf(target); draw() });"""
    with opened(chromium, over(BOARD, script)) as page:
        typed(page, "Tab", "ArrowRight", "Enter")
        has_focus(page, "1x")
        typed(page, "ArrowDown", " ")
        has_focus(page, "4x")
        page.evaluate("draw()")
        typed(page, "ArrowRight")
        has_focus(page, "5")


def test_cells_that_are_no_buttons_are_reached_if_the_page_listens_for_their_press(chromium: Browser) -> None:
    cells = "<div class='board cols-3' id=cells><div>a</div><div>b</div><div>c</div></div><p id=got></p>"
    with opened(
        chromium, over(cells, "cells.addEventListener('pointerdown', e => got.textContent += e.target.textContent)")
    ) as page:
        typed(page, "Tab", "ArrowRight", "Enter", "ArrowRight", " ")
        expect(page.locator("#got")).to_have_text("bc")
    with opened(chromium, over(f"{cells}<button type=button>Done</button>")) as page:
        typed(page, "Tab")
        has_focus(page, "Done")


def test_typing_presses_the_keys_of_a_calculator(chromium: Browser) -> None:
    with opened(chromium, over(CALCULATOR, SAY)) as page:
        typed(page, "7", "*", "8", "/", "7", "-", "8", ",", "7", "Enter", "Escape", "9", "Control+8")
        expect(page.locator("#said")).to_have_text("7×8÷7−8.7=C")


def test_enter_means_equals_after_a_click_and_the_key_itself_after_tab(chromium: Browser) -> None:
    with opened(chromium, over(CALCULATOR, SAY)) as page:
        page.get_by_role("button", name="7").click()
        typed(page, "8", "Enter")
        expect(page.locator("#said")).to_have_text("78=")
        typed(page, "ArrowRight", "Enter")
        expect(page.locator("#said")).to_have_text("78=8")


@pytest.mark.parametrize(
    "own",
    [
        "document.addEventListener('keydown', event => said.textContent += event.key)",
        "addEventListener('keydown', event => said.textContent += event.key)",
        "onkeydown = event => said.textContent += event.key",
        "document.body.addEventListener('keyup', event => said.textContent += event.key)",
        "document.addEventListener('keydown', e => { e.preventDefault(); said.textContent += e.key }, true)",
    ],
)
def test_a_page_that_listens_to_the_keyboard_itself_hears_each_key_once(chromium: Browser, own: str) -> None:
    with opened(chromium, over(CALCULATOR, SAY + own)) as page:
        typed(page, "7", "8")
        expect(page.locator("#said")).to_have_text("78")
        page.wait_for_timeout(100)
        expect(page.locator("#said")).to_have_text("78")


def test_what_is_typed_into_a_field_presses_no_key(chromium: Browser) -> None:
    with opened(chromium, over(f"<label>Name <input></label>{CALCULATOR}", SAY)) as page:
        page.get_by_label("Name").click()
        typed(page, "7", "8", "Enter")
        expect(page.get_by_label("Name")).to_have_value("78")
        expect(page.locator("#said")).to_have_text("")


def test_a_piano_sounds_as_long_as_a_key_is_held(chromium: Browser) -> None:
    script = """const log = []; for (const type of ['pointerdown', 'pointerup', 'click'])
      piano.addEventListener(type, event => log.push(`${type} ${event.target.textContent}`));"""
    with opened(chromium, over(PIANO, script)) as page:
        page.keyboard.down("w")
        page.keyboard.down("w")
        page.keyboard.down("s")
        page.keyboard.up("w")
        page.keyboard.up("s")
        assert page.evaluate("log") == [
            "pointerdown Cis", "click Cis", "pointerdown D", "click D", "pointerup Cis", "pointerup D",
        ]  # fmt: skip


def finger(session: CDPSession, where: Locator, kind: str) -> None:
    """Put a finger down in the middle of something, draw it there, or take it away."""
    box = where.bounding_box()
    assert box
    points = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "id": 1}]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if kind == "touchEnd" else points})


PHONE: dict[str, Any] = {"has_touch": True, "is_mobile": True, "viewport": {"width": 360, "height": 640}}


def test_thumbs_press_the_keys_that_a_game_listens_to(chromium: Browser) -> None:
    with opened(chromium, over("<div class=pad></div>", LOG), **PHONE) as page:
        page.get_by_role("button", name="←").tap()
        page.get_by_role("button", name="↓").tap()
        assert page.evaluate("log") == [
            "keydown ArrowLeft ArrowLeft 37", "keyup ArrowLeft ArrowLeft 37",
            "keydown ArrowDown ArrowDown 40", "keyup ArrowDown ArrowDown 40",
        ]  # fmt: skip


def test_a_held_pad_repeats_until_it_is_let_go_and_a_thumb_slides_from_key_to_key(chromium: Browser) -> None:
    with opened(chromium, over("<div class=pad></div>", LOG), **PHONE) as page:
        touch = page.context.new_cdp_session(page)
        finger(touch, page.get_by_role("button", name="←"), "touchStart")
        page.wait_for_function("() => log.filter(said => said.startsWith('keydown ArrowLeft')).length > 3")
        assert not page.evaluate("log.some(said => said.startsWith('keyup'))")
        finger(touch, page.get_by_role("button", name="↓"), "touchMove")
        page.wait_for_function("() => log.some(said => said.startsWith('keydown ArrowDown'))")
        assert page.evaluate("log.filter(said => said.startsWith('keyup'))") == ["keyup ArrowLeft ArrowLeft 37"]
        finger(touch, page.get_by_role("button", name="↓"), "touchEnd")
        page.wait_for_function("() => log.at(-1).startsWith('keyup ArrowDown')")
        said = page.evaluate("log.length")
        page.wait_for_timeout(500)
        assert page.evaluate("log.length") == said


def test_a_pad_has_the_keys_that_it_names(chromium: Browser) -> None:
    pad = "<div class='pad always'><button data-key=' '>Drop</button><button data-key=z>Turn</button></div>"
    with opened(chromium, over(pad, LOG)) as page:
        expect(page.locator(".pad button")).to_have_count(2)
        page.get_by_role("button", name="Drop").click()
        page.get_by_role("button", name="Turn").focus()
        page.evaluate("log.length = 2")
        typed(page, "Enter")
        assert page.evaluate("log.filter(said => !said.includes('Enter'))") == [
            "keydown   Space 32", "keyup   Space 32", "keydown z KeyZ 90", "keyup z KeyZ 90",
        ]  # fmt: skip


def test_a_pad_is_for_fingers_unless_it_says_always(chromium: Browser) -> None:
    both = "<div class=pad id=one></div><div class='pad always' id=two></div><canvas class=pad id=sheet></canvas>"
    with opened(chromium, over(both)) as page:
        expect(page.locator("#two")).to_be_visible()
        expect(page.locator("#one")).to_be_hidden()
        expect(page.locator("#sheet")).to_be_visible()
    with opened(chromium, over(both), **PHONE) as page:
        expect(page.locator("#one")).to_be_visible()


def test_drawing_over_pixels_presses_each(chromium: Browser) -> None:
    pixels = (
        f"<div class=pixels id=sheet style='--cols:8'>{'<button type=button aria-label=pixel></button>' * 16}</div>"
    )
    script = (
        "sheet.addEventListener('click', event => event.target.matches('button') && event.target.classList.add('on'))"
    )
    with opened(chromium, over(pixels, script)) as page:
        cells = page.locator("#sheet > *")
        first, last = cells.nth(1).bounding_box(), cells.nth(5).bounding_box()
        assert first
        assert last
        page.mouse.move(first["x"] + 5, first["y"] + 5)
        page.mouse.down()
        page.mouse.move(last["x"] + 5, last["y"] + 5, steps=20)
        page.mouse.up()
        assert page.evaluate("[...sheet.children].flatMap((cell, at) => cell.className ? [at] : [])") == [1, 2, 3, 4, 5]


def test_tabs_show_the_panel_in_their_place(chromium: Browser) -> None:
    with opened(chromium, over(TABS)) as page:
        expect(page.get_by_role("tab", name="One", selected=True)).to_be_visible()
        expect(page.get_by_role("tabpanel", name="One")).to_have_text("First")
        expect(page.get_by_role("tabpanel")).to_have_count(1)
        page.get_by_role("tab", name="Two").click()
        expect(page.get_by_role("tabpanel", name="Two")).to_have_text("Second")
        for key, name in [
            ("ArrowRight", "Three"),
            ("ArrowRight", "One"),
            ("ArrowLeft", "Three"),
            ("Home", "One"),
            ("End", "Three"),
        ]:
            typed(page, key)
            expect(page.get_by_role("tab", name=name, selected=True)).to_be_focused()
            expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
        typed(page, "Shift+Tab", "Tab")
        expect(page.get_by_role("tab", name="Three")).to_be_focused()


def test_tabs_of_the_pages_own_stay_its_own(chromium: Browser) -> None:
    tabs = "<button type=button aria-selected=true>All</button><button type=button>Open</button>"
    body = f"<div class=tabs id=tabs>{tabs}</div><ul id=list><li>a</li></ul>"
    script = "tabs.onclick = event => { list.textContent = event.target.textContent; event.preventDefault() }"
    with opened(chromium, over(body, script)) as page:
        page.get_by_role("tab", name="Open").click()
        expect(page.locator("#list")).to_have_text("Open")
        typed(page, "ArrowLeft")
        expect(page.locator("#list")).to_have_text("All")


def test_buttons_that_lead_on_are_no_tabs(chromium: Browser) -> None:
    with opened(chromium, over("<nav class=tabs><a href=/a aria-current=page>A</a><a href=/b>B</a></nav>")) as page:
        expect(page.get_by_role("link")).to_have_count(2)
        expect(page.get_by_role("tab")).to_have_count(0)


@pytest.mark.parametrize("look", ["paper", "glass dark", "terminal", "retro", "magazine dark", "cards ink"])
def test_axe_finds_nothing_in_a_page_with_all_of_it(chromium: Browser, look: str) -> None:
    charts = "".join(
        f"<div class='chart {kind}' data-values='Mon 12, Tue 19, Wed 8'></div>"
        for kind in ("bar", "line", "area", "pie", "donut", "spark")
    )
    pixels = (
        f"<div class='pixels'>{''.join(f'<button type=button aria-label=pixel{n}></button>' for n in range(16))}</div>"
    )
    pad = "<div class='pad always'></div>"
    with opened(
        chromium, over(charts + BOARD + CALCULATOR + PIANO + pad + pixels + TABS, "", look), reduced_motion="reduce"
    ) as page:
        expect(page.locator(".chart > svg[viewBox]").first).to_be_visible()
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []
