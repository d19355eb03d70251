"""The change between two drafts as one replacement, in the units browsers count."""

from dataclasses import dataclass
from typing import AnyStr


@dataclass(frozen=True)
class Change:
    """Replace `cut` UTF-16 code units at offset `at` by `text`."""

    at: int
    cut: int
    text: str


def change(old: str, new: str) -> Change:
    """The smallest single replacement that makes new of old. Characters are never split, so text is whole Unicode."""
    start = common_prefix(old, new)
    end = common_suffix(old, new, min(len(old), len(new)) - start)
    return Change(units(old[:start]), units(old[start : len(old) - end]), new[start : len(new) - end])


def common_prefix(a: AnyStr, b: AnyStr) -> int:
    """How many characters a and b begin with alike; halves the range with slice comparisons, which run in C."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(a: AnyStr, b: AnyStr, most: int) -> int:
    """How many characters a and b end with alike, `most` at most."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def units(text: str) -> int:
    """Length in UTF-16 code units, as JavaScript's String.length."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def apply(draft: str, change: Change) -> str:
    """The draft after a change: what a client does. Raises ValueError where the change does not fit the draft."""
    raw = draft.encode("utf-16-le")
    if change.at < 0 or change.cut < 0 or change.at + change.cut > len(raw) // 2:
        raise ValueError(f"expected a change within {len(raw) // 2} units, got at {change.at}, cut {change.cut}")
    head, tail = raw[: 2 * change.at], raw[2 * (change.at + change.cut) :]
    return (head + change.text.encode("utf-16-le") + tail).decode("utf-16-le")
