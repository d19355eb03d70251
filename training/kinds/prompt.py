"""The prompt of a pair, in exactly the words of the service (backend/prompts/templates/kinds.txt.j2).

The world is left out unless a visitor chose one. The model finds out from the words whether an app, a page or a screen
is wanted.
"""

from backend.prompts.brief import ANY, Brief, WorldOrAny
from backend.prompts.render import kinds
from training.kinds.examples import Pair


def prompt(pair: Pair) -> str:
    """Return the prompt of a pair as text."""
    world: WorldOrAny = pair.world or ANY
    brief = Brief(
        world, pair.ask, pair.open, pair.edit, pair.screen, pair.style, facts=pair.facts, site=pair.site,
        near=pair.near,
    )  # fmt: skip
    return kinds(brief, pair.before)
