"""Fields: texts of varying length in a page are filled up to one of a few widths with a token that shows nothing.

A block-diffusion model writes all positions at once. Without fields, the position of everything after a text depends on
the text's length. A small model that is wrong by one token then cuts a word or doubles it. With fields, the parts of a
page are at few different positions, and a text ends inside its own field.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

BEGIN, END = "\ue000", "\ue001"
"""Marks around texts whose length differs from page to page, where the code that made the page knows this."""

MARK = re.compile(f"[{BEGIN}{END}]")
SMALL = 4
WIDTH = 8
LONG = 16
"""A field is WIDTH tokens wide, or the next multiple of LONG if its text is longer."""


def texts(page: Sequence[int], marks: frozenset[int]) -> list[tuple[int, int]]:
    """Return start and end of each run of tokens that are not marks (pieces of markup, style and script)."""
    runs: list[tuple[int, int]] = []
    for at, token in enumerate(page):
        if token in marks:
            continue
        if runs and runs[-1][1] == at:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def varying(pages: Iterable[Sequence[int]], marks: frozenset[int]) -> frozenset[int]:
    """Return the marks that texts of more than one length follow; those before words such as "Search" are not."""
    lengths: defaultdict[int, set[int]] = defaultdict(set)
    for page in pages:
        for start, end in texts(page, marks):
            if start:
                lengths[page[start - 1]].add(end - start)
    return frozenset(mark for mark, found in lengths.items() if len(found) > 1)


def width(length: int) -> int:
    """Return the width of the field of a text with `length` tokens."""
    return WIDTH if length <= WIDTH else -(-length // LONG) * LONG


def lay(page: Sequence[int], marks: frozenset[int], before: frozenset[int], filler: int) -> list[int]:
    """Return the page with each text after one of the marks `before` filled up to its field's width."""
    laid: list[int] = []
    done = 0
    for start, end in texts(page, marks):
        if start and page[start - 1] in before:
            laid += [*page[done:end], *[filler] * (width(end - start) - (end - start))]
            done = end
    return [*laid, *page[done:]]


def unmarked(page: str) -> str:
    """Return the page without its marks."""
    return MARK.sub("", page)


def spans(page: str) -> list[tuple[int, int]]:
    """Return where the marked texts of a page begin and end, in characters of the unmarked page.

    Of nested texts, the inner one counts.
    """
    found: list[tuple[int, int]] = []
    begin = None
    for count, match in enumerate(MARK.finditer(page)):
        at = match.start() - count
        if match[0] == BEGIN:
            begin = at
        elif begin is not None:
            found.append((begin, at))
            begin = None
    return found


def room(length: int) -> int:
    """Return the width of the field of a marked text with `length` tokens: 4, 8 or a multiple of 16."""
    return SMALL if length <= SMALL else width(length)


def lay_marked(
    ids: Sequence[int], offsets: Sequence[tuple[int, int]], marked: Sequence[tuple[int, int]], filler: int
) -> list[int]:
    """Return the page with each marked text filled up to its field's width.

    A token that goes on after a text belongs to the text.

    Args:
        ids: Token ids of the page.
        offsets: Start and end of each token, in characters.
        marked: Start and end of each text, in characters and in order.
        filler: The token that fills fields.
    """
    laid: list[int] = []
    at = 0
    for begin, end in marked:
        while at < len(ids) and offsets[at][1] <= begin:
            laid.append(ids[at])
            at += 1
        start = at
        while at < len(ids) and offsets[at][0] < end:
            laid.append(ids[at])
            at += 1
        laid += [filler] * (room(at - start) - (at - start))
    return [*laid, *ids[at:]]
