"""Clean text for prompts and pages: plain Western characters, single spaces, whole sentences.

The service cleans the facts of a brief with this module, and the training corpus its texts. So a model sees one
spelling only. The module is pure.
"""

import re
import unicodedata
from collections.abc import Sequence

ASCII = str.maketrans({
    "‘": "'", "’": "'", "ʼ": "'", "ʿ": "'", "ʻ": "'", "′": "'", "“": '"', "”": '"', "″": '"', "„": '"',
    "–": "-", "—": " - ", "−": "-", "‑": "-", "‐": "-", "⁄": "/", "…": "...", ";": ",", "⋅": "·",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "Oe", "ə": "e",
    "\u2060": "", "\u200d": "", "\u200b": "", "\u200e": "", "\ufeff": "", "\u00ad": "",
})  # fmt: skip
WESTERN = re.compile(r"[ -~\xa1-\xff]*")
OTHER = re.compile(r"[^ -~\xa1-\xff]")
BRACKET = re.compile(r" ?\(([^()]*)\)| ?\[[^\[\]]*\]")
SPOKEN = re.compile(r"pronounced|pronunciation|listen|IPA|romanized|^\W*(?:lit|transl)\.|^\W*$|[ˈˌː/]|^[,.: ]")
BREAK = re.compile(r"(?<=[.!?])[\"')]?(?= [\"'(]?[A-Z0-9])")
ABBREVIATION = re.compile(
    r"(?:^|[ (\".])(?:[A-Za-z]|St|Mt|Mr|Mrs|Ms|Dr|Jr|Sr|Prof|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Gov|Sen|Rep|No|vs|ca|cf|etc|"
    r"fl|approx|Inc|Ltd|Co|Corp|Vol|Op|e\.g|i\.e|U\.S|a\.k\.a|Ph\.D)\.$"
)
LONGEST_ABBREVIATION = 8
"""The maximum number of characters of an abbreviation, including the one before it and its full stop."""
BEFORE_MARK = re.compile(r"(?<! ) +([,:.)])")


def is_western(text: str) -> bool:
    """Return whether all of a text is printable ASCII or Latin-1, which pages are written in."""
    return WESTERN.fullmatch(text) is not None


def fold(text: str) -> str:
    """Return NFC text with typographic marks as ASCII, and letters beyond Latin-1 without their accents.

    A ";" becomes ",": a prompt separates list entries by ";", so a text without any is spelled alike in prompt and
    page. Characters that have no such spelling stay as they are (see `is_western`).
    """
    text = unicodedata.normalize("NFC", text.translate(ASCII))
    return OTHER.sub(_bare, text)


def _bare(match: re.Match[str]) -> str:
    """Return one character without its accents; a blank for any kind of white space."""
    char = match.group()
    if char.isspace():
        return " "
    return "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))


def without_asides(text: str) -> str:
    """Return text without [notes], and without brackets that hold pronunciations, foreign scripts or nothing."""

    def keep(match: re.Match[str]) -> str:
        inner = match.group(1)
        spoken = inner is None or SPOKEN.search(inner) or not is_western(fold(inner))
        return "" if spoken else match.group(0)

    return BRACKET.sub(keep, text)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of folded text, each with its closing mark.

    Abbreviations and initials do not end a sentence.
    """
    sentences, start = [], 0
    for match in BREAK.finditer(text):
        end = match.start()
        if ABBREVIATION.search(text, max(start, end - LONGEST_ABBREVIATION), end):
            continue
        sentences.append(text[start : match.end()].strip())
        start = match.end()
    tail = text[start:].strip()
    return [*sentences, tail] if tail else sentences


def is_whole(sentence: str) -> bool:
    """Return False for a sentence in which a formula or a foreign word was lost.

    Signs of that are double blanks, stray marks, other scripts, and a missing full stop.
    """
    plain = is_western(sentence) and sentence[-1] in ".!?\"')"
    return plain and "  " not in sentence and not re.search(r"\( | \)|\(\)|[ (]\.(?!\d)|,,|:\.", sentence)


def clean_sentences(text: str) -> tuple[str, ...]:
    """Return the whole sentences of a raw extract, on one line, in plain characters."""
    folded = BEFORE_MARK.sub(r"\1", fold(without_asides(text)).replace("  - ", " - ").replace(" -  ", " - "))
    return tuple(s for s in split_sentences(folded) if is_whole(s))


def clean_line(text: str) -> str:
    """Return a short text (title, description) folded onto one line."""
    return " ".join(fold(text).replace(" - ", "-").split())


FACTS_LIMIT, LONG_LIMIT = 220, 600
"""The maximum number of characters of facts in a brief: of a usual page, and of a thread that is asked to be long."""


def lead(sentences: Sequence[str], limit: int = FACTS_LIMIT) -> str:
    """Return as many whole sentences as fit into `limit` characters.

    A first sentence that is too long is cut at a word and ends with a full stop.
    """
    text = sentences[0]
    if len(text) > limit:
        return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,.:(-") + "."
    for sentence in sentences[1:]:
        if len(text) + 1 + len(sentence) > limit:
            break
        text = f"{text} {sentence}"
    return text
