"""Infilling: a text with a gap becomes a canvas that holds everything but the gap. This module is pure.

Tokens have fixed positions, so the gap is as wide as its filling may become. The filling's unused positions become
padding, which adds no text. A gap that crosses the end of a canvas is filled canvas by canvas. Its first part is filled
without knowledge of the text behind the gap in later canvases.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.core.errors import InvalidParams


@dataclass(frozen=True)
class Infill:
    """A canvas with a gap, for engine.core.params.Params, whose max_tokens must be at least len(canvas).

    Attributes:
        canvas: The tokens of the page.
        hold: The (start, end) ranges of held positions.
        start: The first position of the gap.
        stop: The first position behind the gap.
        pad: The padding token.
        after: The text behind the gap, as token ids.
    """

    canvas: tuple[int, ...]
    hold: tuple[tuple[int, int], ...]
    start: int
    stop: int
    pad: int
    after: tuple[int, ...]

    def middle(self, tokens: Sequence[int], first: int = 0) -> list[int]:
        """Return the tokens that fill the gap, without padding.

        Args:
            tokens: Tokens of the page so far.
            first: The position in the page of the first of them.
        """
        part = tokens[max(self.start - first, 0) : max(self.stop - first, 0)]
        return [int(token) for token in part if token != self.pad]

    def text(self, tokens: Sequence[int]) -> list[int]:
        """Return the whole text with its filling, without padding.

        Args:
            tokens: Tokens of the page so far, from its beginning.
        """
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
    """Build a page with a gap between two texts, followed by the end of the page.

    Args:
        before: The text before the gap, as token ids; it may be empty.
        after: The text behind the gap, as token ids; it may be empty.
        room: The width of the gap, in tokens.
        length: Tokens in a canvas; the result consists of whole canvases.
        pad: The padding token.
        eos: The token that ends a page.
        begun: The tokens that the gap starts from; padding fills its rest.

    Returns:
        The page.

    Raises:
        InvalidParams: `room` is below 1, or `begun` is longer than `room`.
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
