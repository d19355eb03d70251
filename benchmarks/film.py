"""What a page looked like while it developed: shots of a browser tab, and an animated picture made of them."""

import io
import re
import time
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image
from playwright.sync_api import Page

SIZE = (800, 500)
LAST_MS = 2500
"""How long the committed page stands before the picture begins again."""

QUALITIES = (80, 65, 50, 35)
MOMENT = """() => {
  const facts = document.querySelector("silverprint-shell").shadowRoot.querySelector(".facts");
  return [Boolean(window.seen.commit), facts.textContent];
}"""


@dataclass(frozen=True)
class Shot:
    """A picture of the tab (PNG). at: seconds, on any clock. settled: share of the canvas, as the strip tells it; 1 for
    the committed page. said: what the strip said."""

    png: bytes
    at: float
    settled: float
    said: str


def shoot(page: Page) -> list[Shot]:
    """A page while it develops, picture after picture, until it is committed and on view: that is the last. Wants a
    shell with what `benchmarks.shell.IN_SHELL` notes, about to be asked."""
    shots: list[Shot] = []
    done = False
    while not done:
        done, said = page.evaluate(MOMENT)
        if share := re.search(r"(\d+)% settled", said):
            shots.append(Shot(page.screenshot(), time.monotonic(), int(share[1]) / 100, said))
        elif not done:
            page.wait_for_timeout(20)
    page.mouse.move(0, 0)
    return [*shots, Shot(page.screenshot(), time.monotonic(), 1.0, page.evaluate(MOMENT)[1])]


def nearest(shots: list[Shot], canvas: int, settled: float) -> Shot:
    """The shot of a canvas, counted from 1, whose settled share is nearest to one."""
    own = [shot for shot in shots if shot.said.startswith(f"canvas {canvas}")]
    return min(own or shots, key=lambda shot: abs(shot.settled - settled))


def animated(shots: list[Shot], limit: int) -> bytes:
    """An animated WebP in the page's own time, of ``limit`` bytes at most. Raises ValueError if that cannot be."""
    frames = [Image.open(io.BytesIO(shot.png)).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS) for shot in shots]
    lasting = [max(20, round(1000 * (after.at - before.at))) for before, after in pairwise(shots)]
    for quality in QUALITIES:
        into = io.BytesIO()
        frames[0].save(
            into, "WEBP", save_all=True, append_images=frames[1:], duration=[*lasting, LAST_MS], loop=0,
            quality=quality, method=4,
        )  # fmt: skip
        if into.tell() <= limit:
            return into.getvalue()
    raise ValueError(f"expected an animation of {limit:,} bytes at most, got {into.tell():,}")
