"""What most page families of world "app" are made of: an App says what is its own; examples are drawn from it.

Every page is `main > header > h1`, then the tools of its features in `.tools`, then the body of the app. Feature "dark
mode", which every app may have, is a button in the header (app_todo.py).

What evaluation may rely on: `Checks.features` begins with the app's name, whose check
(training/evaluation/checks/apps.py and its like) works the app as such; then come "<app>: <feature>" for each of its
features, "dark mode", and "dark" or "light" when a request or an edit named a colour.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.prompts.brief import Brief
from training.corpus import app_asks as asks
from training.corpus.app_asks import COLOURS
from training.corpus.app_made import Made, an_item, change, checked, request
from training.corpus.app_style import DESIGNS, rules
from training.corpus.app_todo import DARK_LINE, dark_button
from training.corpus.app_words import WORDS, Words
from training.corpus.design import PALETTES, Checks, Example, Family, Split
from training.corpus.page import page, text
from training.texts.source import Source

DARK_MODE = "dark mode"
HELD_SHARE = 0.15
EDIT_SHARE = 0.3
NAMED_SHARE = 0.35
LISTED_SHARE = 0.5
COLOUR_SHARE = 0.06
TOOLS = "header+.tools{align-items:center;margin-top:16px}"


@dataclass(frozen=True)
class Feature:
    """Something an app may have or not. tool: markup in `.tools`; script: lines; rules: whole CSS rules."""

    words: Words
    tool: str = ""
    script: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.words.name


def no_items(_: Sequence[str]) -> str:
    return ""


@dataclass(frozen=True)
class App:
    """A small app.

    name: of its family and of the check that works it. title: its heading when a request names none. bases: nouns that
    people ask for it by, without an article. body: markup behind the tools, from its items. script: lines that every
    page of it has, each ended with a newline. rules: whole CSS rules of its own, for all designs; by_design: for one.
    items: what it lists when a request names nothing; (): a request never names items.
    """

    name: str
    title: str
    bases: tuple[str, ...]
    body: Callable[[Sequence[str]], str]
    script: tuple[str, ...]
    rules: tuple[str, ...] = ()
    by_design: Callable[[str], tuple[str, ...]] = lambda _: ()
    features: tuple[Feature, ...] = ()
    items: tuple[str, ...] = ()
    weight: float = 0.5

    def family(self) -> Family:
        return Family(
            self.name, tuple(DESIGNS), lambda rng, source, split: sample(self, rng, source, split), self.weight
        )

    def words(self) -> dict[str, Words]:
        """How people speak of each of its features, dark mode last."""
        return {**{feature.name: feature.words for feature in self.features}, DARK_MODE: WORDS[DARK_MODE]}


def sample(app: App, rng: random.Random, source: Source, split: Split) -> Example:
    """The app, asked for or edited. Held: sets of features, names and items that are never trained on."""
    voice = asks.speaks(rng)
    before = made = draw(app, rng, source, split, voice)
    words = ""
    if rng.random() < EDIT_SHARE:
        before, made, words = change(rng, source, split, made, app.words(), app.items, voice)
    ask = request(rng, rng.choice(app.bases), before, app.words(), voice, edited=bool(words))
    design, palette = rng.choice(tuple(DESIGNS)), rng.choice(tuple(PALETTES))
    edit = asks.edit(rng, words, voice) if words else ""
    brief = Brief("app", ask, edit=edit, style=f"{design} {palette}", title=made.called)
    markup = app_page(app, COLOURS.get(made.colour, palette), design, made)
    old = app_page(app, COLOURS.get(before.colour, palette), design, before) if words else ""
    return Example(app.name, brief, markup, Checks(made.called or app.title, (), behaviours(app, made)), old)


def draw(app: App, rng: random.Random, source: Source, split: Split, voice: bool) -> Made:
    """What the page will be in the end."""
    called = source.label(rng, split) if rng.random() < NAMED_SHARE else ""
    count = rng.randint(2, 4) if app.items and rng.random() < LISTED_SHARE else 0
    items = tuple(dict.fromkeys(an_item(rng, source, split, voice) for _ in range(count)))
    colour = rng.choice(tuple(COLOURS)) if rng.random() < COLOUR_SHARE else ""
    return Made(called, items, draw_features(app, rng, split), colour)


def draw_features(app: App, rng: random.Random, split: Split) -> frozenset[str]:
    """A set of features that belongs to the split; sets of fewer than two belong to both."""
    for _ in range(50):
        drawn = frozenset(name for name in app.words() if rng.random() < 0.5)
        if len(drawn) < 2 or held(app, drawn) == (split == "held"):
            return drawn
    return frozenset()


def held(app: App, features: frozenset[str]) -> bool:
    """Whether a set of features is kept for evaluation: a share of all, by a stable hash."""
    digest = hashlib.blake2b(f"{app.name} {sorted(features)}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) < HELD_SHARE * 2**32


def behaviours(app: App, made: Made) -> tuple[str, ...]:
    """Names of the behavioural checks of a page."""
    own = (f"{app.name}: {feature.name}" for feature in app.features if feature.name in made.features)
    dark = (DARK_MODE,) if DARK_MODE in made.features else ()
    return checked((app.name, *own, *dark), made.colour)


def app_page(app: App, palette: str, design: str, made: Made) -> str:
    """The page of an app."""
    features = [feature for feature in app.features if feature.name in made.features]
    dark = DARK_MODE in made.features
    tools = "".join(feature.tool for feature in features)
    body = "".join((
        f"<main><header><h1>{text(made.called or app.title)}</h1>{dark_button(palette) if dark else ''}</header>",
        f"<div class=tools>{tools}</div>" if tools else "",
        f"{app.body(made.items or app.items)}</main>",
    ))  # fmt: skip
    lines = (*app.script, *(line for feature in features for line in feature.script), *((DARK_LINE,) if dark else ()))
    own = (
        *((TOOLS,) if tools else ()),
        *app.by_design(design),
        *app.rules,
        *(rule for feature in features for rule in feature.rules),
    )
    return page(rules(palette, design, own, dark), made.called or app.title, body, "".join(lines))
