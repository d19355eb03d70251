"""The prompt of the small model: what a visitor said, one line a slot, nothing that they did not say.

The world is left out unless a visitor chose one: the model finds out from the words whether an app, a page or a
screen is wanted. A page that is opened from another is told what was clicked and the site it belongs to. A change is
told with the page as it is, which the new page copies all from that was not to change.
"""

from backend.prompts import line, nav
from training.kinds.examples import Pair


def prompt(pair: Pair) -> str:
    """The prompt of a pair, as text."""
    if pair.edit:
        return f"change\nedit: {line(pair.edit)}{pair.facts}\npage: {pair.before}"
    said = f"open: {line(pair.open)}" if pair.open else f"ask: {line(pair.ask)}"
    screen = f"\nscreen: {line(pair.screen)}" if pair.screen else ""
    site = f"\nsite: {line(pair.site.name)}\nnav: {nav(pair.site.links, anchors=False)}" if pair.site else ""
    return f"{pair.world or 'any'}\n{said}{screen}\nstyle: {pair.style}{site}{pair.facts}"
