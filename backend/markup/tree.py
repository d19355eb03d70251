"""A page as a tree of elements, good enough to read it: what stands inside what, and the words of each. Pure.

Built on the scanner of `markup`, so that tags end where a browser ends them. End tags that may be left out are not
supplied: an unclosed <p> holds what follows it, which changes no text and no ancestor that anyone here asks for.
"""

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from backend.markup.scanner import RAW_TEXT, PartKind, attributes, scan
from backend.text.cleaning import one_line

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q",
    "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
})  # fmt: skip
"""Elements that part no words: "<b>la</b>va" reads "lava"."""
UNREAD = frozenset({"head", "style", "script", "svg", "template", "title", "noscript", "datalist"})
"""Elements whose text is no part of what a page says."""


@dataclass(eq=False)
class Element:
    """An element. attributes: names in lower case, entities resolved. children: elements and texts in order."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: "Element | None" = field(default=None, repr=False)
    children: list["Element | str"] = field(default_factory=list)

    def walk(self, into: "Callable[[Element], bool]" = lambda _: True) -> "Iterator[Element]":
        """The element and what it holds, in document order; what `into` declines is left out with all it holds."""
        todo = [self]
        while todo:
            element = todo.pop()
            if element is self or into(element):
                yield element
                todo.extend(child for child in reversed(element.children) if isinstance(child, Element))

    def ancestors(self) -> "Iterator[Element]":
        """What the element stands in, from the inside out."""
        element = self.parent
        while element:
            yield element
            element = element.parent

    @property
    def tokens(self) -> frozenset[str]:
        """The names in its class, in lower case."""
        return frozenset(self.attributes.get("class", "").lower().split())

    @property
    def hidden(self) -> bool:
        """Whether its own attributes say that it is not shown."""
        style = "".join(self.attributes.get("style", "").lower().split())
        return (
            "hidden" in self.attributes
            or "display:none" in style
            or "visibility:hidden" in style
            or (self.name == "dialog" and "open" not in self.attributes)
        )

    def text(self, without: "Element | None" = None, most: int | None = None) -> str:
        """What it says, on one line and without what nobody sees; `without`: an element in it to leave out. most:
        elements and texts in it that are looked at, for who asks many that may stand in each other."""
        found: list[str] = []
        todo: list[Element | str] = [self]
        seen = 0
        while todo and (most is None or seen < most):
            item = todo.pop()
            seen += item != " "
            if isinstance(item, str):
                found.append(item)
            elif item is not without and not (item is not self and (item.name in UNREAD or item.hidden)):
                around = [] if item.name in INLINE else [" "]
                todo.extend([*around, *reversed(item.children), *around])
        return one_line("".join(found))


def parse(page: str) -> Element:
    """The tree of a page, under an element without a name. Takes any text and time in proportion to its length."""
    root = Element("")
    here, opened = root, dict[str, int]()
    for part in scan(page):
        spelled = page[part.start : part.end]
        if part.kind is PartKind.START:
            named = {name: html.unescape(value) for name, value in attributes(spelled)}
            element = Element(part.name, named, here)
            here.children.append(element)
            if part.name not in VOID:
                here, opened[part.name] = element, opened.get(part.name, 0) + 1
        elif part.kind is PartKind.END:
            here = _closed(here, part.name, opened)
        elif part.kind is PartKind.TEXT or (part.kind is PartKind.RAW and part.name in RAW_TEXT):
            here.children.append(html.unescape(spelled))
    return root


def _closed(here: Element, name: str, opened: dict[str, int]) -> Element:
    """Where the page goes on after an end tag, which ends all that is open inside; one that ends nothing is ignored."""
    if not opened.get(name):
        return here
    while here.parent:
        opened[here.name] -= 1
        ended, here = here.name, here.parent
        if ended == name:
            break
    return here
