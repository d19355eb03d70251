"""A page that asks the kit for what it does not have, or says something of its own, is still a whole page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from backend.kit.bundle import dressed, sheets, styles_for, whole

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang=en class="{look}"><title>Kiln</title>{style}<body>
<header><a href=/home>Kiln</a><nav><a href=/shop>Cups</a></nav></header>
<main><h1>Kiln</h1><p class="lead">Stoneware.</p><div class="cards {more}"><article class="card {more}"><h2>Cup</h2>
<p>Ash glaze.</p><p class=row><button>Buy</button> <span class="badge good">new</span></p></article></div>
<div class="board cols-3"><button>1</button></div><ul class=timeline><li>Monday</li></ul><section class=band>a</section>
<div class="window"><header><h2>a</h2></header><p>b</p></div><form><label>Name<input></label></form></main></html>"""
LOOK = """() => [...document.querySelectorAll('html, body, body *:not(script, style)')].map(element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  return [element.tagName, style.display, style.font, style.color, style.backgroundColor, style.border, style.padding,
    style.margin, style.borderRadius, Math.round(box.x), Math.round(box.width), Math.round(box.height)].join('|');
})"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Any]:
    page = chromium.new_page(viewport={"width": 900, "height": 700})
    yield page
    page.close()


def shown(page: Any, look: str, style: str = "", more: str = "") -> list[str]:
    page.set_content(dressed(PAGE.format(look=look, style=style, more=more)))
    said: list[str] = page.evaluate(LOOK)
    return said


def test_a_design_that_is_none_looks_like_no_design(page: Any) -> None:
    plain = shown(page, "light")
    assert shown(page, "nosuch thing") == plain
    assert shown(page, "Paper MINT") == plain
    assert shown(page, "nosuch mint") == shown(page, "mint") != plain
    assert shown(page, "paper nosuch") == shown(page, "paper") != plain
    ground, accent = page.evaluate(
        "['--ground', '--accent'].map(name => getComputedStyle(document.documentElement).getPropertyValue(name))"
    )
    assert ground
    assert accent


def test_a_component_that_is_none_does_nothing(page: Any) -> None:
    assert shown(page, "paper", more="carousel nosuch card-fancy") == shown(page, "paper")


@pytest.mark.parametrize("shape", ["", "square", "wide", "round"])
def test_a_picture_of_something_unknown_is_a_neutral_scene(page: Any, shape: str) -> None:
    page.set_content(
        dressed(
            PAGE.format(look="paper", style="", more="").replace(
                "<h1>", f"<div class='picture nosuch {shape}' role=img aria-label=a style='width: 300px'></div><h1>"
            )
        )
    )
    box = page.locator(".picture")
    assert box.bounding_box()["height"] > 100
    plain = box.screenshot()
    page.add_style_tag(content=".picture { --scene: none }")
    empty = box.screenshot()
    assert plain != empty
    assert page.evaluate("getComputedStyle(document.querySelector('.picture')).backgroundImage").count("gradient(") == 1


def test_a_scene_of_ones_own_or_of_the_kit_is_no_neutral_one(page: Any) -> None:
    page.set_content(dressed("<!doctype html><html class=paper><main><div class='picture sea'></div></main>"))
    image = page.evaluate("getComputedStyle(document.querySelector('.picture')).backgroundImage")
    assert image.count("url(") == 1
    assert image.count("gradient(") == 1


def test_what_a_page_says_of_the_kits_words_wins(page: Any) -> None:
    own = """<style>.card { padding: 3px; background: rgb(1, 2, 3) } button { background: rgb(4, 5, 6) }
      .board { margin: 0 } .timeline { padding: 0 } .band { max-width: 100px } .window { margin: 0 }
      h1 { font-size: 20px } .badge.good { color: rgb(7, 8, 9) }</style>"""
    shown(page, "cards", own)
    said = page.evaluate("""() => Object.entries({ '.card': 'padding', '.card button': 'backgroundColor',
      '.board': 'margin', '.timeline': 'padding', '.band': 'maxWidth', '.window': 'margin', h1: 'fontSize',
      '.badge': 'color' })
      .map(([selector, name]) => getComputedStyle(document.querySelector(selector))[name])""")
    assert said == ["3px", "rgb(4, 5, 6)", "0px", "0px", "100px", "0px", "20px", "rgb(7, 8, 9)"]
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(1, 2, 3)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 900


WEAR = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}"""
ALONE = """<!doctype html><html lang=en class=paper><title>a</title><main><section><h2>a</h2>
<div class="{name}"><h2>b</h2><p>c <b>d</b></p><p>e</p><button>f</button></div></section></main></html>"""


def test_a_word_alone_looks_in_a_page_as_it_does_in_the_draft(page: Any) -> None:
    """A draft has all of the kit, the page that it becomes the parts that it names."""
    names = {name for part in sheets() for name in re.findall(r"\.([a-z][a-z0-9-]*)", part.rules)}
    assert len(names) > 150
    page.emulate_media(reduced_motion="reduce")
    odd = []
    for name in sorted(names):
        html = ALONE.format(name=name)
        page.set_content(html)
        if worn(page, styles_for(html)) != worn(page, whole()):
            odd.append(name)
    assert odd == []


def worn(page: Any, styles: str) -> list[str]:
    """How the page looks in these styles."""
    page.evaluate(WEAR, styles)
    said: list[str] = page.evaluate(LOOK)
    return said
