"""Pages that come back with the kit inside (backend/kit.py): it is taken out before they are kept or go into a prompt.

Pure, and knows no kit: whatever a <style data-kit=v1> of any version holds goes, but for what people wrote into it.
"""

import re
from collections.abc import Iterator

from backend.markup import Kind, Part, attributes, scan
from backend.safe_html import CSS_TOKEN

SIGN = "data-kit"
VERSION = re.compile(r"v[0-9]{1,9}")
LAYER = re.compile(r"@layer\s++kit\s*+\{")
"""Everything that a kit says, but for its animations, stands in this layer, in every version."""


def undressed(page: str) -> str:
    """The page without the kit; byte for byte what it was before `kit.dressed`, also if it has been written into since.

    undressed(kit.dressed(page)) == page for a page that has no kit.
    """
    return "".join(_kept(page)) if SIGN in page.lower() else page


def _kept(page: str) -> Iterator[str]:
    inside = False
    for part in scan(page):
        spelled = page[part.start : part.end]
        if inside and part.kind is Kind.RAW:
            yield _of_others(spelled)
        elif not inside or part.kind is not Kind.END:
            inside = _begins_kit(part, spelled)
            yield "" if inside else spelled
        else:
            inside = False


def _begins_kit(part: Part, spelled: str) -> bool:
    if part.kind is not Kind.START or part.name != "style":
        return False
    return VERSION.fullmatch(dict(attributes(spelled)).get(SIGN, "")) is not None


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
