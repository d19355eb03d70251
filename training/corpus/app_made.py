"""An app as a visitor wants it, how an edit changes it, and what is checked of it: for all families of world "app"."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from training.corpus import app_asks as asks
from training.corpus.app_asks import COLOURS
from training.corpus.app_words import Words
from training.corpus.design import DARK, Split
from training.source import Source


@dataclass(frozen=True)
class Made:
    """An app as a visitor wants it; an empty field was not mentioned."""

    called: str = ""
    items: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    colour: str = ""


def an_item(rng: random.Random, source: Source, split: Split, voice: bool) -> str:
    """An item that can stand in "a, b and c"; spelled as it is spoken, if it is."""
    draw = source.task if rng.random() < 0.5 else source.noun
    while (item := draw(rng, split)).startswith("and ") or " and " in item or "," in item:
        pass
    return asks.spoken(item) if voice else item


def change(
    rng: random.Random, source: Source, split: Split, made: Made, words: Mapping[str, Words]
) -> tuple[Made, Made, str]:
    """What the app was before an edit, what it is then (made, perhaps in another colour), and the instruction.

    words: how people speak of each feature that the app may have.
    """
    features = sorted(made.features)
    kind = rng.choice(("add", "add", "add", "remove", "rename", "recolour", "put"))
    if kind == "add" and features:
        added = rng.sample(features, min(len(features), rng.choice((1, 1, 1, 2))))
        asked = asks.adding(rng, [words[name] for name in added])
        return replace(made, features=made.features - set(added)), made, asked
    if kind == "remove" and len(features) < len(words):
        gone = rng.choice([name for name in words if name not in made.features])
        return replace(made, features=made.features | {gone}), made, asks.removing(rng, [words[gone]])
    if kind == "put" and len(made.items) > 2:
        return replace(made, items=made.items[:-1]), made, rng.choice(asks.PUT).format(made.items[-1])
    if kind == "rename" and made.called:
        called = source.label(rng, split) if rng.random() < 0.5 else ""
        return replace(made, called=called), made, rng.choice(asks.RENAME).format(made.called)
    colour = rng.choice(tuple(COLOURS))
    return made, replace(made, colour=colour), rng.choice(asks.RECOLOUR).format(colour)


def checked(features: tuple[str, ...], colour: str) -> tuple[str, ...]:
    """Features to check: those given, and how dark the page must be when a colour was named."""
    return (*features, "dark" if COLOURS[colour] in DARK else "light") if colour else features
