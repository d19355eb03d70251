"""What a page is made from: everything a prompt says, before any model's dialect words it.

The service fills a Brief from a session and an action; the training corpus fills one from a page family. Both word it
with the same template, so a checkpoint is asked in the form it was trained on.
"""

from dataclasses import dataclass
from typing import Literal, get_args

World = Literal["web", "os", "app"]
WORLDS: tuple[World, ...] = get_args(World)
WorldOrAny = Literal["any", "web", "os", "app"]
"""Which world is wanted. "any": whatever makes the rest simplest; the finished page tells which it is."""

ANY: Literal["any"] = "any"
CHOICES: tuple[WorldOrAny, ...] = get_args(WorldOrAny)


@dataclass(frozen=True)
class NavLink:
    """A link of a site's navigation: the kind of page it leads to ("" for none) and its text."""

    kind: str
    text: str


@dataclass(frozen=True)
class Site:
    """What the pages of a site have in common: its name and its main navigation. Either may be empty."""

    name: str = ""
    links: tuple[NavLink, ...] = ()


@dataclass(frozen=True)
class Window:
    """A window on a screen. text: how its content begins. place: where it stands ("left 40px, top 10%"), if known."""

    title: str
    text: str
    place: str = ""


@dataclass(frozen=True)
class Brief:
    """The ingredients of one page. Empty fields are left out of the prompt.

    world: which world the page belongs to, or "any" where the model decides.
    ask: what the visitor typed or said, as they said it.
    open: what the visitor opened instead: an address kind and the words clicked or submitted ("/wiki Lava").
    edit: what should change on the page that ``ask`` or ``open`` gave.
    screen: title of the screen the visitor was looking at (world "os" only).
    style: design and palette drawn by the service, e.g. "paper mint", or the look of the page before (full dialect).
    title: the subject, spelled as a heading.
    facts: sentences the page should use instead of inventing.
    links: titles of related pages to offer.
    names: names for people who appear on the page.

    The rest is carried over from the page before, and only the full dialect words it:

    entered: names and values of the fields the visitor filled in, where they say more than ``open`` does.
    site: the site the page belongs to, as it looked so far; None for the first page of one (world "web" only).
    windows: the windows that were open, the one in front first (world "os" only).

    near: names of the kinds of page that the words come nearest to, the nearest first (kinds dialect only).
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
