"""The file silverprint.json beside a checkpoint that was trained on kinds."""

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
    """Write silverprint.json to a checkpoint's folder.

    Such a checkpoint chooses the world itself, and any design goes with any palette. A page is dark if the request says
    so.
    """
    styles = [f"{design} {palette}" for design, palette in product(DESIGNS, PALETTES)]
    manifest = {"dialect": "kinds", "carries": True, "worlds": list(CHOICES), "styles": {"any": styles}, "dark": []}
    (folder / "silverprint.json").write_text(json.dumps(manifest | {"kinds": known()}, indent=1) + "\n")


def known() -> dict[str, dict[str, list[str]]]:
    """Return what the service knows of kinds (backend/prompts/nearest_kinds.py).

    Returns:
        For each world and each name, a request as people type it, and the title if that says more.
    """
    return {world: {kind.name: texts(kind) for kind in kinds().values() if kind.world == world} for world in WORLDS}


def texts(kind: Kind) -> list[str]:
    """Return the shortest request for a kind, with as few details as possible.

    If all pages of the kind have the same title, the title follows.
    """
    ask = min(kind.asks, key=lambda one: len(PLACE.findall(one)))
    said = filled(ask.lstrip("="), plainly(kind)).replace("~", "")
    titled = "{" not in kind.title and kind.title.lower() not in said.lower()
    return [said, kind.title] if titled else [said]


def plainly(kind: Kind) -> Drawn:
    """Return a page of a kind with all default values, and the first subject that it can be about."""
    subject = next(iter(subjects_for(kind.bank, kind.needs, "en")), None) if kind.bank else None
    slots = {name: slot.default for name, slot in kind.slots.items()}
    noun = subject.noun if subject else ""
    return Drawn(kind, Look(DESIGNS[0], PALETTES[0]), "", slots, subject=subject, called=noun, place=CITY)
