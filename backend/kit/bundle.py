"""The kit: the design system that pages are written over (web/kit/), and which of its parts a page uses.

A page asks for the kit by the class of its <html>, a design and a palette: `<html class="paper mint">`. It then
says what its parts are, in plain HTML and a few classes, and the kit says how that looks. The kit travels inside the
page: nothing is fetched, a page that leaves the service looks the same, and it keeps the kit that it was made with.
"""

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from backend.kit.css_rules import begun, fitting
from backend.kit.drawings import drawn, every
from backend.kit.drawings import icons as icons
from backend.kit.drawings import pictures as pictures
from backend.kit.minify import squeezed
from backend.kit.scripts import joined
from backend.kit.strip import LOOK, SIGN, undressed
from backend.markup.scanner import PartKind, attributes, in_front, scan

KIT = Path(__file__).resolve().parents[2] / "web" / "kit"
VERSION = "v1"
"""The newest version, which pages are made with. Wherever a version is named, "" and one that is gone mean this one."""

FOLDERS = {VERSION: KIT}
"""Where the versions lie that there are: a stored page keeps the one that it was made with."""

ALWAYS = ("tokens", "base", "palettes", "adjust")
"""Sheets that every page gets. Components and designs come with the pages that name them."""

USES = re.compile(r"/\* for: ([^*]*)\*/")
WORD = re.compile(r"[a-z][a-z0-9-]*")
CLASS = re.compile(r"\.([a-z][a-z-]*)")
HEAD_WORDS = 20_000
"""Characters of a page in which its <html> must have come."""


@dataclass(frozen=True)
class Sheet:
    """One file of the kit. rules: in as few bytes as say the same. uses: elements and classes that ask for it."""

    name: str
    rules: str
    uses: frozenset[str]


def at_hand(version: str) -> str:
    """The version itself, if it is still there, else the newest."""
    return version if version in FOLDERS else VERSION


def folder(version: str = "") -> Path:
    return FOLDERS[at_hand(version)]


@lru_cache(maxsize=8)
def sheets(version: str = "") -> tuple[Sheet, ...]:
    """The kit in the order in which its files apply."""
    order = ("tokens.css", "base.css", "components", "designs", "palettes.css", "adjust.css")
    return tuple(sheet(path) for name in order for path in found(folder(version) / name))


def found(path: Path) -> list[Path]:
    return sorted(path.glob("*.css")) if path.is_dir() else [path]


def sheet(path: Path) -> Sheet:
    text = path.read_text("utf-8")
    uses = USES.match(text)
    named = {word.lstrip(".") for word in uses[1].split()} if uses else {path.stem}
    return Sheet(path.stem, squeezed(text), frozenset(() if path.stem in ALWAYS else named))


@lru_cache(maxsize=8)
def whole(version: str = "") -> str:
    """All of the kit."""
    return spelled(sheets(version), every(folder(version)), version)


def spelled(parts: tuple[Sheet, ...], more: str = "", version: str = "") -> str:
    """Sheets as one. They stand in a layer of their own, so that the look of a host (backend/kit/host_look.py) and what
    a page says itself come after, and concern pages alone whose <html> has a class. Nothing in them can end a
    <style>."""
    rules = "".join(part.rules for part in parts) + more
    motion = squeezed((folder(version) / "motion.css").read_text("utf-8"))
    return f"{motion}@layer kit,host;@layer kit{{:where(html[class]){{{rules}}}}}"


def wanted(page: str) -> bool:
    """Whether a page is written over the kit: whether its <html> has a class."""
    return bool(root(page).get("class", "").strip())


def root(page: str) -> dict[str, str]:
    """The attributes of a page's <html>, the first of each name; none for a page whose body begins without."""
    for part in scan(page[:HEAD_WORDS]):
        if part.kind is PartKind.START and part.name == "html":
            found: dict[str, str] = {}
            for name, value in attributes(page[part.start : part.end]):
                found.setdefault(name, html.unescape(value))
            return found
        if part.kind is PartKind.START and part.name == "body":
            break
    return {}


@lru_cache(maxsize=8)
def address(version: str = "") -> str:
    """Where the whole kit is served, for good: another kit has another address."""
    return f"/kit/{at_hand(version)}/kit.{hashlib.sha256(whole(version).encode()).hexdigest()[:16]}.css"


@lru_cache(maxsize=64)
def styles_for(page: str, version: str = "") -> str:
    """The parts of the kit that a page uses; "" for a page that is not written over it.

    A sheet is used if any of its names stands anywhere in the page but in its prose, in a script, too, and of its rules
    those whose classes do: what a script adds later is dressed as well, and a rule too many only costs its bytes.
    """
    if not wanted(page):
        return ""
    words = words_of(unspoken(page))
    used = [part for part in sheets(version) if not part.uses or part.uses & words]
    named = words | words_of(scripts_for(page, version))
    parts = (replace(part, rules=fitting(part.rules, named | begun(part.rules, named))) for part in used)
    return spelled(tuple(parts), drawn(words, folder(version)), version)


def words_of(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.lower()))


def unspoken(page: str) -> str:
    """The page without its text, which asks for nothing, whatever words are in it."""
    return " ".join(page[part.start : part.end] for part in scan(page) if part.kind is not PartKind.TEXT)


@lru_cache(maxsize=64)
def scripts_for(page: str, version: str = "") -> str:
    """The kit's scripts that a page uses, chosen as its sheets are; "" for a page without any."""
    if not wanted(page):
        return ""
    return joined(words_of(unspoken(page)), folder(version) / "scripts")


def designs() -> Iterator[str]:
    """The names of the designs."""
    return (path.stem for path in found(KIT / "designs"))


@lru_cache(maxsize=1)
def palettes() -> tuple[str, ...]:
    """The names of the palettes."""
    return tuple(dict.fromkeys(CLASS.findall(sheet(KIT / "palettes.css").rules)))


def element(page: str, version: str = "", look: str = "") -> str:
    """What brings a page the parts of the kit that it uses, and says of which version they are; "" if it uses none.

    look: rules of the host's look, which come behind the sheets.
    """
    styles, sign = styles_for(page, version), f"{SIGN}={at_hand(version)}"
    if not styles:
        return ""
    host = f"<style {LOOK}>{look}</style>" if look else ""
    scripts = scripts_for(page, version)
    return f"<style {sign}>{styles}</style>{host}{f'<script {sign}>{scripts}</script>' if scripts else ''}"


def dressed(page: str, version: str = "", look: str = "") -> str:
    """The page with the parts of the kit that it uses inside, in front of everything but its doctype; once only.

    look: rules of the host's look, for a page that was seen in it.
    """
    page = undressed(page)
    return in_front(page, element(page, version, look))
