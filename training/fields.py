"""Fields: texts of varying length in a page, filled up to one of a few widths with a token that shows nothing.

A block-diffusion model writes all positions at once. Where each text is as long as it is, the position of everything
behind it depends on its length, and a small model that counts one token short cuts a word or doubles it. With fields
the parts of a page stand at few different positions, and a text ends inside its own field.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

WIDTH = 8
LONG = 16
"""A field is WIDTH tokens wide, or, if its text is longer, the next multiple of LONG."""


def texts(page: Sequence[int], marks: frozenset[int]) -> list[tuple[int, int]]:
    """Start and end of each run of tokens that are not marks (pieces of markup, style and script)."""
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
    """The marks behind which texts of more than one length stand: not those before words such as "Search"."""
    lengths: defaultdict[int, set[int]] = defaultdict(set)
    for page in pages:
        for start, end in texts(page, marks):
            if start:
                lengths[page[start - 1]].add(end - start)
    return frozenset(mark for mark, found in lengths.items() if len(found) > 1)


def width(length: int) -> int:
    """Of the field of a text of `length` tokens."""
    return WIDTH if length <= WIDTH else -(-length // LONG) * LONG


def lay(page: Sequence[int], marks: frozenset[int], before: frozenset[int], filler: int) -> list[int]:
    """The page with each text behind one of the marks `before` filled up to its field's width."""
    laid: list[int] = []
    done = 0
    for start, end in texts(page, marks):
        if start and page[start - 1] in before:
            laid += [*page[done:end], *[filler] * (width(end - start) - (end - start))]
            done = end
    return [*laid, *page[done:]]
