"""What pages over the kit look like where a browser decides: nothing sticks out or is hidden, in any design."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from backend.kit.bundle import designs, dressed

pytestmark = pytest.mark.browser

DESIGNS = list(designs())
LONG = """<!doctype html><html lang=de class="LOOK"><title>Lang</title><body>
<header><a href=/>Donaudampfschifffahrt</a>
<nav><a href=/>Verantwortlichkeiten</a><a href=/>Berichte</a><a href=/>Impressum</a></nav></header>
<main><section class=hero><h1>Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz</h1>
<p>Und mehr.</p><a class=btn href=/>Geschwindigkeitsbegrenzungsaufhebung beantragen</a></section>
<section><h2>Bundesausbildungsförderungsgesetze</h2>
<table><tr><th>Kundenzufriedenheit<th>Wettbewerbsfähigkeit<th>Geschwindigkeit<tr><td>hoch<td>mittel<td>niedrig</table>
<div class=cards><article class=card><h3>Arbeiterunfallversicherungsgesetzgebung</h3></article>
<article class=card><h3>A</h3></article><article class=card><h3>B</h3></article></div>
<nav class=tabs><a href=/>Verantwortlichkeiten</a><a href=/>Nachhaltigkeit</a><a href=/>Unterlagen</a></nav>
</section></main></body></html>"""
APP = """<!doctype html><html lang=en class="LOOK"><title>App</title>
<body class=app><main><h1>App</h1>{}</main></body></html>"""


@pytest.fixture(name="screen")
def a_screen(chromium: Browser) -> Iterator[Any]:
    page: Any = chromium.new_page(viewport={"width": 1280, "height": 700})
    yield page
    page.close()


def show(screen: Any, page: str, look: str) -> None:
    screen.set_content(dressed(page.replace("LOOK", look)))


@pytest.mark.parametrize("design", DESIGNS)
def test_long_words_and_wide_tables_do_not_make_a_page_scroll_sideways(screen: Any, design: str) -> None:
    show(screen, LONG, design)
    for width in (320, 390, 768, 1280):
        screen.set_viewport_size({"width": width, "height": 700})
        assert screen.evaluate("document.documentElement.scrollWidth") <= width, width


@pytest.mark.parametrize("design", DESIGNS)
def test_three_cards_stand_in_one_row(screen: Any, design: str) -> None:
    show(screen, LONG, design)
    tops = screen.evaluate("[...document.querySelectorAll('.card')].map(card => Math.round(card.offsetTop))")
    assert len(set(tops)) == 1


@pytest.mark.parametrize(("cells", "cols"), [(400, 20), (64, 8), (200, 10), (9, 3)])
def test_a_board_is_seen_as_a_whole(screen: Any, cells: int, cols: int) -> None:
    board = f'<div class="board cols-{cols}">{"<div></div>" * cells}</div>'
    for design in DESIGNS:
        show(screen, APP.format(board), design)
        bottom = screen.evaluate("document.querySelector('.board').getBoundingClientRect().bottom")
        assert bottom <= 700, design


def test_numbers_in_small_cells_are_smaller(screen: Any) -> None:
    size = "parseFloat(getComputedStyle(document.querySelector('.board > *')).fontSize)"
    for cells, cols, least, most in ((9, 3, 36, 60), (256, 16, 9, 16)):
        show(screen, APP.format(f'<div class="board cols-{cols}">{"<button>8</button>" * cells}</div>'), "paper")
        assert least <= screen.evaluate(size) <= most


def test_focus_leaves_a_button_its_shape(screen: Any) -> None:
    show(screen, APP.format("<button>Go</button>"), "glass")
    radius = "getComputedStyle(document.querySelector('button')).borderRadius"
    before = screen.evaluate(radius)
    screen.keyboard.press("Tab")
    assert screen.evaluate("document.querySelector('button').matches(':focus-visible')")
    assert screen.evaluate(radius) == before


@pytest.mark.parametrize("design", DESIGNS)
def test_a_dark_page_is_printed_dark_on_white(screen: Any, design: str) -> None:
    show(screen, LONG, f"{design} dark sun")
    screen.emulate_media(media="print")
    assert screen.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    canvas = "const canvas = new OffscreenCanvas(1, 1).getContext('2d');"
    red = f"""name => {{ {canvas} canvas.fillStyle = getComputedStyle(document.querySelector(name)).color;
      canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data[0] }}"""
    for name in ("body", "h2", "td", ".card h3"):
        assert screen.evaluate(red, name) < 140, name


def test_what_one_writes_in_a_chat_stays_in_sight(screen: Any) -> None:
    chat = f"<div class=chat>{'<p>Said.</p>' * 60}</div><form class=row><input><button>Send</button></form>"
    for design in DESIGNS:
        show(screen, APP.format(chat), design)
        box = screen.evaluate("document.querySelector('form').getBoundingClientRect().bottom")
        assert 600 < box <= 700, design


WINDOWS = """<!doctype html><html lang=en class="LOOK"><title>Desk</title>
<body class=desktop><header class=menubar><b>Desk</b></header><main>
<section class=window><header><h2>Notes</h2></header><p>One</p></section>
<section class=window><header><h2>Files</h2></header><p>Two</p></section></main>
<nav class=dock><button>A</button></nav></body></html>"""
BOXES = "[...document.querySelectorAll('.window')].map(it => it.getBoundingClientRect().toJSON())"


def test_windows_of_a_desktop_overlap_and_come_to_the_front(screen: Any) -> None:
    show(screen, WINDOWS, "glass")
    first, second = screen.evaluate(BOXES)
    assert first["left"] < second["left"] < first["right"]
    assert second["bottom"] <= 700
    screen.mouse.move(first["left"] + 20, first["top"] + 10)
    front, behind = screen.evaluate("[...document.querySelectorAll('.window')].map(it => getComputedStyle(it).zIndex)")
    assert int(front) > int(behind)


def test_windows_of_a_desktop_stand_below_each_other_on_a_phone(screen: Any) -> None:
    screen.set_viewport_size({"width": 390, "height": 700})
    show(screen, WINDOWS, "glass")
    first, second = screen.evaluate(BOXES)
    assert second["top"] >= first["bottom"]
    assert 0 <= first["left"] == second["left"]
    assert first["right"] <= 390


def test_a_second_button_is_quieter_than_the_first(screen: Any) -> None:
    show(screen, APP.format("<div class=row><button>Save</button><button>Cancel</button></div>"), "cards")
    first, second = screen.evaluate(
        "[...document.querySelectorAll('button')].map(it => getComputedStyle(it).backgroundColor)"
    )
    assert first != second


TEXT = """<!doctype html><html lang=en class="LOOK"><title>Text</title>
<body><main><article><h1>A</h1><p>One</p><p>Two</p>
<h2>B</h2><p>Three</p></article></main></body></html>"""


@pytest.mark.parametrize("design", DESIGNS)
def test_paragraphs_have_room_and_headings_belong_to_what_follows(screen: Any, design: str) -> None:
    show(screen, TEXT, design)
    one, two, heading, three = screen.evaluate(
        "[...document.querySelectorAll('p, h2')].map(it => it.getBoundingClientRect().toJSON())"
    )
    assert two["top"] - one["bottom"] >= 14
    assert heading["top"] - two["bottom"] > 1.4 * (three["top"] - heading["bottom"])
    assert one["width"] < 800
