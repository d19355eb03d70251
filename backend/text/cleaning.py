"""Remove invisible characters from texts that enter a prompt, a title or a log line.

A character without a shape can hide words from readers, reverse the order of a text or end a line too early. A model, a
terminal and a browser still process such a character. Text of printable characters stays as it is. The module is pure.
"""

import re

JOINER, NON_JOINER = "\u200d", "\u200c"
TEXT_STYLE, EMOJI_STYLE = "\ufe0e", "\ufe0f"
SELECTOR = "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
JOINING = "\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
REGIONS = ("gbeng", "gbsct", "gbwls")
"""Only the flags of England, Scotland and Wales are spelled in tag characters; no other emoji is."""

FLAGS = "|".join("\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in name) + "\U000e007f" for name in REGIONS)
PLANES = range(0, 0x110000, 0x10000)
NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane + last) for plane in PLANES for last in (0xFFFE, 0xFFFF))
SHAPELESS = (
    "\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that do not separate words
    "\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"  # formatting
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # tags, and the code points reserved beside them
    "\ud800-\udfff"  # surrogates, which are halves of characters
)
UNSEEN = re.compile(f"({FLAGS})|[{SHAPELESS}{NONCHARACTERS}]")
BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
JOINERS = re.compile(f"[{JOINING}]+")
SHAPED = re.compile(rf"[^\x00-\x7f\s{JOINING}]")
"""A pattern for what can be joined: everything but ASCII, which has no alternative forms."""

STYLED = re.compile("[0-9#*]")
"""A pattern for the ASCII characters that emoji begin with, such as the "1" of the keycap 1."""


def clean(text: str) -> str:
    """Return the text without controls, formatting, noncharacters and lone surrogates.

    Line breaks and tabs stay. Joiners and variation selectors stay where they belong to an emoji or a script. That is
    one selector after a character, and one joiner between two characters. The function is idempotent:
    clean(clean(text)) == clean(text).
    """
    if text.isascii() and text.isprintable():
        return text
    seen = UNSEEN.sub(lambda found: found[1] or "", BREAKS.sub(_break, text))
    return JOINERS.sub(_joined, seen)


def one_line(text: str) -> str:
    """Return the clean text on one line, with single spaces."""
    return " ".join(clean(text).split())


def _break(found: re.Match[str]) -> str:
    """Return the replacement of one line separator: a line feed for a carriage return, else a space."""
    return "\n" if found[0][0] == "\r" else " "


def _joined(found: re.Match[str]) -> str:
    """Return what stays of a run of joiners and selectors."""
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
    """Return whether a selector can choose between forms of the character before it."""
    if not re.match(SELECTOR, selector):
        return False
    styles = selector in (TEXT_STYLE, EMOJI_STYLE) and STYLED.match(before)
    return bool(styles or SHAPED.match(before))
