"""Samples of the counter and the timer, as asked for or as edited (see app_dial.py for the pages)."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from backend.prompts.brief import Brief
from training.corpus import app_asks as asks
from training.corpus.app_asks import COLOURS, Wish
from training.corpus.app_dial import counter_page, timer_page
from training.corpus.app_lists import APP_DESIGNS
from training.corpus.app_made import checked
from training.corpus.app_words import WORDS
from training.corpus.design import PALETTES, Checks, Example, Split
from training.texts.source import Source

EDIT_SHARE = 0.25


Make = Callable[[str, str, str, bool], str]
"""The page of a palette, design, title and whether it has a dark mode button."""


@dataclass(frozen=True)
class Draft:
    """A drawn request and what it comes to. was: the wish before an edit; colour: the word that an edit named."""

    brief: Brief
    palette: str
    design: str
    was: Wish
    dark_mode: bool
    colour: str

    def example(self, family: str, title: str, feature: str, make: Make) -> Example:
        """The pair of the request and its page. title: when none was given."""
        features = (feature, "dark mode") if self.dark_mode else (feature,)
        called, palette = self.brief.title or title, COLOURS.get(self.colour, self.palette)
        markup = make(palette, self.design, called, self.dark_mode)
        old = make(self.palette, self.design, self.was.called or title, bool(self.was.features))
        checks = Checks(called, (), checked(features, self.colour))
        return Example(family, self.brief, markup, checks, old if self.brief.edit else "")


def sample_counter(rng: random.Random, source: Source, split: Split) -> Example:
    """A counter, from 0 or from a number that the request names."""
    start = str(rng.randint(1, 200)) if rng.random() < 0.4 else "0"
    base = rng.choice(asks.COUNTER_BASES)
    if start != "0":
        base += rng.choice((" that starts at {}", " starting at {}", " from {}", " beginning with {}")).format(start)
    drawn = draw(rng, source, split, base)
    return drawn.example("counter", "Counter", "counting", partial(counter_page, start))


def sample_timer(rng: random.Random, source: Source, split: Split) -> Example:
    """A timer for the minutes that the request names."""
    minutes = str(rng.choice((1, 2, 3, 5, 10, 15, 20, 25, 30, 45, 60, 90, rng.randint(1, 99))))
    drawn = draw(rng, source, split, rng.choice(asks.TIMER_BASES).format(n=minutes))
    return drawn.example("timer", "Timer", "timer", partial(timer_page, minutes))


def draw(rng: random.Random, source: Source, split: Split, base: str) -> Draft:
    """A request for the thing that the words of base name, perhaps with an edit of it."""
    called = source.label(rng, split) if rng.random() < 0.3 else ""
    dark, voice = rng.random() < 0.4, asks.speaks(rng)
    design, palette = rng.choice(APP_DESIGNS), rng.choice(tuple(PALETTES))
    wish, words, colour = Wish(base, called, (), (WORDS["dark mode"],) if dark else ()), "", ""
    if rng.random() < EDIT_SHARE:
        wish, words, colour = change(rng, wish)
    edit = asks.edit(rng, words, voice) if words else ""
    brief = Brief("app", asks.request(rng, wish, voice), edit=edit, style=f"{design} {palette}", title=called)
    return Draft(brief, palette, design, wish, dark, colour)


def change(rng: random.Random, wish: Wish) -> tuple[Wish, str, str]:
    """The wish before an edit, the instruction, and the colour it names."""
    kind = rng.choice(("dark mode", "rename", "recolour"))
    if kind == "dark mode" and wish.features:
        return replace(wish, features=()), asks.adding(rng, [WORDS["dark mode"]]), ""
    if kind == "dark mode":
        return replace(wish, features=(WORDS["dark mode"],)), asks.removing(rng, [WORDS["dark mode"]]), ""
    if kind == "rename" and wish.called:
        return replace(wish, called=""), rng.choice(asks.RENAME).format(wish.called), ""
    colour = rng.choice(tuple(COLOURS))
    return wish, rng.choice(asks.RECOLOUR).format(colour), colour
