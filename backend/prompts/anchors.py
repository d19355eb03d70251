"""Anchors: comments that number what a prompt gives and a page repeats, so that each part can be found by its number.

A model that writes all positions of a page at once copies a text from its prompt word by word, each found by the one
before it: a text of sixty tokens settles in sixty steps. Numbered every few words, in prompt and page alike, all its
parts are found at once. A comment shows nothing; the service takes it out of the page that is kept. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

CHUNK = 22
"""Most characters between two anchors in a text, unless a word is longer."""

FACTS, LINKS, NAMES, SITE, NAV, WINDOWS = "", "L", "N", "S", "V", "W"
"""The letter of an anchor, by what it numbers."""

MOST = {FACTS: 48, LINKS: 8, NAMES: 3, SITE: 1, NAV: 3, WINDOWS: 10}
"""How many anchors of each kind there are."""

SENTENCE = re.compile(r"(?<=[\w)%'\"][.!?]) (?=[A-Z0-9])")


ANCHOR = re.compile(rf"<!--[{''.join(MOST)}]?[0-9]+-->")

LISTED = ("<span>", "<p class=front>")
"""What things stand in that people name in a sentence and a page lists: behind a blank, as in the sentence. A tokenizer
spells a word behind a blank and one without as different tokens, and a model copies best what is the same."""
LISTED_BLANK = re.compile(f"({'|'.join(LISTED)}) ")


def anchor(kind: str, number: int) -> str:
    """The anchor of a kind with a number from 1; "" beyond the last."""
    return f"<!--{kind}{number}-->" if number <= MOST[kind] else ""


def all_anchors() -> list[str]:
    return [anchor(kind, number) for kind, most in MOST.items() for number in range(1, most + 1)]


def chunks(text: str) -> list[str]:
    """A text on one line with single spaces, cut before words: joined with " " the text. A sentence begins a chunk."""
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
    """A text of facts with an anchor before each chunk, and before the blank in front of it."""
    first, *others = chunks(text)
    rest = "".join(f"{anchor(FACTS, number)} {chunk}" for number, chunk in enumerate(others, 2))
    return f"{anchor(FACTS, 1)}{first}{rest}" if text else ""


def numbered(values: Sequence[str], kind: str) -> list[str]:
    """Each of the values behind its anchor."""
    return [f"{anchor(kind, number)}{value}" for number, value in enumerate(values, 1)]


def window_parts(windows: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str, str]]]:
    """Of each window, given as its title and its text: its title and the chunks of its text, each as its anchor, the
    blank that stands between the two, and the words."""
    number = 0
    for title, text in windows:
        parts = [title, *(chunks(text) if text else ())]
        yield [(anchor(WINDOWS, number + n), " " if n > 2 else "", part) for n, part in enumerate(parts, 1)]
        number += len(parts)


def unanchored(page: str) -> str:
    """The page without anchors, and without the blanks that listed things begin with."""
    return LISTED_BLANK.sub(r"\1", ANCHOR.sub("", page))
