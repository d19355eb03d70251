"""Add anchors to the corpus' pages, wherever a page repeats what its brief gives (backend.prompts.anchors)."""

import re
from collections.abc import Sequence

from backend.prompts.anchors import FACTS, LINKS, LISTED, NAMES, NAV, SENTENCE, SITE, anchor, chunks, window_parts
from backend.prompts.brief import Brief
from backend.prompts.render import line

BETWEEN = r"(?:\s|<[^>]*>)*"
"""Matches what may be between two words of a text that a page spreads over several elements."""

WINDOW, WINDOW_TEXT = "<h2><button>", "</button></h2></header><p>"
"""The markup before the title of a window in the background, and between the title and its text."""

MARKS = ".:"
"""Signs after a word that a page may leave out, as a table does with those of "Capital: Nairobi."."""


def anchor_page(page: str, brief: Brief) -> str:
    """Add anchors to a page.

    An anchor is put before each chunk of facts, each link and each name that the page repeats from the brief. A blank
    is put before each listed thing.

    Args:
        page: The page.
        brief: The brief that it was made for.
    """
    places: dict[int, str] = {}
    number = 0
    for sentence in SENTENCE.split(line(brief.facts)) if brief.facts else ():
        parts = chunks(sentence)
        marks = [anchor(FACTS, number + n) for n in range(1, len(parts) + 1)]
        number += len(parts)
        for match in told(parts).finditer(page):
            if not inside_tag(page, match.start()):
                places |= {before_blank(page, match.start(n)): mark for n, mark in enumerate(marks, 1)}
    places |= {**site_places(page, brief), **window_places(page, brief)}
    for kind, values in ((LINKS, brief.links), (NAMES, brief.names)):
        places |= places_of(page, kind, [line(value) for value in values], places)
    parts = [page[start:end] for start, end in between(sorted(places), len(page))]
    return blanks("".join((parts[0], *(places[at] + part for at, part in zip(sorted(places), parts[1:], strict=True)))))


def blanks(page: str) -> str:
    """Return the page with a blank before each listed thing, except in its script."""
    markup, script, lines = page.partition("<script>")
    return re.sub(rf"({'|'.join(LISTED)})(?=[^<\s])", r"\1 ", markup) + script + lines


def told(parts: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern for a sentence as a page may lay it out, with a group at the start of each chunk."""
    words = [[word(said) for said in part.split(" ")] for part in parts]
    return re.compile(BETWEEN.join(f"({first}){''.join(BETWEEN + other for other in rest)}" for first, *rest in words))


def word(said: str) -> str:
    """Return a pattern for a word, whose signs at the end are optional."""
    bare = said.rstrip(MARKS)
    return re.escape(bare) + "".join(f"{re.escape(sign)}?" for sign in said[len(bare) :])


def places_of(page: str, kind: str, values: Sequence[str], taken: dict[int, str], start: int = 0) -> dict[int, str]:
    """Find where values are the whole text of an element.

    Args:
        page: The page.
        kind: Kind of the anchors.
        values: The values, which are numbered from 1.
        taken: Places that already have an anchor.
        start: Where to begin.

    Returns:
        The anchor for each place.
    """
    found: dict[int, str] = {}
    for number, value in enumerate(values, 1):
        whole = re.compile(f"(?<=>){re.escape(value)}(?=<)")
        for match in whole.finditer(page, start) if value else ():
            if not page.endswith("<title>", 0, match.start()) and match.start() not in taken:
                found[match.start()] = anchor(kind, number)
    return found


def site_places(page: str, brief: Brief) -> dict[int, str]:
    """Return the anchors for the places where the header repeats the site's name and links."""
    start = page.find("<header><b>")
    if brief.site is None or start < 0:
        return {}
    top = page[: page.index("</nav>" if brief.site.links else "</b>", start) + 1]
    named = places_of(top, SITE, [line(brief.site.name)], {}, start)
    return places_of(top, NAV, [line(link.text) for link in brief.site.links], named, start) | named


def window_places(page: str, brief: Brief) -> dict[int, str]:
    """Return the anchors for the places where background windows repeat title and text of windows that were open."""
    found: dict[int, str] = {}
    for (mark, _, title), *told in window_parts((line(window.title), line(window.text)) for window in brief.windows):
        text = "".join(blank + part for _, blank, part in told)
        start = page.find(f"{WINDOW}{title}{WINDOW_TEXT if told else ''}{text}<") + len(WINDOW)
        if start < len(WINDOW):
            continue
        found[start] = mark
        at = start + len(title + WINDOW_TEXT)
        for part_mark, blank, part in told:
            found[at] = part_mark
            at += len(blank + part)
    return found


def before_blank(page: str, at: int) -> int:
    """Return the place of the blank before this place if there is one, or else the place."""
    return at - 1 if page[at - 1] == " " else at


def inside_tag(page: str, at: int) -> bool:
    """Return whether a place is inside a tag, the title, a style or a script."""
    opened = page.rfind("<", 0, at)
    return page.rfind(">", 0, at) < opened or page.startswith(("<title", "<style", "<script"), opened)


def between(places: Sequence[int], end: int) -> list[tuple[int, int]]:
    """Return start and end of the parts of a text that is cut at these places."""
    return list(zip([0, *places], [*places, end], strict=True))
