"""Requests for a desktop, as people type and say them."""

import random

from training.corpus.app_asks import FILLERS, speaks, spoken, with_article

BASES = (
    "desktop", "desktop", "desktop", "computer desktop", "home screen", "operating system", "desktop screen",
    "computer screen", "os",
)  # fmt: skip
PLAIN = (
    "my desktop", "my desktop", "the desktop", "desktop", "my computer", "start the computer", "show me my desktop",
    "an empty desktop", "home screen", "take me to the desktop", "a desktop", "open my computer", "log in",
)  # fmt: skip
DESIGN_WORDS: dict[str, tuple[str, ...]] = {
    "retro": ("retro", "retro", "old", "classic", "vintage", "pixel", "eighties", "nineties", "old school"),
    "glass": ("glass", "glassy", "modern", "see-through", "shiny", "translucent"),
    "flat": ("flat", "flat", "minimal", "simple", "clean"),
}
NAMES: dict[str, tuple[str, ...]] = {
    "Files": ("files", "the files", "the file manager", "my files", "the files app", "a file browser"),
    "Notes": ("notes", "the notes", "my notes", "the notes app", "a note", "a text editor"),
    "Mail": ("mail", "my mail", "the mail", "email", "the inbox", "my email", "the mail app"),
    "Music": ("music", "the music player", "a music player", "the music app", "my songs", "my music", "a playlist"),
    "Calculator": ("the calculator", "a calculator", "calculator", "the calculator app"),
    "Clock": ("the clock", "a clock", "clock", "the clock app", "the time"),
    "Settings": ("settings", "the settings", "my settings", "the settings app", "system settings", "preferences"),
}
WITH = (
    "with {} open", "with {} open", "with {}", "showing {}", "that shows {}", "and open {}", "where {} is open",
    "running {}",
)  # fmt: skip
OPEN = (
    "open {}", "open {}", "{}", "show me {}", "start {}", "launch {}", "go to {}", "I need {}", "bring up {}",
    "can you open {}",
)  # fmt: skip
PREFIXES = (
    "", "", "", "make me ", "show me ", "give me ", "I want ", "create ", "can you make ", "build ", "please show me ",
)  # fmt: skip


def request(rng: random.Random, applications: tuple[str, ...], design: str, colour: str) -> str:
    """A request, typed or spoken, for a desktop with applications open (front first; at most two).

    design: the design that a word in it names, "" for none. colour: a word of COLOURS, or "".
    """
    adjectives = [rng.choice(DESIGN_WORDS[design])] if design else []
    adjectives += [colour] if colour else []
    named = [rng.choice(NAMES[a]) for a in applications]
    words = wording(rng, adjectives, " and ".join(named))
    if speaks(rng):
        return rng.choice(("", "", *FILLERS)) + spoken(words) + rng.choice(("", "", " please", " thanks"))
    return words[:1].upper() + words[1:] if rng.random() < 0.2 else words


def wording(rng: random.Random, adjectives: list[str], named: str) -> str:
    """A sentence of its parts: what the desktop is like, and what is open on it."""
    if not adjectives and not named:
        return rng.choice(PLAIN)
    if named and not adjectives and rng.random() < 0.45:
        return rng.choice(OPEN).format(named)
    thing = rng.choice(PREFIXES) + with_article(" ".join([*rng.sample(adjectives, len(adjectives)), rng.choice(BASES)]))
    return f"{thing} {rng.choice(WITH).format(named)}" if named else thing
