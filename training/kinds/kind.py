"""One kind of page, read from its file (training/kinds/<world>/<name>.toml); errors in the file are reported.

docs/kinds.md says what such a file contains and how one is written.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import TemplateSyntaxError, meta

from backend.prompts.brief import WORLDS, World
from training.kinds.clicks import Click, clicks
from training.kinds.templates import environment

HERE = Path(__file__).parent
NAME = re.compile(r"[a-z][a-z0-9_]*")
PLACE = re.compile(r"\{(\w+)\}")
BLOCK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
FIELD = re.compile(r"\bs\.(\w+)")
RESERVED = frozenset(
    ("title", "subject", "place", "s", "_", "lang", "length", "js", "top", "bar", "dock", "picture_of")
)
"""Names that every template and wording already knows; `{subject}`, `{place}` and `{title}` may occur in asks."""

SlotType = Literal["choice", "number", "text", "list"]


class KindError(ValueError):
    """A kind's file contains something that the engine cannot read."""


@dataclass(frozen=True)
class Slot:
    """A value of a page that a request or a change can name.

    Attributes:
        name: Its name.
        type: One of a few words (`choice`), a whole number, a free text, or a list of texts.
        default: Its value if a request names none.
        values: What to draw from.
        source: Name of a source of free words (words.py).
        say: Endings of a request that name it, with {name} in its place.
        change: Whole changes that set it.
        noun: What one entry of a list is called.
        most: Most entries of a list.
    """

    name: str
    type: SlotType
    default: Any
    values: tuple[Any, ...]
    source: str
    say: tuple[str, ...]
    change: tuple[str, ...]
    noun: str
    most: int


@dataclass(frozen=True)
class Feature:
    """What a page may or may not have.

    Attributes:
        name: Its name.
        words: Noun phrases for it ("dark mode", "a reset button"); menus show the first one first.
        default: Whether a page has it without being asked for it.
        add: Whole changes that add it, besides the common ones.
        remove: Whole changes that remove it, besides the common ones.
        check: The clicks that a page with it has to pass.
    """

    name: str
    words: tuple[str, ...]
    default: bool
    add: tuple[str, ...]
    remove: tuple[str, ...]
    check: tuple[Click, ...]


@dataclass(frozen=True)
class Kind:
    """A kind of page.

    Attributes:
        name: Its name.
        world: Its world.
        title: Template of its title.
        asks: Nouns and requests with which people ask for it.
        wishes: What follows "I want to ..." or "an app to ..." in a request.
        opens: Words of links or icons that lead to it.
        bank: Name of the bank of its subjects; empty for none.
        page: Template of its markup (Jinja2).
        script: Template of its script (Jinja2).
        body: Classes of <body>.
        slots: Its values by name.
        features: Its features by name.
        check: The clicks that its pages have to pass.
        weight: How often it is drawn, relative to the others.
    """

    name: str
    world: World
    title: str
    asks: tuple[str, ...]
    wishes: tuple[str, ...]
    opens: tuple[str, ...]
    bank: str
    page: str
    script: str
    body: str
    slots: Mapping[str, Slot] = field(default_factory=dict)
    features: Mapping[str, Feature] = field(default_factory=dict)
    check: tuple[Click, ...] = ()
    weight: float = 1.0

    @cached_property
    def uses(self) -> frozenset[str]:
        """The names that its title, page and script use."""
        return frozenset(meta.find_undeclared_variables(environment().parse(f"{self.title}{self.page}{self.script}")))

    @cached_property
    def needs(self) -> frozenset[str]:
        """The fields of its subject that it uses."""
        return needed(self.title + self.page + self.script)

    @property
    def translated(self) -> bool:
        """Whether its own words are translated."""
        return "_" in self.uses


def needed(template: str) -> frozenset[str]:
    """Return the fields of its subject that a template uses; a script may use the name `s` for something else."""
    return frozenset(name for block in BLOCK.findall(template) for name in FIELD.findall(block))


KEYS = frozenset(
    {"title", "asks", "wishes", "opens", "bank", "page", "script", "body", "slots", "features", "check", "weight"}
)
SLOT_KEYS = frozenset({"type", "default", "values", "source", "say", "change", "noun", "most"})
FEATURE_KEYS = frozenset({"words", "default", "add", "remove", "check"})


def read_kind(path: Path) -> Kind:
    """Return the kind in a file.

    Raises:
        KindError: The file is wrong; the message names the file and the error.
    """
    try:
        return _kind(path, tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, KindError) as error:
        raise KindError(f"{path.parent.name}/{path.name}: {error}") from None


