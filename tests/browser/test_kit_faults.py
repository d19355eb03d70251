"""Looks that were wrong once: two words of the kit beside each other, or a design and a part, that did not bear it."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from backend.kit.bundle import designs, dressed

pytestmark = pytest.mark.browser
DESIGNS = list(designs())
CONTRAST = """selector => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const shown = (...colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1) }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = rgb => rgb.map(c => c / 255).map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const element = document.querySelector(selector), around = [];
  for (let at = element; at; at = at.parentElement) around.unshift(getComputedStyle(at).backgroundColor);
  const [a, b] = [light(shown(...around)), light(shown(...around, getComputedStyle(element).color))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""
SIZE = "selector => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"
STYLE = "([selector, name, pseudo]) => getComputedStyle(document.querySelector(selector), pseudo)[name]"


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Any]:
    page: Any = chromium.new_page(viewport={"width": 900, "height": 700})
    yield page
    page.close()


def show(tab: Any, body: str, look: str = "cards mint", kind: str = "") -> None:
    tab.set_content(
        dressed(f"<!doctype html><html lang=en class='{look}'><title>a</title><body{kind}><main>{body}</main>")
    )


def box(tab: Any, selector: str) -> Any:
    return tab.locator(selector).first.bounding_box()


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("design", DESIGNS)
def test_a_dim_cell_and_a_chosen_day_that_is_today_can_be_read(tab: Any, design: str, light: str) -> None:
    cells = "<button class=dim>A</button><button>B</button>"
    today = "class=on aria-current=date"
    days = f"<table class=calendar><tr><td><button {today}>1</button><td><a {today}>2</a></table>"
    show(tab, f"<div class='board cols-3'>{cells}</div>{days}", f"{design} {light}")
    for name in (".board > .dim", "td > button", "td > a"):
        assert tab.evaluate(CONTRAST, name) >= 4.5, name
    dim, plain = (tab.evaluate(STYLE, [name, "backgroundColor"]) for name in (".dim", ".dim + button"))
    assert dim != plain


def test_a_board_has_as_many_columns_as_it_says(tab: Any) -> None:
    for cols in range(2, 21):
        show(tab, f"<div class='board cols-{cols}'>{'<i></i>' * 20}</div>", kind=" class=app")
        said = tab.evaluate(STYLE, [".board", "gridTemplateColumns"])
        assert len(said.split()) == cols


def test_a_canvas_keeps_its_own_width_and_shrinks_on_a_phone(tab: Any) -> None:
    for around in ("<div class='card row'>{}</div>", "{}"):
        show(tab, around.format("<canvas width=420 height=210></canvas>"), kind=" class=app")
        assert box(tab, "canvas")["width"] == 420
        tab.set_viewport_size({"width": 320, "height": 600})
        small = box(tab, "canvas")
        assert small["x"] + small["width"] <= 320
        assert small["width"] == pytest.approx(2 * small["height"], abs=1)
        tab.set_viewport_size({"width": 900, "height": 700})


@pytest.mark.parametrize("design", DESIGNS)
def test_a_display_behind_a_title_is_as_large_as_elsewhere(tab: Any, design: str) -> None:
    show(tab, "<h1>a</h1><p class=display>1</p><div><p class=display id=other>2</p></div>", design)
    assert tab.evaluate(SIZE, "h1 + .display") == tab.evaluate(SIZE, "#other") > 30
    assert tab.evaluate(STYLE, ["h1 + .display", "color"]) == tab.evaluate(STYLE, ["#other", "color"])


def test_what_has_the_class_hidden_is_not_there(tab: Any) -> None:
    show(tab, "<p class=hidden>a</p><div class='card hidden'>b</div><p hidden>c</p><p>d</p>")
    assert tab.locator("main > :visible").all_text_contents() == ["d"]


def test_figures_in_what_is_centred_stand_beside_each_other(tab: Any) -> None:
    stat = "<div class=stat><b>12</b><span>things</span></div>"
    for around in ("<section class='hero center'>{}</section>", "<div class='stack center'>{}</div>"):
        show(tab, around.format(f"<h1>a</h1><div class=stats>{stat * 3}</div>"))
        assert len({item.bounding_box()["y"] for item in tab.locator(".stat").all()}) == 1


