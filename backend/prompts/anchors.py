"""Anchors: comments that number what a prompt gives and a page repeats, so that each part can be found by its number.

A model that writes all positions of a page at once copies a text from its prompt word by word. It finds each word by
the one before it, so a text of sixty tokens settles in sixty steps. If every few words are numbered, in prompt and page
alike, all parts are found at once. A comment shows nothing, and the service removes it from the page that is kept. The
module is pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

CHUNK = 22
"""The maximum number of characters between two anchors in a text, unless a word is longer."""

FACTS, LINKS, NAMES, SITE, NAV, WINDOWS = "", "L", "N", "S", "V", "W"
"""The letter of an anchor, by what it numbers."""

MOST = {FACTS: 48, LINKS: 8, NAMES: 3, SITE: 1, NAV: 3, WINDOWS: 10}
"""The maximum number of anchors of each kind."""

SENTENCE = re.compile(r"(?<=[\w)%'\"][.!?]) (?=[A-Z0-9])")


ANCHOR = re.compile(rf"<!--[{''.join(MOST)}]?[0-9]+-->")

LISTED = ("<span>", "<p class=front>")
"""The elements that hold what people name in a sentence and a page lists.

A blank stands in front of such a thing, as in the sentence. A tokenizer spells a word with a blank before it and the
same word without one as different tokens. A model copies identical tokens best.
"""
LISTED_BLANK = re.compile(f"({'|'.join(LISTED)}) ")


def anchor(kind: str, number: int) -> str:
    """Return the anchor of a kind with a number from 1; "" beyond the last."""
    return f"<!--{kind}{number}-->" if number <= MOST[kind] else ""


def all_anchors() -> list[str]:
    """Return all anchors, kind by kind."""
    return [anchor(kind, number) for kind, most in MOST.items() for number in range(1, most + 1)]


def chunks(text: str) -> list[str]:
    """Split a text on one line with single spaces before words; joining the result with " " gives the text.

    Each sentence begins a new chunk.
    """
    found: list[str] = []
    for sentence in SENTENCE.split(text):
        row = ""
        for word in sentence.split(" "):
            if row and len(row) + 1 + len(word) > CHUNK:
                found.append(row)
                row = word
            else:
                row = f"{row} {word}" if row else word
        found.append(row)
    return found


def anchored(text: str) -> str:
    """Return a text of facts with an anchor before each chunk, and before the blank in front of the chunk."""
    first, *others = chunks(text)
    rest = "".join(f"{anchor(FACTS, number)} {chunk}" for number, chunk in enumerate(others, 2))
    return f"{anchor(FACTS, 1)}{first}{rest}" if text else ""


def numbered(values: Sequence[str], kind: str) -> list[str]:
    """Return each of the values behind its anchor."""
    return [f"{anchor(kind, number)}{value}" for number, value in enumerate(values, 1)]


def window_parts(windows: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str, str]]]:
    """Yield the numbered parts of each window: its title and the chunks of its text.

    Args:
        windows: The title and the text of each window.

    Yields:
        The parts of one window. Each part is its anchor, the blank between anchor and words, and the words.
    """
    number = 0
    for title, text in windows:
        parts = [title, *(chunks(text) if text else ())]
        yield [(anchor(WINDOWS, number + n), " " if n > 2 else "", part) for n, part in enumerate(parts, 1)]
        number += len(parts)


def unanchored(page: str) -> str:
    """Return the page without anchors, and without the blanks that listed things begin with."""
    return LISTED_BLANK.sub(r"\1", ANCHOR.sub("", page))
