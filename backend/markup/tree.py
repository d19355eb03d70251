"""Parse a page into a tree of elements that tells what stands inside what, and the words of each element.

The tree is built on `scanner`, so that tags end where a browser ends them. End tags that may be left out are not
supplied. So an unclosed <p> holds what follows it, which changes no text and no ancestor that callers ask for. The
module is pure.
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
"""Elements that do not separate words: "<b>la</b>va" reads "lava"."""
UNREAD = frozenset({"head", "style", "script", "svg", "template", "title", "noscript", "datalist"})
"""Elements whose text is not part of what a page says."""


@dataclass(eq=False)
class Element:
    """An element of a page.

    Attributes:
        name: The name in lower case; "" for the root.
        attributes: Values by name in lower case, with entities resolved.
        parent: The element that holds this one; None for the root.
        children: Elements and texts in document order.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: "Element | None" = field(default=None, repr=False)
    children: list["Element | str"] = field(default_factory=list)

    def walk(self, into: "Callable[[Element], bool]" = lambda _: True) -> "Iterator[Element]":
        """Yield the element and its descendants, in document order.

        Args:
            into: Returns False for an element that is left out with all its descendants.
        """
        todo = [self]
        while todo:
            element = todo.pop()
            if element is self or into(element):
                yield element
                todo.extend(child for child in reversed(element.children) if isinstance(child, Element))

    def ancestors(self) -> "Iterator[Element]":
        """Yield the elements that contain this one, from the inside out."""
        element = self.parent
        while element:
            yield element
            element = element.parent

    @property
    def tokens(self) -> frozenset[str]:
        """The names in the class attribute, in lower case."""
        return frozenset(self.attributes.get("class", "").lower().split())

    @property
    def hidden(self) -> bool:
        """Whether the element's own attributes say that it is not shown."""
        style = "".join(self.attributes.get("style", "").lower().split())
        return (
            "hidden" in self.attributes
            or "display:none" in style
            or "visibility:hidden" in style
            or (self.name == "dialog" and "open" not in self.attributes)
        )

    def text(self, without: "Element | None" = None, most: int | None = None) -> str:
        """Return the text of the element on one line, without what nobody sees.

        Args:
            without: An element inside this one that is left out.
            most: The maximum number of elements and texts to visit. It bounds the time for callers that ask many
                elements, which may be nested.
        """
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
    """Return the tree of a page, under an element without a name.

    The function accepts any text and takes time proportional to its length.
    """
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
    """Return the element in which the page continues after an end tag.

    The end tag closes all elements that are open inside its own. An end tag that closes nothing is ignored.
    """
    if not opened.get(name):
        return here
    while here.parent:
        opened[here.name] -= 1
        ended, here = here.name, here.parent
        if ended == name:
            break
    return here