@pytest.mark.parametrize("design", DESIGNS)
def test_a_figure_of_a_list_of_terms_looks_like_any(tab: Any, design: str) -> None:
    terms = "<dl class=stats><div class=stat><dt>Boats</dt><dd>4</dd></div></dl>"
    show(tab, f"{terms}<div class=stats><p class=stat><b>4</b><span>Boats</span></p></div>", design)
    for one, other in (("dd", ".stat > b"), ("dt", ".stat > span")):
        for name in ("fontSize", "color", "fontFamily"):
            assert tab.evaluate(STYLE, [one, name]) == tab.evaluate(STYLE, [other, name]), name


def test_a_ticked_box_crosses_out_what_is_to_do_alone(tab: Any) -> None:
    item = "<li><label><input type=checkbox checked><span>a</span></label>"
    show(tab, f"<ul class=list>{item}</ul><ul class=todo>{item}</ul><ul class=list><li class=done><span>b</span></ul>")
    lines = tab.locator("li span").evaluate_all("all => all.map(it => getComputedStyle(it).textDecorationLine)")
    assert lines == ["none", "line-through", "line-through"]


def test_no_brackets_stand_around_icons_and_in_a_dock(tab: Any) -> None:
    icon = "<i class='icon star'></i>"
    buttons = f"<button class='icon star' aria-label=a></button><button aria-label=b>{icon}</button><button>Go</button>"
    docks = f"<nav class=dock><button>{icon}A</button><a class=btn>B</a><ul><li><button>C</button></ul></nav>"
    show(tab, f"{buttons}{docks}", "terminal")
    said = tab.locator("button, .btn").evaluate_all(
        "all => all.map(it => ['::before', '::after'].map(end => getComputedStyle(it, end).content).join(''))"
    )
    assert ["[" in each or "]" in each for each in said] == [False, False, True, False, False, False]


def test_a_menu_beside_a_window_s_content_keeps_its_lines_together(tab: Any) -> None:
    text = "<p>b</p>" * 20
    menu = "<nav class=menu><a href=/a>One</a><a href=/b>Two</a></nav>"
    show(
        tab,
        f"<section class=window><header><h2>a</h2></header><div class=side>{menu}<div>{text}</div></div></section>",
    )
    one, two = (link.bounding_box() for link in tab.locator("nav a").all())
    assert two["y"] - one["y"] - one["height"] < 8
    assert one["height"] < 60


@pytest.mark.parametrize("design", ["glass", "cards", "retro"])
def test_a_form_in_a_section_stands_on_a_pane(tab: Any, design: str) -> None:
    form = "<form><label>a<input></label><button>b</button></form>"
    show(tab, f"<section><h2>a</h2>{form}</section>", design)
    outer, inner = box(tab, "form"), box(tab, "label")
    assert inner["x"] - outer["x"] >= 16
    assert inner["y"] - outer["y"] >= 16
    for around in ("panel", "cta", "hero", "card"):
        show(tab, f"<section class={around}><h2>a</h2>{form}</section>", design)
        assert box(tab, "label")["x"] - box(tab, "form")["x"] < 2, around


def test_the_first_letter_of_an_article_alone_is_large(tab: Any) -> None:
    large = "selector => parseFloat(getComputedStyle(document.querySelector(selector), '::first-letter').fontSize) > 40"
    text = "<p>One or two words.</p>" * 2
    for body, expected in (
        (f"<article><h1>a</h1><p>Its lead.</p>{text}</article>", True),
        (f"<article class=card><h2>a</h2>{text}</article>", False),
        (f"<article class=letter>{text}</article>", False),
        ("<article><h2>a</h2><p>Alone.</p></article>", False),
        (f"<section>{text}</section>", False),
    ):
        show(tab, body, "paper")
        assert (
            tab.locator("p").evaluate_all(
                f"all => all.some(it => {{ it.id = 'it'; const is = ({large})('#it'); it.id = ''; return is }})"
            )
            is expected
        ), body


def test_pictures_are_darker_in_the_dark(tab: Any) -> None:
    mean = """async shot => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${shot}`)).blob());
      const canvas = new OffscreenCanvas(1, 1).getContext('2d');
      canvas.drawImage(image, 0, 0, 1, 1);
      return Math.max(...[...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3));
    }"""
    seen = {}
    for light in ("light", "dark"):
        show(tab, "<div class='picture beach' style='width: 300px'></div>", f"cards {light}")
        seen[light] = tab.evaluate(mean, b64encode(tab.locator(".picture").screenshot()).decode())
    assert seen["dark"] < 0.85 * seen["light"]


