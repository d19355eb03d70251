"""The examples that the gallery shows: one file a component in web/kit/gallery/, and nothing else to register.

    <!-- group: Lists
    title: Timeline
    about: Dates down a line. -->
    <!-- example: History -->
    <ol class=timeline>...</ol>

An example that begins with <body> is a whole page; any other stands in <main>. Options may follow its name, each after
a semicolon. `height 300` sets the height of what has none of its own (a desktop, a dialog). `vary design`, `vary
palette` or `vary adjustment` shows the example in all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from backend.kit.bundle import KIT
from backend.markup.scanner import Part, PartKind, attributes, scan

FOLDER = KIT / "gallery"
GROUPS = (
    "Looks", "Pages", "Text", "Layout", "Small things", "Lists", "Buttons and forms", "Tabs and notes", "Apps", "Talk",
    "Desktop", "Things to show",
)  # fmt: skip
"""The order of the groups; other groups come after them."""

VARIES = ("design", "palette", "adjustment")
OPENS, SEPARATOR = "<!-- example:", ";"


@dataclass(frozen=True)
class Example:
    """A piece of markup to show.

    Attributes:
        name: The name of the example.
        markup: The HTML.
        height: The height of its frame in pixels; 0 for the height of its content.
        vary: "design", "palette" or "adjustment" to show the example in all of them, or "".
        find: What its buttons are ("scenes", "icons"), which a search then finds by name.
    """

    name: str
    markup: str
    height: int = 0
    vary: str = ""
    find: str = ""

    def __post_init__(self) -> None:
        if self.vary and self.vary not in VARIES:
            raise ValueError(f"expected an example to vary {', '.join(VARIES)}, got {self.vary!r} in {self.name!r}")
        if not self.markup:
            raise ValueError(f"expected markup in the example {self.name!r}, got nothing")

    @property
    def body(self) -> str | None:
        """The classes of the example's <body>; None if the example is not a whole page."""
        first = next(scan(self.markup))
        if first.name != "body":
            return None
        return dict(attributes(self.markup[first.start : first.end])).get("class", "")

    @property
    def content(self) -> str:
        """The content of the example's <body>."""
        if self.body is None:
            return f"<main>{self.markup}</main>"
        return "".join(self.markup[part.start : part.end] for part in scan(self.markup) if part.name != "body")

    @property
    def coloured(self) -> str:
        """The markup as HTML to read, with tags, classes and text in different colours."""
        return "".join(coloured(self.markup[part.start : part.end], part) for part in scan(self.markup))


@dataclass(frozen=True)
class Component:
    """A part of the kit.

    Attributes:
        id: The id of its section, which is the name of its file.
        group: The group that it is listed in.
        title: Its title.
        about: A description.
        examples: Its examples, in the order of the file.
    """

    id: str
    group: str
    title: str
    about: str
    examples: tuple[Example, ...]

    @property
    def words(self) -> str:
        """The words that a search finds it by: its title and the classes in its examples."""
        classes = {word for example in self.examples if not example.find for word in classes_in(example.markup)}
        return " ".join((self.title.lower(), *sorted(classes)))


@lru_cache(maxsize=1)
def components() -> tuple[Component, ...]:
    """Return all components that have examples, in the order of their groups, then of their titles."""
    order = {group: at for at, group in enumerate(GROUPS)}
    found = map(read, FOLDER.glob("*.html"))
    return tuple(sorted(found, key=lambda one: (order.get(one.group, len(order)), one.group, one.title)))


def read(path: Path) -> Component:
    """Read the component of a file.

    Raises:
        ValueError: The file does not describe a component.
    """
    head, *rest = path.read_text("utf-8").split(OPENS)
    said = dict(pair(line) for line in head.strip().removeprefix("<!--").removesuffix("-->").strip().splitlines())
    if set(said) != {"group", "title", "about"} or not rest:
        raise ValueError(f"expected group, title and about, then examples, in {path.name}; got {sorted(said)}")
    return Component(path.stem, said["group"], said["title"], said["about"], tuple(map(example, rest)))


def example(text: str) -> Example:
    """Return the example that follows `<!-- example:`."""
    named, _, markup = text.partition("-->")
    name, *more = (part.strip() for part in named.split(SEPARATOR))
    options = dict(part.split(maxsplit=1) for part in more)
    return Example(name, markup.strip(), int(options.pop("height", 0)), **options)


def pair(line: str) -> tuple[str, str]:
    """Split a line of the form "name: value"."""
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def classes_in(markup: str) -> Iterator[str]:
    """Yield the words in the class attributes of some markup."""
    for part in scan(markup):
        if part.kind is PartKind.START:
            for name, value in attributes(markup[part.start : part.end]):
                yield from value.split() if name == "class" else ()


def coloured(text: str, part: Part) -> str:
    """Return a part as HTML to read: a tag in <b>, with the classes of a start tag in <mark>."""
    if part.kind is PartKind.START:
        return f"<b>{marked(text)}</b>"
    return f"<b>{escape(text)}</b>" if part.kind is PartKind.END else escape(text)


def marked(tag: str) -> str:
    """Return a start tag as HTML to read, with its classes in <mark>."""
    spelled = next((value for name, value in attributes(tag) if name == "class"), "")
    before, found, after = tag.partition("class=")
    quote = '"' if after.startswith('"') else ""
    if not spelled or not after.startswith(quote + spelled):
        return escape(tag)
    after = after.removeprefix(quote + spelled)
    return f"{escape(before + found + quote)}<mark>{escape(spelled)}</mark>{escape(after)}"
