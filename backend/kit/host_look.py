"""A host's look, as it stands in the address of a page: what of it may reach the page, and how it is spelled there.

Whoever embeds the shell gives pages colours, fonts and sizes. They travel as names and values, each of its own narrow
kind, and nothing else becomes part of a style sheet. web/static/frame/look.js says the same for what frames are told
while they are open; a test compares the two.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

COLOURS = (
    "accent", "ground", "paper", "sunken", "ink", "quiet", "rule", "field", "tint", "link", "fill", "on-fill", "good",
    "warn", "bad", "on-bad",
)  # fmt: skip
LENGTHS = {"round": ("px", 0.0, 32.0), "gap": ("rem", 0.5, 1.8), "size": ("px", 12.0, 24.0)}
"""Unit, least and most."""

_ONE_WORD = """
    serif sans-serif monospace system-ui ui-serif ui-sans-serif ui-monospace ui-rounded -apple-system Arial Avenir
    Baskerville Calibri Cambria Candara Cantarell Charter Consolas Courier Didot Futura Garamond Geneva Georgia
    Helvetica Impact Inter Menlo Monaco Optima Palatino Roboto Rockwell Seravek Superclarendon Tahoma Times Ubuntu
    Verdana
"""
_MORE_WORDS = (
    "Arial Black", "Arial Narrow", "Arial Rounded MT Bold", "Avenir Next", "Bahnschrift", "Book Antiqua",
    "Cascadia Code", "Cascadia Mono", "Century Gothic", "Constantia", "Corbel", "Courier New", "DejaVu Sans",
    "DejaVu Sans Mono", "DejaVu Serif", "Franklin Gothic Medium", "Gill Sans", "Gill Sans MT", "Helvetica Neue",
    "Hoefler Text", "Iowan Old Style", "Liberation Mono", "Liberation Sans", "Liberation Sans Narrow",
    "Liberation Serif", "Lucida Grande", "Noto Sans", "Noto Sans Mono", "Noto Serif", "Palatino Linotype", "SF Mono",
    "SF Pro Display", "SF Pro Text", "Segoe UI", "Segoe UI Variable", "Sitka Text", "Times New Roman", "Trebuchet MS",
    "URW Gothic", "URW Palladio L",
)  # fmt: skip
FONTS = frozenset([*_ONE_WORD.split(), *(f'"{name}"' for name in _MORE_WORDS)])
"""Families that a system brings, and what stands for any; none is loaded."""

COLOUR = re.compile(r"#[0-9a-f]{6}")
LENGTH = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,2})?)(px|rem)")
WASH = (
    ":where(html.glass){background-image:radial-gradient(60rem 40rem at 12% -5%,var(--tint),transparent 65%),"
    "radial-gradient(50rem 45rem at 100% 10%,var(--sunken),transparent 60%)}"
)
"""The design glass has a wash of light, in which a host's ink must be readable."""
SCHEMES = {"light": "220 20% 15%", "dark": "220 40% 3%"}
"""What shadows are made of."""
FONT_CHARS, ADDRESS_CHARS = 400, 4_000


def rules(look: Mapping[str, Any]) -> str:
    """A look as rules of a style sheet, in a layer above the kit's and beneath the page's own; "" if nothing may pass.

    Colours are for screens: on paper a dark host's text would be light on white.
    """
    said = {name: value for name, value in look.items() if isinstance(value, str)}
    colours = "".join(f"--{name}:{said[name]};" for name in COLOURS if COLOUR.fullmatch(said.get(name, "")))
    if (scheme := said.get("scheme", "")) in SCHEMES:
        colours += f"color-scheme:{scheme};--shade:{SCHEMES[scheme]};"
    rest = "".join(f"--{name}:{said[name]};" for name in LENGTHS if is_length(name, said.get(name, "")))
    if are_fonts(text := said.get("text", "")):
        rest += f"--text:{text};--sans:{text};"
    if are_fonts(display := said.get("display", "")):
        rest += f"--display:{display};"
    screen = f"@media screen{{:where(html[class]){{{colours}}}{WASH if '--ground:' in colours else ''}}}"
    both = f":where(html[class]){{{rest}}}{screen if colours else ''}"
    return f"@layer kit,host;@layer host{{{both}}}" if colours or rest else ""


def is_length(name: str, value: str) -> bool:
    unit, least, most = LENGTHS[name]
    found = LENGTH.fullmatch(value)
    return found is not None and found[2] == unit and least <= float(found[1]) <= most


def are_fonts(value: str) -> bool:
    return len(value) <= FONT_CHARS and all(name in FONTS for name in value.split(", "))


def from_address(text: str) -> str:
    """The rules of a look that stands in an address, as JSON in base64url; "" for anything else."""
    if not 0 < len(text) <= ADDRESS_CHARS:
        return ""
    try:
        padded = text + "=" * (-len(text) % 4)
        look = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return ""
    return rules(look) if isinstance(look, dict) else ""
