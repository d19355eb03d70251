"""Icons of the kit: drawn in the colour and size of their text, and never taken for a component of the same name."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from backend.kit.bundle import designs, dressed
from backend.kit.drawings import icons

pytestmark = pytest.mark.browser

BOX = """ selector => {
  const { width, height } = document.querySelector(selector).getBoundingClientRect();
  return [width, height].map(Math.round);
}"""
LOOKS = """names => {
  const said = ['display', 'position', 'width', 'height', 'font', 'color', 'content', 'background-color', 'border',
    'padding', 'margin', 'border-radius', 'gap', 'text-decoration', 'box-shadow', 'vertical-align'];
  const look = (element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    return said.map(name => `${name}: ${style.getPropertyValue(name)}`).join('; ');
  };
  const glyphs = new Set(), odd = [];
  for (const tag of ['i', 'button', 'a']) {
    const seen = name => {
      const element = document.querySelector('main').appendChild(document.createElement(tag));
      element.className = `icon ${name}`;
      const all = ['', '::before', '::after'].map(pseudo => look(element, pseudo || undefined)).join(' | ');
      glyphs.add(getComputedStyle(element, '::before').maskImage);
      element.remove();
      return all;
    };
    const usual = seen('star');
    for (const name of names) if (seen(name) !== usual) odd.push(`${tag}.${name}: ${seen(name)} instead of ${usual}`);
  }
  return [odd, glyphs.size];
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Any]:
    page = chromium.new_page()
    yield page
    page.close()


def over(body: str, look: str = "paper") -> str:
    return dressed(
        f'<!doctype html><html lang=en class="{look}"><title>a</title><body><main>{body}</main></body></html>'
    )


def painted(page: Any, selector: str) -> bool:
    """Whether anything is seen in the box of an element: whether its picture is not of one colour."""
    shot: bytes = page.locator(selector).screenshot()
    colours: int = page.evaluate(
        """async bytes => {
          const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
          const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          canvas.drawImage(bitmap, 0, 0);
          return new Set(new Uint32Array(canvas.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
        }""",
        list(shot),
    )
    return colours > 1


@pytest.mark.parametrize("design", list(designs()))
def test_no_icon_is_taken_for_a_component_of_its_name(page: Any, design: str) -> None:
    names = sorted(icons())
    page.set_content(over(f"<button></button><i class='icon'></i><b class='{' '.join(names)}'></b>", design))
    odd, glyphs = page.evaluate(LOOKS, names)
    assert odd == []
    assert glyphs == len(set(icons().values()))


def test_an_icon_has_the_size_and_colour_of_its_text(page: Any) -> None:
    page.set_content(
        over("""<p style="font-size: 16px; color: rgb(200, 0, 0)"><i class="icon star" id=a></i></p>
      <p style="font-size: 32px"><i class="icon star" id=b></i></p>""")
    )
    assert [page.evaluate(BOX, name)[0] for name in ("#a", "#b")] == [20, 40]
    ink = "getComputedStyle(document.querySelector('#a'), '::before').backgroundColor"
    assert page.evaluate(ink) == "rgb(200, 0, 0)"
    assert painted(page, "#a")


def test_a_button_of_an_icon_alone_is_square_and_one_with_a_text_is_not(page: Any) -> None:
    page.set_content(
        over("""<p class=row><button class="icon trash-2" aria-label=Delete id=a></button>
      <button class="icon trash" id=b>Delete</button></p>""")
    )
    width, height = page.evaluate(BOX, "#a")
    assert width == height > 30
    assert page.evaluate(BOX, "#b")[0] > 80
    assert page.get_by_role("button", name="Delete").count() == 2
    assert painted(page, "#a")


@pytest.mark.parametrize("design", list(designs()))
def test_an_icon_that_nobody_has_drawn_is_a_dot(page: Any, design: str) -> None:
    """And takes the room of one that somebody has; beside a text, or an emoji, it is nothing."""
    page.set_content(
        over(
            """<p><i class="icon star" id=a></i><i class="icon nosuch" id=b></i></p>
      <p><span class="icon nosuch" id=c>x</span><span id=d>x</span></p>
      <button class="icon nosuch" aria-label=Delete id=e></button>""",
            design,
        )
    )
    assert page.evaluate(BOX, "#a") == page.evaluate(BOX, "#b")
    assert page.evaluate(BOX, "#c") == page.evaluate(BOX, "#d")
    assert painted(page, "#b")
    ink = "getComputedStyle(document.querySelector('#b'), '::before').maskImage"
    assert page.evaluate(ink).startswith("radial-gradient(")
    assert min(page.evaluate(BOX, "#e")) > 24
    drawn = "['::before', '::after'].map(part => getComputedStyle(document.querySelector('#e'), part).content)"
    assert page.evaluate(drawn) == ['""', "none"]


def test_icons_are_seen_in_forced_colours_and_in_print(page: Any) -> None:
    page.set_content(over('<i class="icon star" id=a></i>'))
    page.emulate_media(forced_colors="active")
    assert painted(page, "#a")
    page.emulate_media(forced_colors="none", media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('#a'), '::before').printColorAdjust") == "exact"
