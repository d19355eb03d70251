"""Subjects that no bank has: plain text that is true for any subject, made from the request's words alone."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from backend.banks.bank import Subject

FILE = Path(__file__).with_name("plain.toml")


def plain(noun: str, name: str = "") -> Subject:
    """Return a subject of which only the name is known."""
    thing = noun.strip()
    words = _filled(_fields(), {"thing": thing, "title": sentence(thing)})
    return Subject((thing,), {"en": {"name": name or titled(noun), **words}}, known=False)


@lru_cache(maxsize=1)
def _fields() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.replace("{thing}", words["thing"]).replace("{title}", words["title"])
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    return {name: _filled(one, words) for name, one in value.items()}


def sentence(words: str) -> str:
    """Return words with a capital at the beginning."""
    return words[:1].upper() + words[1:]


def titled(words: str) -> str:
    """Return words as a name: "Dog Walking Service"."""
    return " ".join(
        word if word in ("and", "of", "for", "the", "in") and at else sentence(word)
        for at, word in enumerate(words.split())
    )
