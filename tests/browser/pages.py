"""Pages that the scripted engine knows, in the families the bundled model is trained on."""

import re

from training.corpus.app_todo import todo_page
from training.corpus.os_desktop import Screen, desktop_page
from training.corpus.os_windows import writing
from training.corpus.page import page
from training.corpus.web_parts import BUY, NAMES, TALK
from training.corpus.web_style import style
from training.corpus.web_subject import Subject
from training.corpus.web_wiki import article_body

FACTS = (
    "A volcano is a rupture in the crust of a planet, through which hot lava, ash and gases escape from a chamber of "
    "magma below the surface. On Earth, volcanoes are most often found where tectonic plates are drifting apart or "
    "towards each other, and most of them lie under water. The name comes from Vulcano, an island off Sicily, which "
    "took it from Vulcan, the god of fire."
)
LINKS = ("Lava", "Magma", "Crater", "Plate tectonics", "Mount Etna")
DESKTOP = Screen("Notes", writing("Buy film for the camera."), "Files")


def write(prompt: str) -> str:
    """The page for a prompt in the terse dialect: an article, a screen or a to-do list. A change shows in its heading,
    as pages that come out as they were are told of."""
    page = written(prompt)
    return page.replace("<h1", f"<h1 data-change={len(prompt)}", 1) if "\nedit: " in prompt else page


def written(prompt: str) -> str:
    """The page before anybody changes it."""
    world = prompt.partition("\n")[0]
    if world == "os":
        opened = re.search(r"^open: (.*)$", prompt, re.MULTILINE)
        return desktop_page("sky", "glass", DESKTOP if opened else Screen())
    if world == "app":
        return todo_page(
            "rose", "soft", "Groceries", ("rye bread", "coffee", "a lemon"), ("sorting", "dark mode", "counter")
        )
    found = re.search(r"^title: (.*)$", prompt, re.MULTILINE)
    title = found[1] if found else "Volcano"
    body = article_body(Subject(title, FACTS, LINKS), ("miro",))
    return page(style("plain", "paper", NAMES, TALK, BUY), title, body)
