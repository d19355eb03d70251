"""Write into docs/model-card.md what the bundled checkpoint says that it knows (python -m training.model_card_docs).

The list is between two comments, with one paragraph for each world. It is made from the checkpoint's manifest
(silverprint.json), from which the service also suggests kinds. So the card, the service and the checkpoint agree.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend.prompts.nearest_kinds import KnownKind, parse_kinds

ROOT = Path(__file__).parent.parent
CARD, BUNDLED = ROOT / "docs" / "model-card.md", ROOT / "models" / "silverprint-s"
BEGIN, END = "<!-- kinds: made by python -m training.model_card_docs -->", "<!-- end of kinds -->"
WORLDS: Mapping[str, str] = {"app": "Apps", "web": "Pages of the web", "os": "Screens of a desktop"}


def kinds_of(model: Path) -> tuple[KnownKind, ...]:
    """Return the kinds that a checkpoint knows.

    Raises:
        ValueError: The manifest lists no kinds.
    """
    kinds = parse_kinds(json.loads((model / "silverprint.json").read_text()).get("kinds", {}))
    if not kinds:
        raise ValueError(f"{model}/silverprint.json: expected kinds, got none")
    return kinds


def listed(kinds: Sequence[KnownKind]) -> str:
    """Return the list as Markdown: a paragraph for each world, with each kind as a request for it."""
    parts = []
    for world, name in WORLDS.items():
        if asks := sorted(kind.ask for kind in kinds if kind.world == world):
            parts.append(f"**{name}** ({len(asks)}): {'; '.join(asks)}.")
    return "\n\n".join(parts)


def updated(card: str, kinds: Sequence[KnownKind]) -> str:
    """Return a card with the list in its place.

    Raises:
        ValueError: The card lacks the two comments.
    """
    if card.count(BEGIN) != 1 or card.count(END) != 1 or card.index(BEGIN) > card.index(END):
        raise ValueError(f"model card: expected {BEGIN!r} and then {END!r}, once each")
    before, rest = card.split(BEGIN)
    return f"{before}{BEGIN}\n{listed(kinds)}\n{END}{rest.split(END)[1]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the card.

    Returns:
        The exit code: 1 if --check finds that the card is not up to date, otherwise 0.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, default=BUNDLED, help="a checkpoint (%(default)s)")
    parser.add_argument("--card", type=Path, default=CARD, help="the card to write into (%(default)s)")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    given = parser.parse_args(arguments)
    found = given.card.read_text()
    wanted = updated(found, kinds_of(given.model))
    if given.check:
        said = "up to date" if found == wanted else "not up to date: run python -m training.model_card_docs"
        print(f"{given.card}: {said}")
        return int(found != wanted)
    given.card.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
