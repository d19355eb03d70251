"""Compute the change between two drafts as one replacement, in the units that browsers count."""

from dataclasses import dataclass
from typing import AnyStr


@dataclass(frozen=True)
class Change:
    """A replacement of one range of a draft.

    Attributes:
        at: The offset of the range, in UTF-16 code units.
        cut: The length of the range, in UTF-16 code units.
        text: The text that replaces the range.
    """

    at: int
    cut: int
    text: str


def change(old: str, new: str) -> Change:
    """Return the smallest single replacement that turns `old` into `new`.

    Characters are never split, so the text of the change is valid Unicode.
    """
    start = common_prefix(old, new)
    end = common_suffix(old, new, min(len(old), len(new)) - start)
    return Change(units(old[:start]), units(old[start : len(old) - end]), new[start : len(new) - end])


def common_prefix(a: AnyStr, b: AnyStr) -> int:
    """Return the length of the longest common prefix of `a` and `b`.

    The function halves the range with slice comparisons, which run in C.
    """
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(a: AnyStr, b: AnyStr, most: int) -> int:
    """Return the length of the longest common suffix of `a` and `b`, which is at most `most`."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def units(text: str) -> int:
    """Return the length in UTF-16 code units, as JavaScript's String.length does."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def apply(draft: str, change: Change) -> str:
    """Return the draft after a change, as a client computes it.

    Raises:
        ValueError: The change does not fit the draft.
    """
    raw = draft.encode("utf-16-le")
    if change.at < 0 or change.cut < 0 or change.at + change.cut > len(raw) // 2:
        raise ValueError(f"expected a change within {len(raw) // 2} units, got at {change.at}, cut {change.cut}")
    head, tail = raw[: 2 * change.at], raw[2 * (change.at + change.cut) :]
    return (head + change.text.encode("utf-16-le") + tail).decode("utf-16-le")
