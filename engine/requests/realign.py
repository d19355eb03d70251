"""Finds where a canvas continues behind tokens that a reading has put in place of others."""

from collections.abc import Sequence
from difflib import SequenceMatcher

REACH = 48
"""How far from its own position a continuation is searched for, in tokens."""

SURE = 3
"""The most consecutive tokens that a search matches; more would make it no surer."""


def replaced(fresh: Sequence[int], rest: Sequence[int]) -> int:
    """Return how many tokens of `rest` the tokens `fresh` replace; `fresh` was written where `rest` began.

    The decoder may have the right text shifted by one position; the encoder then doubts every position. So the last
    tokens of `fresh` are searched for in `rest`, as many as possible, nearest to their own position first. What follows
    the match is the continuation. Without a match, or with a single fresh token, each token replaces one.
    """
    for count in range(min(SURE, len(fresh)), 1, -1):
        if (found := nearest(fresh[-count:], rest, len(fresh) - count)) is not None:
            return found + count
    if len(fresh) > 1 and rest[:1] == fresh[-1:]:
        return 1  # the fresh tokens before it were missing in `rest`
    return min(len(fresh), len(rest))


def nearest(some: Sequence[int], rest: Sequence[int], place: int) -> int | None:
    """Return where the tokens `some` occur in `rest`, nearest to `place` and within REACH of it; None if nowhere."""
    width = len(some)
    first, last = max(0, place - REACH), min(len(rest) - width, place + REACH)
    found = (at for at in range(first, last + 1) if rest[at : at + width] == some)
    return min(found, key=lambda at: abs(at - place), default=None)


def new_tokens(before: Sequence[int], after: Sequence[int]) -> int:
    """Return how many tokens of `after` are not, in that order, tokens of `before`."""
    if before == after:
        return 0
    same = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return len(after) - sum(block.size for block in same)
