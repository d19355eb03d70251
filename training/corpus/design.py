"""What all page families share: palettes as one CSS rule each, and the words of the corpus contract.

A palette is one `:root` rule, so that a tokenizer can learn it as one word and a page changes colour by changing one
token. Every text colour has a contrast of at least 4.5 on the surfaces it is used on
(tests/unit/training/corpus/test_design.py computes it).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backend.prompts.brief import Brief
from training.texts.source import Source
from training.texts.split import Split as Split


@dataclass(frozen=True)
class Palette:
    """Colours of one palette: page, text, muted text, card surface, accent, text on the accent; its colour scheme."""

    bg: str
    fg: str
    muted: str
    card: str
    accent: str
    on: str
    scheme: Literal["light", "dark"] = "light"

    def rule(self) -> str:
        """The palette as one CSS rule of custom properties."""
        return (
            f":root{{color-scheme:{self.scheme};--bg:{self.bg};--fg:{self.fg};--mut:{self.muted};"
            f"--card:{self.card};--acc:{self.accent};--on:{self.on}}}"
        )


PALETTES: dict[str, Palette] = {
    "paper": Palette("#faf6ee", "#2b2620", "#6b6255", "#fffdf8", "#8a3b12", "#ffffff"),
    "mint": Palette("#eefaf4", "#12332a", "#4a665c", "#ffffff", "#0b6b4f", "#ffffff"),
    "sky": Palette("#eef4fc", "#13263f", "#4d5f78", "#ffffff", "#1d5bb8", "#ffffff"),
    "rose": Palette("#fdf1f4", "#3a1420", "#76505c", "#ffffff", "#a81e4d", "#ffffff"),
    "night": Palette("#12151c", "#e9edf5", "#a3adbe", "#1d222d", "#8ab4ff", "#10131a", "dark"),
    "dusk": Palette("#1f1826", "#f3eaf7", "#bdaec6", "#2b2234", "#f0a6ff", "#1c1322", "dark"),
}
DARK: frozenset[str] = frozenset(name for name, palette in PALETTES.items() if palette.scheme == "dark")


@dataclass(frozen=True)
class Checks:
    """What evaluation must find in the rendered page.

    title: text of both <title> and <h1>. links: texts of links or buttons that lead on.
    features: names of behavioural checks (training/evaluation/evaluate.py), e.g. "sorting", "dark mode".
    """

    title: str
    links: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """One training pair: the brief that asks, the page that answers, and how to check a page for it.

    before: of an edit, the page that it changes, which its canvas starts from; else "".
    """

    family: str
    brief: Brief
    page: str
    checks: Checks
    before: str = ""


@dataclass(frozen=True)
class Family:
    """A page family: `designs` it comes in, `sample(rng, source, split)`, which draws one example, and its share.

    weight: how often the family is drawn, relative to the others.
    """

    name: str
    designs: tuple[str, ...]
    sample: Callable[[random.Random, Source, Split], Example]
    weight: float = 1.0
