"""The drawings of the kit: scenes for pictures, and icons. A page carries those that it names, each as one rule.

A scene and an icon may have the same name, since names count only beside the word `picture` or `icon`. class="icon key"
is an icon, class="picture key" is a scene, and class="key" is neither.
"""

from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

WEB = Path(__file__).resolve().parents[2] / "web"
KIT = WEB / "kit"
ICONS = WEB / "static" / "vendor" / "lucide"
"""The folder that `make install` fills, as it does for everything that comes from npm. Without it icons are dots."""

STROKES = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="red" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round">'
)
"""How every icon begins. Any colour works in a mask."""
CREDIT = "/* Icons: Lucide, ISC License, https://lucide.dev/license */"
PLAIN = " =:/;,()'>-"
"""Characters of a drawing that may stand unescaped in a data: address in double quotes."""


@lru_cache(maxsize=8)
def pictures(folder: Path = KIT) -> dict[str, str]:
    """Return the scenes that <div class="picture sea"> shows: by name, the rule that shows it."""
    return {
        path.stem: f".picture.{path.stem}{{--scene:{address(path.read_text('utf-8').strip())}}}"
        for path in sorted((folder / "pictures").glob("*.svg"))
    }


@lru_cache(maxsize=8)
def neutral(folder: Path = KIT) -> str:
    """Return the rule for pictures of something that no scene shows."""
    path = folder / "neutral.svg"
    return f".picture{{--scene:{address(path.read_text('utf-8').strip())}}}" if path.is_file() else ""


@lru_cache(maxsize=8)
def icons(folder: Path = KIT) -> dict[str, str]:
    """Return the icons that <i class="icon star"> shows: by each of its names, the rule that shows it."""
    rules: dict[str, str] = {}
    for first, *others in icon_names(folder):
        if (path := ICONS / f"{first}.svg").exists():
            names = f":is(.{',.'.join((first, *others))})" if others else f".{first}"
            rule = f'.icon{names}{{--mark:"";--glyph:{address(strokes(path.read_text("utf-8")))}}}'
            rules |= dict.fromkeys((first, *others), rule)
    return rules


def icon_names(folder: Path = KIT) -> list[list[str]]:
    """Return the names of each icon: the name in Lucide first, then plainer names."""
    names = folder / "icons.txt"
    return [line.split() for line in names.read_text("utf-8").splitlines()] if names.is_file() else []


def strokes(svg: str) -> str:
    """Return an icon in short form, with the beginning that all icons share."""
    inner = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return STROKES + "".join(line.strip() for line in inner.splitlines()).replace(" />", "/>") + "</svg>"


def address(svg: str) -> str:
    """Return a drawing as an address that loads nothing. Nothing in the address can end a <style>."""
    return f'url("data:image/svg+xml,{quote(svg.replace(chr(34), chr(39)), PLAIN)}")'


def drawn(words: frozenset[str], folder: Path = KIT) -> str:
    """Return the rules of the drawings that a page names; "" for a page without a picture or an icon."""
    scenes = neutral(folder) + named(pictures(folder), words) if "picture" in words else ""
    glyphs = named(icons(folder), words) if "icon" in words else ""
    return f"{scenes}{CREDIT if glyphs else ''}{glyphs}"


def named(rules: dict[str, str], words: frozenset[str]) -> str:
    """Return the rules whose names are among the words, each once."""
    return "".join(dict.fromkeys(rule for name, rule in rules.items() if name in words))


def every(folder: Path = KIT) -> str:
    """Return the rules of all drawings."""
    return drawn(frozenset(("picture", "icon", *pictures(folder), *icons(folder))), folder)
