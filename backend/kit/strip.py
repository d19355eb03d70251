"""Pages that come back with the kit inside (backend/kit/bundle.py): it is taken out before they are kept or go into a
prompt.

Pure, and knows no kit: what a <style data-kit=v1> of any version holds goes, but for what people wrote into
it, and so do its scripts.
"""

import re

from backend.markup.draft_html import CSS_TOKEN
from backend.markup.scanner import Part, PartKind, attributes, scan

SIGN, LOOK, NO_DOCTYPE = "data-kit", "data-look", "data-no-doctype"
"""What marks the kit's elements, the one with the look of a host, and a page whose doctype is ours."""

STANDARD = "<!doctype html>"
"""What a page without a doctype gets on its way out."""

VERSION = re.compile(r"v[0-9]{1,9}")
LAYER = re.compile(r"@layer\s++kit\s*+\{")
"""Everything that a kit says, but for its animations, stands in this layer, in every version."""


def undressed(page: str) -> str:
    """The page without the kit; byte for byte what it was before `kit.dressed`, also if it has been written into since.

    undressed(kit.dressed(page)) == page for a page that has no kit.
    """
    if SIGN not in page.lower():
        return page
    kept, typed = _kept(page)
    return kept.removeprefix(STANDARD) if typed else kept


def _kept(page: str) -> tuple[str, bool]:
    """The page without the kit's elements, and whether one of them says that its doctype is ours."""
    kept, inside, typed = [], "", False
    for part in scan(page):
        spelled = page[part.start : part.end]
        if inside and part.kind is PartKind.RAW:
            kept.append(_of_others(spelled) if inside == SIGN else "")
        elif not inside or part.kind is not PartKind.END:
            inside = _sign(part, spelled)
            kept.append("" if inside else spelled)
            if part.name == "meta":  # which has no end
                typed |= bool(inside) and NO_DOCTYPE in dict(attributes(spelled))
                inside = ""
        else:
            inside = ""
    return "".join(kept), typed


def _sign(part: Part, spelled: str) -> str:
    """By what an element is known to be ours: the kit's sheets, its scripts, or the look of a host; "" for others."""
    if part.kind is not PartKind.START or part.name not in ("style", "script", "meta"):
        return ""
    marks = dict(attributes(spelled))
    if part.name == "style" and LOOK in marks:
        return LOOK
    ours = VERSION.fullmatch(marks.get(SIGN, "")) is not None
    return "" if not ours else SIGN if part.name == "style" else part.name


def _of_others(text: str) -> str:
    """What stands behind the kit in its own element, as a style of its own: people wrote that."""
    more = text[_end_of_layer(text) :]
    return f"<style>{more}</style>" if more.strip() else ""


def _end_of_layer(text: str) -> int:
    """Where the kit's layer is closed; 0 for a text that has none."""
    layer, depth = LAYER.search(text), 1
    for token in CSS_TOKEN.finditer(text, layer.end()) if layer else ():
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth:
            return token.end()
    return len(text) if layer else 0
