"""The kit is the design system that pages are written over (web/kit/); this module finds which parts a page uses.

A page asks for the kit by the class of its <html>, which names a design and a palette: `<html class="paper mint">`. The
page says what its parts are, in plain HTML and a few classes, and the kit says how they look. The kit travels inside
the page, so nothing is fetched. A page that leaves the service looks the same and keeps the kit that it was made with.
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
"""The newest version of the kit, which new pages use.

Wherever a version is named, "" and a version that no longer exists mean this one.
"""

FOLDERS = {VERSION: KIT}
"""The folder of each version that exists; a stored page keeps the version that it was made with."""

ALWAYS = ("tokens", "base", "palettes", "adjust")
"""Sheets that every page gets. Components and designs are added only to pages that name them."""

USES = re.compile(r"/\* for: ([^*]*)\*/")
WORD = re.compile(r"[a-z][a-z0-9-]*")
CLASS = re.compile(r"\.([a-z][a-z-]*)")
HEAD_WORDS = 20_000
"""The number of characters at the beginning of a page in which its <html> must stand."""


@dataclass(frozen=True)
class Sheet:
    """One file of the kit.

    Attributes:
        name: The name of the file without its ending.
        rules: The minified rules.
        uses: The elements and classes that ask for the sheet; empty for a sheet that every page gets.
    """

    name: str
    rules: str
    uses: frozenset[str]


def at_hand(version: str) -> str:
    """Return the version itself if it still exists, else the newest."""
    return version if version in FOLDERS else VERSION


def folder(version: str = "") -> Path:
    """Return the folder of a version."""
    return FOLDERS[at_hand(version)]


@lru_cache(maxsize=8)
def sheets(version: str = "") -> tuple[Sheet, ...]:
    """Return the sheets of the kit in the order in which they apply."""
    order = ("tokens.css", "base.css", "components", "designs", "palettes.css", "adjust.css")
    return tuple(sheet(path) for name in order for path in found(folder(version) / name))


def found(path: Path) -> list[Path]:
    """Return the style sheets of a folder in alphabetical order, or the path itself if it is a file."""
    return sorted(path.glob("*.css")) if path.is_dir() else [path]


def sheet(path: Path) -> Sheet:
    """Read a style sheet of the kit from its file."""
    text = path.read_text("utf-8")
    uses = USES.match(text)
    named = {word.lstrip(".") for word in uses[1].split()} if uses else {path.stem}
    return Sheet(path.stem, squeezed(text), frozenset(() if path.stem in ALWAYS else named))


@lru_cache(maxsize=8)
def whole(version: str = "") -> str:
    """Return all of the kit as one style sheet."""
    return spelled(sheets(version), every(folder(version)), version)


def spelled(parts: tuple[Sheet, ...], more: str = "", version: str = "") -> str:
    """Return sheets as one style sheet.

    The sheets stand in a layer of their own. So the look of a host (backend/kit/host_look.py) and the page's own rules
    come after them. They apply only to pages whose <html> has a class. Nothing in them can end a <style>.

    Args:
        parts: The sheets.
        more: Rules to put behind those of the sheets.
        version: The version of the kit, from which the animations come.
    """
    rules = "".join(part.rules for part in parts) + more
    motion = squeezed((folder(version) / "motion.css").read_text("utf-8"))
    return f"{motion}@layer kit,host;@layer kit{{:where(html[class]){{{rules}}}}}"


def wanted(page: str) -> bool:
    """Return whether a page is written over the kit, that is, whether its <html> has a class."""
    return bool(root(page).get("class", "").strip())


def root(page: str) -> dict[str, str]:
    """Return the attributes of a page's <html>, the first of each name.

    The result is empty for a page whose body begins without an <html>.
    """
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
    """Return the permanent address of the whole kit; a kit with other contents has another address."""
    return f"/kit/{at_hand(version)}/kit.{hashlib.sha256(whole(version).encode()).hexdigest()[:16]}.css"


@lru_cache(maxsize=64)
def styles_for(page: str, version: str = "") -> str:
    """Return the parts of the kit that a page uses; "" for a page that is not written over it.

    A sheet is used if any of its names stands anywhere in the page but in its prose, including in a script. Of its
    rules, those are used whose classes the page names. So elements that a script adds later are styled as well. A rule
    too many only costs its bytes.
    """
    if not wanted(page):
        return ""
    words = words_of(unspoken(page))
    used = [part for part in sheets(version) if not part.uses or part.uses & words]
    named = words | words_of(scripts_for(page, version))
    parts = (replace(part, rules=fitting(part.rules, named | begun(part.rules, named))) for part in used)
    return spelled(tuple(parts), drawn(words, folder(version)), version)


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text that may be names in the kit, in lower case."""
    return frozenset(WORD.findall(text.lower()))


def unspoken(page: str) -> str:
    """Return the page without its text, which asks for nothing whatever words it has."""
    return " ".join(page[part.start : part.end] for part in scan(page) if part.kind is not PartKind.TEXT)


@lru_cache(maxsize=64)
def scripts_for(page: str, version: str = "") -> str:
    """Return the kit's scripts that a page uses, chosen as its sheets are; "" for a page that uses none."""
    if not wanted(page):
        return ""
    return joined(words_of(unspoken(page)), folder(version) / "scripts")


def designs() -> Iterator[str]:
    """Return the names of the designs."""
    return (path.stem for path in found(KIT / "designs"))


@lru_cache(maxsize=1)
def palettes() -> tuple[str, ...]:
    """Return the names of the palettes."""
    return tuple(dict.fromkeys(CLASS.findall(sheet(KIT / "palettes.css").rules)))


def element(page: str, version: str = "", look: str = "") -> str:
    """Return the elements that bring a page the parts of the kit that it uses, and name their version.

    Args:
        page: The page.
        version: The version of the kit.
        look: Rules of the host's look, which come behind the sheets.

    Returns:
        The markup of the elements; "" if the page uses no part of the kit.
    """
    styles, sign = styles_for(page, version), f"{SIGN}={at_hand(version)}"
    if not styles:
        return ""
    host = f"<style {LOOK}>{look}</style>" if look else ""
    scripts = scripts_for(page, version)
    return f"<style {sign}>{styles}</style>{host}{f'<script {sign}>{scripts}</script>' if scripts else ''}"


def dressed(page: str, version: str = "", look: str = "") -> str:
    """Return the page with the parts of the kit that it uses, in front of everything but its doctype.

    A kit that the page already has is taken out first.

    Args:
        page: The page.
        version: The version of the kit.
        look: Rules of the host's look, for a page that was seen in it.
    """
    page = undressed(page)
    return in_front(page, element(page, version, look))
