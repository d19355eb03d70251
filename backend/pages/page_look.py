"""The look of a page over the kit, as its <html> names it: what the next page of its site or desktop is told to keep.

Everything here is read from markup that a model wrote. Of its classes only the kit's own words are used, and of its
style one colour. So a look says nothing but how a page looks. The module is pure.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from backend.kit.bundle import designs, palettes, root
from backend.kit.look_words import ADJUSTMENTS

if TYPE_CHECKING:
    from backend.storage.records import PageRecord

ACCENT = re.compile(
    r"(?:\A|;)\s*+--accent\s*+:\s*+"
    r"(#[0-9a-f]{3,8}|[a-z]{3,20}|(?:rgb|hsl|hwb|lab|lch|oklab|oklch)\([\d.%, /+-]{1,40}\))\s*+(?:;|\Z)",
    re.IGNORECASE,
)
MARK = " --accent:"
"""Separates the words of a look from an accent of its own."""


@lru_cache(maxsize=64)
def look_of(page: str) -> str:
    """Return the look of a page, such as "paper mint dark" or "cards dark --accent:#c40".

    The result is "" for a page that names neither a design nor a colour of the kit. A page with its own styles is such
    a page.
    """
    said = root(page)
    accent = ACCENT.search(said.get("style", ""))
    looks = {*designs(), *palettes()}
    words = [word for word in dict.fromkeys(said.get("class", "").split()) if word in looks or word in ADJUSTMENTS]
    if not (accent or looks.intersection(words)):
        return ""
    return " ".join(words) + (f"{MARK}{accent[1]}" if accent else "")


def left_by(page: "PageRecord") -> str:
    """Return the look that a page leaves for the next.

    The few words are read even from a page made from what a visitor filled in. Its accent is not read, since it could
    spell something, unless the page was given that accent itself.
    """
    look = look_of(page.html)
    words, mark, accent = look.partition(MARK)
    return words if page.private and not page.brief.style.endswith(mark + accent) else look
