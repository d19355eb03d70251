"""Which world a finished page belongs to, as the page itself tells. Pure.

A model that was asked for "any" world marks what it made as the kit does: <body class=app> is an application, <body
class=desktop> a screen, and without a mark a page over the kit is one of the web. So it is only asked of the others
what they do: a page that works by itself and leads nowhere is an application.
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
"""What addresses begin with that open no page of a site."""


def page_world(page: str) -> World:
    """The world of a page. Takes any text; nothing at all is a page of the web."""
    elements = list(parse(page).walk())
    body = next((element for element in elements if element.name == "body"), None)
    marked = next((world for mark, world in MARKED.items() if body and mark in body.tokens), None)
    return marked or ("app" if _works(elements, look_of(page) != "") else "web")


def _works(elements: list[Element], over_the_kit: bool) -> bool:
    """Whether a page without a mark is there to be used: it has a script, something to work or play with, and no
    navigation of a site."""
    used = _is_played if over_the_kit else _is_control
    runs = any(element.name == "script" and _type(element) in RUNNING for element in elements)
    return runs and any(map(used, elements)) and not any(map(_leads_on, _leading(elements)))


def _type(script: Element) -> str:
    return script.attributes.get("type", "").strip().lower()


def _is_played(element: Element) -> bool:
    return element.name == "canvas" or not PLAYED.isdisjoint(element.tokens)


def _is_control(element: Element) -> bool:
    return element.name in CONTROLS or "contenteditable" in element.attributes or _is_played(element)


def _leading(elements: list[Element]) -> set[Element]:
    """What stands in a <nav> or <header>. elements: in document order, so that time stays in proportion to them."""
    found: set[Element] = set()
    for element in elements:
        if element.parent in found or element.name in ("nav", "header"):
            found.add(element)
    return found


def _leads_on(element: Element) -> bool:
    """Whether it is a link that opens a page."""
    href = element.attributes.get("href", "").strip().lower()
    return element.name == "a" and href != "" and not href.startswith(NO_PAGES)
