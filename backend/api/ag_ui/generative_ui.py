"""A page as CopilotKit's renderer of the activity `open-generative-ui` wants it: style, then markup, then scripts.

It turns a page into the content of the activity, and makes the JSON Patch from one content to the next. No I/O.
"""

from dataclasses import dataclass, field
from typing import Any

from backend.kit.bundle import styles_for
from backend.kit.content_only import without_classes
from backend.markup.scanner import PartKind, attributes, scan

ACTIVITY = "open-generative-ui"
HEIGHT = 600
"""The height in pixels that the renderer keeps free until the page has a size of its own."""

PLAIN_SCRIPTS = ("", "text/javascript", "application/javascript")


@dataclass(frozen=True)
class Parted:
    """A page in its three parts.

    Attributes:
        css: The content of its styles.
        html: The rest of the markup.
        scripts: The content of each plain <script>; any other script stays in the markup.
    """

    css: str = ""
    html: str = ""
    scripts: list[str] = field(default_factory=list)


def parted(page: str) -> Parted:
    """Take the styles and the plain scripts out of a page."""
    taken, markup, styles, scripts = "", list[str](), list[str](), list[str]()
    for part in scan(page):
        spelled = page[part.start : part.end]
        if part.kind is PartKind.START and part.name in ("style", "script"):
            taken = part.name if part.name == "style" or is_plain(spelled) else ""
        mine = taken == part.name and part.kind in (PartKind.START, PartKind.RAW, PartKind.END)
        if not mine:
            markup.append(spelled)
        elif part.kind is PartKind.RAW and (part.name == "style" or spelled.strip()):
            (styles if part.name == "style" else scripts).append(spelled)
        if mine and part.kind is PartKind.END:
            taken = ""
    return Parted("".join(styles), "".join(markup), scripts)


def is_plain(tag: str) -> bool:
    """Return whether a <script> is one that a browser runs in place."""
    given = dict(attributes(tag))
    return "src" not in given and given.get("type", "").strip().lower() in PLAIN_SCRIPTS


def content(page: str, done: bool, version: str = "") -> dict[str, Any]:
    """Return the activity's content for a draft, or for the finished page.

    The style is complete once something follows it; before that, the renderer shows nothing. Of a draft the renderer
    shows the content of <body> in a document of its own; at the end it shows the page itself.

    Args:
        page: The page's markup.
        done: Whether the page is finished.
        version: The version of the kit that the page was made with. Its style begins with that kit.
    """
    parts, styles = parted(page), styles_for(page, version)
    kit = styles if done else without_classes(styles, page)
    html = [parts.html] if parts.html.strip() else []
    return {
        "initialHeight": HEIGHT,
        "generating": not done,
        "css": kit + parts.css,
        "cssComplete": done or bool(html),
        "html": html,
        "htmlComplete": done,
        "jsFunctions": "",
        "jsExpressions": parts.scripts if done else [],
    }


def patch(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a JSON Patch that turns `old` into `new`, style first; it is empty if they are the same."""
    return [{"op": "replace", "path": f"/{key}", "value": new[key]} for key in new if new[key] != old[key]]
