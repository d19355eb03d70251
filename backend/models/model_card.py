"""What a checkpoint says about how it wants to be asked: silverprint.json beside its weights."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_args

from backend.errors import StartupError
from backend.models.doubt import Gauge, Judge
from backend.prompts.brief import ANY, CHOICES, WORLDS, WorldOrAny
from backend.prompts.nearest_kinds import KnownKind, parse_kinds
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
"""Designs and palettes of the kit that models are asked for which come without styles of their own."""

DARK = "dark"
KIT_DARK = frozenset({DARK, "terminal"})


@dataclass(frozen=True)
class ModelCard:
    """A checkpoint's name and dialect, the styles it knows by world, and the palettes of those that are dark.

    carries: whether it was trained with what the page before leaves for the next; the full dialect always says that.
    worlds: those that its prompts may name; without "any" the service has to choose one for it. kinds: the pages that
    it knows. hints: whether its prompts name those of them that a request comes nearest to. doubt: how it is measured
    whether a page is far from these; None for one of which that is not known.
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

    @property
    def judge(self) -> Judge:
        """Who says which of its pages are in doubt."""
        return Judge(self.doubt, self.kinds, self.chooses)

    @property
    def chooses(self) -> bool:
        """Whether it decides itself which world a page belongs to, if nobody says."""
        return ANY in self.worlds

    @property
    def entitled(self) -> bool:
        """Whether it was trained with a title in every prompt, the subject of what was asked: the small dialects were,
        before there were checkpoints that choose. Others find the words of a title themselves."""
        return self.dialect != "full" and not self.chooses

    def shelf(self, world: WorldOrAny) -> WorldOrAny:
        """The world whose styles are drawn for one: those of "any", which suit all, where it has none of its own."""
        return world if self.styles.get(world) else ANY

    def styles_for(self, world: WorldOrAny, dark: bool) -> tuple[str, ...]:
        """The styles of a world; only the dark ones if dark is wanted and there are any. Where "dark" is a word of its
        own beside a palette's, all can be dark."""
        styles = self.styles.get(self.shelf(world), ())
        found = tuple(s for s in styles if dark and not self.dark.isdisjoint(s.split()))
        if dark and not found and DARK in self.dark:
            return tuple(f"{style} {DARK}" for style in styles)
        return found or styles


def read_card(model: Path) -> ModelCard:
    """The card of a model folder; a folder without one is a large instruction model that wants the full dialect.

    Raises StartupError if the file is not what it should be.
    """
    path = model / FILE
    if not path.exists():
        return kit_card(model.resolve().name)
    try:
        return parse_card(model.resolve().name, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StartupError(f"expected {path} to hold a dialect and styles, got {error}") from error


def card_for(settings: Settings) -> ModelCard:
    """The card of whatever makes the pages: of a model behind an API only its name is known. Raises StartupError."""
    return kit_card(settings.engine_model) if settings.upstream else read_card(settings.model)


def kit_card(name: str) -> ModelCard:
    """The card of an instruction model, which writes over the kit."""
    return ModelCard(name, styles=KIT_STYLES, dark=KIT_DARK, worlds=CHOICES)


def parse_card(name: str, data: dict[str, Any]) -> ModelCard:
    """Raises ValueError, TypeError or AttributeError for anything but what belongs there."""
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
    if not (isinstance(values, list) and all(isinstance(v, str) and v for v in values)):
        raise ValueError(f"{values!r} where a list of strings belongs")
    return tuple(values)
