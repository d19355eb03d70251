"""The file silverprint.json beside a checkpoint: the dialect it was trained on, and the styles the service may draw."""

import json
from itertools import product
from pathlib import Path

from backend.prompts.brief import WORLDS, World
from training.corpus import FAMILIES
from training.corpus.apps import APPS
from training.corpus.design import DARK, PALETTES
from training.corpus.os import SCREENS

ASKS: dict[str, tuple[str, ...]] = {
    "article": ("an encyclopedia article about volcanoes", "wiki page"),
    "thread": ("a forum thread about old bicycles", "discussion"),
    "forum": ("a forum about houseplants", "online community, discussion board"),
    "shop": ("a shop for garden tools", "online store"),
    "item": ("a product page for a wooden kite", "details and price"),
    "topics": ("an index of articles about the sea", "topics, overview"),
    "news": ("the latest news about Mars", "newspaper front page"),
    "story": ("a news story about a lighthouse", "newspaper report"),
    "blog": ("a blog post about slow mornings", "essay, online diary"),
    "profile": ("the profile of a gardener", "user profile, personal page"),
    "recipe": ("a recipe for pancakes", "cooking, ingredients"),
    "qa": ("questions about sourdough", "questions and answers"),
    "results": ("search results for lighthouses", "web search"),
    "landing": ("a landing page for a tea company", "startup, sales page, advertisement"),
    "docs": ("documentation of a weather station", "user guide, manual, reference"),
    "facts": ("a fact sheet about Estonia", "facts and figures"),
    "weather": ("the weather in Lisbon", "forecast"),
    "timeline": ("a timeline of flight", "history in key moments"),
    "gallery": ("a gallery of mountains", "pictures, exhibition, slideshow"),
    "cart": ("my shopping cart", "basket, checkout"),
    "todo": ("a to-do app", "task list, checklist"),
    "counter": ("a counter", "tally app"),
    "timer": ("a 5 minute timer", "countdown"),
    "stopwatch": ("a stopwatch", "lap times"),
    "tictactoe": ("a tic-tac-toe game", "noughts and crosses, game board"),
    "memory": ("a memory game", "matching pairs of cards"),
    "flashcards": ("a flashcards app", "study cards"),
    "poll": ("a poll", "vote"),
    "habits": ("a habit tracker", "routine"),
    "calculator": ("a calculator", "sums"),
    "kanban": ("a kanban board", "project planning"),
    "notes": ("a notes app", "notebook, scratchpad"),
    "expenses": ("an expense tracker", "spending, money, budget"),
    "converter": ("a unit converter", "lengths, weights, temperatures"),
    "password": ("a password generator", "secure passwords"),
    "colours": ("a colour picker", "colors, palette"),
    "markdown": ("a markdown editor", "writing with a preview"),
    "drawing": ("a drawing app", "paint, doodle, sketch"),
    "chat": ("a chat app", "messages"),
    "quiz": ("a quiz about space", "trivia questions, score"),
    "desktop": ("my desktop", "operating system, computer screen"),
    "desktop-files": ("a desktop with the files open", "file manager, folders"),
    "desktop-notes": ("a desktop with my notes open", "text editor"),
    "desktop-mail": ("a desktop with my mail open", "email, inbox"),
    "desktop-music": ("a desktop with the music player open", "songs, playlist"),
    "desktop-calendar": ("a desktop with the calendar open", "month, appointments"),
    "desktop-photos": ("a desktop with my photos open", "pictures"),
    "desktop-terminal": ("a desktop with a terminal open", "command line, console, shell"),
    "desktop-settings": ("a desktop with the settings open", "preferences"),
    "desktop-applications": ("a desktop with all applications open", "app launcher, programs"),
    "desktop-calculator": ("a desktop with a calculator open", "sums"),
    "desktop-clock": ("a desktop with a clock open", "time"),
    "desktop-contacts": ("a desktop with my contacts open", "address book"),
    "desktop-paint": ("a desktop with a paint program open", "draw, sketch"),
    "desktop-processes": ("a desktop with the task manager open", "system monitor, running programs"),
    "login": ("a lock screen", "log in, sign in, password"),
    "notifications": ("my notifications", "notification centre, alerts"),
}
"""For each family, a request as people type it, and other words for what it is."""


def known() -> dict[World, dict[str, list[str]]]:
    """Return what the service knows of the families (backend/prompts/nearest_kinds.py).

    Returns:
        For each world and each name, a request and other words.
    """
    found: dict[World, dict[str, list[str]]] = {world: {} for world in WORLDS}
    for name in FAMILIES:
        world: World = "app" if name in APPS else "os" if name in SCREENS else "web"
        found[world][name] = list(ASKS[name])
    return found


def styles() -> dict[str, list[str]]:
    """Return every "design palette" of each world, in the order in which the families name them."""
    worlds = {"web": [f for name, f in FAMILIES.items() if name not in {**APPS, **SCREENS}],
              "os": list(SCREENS.values()), "app": list(APPS.values())}  # fmt: skip
    designs = {
        world: dict.fromkeys(d for family in families for d in family.designs) for world, families in worlds.items()
    }
    return {world: [" ".join(style) for style in product(names, PALETTES)] for world, names in designs.items()}


def write_manifest(folder: Path) -> None:
    """Write silverprint.json to a checkpoint's folder."""
    manifest = {"dialect": "anchored", "carries": True, "styles": styles(), "dark": sorted(DARK), "kinds": known()}
    (folder / "silverprint.json").write_text(json.dumps(manifest, indent=1) + "\n")
