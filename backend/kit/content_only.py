"""The kit for a client that takes a page's content alone: its <html> and <body> are the client's own, without a class.

Rules that ask for a class there are spelled as if they had found it, where the page has it. Pure.
"""

import re

from backend.kit.bundle import HEAD_WORDS
from backend.markup.scanner import PartKind, attributes, scan

MET = ":not(.no-class)"
"""Stands for a class that is there: always true, and of the same weight among rules."""

ROOT = ":where(html[class])"
"""What the kit stands under (backend.kit.bundle.spelled)."""

CLASSES = re.compile(r"(&|(?<![\w-])body)((?:\.[a-z][a-z0-9-]*+)++)")
"""The page's root or its body, with classes that it must have."""

GROUP = re.compile(r"(&|(?<![\w-])body):(is|not)\(([^()]{1,200})\)")
"""The root or the body with one of some classes, or with none of them."""


def without_classes(styles: str, page: str) -> str:
    """The rules of the kit as they apply to a page whose <html> and <body> have lost their classes."""
    has = {"&": classes(page, "html"), "body": classes(page, "body")}

    def met(found: re.Match[str]) -> str:
        names = found[2].split(".")[1:]
        return found[1] + "".join(MET if name in has[found[1]] else f".{name}" for name in names)

    def group(found: re.Match[str]) -> str:
        names = (MET if name.strip().lstrip(".") in has[found[1]] else name for name in found[3].split(","))
        return f"{found[1]}:{found[2]}({','.join(names)})"

    return GROUP.sub(group, CLASSES.sub(met, styles.replace(ROOT, ":where(html)")))


def classes(page: str, element: str) -> frozenset[str]:
    """The classes of the first element of that name, near the page's beginning."""
    for part in scan(page[:HEAD_WORDS]):
        if part.kind is PartKind.START and part.name == element:
            return frozenset(dict(attributes(page[part.start : part.end])).get("class", "").split())
    return frozenset()
