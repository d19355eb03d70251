"""An app as a visitor wants it, how an edit changes it, and what is checked of it: for all families of world "app"."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from training.corpus import app_asks as asks
from training.corpus.app_asks import COLOURS, Wish
from training.corpus.app_words import Words
from training.corpus.design import DARK, Split
from training.texts.source import Source

EARLIER_SHARE = 0.3
"""Of the edits: those that follow another one."""

MOST_ITEMS = 5
"""An edit puts no more on a list."""


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
    rng: random.Random,
    source: Source,
    split: Split,
    made: Made,
    words: Mapping[str, Words],
    listed: Sequence[str] = (),
    voice: bool = False,
) -> tuple[Made, Made, str]:
    """What the app was before an edit, what it is then (made, unless items or its colour change), and the instruction.

    words: how people speak of each feature that the app may have. listed: what it lists if made names nothing.
    """
    features = sorted(made.features)
    kind = rng.choice(("add", "add", "add", "remove", "rename", "recolour", "items", "items"))
    if kind == "add" and features:
        added = rng.sample(features, min(len(features), rng.choice((1, 1, 1, 2))))
        asked = asks.adding(rng, [words[name] for name in added])
        return replace(made, features=made.features - set(added)), made, asked
    if kind == "remove" and len(features) < len(words):
        gone = rng.choice([name for name in words if name not in made.features])
        return replace(made, features=made.features | {gone}), made, asks.removing(rng, [words[gone]])
    if kind == "items" and (items := made.items or tuple(listed)):
        after, asked = other_items(rng, items, new_item(rng, source, split, voice, items))
        return made, replace(made, items=after), asked
    if kind == "rename" and made.called:
        called = source.label(rng, split) if rng.random() < 0.5 else ""
        return replace(made, called=called), made, rng.choice(asks.RENAME).format(made.called)
    colour = rng.choice(tuple(COLOURS))
    return made, replace(made, colour=colour), rng.choice(asks.RECOLOUR).format(colour)


def other_items(rng: random.Random, items: tuple[str, ...], new: str) -> tuple[tuple[str, ...], str]:
    """Items with one more, one fewer or another one, and the instruction."""
    kind = rng.choice(("put", "drop", "swap"))
    if kind == "put" and len(items) < MOST_ITEMS:
        return (*items, new), rng.choice(asks.PUT).format(new)
    at = rng.randrange(len(items))
    if kind == "drop" and len(items) > 2:
        return items[:at] + items[at + 1 :], rng.choice(asks.DROP).format(items[at])
    return (*items[:at], new, *items[at + 1 :]), rng.choice(asks.SWAP).format(items[at], new)


def new_item(rng: random.Random, source: Source, split: Split, voice: bool, items: Sequence[str]) -> str:
    while (item := an_item(rng, source, split, voice)) in items:
        pass
    return item


def request(rng: random.Random, base: str, before: Made, words: Mapping[str, Words], voice: bool, edited: bool) -> str:
    """The request for an app. One that is edited now may have been edited before: the earlier instruction then stands
    behind the request, as the service keeps it (backend/composer/compose.py)."""
    said = ""
    if edited and rng.random() < EARLIER_SHARE:
        before, said = earlier(rng, before, words)
    features = tuple(words[name] for name in sorted(before.features))
    ask = asks.request(rng, Wish(base, before.called, before.items, features, before.colour), voice)
    return f"{ask}. {asks.edit(rng, said, voice)}" if said else ask


def earlier(rng: random.Random, made: Made, words: Mapping[str, Words]) -> tuple[Made, str]:
    """What an app was before an earlier edit, and its instruction; "" if it has nothing that one could have given."""
    kinds = [*made.features, *(["rename"] if made.called else []), *(["recolour"] if made.colour else [])]
    if not kinds:
        return made, ""
    kind = rng.choice(sorted(kinds))
    if kind == "rename":
        return replace(made, called=""), rng.choice(asks.RENAME).format(made.called)
    if kind == "recolour":
        return replace(made, colour=""), rng.choice(asks.RECOLOUR).format(made.colour)
    return replace(made, features=made.features - {kind}), asks.adding(rng, [words[kind]])


def checked(features: tuple[str, ...], colour: str) -> tuple[str, ...]:
    """Features to check: those given, and how dark the page must be when a colour was named."""
    return (*features, "dark" if COLOURS[colour] in DARK else "light") if colour else features
