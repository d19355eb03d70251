"""Brief -> prompt text, in the dialect a checkpoint asks for. Templates live in templates/."""

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
    """One message of a chat, as chat templates take them."""

    role: str
    content: str


def line(value: str) -> str:
    """Fold a value onto one line with single spaces, spelled as page text spells it (&amp; &lt; &gt;).

    "; " parts list entries, so a bare ";" becomes ",". A model that copies a value thereby copies it byte for byte,
    and no value can hold markup or open a slot of its own.
    """
    return entry(value.replace(";", ","))


def entry(value: str) -> str:
    """Fold a value onto a line that is its own, without what nobody sees, spelled as page text spells it."""
    return html.escape(one_line(value), quote=False)


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
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=False, autoescape=False
    )
    env.filters |= {"line": line, "anchored": anchored, "numbered": numbered, "nav": nav, "windows": windows}
    env.filters["entry"] = entry
    return env


def terse(brief: Brief, anchors: bool = False) -> str:
    """The prompt in a small checkpoint's dialect (templates/terse.txt.j2); with or without anchors
    (backend.prompts.anchors)."""
    return environment().get_template("terse.txt.j2").render(brief=brief, anchors=anchors)


def kinds(brief: Brief, page: str = "") -> str:
    """The prompt of a checkpoint trained on kinds (templates/kinds.txt.j2). page: as it is before `brief.edit`."""
    return environment().get_template("kinds.txt.j2").render(brief=brief, page=page)


def plain(page: str, dialect: Dialect) -> str:
    """The page without what a dialect puts into it for the model."""
    return unanchored(page) if dialect == "anchored" else page


def messages(brief: Brief, dialect: Dialect, page: str = "", secret: bytes = PROCESS) -> list[Message]:
    """The prompt as chat messages. terse: one line a slot; anchored: the same, what a page may repeat numbered; kinds:
    other slots, and the page that it is to change; full: the rules of the world, then the request as data, behind the
    page that it is to change, if there is one.

    secret: what the word comes from that opens and closes data. The same arguments give the same messages.
    """
    if dialect == "kinds":
        return [{"role": "user", "content": kinds(brief, clean(page))}]
    if dialect != "full":
        assert not page, f"expected no page in a prompt of the {dialect} dialect"
        return [{"role": "user", "content": terse(brief, dialect == "anchored")}]
    return sealed(lambda seal: full(brief, clean(page), seal), secret)


def sealed(worded: Callable[[str], list[Message]], secret: bytes) -> list[Message]:
    """The messages worded with the seal that is theirs, which comes from all that they say without it."""
    return worded(word_for("\n".join(message["content"] for message in worded("")), secret))


def full(brief: Brief, page: str, seal: str) -> list[Message]:
    """The prompt for models that follow instructions. seal: the word in the tags around data, if any."""
    template = environment().get_template
    rules = template(f"{brief.world}.txt.j2").render(seal=seal)
    request = template("request.txt.j2").render(brief=brief, page=page, seal=seal)
    return [{"role": "system", "content": rules}, {"role": "user", "content": request}]


def shown(brief: Brief, dialect: Dialect) -> str:
    """What the model is asked, as people can read it: without anchors, and without the word that seals the data."""
    if dialect == "kinds":
        return kinds(brief).removesuffix("\npage: ")
    return full(brief, "", "")[-1]["content"] if dialect == "full" else terse(brief)
