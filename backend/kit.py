"""The kit: the design system that pages are written over (web/kit/), and which of its parts a page uses.

A page asks for the kit by the class of its <html>, a design and a palette: `<html class="paper mint">`. It then
says what its parts are, in plain HTML and a few classes, and the kit says how that looks. The kit travels inside the
page: nothing is fetched, a page that leaves the service looks the same, and it keeps the kit that it was made with.
"""

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from backend.markup import Kind, attributes, scan

KIT = Path(__file__).resolve().parent.parent / "web" / "kit"
VERSION = "v1"
ALWAYS = ("tokens", "base", "palettes", "adjust")
"""Sheets that every page gets. Components and designs come with the pages that name them."""

COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
SPACE = re.compile(r"\s+")
MARK = re.compile(r" ?([{};,]) ?")
COLON = re.compile(r"([{;][\w-]++): ")
USES = re.compile(r"/\* for: ([^*]*)\*/")
WORD = re.compile(r"[a-z][a-z0-9-]*")
CLASS = re.compile(r"\.([a-z][a-z-]*)")
DRAWN = " =:/;,()'-"
"""Characters of a drawing that may stand in a data: address in double quotes as they are."""

HEAD_WORDS = 20_000
"""Characters of a page in which its <html> must have come."""


@dataclass(frozen=True)
class Sheet:
    """One file of the kit. rules: without what means nothing. uses: elements and classes that ask for it."""

    name: str
    rules: str
    uses: frozenset[str]


@lru_cache(maxsize=1)
def sheets() -> tuple[Sheet, ...]:
    """The kit in the order in which its files apply."""
    order = ("tokens.css", "base.css", "components", "designs", "palettes.css", "adjust.css")
    return tuple(sheet(path) for name in order for path in found(KIT / name))


def found(path: Path) -> list[Path]:
    return sorted(path.glob("*.css")) if path.is_dir() else [path]


def sheet(path: Path) -> Sheet:
    text = path.read_text("utf-8")
    uses = USES.match(text)
    named = {word.lstrip(".") for word in uses[1].split()} if uses else {path.stem}
    return Sheet(path.stem, squeezed(text), frozenset(() if path.stem in ALWAYS else named))


def squeezed(text: str) -> str:
    """A sheet without comments and without white space that means nothing."""
    text = SPACE.sub(" ", COMMENT.sub("", text)).strip()
    return COLON.sub(r"\1:", MARK.sub(r"\1", text)).replace(";}", "}")


@lru_cache(maxsize=1)
def whole() -> str:
    """All of the kit."""
    return spelled(sheets(), "".join(pictures().values()))


@lru_cache(maxsize=1)
def pictures() -> dict[str, str]:
    """The scenes that <div class="picture sea"> shows, each as the rule that gives it one."""
    drawn = {path.stem: path.read_text("utf-8").strip() for path in sorted((KIT / "pictures").glob("*.svg"))}
    return {
        name: f'.picture.{name}{{--scene:url("data:image/svg+xml,{quote(svg, DRAWN)}")}}' for name, svg in drawn.items()
    }


def scenes(words: frozenset[str]) -> str:
    """The rules of the scenes that a page names; none for a page without a picture."""
    return "".join(rule for name, rule in pictures().items() if name in words) if "picture" in words else ""


def spelled(parts: tuple[Sheet, ...], more: str = "") -> str:
    """Sheets as one. They stand in a layer of their own, so that what a page says itself comes after, and concern
    pages alone whose <html> has a class. Nothing in them can end a <style>."""
    rules = "".join(part.rules for part in parts) + more
    motion = squeezed((KIT / "motion.css").read_text("utf-8"))
    return f"{motion}@layer kit{{:where(html[class]){{{rules}}}}}"


def wanted(page: str) -> bool:
    """Whether a page is written over the kit: whether its <html> has a class."""
    return bool(root(page).get("class", "").strip())


def root(page: str) -> dict[str, str]:
    """The attributes of a page's <html>, the first of each name; none for a page whose body begins without."""
    for part in scan(page[:HEAD_WORDS]):
        if part.kind is Kind.START and part.name == "html":
            found: dict[str, str] = {}
            for name, value in attributes(page[part.start : part.end]):
                found.setdefault(name, html.unescape(value))
            return found
        if part.kind is Kind.START and part.name == "body":
            break
    return {}


@lru_cache(maxsize=1)
def address() -> str:
    """Where the whole kit is served, for good: another kit has another address."""
    return f"/kit/{VERSION}/kit.{hashlib.sha256(whole().encode()).hexdigest()[:16]}.css"


@lru_cache(maxsize=64)
def styles_for(page: str) -> str:
    """The parts of the kit that a page uses; "" for a page that is not written over it.

    A part is used if any of its names stands anywhere in the page, in a script, too: what a script adds later is
    dressed as well, and a part too many only costs its bytes.
    """
    if not wanted(page):
        return ""
    words = frozenset(WORD.findall(page.lower()))
    return spelled(tuple(part for part in sheets() if not part.uses or part.uses & words), scenes(words))


def designs() -> Iterator[str]:
    """The names of the designs."""
    return (path.stem for path in found(KIT / "designs"))


@lru_cache(maxsize=1)
def palettes() -> tuple[str, ...]:
    """The names of the palettes."""
    return tuple(dict.fromkeys(CLASS.findall(sheet(KIT / "palettes.css").rules)))


def dressed(page: str) -> str:
    """The page with the parts of the kit that it uses inside, in front of everything but its doctype."""
    styles = styles_for(page)
    if not styles:
        return page
    end = next((part.end for part in scan(page) if part.kind is Kind.COMMENT), 0) if begins_with_doctype(page) else 0
    return f"{page[:end]}<style data-kit={VERSION}>{styles}</style>{page[end:]}"


def begins_with_doctype(page: str) -> bool:
    return page.lstrip()[:9].lower() == "<!doctype"
