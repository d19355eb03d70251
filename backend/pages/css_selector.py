"""Find elements of a page as people name them on a command line: by a simple CSS selector, and the element's words.

The module is pure.
"""

import html
import re
from dataclasses import dataclass

from backend.errors import StartupError
from backend.markup.scanner import TAG, attributes
from backend.markup.tree import Element, parse
from backend.pages.selection import Stretch, said, stretches
from backend.protocol.messages import Target
from backend.shape import brief

NAMES = 3
"""How many matching elements an error names if a selector matches too many."""

SELECTOR = re.compile(r'([a-zA-Z][\w-]*+|\*|)((?:[#.][\w-]++|\[[\w-]++(?:=[^\[\]"]*+)?\])*+)(?: ?"([^"]*+)")?')
STEP = re.compile(r"\[([\w-]++)(=?)([^\[\]]*+)\]|([#.])([\w-]++)")


@dataclass(frozen=True)
class Chosen:
    """An element of a page: page[start:end], and what a prompt says of it.

    Attributes:
        start: The offset of its first character.
        end: The offset after its last character.
        target: The element as a prompt describes it.
    """

    start: int
    end: int
    target: Target


def choose(page: str, selector: str) -> Chosen:
    """Return the one element that a selector matches.

    A selector is `h1`, `#total`, `li.done`, `[name=q]`, `button "Add"`, or a combination of these.

    Raises:
        StartupError: The selector has another form, or matches no element or more than one.
    """
    match = SELECTOR.fullmatch(selector)
    if not match or not selector:
        kinds = """a selector like h1, #total, li.done, [name=q] or 'button "Add"'"""
        raise StartupError(f"expected {kinds}, got {brief(selector)}")
    name, steps, words = match[1].lower(), wanted(match[2]), match[3]
    found = [one for one in stretches(page) if name in ("", "*", one.name) and fits(page, one, steps)]
    if words is not None:
        found = [one for one in found if said(page[one.start : one.end], Target(one.name, words))]
    if len(found) != 1:
        some = ", ".join(page[one.start : one.end][:40] for one in found[:NAMES])
        got = f"{len(found)}: {some}" if found else "none"
        raise StartupError(f"expected one element for the selector {selector}, got {got}")
    one = found[0]
    return Chosen(one.start, one.end, Target(one.name, text_of(page[one.start : one.end])))


def wanted(steps: str) -> list[tuple[str, str | None]]:
    """Return the attributes that a selector requires, as names and values.

    The name is "class" for one of the classes; the value is None where any value matches.
    """
    found = list[tuple[str, str | None]]()
    for step in STEP.finditer(steps):
        if step[1]:
            found.append((step[1].lower(), step[3].strip("'") if step[2] else None))
        else:
            found.append(("class" if step[4] == "." else "id", step[5]))
    return found


def fits(page: str, stretch: Stretch, steps: list[tuple[str, str | None]]) -> bool:
    """Return whether the start tag of an element has all the attributes required."""
    tag = TAG.match(page, stretch.start)
    assert tag
    has = {name: html.unescape(value) for name, value in reversed(list(attributes(tag[0])))}
    return all(
        name in has and (value is None or value == has[name] or (name == "class" and value in has[name].split()))
        for name, value in steps
    )


def text_of(element: str) -> str:
    """Return the text by which a prompt names an element."""
    it = next((child for child in parse(element).children if isinstance(child, Element)), None)
    return it.text() if it else ""
