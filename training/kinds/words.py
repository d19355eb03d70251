"""Sources of free words: names, tasks, things, places and numbers, spelled as in a request."""

import random
from collections.abc import Callable

from training.kinds.wordings import FREE
from training.texts.source import Source
from training.texts.split import Split

SOURCES = ("task", "thing", "name", "title", "food", "buy", "city", "word", "price", "sentence")


def free_word(name: str, rng: random.Random, source: Source, split: Split) -> str:
    """Draw a text from the source of that name.

    Raises:
        ValueError: The source is unknown.
    """
    draws: dict[str, Callable[[], str]] = {
        "task": lambda: rng.choice(FREE["errands"]) if rng.random() < 0.5 else source.task(rng, split),
        "thing": lambda: source.noun(rng, split),
        "name": lambda: source.name(rng).split()[0] if rng.random() < 0.7 else source.person(rng),
        "title": lambda: source.label(rng, split),
        "food": lambda: rng.choice(FREE["foods"]) if rng.random() < 0.7 else source.noun(rng, split),
        "buy": lambda: rng.choice(FREE["buys"]) if rng.random() < 0.6 else source.noun(rng, split),
        "city": lambda: rng.choice(FREE["cities"]) if rng.random() < 0.8 else source.name(rng),
        "word": lambda: source.noun(rng, split),
        "price": lambda: f"{rng.randint(1, 40)}.{rng.choice(('00', '50', '90', '20'))}",
        "sentence": lambda: (
            f"{source.task(rng, split)} {rng.choice(('today', 'this week', 'every morning', 'before noon'))}"
        ),
    }
    if name not in draws:
        raise ValueError(f"expected a source among {', '.join(SOURCES)}; got {name!r}")
    while "," in (found := draws[name]().strip()) or " and " in found or ";" in found:
        pass
    return found
