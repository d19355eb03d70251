"""The file silverprint.json beside a checkpoint that was trained on kinds."""

import json
from itertools import product
from pathlib import Path

from backend.prompts.brief import CHOICES
from training.kinds.drawn import DESIGNS, PALETTES
from training.kinds.known import known


def write_manifest(folder: Path) -> None:
    """Write silverprint.json to a checkpoint's folder.

    Such a checkpoint chooses the world itself, and any design goes with any palette. A page is dark if the request says
    so.
    """
    styles = [f"{design} {palette}" for design, palette in product(DESIGNS, PALETTES)]
    manifest = {"dialect": "kinds", "carries": True, "worlds": list(CHOICES), "styles": {"any": styles}, "dark": []}
    (folder / "silverprint.json").write_text(json.dumps(manifest | {"hints": True, "kinds": known()}, indent=1) + "\n")
