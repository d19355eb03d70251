"""silverprint.json beside a checkpoint: the dialect it was trained on and the styles the service may draw."""

import json
from itertools import product
from pathlib import Path

from training.corpus import FAMILIES
from training.corpus.apps import APPS
from training.corpus.design import DARK, PALETTES
from training.corpus.os import SCREENS


def styles() -> dict[str, list[str]]:
    """Every "design palette" of each world, in the order the families name them."""
    worlds = {"web": [f for name, f in FAMILIES.items() if name not in {**APPS, **SCREENS}],
              "os": list(SCREENS.values()), "app": list(APPS.values())}  # fmt: skip
    designs = {
        world: dict.fromkeys(d for family in families for d in family.designs) for world, families in worlds.items()
    }
    return {world: [" ".join(style) for style in product(names, PALETTES)] for world, names in designs.items()}


def write_manifest(folder: Path) -> None:
    manifest = {"dialect": "anchored", "carries": True, "styles": styles(), "dark": sorted(DARK)}
    (folder / "silverprint.json").write_text(json.dumps(manifest, indent=1) + "\n")
