"""The prompt of the small model: what a visitor said, one line a slot, nothing that they did not say.

The world is left out unless a visitor chose one: the model finds out from the words whether an app, a page or a
screen is
wanted. A change is told with the page as it is, which the new page copies all from that was not to change.
"""

from backend.prompts import line
from training.kinds.examples import Pair


def prompt(pair: Pair, world: str = "") -> str:
    """The prompt of a pair, as text."""
    if pair.edit:
        return f"change\nedit: {line(pair.edit)}\npage: {pair.before}"
    return f"{world or 'any'}\nask: {line(pair.ask)}\nstyle: {pair.style}"
