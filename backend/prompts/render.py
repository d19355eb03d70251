"""Render a Brief as prompt text, in the dialect that a checkpoint was trained on. Templates are in templates/."""

import html
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypedDict

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from backend.prompts.anchors import NAV, anchored, numbered, unanchored, window_parts
from backend.prompts.brief import Brief, NavLink, Window
from backend.prompts.sealing import PROCESS, word_for
from backend.text.cleaning import clean, one_line

TEMPLATES = Path(__file__).parent / "templates"
Dialect = Literal["terse", "anchored", "kinds", "full"]


class Message(TypedDict):
    """One message of a chat, as chat templates accept it.

    Attributes:
        role: "system" or "user".
        content: The text of the message.
    """

    role: str
    content: str


def line(value: str) -> str:
    """Fold a value onto one line with single spaces, spelled as page text spells it (&amp; &lt; &gt;).

    "; " separates list entries, so a bare ";" becomes ",". A model that copies a value therefore copies it byte for
    byte. No value can hold markup or start a field of its own.
    """
    return entry(value.replace(";", ","))


def entry(value: str) -> str:
    """Fold a value onto a line of its own, without invisible characters, spelled as page text spells it."""
    return html.escape(one_line(value), quote=False)


def nav(links: Sequence[NavLink], anchors: bool) -> str:
    """Return the links of a site as one line: "/wiki Rocks; /shop Hammers".

    Args:
        links: The links.
        anchors: Whether each text stands behind its anchor.
    """
    texts = [line(link.text) for link in links]
    shown = numbered(texts, NAV) if anchors else texts
    kinds = [f"/{line(link.kind)} " if link.kind else "" for link in links]
    return "; ".join(kind + text for kind, text in zip(kinds, shown, strict=True))


def windows(shown: Sequence[Window], anchors: bool) -> list[str]:
    """Return each window as one line: "Notes; Buy film for the camera.".

    Args:
        shown: The windows.
        anchors: Whether the parts of a window stand behind their anchors.
    """
    found = []
    for parts in window_parts((line(window.title), line(window.text)) for window in shown):
        title, *told = [f"{mark if anchors else ''}{blank}{part}" for mark, blank, part in parts]
        found.append(f"{title}; {''.join(told)}" if told else title)
    return found


@lru_cache(maxsize=1)
def environment() -> SandboxedEnvironment:
    """Return the Jinja environment of the prompt templates."""
    env = SandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=False, autoescape=False
    )
    env.filters |= {"line": line, "anchored": anchored, "numbered": numbered, "nav": nav, "windows": windows}
    env.filters["entry"] = entry
    return env


def terse(brief: Brief, anchors: bool = False) -> str:
    """Return the prompt in a small checkpoint's dialect (templates/terse.txt.j2).

    Args:
        brief: What the prompt says.
        anchors: Whether to number what a page may repeat (backend.prompts.anchors).
    """
    return environment().get_template("terse.txt.j2").render(brief=brief, anchors=anchors)


def kinds(brief: Brief, page: str = "") -> str:
    """Return the prompt of a checkpoint trained on kinds (templates/kinds.txt.j2).

    Args:
        brief: What the prompt says.
        page: The page as it is before `brief.edit`.
    """
    return environment().get_template("kinds.txt.j2").render(brief=brief, page=page)


def plain(page: str, dialect: Dialect) -> str:
    """Return the page without what a dialect adds to it for the model."""
    return unanchored(page) if dialect == "anchored" else page


def messages(brief: Brief, dialect: Dialect, page: str = "", secret: bytes = PROCESS) -> list[Message]:
    """Return the prompt as chat messages. The same arguments give the same messages.

    Args:
        brief: What the prompt says.
        dialect: How it is worded. "terse": one line a field. "anchored": the same, with numbers for what a page may
            repeat. "kinds": other fields, and the page that is to change. "full": the rules of the world, then the page
            that is to change, if any, then the request as data.
        page: The page that is to change, or "".
        secret: The secret from which the word comes that opens and closes data.
    """
    if dialect == "kinds":
        return [{"role": "user", "content": kinds(brief, clean(page))}]
    if dialect != "full":
        assert not page, f"expected no page in a prompt of the {dialect} dialect"
        return [{"role": "user", "content": terse(brief, dialect == "anchored")}]
    return sealed(lambda seal: full(brief, clean(page), seal), secret)


def sealed(worded: Callable[[str], list[Message]], secret: bytes) -> list[Message]:
    """Return the messages worded with their own seal, which is derived from all that they say without it."""
    return worded(word_for("\n".join(message["content"] for message in worded("")), secret))


def full(brief: Brief, page: str, seal: str) -> list[Message]:
    """Return the prompt for models that follow instructions.

    Args:
        brief: What the prompt says.
        page: The page that is to change, or "".
        seal: The word in the tags around data, or "".
    """
    template = environment().get_template
    rules = template(f"{brief.world}.txt.j2").render(seal=seal)
    request = template("request.txt.j2").render(brief=brief, page=page, seal=seal)
    return [{"role": "system", "content": rules}, {"role": "user", "content": request}]


def shown(brief: Brief, dialect: Dialect) -> str:
    """Return the request to the model in a form for people: no anchors, and no word that seals the data."""
    if dialect == "kinds":
        return kinds(brief).removesuffix("\npage: ")
    return full(brief, "", "")[-1]["content"] if dialect == "full" else terse(brief)
