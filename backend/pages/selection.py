"""Find where an element stands in a page: the markup that is the element, and which element someone selected.

End tags that may be left out are supplied as browsers supply them, so that an item ends where the next one begins. The
module is pure.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from backend.markup.scanner import PartKind, scan
from backend.markup.tree import INLINE, VOID, Element, parse
from backend.protocol.messages import Target
from backend.text.cleaning import one_line

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "details", "dialog", "div", "dl", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "menu", "nav", "ol", "p", "pre",
    "search", "section", "table", "ul",
})  # fmt: skip
ROWS = frozenset({"tbody", "tfoot", "thead"})
ENDED_BY = {
    "p": BLOCKS,
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "option": frozenset({"option", "optgroup"}),
    "optgroup": frozenset({"optgroup"}),
    "td": frozenset({"td", "th", "tr"}) | ROWS,
    "th": frozenset({"td", "th", "tr"}) | ROWS,
    "tr": frozenset({"tr"}) | ROWS,
    **dict.fromkeys(ROWS, ROWS),
}
"""Elements whose end tag may be left out, and the start tags that end them."""

TITLED = frozenset({
    "article", "aside", "dialog", "fieldset", "figure", "footer", "form", "header", "main", "nav", "ol", "section",
    "table", "tr", "ul",
})  # fmt: skip
TITLES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "figcaption"})
"""Elements that hold titles, by which areas of a page are named (web/static/frame/select.js)."""

BUTTONS = {"button": "input"}
"""What else a kind of element may mean: fields of a form that are buttons."""

SAME_CHARS = 200
"""How many characters of two texts are compared to decide whether they are the same."""

DEEP = 8
"""How many nested inline elements are searched for one that a start tag ends."""

READINGS = 8
"""The maximum length of all candidates together, in lengths of the page.

It bounds the time of a search for the selected element, which reads the page element by element.
"""


@dataclass
class Stretch:
    """An element: page[start:end].

    Attributes:
        name: The name of the element.
        start: The offset of its first character.
        end: The offset after its last character.
        whole: Whether it ends by itself, not only because the page or its parent does.
    """

    name: str
    start: int
    end: int = -1
    whole: bool = True


def stretches(page: str) -> list[Stretch]:
    """Return the elements of a page in document order.

    The function accepts any text and takes time proportional to its length.
    """
    found, open_ = list[Stretch](), list[Stretch]()
    names = dict[str, int]()

    def close(stretch: Stretch, end: int, whole: bool) -> None:
        names[stretch.name] -= 1
        stretch.end, stretch.whole = end, whole or stretch.name in ENDED_BY

    for part in scan(page):
        if part.kind is PartKind.START:
            for stretch in _ended(open_, part.name):
                close(stretch, part.start, True)
            found.append(Stretch(part.name, part.start, part.end))
            if part.name not in VOID:
                open_.append(found[-1])
                names[part.name] = names.get(part.name, 0) + 1
        elif part.kind is PartKind.END and names.get(part.name):
            while (last := open_.pop()).name != part.name:
                close(last, part.start, False)
            close(last, part.end, True)
    for stretch in open_:
        close(stretch, len(page), False)
    return found


def _ended(open_: list[Stretch], name: str) -> Iterator[Stretch]:
    """Remove the open elements that a start tag ends, with their contents, and yield them."""
    at = len(open_) - 1
    while at >= max(0, len(open_) - DEEP) and open_[at].name in INLINE:
        at -= 1
    while at >= 0 and name in ENDED_BY.get(open_[at].name, ()):
        while len(open_) > at:
            yield open_.pop()
        at -= 1


def selected(page: str, target: Target) -> tuple[int, int] | None:
    """Return the start and end of the element that someone selected.

    The result is None if it is unclear which element that is.
    """
    found = stretches(page)
    kinds = [[one for one in found if one.name == name] for name in (target.tag, BUTTONS.get(target.tag, ""))]
    if target.nth is not None:
        for one in (kind[target.nth] for kind in kinds if target.nth < len(kind)):
            if said(page[one.start : one.end], target):
                return one.start, one.end
    all_ = [one for kind in kinds for one in kind]
    if sum(one.end - one.start for one in all_) > READINGS * len(page):
        return None
    alike = [one for one in all_ if said(page[one.start : one.end], target)]
    return (alike[0].start, alike[0].end) if len(alike) == 1 else None


def said(element: str, target: Target) -> bool:
    """Return whether an element, as it is spelled, says what was selected."""
    root = parse(element)
    it = next((child for child in root.children if isinstance(child, Element)), root)
    wanted = _bare(target.text)
    return any(_bare(words)[:SAME_CHARS] == wanted[:SAME_CHARS] for words in _names(it))


def _names(element: Element) -> Iterator[str]:
    """Yield the texts that an element may be named by."""
    if element.name in TITLED:
        titles = [inner for inner in element.walk() if inner.name in TITLES]
        yield from (title.text() for title in titles[:1])
    yield element.text()
    yield from (element.attributes.get(name, "") for name in ("aria-label", "alt", "placeholder", "value", "title"))
    yield from (
        inner.attributes["alt"] for inner in element.walk() if inner.name == "img" and "alt" in inner.attributes
    )


def _bare(words: str) -> str:
    """Return words without what style sheets change about them: white space and case."""
    return "".join(one_line(words).split()).casefold()


def closed(markup: str) -> str:
    """Return the longest beginning of a piece of markup that is complete by itself.

    It closes nothing that it has not opened, and leaves nothing open that would include what follows it.
    """
    end, depth = len(markup), Counter[str]()
    for part in scan(markup):
        wrong = part.kind is PartKind.END and not depth[part.name]
        if wrong or part.kind is PartKind.UNFINISHED:
            end = part.start
            break
        if part.kind in (PartKind.START, PartKind.END) and part.name not in VOID:
            depth[part.name] += 1 if part.kind is PartKind.START else -1
    markup = markup[:end]
    return markup[: next((one.start for one in stretches(markup) if not one.whole), end)]
