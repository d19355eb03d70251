"""Write start tags as a draft may have them: with the attributes that neither run nor load anything."""

import html
import re
from functools import lru_cache

from backend.markup.draft_css import harmless, is_inert
from backend.markup.scanner import attributes

LOADING = frozenset({
    "archive", "background", "classid", "code", "codebase", "data", "dynsrc", "icon", "longdesc", "lowsrc", "poster",
    "profile", "src",
})  # fmt: skip
REFUSED = frozenset({
    "attributionsrc", "autofocus", "http-equiv", "imagesrcset", "manifest", "nonce", "ping", "srcdoc", "srcset",
    "xml:base",
})  # fmt: skip
"""Attributes that a draft never has. `srcset` and `imagesrcset` name several addresses."""

ADDRESSES = frozenset({"href", "xlink:href"})
LINKS, PICTURES = frozenset({"a", "area"}), frozenset({"image", "feimage"})
"""Elements whose href is followed on a click, and elements that show what their href names.

Other elements load their href, unless it is a part of the document (`#part`).
"""

ANIMATED = frozenset({"to", "from", "by", "values"})
WORDS = frozenset({
    "action", "alt", "class", "content", "for", "formaction", "href", "id", "label", "list", "name", "pattern",
    "placeholder", "title", "value", "xlink:href", *LOADING,
})  # fmt: skip
"""Attributes that no browser reads as a style. In SVG any other attribute may be one."""

ATTRIBUTE_NAME = re.compile(r"[a-z_][a-z0-9_:.-]*")
SCRIPTS = ("javascript:", "vbscript:", "data:")
TAGS, SHORT = 8192, 256
"""The number of start tags in the cache and the maximum length of each, in characters.

Pages and their drafts repeat the same tags.
"""


def start_tag(name: str, tag: str) -> str:
    """Return the start tag of element `name` as a draft may have it.

    Args:
        name: The name of the element.
        tag: The tag as it stands in the page, with one byte a character.
    """
    return _remembered(name, tag) if len(tag) <= SHORT else _harmless(name, tag)


def _harmless(name: str, tag: str) -> str:
    """Return the start tag with only those attributes that a draft may have."""
    kept = ((attribute, harmless_value(name, attribute, utf8(value))) for attribute, value in attributes(tag))
    return f"<{name}{''.join(spell(attribute, value) for attribute, value in kept if value is not None)}>"


_remembered = lru_cache(maxsize=TAGS)(_harmless)


def harmless_value(tag: str, name: str, value: str) -> str | None:
    """Return the value that an attribute may have in a draft, with entities as in the page.

    The result is None if the attribute must be removed.
    """
    if name.startswith(("on", "shadowroot")) or name in REFUSED or not ATTRIBUTE_NAME.fullmatch(name):
        return None
    plain = html.unescape(value)
    if name == "style":
        return harmless(plain).replace("&", "&amp;") or None
    return value if _leads_nowhere(tag, name, plain) and _is_inert_style(name, plain) else None


def _leads_nowhere(tag: str, name: str, value: str) -> bool:
    """Return whether an attribute neither runs nor loads an address that it may hold."""
    address = "".join(c for c in value if c > " ").lower()
    if name in LOADING:
        return address.startswith("data:image/")
    if name in ADDRESSES and tag not in LINKS:
        return address.startswith("#") or (tag in PICTURES and is_inert(address))
    if name == "attributename":
        return "href" not in address
    return not any(part.startswith(SCRIPTS) for part in (address.split(";") if name in ANIMATED else [address]))


def _is_inert_style(name: str, value: str) -> bool:
    """Return whether an attribute loads nothing if it is a style in SVG."""
    if name in WORDS or name.startswith(("aria-", "data-")) or not ("(" in value or "\\" in value):
        return True
    return harmless(value) == value


def utf8(text: str) -> str:
    """Decode text that holds one byte a character as UTF-8, without null characters."""
    return text.encode("latin-1").decode("utf-8", "replace").replace("\0", "")


def spell(name: str, value: str) -> str:
    """Return an attribute as it stands in a tag, with a blank before it."""
    return f' {name}="{value.replace(chr(34), "&quot;").replace("<", "&lt;")}"' if value else f" {name}"
