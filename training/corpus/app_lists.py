"""Samples of the to-do app, as asked for or as edited (see app_todo.py for the page)."""

import hashlib
import random
from itertools import combinations

from backend.prompts.brief import Brief
from training.corpus import app_asks as asks
from training.corpus.app_asks import COLOURS
from training.corpus.app_made import Made, an_item, change, checked, request
from training.corpus.app_style import DESIGNS
from training.corpus.app_todo import FEATURES, ITEMS, TITLE, TITLED_ITEMS, todo_page
from training.corpus.app_words import WORDS
from training.corpus.design import PALETTES, Checks, Example, Split
from training.texts.source import Source

APP_DESIGNS = tuple(DESIGNS)
HELD_SHARE = 0.1
EDIT_SHARE = 0.35
FEATURE_WORDS = {name: WORDS[name] for name in FEATURES}


def held_subsets() -> frozenset[frozenset[str]]:
    """The feature subsets never trained on: a tenth, first by hash, of those with two to four features.

    Sorting with dark mode is what everyone asks first, so that pair is always trained.
    """
    subsets = [frozenset(c) for size in (2, 3, 4) for c in combinations(FEATURES, size)]
    free = [s for s in subsets if s != {"sorting", "dark mode"}]
    ranked = sorted(free, key=lambda s: hashlib.blake2b(",".join(sorted(s)).encode()).digest())
    return frozenset(ranked[: round(HELD_SHARE * len(subsets))])


HELD_SUBSETS = held_subsets()


def sample_todo(rng: random.Random, source: Source, split: Split) -> Example:
    """A to-do app, asked for or edited. Held: feature subsets, names and items that are never trained on."""
    voice = asks.speaks(rng)
    before = todo = draw_todo(rng, source, split, voice)
    words = ""
    if rng.random() < EDIT_SHARE:
        before, todo, words = change(rng, source, split, todo, FEATURE_WORDS, listed(todo), voice)
    ask = request(rng, rng.choice(asks.TODO_BASES), before, FEATURE_WORDS, voice, edited=bool(words))
    design, palette = rng.choice(APP_DESIGNS), rng.choice(tuple(PALETTES))
    edit = asks.edit(rng, words, voice) if words else ""
    brief = Brief("app", ask, edit=edit, style=f"{design} {palette}", title=todo.called)
    old = markup(before, palette, design) if words else ""
    checks = Checks(todo.called or TITLE, (), checked(tuple(sorted(todo.features)), todo.colour))
    return Example("todo", brief, markup(todo, palette, design), checks, old)


def markup(todo: Made, palette: str, design: str) -> str:
    """The page; palette: in which it comes if no colour was named."""
    return todo_page(COLOURS.get(todo.colour, palette), design, todo.called or TITLE, listed(todo), todo.features)


def listed(todo: Made) -> tuple[str, ...]:
    """The items of the page."""
    return todo.items or (TITLED_ITEMS if todo.called else ITEMS)


def draw_todo(rng: random.Random, source: Source, split: Split, voice: bool) -> Made:
    """What the page will be in the end."""
    called = source.label(rng, split) if rng.random() < 0.45 else ""
    count = rng.randint(2, 4) if rng.random() < 0.4 else 0
    items = tuple(an_item(rng, source, split, voice) for _ in range(count))
    colour = rng.choice(tuple(COLOURS)) if rng.random() < 0.08 else ""
    return Made(called, items, draw_features(rng, split), colour)


def draw_features(rng: random.Random, split: Split) -> frozenset[str]:
    """A subset of the features that belongs to the split."""
    if split == "held":
        return rng.choice(sorted(HELD_SUBSETS, key=sorted))
    while (drawn := frozenset(rng.sample(FEATURES, rng.choice((0, 1, 1, 2, 2, 2, 3, 3, 4, 5))))) in HELD_SUBSETS:
        pass
    return drawn
