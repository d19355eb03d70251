"""Edits of pages of the worlds web and os: the page as it was, in the colours asked for.

All else, and with it every choice that followed from the first palette, stays: the instruction changes one rule.
"""

import random
from dataclasses import replace

from training.corpus import app_asks as asks
from training.corpus.app_made import checked
from training.corpus.design import PALETTES, Example

EDIT_SHARE = 0.15
"""Of the pages of these worlds."""

SHADES = {
    "night": ("switch to dark mode", "dark mode please", "too bright", "make it darker", "turn the lights off"),
    "paper": ("switch to light mode", "light mode please", "too dark", "make it lighter", "warmer colours"),
    "mint": ("use green", "a green theme", "greener please"),
    "sky": ("use blue", "a blue theme", "something blue"),
    "rose": ("use pink", "a pink theme", "make it red"),
    "dusk": ("use purple", "a purple theme", "make it violet"),
}
"""Palette -> what else people say who want it."""


def recoloured(rng: random.Random, example: Example) -> Example:
    """The example as an edit of its page, in another palette; as it is where the page has two palettes or none."""
    palette = next((name for name in PALETTES if PALETTES[name].rule() in example.page), "")
    if not palette or ".alt{" in example.page:
        return example
    colour = rng.choice([colour for colour, name in asks.COLOURS.items() if name != palette])
    wanted = asks.COLOURS[colour]
    words = rng.choice(SHADES[wanted]) if rng.random() < 0.4 else rng.choice(asks.RECOLOUR).format(colour)
    return replace(
        example,
        brief=replace(example.brief, edit=asks.edit(rng, words, asks.speaks(rng))),
        page=example.page.replace(PALETTES[palette].rule(), PALETTES[wanted].rule()),
        checks=replace(example.checks, features=checked(example.checks.features, colour)),
        before=example.page,
    )
