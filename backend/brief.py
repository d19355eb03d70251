"""What a page is made from: everything a prompt says, before any model's dialect words it.

The service fills a Brief from a session and an action; the training corpus fills one from a page family. Both word it
with the same template, so a checkpoint is asked in the form it was trained on.
"""

from dataclasses import dataclass
from typing import Literal, get_args

World = Literal["web", "os", "app"]
WORLDS: tuple[World, ...] = get_args(World)


@dataclass(frozen=True)
class Brief:
    """The ingredients of one page. Empty fields are left out of the prompt.

    world: which world the page belongs to.
    ask: what the visitor typed or said, as they said it.
    open: what the visitor opened instead: an address kind and the words clicked or submitted ("/wiki Lava").
    edit: what should change on the page that ``ask`` or ``open`` gave.
    screen: title of the screen the visitor was looking at (world "os" only).
    style: design and palette drawn by the service, e.g. "paper mint".
    title: the subject, spelled as a heading.
    facts: sentences the page should use instead of inventing.
    links: titles of related pages to offer.
    names: names for people who appear on the page.
    """

    world: World
    ask: str = ""
    open: str = ""
    edit: str = ""
    screen: str = ""
    style: str = ""
    title: str = ""
    facts: str = ""
    links: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.world not in WORLDS:
            raise ValueError(f"world must be one of {', '.join(WORLDS)}; got {self.world!r}")
        if not (self.ask or self.open):
            raise ValueError("a brief needs ask or open; got neither")