def _kind(path: Path, data: dict[str, Any]) -> Kind:
    _known("the file", data, KEYS)
    if path.parent.name not in WORLDS:
        raise KindError(f"expected a folder named {', '.join(WORLDS)}, got {path.parent.name!r}")
    if not NAME.fullmatch(path.stem):
        raise KindError(f"expected a name of small letters, digits and _, got {path.stem!r}")
    slots = {name: _slot(name, value) for name, value in _table(data, "slots").items()}
    features = {name: _feature(name, value) for name, value in _table(data, "features").items()}
    if twice := (set(slots) & set(features)) | ((set(slots) | set(features)) & RESERVED):
        raise KindError(f"expected names of their own for slots and features, got {', '.join(sorted(twice))}")
    kind = Kind(
        path.stem, path.parent.name, _text(data, "title"), _texts(data, "asks"), _texts(data, "wishes",
        ()),
        _texts(data, "opens", ()), _text(data, "bank", ""), _text(data, "page"), _text(data, "script", ""),
        _text(data, "body", {"app": "app", "os": "desktop"}.get(path.parent.name, "")), slots, features,
        _clicks(data), float(data.get("weight", 1.0)),
    )  # fmt: skip
    _places(kind)
    try:
        unknown = kind.uses - {*slots, *features, *RESERVED}
    except TemplateSyntaxError as error:
        raise KindError(f"line {error.lineno} of the template: {error.message}") from None
    if unknown:
        raise KindError(
            f"expected slots, features or {', '.join(sorted(RESERVED))} in the page; got {', '.join(sorted(unknown))}"
        )
    return kind


def _slot(name: str, data: Any) -> Slot:
    _known(f"slot {name}", data, SLOT_KEYS)
    values, default = data.get("values", []), data.get("default")
    if default is None:
        raise KindError(f"slot {name}: expected a default, got none")
    of = "list" if isinstance(default, list) else "number" if isinstance(default, int) else "text"
    found = data.get("type", "choice" if values and of == "text" else of)
    if found not in ("choice", "number", "text", "list"):
        raise KindError(f"slot {name}: expected type choice, number, text or list, got {found!r}")
    if not values and "source" not in data and found != "number":
        raise KindError(f"slot {name}: expected values to draw from, or a source, got neither")
    return Slot(
        name, found, tuple(default) if of == "list" else default, tuple(values), str(data.get("source", "")),
        _texts(data, "say", ()), _texts(data, "change", ()), str(data.get("noun", "item")), int(data.get("most", 5)),
    )  # fmt: skip


def _feature(name: str, data: Any) -> Feature:
    _known(f"feature {name}", data, FEATURE_KEYS)
    return Feature(
        name, _texts(data, "words"), bool(data.get("default", False)), _texts(data, "add", ()),
        _texts(data, "remove", ()), _clicks(data),
    )  # fmt: skip


def _clicks(data: Mapping[str, Any]) -> tuple[Click, ...]:
    try:
        return clicks(str(data.get("check", "")))
    except ValueError as error:
        raise KindError(f"check: {error}") from None


def _known(where: str, data: Any, keys: frozenset[str]) -> None:
    if not isinstance(data, dict):
        raise KindError(f"{where}: expected a table, got {data!r}")
    if unknown := set(data) - keys:
        raise KindError(f"{where}: expected only {', '.join(sorted(keys))}; got {', '.join(sorted(unknown))}")


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise KindError(f"{key}: expected a table, got {found!r}")
    return found


def _text(data: Mapping[str, Any], key: str, default: str | None = None) -> str:
    found = data.get(key, default)
    if not isinstance(found, str) or (default is None and not found.strip()):
        raise KindError(f"{key}: expected a text, got {found!r}")
    return found


def _texts(data: Mapping[str, Any], key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
    found = data.get(key, default)
    if not isinstance(found, (list, tuple)) or not all(isinstance(one, str) and one for one in found):
        raise KindError(f"{key}: expected a list of texts, got {found!r}")
    if default is None and not found:
        raise KindError(f"{key}: expected at least one text, got none")
    return tuple(found)


def _places(kind: Kind) -> None:
    """Check that every {name} in a wording is something that the engine can fill in."""
    known = set(kind.slots) | {"subject", "place", "title"}
    wordings = [*kind.asks, *kind.wishes, *(say for slot in kind.slots.values() for say in (*slot.say, *slot.change))]
    for wording in wordings:
        if unknown := set(PLACE.findall(wording)) - known:
            raise KindError(
                f"{wording!r}: expected {{places}} among {', '.join(sorted(known))}; got {', '.join(unknown)}"
            )
    if any("{subject}" in ask for ask in kind.asks) and not kind.bank:
        raise KindError("asks name a {subject}: expected a bank to draw it from, got none")


@lru_cache(maxsize=1)
def kinds() -> dict[str, Kind]:
    """Return all kinds by name, sorted by world and file.

    If two files have the same name, the second one's name begins with its world ("os_notes").

    Raises:
        KindError: A file cannot be read.
    """
    found: dict[str, Kind] = {}
    for path in sorted(HERE.glob("*/*.toml")):
        kind = read_kind(path)
        name = kind.name if kind.name not in found else f"{kind.world}_{kind.name}"
        found[name] = replace(kind, name=name)
    return found
