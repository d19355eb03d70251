"""Interface words in German, French and Spanish (training/kinds/words*.toml), as in `{{ _("Add") }}`."""

import tomllib
from functools import lru_cache
from pathlib import Path

WORDS = Path(__file__).parent
NAMES = {
    "de": ("German", "Deutsch"),
    "fr": ("French", "français"),
    "es": ("Spanish", "español"),
    "en": ("English", "English"),
}
"""Each language's English name and its own name."""


@lru_cache(maxsize=1)
def table() -> dict[str, dict[str, str]]:
    """Return English words with their translations.

    Raises:
        ValueError: A word lacks a translation, or has two.
    """
    found: dict[str, dict[str, str]] = {}
    for path in sorted(WORDS.glob("words*.toml")):
        for word, others in tomllib.loads(path.read_text("utf-8")).items():
            if set(others) != {"de", "fr", "es"}:
                raise ValueError(f"{path.name}: {word!r}: expected de, fr and es; got {', '.join(sorted(others))}")
            if found.setdefault(word, others) != others:
                raise ValueError(f"{path.name}: {word!r}: expected {found[word]}, as another file says; got {others}")
    return found


def translated(text: str, lang: str) -> str:
    """Return English words in another language.

    Raises:
        KeyError: The table does not have them.
    """
    if lang == "en":
        return text
    if text not in table():
        raise KeyError(f"words.toml: expected {text!r} in {lang}, got nothing")
    return table()[text][lang]
