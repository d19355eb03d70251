"""Where a canvas goes on behind tokens that a reading has put in place of others."""

from collections.abc import Sequence
from difflib import SequenceMatcher

REACH = 48
"""How far from where it stood, in tokens, a canvas is looked for."""

SURE = 3
"""Tokens in a row that are looked for at most: more are no surer."""


def replaced(fresh: Sequence[int], rest: Sequence[int]) -> int:
    """How many of the tokens `rest` the tokens `fresh`, which were written where `rest` began, stand for.

    A decoder that has the right text one place too far on, or back, is doubted in every place. So the last tokens of
    `fresh` are looked for in `rest`, as many as possible, nearest to their own place first: what follows them there
    goes on. Where none are found, or only one was written yet, each stands for one.
    """
    for count in range(min(SURE, len(fresh)), 1, -1):
        if (found := nearest(fresh[-count:], rest, len(fresh) - count)) is not None:
            return found + count
    if len(fresh) > 1 and rest[:1] == fresh[-1:]:
        return 1  # all before it was missing
    return min(len(fresh), len(rest))


def nearest(some: Sequence[int], rest: Sequence[int], place: int) -> int | None:
    """Where `some` tokens stand in `rest`, as near to a place as they do and within REACH of it."""
    width = len(some)
    first, last = max(0, place - REACH), min(len(rest) - width, place + REACH)
    found = (at for at in range(first, last + 1) if rest[at : at + width] == some)
    return min(found, key=lambda at: abs(at - place), default=None)


def new_tokens(before: Sequence[int], after: Sequence[int]) -> int:
    """How many tokens of `after` are not, in that order, those of `before`."""
    if before == after:
        return 0
    same = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return len(after) - sum(block.size for block in same)
