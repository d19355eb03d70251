"""Check whether sentences name a subject, so that no page is given facts of something else. The module is pure."""

import unicodedata
from collections.abc import Sequence

from backend.composer.facts_index import words_of
from backend.prompts.fact_text import FACTS_LIMIT, lead

SMALL_WORDS = frozenset({
    "and", "for", "from", "history", "into", "list", "the", "with", "about", "what", "how", "are", "that", "our",
    "your",
})  # fmt: skip
STEM_CHARS = 4
"""How many characters at the beginning of two words must be equal, at least, for one to be a form of the other."""


def content(words: Sequence[str]) -> list[str]:
    """Return the words of a subject that say what it is."""
    return [word for word in words if len(word) > 2 and word not in SMALL_WORDS]


def stem(word: str) -> str:
    """Return what the forms of a word have in common, roughly: volcanoes and volcano."""
    return word[: max(STEM_CHARS, len(word) - 2)]


def names(text: str, subject: str) -> bool:
    """Return whether a text has every telling word of a subject, in any form, case or spelling of accents."""
    wanted = _telling(subject)
    return wanted != [] and _said(wanted, text) == len(wanted)


def naming(sentences: Sequence[str], subject: str, limit: int = FACTS_LIMIT) -> str:
    """Return the first sentences that each name a subject, in at most `limit` characters; "" if none does."""
    telling = [sentence for sentence in sentences if names(sentence, subject)]
    text = lead(telling, limit) if telling else ""
    return text if names(text, subject) else ""


def titled(sentences: Sequence[str], title: str, limit: int = FACTS_LIMIT) -> str:
    """Return the first sentences of an entry of that title.

    If they have none of the title's telling words, the title stands in front.
    """
    text = lead(sentences, limit)
    return text if _said(_telling(title), text) else f"{title}: {lead(sentences, limit - len(title) - 2)}"


def plain(text: str) -> str:
    """Return a text without its accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _telling(subject: str) -> list[str]:
    """Return the words of a subject that say what it is, or all of its words if none does."""
    words = words_of(plain(subject))
    return content(words) or words


def _said(words: Sequence[str], text: str) -> int:
    """Return how many of the words a text has, each in any form."""
    said = words_of(plain(text))
    return sum(_has(said, word) for word in words)


def _has(said: Sequence[str], word: str) -> bool:
    """Return whether a form of a word is among others; a short word has only its plural."""
    if len(word) < STEM_CHARS:
        return word in said or f"{word}s" in said
    return any(other.startswith(stem(word)) for other in said)