@pytest.mark.parametrize("design", DESIGNS)
def test_dates_of_a_list_stay_in_it_on_a_phone(tab: Any, design: str) -> None:
    tab.set_viewport_size({"width": 320, "height": 600})
    date = "<input type=date aria-label=Date><button class=del aria-label=Delete>×</button>"
    item = f"<li><label><input type=checkbox><span>Water the tomatoes</span></label>{date}"
    show(tab, f"<ul class=todo>{item}</ul>", design, " class=app")
    inside = box(tab, "li")
    for part in ("label", "[type=date]", ".del"):
        there = box(tab, part)
        assert there["x"] >= inside["x"] - 1, part
        assert there["x"] + there["width"] <= inside["x"] + inside["width"] + 1, part
    assert box(tab, "label span")["width"] > 60
    assert box(tab, "[type=date]")["width"] < 200


@pytest.mark.parametrize("design", DESIGNS)
def test_figures_that_change_keep_their_width(tab: Any, design: str) -> None:
    """`font` sets what digits are like anew, so that it must be said of the element itself."""
    stat = "<div class=stats><p class=stat><b>4</b></p></div>"
    show(
        tab,
        f"<output class=display>1</output><p class=price>2</p><div class=countdown><p><b>3</b></p></div>{stat}",
        design,
    )
    for name in (".display", ".price", ".countdown b", ".stat b"):
        assert tab.evaluate(STYLE, [name, "fontVariantNumeric"]) == "tabular-nums", name


DESK = """<nav class=menubar><b>Desk</b></nav><main><div class=icons><button>Files</button><button>Bin</button>
<button><span class="picture sea"></span>Sea</button></div><section class=window style="left:30%;top:10%;width:22rem">
<header><h1>Welcome</h1></header><p>One</p></section>
<section class=window><header><h2>Notes</h2></header><p>Two</p></section>
</main><nav class=dock><button>Mail</button></nav>"""


@pytest.mark.parametrize("design", DESIGNS)
def test_titles_of_windows_are_small_and_icons_without_a_drawing_have_a_tile(tab: Any, design: str) -> None:
    tab.set_content(dressed(f"<!doctype html><html lang=en class={design}><title>a</title><body class=desktop>{DESK}"))
    assert tab.evaluate(SIZE, ".window h1") < 20
    tiles = tab.locator(".icons button, .dock button").evaluate_all(
        "all => all.map(it => parseFloat(getComputedStyle(it, '::before').width) > 30)"
    )
    assert tiles == [True, True, False, True]


def test_windows_stand_below_each_other_on_a_phone_wherever_they_were_put(tab: Any) -> None:
    tab.set_viewport_size({"width": 390, "height": 700})
    tab.set_content(dressed(f"<!doctype html><html lang=en class=cards><title>a</title><body class=desktop>{DESK}"))
    icons, one, two = (box(tab, name) for name in (".icons", ".window", ".window + .window"))
    assert icons["y"] + icons["height"] <= one["y"]
    assert one["y"] + one["height"] <= two["y"]
    assert 0 <= one["x"] == two["x"]
    assert one["width"] > 300


def test_days_and_lines_of_a_menu_have_no_brackets(tab: Any) -> None:
    calendar = "<table class=calendar><tr><td><button>1</button></table>"
    show(tab, f"{calendar}<nav class=menu><button>A long line of a menu</button></nav>", "terminal")
    said = tab.locator("button").evaluate_all("all => all.map(it => getComputedStyle(it, '::before').content)")
    assert said == ["none", "none"]
    assert tab.evaluate(STYLE, [".menu button", "textAlign"]) == "start"


def test_what_is_said_of_a_dish_belongs_to_it(tab: Any) -> None:
    dish = "<article><b>Soup</b><p>Of the day.</p><b>€4</b></article>"
    show(tab, f"<section><div class=dishes>{dish * 2}</div></section>")
    name, about = box(tab, ".dishes b"), box(tab, ".dishes p")
    second = box(tab, ".dishes > :nth-child(2)")
    assert about["y"] - name["y"] - name["height"] < second["y"] - about["y"] - about["height"]


def test_plans_have_their_names_in_one_line_though_one_has_a_badge(tab: Any) -> None:
    plans = "".join(
        f"<article class=card>{badge}<h2>Plan</h2><p class=price>€4</p><button>Choose</button></article>"
        for badge in ("", "<span class=badge>Most chosen</span>", "")
    )
    show(tab, f"<div class=plans>{plans}</div>")
    assert len({title.bounding_box()["y"] for title in tab.locator("h2").all()}) == 1
