"""Adapt the kit for a client that takes only a page's content and supplies <html> and <body> without a class itself.

Rules that ask for a class of <html> or <body> are respelled as if it were there, if the page has it. The module is
pure.
"""

import re

from backend.kit.bundle import HEAD_WORDS
from backend.markup.scanner import PartKind, attributes, scan

MET = ":not(.no-class)"
"""Stands for a class that is there: always true, and of the same specificity as a class."""

ROOT = ":where(html[class])"
"""The selector that the rules of the kit are nested in (backend.kit.bundle.spelled)."""

CLASSES = re.compile(r"(&|(?<![\w-])body)((?:\.[a-z][a-z0-9-]*+)++)")
"""A pattern for the page's root or its body, with classes that it must have."""

GROUP = re.compile(r"(&|(?<![\w-])body):(is|not)\(([^()]{1,200})\)")
"""A pattern for the root or the body with one of some classes, or with none of them."""


def without_classes(styles: str, page: str) -> str:
    """Return the rules of the kit for a page whose <html> and <body> have lost their classes.

    Args:
        styles: The rules of the kit.
        page: The page with the classes.
    """
    has = {"&": classes(page, "html"), "body": classes(page, "body")}

    def met(found: re.Match[str]) -> str:
        names = found[2].split(".")[1:]
        return found[1] + "".join(MET if name in has[found[1]] else f".{name}" for name in names)

    def group(found: re.Match[str]) -> str:
        names = (MET if name.strip().lstrip(".") in has[found[1]] else name for name in found[3].split(","))
        return f"{found[1]}:{found[2]}({','.join(names)})"

    return GROUP.sub(group, CLASSES.sub(met, styles.replace(ROOT, ":where(html)")))


def classes(page: str, element: str) -> frozenset[str]:
    """Return the classes of the first element of that name, near the page's beginning."""
    for part in scan(page[:HEAD_WORDS]):
        if part.kind is PartKind.START and part.name == element:
            return frozenset(dict(attributes(page[part.start : part.end])).get("class", "").split())
    return frozenset()
