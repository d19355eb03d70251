"""silverprint.json beside a checkpoint that was trained on kinds."""

import json
from itertools import product
from pathlib import Path

from backend.banks.bank import subjects_for
from backend.prompts.brief import CHOICES, WORLDS
from training.kinds.asking import filled
from training.kinds.drawn import DESIGNS, PALETTES, Drawn, Look
from training.kinds.kind import PLACE, Kind, kinds

CITY = "Lisbon"


def write_manifest(folder: Path) -> None:
    """It chooses the world itself, and any design goes with any palette; dark it is where the words say so."""
    styles = [f"{design} {palette}" for design, palette in product(DESIGNS, PALETTES)]
    manifest = {"dialect": "kinds", "carries": True, "worlds": list(CHOICES), "styles": {"any": styles}, "dark": []}
    (folder / "silverprint.json").write_text(json.dumps(manifest | {"kinds": known()}, indent=1) + "\n")


def known() -> dict[str, dict[str, list[str]]]:
    """What the service tells of kinds (backend/prompts/nearest_kinds.py): by world, by name, a request as people type
    it, and the title where that says more."""
    return {world: {kind.name: texts(kind) for kind in kinds().values() if kind.world == world} for world in WORLDS}


def texts(kind: Kind) -> list[str]:
    """A request for a kind that names as little as it can, as short as people type it; and the title if all pages of
    the kind have the same."""
    ask = min(kind.asks, key=lambda one: len(PLACE.findall(one)))
    said = filled(ask.lstrip("="), plainly(kind)).replace("~", "")
    titled = "{" not in kind.title and kind.title.lower() not in said.lower()
    return [said, kind.title] if titled else [said]


def plainly(kind: Kind) -> Drawn:
    """A page of a kind with all as it has it by default; the first subject that it can speak of."""
    subject = next(iter(subjects_for(kind.bank, kind.needs, "en")), None) if kind.bank else None
    slots = {name: slot.default for name, slot in kind.slots.items()}
    noun = subject.noun if subject else ""
    return Drawn(kind, Look(DESIGNS[0], PALETTES[0]), "", slots, subject=subject, called=noun, place=CITY)
