"""Remove the kit (backend/kit/bundle.py) from pages that come back with it, before they are kept or put into a prompt.

The module is pure and works with every version of the kit. It removes the content of each <style data-kit=v1> of any
version, except what people wrote into it. It also removes the kit's scripts.
"""

import re

from backend.markup.draft_html import CSS_TOKEN
from backend.markup.scanner import Part, PartKind, attributes, scan

SIGN, LOOK, NO_DOCTYPE = "data-kit", "data-look", "data-no-doctype"
"""Attributes that mark the kit's elements, the element with the look of a host, and a page whose doctype we added."""

STANDARD = "<!doctype html>"
"""The doctype that a page without one gets when it is sent."""

VERSION = re.compile(r"v[0-9]{1,9}")
LAYER = re.compile(r"@layer\s++kit\s*+\{")
"""Every version of the kit keeps all its rules but the animations in this layer."""


def undressed(page: str) -> str:
    """Return the page without the kit.

    The result is byte for byte the page before `kit.dressed`, plus any changes since. undressed(kit.dressed(page)) ==
    page for a page that has no kit.
    """
    if SIGN not in page.lower():
        return page
    kept, typed = _kept(page)
    return kept.removeprefix(STANDARD) if typed else kept


def _kept(page: str) -> tuple[str, bool]:
    """Return the page without the kit's elements, and whether one of them says that we added the doctype."""
    kept, inside, typed = [], "", False
    for part in scan(page):
        spelled = page[part.start : part.end]
        if inside and part.kind is PartKind.RAW:
            kept.append(_of_others(spelled) if inside == SIGN else "")
        elif not inside or part.kind is not PartKind.END:
            inside = _sign(part, spelled)
            kept.append("" if inside else spelled)
            if part.name == "meta":  # A <meta> has no end tag.
                typed |= bool(inside) and NO_DOCTYPE in dict(attributes(spelled))
                inside = ""
        else:
            inside = ""
    return "".join(kept), typed


def _sign(part: Part, spelled: str) -> str:
    """Return what marks an element as ours: the kit's sheets, its scripts, or the look of a host; "" for others."""
    if part.kind is not PartKind.START or part.name not in ("style", "script", "meta"):
        return ""
    marks = dict(attributes(spelled))
    if part.name == "style" and LOOK in marks:
        return LOOK
    ours = VERSION.fullmatch(marks.get(SIGN, "")) is not None
    return "" if not ours else SIGN if part.name == "style" else part.name


def _of_others(text: str) -> str:
    """Return the text behind the kit in its own element, as a style of its own, since people wrote it."""
    more = text[_end_of_layer(text) :]
    return f"<style>{more}</style>" if more.strip() else ""


def _end_of_layer(text: str) -> int:
    """Return the offset where the kit's layer is closed; 0 for a text that has none."""
    layer, depth = LAYER.search(text), 1
    for token in CSS_TOKEN.finditer(text, layer.end()) if layer else ():
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth:
            return token.end()
    return len(text) if layer else 0
