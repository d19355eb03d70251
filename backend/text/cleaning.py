"""Text without characters that nobody sees: what may enter a prompt, a title or a log line. Pure.

A character without a shape can hide words from the people who look at a text, turn its order around or end a line that
should not end; a model, a terminal and a browser take it in all the same. Text of printable characters stays as it is.
"""

import re

JOINER, NON_JOINER = "\u200d", "\u200c"
TEXT_STYLE, EMOJI_STYLE = "\ufe0e", "\ufe0f"
SELECTOR = "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
JOINING = "\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
REGIONS = ("gbeng", "gbsct", "gbwls")
"""The flags of England, Scotland and Wales are spelled in tag characters; no other emoji is."""

FLAGS = "|".join("\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in name) + "\U000e007f" for name in REGIONS)
PLANES = range(0, 0x110000, 0x10000)
NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane + last) for plane in PLANES for last in (0xFFFE, 0xFFFF))
SHAPELESS = (
    "\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that part no words
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # formatting
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # tags, and what is kept free beside them
    "\ud800-\udfff"  # halves of characters
)
UNSEEN = re.compile(f"({FLAGS})|[{SHAPELESS}{NONCHARACTERS}]")
BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
JOINERS = re.compile(f"[{JOINING}]+")
SHAPED = re.compile(rf"[^\x00-\x7f\s{JOINING}]")
"""What can be joined: all but ASCII, which has no forms to choose between."""

STYLED = re.compile("[0-9#*]")
"""ASCII that emoji begin with: "1" of the key 1."""


def clean(text: str) -> str:
    """The text without controls, formatting, noncharacters and lone surrogates; its lines and tabs stay.

    Joiners and variation selectors stay where they belong to an emoji or a script: one selector behind a character, one
    joiner between two. clean(clean(text)) == clean(text).
    """
    if text.isascii() and text.isprintable():
        return text
    seen = UNSEEN.sub(lambda found: found[1] or "", BREAKS.sub(_break, text))
    return JOINERS.sub(_joined, seen)


def one_line(text: str) -> str:
    """The clean text on one line, with single spaces."""
    return " ".join(clean(text).split())


def _break(found: re.Match[str]) -> str:
    return "\n" if found[0][0] == "\r" else " "


def _joined(found: re.Match[str]) -> str:
    """What stays of a run of joiners and selectors."""
    run, text = found[0], found.string
    before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
    selector = run[0] if _selects(before, run[0]) else ""
    rest = run[len(selector) :]
    if not rest:
        return selector
    if len(rest) > 1 or rest not in (JOINER, NON_JOINER):
        return ""
    return run if SHAPED.match(before) and SHAPED.match(after) else selector


def _selects(before: str, selector: str) -> bool:
    """Whether a selector can choose between forms of the character before it."""
    if not re.match(SELECTOR, selector):
        return False
    styles = selector in (TEXT_STYLE, EMOJI_STYLE) and STYLED.match(before)
    return bool(styles or SHAPED.match(before))
