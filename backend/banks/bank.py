"""Read the content banks (backend/banks/<bank>/*.toml), each a list of subjects with true and useful text.

A subject is one trade, product, place, topic or occasion. Its fields have the shapes below. A page of a kind may use
any of them, and is only ever combined with subjects that have all the fields it uses. A subject that is in no bank is
described in plain words.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

BANKS = Path(__file__).parent
PICTURES = Path(__file__).parents[2] / "web" / "kit" / "pictures"
LANGUAGES = ("en", "de", "fr", "es")


TEXT, LONG = 90, 320
"""The maximum number of characters of a short text, and of a paragraph."""

SHAPES: dict[str, tuple[int, int, int]] = {
    # name: columns of a row (0: one text), fewest rows, most characters of a text
    "name": (0, 1, 40), "claim": (0, 1, TEXT), "lead": (0, 1, 200), "cta": (0, 1, 30),
    "scene": (0, 1, 20), "about": (0, 1, LONG),
    "noun": (0, 1, 40), "plural": (0, 1, 40),
    "services": (3, 4, 110),  # what, price, one line
    "reasons": (2, 3, 140),  # title, one line
    "faq": (2, 4, 200),  # question, answer
    "quotes": (2, 3, 160),  # words, who
    "hours": (2, 2, 40),  # days, times
    "people": (2, 3, 60),  # name, role
    "steps": (2, 3, 140),  # title, one line
    "facts": (1, 4, 160),  # one sentence each
    "sections": (2, 3, 400),  # heading, paragraph
    "dates": (2, 4, 120),  # year or day, what happened
    "terms": (2, 5, 140),  # term, meaning
    "quiz": (4, 3, 120),  # question, right answer, two wrong ones
    "pros": (1, 3, 110), "cons": (1, 3, 110),
    "parts": (2, 3, 90),  # name and amount: ingredients, materials, specifications
    "plans": (3, 3, 110),  # name, price, one line
    "posts": (3, 3, 160),  # title, who or when, one line
    "jobs": (3, 2, 110),  # role, place or hours, one line
    "events": (3, 3, 110),  # day or time, what, where or one line
    "days": (2, 3, 200),  # heading, what one does
    "lines": (1, 4, 110),  # of a poem, a song or a letter
    "examples": (1, 4, 60),  # things of that sort
}  # fmt: skip


class BankError(ValueError):
    """A bank's file says something that this module cannot read."""


@dataclass(frozen=True)
class Subject:
    """One subject of a bank.

    Attributes:
        nouns: What people call it, without article, the usual name first.
        fields: Its fields by language, English first.
        known: Whether a bank has it, so that a prompt can tell of it.
    """

    nouns: tuple[str, ...]
    fields: Mapping[str, Mapping[str, Any]]
    known: bool = True

    @property
    def noun(self) -> str:
        """The usual name of the subject."""
        return self.nouns[0]

    def has(self, needed: frozenset[str], lang: str = "en") -> bool:
        """Return whether it has all of some fields in a language.

        The noun and the scene count as fields of every subject.
        """
        return lang in self.fields and needed <= set(self.fields[lang]) | {"noun", "scene"}

    def view(self, lang: str) -> dict[str, Any]:
        """Return its fields as templates see them, in a language where it has them, else in English."""
        return {"noun": self.noun, **self.fields["en"], **self.fields.get(lang, {})}


