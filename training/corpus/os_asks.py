"""Requests for a desktop, as people type and say them."""

import random

from training.corpus.app_asks import FILLERS, speaks, spoken, with_article

BASES = (
    "desktop", "desktop", "desktop", "computer desktop", "home screen", "operating system", "desktop screen",
    "computer screen", "os",
)  # fmt: skip
PLAIN = (
    "my desktop", "my desktop", "the desktop", "desktop", "my computer", "start the computer", "show me my desktop",
    "an empty desktop", "home screen", "take me to the desktop", "a desktop", "open my computer", "my home screen",
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
    "Calendar": (
        "the calendar", "a calendar", "my calendar", "calendar", "the calendar app", "a month calendar", "this month",
    ),
    "Photos": (
        "photos", "my photos", "the photos", "a photo gallery", "the photo app", "the gallery", "my photographs",
    ),
    "Terminal": (
        "the terminal", "a terminal", "terminal", "a command line", "the command line", "a console", "a shell",
        "a terminal window", "the command prompt",
    ),
    "Applications": (
        "applications", "all applications", "my apps", "all apps", "the app launcher", "the applications folder",
        "a launcher", "all programs",
    ),
    "Contacts": (
        "contacts", "my contacts", "the contacts", "the contacts app", "an address book", "the address book",
        "my phone book",
    ),
    "Paint": (
        "paint", "a paint program", "the paint app", "a drawing app", "the drawing program", "a painting program",
        "something to draw with", "a sketch pad",
    ),
    "Processes": (
        "the processes", "processes", "the task manager", "a task manager", "a system monitor", "the activity monitor",
        "the running programs",
    ),
}  # fmt: skip
SCREENS: dict[str, tuple[str, ...]] = {
    "Lock Screen": (
        "lock screen", "lock screen", "login screen", "login screen", "log in screen", "login page", "locked screen",
        "sign in screen", "password screen", "desktop login", "login", "locked desktop", "lock screen with a clock",
        "screen to log in", "computer login screen",
    ),
    "Notifications": (
        "notification centre", "notification center", "notifications panel", "notification screen",
        "list of my notifications", "desktop with notifications", "notification list", "panel of notifications",
        "desktop with my notifications", "notifications page", "alert centre", "screen of alerts",
    ),
}  # fmt: skip
SCREEN_PLAIN: dict[str, tuple[str, ...]] = {
    "Lock Screen": (
        "log in", "lock the screen", "lock screen", "login screen", "lock my computer", "the lock screen", "login",
        "sign in", "lock", "lock the desktop",
    ),
    "Notifications": (
        "notifications", "my notifications", "show my notifications", "the notification centre", "open notifications",
        "do I have notifications", "any notifications", "the notifications", "new notifications",
    ),
}  # fmt: skip
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
    adjectives = described(rng, design, colour)
    named = [rng.choice(NAMES[a]) for a in applications]
    return said(rng, wording(rng, adjectives, " and ".join(named)))


def screen_request(rng: random.Random, screen: str, design: str, colour: str) -> str:
    """A request, typed or spoken, for a screen without a window (of SCREENS)."""
    adjectives = described(rng, design, colour)
    if not adjectives and rng.random() < 0.5:
        return said(rng, rng.choice(SCREEN_PLAIN[screen]))
    return said(rng, rng.choice(PREFIXES) + with_article(" ".join([*adjectives, rng.choice(SCREENS[screen])])))


def described(rng: random.Random, design: str, colour: str) -> list[str]:
    """Adjectives for a design and a colour, in any order."""
    words = [rng.choice(DESIGN_WORDS[design])] if design else []
    return rng.sample([*words, colour], len(words) + 1) if colour else words


def said(rng: random.Random, words: str) -> str:
    """Words as typed or as spoken."""
    if speaks(rng):
        return rng.choice(("", "", *FILLERS)) + spoken(words) + rng.choice(("", "", " please", " thanks"))
    return words[:1].upper() + words[1:] if rng.random() < 0.2 else words


def wording(rng: random.Random, adjectives: list[str], named: str) -> str:
    """A sentence of its parts: what the desktop is like, and what is open on it."""
    if not adjectives and not named:
        return rng.choice(PLAIN)
    if named and not adjectives and rng.random() < 0.45:
        return rng.choice(OPEN).format(named)
    thing = rng.choice(PREFIXES) + with_article(" ".join([*adjectives, rng.choice(BASES)]))
    return f"{thing} {rng.choice(WITH).format(named)}" if named else thing
