"""Read what a checkpoint says about how it wants to be asked: silverprint.json beside its weights."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast, get_args

from backend.errors import StartupError
from backend.models.doubt import Gauge, Judge
from backend.prompts.brief import ANY, CHOICES, WORLDS, WorldOrAny
from backend.prompts.nearest_kinds import KnownKind, Nearest, parse_kinds
from backend.prompts.render import Dialect
from backend.settings import Settings

FILE = "silverprint.json"
KIT_STYLES: dict[WorldOrAny, tuple[str, ...]] = {
    ANY: (
        "paper sand", "paper forest", "magazine red", "magazine blue", "cards sky", "cards forest", "cards grape",
        "cards coral", "glass ocean", "retro orange",
    ),
    "web": (
        "paper sand", "paper forest", "paper red", "magazine red", "magazine blue", "magazine ink", "cards sky",
        "cards forest", "cards grape", "cards coral", "glass ocean", "retro grape", "retro orange",
    ),
    "os": ("glass ocean", "glass violet dark", "cards sky", "cards slate dark", "retro mint", "terminal lime"),
    "app": ("cards blue", "cards forest", "cards rose", "cards slate", "paper brown", "glass sky", "retro sun"),
}  # fmt: skip
"""Designs and palettes of the kit for models that come without styles of their own."""

DARK = "dark"
KIT_DARK = frozenset({DARK, "terminal"})


@dataclass(frozen=True)
class ModelCard:
    """How a checkpoint wants to be asked, and what it knows.

    Attributes:
        name: The name of the checkpoint.
        dialect: The dialect of its prompts.
        styles: The styles it knows, by world.
        dark: The words that make a style dark.
        carries: Whether it was trained with what the page before leaves for the next. The full dialect always says
            that.
        worlds: The worlds that its prompts may name. Without "any", the service has to choose a world.
        kinds: The kinds of page that it knows.
        hints: Whether its prompts name those kinds that a request comes nearest to.
        doubt: How to measure whether a page is far from these kinds; None if that is not known.
    """

    name: str
    dialect: Dialect = "full"
    styles: dict[WorldOrAny, tuple[str, ...]] = field(default_factory=dict)
    dark: frozenset[str] = frozenset()
    carries: bool = False
    worlds: tuple[WorldOrAny, ...] = WORLDS
    kinds: tuple[KnownKind, ...] = ()
    hints: bool = False
    doubt: Gauge | None = None

    @cached_property
    def nearest(self) -> Nearest:
        """The finder of the kinds that a request comes nearest to; made once, as a checkpoint may know hundreds."""
        return Nearest(self.kinds)

    @property
    def judge(self) -> Judge:
        """The judge that decides which of its pages are in doubt."""
        return Judge(self.doubt, self.nearest, self.chooses)

    @property
    def chooses(self) -> bool:
        """Whether it decides itself which world a page belongs to, if nobody says."""
        return ANY in self.worlds

    @property
    def entitled(self) -> bool:
        """Whether it was trained with a title in every prompt: the subject of what was asked.

        The small dialects were, before there were checkpoints that choose. Others find the words of a title themselves.
        """
        return self.dialect != "full" and not self.chooses

    def shelf(self, world: WorldOrAny) -> WorldOrAny:
        """Return the world whose styles are drawn for a world.

        If a world has no styles of its own, those of "any" are used, which suit all worlds.
        """
        return world if self.styles.get(world) else ANY

    def styles_for(self, world: WorldOrAny, dark: bool) -> tuple[str, ...]:
        """Return the styles of a world; only the dark ones if dark is wanted and there are any.

        If "dark" is a word of its own beside a palette's name, all styles can be dark.
        """
        styles = self.styles.get(self.shelf(world), ())
        found = tuple(s for s in styles if dark and not self.dark.isdisjoint(s.split()))
        if dark and not found and DARK in self.dark:
            return tuple(f"{style} {DARK}" for style in styles)
        return found or styles


def read_card(model: Path) -> ModelCard:
    """Return the card of a model folder.

    A folder without a card is a large instruction model that wants the full dialect.

    Raises:
        StartupError: The file cannot be read or holds something else.
    """
    path = model / FILE
    if not path.exists():
        return kit_card(model.resolve().name)
    try:
        return parse_card(model.resolve().name, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StartupError(f"expected {path} to hold a dialect and styles, got {error}") from error


def card_for(settings: Settings) -> ModelCard:
    """Return the card of whatever makes the pages. Of an upstream model only its name is known.

    Raises:
        StartupError: The card of the model folder is wrong.
    """
    return kit_card(settings.engine_model) if settings.upstream else read_card(settings.model)


def kit_card(name: str) -> ModelCard:
    """Return the card of an instruction model, which writes over the kit."""
    return ModelCard(name, styles=KIT_STYLES, dark=KIT_DARK, worlds=CHOICES)


def parse_card(name: str, data: dict[str, Any]) -> ModelCard:
    """Return the card that the data of a silverprint.json describe.

    Raises:
        ValueError: A value is wrong.
        TypeError: A value has a wrong type.
        AttributeError: A value has a wrong type.
    """
    dialect = data.get("dialect")
    if dialect not in get_args(Dialect):
        raise ValueError(f"dialect {dialect!r}, not one of {', '.join(get_args(Dialect))}")
    styles = {world: strings(data.get("styles", {}).get(world, [])) for world in CHOICES}
    carries, hints = data.get("carries", False), data.get("hints", False)
    if wrong := [given for given in (carries, hints) if not isinstance(given, bool)]:
        raise ValueError(f"{wrong[0]!r} where true or false belongs")
    worlds = data.get("worlds", list(CHOICES if dialect == "full" else WORLDS))
    if unknown := set(strings(worlds)) - {*CHOICES}:
        raise ValueError(f"worlds with {', '.join(sorted(unknown))}, not among {', '.join(CHOICES)}")
    dark = frozenset(strings(data.get("dark", [])))
    kinds, doubt = parse_kinds(data.get("kinds", {})), Gauge.parse(data["doubt"]) if "doubt" in data else None
    return ModelCard(name, cast(Dialect, dialect), styles, dark, carries, tuple(worlds), kinds, hints, doubt)


def strings(values: Any) -> tuple[str, ...]:
    """Return a list of strings as a tuple.

    Raises:
        ValueError: The value is something else.
    """
    if not (isinstance(values, list) and all(isinstance(v, str) and v for v in values)):
        raise ValueError(f"{values!r} where a list of strings belongs")
    return tuple(values)
