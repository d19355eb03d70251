"""Turn a host's look, which comes in the address of a page, into rules of a style sheet.

Whoever embeds the shell chooses colours, fonts and sizes for pages. They travel as names and values, each of its own
narrow kind, and nothing else becomes part of a style sheet. web/static/frame/look.js does the same for what frames are
told while they are open. A test compares the two.
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
"""The unit, the minimum and the maximum of each length."""

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
"""Families that operating systems bring, and generic families; none is loaded."""

COLOUR = re.compile(r"#[0-9a-f]{6}")
LENGTH = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,2})?)(px|rem)")
WASH = (
    ":where(html.glass){background-image:radial-gradient(60rem 40rem at 12% -5%,var(--tint),transparent 65%),"
    "radial-gradient(50rem 45rem at 100% 10%,var(--sunken),transparent 60%)}"
)
"""The gradient of the design glass, on which a host's ink must stay readable."""
SCHEMES = {"light": "220 20% 15%", "dark": "220 40% 3%"}
"""The colour of shadows in each colour scheme."""
FONT_CHARS, ADDRESS_CHARS = 400, 4_000


def rules(look: Mapping[str, Any]) -> str:
    """Return a look as rules of a style sheet, in a layer above the kit's and below the page's own.

    Colours apply to screens only: on paper a dark host's text would be light on white.

    Args:
        look: Names and values of a look, as the host sent them.

    Returns:
        The rules; "" if no value is allowed.
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
    """Return whether a value is a length with the unit and within the range that the name allows."""
    unit, least, most = LENGTHS[name]
    found = LENGTH.fullmatch(value)
    return found is not None and found[2] == unit and least <= float(found[1]) <= most


def are_fonts(value: str) -> bool:
    """Return whether a value is a list of known fonts."""
    return len(value) <= FONT_CHARS and all(name in FONTS for name in value.split(", "))


def from_address(text: str) -> str:
    """Return the rules of a look that stands in an address as JSON in base64url; "" for anything else."""
    if not 0 < len(text) <= ADDRESS_CHARS:
        return ""
    try:
        padded = text + "=" * (-len(text) % 4)
        look = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return ""
    return rules(look) if isinstance(look, dict) else ""
