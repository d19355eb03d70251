"""Brief -> prompt text, in the dialect a checkpoint asks for. Templates live in worlds/."""

import html
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypedDict

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from backend.anchors import NAV, anchored, numbered, unanchored, window_parts
from backend.brief import Brief, NavLink, Window

WORLDS_DIR = Path(__file__).parent / "worlds"
Dialect = Literal["terse", "anchored", "full"]


class Message(TypedDict):
    """One message of a chat, as chat templates take them."""

    role: str
    content: str


def line(value: str) -> str:
    """Fold a value onto one line with single spaces, spelled as page text spells it (&amp; &lt; &gt;).

    "; " parts list entries, so a bare ";" becomes ",". A model that copies a value thereby copies it byte for byte,
    and no value can hold markup or open a slot of its own.
    """
    return html.escape(" ".join(value.replace(";", ",").split()), quote=False)


def nav(links: Sequence[NavLink], anchors: bool) -> str:
    """The links of a site as one line: "/wiki Rocks; /shop Hammers", each text behind its anchor, if wanted."""
    texts = [line(link.text) for link in links]
    shown = numbered(texts, NAV) if anchors else texts
    kinds = [f"/{line(link.kind)} " if link.kind else "" for link in links]
    return "; ".join(kind + text for kind, text in zip(kinds, shown, strict=True))


def windows(shown: Sequence[Window], anchors: bool) -> list[str]:
    """Each window as one line: "Notes; Buy film for the camera.", its parts behind their anchors, if wanted."""
    found = []
    for parts in window_parts((line(window.title), line(window.text)) for window in shown):
        title, *told = [f"{mark if anchors else ''}{blank}{part}" for mark, blank, part in parts]
        found.append(f"{title}; {''.join(told)}" if told else title)
    return found


@lru_cache(maxsize=1)
def environment() -> SandboxedEnvironment:
    env = SandboxedEnvironment(
        loader=FileSystemLoader(WORLDS_DIR), undefined=StrictUndefined, keep_trailing_newline=False, autoescape=False
    )
    env.filters |= {"line": line, "anchored": anchored, "numbered": numbered, "nav": nav, "windows": windows}
    return env


def terse(brief: Brief, anchors: bool = False) -> str:
    """The prompt in a small checkpoint's dialect (worlds/terse.txt.j2); with or without anchors (backend.anchors)."""
    return environment().get_template("terse.txt.j2").render(brief=brief, anchors=anchors)


def plain(page: str, dialect: Dialect) -> str:
    """The page without what a dialect puts into it for the model."""
    return unanchored(page) if dialect == "anchored" else page


def messages(brief: Brief, dialect: Dialect) -> list[Message]:
    """The prompt as chat messages. terse: one line a slot; anchored: the same, what a page may repeat numbered; full:
    the rules of the world, then the request as data."""
    if dialect != "full":
        return [{"role": "user", "content": terse(brief, dialect == "anchored")}]
    rules = environment().get_template(f"{brief.world}.txt.j2").render()
    request = environment().get_template("request.txt.j2").render(brief=brief)
    return [{"role": "system", "content": rules}, {"role": "user", "content": request}]
