"""The kit's colours in every design and palette, light and dark: text must be readable on whatever it stands on."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser

from backend.kit.bundle import KIT, designs, dressed, whole
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

DESIGNS = list(designs())
PALETTES = re.findall(r"&(?:\.|:is\(\.)([a-z]+)", (KIT / "palettes.css").read_text("utf-8"))
PAIRS = [
    ("ink", "ground"), ("ink", "paper"), ("ink", "sunken"), ("ink", "tint"),
    ("quiet", "ground"), ("quiet", "paper"), ("quiet", "sunken"),
    ("link", "ground"), ("link", "paper"), ("link", "sunken"), ("on-fill", "fill"),
    ("good", "paper"), ("warn", "paper"), ("bad", "paper"),
    ("ground", "good"), ("ground", "warn"), ("ground", "bad"),
]  # fmt: skip
"""Names of colours: of a text, and of what it stands on."""

MEASURE = """([looks, pairs]) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1) }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = rgb => rgb.map(c => c / 255).map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const probe = document.body.appendChild(document.createElement('i'));
  const value = name => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color };
  const found = [];
  for (const look of looks) {
    document.documentElement.className = look;
    for (const [text, back] of pairs) {
      const under = [value('ground'), value(back)];
      const got = contrast(over([...under, value(text)]), over(under));
      if (got < 4.5) found.push(`${look}: ${text} on ${back} ${got.toFixed(2)}`);
    }
  }
  return found;
}"""


def looks() -> list[str]:
    every = [f"{design} {palette}".strip() for design in DESIGNS for palette in ["", *PALETTES]]
    return [f"{look} {light}" for look in every for light in ("light", "dark")]


def test_every_text_is_readable_in_every_design_and_palette(chromium: Browser) -> None:
    page: Any = chromium.new_page()
    page.set_content(f"<!doctype html><html class=paper><style>{whole()}</style><body>")
    assert len(looks()) > 200
    assert page.evaluate(MEASURE, [looks(), PAIRS]) == []


def test_accents_of_ones_own_keep_their_contrast(chromium: Browser) -> None:
    """Any colour, also one that is as good as white or black."""
    page: Any = chromium.new_page()
    page.set_content(f"<!doctype html><html class=paper><style>{whole()}</style><body>")
    for accent in ("#fff", "#000", "#ff0", "#00f", "#0f0", "#888", "#fffbe6", "hotpink", "#c40"):
        page.evaluate("accent => document.documentElement.style.setProperty('--accent', accent)", accent)
        assert (
            page.evaluate(MEASURE, [[f"{design} {mode}" for design in DESIGNS for mode in ("light", "dark")], PAIRS])
            == []
        )


OVER = """<!doctype html><html lang=en class="magazine grape"><head><title>Kiln</title></head>
<body><header><a href=/home>Kiln</a>
<nav><a href=/shop>Cups</a></nav></header><main><h1>Kiln</h1><p>Stoneware from a small oven.</p>
<div class=cards><article class=card><h2>Cup</h2><p>Ash glaze.</p></article></div></main></body></html>"""
LOOK = """() => ['h1', '.card', 'body > header'].map(selector => {
  const { fontSize, fontFamily, color, borderTopWidth, display } = getComputedStyle(document.querySelector(selector));
  return [selector, fontSize, fontFamily, color, borderTopWidth, display].join('|');
})"""


def test_a_draft_looks_like_the_page_that_it_becomes(visit: Visit) -> None:
    visit.service.engine.write = lambda prompt: OVER
    visit.ask("a shop for cups")
    live = visit.ready("Kiln")
    look = live.evaluate(LOOK)
    assert "68" in look[0] or "Narrow" in look[0]
    assert look == visit.draft().evaluate(LOOK)


@pytest.mark.parametrize("width", [320, 900])
def test_no_design_scrolls_sideways(chromium: Browser, width: int) -> None:
    page: Any = chromium.new_page(viewport={"width": width, "height": 700})
    for design in DESIGNS:
        page.set_content(dressed(OVER.replace("magazine", design)))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, design
