"""Infilling: a text with a gap as a canvas that holds everything but the gap. Pure.

Tokens stand at fixed places, so the gap is as wide as its filling may become; what the filling does not need becomes
padding, which shows nothing. A gap that runs over the end of a canvas is filled canvas by canvas, and the first part of
it without knowledge of what stands behind it in later canvases.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.errors import InvalidParams


@dataclass(frozen=True)
class Infill:
    """canvas, hold: for engine.core.params.Params, whose max_tokens must be len(canvas) or more. start, stop: of the
    gap, as places in the canvas. pad: the token that shows nothing. after: the text behind the gap."""

    canvas: tuple[int, ...]
    hold: tuple[tuple[int, int], ...]
    start: int
    stop: int
    pad: int
    after: tuple[int, ...]

    def middle(self, tokens: Sequence[int], first: int = 0) -> list[int]:
        """What fills the gap, without padding. tokens: those of the page from place `first` on, as far as they go."""
        part = tokens[max(self.start - first, 0) : max(self.stop - first, 0)]
        return [int(token) for token in part if token != self.pad]

    def text(self, tokens: Sequence[int]) -> list[int]:
        """The text around its filling, without padding. tokens: those of the page, as far as they go."""
        before = [token for token in self.canvas[: self.start] if token != self.pad]
        return [*before, *self.middle(tokens), *(token for token in self.after if token != self.pad)]


def infill(
    before: Sequence[int],
    after: Sequence[int],
    room: int,
    *,
    length: int,
    pad: int,
    eos: int,
    begun: Sequence[int] = (),
) -> Infill:
    """A gap of `room` tokens between two texts, either of which may be empty, and behind them the end of the page.

    length: tokens of a canvas, of which the result has whole ones. eos: the token that ends a page. begun: what the gap
    starts from, padding where it says nothing. Raises InvalidParams for no room, or more begun than there is room for.
    """
    if room < 1:
        raise InvalidParams(f"room: expected a whole number >= 1, got {room}")
    if len(begun) > room:
        raise InvalidParams(f"begun: expected at most {room} tokens, which there is room for, got {len(begun)}")
    start, stop = len(before), len(before) + room
    canvas = [*before, *begun, *[pad] * (room - len(begun)), *after, eos]
    canvas += [pad] * (-len(canvas) % length)
    hold = ((0, start), (stop, len(canvas))) if start else ((stop, len(canvas)),)
    return Infill(tuple(canvas), hold, start, stop, pad, tuple(after))
