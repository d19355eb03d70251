"""Start tags as a draft may have them: with the attributes that neither run nor load anything."""

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
"""srcset and imagesrcset name several addresses."""

ADDRESSES = frozenset({"href", "xlink:href"})
LINKS, PICTURES = frozenset({"a", "area"}), frozenset({"image", "feimage"})
"""Elements whose href is followed on a click, and those that show what it names; others load it, but for a #part."""

ANIMATED = frozenset({"to", "from", "by", "values"})
WORDS = frozenset({
    "action", "alt", "class", "content", "for", "formaction", "href", "id", "label", "list", "name", "pattern",
    "placeholder", "title", "value", "xlink:href", *LOADING,
})  # fmt: skip
"""Attributes that no browser takes for a style; of SVG's any other may be one."""

ATTRIBUTE_NAME = re.compile(r"[a-z_][a-z0-9_:.-]*")
SCRIPTS = ("javascript:", "vbscript:", "data:")
TAGS, SHORT = 8192, 256
"""How many start tags are remembered, of so many characters at most; pages and their drafts repeat them."""


def start_tag(name: str, tag: str) -> str:
    """The start tag of element `name` as a draft may have it. tag: as it stands in the page, a character a byte."""
    return _remembered(name, tag) if len(tag) <= SHORT else _harmless(name, tag)


def _harmless(name: str, tag: str) -> str:
    kept = ((attribute, harmless_value(name, attribute, utf8(value))) for attribute, value in attributes(tag))
    return f"<{name}{''.join(spell(attribute, value) for attribute, value in kept if value is not None)}>"


_remembered = lru_cache(maxsize=TAGS)(_harmless)


def harmless_value(tag: str, name: str, value: str) -> str | None:
    """The value that an attribute may have in a draft, with entities as in the page; None if it has to go."""
    if name.startswith(("on", "shadowroot")) or name in REFUSED or not ATTRIBUTE_NAME.fullmatch(name):
        return None
    plain = html.unescape(value)
    if name == "style":
        return harmless(plain).replace("&", "&amp;") or None
    return value if _leads_nowhere(tag, name, plain) and _is_inert_style(name, plain) else None


def _leads_nowhere(tag: str, name: str, value: str) -> bool:
    """Whether an attribute, if it holds an address, neither runs nor loads it."""
    address = "".join(c for c in value if c > " ").lower()
    if name in LOADING:
        return address.startswith("data:image/")
    if name in ADDRESSES and tag not in LINKS:
        return address.startswith("#") or (tag in PICTURES and is_inert(address))
    if name == "attributename":
        return "href" not in address
    return not any(part.startswith(SCRIPTS) for part in (address.split(";") if name in ANIMATED else [address]))


def _is_inert_style(name: str, value: str) -> bool:
    """Whether an attribute, if it is a style in SVG, loads nothing."""
    if name in WORDS or name.startswith(("aria-", "data-")) or not ("(" in value or "\\" in value):
        return True
    return harmless(value) == value


def utf8(text: str) -> str:
    """Text that holds a byte a character as what it says."""
    return text.encode("latin-1").decode("utf-8", "replace").replace("\0", "")


def spell(name: str, value: str) -> str:
    """An attribute as it stands in a tag, with a blank before it."""
    return f' {name}="{value.replace(chr(34), "&quot;").replace("<", "&lt;")}"' if value else f" {name}"