def read_bank(path: Path) -> tuple[Subject, ...]:
    """Return the subjects in a file.

    Raises:
        BankError: The file is wrong; the error names the file, the subject and what is wrong.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        if set(data) != {"subject"}:
            raise BankError(f"expected [[subject]] tables and nothing else, got {', '.join(sorted(data))}")
        return tuple(_subject(one) for one in data["subject"])
    except (tomllib.TOMLDecodeError, BankError) as error:
        raise BankError(f"{path.parent.name}/{path.name}: {error}") from None


def _subject(data: dict[str, Any]) -> Subject:
    """Return the subject of one table.

    Raises:
        BankError: The names of the subject or one of its fields is wrong.
    """
    nouns = data.pop("nouns", None)
    if not isinstance(nouns, list) or not nouns or not all(isinstance(one, str) and one for one in nouns):
        raise BankError(f"nouns: expected a list of what people call the subject, got {nouns!r}")
    others = {lang: data.pop(lang) for lang in LANGUAGES[1:] if lang in data}
    return Subject(
        tuple(nouns), {lang: _fields(f"{nouns[0]} ({lang})", found) for lang, found in {"en": data, **others}.items()}
    )


def _fields(where: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a subject in one language after a check of their shapes.

    Raises:
        BankError: A field is unknown or has another shape.
    """
    for name, value in data.items():
        if name not in SHAPES:
            raise BankError(f"{where}: expected fields among {', '.join(SHAPES)}; got {name}")
        columns, rows, most = SHAPES[name]
        texts = [value] if columns == 0 else [text for row in _rows(where, name, value, columns, rows) for text in row]
        for text in texts:
            if not isinstance(text, str) or not text.strip() or text != text.strip():
                raise BankError(f"{where}: {name}: expected texts without blanks around them, got {text!r}")
            if len(text) > most:
                raise BankError(f"{where}: {name}: expected at most {most} characters, got {len(text)}: {text[:60]!r}")
    if (scene := data.get("scene")) and not (PICTURES / f"{scene}.svg").is_file():
        raise BankError(f"{where}: scene: expected a picture of the kit, got {scene!r}")
    return {name: _plain(value, SHAPES[name][0]) for name, value in data.items()}


def _rows(where: str, name: str, value: Any, columns: int, rows: int) -> list[list[str]]:
    """Return the rows of a field that has any.

    Raises:
        BankError: There are too few rows, or one has another number of columns.
    """
    if not isinstance(value, list) or len(value) < rows:
        raise BankError(f"{where}: {name}: expected a list of {rows} rows or more, got {value!r}"[:300])
    found = [[row] if columns == 1 and isinstance(row, str) else row for row in value]
    for row in found:
        if not isinstance(row, list) or len(row) != columns:
            raise BankError(f"{where}: {name}: expected rows of {columns} texts, got {row!r}")
    return found


def _plain(value: Any, columns: int) -> Any:
    """Return rows of one column as texts."""
    return [row if isinstance(row, str) else row[0] for row in value] if columns == 1 else value


@lru_cache(maxsize=1)
def banks() -> dict[str, tuple[Subject, ...]]:
    """Return all subjects by the name of their bank.

    Raises:
        BankError: A file is wrong, or two files of a bank have the same subject.
    """
    found: dict[str, tuple[Subject, ...]] = {}
    for folder in sorted(path for path in BANKS.iterdir() if any(path.glob("*.toml"))) if BANKS.is_dir() else []:
        subjects = tuple(subject for path in sorted(folder.glob("*.toml")) for subject in read_bank(path))
        nouns = [subject.noun for subject in subjects]
        if twice := {noun for noun in nouns if nouns.count(noun) > 1}:
            raise BankError(f"{folder.name}: expected each subject once, got {', '.join(sorted(twice))} twice")
        found[folder.name] = subjects
    return found


def subjects_for(bank: str, fields: frozenset[str], lang: str = "en") -> tuple[Subject, ...]:
    """Return the subjects of a bank that have all of some fields in a language.

    Args:
        bank: The name of a bank, or several: "trade product".
        fields: The fields that are needed.
        lang: The language.

    Raises:
        BankError: There is no such bank.
    """
    found = banks()
    if unknown := set(bank.split()) - set(found):
        raise BankError(f"expected banks among {', '.join(found)}; got {', '.join(unknown)}")
    return tuple(one for name in bank.split() for one in found[name] if one.has(fields, lang))
