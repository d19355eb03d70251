"""Samples of the to-do app, as asked for or as edited (see app_todo.py for the page)."""

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations

from backend.brief import Brief
from training.corpus import app_asks as asks
from training.corpus.app_asks import COLOURS, Wish
from training.corpus.app_style import DESIGNS
from training.corpus.app_todo import FEATURES, ITEMS, TITLE, TITLED_ITEMS, todo_page
from training.corpus.app_words import WORDS, Words
from training.corpus.design import DARK, PALETTES, Checks, Example, Split
from training.source import Source

APP_DESIGNS = tuple(DESIGNS)
HELD_SHARE = 0.1
EDIT_SHARE = 0.35


def held_subsets() -> frozenset[frozenset[str]]:
    """The feature subsets never trained on: a tenth, first by hash, of those with two features or more, but not all.

    Sorting with dark mode is what everyone asks first, so that pair is always trained.
    """
    subsets = [frozenset(c) for size in range(2, len(FEATURES)) for c in combinations(FEATURES, size)]
    free = [s for s in subsets if s != {"sorting", "dark mode"}]
    ranked = sorted(free, key=lambda s: hashlib.blake2b(",".join(sorted(s)).encode()).digest())
    return frozenset(ranked[: round(HELD_SHARE * 2 ** len(FEATURES))])


HELD_SUBSETS = held_subsets()


@dataclass(frozen=True)
class Todo:
    """A to-do app as a visitor wants it; an empty field was not mentioned."""

    called: str = ""
    items: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    colour: str = ""


def sample_todo(rng: random.Random, source: Source, split: Split) -> Example:
    """A to-do app, asked for or edited. Held: feature subsets, names and items that are never trained on."""
    voice = asks.speaks(rng)
    before = todo = draw_todo(rng, source, split, voice)
    words = ""
    if rng.random() < EDIT_SHARE:
        before, todo, words = change(rng, source, split, todo, voice)
    wish = Wish(
        rng.choice(asks.TODO_BASES), before.called, before.items, words_of(sorted(before.features)), before.colour
    )
    design, palette = rng.choice(APP_DESIGNS), rng.choice(tuple(PALETTES))
    edit = asks.edit(rng, words, voice) if words else ""
    brief = Brief("app", asks.request(rng, wish, voice), edit=edit, style=f"{design} {palette}", title=todo.called)
    old = markup(before, palette, design) if words else ""
    checks = Checks(todo.called or TITLE, (), checked(tuple(sorted(todo.features)), todo.colour))
    return Example("todo", brief, markup(todo, palette, design), checks, old)


def markup(todo: Todo, palette: str, design: str) -> str:
    """The page; palette: in which it comes if no colour was named."""
    items = todo.items or (TITLED_ITEMS if todo.called else ITEMS)
    return todo_page(COLOURS.get(todo.colour, palette), design, todo.called or TITLE, items, todo.features)


def draw_todo(rng: random.Random, source: Source, split: Split, voice: bool) -> Todo:
    """What the page will be in the end."""
    called = source.label(rng, split) if rng.random() < 0.45 else ""
    count = rng.randint(2, 4) if rng.random() < 0.4 else 0
    items = tuple(draw_item(rng, source, split, voice) for _ in range(count))
    colour = rng.choice(tuple(COLOURS)) if rng.random() < 0.08 else ""
    return Todo(called, items, draw_features(rng, split), colour)


def draw_features(rng: random.Random, split: Split) -> frozenset[str]:
    """A subset of the features that belongs to the split."""
    if split == "held":
        return rng.choice(sorted(HELD_SUBSETS, key=sorted))
    while (drawn := frozenset(rng.sample(FEATURES, rng.choice((0, 1, 1, 2, 2, 2, 3, 3, 4, 5))))) in HELD_SUBSETS:
        pass
    return drawn


def draw_item(rng: random.Random, source: Source, split: Split, voice: bool) -> str:
    """An item that can stand in "a, b and c"; spelled as it is spoken, if it is."""
    draw = source.task if rng.random() < 0.5 else source.noun
    while (item := draw(rng, split)).startswith("and ") or " and " in item or "," in item:
        pass
    return asks.spoken(item) if voice else item


def change(rng: random.Random, source: Source, split: Split, todo: Todo, voice: bool) -> tuple[Todo, Todo, str]:
    """What the app was before an edit, what it is then (todo, perhaps in another colour), and the instruction."""
    features = sorted(todo.features)
    kind = rng.choice(("add", "add", "add", "remove", "rename", "recolour", "put"))
    if kind == "add" and features:
        added = rng.sample(features, min(len(features), rng.choice((1, 1, 1, 2))))
        return replace(todo, features=todo.features - set(added)), todo, asks.adding(rng, words_of(added))
    if kind == "remove" and len(features) < len(FEATURES):
        gone = rng.choice([f for f in FEATURES if f not in todo.features])
        return replace(todo, features=todo.features | {gone}), todo, asks.removing(rng, words_of([gone]))
    if kind == "put" and len(todo.items) > 2:
        return replace(todo, items=todo.items[:-1]), todo, rng.choice(asks.PUT).format(todo.items[-1])
    if kind == "rename" and todo.called:
        called = source.label(rng, split) if rng.random() < 0.5 else ""
        return replace(todo, called=called), todo, rng.choice(asks.RENAME).format(todo.called)
    colour = rng.choice(tuple(COLOURS))
    return todo, replace(todo, colour=colour), rng.choice(asks.RECOLOUR).format(colour)


def words_of(features: Iterable[str]) -> tuple[Words, ...]:
    """How people speak of the features, in their order."""
    return tuple(WORDS[name] for name in features)


def checked(features: tuple[str, ...], colour: str) -> tuple[str, ...]:
    """Features to check: those given, and how dark the page must be when a colour was named."""
    return (*features, "dark" if COLOURS[colour] in DARK else "light") if colour else features
