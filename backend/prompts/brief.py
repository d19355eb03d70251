"""What a page is made from: everything a prompt says, before the dialect of a model words it.

The service fills a Brief from a session and an action; the training corpus fills one from a page family. Both word it
with the same template, so a checkpoint receives requests in the form it was trained on.
"""

from dataclasses import dataclass
from typing import Literal, get_args

World = Literal["web", "os", "app"]
WORLDS: tuple[World, ...] = get_args(World)
WorldOrAny = Literal["any", "web", "os", "app"]
"""Which world is wanted.

"any" stands for whatever makes the rest simplest; the finished page tells which world it is.
"""

ANY: Literal["any"] = "any"
CHOICES: tuple[WorldOrAny, ...] = get_args(WorldOrAny)


@dataclass(frozen=True)
class NavLink:
    """A link of a site's navigation.

    Attributes:
        kind: The kind of page it leads to; "" for none.
        text: The text of the link.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Site:
    """What the pages of a site have in common. Either field may be empty.

    Attributes:
        name: The name of the site.
        links: The links of its main navigation.
    """

    name: str = ""
    links: tuple[NavLink, ...] = ()


@dataclass(frozen=True)
class Window:
    """A window on a screen.

    Attributes:
        title: The title of the window.
        text: How its content begins.
        place: Where it stands ("left 40px, top 10%"), if known.
    """

    title: str
    text: str
    place: str = ""


@dataclass(frozen=True)
class Brief:
    """The ingredients of one page. Empty fields are left out of the prompt.

    The fields from `entered` on are carried over from the page before, and only the full dialect words them.

    Attributes:
        world: Which world the page belongs to, or "any" where the model decides.
        ask: What the visitor typed or said, in the visitor's words.
        open: What the visitor opened instead: an address kind and the words clicked or submitted ("/wiki Lava").
        edit: What should change on the page that ``ask`` or ``open`` gave.
        screen: The title of the screen the visitor was looking at (world "os" only).
        style: Design and palette drawn by the service, e.g. "paper mint", or the look of the page before (full
            dialect).
        title: The subject, spelled as a heading.
        facts: Sentences the page should use instead of inventing.
        links: Titles of related pages to offer.
        names: Names for people who appear on the page.
        entered: Names and values of the fields the visitor filled in, where they say more than ``open`` does.
        site: The site the page belongs to, as it looked so far; None for the first page of one (world "web" only).
        windows: The windows that were open, the one in front first (world "os" only).
        near: Names of the kinds of page that the words come nearest to, the nearest first (kinds dialect only).
    """

    world: WorldOrAny
    ask: str = ""
    open: str = ""
    edit: str = ""
    screen: str = ""
    style: str = ""
    title: str = ""
    facts: str = ""
    links: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    entered: tuple[tuple[str, str], ...] = ()
    site: Site | None = None
    windows: tuple[Window, ...] = ()
    near: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.world not in CHOICES:
            raise ValueError(f"world must be one of {', '.join(CHOICES)}; got {self.world!r}")
        if not (self.ask or self.open):
            raise ValueError("a brief needs ask or open; got neither")
