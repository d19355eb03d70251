"""Word what the banks know of the subject that a request names for a prompt: one line a field.

Rows are separated by "; " and their columns by " | ". The page repeats these texts word for word. So a small model
copies what it is told instead of knowing it by heart.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from backend.banks.bank import LANGUAGES, SHAPES, Subject, banks
from backend.prompts.render import line

COLUMN = " | "
UNTOLD = frozenset(("plural",))
LONGEST = 6
"""The maximum number of words of a subject's name."""

WORDS = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
GERMAN = re.compile(r"\b(?:german|deutsch(?:e[rs]?)?)\b", re.IGNORECASE)
FRENCH = re.compile(r"\b(?:french|française?)\b", re.IGNORECASE)
SPANISH = re.compile(r"\b(?:spanish|española?)\b", re.IGNORECASE)
SAID = (("de", GERMAN), ("fr", FRENCH), ("es", SPANISH))
"""What names a language in a request, in its own words or in English."""


@dataclass(frozen=True)
class SubjectFacts:
    """A subject that a request names, and the language that the request is in or asks for."""

    subject: Subject
    lang: str

    @property
    def told(self) -> str:
        """The lines of a prompt, each with a line end in front."""
        return told(self.subject, self.lang)


def known(request: str) -> SubjectFacts | None:
    """Return the subject that a request names, or None.

    If there are several, the longest name counts, and the first of equally long ones.

    Args:
        request: What somebody typed, said or clicked, in any case, with a subject's name in the singular or plural.
    """
    words, names = [word.casefold() for word in WORDS.findall(request)], by_name()
    for length in range(min(LONGEST, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            if found := names.get(" ".join(words[at : at + length])):
                subject, lang = found
                return SubjectFacts(subject, next((one for one, said in SAID if said.search(request)), lang))
    return None


@lru_cache(maxsize=1)
def by_name() -> dict[str, tuple[Subject, str]]:
    """Return every subject and its language by its names in each language, in the singular and in the plural."""
    found: dict[str, tuple[Subject, str]] = {}
    for subject in (one for subjects in banks().values() for one in subjects):
        for lang in LANGUAGES:
            for name in called(subject, lang):
                found.setdefault(" ".join(WORDS.findall(name.casefold())), (subject, lang))
    found.pop("", None)
    return found


def called(subject: Subject, lang: str) -> tuple[str, ...]:
    """Return what people call a subject in a language."""
    own = [subject.fields[lang][name] for name in ("noun", "plural") if name in subject.fields.get(lang, {})]
    return (*own, *(form for noun in subject.nouns for form in (noun, plural(noun)))) if lang == "en" else tuple(own)


def plural(noun: str) -> str:
    """Return the usual plural of an English noun."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return noun + ("es" if noun.endswith(("s", "sh", "ch", "x")) else "s")


def told(subject: Subject, lang: str = "en", fields: Iterable[str] | None = None) -> str:
    """Return the lines of a prompt that tell of a subject: all of its fields or some, always in one order."""
    view = subject.view(lang)
    chosen = [name for name in SHAPES if name in view and name not in UNTOLD and (fields is None or name in fields)]
    return "".join(f"\n{name}: {worded(view[name])}" for name in chosen)


def worded(value: Any) -> str:
    """Return a field's value on one line."""
    if isinstance(value, str):
        return line(value)
    return "; ".join(line(row) if isinstance(row, str) else COLUMN.join(map(line, row)) for row in value)
