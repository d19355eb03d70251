"""Decide which world a finished page belongs to, as the page itself tells. The module is pure.

A model that was asked for "any" world marks what it made as the kit does. <body class=app> is an application and <body
class=desktop> is a screen. Without a mark, a page over the kit belongs to the web. Other pages are judged by what they
do: a page that works by itself and has no navigation is an application.
"""

from backend.markup.tree import Element, parse
from backend.pages.page_look import look_of
from backend.prompts.brief import World

MARKED: dict[str, World] = {"desktop": "os", "app": "app"}
CONTROLS = frozenset({"button", "input", "select", "textarea"})
PLAYED = frozenset({"board", "pad", "kanban"})
"""Parts of the kit that no page of the web has."""

RUNNING = frozenset({"", "module", "text/javascript", "application/javascript"})
"""Types of a <script> that runs; others hold data."""

NO_PAGES = ("#", "javascript:", "mailto:", "tel:", "data:", "blob:")
"""The beginnings of addresses that open no page of a site."""


def page_world(page: str) -> World:
    """Return the world of a page. The function accepts any text; an empty page belongs to the web."""
    elements = list(parse(page).walk())
    body = next((element for element in elements if element.name == "body"), None)
    marked = next((world for mark, world in MARKED.items() if body and mark in body.tokens), None)
    return marked or ("app" if _works(elements, look_of(page) != "") else "web")


def _works(elements: list[Element], over_the_kit: bool) -> bool:
    """Return whether a page without a mark is an application.

    Such a page has a script, something to work or play with, and no navigation of a site.
    """
    used = _is_played if over_the_kit else _is_control
    runs = any(element.name == "script" and _type(element) in RUNNING for element in elements)
    return runs and any(map(used, elements)) and not any(map(_leads_on, _leading(elements)))


def _type(script: Element) -> str:
    """Return the type of a script in lower case."""
    return script.attributes.get("type", "").strip().lower()


def _is_played(element: Element) -> bool:
    """Return whether an element is something to play with."""
    return element.name == "canvas" or not PLAYED.isdisjoint(element.tokens)


def _is_control(element: Element) -> bool:
    """Return whether an element is something to work with."""
    return element.name in CONTROLS or "contenteditable" in element.attributes or _is_played(element)


def _leading(elements: list[Element]) -> set[Element]:
    """Return the elements that stand in a <nav> or <header>.

    Args:
        elements: The elements in document order, so that the time stays proportional to their number.
    """
    found: set[Element] = set()
    for element in elements:
        if element.parent in found or element.name in ("nav", "header"):
            found.add(element)
    return found


def _leads_on(element: Element) -> bool:
    """Return whether an element is a link that opens a page."""
    href = element.attributes.get("href", "").strip().lower()
    return element.name == "a" and href != "" and not href.startswith(NO_PAGES)
