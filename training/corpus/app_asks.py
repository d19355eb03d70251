"""Requests for apps and edits of them, as people type and say them.

A request is put together from the parts a person may mention, in any order; what it does not mention is not in the app.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from training.corpus.app_words import Words
from training.corpus.asks import SPOKEN_SHARE

T = TypeVar("T")

TODO_BASES = (
    "to-do app", "to-do app", "to-do app", "todo app", "to-do list", "todo list", "to-do", "task list", "checklist",
    "task app",
    "list app", "task manager", "to-do list app", "todo list app", "list of things to do", "app for my tasks",
    "app to keep track of tasks",
)  # fmt: skip
COUNTER_BASES = (
    "counter", "tally counter", "counter app", "tally app", "click counter", "number counter", "app that counts",
)  # fmt: skip
TIMER_BASES = (
    "{n} minute timer", "{n}-minute timer", "timer for {n} minutes", "countdown of {n} minutes", "{n} minute countdown",
    "timer that runs for {n} minutes", "timer app set to {n} minutes",
)  # fmt: skip
COLOURS = {"dark": "night", "light": "paper", "green": "mint", "blue": "sky", "pink": "rose", "purple": "dusk"}
PREFIXES = (
    "", "", "", "", "make me ", "make ", "build ", "build me ", "create ", "I need ", "I want ", "give me ",
    "can you make ", "please make ",
    "show me ", "I'd like ", "write ", "could you build me ",
)  # fmt: skip
PLAIN = ("simple", "small", "nice", "tiny", "clean", "new", "good", "quick")
ADD = (
    "add {}", "add {}", "add {}", "also add {}", "give it {}", "now with {}", "I want {}", "can you add {}",
    "put in {}", "with {}", "please add {} too",
)  # fmt: skip
ALLOW = ("let me {}", "I want to {}", "I'd like to {}", "make it so I can {}", "allow me to {}", "can I {}")
REMOVE = (
    "remove {}", "without {}", "take out {}", "drop {}", "no {}", "get rid of {}", "delete {}", "I don't need {}",
    "leave out {}", "please remove {}",
)  # fmt: skip
RENAME = (
    "rename it to {}", "call it {}", "change the title to {}", "name it {}", "the title should be {}", "title it {}",
    "rename this {}", "make the heading {}",
)  # fmt: skip
RECOLOUR = (
    "make it {}", "make it {}", "{} please", "I want it {}", "turn it {}", "change the colour to {}",
    "make the page {}", "a {} one", "more {}",
)  # fmt: skip
PUT = ("add {} to the list", "put {} on the list", "put {} on it", "also list {}", "include {}", "add the item {}")
DROP = (
    "remove {}", "delete {}", "take {} off the list", "take out {}", "drop {}", "get rid of {}",
    "{} is done, remove it", "I don't need {}",
)  # fmt: skip
SWAP = (
    "change {} to {}",
    "replace {} with {}",
    "swap {} for {}",
    "it should say {1} instead of {0}",
    "put {1} instead of {0}",
)
FILLERS = ("um ", "uh ", "hey ", "okay ", "please ", "so ", "hi ", "well ")


@dataclass(frozen=True)
class Wish:
    """What a request mentions: words for the thing, a name, items, features and a colour word; empty: unmentioned."""

    base: str
    called: str = ""
    items: tuple[str, ...] = ()
    features: tuple[Words, ...] = ()
    colour: str = ""


def speaks(rng: random.Random) -> bool:
    """Whether a request is spoken rather than typed."""
    return rng.random() < SPOKEN_SHARE


def spoken(words: str) -> str:
    """Words as speech recognition writes them: lower case, no punctuation, hyphens as spaces."""
    kept = "".join(c for c in words.lower().replace("-", " ").replace("&", " and ") if c not in ',.?!:()"')
    return " ".join(kept.split())


def request(rng: random.Random, wish: Wish, voice: bool) -> str:
    """A whole request; voice: as spoken, with fillers. Items must be spelled as the page will spell them."""
    bare = not (wish.called or wish.items or voice) and rng.random() < 0.08
    words = keywords(rng, wish) if bare else sentence(rng, wish, voice)
    if voice:
        return rng.choice(("", "", *FILLERS)) + spoken(words) + rng.choice(("", "", " please", " thanks"))
    return words[:1].upper() + words[1:] + rng.choice((".", "")) if rng.random() < 0.2 else words


def keywords(rng: random.Random, wish: Wish) -> str:
    """A request as typed into a search box: the thing and its features, nothing else."""
    names = [wish.base, *(rng.choice((f.name, rng.choice(f.nouns))) for f in shuffled(rng, wish.features))]
    return rng.choice((", ", " ", " + ")).join([f"{wish.colour} {names[0]}".strip(), *names[1:]])


def sentence(rng: random.Random, wish: Wish, voice: bool) -> str:
    """A request in a sentence: thing, name, items, features as nouns ("with …"), then as clauses ("that …")."""
    features = shuffled(rng, wish.features)
    adjectives = [wish.colour] if wish.colour else []
    if features and features[0].adjective and rng.random() < 0.15:
        adjectives.append(features.pop(0).adjective)
    elif not adjectives and rng.random() < 0.12:
        adjectives.append(rng.choice(PLAIN))
    cut = rng.choice((0, len(features), len(features), rng.randint(0, len(features))))
    parts = shuffled(rng, [name_part(rng, wish), item_part(rng, wish, voice)])
    parts.insert(rng.choice((0, 2, 2, 2)), noun_part(rng, features[:cut]))
    thing = with_article(" ".join([*adjectives, wish.base]))
    return rng.choice(PREFIXES) + " ".join([thing, *filter(None, parts)]) + clause_part(rng, features[cut:])


def shuffled(rng: random.Random, parts: Sequence[T]) -> list[T]:
    return rng.sample(parts, len(parts))


def with_article(words: str) -> str:
    """Words with "a" or "an" by their first letter."""
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def name_part(rng: random.Random, wish: Wish) -> str:
    form = rng.choice(("called {}", "called {}", "named {}", "for {}", "titled {}", 'called "{}"'))
    return form.format(wish.called) if wish.called else ""


def item_part(rng: random.Random, wish: Wish, voice: bool) -> str:
    """Items as a list; a speaker says "and" between all of them, as nothing else parts them."""
    form = rng.choice(("with {}", "with {}", "with {} on it", "containing {}", "that lists {}", "holding {}"))
    items = " and ".join(wish.items) if voice else series(wish.items or ("",))
    return form.format(items) if wish.items else ""


def noun_part(rng: random.Random, features: Sequence[Words]) -> str:
    form = rng.choice(("with {}", "with {}", "with {}", "including {}", "plus {}", "and {}", "featuring {}"))
    return form.format(series([rng.choice(f.nouns) for f in features])) if features else ""


def clause_part(rng: random.Random, features: Sequence[Words]) -> str:
    if not features:
        return ""
    if rng.random() < 0.25:
        return rng.choice((" and let me {}", ", let me {}", " where I can {}", ". Let me {}")).format(
            series([rng.choice(f.lets) for f in features])
        )
    return f" {rng.choice(('that', 'that', 'which'))} {' and '.join(rng.choice(f.clauses) for f in features)}"


def series(words: Sequence[str]) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def edit(rng: random.Random, words: str, voice: bool) -> str:
    """An instruction as typed or spoken."""
    if voice:
        return rng.choice(("", "", "", *FILLERS)) + spoken(words)
    return words[:1].upper() + words[1:] if rng.random() < 0.2 else words


def adding(rng: random.Random, features: Sequence[Words]) -> str:
    """An instruction to add features."""
    if rng.random() < 0.25:
        return rng.choice(ALLOW).format(series([rng.choice(f.lets) for f in features]))
    return rng.choice(ADD).format(series([rng.choice(f.nouns) for f in features]))


def removing(rng: random.Random, features: Sequence[Words]) -> str:
    """An instruction to take features away."""
    return rng.choice(REMOVE).format(series([rng.choice(f.named) for f in features]))
